"""Functions as models: in worker processes, whatever they do."""

import importlib
import json
import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import polars as pl
import pytest

import burstnet as bn
from test_sweep import run_script

OFFSET = 2


@bn.objective(measures=["distance"])
def model(config, seed):
    """A function of this module, which workers import."""
    return {"distance": (config["x"] - OFFSET) ** 2 + seed % 7}


SPACE = {"x": bn.uniform(-5, 5)}


def swept(function, **options):
    given = {"space": {"x": [1, 2, 3]}, "out": "r", "threads": 2, "progress": False, **options}
    return bn.sweep(function, **given)


def rows(results):
    return pl.DataFrame(results.trials).sort("trial_id").to_dicts()


def test_a_function_is_swept(here):
    results = swept(model, space=SPACE, strategy="tpe", trials=16, replicates=3)
    for row in rows(results):
        assert row["status"] == "ok" and row["distance"] == (row["x"] - 2) ** 2 + row["seed"] % 7
    assert results.page.exists() and abs(results.best()[0]["x"] - 2) < 3
    one = swept(model, space=SPACE, strategy="tpe", trials=16, replicates=3, out="one", threads=1)
    assert rows(one) == rows(results)
    again = results.rerun(config=3, replicate=1, objective=model)
    assert again.same_bits and again.trial_id == 10


@bn.objective(measures=["value"])
def noisy(config, seed):
    """A function of a value that each replicate draws."""
    return {"value": config["x"] + config["noise"]}


def test_replicates_draw_values_that_configurations_share(here):
    results = swept(noisy, replicates=4, per_replicate={"noise": bn.uniform(0, 1)})
    of_x = {x: [row["noise"] for row in rows(results) if row["x"] == x] for x in (1, 2, 3)}
    assert len(set(of_x[1])) == 4 and of_x[1] == of_x[2] == of_x[3]
    assert all(row["value"] == row["x"] + row["noise"] for row in rows(results))
    assert [one["key"] for one in results.plan["per_replicate"]] == ["noise"]
    with pytest.raises(bn.InputError, match="x is swept"):
        swept(noisy, out="s", per_replicate={"x": [1, 2]})


def test_the_order_of_trials_changes_no_result(here):
    ordered = swept(model, replicates=2)
    shuffled = swept(model, replicates=2, out="shuffled", order="shuffled")
    assert rows(ordered) == rows(shuffled)
    of = [json.loads((one.path / "provenance.json").read_text())[0].get("order") for one in (ordered, shuffled)]
    assert of == [None, "shuffled"]
    with pytest.raises(bn.InputError, match="execution.order is 'random'"):
        swept(model, out="s", order="random")


def test_a_space_may_be_a_list_of_subspaces(here):
    results = swept(noisy, space=[{"name": "control", "x": 0, "noise": 0}, {"x": [1, 2], "noise": bn.linear(0.25, 0.5, 2)}])
    assert [(row["subspace"], row["x"], row["noise"]) for row in rows(results)] == [
        ("control", 0, 0.0), ("2", 1, 0.25), ("2", 1, 0.5), ("2", 2, 0.25), ("2", 2, 0.5)
    ]
    assert [one["best"]["config_id"] for one in results.report()["subspaces"]] == [0, 1]


def test_further_replicates_go_to_the_best(here):
    results = swept(model, space=SPACE, strategy="random", trials=20, replicates={"from": 3, "to": 8})
    assert results.plan["adaptive"] == {"from": 3, "until": "best"} and results.plan["replicates"] == 8
    counts = pl.DataFrame(results.trials).group_by("config_id").len()["len"].to_list()
    assert sorted(counts) == [3] * 15 + [5] * 2 + [8] * 3
    assert all(one["n"] == 8 for one in results.analysis()["ranked"][:3])


def test_no_results_directory_carries_the_function(here):
    results = swept(model)
    held = b"".join(path.read_bytes() for path in results.path.rglob("*") if path.is_file())
    assert b"cloudpickle" not in held and b"OFFSET" not in held and str(here.parents[2]).encode() not in (results.path / "plan.json").read_bytes()
    assert results.plan["model"]["command"] == ["python3", "-m", "burstnet._worker", model.name, model.digest]


