"""Fixed data and what scipy, statsmodels and NumPy make of them: tests/golden/statistics.json, which the tests of
burstnet's own statistics read.

    target/python/bin/python tests/python/statistics_cases.py >tests/golden/statistics.json
"""

import itertools
import json
import math

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import integrate, linalg, stats
from statsmodels.stats.anova import AnovaRM


def largest_difference(count, z):
    """The probability that the range of `count` standard normal variables is above √2 z, and the largest difference from
    the first of them (Dunnett)."""

    def from_one(u):
        return stats.norm.pdf(u) * -np.expm1((count - 1) * np.log1p(-stats.norm.sf(u + 2**0.5 * z) - stats.norm.cdf(u - 2**0.5 * z)))

    one = integrate.quad(from_one, -12, 12, epsabs=1e-13, epsrel=1e-12, limit=500)[0]
    return [count, z, float(stats.studentized_range.sf(2**0.5 * z, count, np.inf)), float(one)]


def t_interval(values):
    found = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    return [float(found.low), float(found.high)]


def t_test(found, difference):
    """Difference, t, degrees of freedom, p and 95 % interval of a test of scipy."""
    ends = found.confidence_interval(0.95)
    return [float(x) for x in (difference, found.statistic, found.df, found.pvalue, ends.low, ends.high)]


def within_interval(means):
    """Cousineau's interval with Morey's correction. Rows are replicates, columns the levels of a key."""
    left = means.sub(means.mean(axis=1), axis=0)
    width = np.sqrt(means.shape[1] / (means.shape[1] - 1))
    halves = left.apply(lambda one: width * stats.sem(one) * stats.t.ppf(0.975, len(one) - 1))
    return {level: [mean - halves[level], mean + halves[level]] for level, mean in means.mean().items()}


def concordance(rows):
    """Rows are configurations, columns replicates."""
    table = np.array(rows)
    configurations, replicates = table.shape
    if configurations > 2:
        chi_squared, p = stats.friedmanchisquare(*table)
    else:
        ranks = np.apply_along_axis(stats.rankdata, 0, table)
        chi_squared = 12 * replicates * ((ranks.mean(axis=1) - 1.5) ** 2).sum() / (2 * 3)
        p = stats.chi2.sf(chi_squared, 1)
    pairs = itertools.combinations(range(replicates), 2)
    spearman = [stats.spearmanr(table[:, a], table[:, b]).statistic for a, b in pairs]
    return {
        "kendall_w": float(chi_squared / (replicates * (configurations - 1))),
        "chi_squared": float(chi_squared),
        "p": float(p),
        "mean_spearman": float(np.mean(spearman)),
    }


def noise(rows):
    table = pd.DataFrame(rows).stack().rename_axis(["c", "r"]).rename("y").reset_index()
    squares = sm.stats.anova_lm(smf.ols("y ~ C(c) + C(r)", table).fit())["sum_sq"]
    return [float(squares[name] / squares.sum()) for name in ("C(c)", "C(r)", "Residual")]


def grid_shares(means):
    """Shares of variance per key and pair of an array with an axis per key."""
    means = np.asarray(means)
    axes = range(means.ndim)

    def projection(keys):
        return means.mean(axis=tuple(axis for axis in axes if axis not in keys), keepdims=True)

    alone = {axis: projection({axis}) - means.mean() for axis in axes}
    keys = [float((alone[axis] ** 2).mean() / means.var()) for axis in axes]
    pairs = {
        (a, b): float(((projection({a, b}) - alone[a] - alone[b] - means.mean()) ** 2).mean() / means.var())
        for a, b in itertools.combinations(axes, 2)
    }
    return keys, pairs


def repeated_measures(levels, rows):
    """F and p of each key and pair of a grid by statsmodels, ε from the covariance of orthonormal contrasts, and p with it.
    Rows are the cells of the grid in its order, columns replicates."""
    values = np.asarray(rows)
    names = [f"k{key}" for key in range(len(levels))]
    places = pd.MultiIndex.from_product([range(count) for count in levels], names=names)
    table = pd.DataFrame(values, index=places).rename_axis(columns="replicate").stack().rename("y").reset_index()
    found = AnovaRM(table, "y", "replicate", within=names).fit().anova_table
    effects = []
    for size in (1, 2):
        for keys in itertools.combinations(range(len(levels)), size):
            row = found.loc[":".join(names[key] for key in keys)]
            contrasts = np.ones((1, 1))
            for key, count in enumerate(levels):
                alone = linalg.helmert(count) if key in keys else np.ones((1, count)) / count**0.5
                contrasts = np.kron(contrasts, alone)
            covariance = np.atleast_2d(np.cov(contrasts @ values))
            freedom = len(contrasts)
            epsilon = np.trace(covariance) ** 2 / (freedom * np.trace(covariance @ covariance))
            corrected = stats.f.sf(row["F Value"], epsilon * freedom, epsilon * freedom * (values.shape[1] - 1))
            figures = {"f": row["F Value"], "uncorrected": row["Pr > F"], "epsilon": epsilon, "p": corrected}
            effects.append({"keys": list(keys), **{name: float(x) for name, x in figures.items()}})
    return effects


