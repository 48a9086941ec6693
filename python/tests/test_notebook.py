"""The notebook of examples/ runs on a fresh sweep of sweeps/first.yaml, and so do cells that define functions."""

import json
import shutil

import nbformat
import numpy as np
import polars as pl
import pytest
from nbclient import NotebookClient
from scipy import stats

import burstnet as bn
from conftest import ROOT


def execute(notebook, folder):
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.fixture
def place(here):
    """A folder with examples/ and results/first."""
    shutil.copytree(ROOT / "examples", here / "examples")
    bn.sweep(ROOT / "sweeps/first.yaml", progress=False)
    return here


def test_the_notebook(place):
    trials = pl.read_parquet(place / "results/first/trials.parquet").sort("seed")
    expected = {
        rate: trials.filter(pl.col("learning_rate_hidden") == rate)["test_mae"].to_numpy()
        for rate in trials["learning_rate_hidden"].unique()
    }
    notebook = nbformat.read(place / "examples/analyse.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    asked = """import json as _json
print(_json.dumps({
    "mean": by_configuration["mean"].to_dict(),
    "difference": [float(difference.mean()), float(half), float(test.pvalue)],
    "curves": learning.group_by(key, maintain_order=True).last().to_dicts(),
    "contrasts": contrasts.height, "effects": effects.height,
}))"""
    notebook.cells.append(nbformat.v4.new_code_cell(asked))
    execute(notebook, place / "examples")
    shown = [output for cell in code for output in cell.outputs]
    assert not [output for output in shown if output.output_type == "error" or output.get("name") == "stderr"], shown
    assert sum("image/png" in output.get("data", {}) for output in shown) == 2
    found = json.loads(notebook.cells[-1].outputs[0].text)
    assert {float(rate): mean for rate, mean in found["mean"].items()} == pytest.approx(
        {rate: values.mean() for rate, values in expected.items()}, rel=1e-12
    )
    difference = expected[1.0] - expected[0.0]
    half = stats.t.interval(0.95, len(difference) - 1, 0, stats.sem(difference))[1]
    assert found["difference"] == pytest.approx([difference.mean(), half, stats.wilcoxon(difference).pvalue], rel=1e-9)
    curves = pl.read_parquet(place / "results/first/curves.parquet").to_pandas()
    trials = trials.to_pandas().set_index("trial_id")
    last = curves[(curves.layer == 1) & (curves.step == curves.step.max())]
    for row in found["curves"]:
        loss = last.loss[trials.learning_rate_hidden[last.trial_id].to_numpy() == row["learning_rate_hidden"]]
        quartiles = np.quantile(loss, [0.25, 0.75])
        assert [row["mean"], row["low"], row["high"], row["n"]] == pytest.approx([loss.mean(), *quartiles, 8], rel=1e-12)
    assert found["contrasts"] > 0 and found["effects"] > 0


def test_a_function_of_a_cell(here):
    cells = [
        "import burstnet as bn\nimport math\nFACTOR = 2",
        "@bn.objective(measures=['v'])\ndef model(config, seed):\n    return {'v': math.sqrt(config['x']) * FACTOR}",
        "results = bn.sweep(model, space={'x': [1, 4, 9]}, out='r')\nresults",
        "print(results.trials.to_polars()['v'].to_list(), results.rerun(trial=1, objective=model).same_bits)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    outputs = execute(notebook, here)
    assert "[2.0, 4.0, 6.0] True" in "".join(output.get("text", "") for output in outputs)
    page = next(output["data"]["text/html"] for output in outputs if "text/html" in output.get("data", {}))
    assert "<table>" in page and "<iframe" in page


def test_progress_in_a_notebook_is_a_line_that_changes(here):
    base = {"network": {"layers": [8, 6, 3]}, "signals": {"length": 60}, "training": {"epochs": 6000}}
    file = {"base": base, "replicates": 40, "search": {"space": {"feedback.density": [0.5, 1.0]}}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"import burstnet as bn\nr = bn.sweep({file!r}, threads=1)")])
    outputs = execute(notebook, here)
    assert [output.output_type for output in outputs].count("display_data") == 1, outputs
    assert " trials · " not in "".join(output.get("text", "") for output in outputs)
