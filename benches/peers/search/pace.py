"""Whether a lag of L finds values as good as rounds of 2 L do, with as many trials; `run --pace` starts it.

A lag of L hides the results of L − 1 configurations from each proposal, rounds of 2 L those of L − 0.5 on average.
"""

from concurrent.futures import ProcessPoolExecutor
from statistics import median

import tables
from scipy.stats import mannwhitneyu, wilcoxon

LAGS = (4, 8, 16)
METHODS = ("tpe", "cmaes")


def course(job: tuple) -> float:
    task, method, pace, seed, make, options = job
    return make(task, options).burstnet(method, options["trials"], pace, seed)[-1]


def run(tasks: list[str], seeds: list[int], processes: int, make, options: dict) -> str:
    """A row per task, method and lag: the medians of the last best values, and whether the two differ on the same seeds."""
    lines = [tables.row(["Task", "Method", "L", "Lag L", "Rounds of 2 L", "lag better", "p, pairs", "p, ranks"])]
    lines.append(tables.row(["---"] * 8))
    with ProcessPoolExecutor(processes) as pool:
        for task in tasks:
            for method in METHODS:
                for lag in LAGS:
                    jobs = [(task, method, pace, s, make, options) for pace in (f"lag:{lag}", 2 * lag) for s in seeds]
                    values = list(pool.map(course, jobs))
                    lags, rounds = values[: len(seeds)], values[len(seeds) :]
                    better = sum(a < b for a, b in zip(lags, rounds)), sum(a != b for a, b in zip(lags, rounds))
                    least = make(task, options).least
                    cells = [task, method, str(lag), f"{median(lags) - least:.3g}", f"{median(rounds) - least:.3g}"]
                    p = wilcoxon(lags, rounds).pvalue, mannwhitneyu(lags, rounds).pvalue
                    lines.append(tables.row([*cells, f"{better[0]} of {better[1]}", *(f"{one:.2f}" for one in p)]))
    return "\n".join(lines)
