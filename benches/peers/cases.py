"""What is compared: each case as settings of burstnet, and as the same task for the peers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import signals
from task import Task, Weights

STEPS = 2000


def sinusoids(rng: np.random.Generator, n: int, o: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs (1, T, n) and targets (1, T, o)."""
    return signals.sinusoids(rng, STEPS, n), signals.sinusoids(rng, STEPS, o)


def noise(rng: np.random.Generator, n: int, o: int) -> tuple[np.ndarray, np.ndarray]:
    return signals.noise(rng, STEPS, n), signals.noise(rng, STEPS, o)


def xor_classes(rng: np.random.Generator, n: int, o: int) -> tuple[np.ndarray, np.ndarray]:
    """Two of the ten examples of each class: more than caches hold.

    The peers have them in memory before the time is taken; burstnet holds all hundred in their bases.
    """
    return signals.xor_classes(rng, STEPS, n, o, classes=10, examples=2)


@dataclass
class Case:
    """A case. Everything that `settings` does not say has burstnet's default."""

    title: str
    settings: dict
    kind: str = "training"  # or "trial", a whole one with set-up
    fraction: float = 0.05  # of the steps that are taught
    sequences: int = 1  # of an epoch of burstnet
    signals: Callable = sinusoids
    smooth: bool = True  # whether the signals are
    from_files: bool = False  # whether burstnet reads the peers' signals from files

    def task(self, rng: np.random.Generator) -> Task:
        """The case as the peers know it, with signals and weights of their own."""
        layers = self.settings.get("network.layers", [500, 200, 3])
        inputs, targets = self.signals(rng, layers[0], layers[-1])
        feedback_rate = self.settings.get("learning_rate.feedback", 0.0)
        return Task(layers, inputs, targets, Weights.draw(layers, rng), feedback_rate=feedback_rate)


CASES = {
    "a": Case("500–200–3, sinusoids, 5 % taught", {}),
    "b": Case("the same, 1 % taught", {"teaching.target_fraction": 0.01}, fraction=0.01),
    "c": Case("the same, 20 % taught", {"teaching.target_fraction": 0.2}, fraction=0.2),
    "d": Case("500–1000–3", {"network.layers": [500, 1000, 3]}),
    "e": Case("500–200–200–3", {"network.layers": [500, 200, 200, 3]}),
    "f": Case("500–200–3, noise from files", {}, signals=noise, smooth=False, from_files=True),
    "g": Case("500–200–3, feedback learns at every step", {"learning_rate.feedback": 0.0001}),
    "h": Case(
        "500–300–3, xor_classes, 100 sequences an epoch",
        {"network.layers": [500, 300, 3], "signals.kind": "xor_classes"},
        sequences=100,
        signals=xor_classes,
    ),
    "t": Case("a whole trial of (a), with set-up and a test pass", {}, kind="trial"),
}

# Cost tables of burstnet alone: the settings of each row.
COSTS = {
    "hidden units": {str(h): {"network.layers": [500, h, 3]} for h in (50, 100, 200, 400, 800)},
    "inputs": {str(n): {"network.layers": [n, 200, 3]} for n in (50, 100, 250, 500, 1000)},
    "target fraction": {str(f): {"teaching.target_fraction": f} for f in (0.0, 0.01, 0.05, 0.2, 1.0)},
    "hidden layers of 200": {str(d): {"network.layers": [500, *[200] * d, 3]} for d in range(4)},
}
