"""Saved weights: read by NumPy, consistent with trace and measures, and a start for another run."""

import numpy as np
import pytest
from scipy.special import expit

import sweeps
from traces import Trace

SHAPES = {
    "W_0": (8, 12),
    "W_1": (5, 8),
    "W_2": (3, 5),
    "b_0": (8,),
    "b_1": (5,),
    "b_2": (3,),
    "Y_0": (8, 3),
    "Y_1": (5, 3),
}


def load(folder):
    return {path.stem: np.load(path) for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def weights(traced_run):
    return load(traced_run[0] / "weights")


def smoothed(signal, first):
    """The running average of a signal that is read, one step late, from step `first` on."""
    average = np.zeros_like(signal)
    average[first] = signal[first - 1]
    for step in range(first + 1, len(signal)):
        average[step] = 0.5 * (average[step - 1] + signal[step - 1])
    return average


def test_files(weights):
    assert {name: array.shape for name, array in weights.items()} == SHAPES
    for name, array in weights.items():
        assert array.dtype == np.dtype("<f8") and array.flags.c_contiguous, name
        assert np.isfinite(array).all() and np.ptp(array) > 0, name


def test_absent_connections_stay_at_zero(weights):
    absent = np.concatenate([weights[name].ravel() == 0 for name in ["Y_0", "Y_1"]])
    assert 0.05 < absent.mean() < 0.6, "the density is 0.7"


@pytest.mark.parametrize("m, above", [(0, ["W_2", "W_1"]), (1, ["W_2"])])
def test_alignment_recomputed(traced_run, weights, m, above):
    path = np.linalg.multi_dot([weights[name] for name in above]) if len(above) > 1 else weights[above[0]]
    y, p = weights[f"Y_{m}"].ravel(), path.T.ravel()
    angle = np.degrees(np.arccos(y @ p / (np.linalg.norm(y) * np.linalg.norm(p))))
    assert traced_run[1][f"alignment_deg_{m}"] == pytest.approx(angle, rel=1e-9)


def test_the_trace_of_the_test_pass_follows_from_the_weights(traced_run, weights, rounding):
    """Nothing learns any more in the test pass, so its voltages are those of the weights at the end."""
    trace = Trace(traced_run[0] / "trace.parquet")
    test = trace["phase"] == "test"
    output, below = trace["output"], [trace["hidden0_event_rate"], trace["hidden1_event_rate"]]
    somatic = smoothed(below[0], 2) @ weights["W_1"].T + weights["b_1"]
    np.testing.assert_allclose(trace["hidden1_somatic_voltage"][test], somatic[test], rtol=0, atol=rounding)
    rate = expit(smoothed(below[1], 3) @ weights["W_2"].T + weights["b_2"])
    np.testing.assert_allclose(output[test], rate[test], rtol=0, atol=rounding)
    for m in range(2):
        apical = smoothed(output, 4) @ weights[f"Y_{m}"].T
        np.testing.assert_allclose(trace[f"hidden{m}_apical_voltage"][test], apical[test], rtol=0, atol=rounding)


def test_a_run_starts_from_saved_weights(run_json, traced_run, weights, tmp_path, engine):
    """At rates of 0 nothing changes them; the ranges from which weights would be drawn have no effect."""
    start = f"network.initial_weights={traced_run[0] / 'weights'}"
    zeros = [f"learning_rate.{layer}=0" for layer in ("hidden", "output", "feedback")]
    rates = ["--engine", engine, *(argument for zero in zeros for argument in ("--set", zero))]
    first = run_json(sweeps.TRACED_RUN, "--set", start, *rates, "--save-weights", "again", cwd=tmp_path)
    again = load(tmp_path / "again")
    assert set(again) == set(weights)
    for name in weights:
        np.testing.assert_array_equal(again[name], weights[name], err_msg=name)
    for m in range(2):
        assert first[f"alignment_deg_{m}"] == traced_run[1][f"alignment_deg_{m}"]
    ranges = ["network.weight_range=5", "network.bias=-3", "feedback.weight_range=7", "feedback.density=0.1"]
    sets = [argument for key in ranges for argument in ("--set", key)]
    assert run_json(sweeps.TRACED_RUN, "--set", start, *rates, *sets, cwd=tmp_path) == first


def test_learning_goes_on_from_saved_weights(run_json, traced_run, tmp_path):
    start = f"network.initial_weights={traced_run[0] / 'weights'}"
    second = run_json(sweeps.TRACED_RUN, "--seed", 11, "--set", start, cwd=tmp_path)
    assert second["status"] == "ok" and second["digest"] != traced_run[1]["digest"]
    assert second["train_loss"] < traced_run[1]["train_loss"]


@pytest.mark.parametrize("dtype", ["<f8", "<f4", ">f8"])
def test_weights_that_numpy_wrote(run_json, weights, tmp_path, engine, dtype):
    """Biases as columns, Fortran order, other types of float."""
    folder = tmp_path / "numpy"
    folder.mkdir()
    for name, array in weights.items():
        array = array.reshape(-1, 1) if name.startswith("b_") else np.asfortranarray(array)
        np.save(folder / f"{name}.npy", array.astype(dtype))
    sets = [
        "network.initial_weights=numpy",
        "learning_rate.hidden=0",
        "learning_rate.output=0",
        "learning_rate.feedback=0",
    ]
    arguments = [argument for key in sets for argument in ("--set", key)]
    run_json(sweeps.TRACED_RUN, "--engine", engine, *arguments, "--save-weights", "again", cwd=tmp_path)
    for name, array in load(tmp_path / "again").items():
        np.testing.assert_array_equal(array, weights[name].astype(dtype), err_msg=name)
