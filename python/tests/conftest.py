"""Fixtures of the package's tests. They run on the installed wheel: nothing here is imported from the sources."""

import pathlib

import pytest

import burstnet as bn

ROOT = pathlib.Path(__file__).resolve().parents[2]

SMALL = {"network": {"layers": [8, 6, 3]}, "signals": {"length": 60}, "training": {"epochs": 3}}
GRID = {"name": "small", "seed": 3, "replicates": 2, "base": SMALL, "search": {"space": {"feedback.density": [0.5, 1.0]}}}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """The results of a small sweep of the network, which no test changes."""
    return bn.sweep(GRID, out=tmp_path_factory.mktemp("small") / "results", threads=2, progress=False)


@pytest.fixture(autouse=True)
def doctest_folder(request, tmp_path, monkeypatch):
    """Doctests run in an empty folder of their own."""
    if request.node.__class__.__name__ == "DoctestItem":
        monkeypatch.chdir(tmp_path)
