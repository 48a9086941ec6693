"""Points of scipy's sequences and how evenly its scrambled ones lie: tests/golden/samplers.json, which the tests of
burstnet's own samplers read.

    target/python/bin/python tests/python/sampler_cases.py >tests/golden/samplers.json
"""

import json

import numpy as np
from scipy.stats import qmc

SEEDS = 2000
AXES = 256


def unscrambled(kind, dimensions, rows):
    points = kind(dimensions, scramble=False).random(max(rows) + 1)
    return [{"axes": dimensions, "index": row, "point": points[row].tolist()} for row in rows]


def discrepancy(sampler, kind, n, dimensions):
    """Mean and standard deviation over seeds of the centred L2 discrepancy (Hickernell, Math. Comput. 67, 1998)."""
    found = [qmc.discrepancy(kind(dimensions, rng=seed).random(n), method="CD") for seed in range(SEEDS)]
    return {
        "sampler": sampler, "points": n, "axes": dimensions, "seeds": SEEDS,
        "mean": float(np.mean(found)), "sd": float(np.std(found, ddof=1)),
    }


def main():
    shapes = [(16, 2), (64, 2), (64, 5), (256, 5), (128, 10)]
    kinds = [("sobol", qmc.Sobol), ("halton", qmc.Halton), ("latin_hypercube", qmc.LatinHypercube)]
    sample = [[0.125, 0.75], [0.5, 0.25], [0.875, 0.625]]
    result = {
        "sobol": unscrambled(qmc.Sobol, AXES, [1, 2, 5, 100, 1023]),
        "halton": unscrambled(qmc.Halton, AXES, [1, 2, 5, 100, 1023]),
        "sample": {"points": sample, "discrepancy": float(qmc.discrepancy(np.array(sample), method="CD"))},
        "discrepancy": [discrepancy(name, kind, n, d) for name, kind in kinds for n, d in shapes],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
