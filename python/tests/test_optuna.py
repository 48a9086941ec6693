"""Optuna: results as a study, and back."""

import json
from wsgiref.util import setup_testing_defaults

import optuna
import optuna_dashboard
import polars as pl
import pytest

import burstnet as bn

optuna.logging.set_verbosity(optuna.logging.WARNING)


@pytest.fixture
def results(here):
    (here / "p.py").write_text(
        "import json\nc = json.loads(input())['configuration']\n"
        "v = None if c['k'] == 3 else c['x'] ** 2 + c['k']\nprint(json.dumps({'measures': {'v': v, 'w': c['x']}}))"
    )
    space = {
        "x": bn.uniform(-5, 5), "k": bn.integer(1, 6, step=2), "o": ["a", "b"], "l": [[1, 2], [3]],
        "lr": bn.log_uniform(0.1, 1, when={"o": "a"}),
    }
    file = {
        "seed": 1, "replicates": 2, "model": {"command": ["python3", "p.py"], "measures": ["v", "w"]},
        "objective": [{"measure": "v"}, {"measure": "w", "direction": "maximize"}],
        "search": {"strategy": "random", "trials": 12, "space": space},
    }
    return bn.sweep(file, allow_command=True, progress=False)


def test_a_study_of_results(results, here):
    study = bn.to_optuna(results, storage=f"sqlite:///{here}/study.db")
    summary = pl.DataFrame(results.summary).sort("config_id")
    assert [direction.name for direction in study.directions] == ["MINIMIZE", "MAXIMIZE"]
    assert len(study.trials) == 12
    for trial, row in zip(study.trials, summary.iter_rows(named=True), strict=True):
        assert trial.params["x"] == row["x"] and trial.params["k"] == row["k"]
        assert ("lr" in trial.params) == (trial.params["o"] == "a")
        if row["k"] == 3:
            assert trial.state == optuna.trial.TrialState.FAIL
        else:
            assert trial.values == [row["v_mean"], row["w_mean"]]
    again = optuna.load_study(study_name="sweep", storage=f"sqlite:///{here}/study.db")
    assert again.best_trials and again.metric_names == ["v", "w"]


def test_the_dashboard_shows_the_study(results, here):
    study = bn.to_optuna(results, storage=f"sqlite:///{here}/study.db")
    application = optuna_dashboard.wsgi(study._storage)

    def get(path):
        request, statuses = {}, []
        setup_testing_defaults(request)
        request["PATH_INFO"] = path
        body = b"".join(application(request, lambda status, *_: statuses.append(status)))
        assert statuses == ["200 OK"], path
        return body.decode()

    assert "Optuna Dashboard" in get("/dashboard/")
    (shown,) = json.loads(get("/api/studies"))["study_summaries"]
    assert (shown["study_name"], shown["directions"]) == ("sweep", ["minimize", "maximize"])
    shown = json.loads(get(f"/api/studies/{shown['study_id']}"))
    assert len(shown["trials"]) == 12 and shown["best_trials"]
    assert {param["name"] for param in shown["union_search_space"]} == {"x", "k", "o", "l", "lr"}


def test_configurations_of_a_study(here):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(lambda trial: trial.suggest_float("x", -5, 5) ** 2 + trial.suggest_int("k", 1, 3), n_trials=4)
    rows = bn.from_optuna(study, "rows.csv")
    assert rows == [trial.params for trial in study.trials]
    search = bn.Search(space={"x": bn.uniform(-5, 5), "k": bn.integer(1, 3)}, strategy="random", include=rows, trials=8)
    assert [dict(trial) for trial in search.ask(4)] == rows
    model = {"command": ["python3", "p.py"], "measures": ["v"]}
    assert bn.plan({"model": model, "search": {"strategy": "table", "table": "rows.csv"}})["trials"] == 4
