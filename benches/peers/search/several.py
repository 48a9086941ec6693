"""How much of the space is dominated after so many trials with several objectives; `run --several` starts it.

The measure is the hypervolume between what was found and a reference point, as a part of that of the true front.
"""

import json
import math
import statistics
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import optuna
from scipy.stats import mannwhitneyu
from test_functions import branin

import tables

AFTER = [50, 100, 200]
BURSTNET = ["gp", "tpe", "random"]
#: Optuna's by name.
OPTUNA = {
    "TPE": lambda seed: optuna.samplers.TPESampler(multivariate=True, seed=seed),
    "NSGA-II": lambda seed: optuna.samplers.NSGAIISampler(seed=seed),
}


def zdt1(x: list[float]) -> tuple[float, ...]:
    g = 1 + 9 * sum(x[1:]) / (len(x) - 1)
    return x[0], g * (1 - math.sqrt(x[0] / g))


def fonseca(unit: list[float]) -> tuple[float, ...]:
    middle = 1 / math.sqrt(len(unit))
    return tuple(1 - math.exp(-sum((4 * u - 2 - m) ** 2 for u in unit)) for m in (middle, -middle))


def branin_currin(unit: list[float]) -> tuple[float, ...]:
    a, b = unit
    factor = 1 - math.exp(-1 / (2 * b)) if b > 0 else 1.0
    return branin(unit), factor * (2300 * a**3 + 1900 * a**2 + 2092 * a + 60) / (100 * a**3 + 500 * a**2 + 4 * a + 20)


def dtlz2(x: list[float]) -> tuple[float, ...]:
    far = 1 + sum((v - 0.5) ** 2 for v in x[2:])
    a, b = (v * math.pi / 2 for v in x[:2])
    return far * math.cos(a) * math.cos(b), far * math.cos(a) * math.sin(b), far * math.sin(a)


#: By name: the function, its axes, the reference point, and the hypervolume of the true front.
TASKS = {
    "zdt1": (zdt1, 5, (1.1, 6.0), 6.0 * 1.1 - 1 / 3),
    "fonseca": (fonseca, 4, (1.1, 1.1), None),
    "branin-currin": (branin_currin, 2, (18.0, 6.0), 59.36011874867746),
    "dtlz2": (dtlz2, 6, (1.1, 1.1, 1.1), 1.1**3 - math.pi / 6),
}


def volume(points: list[tuple[float, ...]], reference: tuple[float, ...]) -> float:
    """The hypervolume of points, by slices along the last objective."""
    inside = sorted({tuple(point) for point in points if all(a < b for a, b in zip(point, reference))}, key=lambda point: point[-1])
    if len(reference) == 1:
        return reference[0] - inside[0][0] if inside else 0.0
    if len(reference) == 2:
        area, lowest, edge = 0.0, math.inf, None
        for first, second in inside:  # the second rises
            if first < lowest:
                if edge is not None:
                    area += (reference[0] - lowest) * (second - edge)
                lowest, edge = first, second
        return area + (reference[0] - lowest) * (reference[1] - edge) if edge is not None else 0.0
    ends = [point[-1] for point in inside[1:]] + [reference[-1]]
    total = 0.0
    for at, (point, end) in enumerate(zip(inside, ends)):
        if end > point[-1]:
            total += (end - point[-1]) * volume([one[:-1] for one in inside[: at + 1]], reference[:-1])
    return total


def whole(name: str) -> float:
    """The hypervolume of the true front."""
    function, axes, reference, known = TASKS[name]
    if known is not None:
        return known
    edge = 1 / math.sqrt(axes)
    line = [(-edge + 2 * edge * at / 20000 + 2) / 4 for at in range(20001)]
    return volume([function([u] * axes) for u in line], reference)


def search(name: str, program: str, method: str, seed: int, example: Path) -> list[float]:
    """The hypervolumes after some numbers of trials."""
    function, axes, reference, _ = TASKS[name]
    if program == "burstnet":
        command = [str(example.parent / "several"), method, name, str(AFTER[-1]), str(seed)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    else:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(directions=["minimize"] * len(reference), sampler=OPTUNA[method](seed))
        study.optimize(lambda trial: function([trial.suggest_float(f"x{at}", 0, 1) for at in range(axes)]), n_trials=AFTER[-1])
        found = [trial.values for trial in study.trials]
    return [volume(found[:count], reference) / whole(name) for count in AFTER]


def run(seeds: list[int], processes: int, example: Path) -> str:
    """A table of medians, with Mann and Whitney's test beside tpe."""
    methods = [("burstnet", method) for method in BURSTNET] + [("Optuna", method) for method in OPTUNA]
    jobs = [(name, *method, seed, example) for name in TASKS for method in methods for seed in seeds]
    with ProcessPoolExecutor(processes) as pool:
        found = dict(zip(jobs, pool.map(search, *zip(*jobs))))
    head = ["Function", "Trials", *(f"`{method}`" for method in BURSTNET), *(f"Optuna {method}" for method in OPTUNA), "p of `gp` and `tpe`"]
    lines = [tables.row(head), tables.row(["---"] * len(head))]
    for name in TASKS:
        for at, count in enumerate(AFTER):
            columns = [[found[(name, *method, seed, example)][at] for seed in seeds] for method in methods]
            p = mannwhitneyu(columns[0], columns[1]).pvalue
            medians = [f"{100 * statistics.median(column):.1f} %" for column in columns]
            lines.append(tables.row([name, str(count), *medians, f"{p:.2g}"]))
    return "\n".join(lines)
