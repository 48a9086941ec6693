"""Branin, Hartmann's function of six variables and Rosenbrock's of ten, as crates/burstnet-sweep/examples/search.rs has them."""

import json
import math
import subprocess
from pathlib import Path

from test_functions import branin, hartmann6, rosenbrock10

#: Name, and how many variables, each within [0, 1).
AXES = {"branin": 2, "hartmann6": 6, "rosenbrock10": 10}
LEAST = {"branin": 0.39788735772973816, "hartmann6": -3.3223680114155147, "rosenbrock10": 0.0}
TITLES = {"branin": "Branin", "hartmann6": "Hartmann-6", "rosenbrock10": "Rosenbrock-10"}


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
