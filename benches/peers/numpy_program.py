"""Training in NumPy: step by step, every operation into an array that is there.

Besides the two products, a step costs its dozen calls, of half a microsecond each. So burst probabilities, which are
read only where hidden layers learn, are computed only there, and `scipy.special.expit` takes the place of four calls.
"""

from itertools import chain

import numpy as np
from scipy.linalg.blas import sger
from scipy.special import expit as sigmoid

from task import FADED, Task, plan

HALF = np.float32(0.5)


def slope(rate: np.ndarray) -> np.ndarray:
    return rate * (1 - rate)


class Program:
    """A network in training."""

    name = "NumPy"

    def __init__(self, task: Task, record: bool = False) -> None:
        self.task = task
        self.W = [w.copy() for w in task.weights.forward]
        self.b = [b.copy() for b in task.weights.bias]
        self.Y = [y.copy() for y in task.weights.feedback]
        sizes = task.layers[1:]
        self.rate = [np.zeros(n, np.float32) for n in sizes]
        self.rate_before = [np.zeros(n, np.float32) for n in sizes]
        self.averages = [np.zeros(n, np.float32) for n in sizes[:-1]]  # of what layers 1 to M - 1 read
        self.feedback = np.zeros(sizes[-1], np.float32)
        self.feedback_before = np.zeros(sizes[-1], np.float32)
        self.burst = [np.zeros(n, np.float32) for n in sizes[:-1]]
        self.start, self.before, self.s = None, np.array(False), 0
        self.outputs = np.zeros((task.steps, sizes[-1]), np.float32) if record else None
        self.loss = 0.0

    def show(self, index: int, taught: np.ndarray) -> None:
        """Trains over sequence `index`, taught at the steps (T,)."""
        task, last = self.task, self.task.weight_layers - 1
        if self.start is None:  # the first value that the average reads
            self.start = task.inputs[index, 0].copy()
        smoothed, decay = task.smoothed[index], task.decay
        head = smoothed[:FADED] + decay[:-1][:FADED, None] * self.start
        hidden_learns, output_learns, _ = plan(np, self.s, taught, self.before, task.weight_layers)
        when = zip(taught.tolist(), hidden_learns.tolist(), output_learns.tolist())
        targets, self.loss = task.targets[index], 0.0
        for t, (v, (nudge, hidden, output)) in enumerate(zip(chain(head, smoothed[FADED:]), when)):
            self.rate, self.rate_before = self.rate_before, self.rate
            for m in range(last, 0, -1):
                self.average(self.averages[m - 1], self.rate_before[m - 1], m + 1)
                self.fire(m, self.averages[m - 1])
            self.fire(0, v)
            if nudge:
                self.rate[last] += targets[t]
                self.rate[last] *= HALF
            np.copyto(self.feedback_before, self.feedback)
            self.average(self.feedback, self.rate_before[last], last + 2)
            if task.feedback_rate > 0.0:
                burst_before = self.burst
                self.burst = [sigmoid(Y @ self.feedback) for Y in self.Y]
                if self.s > last + 1:
                    self.learn_feedback()
            if hidden:
                if task.feedback_rate == 0.0:
                    burst_before = [sigmoid(Y @ self.feedback_before) for Y in self.Y]
                    self.burst = [sigmoid(Y @ self.feedback) for Y in self.Y]
                for m, v in enumerate([v, *self.averages[:-1]]):
                    change = self.burst[m] - burst_before[m]
                    self.learn(m, np.float32(task.hidden_rate) * change * slope(self.rate_before[m]), v)
            if output:
                before = self.rate_before[last]
                change = self.rate[last] - before
                self.learn(last, np.float32(task.output_rate) * change * slope(before), self.averages[-1])
                self.loss += float(np.mean((targets[t] - before) ** 2))
            if self.outputs is not None:
                self.outputs[t] = self.rate[last]
            self.s += 1
        self.start = task.ends[index] + decay[-1] * self.start
        self.before = taught[-1]

    def average(self, average: np.ndarray, value: np.ndarray, first: int) -> None:
        """The running average reads a value, its first one in step `first`."""
        if self.s <= first:
            np.copyto(average, value)
        else:
            average += value
            average *= HALF

    def fire(self, m: int, v: np.ndarray) -> None:
        """The rates of layer m from the average v (pre,)."""
        y = self.rate[m]
        np.dot(self.W[m], v, out=y)
        y += self.b[m]
        sigmoid(y, out=y)

    def learn(self, m: int, e: np.ndarray, v: np.ndarray) -> None:
        """W += e ⊗ v, b += e, with e (post,) and v (pre,). BLAS adds in place, in a quarter of NumPy's time."""
        sger(1.0, v, e, a=self.W[m].T, overwrite_a=True)
        self.b[m] += e

    def learn_feedback(self) -> None:
        for Y, rate, burst in zip(self.Y, self.rate, self.burst):
            e = np.float32(self.task.feedback_rate) * rate * rate * (1 - burst) * slope(burst)
            Y += np.outer(e, self.feedback)

    def now(self):
        """What a forward pass goes on from: weights, biases, and the state of the first layer."""
        return self.W, self.b, (self.start, self.rate[0], self.averages[0])

    def wait(self) -> None:
        """NumPy returns when it is done."""
