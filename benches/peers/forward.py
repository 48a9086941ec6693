"""The forward pass alone, over a whole sequence at once: possible only while no weight changes.

One product gives the voltages of all steps. A running average may be taken after the product with the output weights
as well as before it, so it is taken there, of 3 numbers a step instead of 200. Networks have one hidden layer.

In JAX, the sum over a doubling span below, `lax.scan`, `lax.associative_scan`, a convolution and a product with a band
matrix all gave the same time to a tenth, since the product with W takes nearly all of it.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numba
import numpy as np

import numpy_blocks
from task import FADED, Task


def forward(xp, sigmoid, W, b, start, rate, average, smoothed, end, decay):
    """The outputs (T, o) to smoothed inputs (T, n), and what the next sequence needs; xp is numpy or jax.numpy.

    `start` (n,) is the first layer's average at the first step; `rate` (hidden,) and `average` (hidden,) are the
    hidden layer's rate and the output layer's average of it at the step before.
    """
    y = smoothed @ W[0].T
    y += decay[:-1, None] * (W[0] @ start) + b[0]
    hidden = sigmoid(y)
    read = xp.concatenate([rate[None], hidden[:-1]])  # what the output layer reads at each step
    outputs = average_from(xp, read @ W[1].T)
    outputs += decay[1:, None] * (W[1] @ average) + b[1]
    recent = decay[1 : FADED + 1][::-1]
    next_average = recent @ read[-len(recent) :] + decay[-1] * average
    return sigmoid(outputs), (end + decay[-1] * start, hidden[-1], next_average)


def average_from(xp, u):
    """The running average, from 0, of u (T, o): ½ u(t) + ¼ u(t - 1) + …, over spans of 1, 2, 4, … 32 steps."""
    z = xp.float32(0.5) * u
    for span in (1, 2, 4, 8, 16):
        z = z + xp.float32(0.5**span) * xp.concatenate([xp.zeros_like(z[:span]), z[:-span]])
    return z


@numba.njit(fastmath=True, error_model="numpy")
def loop(W0, b0, W1, b1, start, rate, average, smoothed, end, decay):
    """As `forward`: one product, then a loop over the steps."""
    y = np.dot(smoothed, W0.T)
    from_start = np.dot(W0, start)
    outputs = np.empty((y.shape[0], b1.size), np.float32)
    rate, average = rate.copy(), average.copy()
    one, half = np.float32(1.0), np.float32(0.5)
    for t in range(y.shape[0]):
        for j in range(rate.size):
            average[j] = half * (average[j] + rate[j])
            rate[j] = one / (one + np.exp(-(y[t, j] + decay[t] * from_start[j] + b0[j])))
        for k in range(b1.size):
            g = b1[k]
            for j in range(average.size):
                g += W1[k, j] * average[j]
            outputs[t, k] = one / (one + np.exp(-g))
    return outputs, (end + decay[-1] * start, rate, average)


FORWARD = {
    "JAX": jax.jit(partial(forward, jnp, jax.nn.sigmoid)),
    "NumPy": partial(forward, np, numpy_blocks.sigmoid),
    "Numba": lambda W, b, *signals: loop(W[0], b[0], W[1], b[1], *signals),
}


class Program:
    """A network that does not learn. It goes on from `now` of a program in training, or starts with the task."""

    def __init__(self, name: str, task: Task, now=None) -> None:
        array = jnp.array if name == "JAX" else np.array
        zeros = np.zeros(task.layers[1], np.float32)
        W, b, state = now or (task.weights.forward, task.weights.bias, (task.inputs[0, 0], zeros, zeros))
        W, b, self.state = [array(w) for w in W[:2]], [array(b) for b in b[:2]], tuple(array(s) for s in state)
        self.name, self.outputs = name, None
        self.signals = [(array(r), array(e), array(task.decay)) for r, e in zip(task.smoothed, task.ends)]
        self.forward = partial(FORWARD[name], W, b)

    def show(self, index: int, taught: np.ndarray) -> None:
        """Shows sequence `index`; `taught` (T,) is not read."""
        self.outputs, self.state = self.forward(*self.state, *self.signals[index])

    def wait(self) -> None:
        jax.block_until_ready(self.outputs)
