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
    assert abs(highest.best["x"] - 2) < 0.2


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
    search = bn.Search(space={"x": [1, 2, 3, 4]}, strategy="grid", objectives=["minimize", "maximize"])
    trials = search.ask(10)
    assert [dict(trial) for trial in trials] == [{"x": 1}, {"x": 2}, {"x": 3}, {"x": 4}] and search.ask() == []
    search.tell(trials[0], [1.0, 2.0])
    search.tell(trials[1], None)
    search.tell(trials[2], [1.0, 3.0])
    search.tell(trials[3], (0.5, 1))
    assert [trial["x"] for trial in search.front] == [3, 4] and search.best is None


@pytest.mark.parametrize("strategy", ["tpe", "random"])
def test_objectives_have_names(strategy):
    search = bn.Search(space={"x": bn.uniform(0, 1)}, strategy=strategy, objectives={"loss": "minimize", "size": "maximize"}, seed=3)
    for _ in range(20):
        [trial] = search.ask()
        search.tell(trial, [trial["x"], trial["x"] ** 2])
    assert len(search.front) == 20
    with pytest.raises(bn.InputError, match=r"size is 'big', expected a number"):
        search.tell(search.ask()[0], [1.0, "big"])
    with pytest.raises(bn.InputError, match="1 values for 2 objectives"):
        search.tell(search.ask()[0], 1.0)


@pytest.mark.parametrize("strategy", ["tpe", "gp", "cmaes", "random"])
def test_bounds_on_measures(here, strategy):
    space = {"x": bn.uniform(0, 1), "y": bn.uniform(0, 1)}
    (here / "p.py").write_text(
        "import json\nc = json.loads(input())['configuration']\n"
        "x, y = c['x'], c['y']\nprint(json.dumps({'measures': {'v': (x - 0.8) ** 2 + y, 'cost': x if x < 0.95 else None}}))"
    )
    search = {"strategy": strategy, "trials": 30, "subject_to": ["cost < 0.6", "0.1 <= cost"], "space": space}
    file = {"seed": 5, "model": {"command": ["python3", "p.py"], "measures": ["v", "cost"]}, "objective": "v", "search": search}
    results = bn.sweep(file, allow_command=True, progress=False)
    swept = pl.DataFrame(results.trials).sort("config_id")
    own, asked = bn.Search(space=space, strategy=strategy, seed=5, trials=30, subject_to=["cost < 0.6", "0.1 <= cost"]), []
    while trials := own.ask(3):
        for trial in reversed(trials):
            asked.append(trial)
            cost = trial["x"] if trial["x"] < 0.95 else [None, float("nan")][trial.number % 2]
            own.tell(trial, (trial["x"] - 0.8) ** 2 + trial["y"], measures={"cost": cost})
    asked.sort(key=lambda trial: trial.number)
    for key in space:
        assert [trial[key] for trial in asked] == swept[key].to_list(), key
    [best] = results.best()
    assert (best["config_id"], best["feasible"]) == (own.best.number, True)
    feasible = pl.DataFrame(results.summary).filter("feasible")
    assert feasible.sort("v_mean")["config_id"][0] == best["config_id"]
    assert feasible["cost_mean"].max() < 0.6 and feasible["cost_mean"].min() >= 0.1


def test_what_is_told_of_bounds_is_checked():
    search = bn.Search(space={"x": bn.uniform(0, 1)}, lag=1, subject_to="cost < 1")
    [trial] = search.ask()
    for measures, told in [
        (None, "'cost' is missing, on which there is a bound"),
        ({}, "'cost' is missing"),
        ({"cots": 1.0}, r"no bound is on the measure 'cots', expected cost \(did you mean 'cost'\?\)"),
        ({"cost": 1.0, "size": 2}, "no bound is on the measure 'size', expected cost"),
        ({"cost": "much"}, "cost is 'much', expected a number, or None"),
        ({"cost": [1.0]}, r"cost is \[1.0\], expected a number"),
        ([1.0], r"measures is \[1.0\], expected a mapping of names to numbers"),
    ]:
        with pytest.raises(bn.InputError, match=told):
            search.tell(trial, 0.5, measures=measures)
    with pytest.raises(bn.InputError, match="value_0 is 'low', expected a number"):
        search.tell(trial, "low", measures={"cost": 0.5})
    assert search.best is None
    search.tell(trial, 0.5, measures={"cost": float("nan")})
    assert search.best is None, "NaN keeps no bound"
    [trial] = search.ask()
    search.tell(trial, None)
    [trial] = search.ask()
    search.tell(trial, 0.7, measures={"cost": 0.2})
    assert search.best is trial
    with pytest.raises(bn.InputError, match="no bound is on the measure 'cost', expected no measures, since there are no bounds"):
        plain = bn.Search(space={"x": [1, 2]}, strategy="grid")
        plain.tell(plain.ask()[0], 1.0, measures={"cost": 1.0})
    for wrong in ["cost", "cost < low", ["cost == 1"], [5], {"cost": 1}, "value_0 < 3"]:
        with pytest.raises(bn.InputError, match="subject_to"):
            bn.Search(space={"x": [1, 2]}, strategy="grid", subject_to=wrong)


def test_it_learns_from_a_table(here):
    rows = "".join(f"{x / 20},{(x / 20 - 0.3) ** 2}\n" for x in range(21))
    (here / "rows.csv").write_text("x,loss\n" + rows)
    search = bn.Search(
        space={"x": bn.uniform(0, 1)}, strategy="gp", lag=1, objectives={"loss": "minimize"}, learn_from="rows.csv"
    )
    assert abs(search.ask()[0]["x"] - 0.3) < 0.05


def test_wrong_searches_are_refused():
    with pytest.raises(bn.InputError, match="tpee"):
        bn.Search(space={"x": [1, 2]}, strategy="tpee")
    with pytest.raises(bn.InputError, match="uniform"):
        bn.Search(space={"x": bn.uniform(2, 1)}, strategy="random")
    with pytest.raises(bn.InputError, match="stopping"):
        bn.Search(space={"x": [1, 2]}, stopping="median")
