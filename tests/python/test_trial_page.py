"""The data in the page of a trial: the same as in a trace of the trial."""

import base64
import json
import re

import numpy as np
import pytest

from traces import Trace

SWEEP = """\
name: paged
seed: 11
replicates: 2
base:
  network: {{layers: [12, 40, 8, 3]}}
  feedback: {{density: 0.7}}
  teaching: {{target_fraction: 0.2}}
  signals: {{length: {length}}}
  training: {{epochs: {epochs}, engine: {engine}}}
  evaluation: {{generation: true, curve_window: 40}}
search:
  space:
    learning_rate.hidden: [[0.0, 0.0], [1.0, 0.5]]
"""
TRIAL = 3


def embedded(page, name):
    """The data that the page holds under a name."""
    found = re.findall(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.S)
    assert len(found) == 1, name
    return json.loads(found[0])


def array(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


@pytest.fixture(scope="module")
def made(make_sweep, burstnet, engine):
    """A function that gives the page's data, a trace, the final weights, and the folder, of a trial."""

    def make(length, epochs, *arguments):
        results = make_sweep("paged", SWEEP.format(length=length, epochs=epochs, engine=engine))
        folder = results.parent
        burstnet("report", results, "--trial", TRIAL, "--out", "page.html", *arguments, cwd=folder)
        outputs = ["--trace", "trace.parquet", "--save-weights", "weights"]
        rerun = burstnet("rerun", results, "--trial", TRIAL, "--json", *outputs, cwd=folder)
        page = (folder / "page.html").read_text()
        weights = {path.stem: np.load(path) for path in (folder / "weights").glob("*.npy")}
        return page, Trace(folder / "trace.parquet"), weights, json.loads(rerun.stdout), results

    return make


@pytest.fixture(scope="module")
def short(made):
    return made(120, 3)


def passes(recording, trace):
    """Each pass with its rows of the trace."""
    epochs = trace["epoch"]
    phases = trace["phase"]
    return [
        (recording["first"][0], epochs == 0),
        (recording["last"][0], epochs == epochs.max()),
        (recording["test"][0], phases == "test"),
        (recording["generation"][0], phases == "generation"),
    ]


def test_lines_are_those_of_the_trace(short):
    page, trace, *_ = short
    for showing, rows in passes(embedded(page, "recording"), trace):
        assert showing["steps"] == rows.sum() == 120
        assert showing["first_step"] == trace["step"][rows][0]
        assert showing["taught"] == list(trace["t"][rows & trace["taught"]])
        for name in ("target", "output"):
            lines = np.stack([array(line, "<f4") for line in showing[name]], axis=1)
            assert np.array_equal(lines, trace[name][rows].astype(np.float32)), name
        errors = np.abs(trace["target"] - trace["output"])[rows].mean(axis=0)
        assert np.allclose(showing["mean_abs_error"], errors, rtol=1e-6)


def test_pictures_are_those_of_the_trace(short):
    page, trace, *_ = short
    recording = embedded(page, "recording")
    assert recording["scope"]["picture_stretch"] == 1
    units = recording["scope"]["units"]
    assert units == [[i * 40 // 32 for i in range(32)], list(range(8))]
    for showing, rows in passes(recording, trace)[:3]:
        for m, layer in enumerate(showing["hidden"]):
            for quantity in ("event_rate", "burst_probability", "burst_rate"):
                picture = array(layer[quantity], "<u2").reshape(len(units[m]), 120) / 65534
                expected = trace[f"hidden{m}_{quantity}"][rows][:, units[m]].T
                assert np.abs(picture - expected).max() <= 0.5 / 65534 + 1e-7, (m, quantity)


def test_alignment_and_weights_are_those_of_the_rerun(short):
    page, _, weights, rerun, _ = short
    recording = embedded(page, "recording")
    assert recording["alignment"]["epochs"] == [0, 1, 2, 3]
    for m, degrees in enumerate(recording["alignment"]["degrees"]):
        assert degrees[-1] == pytest.approx(rerun[f"alignment_deg_{m}"], abs=1e-3)
    shown = {one["name"]: one for one in recording["weights"]}
    assert set(shown) == {name for name in weights if not name.startswith("b")}
    for name, one in shown.items():
        held = weights[name]
        exists = held != 0 if name.startswith("Y") else np.ones(held.shape, bool)
        assert one["shape"] == list(held.shape) and one["block"] == [1, 1]
        statistics = one["last"]["statistics"]
        assert statistics["existing"] == exists.sum()
        got = [statistics[key] for key in ("min", "mean", "sd", "max")]
        own = held[exists]
        assert got == pytest.approx([own.min(), own.mean(), own.std(), own.max()], rel=1e-9, abs=1e-12)
        cells = array(one["last"]["picture"]["cells"], "i1").reshape(held.shape)
        assert np.array_equal(cells == -128, ~exists)
        scale = one["last"]["picture"]["scale"]
        assert np.abs(cells * scale / 127.0 - held)[exists].max() <= scale / 254 * 1.0001
        change = one["change"]["scale"]
        assert change > 0 if name.startswith("W") else change == 0  # feedback does not learn here


def test_curves_are_those_of_the_table(short):
    import pandas as pd

    page, *_, results = short
    table = pd.read_parquet(results / "curves.parquet").query("trial_id == @TRIAL")
    for layer, curve in enumerate(embedded(page, "curves")):
        own = table[table["layer"] == layer]
        assert curve["merged"] == 1 and curve["step"] == list(own["step"])
        losses = [None if np.isnan(loss) else loss for loss in own["loss"]]
        assert curve["loss"] == losses


def test_a_long_sequence_keeps_extremes_and_means(made):
    page, trace, *_ = made(5000, 1, "--units", "0-7")
    recording = embedded(page, "recording")
    stretch, column = recording["scope"]["line_stretch"], recording["scope"]["picture_stretch"]
    assert stretch == 5 and recording["last"] == [None]
    rows = trace["phase"] == "test"
    showing = recording["test"][0]
    output = trace["output"][rows].astype(np.float32)
    for k, line in enumerate(showing["output"]):
        pairs = np.sort(array(line, "<f4").reshape(-1, 2), axis=1)
        blocks = output[:, k].reshape(-1, stretch)
        assert np.array_equal(pairs, np.stack([blocks.min(axis=1), blocks.max(axis=1)], axis=1))
    assert column > 1
    rates = trace["hidden0_event_rate"][rows][:, :8]
    starts = np.arange(0, 5000, column)
    counts = np.diff(np.append(starts, 5000))
    means = np.add.reduceat(rates, starts, axis=0) / counts[:, None]
    picture = array(showing["hidden"][0]["event_rate"], "<u2").reshape(8, -1) / 65534
    assert np.abs(picture - means.T).max() <= 0.5 / 65534 + 1e-6
    assert len(page) < 8_000_000
