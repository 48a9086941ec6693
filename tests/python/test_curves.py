"""curves.parquet: windows, counts and losses, recomputed from traces of the same trials."""

import numpy as np
import pandas as pd
import pytest

import sweeps
from traces import Trace


def read(results, table):
    return pd.read_parquet(results / f"{table}.parquet")


def ends(steps, window):
    """The last steps of the windows of a training of so many steps."""
    return [*range(window - 1, steps - 1, window), steps - 1]


def test_windows(any_sweep):
    curves = dict(list(read(any_sweep, "curves").groupby("trial_id")))
    for trial in read(any_sweep, "trials").to_dict("records"):
        layers, steps, window = sweeps.training(any_sweep.name, trial)
        expected = ends(steps, window)
        if trial["status"] == "diverged":  # windows that were complete are kept
            end = int(trial["error"].split()[1].rstrip(","))
            expected = [step for step in expected if step < end]
        got = curves.get(trial["trial_id"], pd.DataFrame(columns=["layer", "step"]))
        points = [(layer, step) for layer in range(layers) for step in expected]
        assert list(zip(got.layer, got.step)) == points, f"trial {trial['trial_id']}"


def test_a_loss_is_null_where_nothing_was_learned(any_sweep):
    curves = read(any_sweep, "curves")
    assert (curves.loss.isna() == (curves.learning_steps == 0)).all()
    assert (curves.learning_steps >= 0).all() and (curves.loss.dropna() >= 0).all()


def test_nothing_taught_means_nothing_learned(diverging_sweep):
    curves, trials = read(diverging_sweep, "curves"), read(diverging_sweep, "trials").set_index("trial_id")
    taught = trials.teaching_target_fraction.loc[curves.trial_id].to_numpy() > 0
    assert (curves.learning_steps[~taught] == 0).all()
    assert (curves.learning_steps[taught] > 0).any()


def test_learning_steps_do_not_depend_on_the_window(types_sweep):
    curves, trials = read(types_sweep, "curves"), read(types_sweep, "trials")
    names = [name for name, _ in sweeps.TYPES_SWEPT if name != "evaluation_curve_window"]
    trials["twin"] = trials[[*names, "replicate"]].astype(str).agg(" ".join, axis=1)
    sums = curves.groupby(["trial_id", "layer"], as_index=False).learning_steps.sum().merge(trials, on="trial_id")
    twins = sums.groupby(["twin", "layer"]).learning_steps
    assert (twins.size() == 2).all(), "each trial has a twin with the other window"
    assert (twins.nunique() == 1).all(), twins.unique()


def test_train_loss_is_the_last_epoch_of_the_output_layer(types_sweep):
    """Its windows, of 40 steps or of an epoch, end where the epochs of 120 steps do."""
    curves = read(types_sweep, "curves")
    for trial in read(types_sweep, "trials").to_dict("records"):
        _, steps, _ = sweeps.training("types", trial)
        own = curves[(curves.trial_id == trial["trial_id"]) & (curves.learning_steps > 0)]
        last = own[(own.layer == own.layer.max()) & (own.step >= steps - sweeps.STEPS)]
        mean = (last.loss * last.learning_steps).sum() / last.learning_steps.sum()
        assert trial["train_loss"] == pytest.approx(mean, rel=1e-12), f"trial {trial['trial_id']}"


@pytest.mark.parametrize("name, trial_id", [("types", 0), ("types", 21), ("types", 127), ("lists", 191)])
def test_curves_recomputed_from_a_trace(burstnet, request, tmp_path, name, trial_id):
    results = request.getfixturevalue(f"{name}_sweep")
    burstnet("rerun", results, "--trial", trial_id, "--trace", "trace.parquet", cwd=tmp_path)
    layers, steps, window = sweeps.training(name, read(results, "trials").loc[trial_id].to_dict())
    training = Trace(tmp_path / "trace.parquet").phase("training")
    assert len(training) == steps
    curves = read(results, "curves")
    for layer in range(layers):
        parts = np.split(training.losses(layer, layers), np.add(ends(steps, window)[:-1], 1))
        learned = [part[~np.isnan(part)] for part in parts]
        own = curves[(curves.trial_id == trial_id) & (curves.layer == layer)]
        assert own.learning_steps.to_list() == [part.size for part in learned], f"layer {layer}"
        means = [part.mean() if part.size else np.nan for part in learned]
        # A trace of the fast engine has float32.
        np.testing.assert_allclose(own.loss, means, rtol=1e-5, err_msg=f"layer {layer}")
