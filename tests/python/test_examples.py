"""The queries and the figures of examples/ run on a fresh sweep of sweeps/first.yaml; `python/tests` runs the notebook."""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import duckdb
import nbformat
import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

import sweeps

TWO_KEYS = """\
name: two
seed: 3
replicates: 4
base:
  network: {layers: [12, 8, 3]}
  signals: {length: 100}
  training: {epochs: 4}
search:
  space:
    learning_rate.hidden: [0.0, 1.0]
    teaching.target_fraction: [0.05, 0.1, 0.2, 0.4]
"""


@pytest.fixture(scope="module")
def place(root, burstnet, tmp_path_factory):
    """A folder with examples/ and results/first."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(root / "examples", folder / "examples")
    burstnet("sweep", root / "sweeps" / "first.yaml", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def expected(place):
    """What the examples must find, from the tables alone: by learning rate, the measure of each seed."""
    rows = pq.read_table(place / "results/first/trials.parquet").to_pylist()
    assert {row["status"] for row in rows} == {"ok"}
    by_rate = {}
    for row in sorted(rows, key=lambda row: row["seed"]):
        by_rate.setdefault(row["learning_rate_hidden"], []).append(row["test_mae"])
    return {rate: np.array(values) for rate, values in by_rate.items()}


def test_the_committed_notebook_has_no_outputs(root):
    notebook = nbformat.read(root / "examples/analyse.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code and all(cell.outputs == [] and cell.execution_count is None for cell in code)


def test_the_queries(place, expected, monkeypatch):
    monkeypatch.chdir(place)
    statements = duckdb.extract_statements((place / "examples/query.sql").read_text())
    by_rate, gain, curve, reasons, plan = (duckdb.sql(statement.query).fetchall() for statement in statements)
    for rate, n, mean, sd, seconds in by_rate:
        assert (n, mean, sd) == (8, pytest.approx(expected[rate].mean()), pytest.approx(expected[rate].std(ddof=1)))
        assert seconds > 0
    assert [row[0] for row in by_rate] == [1.0, 0.0]
    difference = expected[1.0] - expected[0.0]
    assert gain == [(8, pytest.approx(difference.mean()), pytest.approx(stats.sem(difference)), (difference < 0).sum())]
    assert len(curve) == 20 and curve[-1][3] < curve[0][3] / 2
    assert (reasons, plan) == ([("diverged", None, 0), ("failed", None, 0)], [("test_mae",)])


def test_a_program_of_ones_own(root, burstnet, tmp_path):
    """examples/external/branin.py, as its sweep file says, and one trial again."""
    shutil.copytree(root / "examples/external", tmp_path / "external")
    arguments = ["--out", "r", "--allow-command", "--set", "search.trials=3"]
    burstnet("sweep", "external/branin.yaml", *arguments, cwd=tmp_path)
    for name in ["trials", "summary", "curves"]:
        metadata = pq.read_metadata(tmp_path / f"r/{name}.parquet").metadata
        assert metadata[b"burstnet.model"] == b'["python3","branin.py"]'
        assert metadata[b"burstnet.same_bits"] == b"not promised: external program"
    rows = pq.read_table(tmp_path / "r/trials.parquet").to_pylist()
    assert [row["status"] for row in rows] == 12 * ["ok"]
    curves = pq.read_table(tmp_path / "r/curves.parquet").to_pylist()
    last = {row["trial_id"]: row["loss"] for row in curves if row["step"] == 9}
    assert last == {row["trial_id"]: row["value"] for row in rows}
    assert "all bits the same" in burstnet("rerun", "r", "--trial", 5, "--allow-command", cwd=tmp_path).stdout


@pytest.mark.parametrize(("name", "trials", "points"), [("train", 18, 20), ("overrides", 24, 0)])
def test_programs_that_know_nothing_of_burstnet(root, burstnet, tmp_path, name, trials, points):
    """A script with argparse and one with overrides, as their sweep files say, and one trial again."""
    shutil.copytree(root / "examples/external", tmp_path / "external")
    once = burstnet("run", f"external/{name}.yaml", "--allow-command", cwd=tmp_path)
    assert "measure" in once.stdout
    burstnet("sweep", f"external/{name}.yaml", "--out", "r", "--allow-command", cwd=tmp_path)
    rows = pq.read_table(tmp_path / "r/trials.parquet").to_pylist()
    assert [row["status"] for row in rows] == trials * ["ok"]
    curves = pq.read_table(tmp_path / "r/curves.parquet").to_pylist()
    assert len(curves) == trials * points
    again = burstnet("rerun", "r", "--trial", trials - 1, "--allow-command", cwd=tmp_path)
    assert "all bits the same" in again.stdout


def draw(place, results, out, *arguments, expect=0):
    command = [sys.executable, place / "examples/figures.py", results, "--out", out, *arguments]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def figures(place):
    draw(place, "results/first", "figures")
    return place / "figures"


def test_the_same_tables_give_the_same_figures(place, figures):
    draw(place, "results/first", "again")
    names = sorted(path.name for path in figures.iterdir())
    assert names == sorted(f"{name}.{ending}" for name in ("figure-1", "learning-curves") for ending in ("svg", "pdf", "png"))
    for name in names:
        assert (figures / name).read_bytes() == (place / "again" / name).read_bytes(), name


def test_figures_have_the_width_of_columns_and_embedded_fonts(figures):
    for name, most in [("figure-1", 183), ("learning-curves", 89)]:
        svg = ElementTree.parse(figures / f"{name}.svg").getroot()
        assert svg.get("width").endswith("pt") and float(svg.get("width")[:-2]) / 72 * 25.4 <= most + 0.1
        pdf = (figures / f"{name}.pdf").read_bytes()
        assert b"/FontFile2" in pdf and b"/Type3" not in pdf, "TrueType, embedded"
        assert b"/CreationDate" not in pdf


def test_what_a_figure_shows(figures):
    texts = "".join(ElementTree.parse(figures / "figure-1.svg").getroot().itertext())
    for text in ("a", "b", "Training step", "Learning rate, hidden", "Mean absolute test error", "(events/step)"):
        assert text in texts, text
    lines = re.findall(r'id="line2d_\d+"', (figures / "figure-1.svg").read_text())
    assert len(lines) > 2 + 8, "two curves, and a line per replicate"


@pytest.mark.parametrize("name", ["two", "types", "lists", "diverging"])
def test_figures_of_other_sweeps(place, make_sweep, request, tmp_path, name):
    """Many keys, lists, words, nulls and trials that diverged."""
    results = make_sweep("two", TWO_KEYS) if name == "two" else request.getfixturevalue(f"{name}_sweep")
    draw(place, results, tmp_path / "figures")
    texts = list(ElementTree.parse(tmp_path / "figures/figure-1.svg").getroot().itertext())
    assert "c" in texts, "the panel of two keys"
    assert len(list((tmp_path / "figures").iterdir())) == 6


def test_a_key_by_name(place, types_sweep, tmp_path):
    draw(place, types_sweep, tmp_path / "figures", "--key", "training.epochs")
    assert "Training, epochs" in "".join(ElementTree.parse(tmp_path / "figures/figure-1.svg").getroot().itertext())
    refused = draw(place, types_sweep, tmp_path / "no", "--key", "training", expect=2)
    assert "expected one of " + ", ".join(name.replace("_", ".", 1) for name, _ in sweeps.TYPES_SWEPT[:1]) in refused.stderr