def bootstrap(values):
    """Ends of the BCa interval by 9999 resamples: their means and standard deviations over ten seeds."""
    ends = [
        stats.bootstrap((values,), np.mean, n_resamples=9999, method="BCa", random_state=seed).confidence_interval
        for seed in range(10)
    ]
    return {"mean": np.mean(ends, axis=0).tolist(), "sd": np.std(ends, axis=0, ddof=1).tolist()}


def round_all(values, digits):
    return [round(float(x), digits) for x in values]


def cases():
    rng = np.random.default_rng(2017)
    samples = [
        [4.0, 1.0, 3.0, 2.0],
        [0.1, 0.2],
        [1e-12, 3e-12, 2e-12, 9e-12],
        [1e9 + 1, 1e9 + 2, 1e9 + 4],
        *(round_all(rng.lognormal(size=n), 6) for n in (3, 8, 30, 200)),
    ]
    tables = [
        [[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]],
        rng.normal(size=(2, 9)).round(6).tolist(),
        (rng.normal(size=(6, 1)) + rng.normal(size=(6, 8))).round(6).tolist(),
        (rng.normal(size=(9, 1)) + 0.5 * rng.normal(size=(9, 5))).round(0).tolist(),  # ties
        rng.lognormal(size=(40, 12)).round(4).tolist(),
    ]
    grids = [
        rng.normal(size=(3, 4)),
        rng.normal(size=(2, 3, 4)) + np.arange(4) + np.arange(3)[:, None] * np.arange(4),
        rng.lognormal(size=(3, 1, 2, 5)),
        rng.normal(size=(2,) * 12),
    ]
    blocks = [
        ([4], rng.normal(size=(4, 6)) + np.arange(4)[:, None]),
        ([3, 4], rng.normal(size=(12, 2)) + rng.normal(size=2)),
        ([2, 3], rng.normal(size=(6, 3)) * np.arange(1, 7)[:, None]),
        ([3, 3], 1e3 + rng.normal(size=(9, 8)).cumsum(axis=0)),
        ([2, 3, 4], rng.lognormal(size=(24, 5)) + np.arange(24)[:, None] // 12),
        ([12, 5], rng.normal(size=(60, 20)) + np.sin(np.arange(60))[:, None]),
    ]
    found = {
        "t_quantile": [[f, float(stats.t.ppf(0.975, f))] for f in [*range(1, 60), 99, 499, 999, 9999, 999_999]],
        "normal_above": [[z, float(stats.norm.sf(z))] for z in [0.0, 0.1, 0.5, 1.0, 1.96, 2.5, 3.3, 5.0, 8.0]],
        "chi_squared_above": [
            [f, x, float(stats.chi2.sf(x, f))] for f in (1, 2, 3, 10, 99, 999) for x in (0.1 * f, f, 1.5 * f, 3.0 * f)
        ],
        "f_above": [
            [a, b, f, float(stats.f.sf(f, a, b))]
            for a, b in ((1, 1), (1, 7), (1.5, 3.0), (2.7, 18.9), (12, 84), (99, 693), (40, 9960))
            for f in (0.1, 1.0, 2.5, 30.0, 1e4)
        ],
        "t_interval": [{"values": v, "interval": t_interval(v)} for v in samples],
        "t_paired": [
            {"differences": v, "test": t_test(stats.ttest_1samp(v, 0.0), np.mean(v))}
            for v in [[-x if at % 3 == 0 else x for at, x in enumerate(v)] for v in samples]
        ],
        "t_welch": [
            {"values": a, "others": b, "test": t_test(stats.ttest_ind(a, b, equal_var=False), np.mean(a) - np.mean(b))}
            for a, b in [(samples[0], samples[1]), (samples[4], samples[5]), (samples[7], samples[6]), ([1.0, 1.0], samples[0])]
        ],
        "largest_difference": [
            largest_difference(count, z) for count in (2, 3, 8, 80, 1000) for z in (0.5, 1.96, 3.0, 4.0)
        ],
        "concordance": [{"rows": rows, **concordance(rows)} for rows in tables],
        "noise": [{"rows": rows, "shares": noise(rows)} for rows in tables],
        "grid": [],
        "repeated_measures": [],
        "bootstrap": [{"values": v, **bootstrap(v)} for v in samples[4:7]],
    }
    for means in grids:
        means = means.round(6)
        keys, pairs = grid_shares(means)
        case = {"levels": list(means.shape), "means": means.ravel().tolist(), "keys": keys, "pairs": list(pairs.values())}
        found["grid"].append(case)
    for levels, rows in blocks:
        rows = rows.round(6).tolist()
        found["repeated_measures"].append({"levels": levels, "rows": rows, "effects": repeated_measures(levels, rows)})
    return found


def differences_between(a, b, path="", tolerance=1e-9):
    """Where two trees of lists, objects and numbers differ by more than rounding."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        return [found for key in a for found in differences_between(a[key], b[key], f"{path}.{key}", tolerance)]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = enumerate(zip(a, b))
        return [found for at, (x, y) in pairs for found in differences_between(x, y, f"{path}[{at}]", tolerance)]
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        same = math.isclose(a, b, rel_tol=tolerance, abs_tol=1e-12)
        return [] if same else [f"{path}: {a!r} and {b!r}"]
    return [f"{path}: {str(a)[:50]} and {str(b)[:50]}"]


if __name__ == "__main__":
    print(json.dumps(cases(), indent=None, separators=(",", ":")))