@bn.objective(measures=["loss"])
def learning(config, seed):
    """A function with two curves, of which one is not always defined."""
    for step in range(3):
        bn.record_loss(step, config["x"] / 2**step)
        bn.record_loss(np.int64(step), None if step == 1 else np.float32(seed % 5), layer=1)
    if config["x"] == 3:
        raise bn.Diverged("too far")
    return {"loss": config["x"]}


def test_losses_become_curves(here):
    results = swept(learning, replicates=2)
    curves = pl.DataFrame(results.curves).sort("trial_id", "layer", "step")
    seeds = {row["trial_id"]: row["seed"] for row in rows(results)}
    assert curves.height == 6 * 2 * 3
    for row in curves.to_dicts():
        lost = row["layer"] == 1 and row["step"] == 1
        x = 1 + row["trial_id"] // 2
        expected = x / 2 ** row["step"] if row["layer"] == 0 else seeds[row["trial_id"]] % 5
        assert row["loss"] == (None if lost else expected), row
    assert [row["status"] for row in rows(results)] == ["ok"] * 4 + ["diverged"] * 2
    assert results.rerun(config=1, replicate=1, objective=learning).same_bits


def test_losses_that_make_no_point_are_refused():
    for step, loss, layer in [(-1, 0.5, 0), (1.5, 0.5, 0), (True, 0.5, 0), (0, "low", 0), (0, 0.5, 1000), (2**53 + 1, 0.5, 0)]:
        with pytest.raises(bn.InputError, match="record_loss: .* expected"):
            bn.record_loss(step, loss, layer=layer)
    bn.record_loss(0, float("nan"))


def test_two_losses_at_one_step_fail_the_trial(here):
    @bn.objective(measures=["v"])
    def twice(config, seed):
        bn.record_loss(0, 1.0)
        bn.record_loss(0, 2.0)
        return {"v": 1}

    with pytest.warns(UserWarning, match="3 trials failed"):
        results = swept(twice, stop_after_failures=0)
    assert all("two points of layer 0 at step 0" in row["error"] for row in rows(results))


def made(offset):
    @bn.objective(measures=["v"])
    def inner(config, seed):
        return {"v": config["x"] + offset}

    return inner


def test_functions_are_told_apart_by_their_source_and_values(here):
    assert made(1).digest == made(1).digest != made(2).digest
    results = swept(made(1))
    assert [row["v"] for row in rows(results)] == [2, 3, 4]
    with pytest.raises(bn.InputError, match="the results are of .*inner with source .*, not of"):
        results.rerun(trial=0, objective=made(2))
    with pytest.raises(bn.InputError, match="--extend"):
        swept(made(2))
    assert [row["v"] for row in rows(swept(made(2), extend=True))] == [3, 4, 5]
    with pytest.raises(bn.InputError, match=r"the trials are of the function .*inner, expected objective=inner"):
        results.rerun(trial=0)
    with pytest.raises(bn.InputError, match="takes 'offset' from around it, a dict"):
        swept(made({"a": 1}))


def test_what_is_no_model_is_refused(here):
    with pytest.raises(bn.InputError, match=r"expected def f\(config, seed\)"):
        @bn.objective(measures=["v"])
        def f(config):
            return {}
    with pytest.raises(bn.InputError, match="asynchronous"):
        @bn.objective(measures=["v"])
        async def g(config, seed):
            return {}
    with pytest.raises(bn.InputError, match="no function"):
        bn.objective(measures=["v"])(np.sum)
    with pytest.raises(bn.InputError, match="list of names"):
        bn.objective(measures="v")
    with pytest.raises(bn.InputError, match="measures"):
        swept(bn.objective(measures=[])(lambda config, seed: {}))
    with pytest.raises(bn.InputError, match="@burstnet.objective"):
        bn.sweep(lambda config, seed: {})
    namespace = {}
    exec("def hidden(config, seed): return {'v': 1}", namespace)
    with pytest.raises(bn.InputError, match="the source of .*hidden is not known"):
        swept(bn.objective(measures=["v"])(namespace["hidden"]))
    lock = __import__("threading").Lock()
    with pytest.raises(bn.InputError, match="lock"):
        @bn.objective(measures=["v"])
        def locked(config, seed):
            return {"v": 1 if lock else 2}
        swept(locked)


