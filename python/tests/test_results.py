"""Results: tables, figures, reruns."""

import html
import json
import os
import subprocess
import sys
import threading

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import burstnet as bn
from conftest import GRID, ROOT, SMALL

TABLES = ["trials", "summary", "curves", "timings", "effects", "contrasts"]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_that_of_the_file(small, name):
    table = pa.table(getattr(small, name))
    held = pq.read_table(small.path / f"{name}.parquet")
    assert table.equals(held)
    fields = [(field.name, field.metadata.get(b"unit")) for field in table.schema]
    assert fields == [(field.name, field.metadata.get(b"unit")) for field in held.schema]


def test_a_table_in_every_library(small):
    trials = small.trials
    assert len(trials) == 4 and "feedback_density" in trials.column_names
    assert trials.to_polars().equals(pl.DataFrame(trials))
    pd.testing.assert_frame_equal(trials.to_pandas(), pd.read_parquet(small.path / "trials.parquet"))
    assert duckdb.sql("select count(*), min(train_loss) from trials").fetchall() == [(4, min(pl.DataFrame(trials)["train_loss"]))]


def test_columns_are_not_copied(small):
    trials = small.trials
    first, again = (pa.table(trials)["train_loss"].chunk(0).buffers()[1].address for _ in range(2))
    assert first == again
    assert pl.DataFrame(trials).to_arrow()["train_loss"].chunk(0).buffers()[1].address == first


def test_what_it_says(small):
    best, other = small.best(3)
    trials = pl.DataFrame(small.trials)
    means = dict(trials.group_by("config_id").agg(pl.col("test_mae").mean()).iter_rows())
    assert best["test_mae"] == pytest.approx(means[best["config_id"]]) and best["test_mae"] < other["test_mae"]
    assert [best["rank"], other["rank"]] == [1, 2] and best["feedback.density"] in (0.5, 1.0)
    assert small.plan == json.loads((small.path / "plan.json").read_text())
    assert small.status()["done"] == 4 and small.status()["shards"][0]["state"] == "done"
    assert small.best(1, measure="train_loss")[0]["train_loss"] == pl.DataFrame(small.summary)["train_loss_mean"].min()
    assert small.compare("density=0.5", "density=1.0")["name"] == "small"
    assert "4 of 4 trials done" in repr(small)


def test_the_report_and_how_a_notebook_shows_it(here):
    results = bn.sweep(GRID, out="r", progress=False)
    (here / "r/report.html").unlink()
    figures = results.report(measure="train_loss")
    assert figures["measure"] == "train_loss" and results.page.exists()
    shown = results._repr_html_()
    assert html.escape(results.analysis()["finding"]["headline"]) in shown
    assert "<table>" in shown and "<iframe" in shown and "srcdoc" in shown


def test_a_run(here):
    file = {**SMALL, "seed": 2}
    run = bn.run(file, seed=1, set={"feedback.density": 0.5}, trace=True)
    assert (run.seed, run.status, run.error) == (1, "ok", None)
    assert run.weights["W_0"].shape == (6, 8) and run.weights["Y_0"].shape == (6, 3)
    assert run.weights["W_0"].dtype == np.float64
    phases = dict(pl.DataFrame(run.trace).group_by("phase").len().iter_rows())
    assert phases == {"training": 3 * 60, "test": 60}
    again = bn.run(file, seed=1, set={"feedback.density": 0.5})
    assert again.digest == run.digest and again.measures == run.measures and again.trace is None
    assert bn.run(file).seed == 2


def test_a_rerun_has_the_same_bits(small):
    again = small.rerun(config=1, replicate=0, trace=True, weights=True)
    assert again.same_bits and (again.trial_id, again.config_id, again.replicate) == (2, 1, 0)
    row = pl.DataFrame(small.trials).row(2, named=True)
    assert again.digest == row["digest"] and again.measures["test_mae"] == row["test_mae"]
    assert again.weights["b_1"].shape == (3,) and len(again.trace) > 0
    assert small.rerun(trial=2).digest == again.digest


