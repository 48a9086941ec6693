"""Runs of the command that the tests share."""

import json
import os
import subprocess
from pathlib import Path

import pytest

import sweeps

HERE = Path(__file__).resolve().parent


def repository():
    """The root of the repository whose files are tested."""
    return Path(os.environ.get("BURSTNET_ROOT") or HERE.parent.parent)


@pytest.fixture(scope="session")
def root():
    return repository()


@pytest.fixture(scope="session")
def binary():
    path = os.environ.get("BURSTNET")
    assert path, "BURSTNET is not set: start these tests with tests/python/run BINARY"
    return path


@pytest.fixture(scope="session")
def burstnet(binary):
    """A function that runs the command and checks its exit code."""

    def run(*arguments, cwd, expect=0, timeout=120):
        command = [binary, *map(str, arguments)]
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False)
        shown = f"{' '.join(command)}\nstandard output:\n{done.stdout}\nstandard error:\n{done.stderr}"
        assert done.returncode == expect, f"exit code {done.returncode}, expected {expect}: {shown}"
        return done

    return run


@pytest.fixture(scope="session")
def run_json(burstnet):
    """A function that trains once and returns what --json printed."""

    def run(config, *arguments, cwd):
        (cwd / "run.yaml").write_text(config)
        return json.loads(burstnet("run", "run.yaml", "--json", *arguments, cwd=cwd).stdout)

    return run


@pytest.fixture(scope="session", params=["fast", "reference"])
def engine(request):
    """Either engine."""
    return request.param


@pytest.fixture(scope="session")
def rounding(engine):
    """How far numbers may be off that are recomputed in float64 from what the engine left in its own precision."""
    return {"fast": 1e-5, "reference": 1e-9}[engine]


@pytest.fixture(scope="session")
def traced_run(run_json, tmp_path_factory, engine):
    """A run with trace.parquet and the folder weights; its folder, and what --json printed."""
    folder = tmp_path_factory.mktemp("traced")
    outputs = ["--trace", "trace.parquet", "--save-weights", "weights"]
    return folder, run_json(sweeps.TRACED_RUN, "--seed", 11, "--engine", engine, *outputs, cwd=folder)


@pytest.fixture(scope="session")
def make_sweep(burstnet, tmp_path_factory):
    """A function that runs the sweep of a text and returns its results directory."""

    def make(name, text, *arguments, prepare=None, expect=0):
        folder = tmp_path_factory.mktemp(name)
        (folder / f"{name}.yaml").write_text(text)
        if prepare:
            prepare(folder)
        burstnet("sweep", f"{name}.yaml", "--threads", 2, *arguments, cwd=folder, expect=expect)
        return folder / "results" / name

    return make


@pytest.fixture(scope="session")
def types_sweep(make_sweep):
    return make_sweep("types", sweeps.TYPES)


@pytest.fixture(scope="session")
def lists_sweep(make_sweep, burstnet):
    def save_weights(folder):
        (folder / "small.yaml").write_text(sweeps.SMALL_DEEP_RUN)
        burstnet("run", "small.yaml", "--seed", 5, "--save-weights", "weights", cwd=folder)

    return make_sweep("lists", sweeps.LISTS, prepare=save_weights)


@pytest.fixture(scope="session")
def diverging_sweep(make_sweep):
    return make_sweep("diverging", sweeps.DIVERGING, "--set", "training.epochs=3")


@pytest.fixture(scope="session", params=["types", "lists", "diverging"])
def any_sweep(request):
    """Each of the sweeps."""
    return request.getfixturevalue(f"{request.param}_sweep")
