"""Trials that fail: the command says so, and the tables hold them as what they are."""

import pandas as pd
import pytest

# Of 100 × 200 combinations the first 10000 are checked before the sweep starts; the rates of all others do not fit.
LAYERS = [[inputs, 3, 2] for inputs in range(2, 102)]
RATES = [[rate / 100] for rate in range(1, 101)] + [[rate / 100, 1.0] for rate in range(1, 101)]
SWEEP = f"""\
name: failing
seed: 1
replicates: 2
base: {{signals: {{length: 20}}, training: {{epochs: 1}}}}
search:
  strategy: random
  trials: 20
  space:
    network.layers: {LAYERS}
    learning_rate.hidden: {RATES}
"""
MEASURES = ["train_loss", "epochs_to_threshold", "test_mae", "test_mse", "generation_mae", "alignment_deg_0"]


@pytest.fixture(scope="module")
def results(make_sweep):
    """The sweep ends with exit code 1."""
    return make_sweep("failing", SWEEP, expect=1)


def test_failed_trials_have_an_error_and_nothing_else(results):
    trials = pd.read_parquet(results / "trials.parquet")
    wrong = trials.learning_rate_hidden.map(len) == 2
    assert wrong.any() and not wrong.all()
    assert set(trials.status[wrong]) == {"failed"} and set(trials.status[~wrong]) == {"ok"}
    assert trials.error[wrong].str.startswith("learning_rate.hidden").all(), trials.error[wrong].unique()
    assert trials.loc[wrong, [*MEASURES, "digest"]].isna().all(axis=None)
    assert trials[~wrong].error.isna().all() and trials[~wrong][["test_mae", "digest"]].notna().all(axis=None)
    curves = pd.read_parquet(results / "curves.parquet")
    assert set(curves.trial_id) == set(trials.trial_id[~wrong])


def test_they_are_counted_and_left_out_of_the_statistics(results):
    summary = pd.read_parquet(results / "summary.parquet")
    wrong = summary.learning_rate_hidden.map(len) == 2
    assert set(zip(summary.n_ok[wrong], summary.n_diverged[wrong], summary.n_failed[wrong])) == {(0, 0, 2)}
    assert set(zip(summary.n_ok[~wrong], summary.n_diverged[~wrong], summary.n_failed[~wrong])) == {(2, 0, 0)}
    assert summary.test_mae_mean.isna().equals(wrong)
