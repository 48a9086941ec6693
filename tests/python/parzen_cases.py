"""What Optuna's Parzen estimator makes of fixed observations: tests/golden/parzen.json, which the tests of burstnet's own
read. Needs optuna 5.0.0, which nothing else does.

    python tests/python/parzen_cases.py >tests/golden/parzen.json
"""

import json

import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights

LEVELS, CHOICES = 150, 3
SPACE = {
    "range": FloatDistribution(0.0, 1.0),
    "ordered": IntDistribution(0, LEVELS - 1),
    "unordered": CategoricalDistribution(list(range(CHOICES))),
}
PARAMETERS = _ParzenEstimatorParameters(
    prior_weight=1.0, consider_magic_clip=True, consider_endpoints=False, weights=default_weights, multivariate=True
)


def draws(generator, count):
    """No level twice: which of two equal numbers numpy sorts first, and so which bandwidth each gets, is its own affair."""
    return {
        "range": generator.random(count),
        "ordered": generator.permutation(LEVELS)[:count].astype(float),
        "unordered": generator.integers(0, CHOICES, count).astype(float),
    }


def in_cube(values):
    """The coordinates: that of one of n values is the middle of its n-th part."""
    ordered, unordered = (values["ordered"] + 0.5) / LEVELS, (values["unordered"] + 0.5) / CHOICES
    return np.column_stack([values["range"], ordered, unordered]).tolist()


def case(generator, count):
    observed, asked = draws(generator, count), draws(generator, 6)
    estimator = _ParzenEstimator(observed, SPACE, PARAMETERS)
    return {"observed": in_cube(observed), "asked": in_cube(asked), "log_density": estimator.log_pdf(asked).tolist()}


def main():
    generator = np.random.default_rng(2017)
    cases = [case(generator, count) for count in (0, 1, 2, 5, 30, 120)]
    print(json.dumps({"levels": LEVELS, "choices": CHOICES, "cases": cases}))


if __name__ == "__main__":
    main()