def test_a_lambda(here):
    results = swept(bn.objective(measures=["v"])(lambda config, seed: {"v": config["x"] * 2}))
    assert [row["v"] for row in rows(results)] == [2, 4, 6]
    with pytest.raises(bn.InputError, match="several lambdas"):
        swept([bn.objective(measures=["v"])(f) for f in (lambda c, s: {"v": 1}, lambda c, s: {"v": 2})][0], out="s")


def bad(config, seed):
    x = config["x"]
    if x == 1:
        raise ValueError("no good\nat all")
    if x == 2:
        return {"v": float("nan")}
    if x == 3:
        return {"v": np.float32(1.5)}
    if x == 4:
        return {}
    if x == 5:
        sys.exit(3)
    if x == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    if x == 7:
        return 7
    if x == 8:
        return {"v": 1, "w": 2}
    if x == 9:
        return {"v": None}
    if x == 10:
        return {"v": "1"}
    if x == 11:
        raise bn.Diverged("too large")
    if x == 12:
        os._exit(4)
    if x == 13:
        os.write(1, b"noise\n")
        print("more")
        sys.stdin.read()
    if x == 14:
        return {"v": np.array(2)}
    if x == 15:
        return {"v": 1j}
    return {"v": float("inf")}


EXPECTED = {
    1: ("failed", r"^ValueError: no good at all, at line \d+ of test_objective.py, in bad$"),
    2: ("failed", r"^the measure 'v' is nan \(float\), expected a finite number, or None where it is not defined$"),
    3: ("ok", 1.5),
    4: ("failed", r"^the function returned no measure 'v', only nothing; expected v$"),
    5: ("failed", r"^the function called sys.exit\(3\), at line \d+ of test_objective.py, in bad$"),
    6: ("failed", r"signal: 9 \(SIGKILL\)"),
    7: ("failed", r"^the function returned 7 \(int\), expected a mapping with v$"),
    8: ("failed", r"^the function returned 'w', which is not among its measures v$"),
    9: ("ok", None),
    10: ("failed", r"^the measure 'v' is '1' \(str\), expected"),
    11: ("diverged", r"^too large$"),
    12: ("failed", r"exit status: 4"),
    13: ("failed", r"^the measure 'v' is inf"),
    14: ("ok", 2.0),
    15: ("failed", r"^the measure 'v' is 1j \(complex\), expected"),
}


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.filterwarnings("ignore:.*trials failed")
def test_whatever_it_does_is_one_trial(here, threads):
    import re

    results = swept(bn.objective(measures=["v"])(bad), space={"x": list(EXPECTED)}, threads=threads)
    found = {row["x"]: row for row in rows(results)}
    for x, (status, expected) in EXPECTED.items():
        assert found[x]["status"] == status, found[x]
        if status == "ok":
            assert found[x]["v"] == expected and found[x]["error"] is None
        else:
            assert re.search(expected, found[x]["error"]), (x, found[x]["error"])


def test_sections_lists_and_words(here):
    @bn.objective(measures=["v"])
    def nested(config, seed):
        assert config["net"]["sizes"] == config["net.sizes"] and config["kind"] in ("a", "b") and config["off"] is None
        return {"v": sum(config["net.sizes"])}

    base = {"net": {"sizes": [1, 2]}, "kind": "a", "off": None}
    results = swept(nested, space={"net.sizes": [[1], [2, 3]], "kind": ["a", "b"]}, base=base)
    assert [row["v"] for row in rows(results)] == [1, 1, 5, 5]


