"""Statistics against scipy, statsmodels and NumPy: on fixed data, and on the tables of real sweeps."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import statistics_cases as reference
import sweeps

# A grid of three keys on a logarithmic scale, levels and a word, complete and with enough replicates to be significant.
GRID = "name: grid\nseed: 3\nreplicates: 7\n" + sweeps.SHORT_BASE + """\
objective: {measure: train_loss, direction: minimize}
search:
  space:
    learning_rate.output: {log: [0.01, 1.0], num: 3}
    learning_rate.hidden: [0.0, 1.0]
    plasticity.hidden_rule: [burst_probability, burst_rate]
"""

RANDOM = "name: random\nseed: 4\nreplicates: 2\n" + sweeps.SHORT_BASE + """\
search:
  strategy: random
  trials: 120
  space:
    learning_rate.output: {log_uniform: [0.001, 1.0]}
    learning_rate.hidden: {uniform: [0.0, 2.0]}
    plasticity.hidden_rule: [burst_probability, burst_rate]
"""


@pytest.fixture(scope="module")
def grid(make_sweep):
    return make_sweep("grid", GRID)


@pytest.fixture(scope="module")
def random(make_sweep):
    return make_sweep("random", RANDOM)


def read(results, table):
    return pd.read_parquet(results / f"{table}.parquet")


def plan_of(results):
    return json.loads((results / "plan.json").read_text())


def close(got, expected, what=""):
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12, err_msg=str(what))


def by_replicate(results, measure):
    """Values of the trials that are ok: a row per configuration, a column per replicate."""
    trials = read(results, "trials")
    trials = trials[trials.status == "ok"]
    return trials.pivot(index="config_id", columns="replicate", values=measure)


def test_the_golden_file_is_what_scipy_and_statsmodels_say(root):
    """The tests in Rust compare burstnet with this file."""
    held = json.loads((root / "tests" / "golden" / "statistics.json").read_text())
    now = json.loads(json.dumps(reference.cases()))
    for cases in (held, now):  # random draws may change with the version
        cases["bootstrap"] = [{"values": case["values"]} for case in cases["bootstrap"]]
    assert reference.differences_between(held, now) == []


@pytest.fixture(params=["types", "lists", "diverging", "grid", "random"])
def swept(request):
    name = request.param
    return request.getfixturevalue(f"{name}_sweep" if name in ("types", "lists", "diverging") else name)


def test_configurations(swept):
    """Order, mean, standard deviation, median and intervals of the best configurations."""
    contrasts = read(swept, "contrasts")
    plan, trials = plan_of(swept), read(swept, "trials")
    not_ok = (trials.status != "ok").groupby(trials.config_id).sum()
    objective = trials[trials.status == "ok"].groupby("config_id")[plan["objective"]["measure"]].mean()
    order = pd.DataFrame({"not_ok": not_ok, "mean": objective}).reset_index()
    order = order.sort_values(["not_ok", "mean", "config_id"]).config_id.to_list()
    for measure, rows in contrasts.groupby("measure", sort=False):
        values = by_replicate(swept, measure)
        replicated = set(values.index[values.count(axis=1) > 1])
        expected = [(rank, one) for rank, one in enumerate(order, 1) if rank <= 50 or one in replicated]
        assert list(zip(rows["rank"], rows.config_id)) == expected
        for row in rows.itertuples():
            own = values.loc[row.config_id].dropna().to_numpy() if row.config_id in values.index else np.array([])
            assert row.n == len(own)
            if len(own) == 0:
                assert np.isnan([row.mean, row.sd, row.median, row.mean_low, row.bootstrap_low]).all()
                continue
            close([row.mean, row.median], [own.mean(), np.median(own)], measure)
            if len(own) == 1:
                assert np.isnan([row.sd, row.mean_low, row.mean_high, row.bootstrap_low, row.bootstrap_high]).all()
                continue
            close(row.sd, own.std(ddof=1))
            if np.ptp(own) > 0:
                close([row.mean_low, row.mean_high], reference.t_interval(own), measure)
            if row.rank > 50:
                assert np.isnan([row.bootstrap_low, row.bootstrap_high]).all()
                continue
            rounding = 1e-12 * np.abs(own).max()
            assert own.min() - rounding <= row.bootstrap_low <= row.bootstrap_high <= own.max() + rounding


def test_bootstrap(grid):
    """Seven values have 7⁷ resamples: the ends differ from scipy's by no more than the Monte Carlo error."""
    for row in read(grid, "contrasts").head(12).itertuples():
        values = by_replicate(grid, row.measure).loc[row.config_id].to_numpy()
        expected = reference.bootstrap(values)
        off = np.abs(np.array([row.bootstrap_low, row.bootstrap_high]) - expected["mean"]) / expected["sd"]
        assert (off < 6).all(), (off, row)