def test_a_rerun_with_other_values_is_another_trial_of_the_same_seed(small):
    other = pl.DataFrame(small.trials).filter(pl.col("replicate") == 1)
    held, given = (other.row(at, named=True) for at in (0, 1))
    values = {"feedback.density": given["feedback_density"]}
    again = small.rerun(trial=held["trial_id"], set=values)
    assert not again.same_bits and again.changed == values and again.seed == given["seed"]
    assert again.digest == given["digest"] and again.measures["test_mae"] == given["test_mae"]
    assert again.recorded["test_mae"] == held["test_mae"] and f"with {again.changed}" in repr(again)
    assert small.rerun(trial=0, engine="reference").changed == {"training.engine": "reference"}
    with pytest.raises(bn.InputError, match="keeps the seed"):
        small.rerun(trial=0, set={"seed": 7})


def test_what_differs_is_told_and_not_raised(here):
    (here / "p.py").write_text("import os\nprint('{\"measures\": {\"v\": %s}}' % os.environ['V'])")
    file = {"model": {"command": ["python3", "p.py"], "measures": ["v"]}, "search": {"space": {"x": [1, 2]}}}
    os.environ["V"] = "1"
    results = bn.sweep(file, allow_command=True, progress=False)
    os.environ["V"] = "2"
    again = results.rerun(trial=0, allow_command=True)
    assert not again.same_bits and again.measures == {"v": 2.0} and "DIFFERS" in repr(again)


def test_errors_are_those_of_the_command(here, small):
    with pytest.raises(bn.InputError, match=r"--config 7: this sweep has 2 configs, numbered from 0"):
        small.rerun(config=7, replicate=0)
    with pytest.raises(bn.InputError, match="nothing: not a results directory of burstnet"):
        bn.open("nothing")
    with pytest.raises(bn.InputError, match=r"run:2:3: unknown key 'learning'") as raised:
        bn.run({"learning": 3})
    assert '2 |   "learning": 3' in str(raised.value) and isinstance(raised.value, bn.BurstnetError)
    with pytest.raises(bn.InputError, match="expected"):
        small.best(measure="nothing")
    with pytest.raises(bn.InputError, match="finite numbers"):
        bn.run({"seed": float("nan")})
    with pytest.raises(bn.InputError, match="unexpected argument '--wrong'"):
        bn.command("plan", "--wrong")


def test_names_of_the_other_commands(here, small):
    (here / "small.yaml").write_text((ROOT / "sweeps/first.yaml").read_text())
    assert bn.plan("small.yaml")["trials"] == 16 and bn.plan(GRID)["trials"] == 4
    assert "properties" in bn.schema()
    said = bn.slurm("small.yaml", tasks=2, out="r")
    script = (here / "r.slurm/array.sh").read_text()
    assert "sbatch" in said and f"{sys.prefix}/bin/burstnet" in script
    assert "feedback" in small.show(1)
    for shard in ("0/2", "1/2"):
        half = bn.sweep("small.yaml", out="r", shard=shard, progress=False)
    assert "16" in half.merge() and len(half.trials) == 16
    assert half.confirm(best=1, replicates=2, progress=False)["replicates"] == 2
    other = bn.sweep("small.yaml", out="other", set={"seed": 1}, progress=False)
    assert bn.across([half, other], page="two.html") and (here / "two.html").exists()
    assert half.trial_page(3, out="page.html") is not None and (here / "page.html").exists()
    assert "burstnet" in bn.command("completions", "bash")


def test_the_command_is_installed(here):
    done = subprocess.run([f"{sys.prefix}/bin/burstnet", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"burstnet {bn.__version__}"
    done = subprocess.run([sys.executable, "-m", "burstnet", "plan", "none.yaml"], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("error: none.yaml: ")


def test_threads_read_at_the_same_time(small):
    found = []
    threads = [threading.Thread(target=lambda: found.append(len(small.trials))) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert found == 8 * [4]
