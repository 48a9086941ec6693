"""Training in Numba: one compiled function per sequence, plain loops over steps and units.

While no hidden layer learns, the first layer's weights stand still, and four steps share one reading of them: 3.5
instead of 6 microseconds for the product of 200 x 500. `numpy.dot` took 5.5, eight steps at a time were as fast as
four, and W transposed as slow as W. The logistic function is vectorised as exp, not as tanh.
"""

import numba
import numpy as np

from task import Task, plan

AHEAD = 4
fast = numba.njit(fastmath=True, error_model="numpy")
ONE, HALF = np.float32(1.0), np.float32(0.5)


@fast
def product(W, v, y):
    """y = W v."""
    for j in range(W.shape[0]):
        sum_ = np.float32(0.0)
        for i in range(W.shape[1]):
            sum_ += W[j, i] * v[i]
        y[j] = sum_


@fast
def four_products(W, V, y):
    """y(k) = W V(k) for k = 0 to 3: V is (4, pre), y (4, post)."""
    v0, v1, v2, v3 = V[0], V[1], V[2], V[3]
    for j in range(W.shape[0]):
        w = W[j]
        a, b, c, d = np.float32(0.0), np.float32(0.0), np.float32(0.0), np.float32(0.0)
        for i in range(W.shape[1]):
            a += w[i] * v0[i]
            b += w[i] * v1[i]
            c += w[i] * v2[i]
            d += w[i] * v3[i]
        y[0, j], y[1, j], y[2, j], y[3, j] = a, b, c, d


@fast
def sigmoid(y, b, rate):
    """rate = logistic function of y + b."""
    for j in range(y.size):
        rate[j] = ONE / (ONE + np.exp(-(y[j] + b[j])))


@fast
def bursts(Y, feedback, burst):
    """burst = logistic function of Y feedback."""
    for j in range(Y.shape[0]):
        g = np.float32(0.0)
        for k in range(Y.shape[1]):
            g += Y[j, k] * feedback[k]
        burst[j] = ONE / (ONE + np.exp(-g))


@fast
def learn(W, b, e, v):
    """W += e ⊗ v, b += e."""
    for j in range(W.shape[0]):
        for i in range(W.shape[1]):
            W[j, i] += e[j] * v[i]
        b[j] += e[j]


@fast
def average(values, new, share):
    for j in range(values.size):
        values[j] += share * (new[j] - values[j])


@fast
def sequence(W, b, Y, rates, state, s0, start, smoothed, decay, targets, taught, when, outputs):
    """Trains over one sequence; returns the sum of the output layer's losses.

    W, b, Y and the members of `state` are tuples of arrays, one per layer. `rates` are the learning rates of hidden,
    output and feedback weights. `smoothed` is (T, n), `targets` (T, o), `taught` (T,), `outputs` (T, o). `when` is the
    plan of the sequence.
    """
    hidden_learns, output_learns, share = when
    rate, before, averages, factor, burst, burst_before, feedback, feedback_before = state
    last = len(W) - 1
    V = np.empty((AHEAD, smoothed.shape[1]), np.float32)
    Z = np.empty((AHEAD, W[0].shape[0]), np.float32)
    ready, at, loss = 0, 0, 0.0
    for t in range(taught.size):
        if at == ready:  # the voltages of the steps up to the next at which hidden layers learn, AHEAD at most
            at, ready = 0, 0
            while ready < AHEAD and t + ready < taught.size and not (ready > 0 and hidden_learns[t + ready - 1]):
                for i in range(V.shape[1]):
                    V[ready, i] = smoothed[t + ready, i] + decay[t + ready] * start[i]
                ready += 1
            if ready == AHEAD:
                four_products(W[0], V, Z)
            else:
                for k in range(ready):
                    product(W[0], V[k], Z[k])

        for m in range(last + 1):
            before[m][:] = rate[m]
        for m in range(1, last + 1):
            average(averages[m - 1], before[m - 1], share[t, m - 1])
            product(W[m], averages[m - 1], factor[m])
            sigmoid(factor[m], b[m], rate[m])
        sigmoid(Z[at], b[0], rate[0])
        if taught[t]:
            for k in range(rate[last].size):
                rate[last][k] = HALF * (rate[last][k] + targets[t, k])
        feedback_before[:] = feedback
        average(feedback, before[last], share[t, last])

        if rates[2] > 0.0:
            for m in range(last):
                burst_before[m][:] = burst[m]
                bursts(Y[m], feedback, burst[m])
                if s0 + t > last + 1:
                    for j in range(burst[m].size):
                        r, p = rate[m][j], burst[m][j]
                        e = rates[2] * r * r * (ONE - p) * p * (ONE - p)
                        for k in range(feedback.size):
                            Y[m][j, k] += e * feedback[k]
        if hidden_learns[t]:
            for m in range(last):
                if rates[2] == 0.0:
                    bursts(Y[m], feedback_before, burst_before[m])
                    bursts(Y[m], feedback, burst[m])
                for j in range(factor[m].size):
                    change = burst[m][j] - burst_before[m][j]
                    factor[m][j] = rates[0] * change * before[m][j] * (ONE - before[m][j])
                learn(W[m], b[m], factor[m], V[at] if m == 0 else averages[m - 1])
        if output_learns[t]:
            for k in range(factor[last].size):
                old = before[last][k]
                factor[last][k] = rates[1] * (rate[last][k] - old) * old * (ONE - old)
                loss += (targets[t, k] - old) ** 2 / factor[last].size
            learn(W[last], b[last], factor[last], averages[last - 1])
        outputs[t] = rate[last]
        at += 1
    return loss


class Program:
    """A network in training."""

    name = "Numba"

    def __init__(self, task: Task, record: bool = False) -> None:
        def zeros(sizes):
            return tuple(np.zeros(size, np.float32) for size in sizes)

        sizes, hidden, outputs = task.layers[1:], task.layers[1:-1], task.layers[-1]
        self.task = task
        self.W = tuple(w.copy() for w in task.weights.forward)
        self.b = tuple(b.copy() for b in task.weights.bias)
        self.Y = tuple(y.copy() for y in task.weights.feedback)
        self.rates = np.array([task.hidden_rate, task.output_rate, task.feedback_rate], np.float32)
        self.state = (
            *(zeros(sizes), zeros(sizes), zeros(hidden), zeros(sizes), zeros(hidden), zeros(hidden)),
            *zeros([outputs, outputs]),
        )
        self.start, self.before, self.s = None, np.array(False), 0
        self.outputs = np.zeros((task.steps, outputs), np.float32)
        self.loss = 0.0

    def show(self, index: int, taught: np.ndarray) -> None:
        """Trains over sequence `index`, taught at the steps (T,)."""
        task = self.task
        if self.start is None:  # the first value that the average reads
            self.start = task.inputs[index, 0].copy()
        signals = (self.s, self.start, task.smoothed[index], task.decay, task.targets[index], taught)
        when = plan(np, self.s, taught, self.before, task.weight_layers)
        self.loss = sequence(self.W, self.b, self.Y, self.rates, self.state, *signals, when, self.outputs)
        self.start = task.ends[index] + task.decay[-1] * self.start
        self.before, self.s = taught[-1], self.s + task.steps

    def now(self):
        """What a forward pass goes on from: weights, biases, and the state of the first layer."""
        return self.W, self.b, (self.start, self.state[0][0], self.state[2][0])

    def wait(self) -> None:
        """Numba returns when it is done."""