def test_contrasts(swept):
    """Paired differences. What is significant, its interval tells from zero."""
    for measure, rows in read(swept, "contrasts").groupby("measure", sort=False):
        values, compared = by_replicate(swept, measure), rows[rows.baseline_config_id.notna()]
        if measure == plan_of(swept)["objective"]["measure"]:
            assert (compared.baseline_config_id == rows.config_id.iloc[0]).all()
        for row in compared.itertuples():
            pairs = values.loc[[row.config_id, row.baseline_config_id]].dropna(axis=1).to_numpy()
            differences = pairs[0] - pairs[1]
            assert row.n_pairs == len(differences) > 0
            close(row.difference, differences.mean())
            if np.isfinite(row.difference_low):
                assert row.difference_low <= row.difference <= row.difference_high
                apart = row.difference_low > 0 or row.difference_high < 0
                assert apart == (row.p < 0.05) or abs(row.p - 0.05) < 1e-6 or row.difference == 0
            if len(values) in (2, 3) and len(differences) > 1 and np.ptp(differences) > 0 and row.p > 1e-12:
                test = stats.ttest_rel(*pairs)
                z = stats.norm.isf(test.pvalue / 2)
                if measure == plan_of(swept)["objective"]["measure"]:
                    close(row.p, stats.studentized_range.sf(2**0.5 * z, len(values), np.inf))
                if len(values) == 2:
                    close(row.p, test.pvalue)
                    close([row.difference_low, row.difference_high], test.confidence_interval(0.95))


def test_the_confidence_set(swept):
    """It holds the best configuration, and those that are not significantly worse than it."""
    summary, contrasts = read(swept, "summary").set_index("config_id"), read(swept, "contrasts")
    own = contrasts[contrasts.measure == plan_of(swept)["objective"]["measure"]].set_index("config_id")
    members = summary.in_confidence_set.dropna()
    for config_id, member in members.items():
        row = own.loc[config_id]
        assert member == (np.isnan(row.p) or row.p >= 0.05), config_id
    if len(members):
        assert members.loc[own.index[0]]


def test_shares_of_a_grid(grid):
    effects, trials = read(grid, "effects"), read(grid, "trials")
    keys = ["learning_rate.output", "learning_rate.hidden", "plasticity.hidden_rule"]
    for measure, rows in effects.groupby("measure"):
        means = trials.groupby("config_id")[measure].mean().to_numpy().reshape(3, 2, 2)
        alone, pairs = reference.grid_shares(means)
        own = rows[rows.kind == "share_of_key"].set_index("key").estimate
        close(own.loc[keys], alone, measure)
        own = rows[rows.kind == "share_of_pair"].set_index(["key", "key_2"]).estimate
        for (a, b), share in pairs.items():
            close(own.loc[(keys[a], keys[b])], share, measure)
        rest = rows[rows.kind == "share_of_rest"].estimate.item()
        close(rest, 1 - sum(alone) - sum(pairs.values()), measure)


def test_keys_and_pairs_of_a_grid(grid):
    """Repeated-measures analysis of variance, with Greenhouse and Geisser's correction."""
    effects, significant = read(grid, "effects"), 0
    keys = ["learning_rate.output", "learning_rate.hidden", "plasticity.hidden_rule"]
    for measure, rows in effects.groupby("measure"):
        expected = reference.repeated_measures([3, 2, 2], by_replicate(grid, measure).to_numpy())
        of_keys = rows[rows.kind == "share_of_key"].set_index("key").p
        of_pairs = rows[rows.kind == "share_of_pair"].set_index(["key", "key_2"]).p
        for effect in expected:
            named = tuple(keys[key] for key in effect["keys"])
            p = of_keys[named[0]] if len(named) == 1 else of_pairs[named]
            close(p, effect["p"], (measure, named))
            significant += p < 0.01
    assert significant > 3


def test_main_effects_of_a_grid(grid):
    """Means over all configurations of a level; intervals over replicates."""
    effects, trials = read(grid, "effects"), read(grid, "trials")
    for (measure, key), rows in effects[effects.kind == "level"].groupby(["measure", "key"]):
        column = key.replace(".", "_")
        level = "level" if trials[column].dtype == object else "level_number"
        within = reference.within_interval(trials.groupby(["replicate", column])[measure].mean().unstack())
        for row in rows.itertuples():
            own = trials[trials[column] == getattr(row, level)]
            means = own.groupby("replicate")[measure].mean()
            close(row.estimate, own.groupby("config_id")[measure].mean().mean())
            close([row.estimate_low, row.estimate_high], reference.t_interval(means))
            close([row.within_low, row.within_high], within[getattr(row, level)])
            assert row.n == 7


def test_main_effects_of_a_random_design(random):
    """Means over the configurations of a bin; intervals over these."""
    effects = read(random, "effects")
    trials = read(random, "trials")
    bins = 0
    for (measure, key), rows in effects[effects.kind == "level"].groupby(["measure", "key"]):
        means = trials.groupby("config_id").agg({key.replace(".", "_"): "first", measure: "mean"})
        x = means[key.replace(".", "_")]
        covered = 0
        for row in rows.itertuples():
            inside = x == row.level if pd.isna(row.level_low) else (row.level_low <= x) & (x < row.level_high)
            own = means[inside][measure]
            covered += len(own)
            if len(own) == 0:
                assert pd.isna(row.estimate) and pd.isna(row.n)
                continue
            assert row.n == len(own)
            close(row.estimate, own.mean())
            if len(own) > 1:
                close([row.estimate_low, row.estimate_high], reference.t_interval(own))
            assert pd.isna(row.within_low) and pd.isna(row.within_high)
        assert covered == 120
        bins += len(rows)
    assert bins > 20


