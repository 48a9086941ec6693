"""plan.json, provenance.json, sweep.yaml and inputs/: where results come from."""

import datetime
import json
import re

import blake3
import pandas as pd
import pytest

import sweeps


def plan_of(results):
    return json.loads((results / "plan.json").read_text())


def runs_of(results):
    return json.loads((results / "provenance.json").read_text())


def test_the_plan_holds_the_sweep(types_sweep):
    plan = plan_of(types_sweep)
    got = {key: plan[key] for key in ["name", "seed", "replicates", "strategy", "objective", "inputs"]}
    assert got == {
        "name": "types",
        "seed": 7,
        "replicates": 2,
        "strategy": {"name": "grid"},
        "objective": {"measure": "test_mae", "direction": "minimize"},
        "inputs": [],
    }
    assert isinstance(plan["bits"], int) and isinstance(plan["format"], int)
    assert plan["measures"] == sweeps.measures("types")
    space = {dimension["key"]: dimension["domain"]["values"] for dimension in plan["space"]}
    assert space == {
        "network.layers": [[12, 8, 3], [12, 8, 5, 3]],
        "learning_rate.output": [0.0, 0.2],
        "training.epochs": [2, 3],
        "plasticity.hidden_rule": ["burst_probability", "burst_rate"],
        "evaluation.generation": [False, True],
        "evaluation.curve_window": ["epoch", 40],
    }


def test_the_plan_holds_every_key(any_sweep, burstnet, tmp_path):
    """Also those that the sweep file leaves at their defaults."""
    schema = json.loads(burstnet("schema", cwd=tmp_path).stdout)
    sections = schema["else"]["properties"]["base"]["properties"]
    keys = {f"{section}.{key}" for section, held in sections.items() for key in held.get("properties", {})}
    base = plan_of(any_sweep)["base"]
    assert set(base) >= keys and "training.engine" in base
    assert base["signals.length"] == 120 and base["network.weight_range"] == 0.1


def test_the_plan_is_that_after_set(diverging_sweep):
    assert plan_of(diverging_sweep)["base"]["training.epochs"] == 3
    assert (diverging_sweep / "sweep.yaml").read_text() == sweeps.DIVERGING, "sweep.yaml is the file as given"
    assert runs_of(diverging_sweep)[0]["command_line"][-2:] == ["--set", "training.epochs=3"]


def test_inputs_are_copied(lists_sweep):
    inputs = plan_of(lists_sweep)["inputs"]
    assert [(held["key"], held["given"]) for held in inputs] == [("network.initial_weights", "weights")]
    copies = lists_sweep / "inputs" / inputs[0]["stored"]
    names = [f"{kind}_{m}.npy" for kind, layers in [("W", 3), ("Y", 2), ("b", 3)] for m in range(layers)]
    assert sorted(held["name"] for held in inputs[0]["files"]) == names
    for held in inputs[0]["files"]:
        copy = (copies / held["name"]).read_bytes()
        assert copy == (lists_sweep.parents[1] / "weights" / held["name"]).read_bytes(), held["name"]
        assert held["bytes"] == len(copy), held["name"]
        assert held["blake3"] == blake3.blake3(copy).hexdigest(), held["name"]


def test_provenance(any_sweep):
    (run,) = runs_of(any_sweep)
    name = any_sweep.name
    assert list(run) == ["version", "git_commit", "command_line", "host", "process", "processor", "toolchain", "start", "end"]
    assert run["command_line"][1:5] == ["sweep", f"{name}.yaml", "--threads", "2"]
    assert run["git_commit"] is None or re.fullmatch("[0-9a-f]{40}.*", run["git_commit"])
    assert run["host"] and run["processor"] != "" and run["toolchain"].startswith("rustc ")
    start, end = (datetime.datetime.strptime(run[at], "%Y-%m-%dT%H:%M:%SZ") for at in ["start", "end"])
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    assert start <= end <= now and now - start < datetime.timedelta(hours=1)


def test_every_run_that_contributes_is_listed(make_sweep, burstnet):
    """A sweep that goes on adds an entry, and changes no bit of what is there."""
    results = make_sweep("twice", sweeps.TYPES.replace("name: types", "name: twice"))
    tables = [results / f"{table}.parquet" for table in ["trials", "curves", "summary", "timings"]]
    before, plan = [table.read_bytes() for table in tables], (results / "plan.json").read_bytes()
    burstnet("sweep", "twice.yaml", cwd=results.parents[1])
    assert [run["command_line"][1:] for run in runs_of(results)] == [
        ["sweep", "twice.yaml", "--threads", "2"],
        ["sweep", "twice.yaml"],
    ]
    assert [table.read_bytes() for table in tables] == before
    assert (results / "plan.json").read_bytes() == plan


def test_timings(any_sweep):
    timings = pd.read_parquet(any_sweep / "timings.parquet")
    trials = pd.read_parquet(any_sweep / "trials.parquet")
    assert timings.trial_id.to_list() == trials.trial_id.to_list()
    assert timings.wall_seconds.gt(0).all() and timings.wall_seconds.lt(60).all()
    assert set(timings.thread) <= {0, 1}, "two threads, counted from 0"
    assert timings.host.to_list() == [runs_of(any_sweep)[0]["host"]] * len(trials)


@pytest.mark.parametrize("replicate", [0, 1])
def test_a_run_with_the_seed_of_a_trial_gives_its_bits(run_json, types_sweep, tmp_path, replicate):
    trial = pd.read_parquet(types_sweep / "trials.parquet").loc[replicate]
    config = "network: {layers: [12, 8, 3]}\nteaching: {target_fraction: 0.1}\nsignals: {length: 120}\n"
    config += "learning_rate: {output: 0}\ntraining: {epochs: 2}\n"
    got = run_json(config, "--seed", trial.seed, cwd=tmp_path)
    assert {name: got[name] for name in ["digest", "train_loss", "test_mae", "alignment_deg_0"]} == {
        name: trial[name] for name in ["digest", "train_loss", "test_mae", "alignment_deg_0"]
    }
