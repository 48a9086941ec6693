"""`report A B …`: matched configurations against pandas, tests against scipy, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import sweeps
from screen import on_terminal

FIRST = "name: first\nseed: 5\nreplicates: 4\n" + sweeps.SHORT_BASE + """\
objective: {measure: train_loss, direction: minimize}
search:
  space:
    learning_rate.output: {log: [0.01, 1.0], num: 3}
    feedback.density: [0.1, 0.5, 1.0]
    plasticity.hidden_rule: [burst_probability, burst_rate]
"""
# Other signals, values in another order, one density less and one more, and a key that the first does not vary.
OTHER = (
    FIRST.replace("name: first", "name: other")
    .replace("signals: {length: 120}", "signals: {length: 120, amplitude: [0.05, 0.2]}")
    .replace("[0.1, 0.5, 1.0]", "[1, 0.7, 0.1]")
    + "    learning_rate.hidden: [0.5, 1.0]\n"
)
KEYS = ["learning_rate_output", "feedback_density", "plasticity_hidden_rule"]


@pytest.fixture(scope="module")
def folder(burstnet, tmp_path_factory):
    """A folder with the results directories first, other, seeds (of other seeds) and lone (of one seed)."""
    folder = tmp_path_factory.mktemp("across")
    (folder / "first.yaml").write_text(FIRST)
    (folder / "other.yaml").write_text(OTHER)
    for name, file, *sets in [
        ("first", "first"),
        ("other", "other"),
        ("seeds", "other", "seed=6", "replicates=3"),
        ("lone", "other", "replicates=1"),
    ]:
        options = [word for one in sets for word in ("--set", one)]
        burstnet("sweep", f"{file}.yaml", "--out", name, *options, cwd=folder)
    return folder


@pytest.fixture
def across(burstnet, folder):
    """A function that compares directories and returns what --json printed."""

    def run(*arguments):
        held = {path: path.stat().st_mtime_ns for path in folder.rglob("*/*")}
        done = burstnet("report", *arguments, "--json", cwd=folder)
        assert held == {path: path.stat().st_mtime_ns for path in folder.rglob("*/*")}, "a results directory changed"
        assert (folder / "comparison.html").exists()
        return json.loads(done.stdout)

    return run


def close(got, expected, what=""):
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12, err_msg=str(what))


def check(one, test, difference):
    ends = test.confidence_interval(0.95)
    got = [one["difference"], one["t"], one["freedom"], one["p"], one["interval"]["low"], one["interval"]["high"]]
    close(got, [difference, test.statistic, test.df, test.pvalue, ends.low, ends.high], one)


def matches(folder, other):
    """The trials of both directories by the values of the keys that both vary, where the other varies hidden = 1 as well."""
    both = [pd.read_parquet(folder / name / "trials.parquet") for name in ("first", other)]
    both[1] = both[1][both[1].learning_rate_hidden == 1.0]
    return both


def by_seed(trials, measure="train_loss"):
    return trials.pivot(index=KEYS, columns="seed", values=measure)


@pytest.mark.parametrize("measure", ["train_loss", "test_mae"])
def test_paired(folder, across, measure):
    found = across("first", "other", "--measure", measure)
    one = found["against"][0]
    first, other = (by_seed(trials, measure) for trials in matches(folder, "other"))
    shared = first.index.intersection(other.index)
    assert (one["matched"], one["only_first"], one["only_other"]) == (len(shared), 18 - len(shared), 36 - len(shared)) == (12, 6, 24)
    assert one["paired"] and one["seeds"] == 4 and not one["corrected"]
    differences = other.loc[shared] - first.loc[shared]
    blocks = differences.mean(axis=0)
    check(one, stats.ttest_1samp(blocks, 0.0), blocks.mean())
    assert len(one["configurations"]) == 12
    assert one["keys"] == ["learning_rate.output", "feedback.density", "plasticity.hidden_rule", "learning_rate.hidden"]
    for row in one["configurations"]:
        key = tuple(row["values"][:3])
        assert row["values"][3] == 1.0
        own = differences.loc[key]
        check(row, stats.ttest_1samp(own, 0.0), own.mean())
        close([row["mean_first"], row["mean_other"]], [first.loc[key].mean(), other.loc[key].mean()])
        assert (row["n_first"], row["n_other"]) == (4, 4)
    order = [row["difference"] for row in one["configurations"]]
    assert order == sorted(order)
    means = differences.mean(axis=1)
    if measure == "train_loss":
        assert (one["better"], one["worse"]) == (int((means < 0).sum()), int((means > 0).sum()))
    else:
        assert one["better"] is None and found["sweeps"][0]["best"] is None


def test_configurations_have_their_numbers(folder, across):
    one = across("first", "other")["against"][0]
    trials = [pd.read_parquet(folder / name / "trials.parquet").drop_duplicates("config_id").set_index("config_id") for name in ("first", "other")]
    for row in one["configurations"]:
        for config_id, held in zip((row["config_id_first"], row["config_id_other"]), trials):
            assert [held.loc[config_id, key] for key in KEYS] == row["values"][:3]


def test_other_seeds(folder, across):
    one = across("first", "seeds")["against"][0]
    first, other = (by_seed(trials) for trials in matches(folder, "seeds"))
    shared = first.index.intersection(other.index)
    assert not one["paired"] and one["seeds"] == 0 and one["matched"] == len(shared) == 12
    sides = [side.loc[shared].mean(axis=0) for side in (other, first)]
    check(one, stats.ttest_ind(*sides, equal_var=False), sides[0].mean() - sides[1].mean())
    for row in one["configurations"]:
        own = [side.loc[tuple(row["values"][:3])] for side in (other, first)]
        check(row, stats.ttest_ind(*own, equal_var=False), own[0].mean() - own[1].mean())
        assert (row["n_first"], row["n_other"]) == (4, 3)


def test_one_seed(folder, across):
    found = across("first", "lone")
    one = found["against"][0]
    first, other = (by_seed(trials) for trials in matches(folder, "lone"))
    shared = first.index.intersection(other.index)
    pairs = (other.loc[shared] - first.loc[shared]).dropna(axis=1).iloc[:, 0]
    assert one["unit"] == "pairs" and one["paired"] and one["seeds"] == 1
    check(one, stats.ttest_1samp(pairs, 0.0), pairs.mean())
    assert all(row["p"] is None for row in one["configurations"])
    assert any("say nothing about other seeds" in text for text in found["notes"])


def test_what_differs_is_said(across):
    found = across("first", "other", "seeds")
    other, seeds = found["against"]
    assert other["differs"] == [{"key": "signals.amplitude", "first": [0.1, 0.3], "other": [0.05, 0.2]}]
    assert "signals.amplitude ([0.05, 0.2] instead of [0.1, 0.3])" in other["differs_in_words"]
    assert "learning_rate.hidden (varied in other alone, 1.0 in first)" in other["differs_in_words"]
    assert "the seeds" in seeds["differs_in_words"] and "the seeds" not in other["differs_in_words"]
    assert found["finding"].startswith("Of 2 sweeps beside first, by train_loss, ")


def test_best_of_each(folder, across):
    for sweep in across("first", "other", "seeds")["sweeps"]:
        trials = pd.read_parquet(folder / sweep["label"] / "trials.parquet")
        means = trials.groupby("config_id").train_loss.mean()
        assert sweep["best"]["config_id"] == means.idxmin()
        close(sweep["best"]["mean"], means.min())
        assert (sweep["configurations"], sweep["planned"], sweep["missing"]) == (len(means), len(trials), 0)


def test_effects_of_shared_keys(folder, across):
    found = across("first", "other")
    assert {effect["key"] for effect in found["effects"]} == {"learning_rate.output", "feedback.density", "plasticity.hidden_rule"}
    both = matches(folder, "other")
    shared = by_seed(both[0]).index.intersection(by_seed(both[1]).index)
    for effect in found["effects"]:
        column = effect["key"].replace(".", "_")
        for line, trials in zip(effect["lines"], both):
            table = by_seed(trials).loc[shared].reset_index()
            for level, mean, interval in zip(effect["levels"], line["means"], line["intervals"]):
                value = level["number"] if level["number"] is not None else level["label"]
                own = table[table[column] == value].drop(columns=KEYS)
                if own.empty:
                    assert mean is None
                    continue
                blocks = own.mean(axis=0)
                close(mean, blocks.mean(), effect["key"])
                low, high = stats.t.interval(0.95, len(blocks) - 1, blocks.mean(), stats.sem(blocks))
                close([interval["low"], interval["high"]], [low, high], effect["key"])


def test_while_one_runs(burstnet, folder, tmp_path):
    (tmp_path / "other.yaml").write_text(OTHER)
    burstnet("sweep", "other.yaml", "--shard", "0/3", "--out", "part", cwd=tmp_path)
    done = burstnet("report", folder / "first", "part", "--json", cwd=tmp_path)
    found = json.loads(done.stdout)
    done = pd.read_parquet(tmp_path / "part" / "trials.parquet") if (tmp_path / "part" / "trials.parquet").exists() else None
    missing = found["sweeps"][1]["missing"]
    assert missing == 144 - 48 and (done is None or missing == 144 - len(done))
    assert any(f"{missing} of 144 trials of part are missing" in warning for warning in found["warnings"])


def test_the_page_is_a_file_of_its_own(burstnet, folder, tmp_path):
    first, other = folder / "first", folder / "other"
    burstnet("report", first, other, cwd=tmp_path)
    page = tmp_path / "comparison.html"
    held = page.read_text()
    assert "train_loss" in held and "first" in held and len(held) < 1_000_000
    burstnet("report", first, other, cwd=tmp_path)
    assert page.read_text() == held, "the same results give other bytes"
    burstnet("report", first, other, "--page", "kept.html", cwd=tmp_path)
    assert (tmp_path / "kept.html").exists()
    (tmp_path / "notes.html").write_text("<p>mine</p>")
    for name, message in [
        ("notes.html", "exists and is no page of burstnet"),
        ("missing/page.html", "its folder does not exist"),
        (first / "page.html", "lies in the results directory"),
        (".", "is no file"),
    ]:
        done = burstnet("report", first, other, "--page", name, cwd=tmp_path, expect=2)
        assert message in done.stderr, done.stderr
    assert (tmp_path / "notes.html").read_text() == "<p>mine</p>" and not list(tmp_path.glob(".writing*"))


REFUSED = [
    (["first", "first"], "first: is the same directory as first"),
    (["first", "other/../first"], "other/../first: is the same directory as first"),
    (["first", "other", "--csv"], "--csv: is of one results directory, and 2 are given"),
    (["first", "other", "--baseline", "1"], "--baseline: is of one results directory"),
    (["first", "other", "--compare", "1", "2"], "--compare: is of one results directory"),
    (["first", "other", "--watch"], "--watch: is of one results directory"),
    (["first", "other", "--trial", "1"], "--trial: is of one results directory"),
    (["first", "other", "seeds", "--csv"], "3 are given"),
    (["first", "none"], "none"),
    (["first", "other", "--measure", "test_maee"], "first: has no measure 'test_maee', expected one of train_loss"),
    (["first", "--page", "x.html"], "required arguments were not provided"),
]


@pytest.mark.parametrize("arguments, message", REFUSED, ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_refused(folder, burstnet, arguments, message):
    done = burstnet("report", *arguments, cwd=folder, expect=2)
    assert message in done.stderr and not done.stdout, done.stderr


def test_nothing_in_common(burstnet, folder, tmp_path):
    (tmp_path / "away.yaml").write_text(FIRST.replace("[0.1, 0.5, 1.0]", "[0.3]"))
    burstnet("sweep", "away.yaml", "--out", "away", cwd=tmp_path)
    done = burstnet("report", folder / "first", "away", cwd=tmp_path, expect=2)
    assert "first and away have no configuration in common: no value of feedback.density is in both" in done.stderr
    assert not (tmp_path / "comparison.html").exists()
    found = json.loads(burstnet("report", folder / "first", "away", folder / "other", "--json", cwd=tmp_path).stdout)
    assert found["against"][0]["matched"] == 0 and found["against"][1]["matched"] == 12


@pytest.mark.parametrize("width", [80, 40])
def test_on_a_terminal(binary, folder, width):
    code, screen = on_terminal([binary, "report", "first", "other", "seeds"], width, folder)
    assert code == 0, screen.shown()
    assert not [line for line in screen.wrapped if not line.startswith("  comparison")], screen.shown()
    words = " ".join(screen.shown().split())
    assert "look at it in a browser: comparison.html" in words and "not corrected" in words
