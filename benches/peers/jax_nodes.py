"""Training in JAX by nodes: hidden rates at four steps of a segment, and polynomials for the rest, as burstnet does it.

A sequence is cut where hidden layers learn. Between two cuts the rates of the first hidden layer are smooth, so they
are computed at the steps 0, 1, 3 and 9 before the last one only. The layers above read running averages, which are sums
of these values with weights that depend on the number of steps alone; see docs/performance.md. The last 32 steps of a
segment are all that matters. Segments of up to four steps are exact, and the first steps of a sequence, which are not
smooth, are cut into such ones. A second hidden layer is computed at all 32 steps.

The first layer's weights W are trained as they are, or in a basis U that spans the smoothed input ("basis" below): W U
is small, and W is put together when another sequence comes. `timing` takes the faster of these.

Unlike burstnet, it does not check whether a segment is smooth, and always takes four nodes.
"""

import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.nn import sigmoid

from task import FADED, Task, plan

WINDOW = 32  # steps after which an average has forgotten what was before
LAGS = [0, 1, 3, 9]
SETTLED = 24  # steps after which a sequence is smooth
FORMS = ["W", "basis"]


def rule(length: int, lags: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The nodes of a segment of so many steps, as lags, and the weights (WINDOW, 1 + nodes) that average has.

    Row WINDOW - 1 is the last step. Weights apply to the average at the first step of the segment, then to the nodes.
    """
    lags = np.array([min(lag, length - 1) for lag in lags])
    first = np.r_[True, lags[1:] > lags[:-1]]  # a node that is there twice has no weight
    nodes = (length - 1 - lags)[first].astype(float)
    lagrange = np.zeros((length, len(lags)))
    for m, column in enumerate(np.flatnonzero(first)):
        others = np.delete(nodes, m)
        lagrange[:, column] = [np.prod((j - others) / (nodes[m] - others)) for j in range(length)]
    average, averages = np.r_[1.0, np.zeros(len(lags))], np.zeros((WINDOW, 1 + len(lags)))
    for j in range(length):
        averages[WINDOW - length + j] = average
        average = 0.5 * (average + np.r_[0.0, lagrange[j]])
    return lags, averages


def tables(lags: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Lags (WINDOW + 1, nodes) and weights (WINDOW + 1, WINDOW, 1 + nodes) by the number of steps."""
    rules = [rule(max(length, 1), lags) for length in range(WINDOW + 1)]
    return np.stack([r[0] for r in rules]), np.stack([r[1] for r in rules]).astype(np.float32)


NODES, WEIGHTS = tables(LAGS)
EVERY, EVERY_WEIGHTS = tables(list(range(WINDOW)))
# FEEDBACK[length] are the weights of the outputs in feedback at the last step but one, and of what it was, at the end.
FEEDBACK = np.zeros((WINDOW + 1, WINDOW + 1), np.float32)
for length in range(2, WINDOW + 1):
    lag = np.arange(length - 2)  # an output at step j is read at step j + 1
    FEEDBACK[length, WINDOW - length : WINDOW - 2] = 0.5 ** (length - 2 - lag)
    FEEDBACK[length, WINDOW] = 0.5 ** (length - 2)


def segments(s0: int, hidden_learns: np.ndarray) -> np.ndarray:
    """The last steps of all segments of a sequence that starts at step s0 of the run."""
    steps = len(hidden_learns)
    early = np.arange(min(SETTLED, steps)) if s0 == 0 else np.arange(3, min(SETTLED, steps), 4)
    return np.unique(np.r_[early, np.flatnonzero(hidden_learns), steps - 1])


def advance(task: Task, record: bool, table, targets, plans, i, net):
    """One segment: the i-th of `plans`. `table` (T, k) has the smoothed inputs, in the coordinates of W."""
    last, length, taught, output_learns, hidden_learns, share = (p[i] for p in plans)
    W, b, Y, before = net["W"], net["b"], net["Y"], net["rate"]
    single = length == 1
    start = [a + share[m] * (r - a) for m, (a, r) in enumerate(zip(net["average"], before))]

    # Rows of `values`: the average at the first step, then the rates at the nodes, the last step's first.
    inputs = table[last - jnp.asarray(NODES)[length]]
    weights, averages, rate = jnp.asarray(WEIGHTS)[length], [], []
    voltages = inputs @ W[0].T
    for m in range(len(W) - 1):
        rates = sigmoid(voltages + b[m])
        values = jnp.concatenate([start[m][None], rates])
        averages.append(weights[-2:] @ values)  # at the last two steps
        rate.append((jnp.where(single, before[m], rates[1]), rates[0]))
        voltages = weights @ (values @ W[m + 1].T)
        if m < len(W) - 2:
            voltages, weights = voltages[::-1], jnp.asarray(EVERY_WEIGHTS)[length]

    outputs = sigmoid(voltages + b[-1])
    forgets = jnp.asarray(FEEDBACK)[length]
    feedback = net["feedback"] + share[-1] * (before[-1] - net["feedback"])
    feedback_before = jnp.where(single, net["feedback"], forgets[:-1] @ outputs + forgets[-1] * feedback)

    def teach(k, old, new, average, W, b, loss):
        """The k-th of the last two steps at the output."""
        target = targets[last - 1 + k]
        new = jnp.where(taught[k], 0.5 * (new + target), new)
        change = jnp.where(output_learns[k], task.output_rate * (new - old) * old * (1 - old), 0.0)
        loss = loss + jnp.where(output_learns[k], jnp.mean((target - old) ** 2), 0.0)
        return new, W + jnp.outer(change, average), b + change, loss

    old = jnp.where(length > 2, outputs[-3], before[-1])
    first, *learned = teach(0, old, outputs[-2], averages[-1][0], W[-1], b[-1], net["loss"])
    first = jnp.where(single, before[-1], first)
    second = sigmoid(learned[0] @ averages[-1][1] + learned[1])
    second, output_W, output_b, loss = teach(1, first, second, averages[-1][1], *learned)
    feedback = jnp.where(single, feedback, 0.5 * (feedback_before + first))

    hidden_W, hidden_b = [], []
    reads = [inputs[0], *(average[1] for average in averages)]
    for m, (r, _) in enumerate(rate):
        bursts = sigmoid(Y[m] @ feedback) - sigmoid(Y[m] @ feedback_before)
        e = jnp.where(hidden_learns, task.hidden_rate * bursts * r * (1 - r), 0.0)
        hidden_W.append(W[m] + jnp.outer(e, reads[m]))
        hidden_b.append(b[m] + e)
    shown = net["shown"]
    if record:
        shown = lax.dynamic_update_slice(shown, jnp.stack([first, second]), (2 * i, 0))
    return {
        "W": [*hidden_W, output_W],
        "b": [*hidden_b, output_b],
        "Y": Y,
        "average": [average[1] for average in averages],
        "feedback": feedback,
        "rate": [*(now for _, now in rate), second],
        "loss": loss,
        "shown": shown,
    }


def sequence(task: Task, record: bool, net, table, targets, plans, count):
    """Trains over the first `count` segments of `plans`."""
    net = net | {"loss": jnp.float32(0.0)}
    return lax.fori_loop(0, count, partial(advance, task, record, table, targets, plans), net)


def span(rows: np.ndarray) -> np.ndarray:
    """Orthonormal directions (n, k) of rows (T, n), to the rounding of float32: those of random sums of the rows."""
    rows = rows.astype(float)
    sums = np.random.default_rng(0).standard_normal((256, len(rows))) @ rows
    largest = np.max(np.linalg.norm(rows, axis=1))
    for k in (32, 48, 64, 96, 128, 256):
        if k < rows.shape[1]:
            U, _ = np.linalg.qr(sums[:k].T)
            some = rows[::7]
            if np.max(np.linalg.norm(some - some @ U @ U.T, axis=1)) < 2e-7 * largest:
                return U
    return np.eye(rows.shape[1])


@jax.jit
def enter(W, U, table, start, decay):
    """W U, U and the smoothed inputs in U, with what the sequence before has left, `start`, as the last direction."""
    along = start @ U[:, :-1]
    rest = start - U[:, :-1] @ along
    norm = jnp.linalg.norm(rest) + 1e-30
    U = U.at[:, -1].set(rest / norm)
    return W @ U, U, table.at[:FADED].add(jnp.outer(decay[:FADED], jnp.append(along, norm)))


@jax.jit
def leave(W, start, now, U):
    """W after W U has become `now` from `start`."""
    return W + (now - start) @ U.T


class Program:
    """A network in training. `show` returns before the work is done; `wait` waits for it."""

    name = "JAX by nodes"

    def __init__(self, task: Task, form: str = FORMS[0], record: bool = False, compiled=None) -> None:
        def device(arrays):
            return [jnp.array(a) for a in arrays]

        def zeros(sizes):
            return [jnp.zeros(size, jnp.float32) for size in sizes]

        self.task, self.form, self.record, self.s = task, form, record, 0
        self.before, self.start, self.next_start, self.entered, self.outputs = False, None, task.inputs[0, 0], None, None
        self.decay = jnp.array(task.decay)
        self.targets = device(task.targets)
        self.W, self.W_start, self.U, self.tables, self.bases = jnp.array(task.weights.forward[0]), None, None, [], []
        for rows in task.smoothed if form == "basis" else []:
            U = span(rows)
            self.bases.append(jnp.array(np.pad(U, ((0, 0), (0, 1))), jnp.float32))
            self.tables.append(jnp.array(np.pad(rows @ U, ((0, 0), (0, 1))), jnp.float32))
        self.net = {
            "W": device(task.weights.forward),
            "b": device(task.weights.bias),
            "Y": device(task.weights.feedback),
            "average": zeros(task.layers[1:-1]),
            "feedback": jnp.zeros(task.layers[-1], jnp.float32),
            "rate": zeros(task.layers[1:]),
            "loss": jnp.float32(0.0),
            "shown": jnp.zeros((2 * task.steps if record else 0, task.layers[-1]), jnp.float32),
        }
        self.compiled, self.compile_seconds = compiled, 0.0
        if compiled is None:
            self.enter(0, task.inputs[0, 0])
            begin = time.perf_counter()
            jitted = jax.jit(partial(sequence, task, record), donate_argnums=0)
            plans, count = self.plans(np.zeros(task.steps, bool))
            self.compiled = jitted.lower(self.net, self.table, self.targets[0], plans, count).compile()
            self.compile_seconds = time.perf_counter() - begin

    def plans(self, taught: np.ndarray):
        """The segments of a sequence as arrays with room for one of each step, and how many there are."""
        steps, weight_layers = self.task.steps, self.task.weight_layers
        hidden_learns, output_learns, share = plan(np, self.s, taught, np.array(self.before), weight_layers)
        last = segments(self.s, hidden_learns)
        first = np.r_[0, last[:-1] + 1]
        pairs = np.stack([last - 1, last], axis=1)
        is_own = pairs >= first[:, None]
        learns = [taught[pairs] & is_own, output_learns[pairs] & is_own, hidden_learns[last]]
        columns = [last.astype(np.int32), np.minimum(last - first + 1, WINDOW).astype(np.int32), *learns, share[first]]
        return [np.concatenate([c, np.zeros((steps - len(c), *c.shape[1:]), c.dtype)]) for c in columns], len(last)

    def enter(self, index: int, start: np.ndarray) -> None:
        """Brings W into the coordinates of sequence `index`, into which `start` is carried."""
        if self.form == "basis":
            self.W = self.now()[0][0]
            basis, table = self.bases[index], self.tables[index]
            self.net["W"][0], self.U, self.table = enter(self.W, basis, table, start, self.decay)
            self.W_start = self.net["W"][0].copy()
        else:
            table = self.task.smoothed[index].copy()
            table[:FADED] += self.task.decay[:FADED, None] * start
            self.table = jnp.array(table)
        self.entered, self.start = index, start

    def show(self, index: int, taught: np.ndarray) -> None:
        """Trains over sequence `index`, taught at the steps (T,)."""
        start = self.task.inputs[index, 0] if self.s == 0 else self.next_start
        if self.entered != index or not np.array_equal(start, self.start):
            self.enter(index, start)
        self.next_start = self.task.ends[index] + self.task.decay[-1] * start
        plans, count = self.plans(taught)
        self.net = self.compiled(self.net, self.table, self.targets[index], plans, count)
        if self.record:  # only the last two outputs of a segment are ever computed
            self.outputs = np.full((self.task.steps, self.task.layers[-1]), np.nan, np.float32)
            last, length = plans[0][:count], plans[1][:count]
            shown = np.array(self.net["shown"]).reshape(-1, 2, self.task.layers[-1])[:count]
            self.outputs[last[length > 1] - 1], self.outputs[last] = shown[length > 1, 0], shown[:, 1]
        self.before, self.s = bool(taught[-1]), self.s + self.task.steps

    def now(self):
        """What a forward pass goes on from: weights, biases, and the state of the first layer."""
        W = list(self.net["W"])
        if self.form == "basis" and self.U is not None:
            W[0] = leave(self.W, self.W_start, W[0], self.U)
        return W, self.net["b"], (jnp.array(self.next_start), self.net["rate"][0], self.net["average"][0])

    def describe(self) -> str:
        """The form in words."""
        return "trains W in a basis" if self.form == "basis" else "trains W as it is"

    def wait(self) -> None:
        jax.block_until_ready(self.net)

    @property
    def loss(self) -> float:
        """Sum of the output layer's losses over the last sequence."""
        return float(self.net["loss"])
