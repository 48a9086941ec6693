"""Results as studies of Optuna, and its studies as configurations."""

from __future__ import annotations

import csv
import json
import warnings
from os import PathLike
from typing import TYPE_CHECKING, Any

from burstnet.results import Results

if TYPE_CHECKING:
    import optuna

__all__ = ["from_optuna", "to_optuna"]


def to_optuna(
    results: Results, *, storage: str | optuna.storages.BaseStorage | None = None, name: str | None = None
) -> optuna.Study:
    """Return the results as a study of Optuna, one trial for each configuration, whose values are means over replicates.

    With a `storage` such as ``"sqlite:///study.db"`` the study stays, and ``optuna-dashboard`` opens it. Configurations of
    which trials failed, diverged or are missing are failed trials there, and those that were stopped are left out.
    """
    import optuna

    plan = results.plan
    goals = [plan["objective"], *plan.get("further_objectives", [])]
    study = optuna.create_study(
        study_name=name or plan["name"], storage=storage, directions=[goal["direction"] for goal in goals]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.set_metric_names([goal["measure"] for goal in goals])
    configurations: dict[int, dict[str, Any]] = {}
    values: dict[int, list[float | None]] = {}
    for goal in goals:
        for one in results.analysis(measure=goal["measure"], top=1 << 40)["ranked"]:
            configurations.setdefault(one["config_id"], one)
            complete = one["n"] >= (plan.get("adaptive") or {"from": plan["replicates"]})["from"]
            values.setdefault(one["config_id"], []).append(one["summary"]["mean"] if complete else None)
    axes = list(enumerate(plan["space"]))
    spaces = {at: _distribution(axis, [one["values"][at] for one in configurations.values()]) for at, axis in axes}
    keys = [axis["key"] for axis in plan["space"]]
    for config_id, one in sorted(configurations.items()):
        held = {at: _plain(value) for at, value in enumerate(one["values"]) if value is not None}
        means = values[config_id]
        complete = [mean for mean in means if mean is not None]
        is_complete = len(complete) == len(goals)
        study.add_trial(
            optuna.trial.create_trial(
                state=optuna.trial.TrialState.COMPLETE if is_complete else optuna.trial.TrialState.FAIL,
                values=complete if is_complete else None,
                params={keys[at]: value for at, value in held.items()},
                distributions={keys[at]: spaces[at] for at in held},
                user_attrs={"config_id": config_id, "replicates": one["n"]},
            )
        )
    return study


def _distribution(axis: dict[str, Any], values: list[Any]) -> optuna.distributions.BaseDistribution:
    """Return the domain of a key as Optuna has it."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    (kind, domain), *_ = axis["domain"].items()
    if "ratio_of" not in axis:
        if kind in ("uniform", "log_uniform"):
            return FloatDistribution(domain["low"], domain["high"], log=kind == "log_uniform")
        if kind == "int":
            step = domain.get("step") or 1
            return IntDistribution(domain["low"], domain["high"] - (domain["high"] - domain["low"]) % step, step=step)
    elif values and all(isinstance(value, int | float) for value in values if value is not None):
        held = [float(value) for value in values if value is not None]
        return FloatDistribution(min(held), max(held))
    listed = domain if kind == "values" else values
    return CategoricalDistribution(list(dict.fromkeys(_plain(value) for value in listed if value is not None)))


def _plain(value: Any) -> Any:
    """Return a value as Optuna can hold it: lists as JSON."""
    return json.dumps(value) if isinstance(value, list) else value


def from_optuna(study: optuna.Study, path: str | PathLike[str] | None = None) -> list[dict[str, Any]]:
    """Return the configurations of a study of Optuna, each a mapping of keys to values, in the order of its trials.

    They can be the `include` of a search. With `path` they are also written as CSV, for ``strategy: table``.
    """
    rows = [dict(trial.params) for trial in study.get_trials(deepcopy=False) if trial.params]
    keys = list(dict.fromkeys(key for row in rows for key in row))
    if path is not None:
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, keys, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return rows
