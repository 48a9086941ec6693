"""What all programs train on, in float32, and what they share: smoothed inputs and the plan of a sequence's steps.

A network of M weight layers has the sizes `layers`: n inputs, hidden layers, o outputs. Arrays are (post, pre), as in
the files of `network.initial_weights`. T is the number of steps of a sequence.
"""

from dataclasses import dataclass, field

import numpy as np

FADED = 40  # steps after which a running average in float32 has forgotten what it was


@dataclass
class Weights:
    """Initial weights."""

    forward: list[np.ndarray]  # M of (post, pre)
    bias: list[np.ndarray]  # M of (post,)
    feedback: list[np.ndarray]  # M - 1 of (hidden, o)

    @staticmethod
    def draw(layers: list[int], rng: np.random.Generator) -> "Weights":
        """With the ranges that burstnet has as defaults."""

        def uniform(bound: float, *shape: int) -> np.ndarray:
            return rng.uniform(-bound, bound, shape).astype(np.float32)

        return Weights(
            forward=[uniform(0.1, post, pre) for pre, post in zip(layers, layers[1:])],
            bias=[np.full(post, 0.1, np.float32) for post in layers[1:]],
            feedback=[uniform(1.0, hidden, layers[-1]) for hidden in layers[1:-1]],
        )


@dataclass
class Task:
    """A configuration with its signals and initial weights.

    The first layer's average of the input depends on no weight. With r(0) = 0 and r(t + 1) = (r(t) + x(t)) / 2, the
    average at step t is r(t) + 2^-t v(0), where v(0) is the average at the first step. So r is computed once, here.
    """

    layers: list[int]
    inputs: np.ndarray  # (sequences, T, n)
    targets: np.ndarray  # (sequences, T, o)
    weights: Weights
    hidden_rate: float = 1.0
    output_rate: float = 0.05
    feedback_rate: float = 0.0
    smoothed: np.ndarray = field(init=False)  # r at steps 0 to T - 1: (sequences, T, n)
    ends: np.ndarray = field(init=False)  # r at step T: (sequences, n)
    decay: np.ndarray = field(init=False)  # 2^-t at steps 0 to T, exactly 0 once it has faded: (T + 1,)

    def __post_init__(self) -> None:
        steps = self.inputs.shape[1]
        self.smoothed = np.empty_like(self.inputs)
        average = np.zeros_like(self.inputs[:, 0])
        for t in range(steps):
            self.smoothed[:, t] = average
            average = np.float32(0.5) * (average + self.inputs[:, t])
        self.ends = average
        t = np.arange(steps + 1)
        self.decay = np.where(t < FADED, 0.5 ** np.minimum(t, FADED), 0.0).astype(np.float32)

    @property
    def steps(self) -> int:
        """T."""
        return self.inputs.shape[1]

    @property
    def weight_layers(self) -> int:
        """M."""
        return len(self.layers) - 1


def plan(xp, s0, taught, taught_before, weight_layers: int):
    """When layers learn and how averages move in a sequence that starts at step s0; xp is numpy or jax.numpy.

    `taught` is (T,), `taught_before` tells of the step before. Returns whether hidden layers learn (T,), whether the
    output layer does (T,), and the share that a new value has in the averages of layers 1 to M - 1 and of feedback
    (T, M). This share is 1 up to the first value that an average reads and 1/2 after it, so that what a stage holds
    before its time is never seen, and no stage needs a gate.
    """
    s = s0 + xp.arange(taught.shape[0])
    before = xp.concatenate([xp.reshape(taught_before, (1,)), taught[:-1]])
    first = xp.arange(2, weight_layers + 2)  # the steps at which these averages read their first value
    share = xp.where(s[:, None] <= first, xp.float32(1.0), xp.float32(0.5))
    return before & (s >= weight_layers + 2), taught & (s >= weight_layers + 1), share
