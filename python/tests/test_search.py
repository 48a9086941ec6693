"""Ask and tell: the same proposals as a sweep."""

import polars as pl
import pytest

import burstnet as bn

SPACE = {"x": bn.uniform(-5, 5), "k": bn.integer(1, 9), "o": bn.choice(["a", "b"]), "y": bn.log_uniform(0.1, 10, when={"o": "a"})}


def loss(values):
    return (values["x"] - 2) ** 2 + 0.1 * values["k"] + (values["y"] or 1)


@pytest.mark.parametrize("strategy", ["tpe", "gp", "cmaes", "random", "sobol", "halton", "latin_hypercube"])
def test_a_search_is_that_of_a_sweep(here, strategy):
    space = {key: domain for key, domain in SPACE.items() if strategy != "cmaes" or key in ("x", "k")}
    (here / "p.py").write_text(
        "import json\nc = json.loads(input())['configuration']\n"
        "v = (c['x'] - 2) ** 2 + 0.1 * c['k'] + (c.get('y') or 1)\nprint(json.dumps({'measures': {'v': v}}))"
    )
    search = {"strategy": strategy, "trials": 24, "space": space}
    file = {"seed": 5, "model": {"command": ["python3", "p.py"], "measures": ["v"]}, "search": search}
    swept = pl.DataFrame(bn.sweep(file, allow_command=True, progress=False).trials).sort("config_id")
    own, asked = bn.Search(space=space, strategy=strategy, seed=5, trials=24), []
    while trials := own.ask(5):
        for trial in reversed(trials):  # in whichever order they end
            asked.append(trial)
            own.tell(trial, loss({"y": None, **trial}))
    asked.sort(key=lambda trial: trial.number)
    assert [trial.number for trial in asked] == list(swept["config_id"])
    for key in space:
        assert [trial[key] for trial in asked] == swept[key].to_list(), key
    assert own.best["x"] == swept.sort("v")["x"][0]


def test_it_finds_the_best():
    search = bn.Search(space={"x": bn.uniform(-5, 5)}, strategy="tpe", seed=1, direction="minimize")
    for _ in range(8):
        for trial in search.ask(8):
            search.tell(trial, (trial["x"] - 2) ** 2)
    assert abs(search.best["x"] - 2) < 0.2
    highest = bn.Search(space={"x": bn.uniform(-5, 5)}, strategy="tpe", seed=1, direction="maximize")
    for _ in range(8):
        for trial in highest.ask(8):
            highest.tell(trial.number, -((trial["x"] - 2) ** 2))
    assert highest.best is None, "numbers alone do not say the values"


def test_it_waits_for_what_it_depends_on():
    search = bn.Search(space={"x": bn.uniform(-5, 5)}, round=4)
    trials = search.ask(10)
    assert [trial.number for trial in trials] == [0, 1, 2, 3]
    with pytest.raises(bn.InputError, match="of which 4 are missing"):
        search.ask()
    search.tell(trials[0], 1.0)
    with pytest.raises(bn.InputError, match="trial 0 waits for no result"):
        search.tell(trials[0], 1.0)
    with pytest.raises(bn.InputError, match="2 values for 1 objectives"):
        search.tell(trials[1], [1.0, 2.0])
    search.tell(trials[1], None)
    search.tell(trials[2], float("nan"))
    search.tell(trials[3], 2)
    assert [trial.number for trial in search.ask(2)] == [4, 5]


def test_several_objectives_and_the_end():
    search = bn.Search(space={"x": [1, 2, 3]}, strategy="grid", objectives=["minimize", "maximize"])
    trials = search.ask(10)
    assert [dict(trial) for trial in trials] == [{"x": 1}, {"x": 2}, {"x": 3}] and search.ask() == []
    search.tell(trials[0], [1.0, 2.0])
    search.tell(trials[1], None)


def test_wrong_searches_are_refused():
    with pytest.raises(bn.InputError, match="tpee"):
        bn.Search(space={"x": [1, 2]}, strategy="tpee")
    with pytest.raises(bn.InputError, match="uniform"):
        bn.Search(space={"x": bn.uniform(2, 1)}, strategy="random")
    with pytest.raises(bn.InputError, match="stopping"):
        bn.Search(space={"x": [1, 2]}, stopping="median")
