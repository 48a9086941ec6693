"""Both engines against recorded runs of an independent program: tests/golden, one folder per case."""

import json
import shutil

import numpy as np
import pytest

from conftest import repository
from traces import Trace

GOLDEN = repository() / "tests" / "golden"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/config.yaml"))
CLOSE = {"fast": 1e-4, "reference": 1e-9}


@pytest.fixture(scope="module", params=CASES)
def case(request, burstnet, tmp_path_factory, engine):
    """What is expected of a case, its trace, its weights, what --json printed, and how close they have to be."""
    folder = tmp_path_factory.mktemp("golden") / request.param
    shutil.copytree(GOLDEN / request.param, folder)
    outputs = ["--trace", "trace.parquet", "--save-weights", "weights", "--json"]
    done = burstnet("run", "config.yaml", "--engine", engine, *outputs, cwd=folder)
    return folder / "expected", Trace(folder / "trace.parquet"), folder / "weights", json.loads(done.stdout), CLOSE[engine]


def column(file):
    """The column of a trace that a file like event_rate_0.npy belongs to."""
    if file.stem == "output":
        return "output"
    quantity, layer = file.stem.rsplit("_", 1)
    return f"hidden{layer}_{quantity}"


def test_every_training_step(case):
    expected, trace, _, _, close = case
    training = trace.phase("training")
    files = sorted(expected.glob("*.npy"))
    assert {file.stem.rstrip("_0123456789") for file in files} == {
        "output",
        "event_rate",
        "burst_probability",
        "burst_rate",
    }
    for file in files:
        np.testing.assert_allclose(training[column(file)], np.load(file), rtol=0, atol=close, err_msg=file.name)


def test_final_weights(case):
    expected, _, weights, _, close = case
    files = sorted((expected / "final_weights").glob("*.npy"))
    assert [file.name for file in files] == sorted(file.name for file in weights.iterdir())
    for file in files:
        theirs = np.load(file)
        theirs = theirs.ravel() if file.stem.startswith("b_") else theirs
        np.testing.assert_allclose(np.load(weights / file.name), theirs, rtol=0, atol=close, err_msg=file.name)


def test_measures(case):
    expected, _, _, measured, close = case
    measures = json.loads((expected / "measures.json").read_text())
    assert measures
    for name, value in measures.items():
        assert measured[name] == pytest.approx(value, rel=0, abs=close), name
