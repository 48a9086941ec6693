"""Whether a search that learns and stops early finds better values than a random one that does; `run --early` starts it.

Both have the same rule and lag, and as many epochs: those of 60 or 120 whole trials.
"""

import json
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median

import tables
from scipy.stats import wilcoxon

RULES = ("successive_halving", "hyperband")
METHODS = ("random", "tpe", "gp")
LAG = 16
#: In whole trials.
BUDGETS = (60, 120)


def search(job: tuple) -> list[float]:
    """The value of what looks best after the epochs of so many whole trials, each counted once."""
    program, method, task, rule, seed = job
    command = [str(program), method, task, str(BUDGETS[-1]), str(LAG), rule, str(seed)]
    steps = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [[value for epochs, value in steps if epochs <= budget][-1] for budget in BUDGETS]


def run(tasks: list[str], seeds: list[int], processes: int, example: Path) -> str:
    """A row per task, rule and budget: medians of each method, and whether it differs from `random` on the same seeds."""
    program = example.with_name("early")
    head = ["Task", "Rule", "Epochs", *(f"`{method}`" for method in METHODS)]
    head += [f"better, p of `{method}`" for method in METHODS[1:]]
    lines = [tables.row(head), tables.row(["---"] * len(head))]
    with ProcessPoolExecutor(processes) as pool:
        for task in tasks:
            for rule in RULES:
                found = {}
                for method in METHODS:
                    found[method] = list(pool.map(search, [(program, method, task, rule, seed) for seed in seeds]))
                for at, budget in enumerate(BUDGETS):
                    values = {method: [one[at] for one in all] for method, all in found.items()}
                    cells = [task, f"`{rule}`", str(budget), *(f"{median(values[method]):.3g}" for method in METHODS)]
                    for method in METHODS[1:]:
                        better = sum(a < b for a, b in zip(values[method], values["random"]))
                        cells.append(f"{better} of {len(seeds)}, {wilcoxon(values['random'], values[method]).pvalue:.2g}")
                    lines.append(tables.row(cells))
    return "\n".join(lines)