def test_a_module_of_ones_own_and_the_command(here, monkeypatch):
    (here / "mine.py").write_text("import burstnet as bn\n\n@bn.objective(measures=['v'])\ndef f(config, seed):\n    return {'v': config['x']}\n")
    monkeypatch.syspath_prepend(here)
    results = swept(importlib.import_module("mine").f)
    assert [row["v"] for row in rows(results)] == [1, 2, 3]
    path = f"{sys.prefix}/bin:{os.environ['PATH']}"
    again = subprocess.run(["burstnet", "rerun", "r", "--trial", "1", "--allow-command"], env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert again.returncode == 0 and "all bits the same" in again.stdout, again.stderr
    (here / "mine.py").write_text((here / "mine.py").read_text().replace("config['x']", "config['x'] + 1"))
    again = subprocess.run(["burstnet", "rerun", "r", "--trial", "1", "--allow-command"], env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert again.returncode != 0 and "another function" in again.stdout + again.stderr


def test_a_script_that_calls_sweep_at_its_top(here):
    script = """
        import burstnet as bn
        import math
        FACTOR = 3.0
        def helper(x):
            return math.sqrt(x) * FACTOR
        @bn.objective(measures=["v"])
        def model(config, seed):
            return {"v": helper(config["x"])}
        results = bn.sweep(model, space={"x": [1, 4, 9]}, out="r", progress=False)
        print(results.trials.to_polars()["v"].to_list(), results.rerun(trial=2, objective=model).same_bits)
    """
    code, out = run_script(here, script)
    assert code == 0 and "[3.0, 6.0, 9.0] True" in out, out
    path = f"{sys.prefix}/bin:{os.environ['PATH']}"
    again = subprocess.run(["burstnet", "rerun", "r", "--trial", "1", "--allow-command"], env={**os.environ, "PATH": path}, cwd=here, capture_output=True, text=True)
    assert again.returncode != 0 and "a function of another process" in again.stdout + again.stderr


def test_an_interrupted_sweep_of_a_function_goes_on(here):
    script = """
        import burstnet as bn, time
        @bn.objective(measures=["v"])
        def slow(config, seed):
            time.sleep(0.05)
            return {"v": config["x"]}
        try:
            results = bn.sweep(slow, space={"x": bn.integer(1, 100)}, out="r", threads=2, progress=False)
            print("done", len(results.trials))
        except KeyboardInterrupt:
            print("interrupted", len(bn.open("r").trials))
    """
    code, out = run_script(here, script, signals=[("r/journal", signal.SIGINT)])
    assert code == 0 and "interrupted" in out, out
    assert 0 < int(out.split()[-1]) < 100
    code, out = run_script(here, script)
    assert code == 0 and "done 100" in out, out


def test_the_second_signal_ends_at_once_and_leaves_nobody(here):
    script = """
        import burstnet as bn, os, time
        @bn.objective(measures=["v"])
        def slow(config, seed):
            open(f"worker-{os.getpid()}", "w").close()
            if os.path.exists("second"):
                return {"v": config["x"]}
            time.sleep(600)
        try:
            print("done", len(bn.sweep(slow, space={"x": [1, 2, 3]}, out="r", threads=2, progress=False).trials))
        except KeyboardInterrupt:
            print("interrupted")
    """
    import time

    (here / "script.py").write_text(textwrap.dedent(script))
    process = subprocess.Popen([sys.executable, "script.py"], cwd=here, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while len(list(here.glob("worker-*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert process.poll() is None, "trials are running"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and out == "interrupted\n"
    workers = [int(path.name.partition("-")[2]) for path in here.glob("worker-*")]
    while any(os.path.exists(f"/proc/{worker}") for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [worker for worker in workers if os.path.exists(f"/proc/{worker}")]
    (here / "second").touch()
    code, out = run_script(here, script)
    assert code == 0 and "done 3" in out, out
    assert pl.DataFrame(bn.open(here / "r").trials)["status"].to_list() == 3 * ["ok"]


def test_the_worker_answers_by_its_protocol(here):
    worker = subprocess.Popen(
        [sys.executable, "-m", "burstnet._worker", "nowhere:f", "0" * 64], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    request = {"id": 5, "configuration": {}, "seed": 1, "budget": None, "replicate": 0, "dir": None, "state": None}
    out, _ = worker.communicate(json.dumps(request) + "\n")
    assert json.loads(out) == {"id": 5, "failed": "the function could not be loaded: ModuleNotFoundError: No module named 'nowhere'" + json.loads(out)["failed"].partition("'nowhere'")[2]}
    assert worker.returncode == 0
