"""`report --compare A B` against scipy, on the trials of the tables."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sweeps
from screen import on_terminal

GRID = "name: grid\nseed: 3\nreplicates: 5\n" + sweeps.SHORT_BASE + """\
  evaluation: {generation: true}
objective: {measure: train_loss, direction: minimize}
search:
  space:
    learning_rate.output: {log: [0.01, 1.0], num: 3}
    feedback.density: [0.1, 0.5, 1.0]
    plasticity.hidden_rule: [burst_probability, burst_rate]
    signals.phase: [[0.0, 1.0], [0.5, 1.0]]
"""
MEASURES = ["train_loss", "test_mae", "test_mse", "generation_mae", "alignment_deg_0"]
RANDOM = """\
name: random
base: {network: {layers: [12, 8, 3]}, signals: {length: 120}, training: {epochs: 1}}
search: {strategy: random, trials: 6, space: {feedback.density: {uniform: [0.1, 1]}, plasticity.hidden_rule: [burst_probability, burst_rate]}}
"""


@pytest.fixture(scope="module")
def grid(make_sweep):
    return make_sweep("grid", GRID)


@pytest.fixture(scope="module")
def single(make_sweep):
    return make_sweep("single", GRID, "--set", "replicates=1", "--set", "name=single")


@pytest.fixture(scope="module")
def random(make_sweep):
    return make_sweep("random", RANDOM)


@pytest.fixture
def compare(burstnet, tmp_path):
    """A function that compares and returns what --json printed."""

    def run(results, *arguments, expect=0):
        before = {path: path.stat().st_mtime_ns for path in results.rglob("*")}
        done = burstnet("report", results, "--json", "--compare", *arguments, cwd=tmp_path, expect=expect)
        assert before == {path: path.stat().st_mtime_ns for path in results.rglob("*")}, "it wrote something"
        return json.loads(done.stdout)

    return run


def trials_of(results):
    return pd.read_parquet(results / "trials.parquet")


def differences(trials, key, a, b, measure, others):
    """The differences of all pairs: a row per pair, a column per replicate."""
    trials = trials.assign(**{other: trials[other].map(str) for other in others})
    sides = [trials[trials[key] == side].pivot(index=others, columns="replicate", values=measure) for side in (a, b)]
    return sides[0] - sides[1]


def close(got, expected, what=""):
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12, err_msg=str(what))


def check(one, test, mean):
    close(one["difference"], mean, one["measure"])
    ends = test.confidence_interval(0.95)
    got = [one["t"], one["freedom"], one["p"], one["interval"]["low"], one["interval"]["high"]]
    close(got, [test.statistic, test.df, test.pvalue, ends.low, ends.high], one["measure"])


OTHERS = ["learning_rate_output", "plasticity_hidden_rule", "signals_phase"]


@pytest.mark.parametrize("a, b", list(itertools.permutations(["0.1", "0.5", "1.0"], 2)))
def test_levels_over_pairs(grid, compare, a, b):
    found = compare(grid, f"density={a}", f"feedback.density={b}")
    trials = trials_of(grid)
    assert (found["unit"], found["pairs"], found["replicates"]) == ("replicates", 12, 5)
    assert found["measures"][0]["measure"] == "train_loss" and found["corrected"] is False
    held = {one["measure"]: one for one in found["measures"] if one["difference"] is not None}
    assert sorted(held) == sorted(MEASURES)
    for measure, one in held.items():
        pairs = differences(trials, "feedback_density", float(a), float(b), measure, OTHERS)
        blocks = pairs.mean(axis=0)
        check(one, stats.ttest_1samp(blocks, 0.0), blocks.mean())
        of_pairs = pairs.mean(axis=1)
        assert (one["n"], one["pairs"]) == (5, 12)
        close([one["smallest"]["difference"], one["largest"]["difference"]], [of_pairs.min(), of_pairs.max()], measure)
        for end in ("smallest", "largest"):
            own = [trials[trials.config_id == one[end][f"config_id_{side}"]][measure].mean() for side in "ab"]
            close(one[end]["difference"], own[0] - own[1], (measure, end))
        better = int((of_pairs < 0).sum()), int((of_pairs > 0).sum())
        assert (one["a_better"], one["b_better"]) == (better if measure == "train_loss" else (None, None))


def test_two_configurations(grid, compare):
    trials = trials_of(grid)
    for a, b in [(0, 35), (7, 3), (20, 21)]:
        found = compare(grid, a, b)
        for one in (one for one in found["measures"] if one["difference"] is not None):
            own = [trials[trials.config_id == side].sort_values("replicate")[one["measure"]].to_numpy() for side in (a, b)]
            check(one, stats.ttest_rel(*own), own[0].mean() - own[1].mean())
            close([one["mean_a"], one["mean_b"]], [side.mean() for side in own])
            assert (one["n"], one["smallest"], one["a_better"]) == (5, None, None)


def test_one_replicate(single, compare):
    found = compare(single, "density=0.1", "density=1")
    trials = trials_of(single)
    assert found["unit"] == "pairs" and "say nothing about other seeds" in found["notes"][0]
    for one in (one for one in found["measures"] if one["difference"] is not None):
        pairs = differences(trials, "feedback_density", 0.1, 1.0, one["measure"], OTHERS)[0]
        check(one, stats.ttest_1samp(pairs, 0.0), pairs.mean())
        assert one["n"] == 12
    found = compare(single, 0, 5)
    assert found["measures"][0]["difference"] is not None and found["measures"][0]["p"] is None
    assert "no interval and no test" in found["notes"][0] and "chance" in found["finding"]


def test_values_of_every_kind(grid, compare):
    for a, b, pairs in [
        ("density=1e-1", "density=0.50", 12),
        ("density=.1", "density=+1", 12),
        ("hidden_rule=burst_rate", "hidden_rule=burst_probability", 18),
        ("phase=[0, 1]", "phase=[0.5,1.0]", 18),
        ("hidden_rule=burst_rate,phase=[0.5, 1]", "phase=[0, 1],hidden_rule=burst_probability", 9),
        ("output=0.01,density=0.1", "output=1,density=0.1", 4),
    ]:
        assert compare(grid, a, b)["pairs"] == pairs, (a, b)


def test_one_measure(grid, compare):
    found = compare(grid, "density=0.1", "density=1.0", "--measure", "test_mse")
    assert [one["measure"] for one in found["measures"]] == ["test_mse"]
    assert "test_mse differs by " in found["finding"]


def test_pairs_with_trials_that_are_not_ok(diverging_sweep, compare):
    trials = trials_of(diverging_sweep)
    found = compare(diverging_sweep, "target_fraction=0.1", "target_fraction=0")
    one = next(one for one in found["measures"] if one["measure"] == "test_mae")
    others = ["learning_rate_output", "learning_rate_hidden", "learning_rate_feedback"]
    bad = trials[trials.status != "ok"]
    bad_pairs = bad[others].drop_duplicates()
    assert (found["pairs"], found["left_out"]) == (16, {"not_ok": len(bad_pairs), "stopped": 0, "missing": 0})
    good = trials.merge(bad_pairs, on=others, how="left", indicator=True)
    pairs = differences(good[good._merge == "left_only"], "teaching_target_fraction", 0.1, 0.0, "test_mae", others)
    assert one["pairs"] == len(pairs) == 16 - len(bad_pairs) > 0
    close(one["difference"], pairs.mean(axis=0).mean())


def test_while_a_sweep_runs(burstnet, tmp_path, compare):
    (tmp_path / "grid.yaml").write_text(GRID)
    burstnet("sweep", "grid.yaml", "--shard", "0/2", "--out", "half", cwd=tmp_path)
    burstnet("report", "half", cwd=tmp_path)
    trials = trials_of(tmp_path / "half")
    found = compare(tmp_path / "half", "hidden_rule=burst_rate", "hidden_rule=burst_probability")
    assert found["missing"] == 180 - len(trials) > 0 and found["finding"].startswith("So far, ")
    two = compare(tmp_path / "half", 0, 35)["measures"][0]
    own = [trials[trials.config_id == side].set_index("replicate").train_loss for side in (0, 35)]
    shared = (own[0] - own[1]).dropna()
    assert two["n"] == len(shared)
    if len(shared):
        close(two["difference"], shared.mean())


def test_a_confirmation(burstnet, make_sweep, compare):
    results = make_sweep("confirmed", GRID.replace("name: grid", "name: confirmed").replace("replicates: 5", "replicates: 2"))
    burstnet("confirm", results, "--best", 2, "--replicates", 3, cwd=results)
    one = compare(results / "confirmation", 1, 0)["measures"][0]
    trials = trials_of(results / "confirmation")
    own = [trials[trials.config_id == side].sort_values("replicate").train_loss.to_numpy() for side in (1, 0)]
    check(one, stats.ttest_rel(*own), (own[0] - own[1]).mean())


def test_damage_is_told(burstnet, tmp_path):
    (tmp_path / "grid.yaml").write_text(GRID)
    burstnet("sweep", "grid.yaml", "--out", "r", "--set", "replicates=2", cwd=tmp_path)
    journal = next((tmp_path / "r" / "journal").iterdir())
    held = bytearray(journal.read_bytes())
    held[len(held) // 2] ^= 255
    journal.write_bytes(held)
    done = burstnet("report", "r", "--compare", "density=0.1", "density=1.0", "--json", cwd=tmp_path)
    assert "damaged from byte" in done.stderr
    found = json.loads(done.stdout)
    assert len(found["damage"]) == 1 and found["missing"] == 1 and found["left_out"]["missing"] <= 1


REFUSED = [
    (["hidden_rule=burst_rate", "3"], "a number and a setting, expected two numbers of configurations or two settings"),
    (["0", "36"], "configuration 36: this sweep has 36, numbered from 0"),
    (["4", "4"], "both sides are the same configuration"),
    (["density=0.1", "density=0.10"], "both sides are the same values"),
    (["densty=0.1", "density=0.5"], "'densty' is not a key that is varied here, expected learning_rate.output, feedback.density"),
    (["densty=0.1", "density=0.5"], "did you mean 'feedback.density'?"),
    (["density=0.2", "density=0.5"], "no configuration has feedback.density = 0.2, expected 0.1, 0.5 or 1.0 (did you mean '0.1'?)"),
    (["hidden_rule=burst_rat", "hidden_rule=burst_rate"], "(did you mean 'burst_rate'?)"),
    (["phase=0", "phase=[0, 1]"], "no configuration has signals.phase = 0, expected [0.0, 1.0] or [0.5, 1.0]"),
    (["density=0.1", "output=0.01"], "only one side has a value of"),
    (["density=0.1,feedback.density=0.5", "density=0.5"], "feedback.density has two values on one side"),
    (["density=0.1,", "density=0.5"], "no '=' in it"),
    (["density=[1", "density=0.5"], "--compare density=[1"),
    (["density={a: 1}", "density=0.5"], "density is a mapping, expected a value"),
    (["best", "0"], "'best' is neither a configuration's number nor a setting"),
    (["0", "-1"], "'-1' is neither a configuration's number nor a setting"),
    (["density=0.1"], "2 values required"),
    (["0", "1", "--csv"], "cannot be used with"),
    (["0", "1", "--baseline", "3"], "cannot be used with"),
    (["0", "1", "--watch"], "cannot be used with"),
    (["0", "1", "--trial", "3"], "cannot be used with"),
    (["0", "1", "--measure", "test_maee"], "measure 'test_maee' is not one of this sweep"),
]


@pytest.mark.parametrize("arguments, message", REFUSED)
def test_refused(grid, burstnet, arguments, message):
    done = burstnet("report", grid, "--compare", *arguments, cwd=grid, expect=2)
    assert message in done.stderr and not done.stdout


def test_no_pairs(random, burstnet):
    done = burstnet("report", random, "--compare", "hidden_rule=burst_rate", "hidden_rule=burst_probability", cwd=random, expect=2)
    assert "none of them agree in all other keys, expected a sweep that is a grid in plasticity.hidden_rule" in done.stderr
    done = burstnet("report", random, "--compare", "density=0.1", "density=0.2", cwd=random, expect=2)
    assert "no configuration has feedback.density = 0.1, expected 0." in done.stderr and "did you mean '0." in done.stderr


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("sides", [("density=0.1", "density=1.0"), (0, 35)])
def test_on_a_terminal(binary, grid, width, sides):
    code, screen = on_terminal([binary, "report", grid.name, "--compare", *map(str, sides)], width, grid.parent)
    assert code == 0 and not screen.wrapped, screen.shown()
    words = " ".join(screen.shown().split())
    assert "planned comparison, not corrected for others" in words and "train_loss" in words
