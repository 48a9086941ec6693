"""Optuna's and scikit-learn's importances of the keys of a table."""

import math
import warnings

import numpy as np
import optuna
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance

from functions import WORDS

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")

NAMES = {
    "fanova": "Optuna fANOVA",
    "ped": "Optuna PED-ANOVA",
    "impurity": "scikit-learn, impurity",
    "permutation": "scikit-learn, permutation",
}


def study_of(keys: list[str], rows: list) -> optuna.Study:
    study = optuna.create_study()
    for values, value in rows:
        held = {key: x for key, x in zip(keys, values) if x is not None}
        spread = {
            key: optuna.distributions.CategoricalDistribution(WORDS)
            if isinstance(x, str)
            else optuna.distributions.FloatDistribution(0.0, 1.0)
            for key, x in held.items()
        }
        study.add_trial(optuna.create_trial(params=held, distributions=spread, value=value))
    return study


def optunas(keys: list[str], rows: list, seed: int) -> dict[str, dict[str, float]]:
    """Both of Optuna's. They leave out keys that some configurations do not have, which count as 0."""
    study = study_of(keys, rows)
    evaluators = {"fanova": FanovaImportanceEvaluator(seed=seed), "ped": PedAnovaImportanceEvaluator()}
    found = {}
    for name, evaluator in evaluators.items():
        shares = evaluator.evaluate(study)
        found[name] = {key: finite(shares.get(key, 0.0)) for key in keys}
    return found


def forests(keys: list[str], rows: list, seed: int) -> dict[str, dict[str, float]]:
    """Both of scikit-learn's. Words are numbers, and keys that do not exist are in the middle of their range."""
    number = lambda x: 0.5 if x is None else float(WORDS.index(x)) if isinstance(x, str) else x  # noqa: E731
    x = np.array([[number(x) for x in values] for values, _ in rows])
    y = np.array([value for _, value in rows])
    forest = RandomForestRegressor(random_state=seed).fit(x, y)
    permuted = permutation_importance(forest, x, y, n_repeats=5, random_state=seed).importances_mean
    return {
        "impurity": dict(zip(keys, map(finite, forest.feature_importances_))),
        "permutation": dict(zip(keys, map(finite, permuted))),
    }


def finite(x: float) -> float:
    return float(x) if math.isfinite(x) else 0.0


def all_of(keys: list[str], rows: list, seed: int) -> dict[str, dict[str, float]]:
    return optunas(keys, rows, seed) | forests(keys, rows, seed)
