"""Sweeps: what they take, how they end, where they run."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import pandas as pd
import polars as pl
import pytest

import burstnet as bn
from conftest import GRID, SMALL

LONG = {**GRID, "name": "long", "replicates": 40, "base": {**SMALL, "training": {"epochs": 6000}}}


def test_a_mapping_is_its_file(here):
    (here / "grid.yaml").write_text(json.dumps(GRID))
    of_file, of_mapping = bn.sweep("grid.yaml", progress=False), bn.sweep(GRID, out="other", progress=False)
    assert of_file.path.as_posix() == "results/small"
    columns = pl.DataFrame(of_file.trials), pl.DataFrame(of_mapping.trials)
    assert columns[0].equals(columns[1])


def test_it_goes_on_and_is_extended(here):
    first = bn.sweep(GRID, out="r", progress=False)
    before = pl.DataFrame(first.timings)
    assert pl.DataFrame(bn.sweep(GRID, out="r", progress=False).timings).equals(before)
    longer = {**GRID, "replicates": 3}
    with pytest.raises(bn.InputError, match="--extend"):
        bn.sweep(longer, out="r", progress=False)
    assert len(bn.sweep(longer, out="r", extend=True, progress=False).trials) == 6
    assert len(bn.sweep(GRID, out="s", set={"replicates": 1}, progress=False).trials) == 2


def test_paths_start_where_the_command_starts(here):
    (here / "in").mkdir()
    pd.DataFrame({"feedback.density": [0.25, 0.75]}).to_csv("in/rows.csv", index=False)
    file = {"base": SMALL, "search": {"strategy": "table", "table": "in/rows.csv"}}
    assert sorted(pl.DataFrame(bn.sweep(file, progress=False).trials)["feedback_density"]) == [0.25, 0.75]
    (here / "in/sweep.yaml").write_text(json.dumps({"base": SMALL, "search": {"strategy": "table", "table": "rows.csv"}}))
    assert len(bn.sweep("in/sweep.yaml", out="r", progress=False).trials) == 2


def test_wrong_input_is_refused_with_its_line(here):
    with pytest.raises(bn.InputError) as raised:
        bn.sweep({**GRID, "search": {"space": {"feedback.densty": [0.5]}}})
    assert "unknown key 'feedback.densty'" in str(raised.value) and "did you mean 'feedback.density'?" in str(raised.value)
    assert raised.value.code == 2 and not (here / "results").exists()
    with pytest.raises(bn.InputError, match="none.yaml"):
        bn.sweep("none.yaml")
    with pytest.raises(bn.InputError, match="space"):
        bn.sweep(GRID, space={})


def test_programs_run_only_if_they_are_allowed(here):
    (here / "p.py").write_text("print('{\"measures\": {\"v\": 1}}')")
    file = {"model": {"command": ["python3", "p.py"], "measures": ["v"]}, "search": {"space": {"x": [1, 2]}}}
    with pytest.raises(bn.InputError, match="model.command would run `python3 p.py`"):
        bn.sweep(file)
    results = bn.sweep(file, allow_command=True, progress=False)
    assert list(pl.DataFrame(results.trials)["v"]) == [1.0, 1.0]
    with pytest.raises(bn.InputError, match="allow"):
        results.rerun(trial=1)
    assert results.rerun(trial=1, allow_command=True).same_bits
    assert bn.run(file, allow_command=True, set={"x": 2}).measures == {"v": 1.0}


def test_failed_trials_are_results_with_a_warning(here):
    (here / "p.py").write_text("import json, sys\nx = json.loads(input())['configuration']['x']\nsys.exit(x) if x else print('{\"measures\": {\"v\": 1}}')")
    file = {"model": {"command": ["python3", "p.py"], "measures": ["v"]}, "search": {"space": {"x": [0, 3]}}}
    with pytest.warns(UserWarning, match="1 trial failed; column error"):
        results = bn.sweep(file, allow_command=True, progress=False)
    assert "exit status: 3" in pl.DataFrame(results.trials)["error"][1]
    assert results.status()["failed"] == 1 and results.report()["progress"]["counts"]["failed"] == 1
    file["search"]["space"]["x"] = [1, 2, 3]
    file["execution"] = {"stop_after_failures": 2}
    with pytest.raises(bn.TrialsError, match="failed"):
        bn.sweep(file, out="s", threads=1, allow_command=True, progress=False)


def run_script(folder, text, *, signals=(), timeout=120):
    """Runs a script in a process of its own; each signal is sent once its line has appeared."""
    (folder / "script.py").write_text(textwrap.dedent(text))
    process = subprocess.Popen(
        [sys.executable, "script.py"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    for name, number in signals:
        deadline = time.monotonic() + timeout
        while not (folder / name).exists():
            assert process.poll() is None and time.monotonic() < deadline, process.stdout.read()
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(number)
    out, _ = process.communicate(timeout=timeout)
    return process.returncode, out


def test_the_first_signal_ends_cleanly_and_the_sweep_goes_on(here):
    script = f"""
        import burstnet as bn
        try:
            bn.sweep({LONG!r}, out="r", threads=2)
        except KeyboardInterrupt as error:
            print("interrupted:", error)
            raise SystemExit(7)
    """
    code, out = run_script(here, script, signals=[("r/journal", signal.SIGINT)])
    assert code == 7 and "The same command goes on where this one stopped." in out, out
    assert (here / "r/trials.parquet").exists()
    done = len(bn.open("r").trials)
    assert 0 < done < 80
    assert bn.open("r").status()["shards"][0]["state"] == "stopped"
    before = pl.DataFrame(bn.open("r").timings)
    shorter = {"replicates": done // 2 + 1}
    goes_on = bn.sweep({**LONG, **shorter}, out="r", extend=True, progress=False)
    assert len(goes_on.trials) == 2 * shorter["replicates"]
    assert set(before["wall_seconds"]) & set(pl.DataFrame(goes_on.timings)["wall_seconds"]), "what was done stays"


def test_a_fork_has_threads_of_its_own(small):
    reading, writing = os.pipe()
    assert len(small.trials) == 4
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, f"{len(small.trials)} {small.best()[0]['rank']}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answers:
        assert answers.read() == "4 1"
    assert os.waitpid(child, 0)[1] == 0


def test_other_threads_run_meanwhile(here):
    async def both():
        ticks = 0
        sweep = asyncio.create_task(asyncio.to_thread(bn.sweep, {**GRID, "replicates": 20, "base": {**SMALL, "training": {"epochs": 2000}}}, progress=False))
        while not sweep.done():
            await asyncio.sleep(0.001)
            ticks += 1
        return len((await sweep).trials), ticks

    trials, ticks = asyncio.run(both())
    assert trials == 40 and ticks > 10


def test_progress_is_told(here, capfd):
    file = {**GRID, "replicates": 60, "base": {**SMALL, "training": {"epochs": 4000}}}
    bn.sweep(file, threads=1)
    told = capfd.readouterr()
    assert " trials · " in told.err and told.out == ""
    bn.sweep(file, out="other", threads=1, progress=False)
    assert " trials · " not in capfd.readouterr().err
