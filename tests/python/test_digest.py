"""The digest of a run, computed anew from its saved weights and the tables, as docs/reproducibility.md describes it."""

import struct

import numpy as np
import pandas as pd
import pytest
from blake3 import blake3

import sweeps


def optional(x):
    return b"\0" if pd.isna(x) else b"\1" + struct.pack("<d", x)


def length(n):
    return struct.pack("<Q", n)


def digest(weights, layers, curves, measures):
    """Weights in the order of the layers, feedback weights, points of the curves, measures: each with its length."""
    parts = []
    names = [f"{kind}_{m}" for m in range(layers) for kind in "Wb"] + [f"Y_{m}" for m in range(layers - 1)]
    for array in (np.load(weights / f"{name}.npy") for name in names):
        parts += [length(array.size), array.astype("<f8").tobytes()]
    parts.append(length(len(curves)))
    for point in curves:
        parts.append(struct.pack("<IQQ", point["layer"], point["step"], point["learning_steps"]))
        parts.append(optional(point["loss"]))
    parts.append(length(len(measures)))
    for name, value in measures.items():
        parts += [length(len(name)), name.encode(), optional(value)]
    return blake3(b"".join(parts)).hexdigest()


@pytest.mark.parametrize("name, trial_id", [("types", 5), ("types", 127), ("lists", 100), ("diverging", 3)])
def test_recomputed(burstnet, request, tmp_path, name, trial_id):
    results = request.getfixturevalue(f"{name}_sweep")
    burstnet("rerun", results, "--trial", trial_id, "--save-weights", "weights", cwd=tmp_path)
    trial = pd.read_parquet(results / "trials.parquet").loc[trial_id].to_dict()
    curves = pd.read_parquet(results / "curves.parquet")
    layers, _, _ = sweeps.training(name, trial)
    measures = {measure: trial[measure] for measure in sweeps.measures(name)}
    if layers == 2:  # the column is there for the deeper networks of the sweep
        measures.pop("alignment_deg_1", None)
    assert trial["status"] == "ok"
    own = curves[curves.trial_id == trial_id].to_dict("records")
    assert digest(tmp_path / "weights", layers, own, measures) == trial["digest"]


def test_of_a_trial_that_diverged(burstnet, diverging_sweep, tmp_path):
    """It has the weights where it ended, the windows that were complete, and measures that are all missing."""
    trials = pd.read_parquet(diverging_sweep / "trials.parquet")
    curves = pd.read_parquet(diverging_sweep / "curves.parquet")
    diverged = trials[(trials.status == "diverged") & trials.trial_id.isin(curves.trial_id)].iloc[0]
    saved = ["--save-weights", "weights"]
    burstnet("rerun", diverging_sweep, "--trial", diverged.trial_id, *saved, cwd=tmp_path)
    own = curves[curves.trial_id == diverged.trial_id].to_dict("records")
    missing = dict.fromkeys(sweeps.measures("diverging"))
    assert digest(tmp_path / "weights", 2, own, missing) == diverged.digest
