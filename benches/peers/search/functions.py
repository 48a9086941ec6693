"""Branin, Hartmann's function of six variables and Rosenbrock's of ten, as crates/burstnet-sweep/examples/search.rs has them."""

import json
import math
import subprocess
from pathlib import Path

#: Name, and how many variables, each within [0, 1).
AXES = {"branin": 2, "hartmann6": 6, "rosenbrock10": 10}
LEAST = {"branin": 0.39788735772973816, "hartmann6": -3.3223680114155147, "rosenbrock10": 0.0}
TITLES = {"branin": "Branin", "hartmann6": "Hartmann-6", "rosenbrock10": "Rosenbrock-10"}


def branin(unit: list[float]) -> float:
    x, y = 15 * unit[0] - 5, 15 * unit[1]
    valley = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return valley * valley + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def rosenbrock10(unit: list[float]) -> float:
    x = [15 * u - 5 for u in unit]
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


ALPHA = [1.0, 1.2, 3.0, 3.2]
A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def hartmann6(unit: list[float]) -> float:
    far = [sum(a * (u - p) ** 2 for a, u, p in zip(A[at], unit, P[at])) for at in range(4)]
    return -sum(alpha * math.exp(-d) for alpha, d in zip(ALPHA, far))


FUNCTIONS = {"branin": branin, "hartmann6": hartmann6, "rosenbrock10": rosenbrock10}


def check() -> None:
    """The functions have their known least values where these are."""
    where = {
        "branin": [(math.pi + 5) / 15, 2.275 / 15],
        "hartmann6": [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573],
        "rosenbrock10": [6 / 15] * 10,
    }
    for name, unit in where.items():
        assert abs(FUNCTIONS[name](unit) - LEAST[name]) < 1e-5, name


class Function:
    """One of the functions, searched by burstnet's example program or by Optuna."""

    def __init__(self, name: str, program: Path) -> None:
        self.least = LEAST[name]
        self.name, self.title, self.program = name, TITLES[name], program
        self.function, self.axes = FUNCTIONS[name], [f"x{at}" for at in range(AXES[name])]

    def burstnet(self, sampler: str, trials: int, pace: int | str, seed: int) -> list[float]:
        """The best value after each trial. The pace is the size of a round, 0 for the sampler's usual one, or lag:L."""
        command = [self.program, sampler, self.name, str(trials), str(pace), str(seed)]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    def objective(self, _seed: int):
        """What Optuna minimises."""
        return lambda trial: self.function([trial.suggest_float(name, 0.0, 1.0) for name in self.axes])
