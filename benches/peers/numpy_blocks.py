"""Training in NumPy, for networks with one hidden layer whose feedback does not learn: in blocks of steps.

This halves the time of `numpy_program` (7 instead of 13 microseconds a step for 500-200-3, 5 % of the steps taught).
Until the hidden layer learns, its rates follow from the inputs alone: one product gives those of all steps up to the
next one where it learns, and sums with weights ½, ¼, … stand for running averages. Blocks have some twenty steps if 5 %
of them are taught, and a block costs little more calls than a step of `numpy_program`.
"""

import numpy as np
from scipy.linalg.blas import sger

import numpy_program
from numpy_program import HALF, slope
from task import FADED, Task, plan

LONGEST = 64
AGE = np.subtract.outer(np.arange(LONGEST), np.arange(LONGEST))
# BAND[i, j] is the weight of the value read at step j in an average at step i, OLD[i] that of the average before.
BAND = np.where(AGE >= 0, 0.5 ** (np.maximum(AGE, 0) + 1.0), 0.0).astype(np.float32)
OLD = (0.5 ** (np.arange(LONGEST) + 1.0)).astype(np.float32)


def sigmoid(y: np.ndarray) -> np.ndarray:
    """In place. For large arrays these four calls are faster than `scipy.special.expit`."""
    np.negative(y, out=y)
    np.exp(y, out=y)
    y += 1
    return np.reciprocal(y, out=y)


class Program(numpy_program.Program):
    """A network in training. Its first sequence goes step by step, as averages start at their first values."""

    name = "NumPy"

    def __init__(self, task: Task, record: bool = False) -> None:
        super().__init__(task, record)
        self.W[0] = np.asfortranarray(self.W[0])  # BLAS multiplies few steps fastest with pre × post rows

    def learn(self, m: int, e: np.ndarray, v: np.ndarray) -> None:
        if m > 0:
            super().learn(m, e, v)
        else:
            sger(1.0, e, v, a=self.W[0], overwrite_a=True)
            self.b[0] += e

    def show(self, index: int, taught: np.ndarray) -> None:
        if self.s == 0:
            super().show(index, taught)
            return
        task = self.task
        hidden_learns, _, _ = plan(np, self.s, taught, self.before, 2)
        ends = np.flatnonzero(hidden_learns) + 1
        self.loss, a = 0.0, 0
        for end in [*ends.tolist(), task.steps]:
            while a < end:
                b = min(end, a + LONGEST)
                self.block(index, a, b, taught, b == end and bool(hidden_learns[b - 1]))
                a = b
        self.start = task.ends[index] + task.decay[-1] * self.start
        self.before, self.s = taught[-1], self.s + task.steps

    def block(self, index: int, a: int, b: int, taught: np.ndarray, hidden_learns: bool) -> None:
        """The K steps from a to before b. Of these, the hidden layer learns at the last or at none."""
        task = self.task
        V = task.smoothed[index, a:b]
        if a < FADED:
            V = V + task.decay[a:b, None] * self.start
        hidden = V @ self.W[0].T  # (K, hidden)
        hidden += self.b[0]
        sigmoid(hidden)
        read = np.concatenate([self.rate[0][None], hidden[:-1]])  # what the output layer reads
        self.rate[0] = hidden[-1]

        shown = [self.rate[1][None]]  # the outputs from step a - 1 on
        first = a
        for last in [*(np.flatnonzero(taught[a:b]) + a).tolist(), b - 1]:
            if first <= last:
                shown.append(self.output(read[first - a : last + 1 - a], task.targets[index, last], bool(taught[last])))
                first = last + 1
        outputs = np.concatenate(shown)
        if self.outputs is not None:
            self.outputs[a:b] = outputs[1:]

        steps = b - a
        feedback = BAND[:steps, :steps] @ outputs[:-1]  # (K, o)
        feedback += OLD[:steps, None] * self.feedback
        if hidden_learns:
            before = feedback[-2] if steps > 1 else self.feedback
            change = sigmoid(self.Y[0] @ feedback[-1]) - sigmoid(self.Y[0] @ before)
            self.learn(0, np.float32(task.hidden_rate) * change * slope(read[-1]), V[-1])
        self.feedback = feedback[-1]

    def output(self, read: np.ndarray, target: np.ndarray, taught: bool) -> np.ndarray:
        """The outputs (k, o) of k steps, from what the output layer reads (k, hidden). The last may be taught."""
        steps = len(read)
        y = BAND[:steps, :steps] @ (read @ self.W[1].T)
        y += OLD[:steps, None] * (self.W[1] @ self.averages[0])
        y += self.b[1]
        outputs = sigmoid(y)
        self.averages[0] = BAND[steps - 1, :steps] @ read + OLD[steps - 1] * self.averages[0]
        if taught:
            before = outputs[-2] if steps > 1 else self.rate[1]
            outputs[-1] += target
            outputs[-1] *= HALF
            change = outputs[-1] - before
            self.learn(1, np.float32(self.task.output_rate) * change * slope(before), self.averages[0])
            self.loss += float(np.mean((target - before) ** 2))
        self.rate[1] = outputs[-1]
        return outputs


def fastest(task: Task, record: bool = False) -> numpy_program.Program:
    """The program in blocks where it can be, else the one step by step."""
    fits = task.weight_layers == 2 and task.feedback_rate == 0.0
    return (Program if fits else numpy_program.Program)(task, record)