def test_shares_of_a_random_design(random):
    """Keys, pairs and the rest add up to all that the regression predicts; intervals hold their shares."""
    for measure, rows in read(random, "effects").groupby("measure"):
        shares = rows[rows.kind.isin(["share_of_key", "share_of_pair"])]
        assert (shares.estimate >= 0).all()
        close(shares.estimate.sum() + rows[rows.kind == "share_of_rest"].estimate.item(), 1, measure)
        assert ((shares.estimate_low <= shares.estimate) & (shares.estimate <= shares.estimate_high)).all()
        assert rows[rows.kind == "explained"].estimate.between(0, 1).all()
        assert rows[rows.kind == "told"].level.isin(["first", "some", "nothing"]).all()
    alone = read(random, "effects").query("measure == 'train_loss' and kind == 'share_of_key'")
    assert alone.set_index("key").estimate.idxmax() == "learning_rate.output"


def test_noise_and_rank_stability(grid):
    """Of a complete grid; the types sweep has too few replicates to be of interest."""
    for measure, rows in read(grid, "effects").groupby("measure"):
        table = by_replicate(grid, measure).to_numpy()
        got = rows.set_index("kind").estimate
        shares = reference.noise(table)
        close(got[["between_configurations", "between_replicates", "residual"]], shares, measure)
        expected = reference.concordance(table)
        close(got["kendall_w"], expected["kendall_w"], measure)
        close(got["kendall_p"], expected["p"], measure)
        close(got["mean_spearman"], expected["mean_spearman"], measure)


def test_wins(grid):
    """Equal ones share: without learning in the hidden layer, its rule makes no difference."""
    table = by_replicate(grid, "train_loss")
    rows = read(grid, "contrasts").query("measure == 'train_loss'").set_index("config_id")

    def shares(means):
        best = means == means.min(axis=0)
        return pd.Series((best / best.sum(axis=0)).mean(axis=1), index=table.index).loc[rows.index]

    close(rows.wins, shares(table.to_numpy()))
    draws = np.random.default_rng(1).integers(0, 7, size=(100_000, 7))
    expected = shares(table.to_numpy()[:, draws].mean(axis=2))
    np.testing.assert_allclose(rows.best_probability, expected, atol=0.025)


def test_no_nan_and_the_same_bytes(swept, burstnet, tmp_path):
    before = {table: (swept / f"{table}.parquet").read_bytes() for table in ("effects", "contrasts")}
    for table in before:
        for name in read(swept, table).columns:
            column = pd.read_parquet(swept / f"{table}.parquet", dtype_backend="pyarrow")[name]
            if str(column.dtype) == "double[pyarrow]":
                held = column.dropna().to_numpy(dtype=float)
                assert np.isfinite(held).all(), f"{table}.{name}"
    burstnet("report", swept, cwd=tmp_path)
    for table, held in before.items():
        assert (swept / f"{table}.parquet").read_bytes() == held, table


def test_a_named_baseline(grid, burstnet, tmp_path):
    burstnet("report", grid, "--baseline", 3, cwd=tmp_path)
    rows = read(grid, "contrasts")
    assert rows.baseline_config_id[rows.config_id != 3].eq(3).all()
    assert rows.baseline_config_id[rows.config_id == 3].isna().all()
    burstnet("report", grid, cwd=tmp_path)
    refused = burstnet("report", grid, "--baseline", 12, cwd=tmp_path, expect=2)
    assert "configuration 12: this sweep has 12, numbered from 0" in refused.stderr


def test_confirmed(grid, burstnet, tmp_path):
    """The confirmation is a results directory; its seeds are none of the sweep's, and its tables have the statistics."""
    burstnet("confirm", grid, "--best", 3, "--replicates", 6, "--threads", 2, cwd=tmp_path)
    inner = grid / "confirmation"
    plan, trials = plan_of(inner), read(inner, "trials")
    best = read(grid, "contrasts").query("measure == 'train_loss'").config_id.head(3).to_list()
    assert plan["confirmation"]["config_ids"] == best
    assert len(trials) == 18 and (trials.status == "ok").all()
    assert not set(trials.seed) & set(read(grid, "trials").seed) and trials.seed.max() < 2**53
    names = ["learning_rate_output", "learning_rate_hidden", "plasticity_hidden_rule"]
    outer = read(grid, "trials").drop_duplicates("config_id").set_index("config_id")[names]
    own = trials.drop_duplicates("config_id").set_index("config_id")[names]
    assert own.to_numpy().tolist() == outer.loc[best].to_numpy().tolist()
    test_contrasts(inner)
    burstnet("rerun", inner, "--trial", 4, cwd=tmp_path)
