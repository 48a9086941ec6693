"""summary.parquet against the same statistics from pandas."""

import numpy as np
import pandas as pd

import sweeps

STATISTICS = {"mean": "mean", "sd": "std", "min": "min", "median": "median", "max": "max"}


def read(results, table):
    return pd.read_parquet(results / f"{table}.parquet")


def test_statistics_over_the_trials_that_are_ok(any_sweep):
    trials, summary = read(any_sweep, "trials"), read(any_sweep, "summary").set_index("config_id")
    assert list(summary.index) == sorted(trials.config_id.unique())
    ok = trials[trials.status == "ok"]
    for measure in sweeps.measures(any_sweep.name):
        groups = ok.groupby("config_id")[measure]
        for ending, method in STATISTICS.items():
            expected = getattr(groups, method)().reindex(summary.index)
            got = summary[f"{measure}_{ending}"]
            np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-15, err_msg=f"{measure}_{ending}")


def test_counts(any_sweep):
    trials, summary = read(any_sweep, "trials"), read(any_sweep, "summary").set_index("config_id")
    for status in ["ok", "diverged", "failed"]:
        expected = (trials.status == status).groupby(trials.config_id).sum()
        assert summary[f"n_{status}"].to_list() == expected.to_list(), f"n_{status}"


def test_swept_values(any_sweep):
    names = [name for name, _ in sweeps.SWEPT[any_sweep.name]]
    first = read(any_sweep, "trials").drop_duplicates("config_id").set_index("config_id")[names]
    summary = read(any_sweep, "summary").set_index("config_id")[names]
    assert first.astype(str).equals(summary.astype(str))


def test_few_replicates_leave_nulls(diverging_sweep):
    """None of them ok: no statistics. One: no standard deviation. The sweep has both, and some with all."""
    summary = read(diverging_sweep, "summary")
    assert {0, 1, 4} <= set(summary.n_ok)
    ends = summary[[f"test_mae_{ending}" for ending in STATISTICS]]
    assert ends[summary.n_ok == 0].isna().all(axis=None)
    one = ends[summary.n_ok == 1]
    assert one["test_mae_sd"].isna().all() and one.drop(columns="test_mae_sd").notna().all(axis=None)
    assert ends[summary.n_ok > 1].notna().all(axis=None)
