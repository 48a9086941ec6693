"""Training in JAX: one jitted call per sequence, a `lax.scan` over its steps, the network donated from call to call.

What was tried on one core of a machine with AVX-512, 500-200-3, 5 % of the steps taught, in microseconds a step:

    25     the update as it comes, masked or under `lax.cond`: XLA cannot know that the product with W is done when
           the update starts, and copies W at every step; `lax.optimization_barrier` does not help, since the CPU
           compiler drops it before it places the copies
    13     the update masked in every step, waiting for the product; or under a `lax.fori_loop` of no or one turn
    7      the update under `lax.cond`, whose condition looks at the product ("step" below)
    4.1    as before, with the first layer's product taken over blocks of steps ("block" below)

The update put off to the start of the next step is as fast as one that waits. W transposed, tanh for the logistic
function, the output layer's update under a condition of its own and wider vectors
(`--xla_cpu_prefer_vector_width=512`) made no difference that could be measured. Blocks of 80 and more are slower.

A block of K steps takes the product of its inputs V (K, n) with W as it stands at the start of the block. A factor e
that changed W at step i by e ⊗ v(i) changes the voltage of a later step k by e (v(i) · v(k)), so that the voltage at
step k is Z(k) + E' G(k), with the factors of the block in E (K, hidden), and G = V V'. G depends on the input alone and
is computed beforehand, but for what the average at the first step adds to V.
"""

import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.nn import sigmoid

from task import Task, plan

# The forms of the program, of which the fastest is kept: the first layer's product is taken every step or for a block
# of about so many steps, and so many steps are unrolled.
FORMS = [("step", 40, 1), ("block", 20, 2), ("block", 40, 1), ("block", 40, 4), ("block", 50, 2)]


def advance(task: Task, form: str, record: bool, carry, at):
    """One step. `carry` is the network and, in a block, the factors E so far; `at` is what belongs to the step."""
    net, factors = carry
    v, z, overlap, k, taught, hidden_learns, output_learns, share, target = at
    W, b, Y, before = net["W"], net["b"], net["Y"], net["rate"]
    last = task.weight_layers - 1

    averages = [v] + [a + share[m] * (before[m] - a) for m, a in enumerate(net["average"])]
    y = [z + overlap @ factors if form == "block" else W[0] @ v]
    y += [W[m] @ averages[m] for m in range(1, last + 1)]
    rate = [sigmoid(y + b) for y, b in zip(y, b)]
    rate[last] = jnp.where(taught, 0.5 * (rate[last] + target), rate[last])
    feedback_before, feedback = net["feedback"], net["feedback"] + share[last] * (before[last] - net["feedback"])

    if task.feedback_rate > 0.0:
        burst_before, burst = net["burst"], [sigmoid(Y @ feedback) for Y in Y]
        error = [task.feedback_rate * r * r * (1 - p) * p * (1 - p) for r, p in zip(rate, burst)]
        # Only from step M + 1 on is there feedback to learn from; before, the share that feedback has is 1.
        Y_next = [Y + jnp.outer(jnp.where(net["s"] > last + 1, e, 0.0), feedback) for Y, e in zip(Y, error)]
    else:  # burst probabilities are read where hidden layers learn, and computed there
        burst_before, burst, Y_next = None, [], Y

    def learn(hidden_W, hidden_b, factors):
        old = burst_before or [sigmoid(Y @ feedback_before) for Y in Y]
        new = burst or [sigmoid(Y @ feedback) for Y in Y]
        e = [task.hidden_rate * (p - q) * r * (1 - r) for p, q, r in zip(new, old, before)]
        if form == "block":
            factors = lax.dynamic_update_index_in_dim(factors, e[0], k, 0)
        return (
            [W + jnp.outer(e, v) for W, e, v in zip(hidden_W, e, averages)],
            [b + e for b, e in zip(hidden_b, e)],
            factors,
        )

    # A condition that looks at the products is one that waits for them. It is true of all finite voltages.
    products_done = jnp.all(jnp.stack([y[0] * 0 == 0 for y in y[:last]]))
    hidden_W, hidden_b, factors = lax.cond(
        hidden_learns & products_done, learn, lambda *same: same, W[:last], b[:last], factors
    )
    change = task.output_rate * (rate[last] - before[last]) * before[last] * (1 - before[last])
    change = jnp.where(output_learns, change, 0.0)
    net = {
        "W": [*hidden_W, W[last] + jnp.outer(change, averages[last])],
        "b": [*hidden_b, b[last] + change],
        "Y": Y_next,
        "average": averages[1:],
        "feedback": feedback,
        "rate": rate,
        "burst": burst,
        "loss": net["loss"] + jnp.where(output_learns, jnp.mean((target - before[last]) ** 2), 0.0),
        "s": net["s"] + 1,
    }
    return (net, factors), (rate[last] if record else None)


def sequence(task: Task, form, record: bool, net, start, before, smoothed, end, targets, overlaps, taught):
    """Trains over one sequence: its smoothed inputs (T, n) and targets (T, o), and the taught steps (T,).

    `overlaps` (blocks, K, K) are the products of the smoothed inputs within each block. `start` is the first layer's
    average at the first step, `before` whether the step before was taught. Returns these as the next sequence needs
    them, and the outputs (T, o) if they are to be recorded.
    """
    product, _, unroll = form
    count, length = overlaps.shape[:2]

    def block(net, at):
        (rows, decay, *rest), overlap = at
        V = rows + decay[:, None] * start
        if product == "block":
            cross = jnp.outer(decay, rows @ start)
            G = overlap + cross + cross.T + (start @ start) * jnp.outer(decay, decay)
            Z, factors = V @ net["W"][0].T, jnp.zeros((length, task.layers[1]), jnp.float32)
        else:
            Z = G = factors = None
        steps = (V, Z, G, jnp.arange(length), *rest)
        (net, _), outputs = lax.scan(partial(advance, task, product, record), (net, factors), steps, unroll=unroll)
        return net, outputs

    hidden_learns, output_learns, share = plan(jnp, net["s"], taught, before, task.weight_layers)
    decay = jnp.asarray(task.decay)
    at = (smoothed, decay[:-1], taught, hidden_learns, output_learns, share, targets)
    blocks = [array.reshape((count, length) + array.shape[1:]) for array in at]
    net, outputs = lax.scan(block, net | {"loss": jnp.float32(0.0)}, (blocks, overlaps))
    return net, end + decay[-1] * start, taught[-1], outputs.reshape(task.steps, -1) if record else None


class Program:
    """A network in training. `show` returns before the work is done; `wait` waits for it."""

    name = "JAX"

    def __init__(self, task: Task, form: tuple[str, int, int] = FORMS[0], record: bool = False, compiled=None) -> None:
        def device(arrays):
            return [jnp.array(a) for a in arrays]

        def zeros(sizes):
            return [jnp.zeros(size, jnp.float32) for size in sizes]

        self.form = form
        length = max(k for k in range(1, form[1] + 1) if task.steps % k == 0)
        rows = task.smoothed.reshape(len(task.inputs), -1, length, task.layers[0])
        overlaps = rows @ rows.transpose(0, 1, 3, 2)
        self.sequences = list(zip(*map(device, (task.smoothed, task.ends, task.targets, overlaps))))
        self.first_inputs = task.inputs[:, 0]
        self.start, self.before, self.outputs = None, jnp.array(False), None
        self.net = {
            "W": device(task.weights.forward),
            "b": device(task.weights.bias),
            "Y": device(task.weights.feedback),
            "average": zeros(task.layers[1:-1]),
            "feedback": jnp.zeros(task.layers[-1], jnp.float32),
            "rate": zeros(task.layers[1:]),
            "burst": zeros(task.layers[1:-1]) if task.feedback_rate > 0.0 else [],
            "loss": jnp.float32(0.0),
            "s": jnp.int32(0),
        }
        self.compiled, self.compile_seconds = compiled, 0.0
        if compiled is None:
            begin = time.perf_counter()
            jitted = jax.jit(partial(sequence, task, form, record), donate_argnums=0)
            start, taught = jnp.array(task.inputs[0, 0]), np.zeros(task.steps, bool)
            self.compiled = jitted.lower(self.net, start, self.before, *self.sequences[0], taught).compile()
            self.compile_seconds = time.perf_counter() - begin

    def show(self, index: int, taught: np.ndarray) -> None:
        """Trains over sequence `index`, taught at the steps (T,)."""
        if self.start is None:  # the first value that the average reads
            self.start = jnp.array(self.first_inputs[index])
        self.net, self.start, self.before, self.outputs = self.compiled(
            self.net, self.start, self.before, *self.sequences[index], taught
        )

    def now(self):
        """What a forward pass goes on from: weights, biases, and the state of the first layer."""
        return self.net["W"], self.net["b"], (self.start, self.net["rate"][0], self.net["average"][0])

    def describe(self) -> str:
        """The form in words."""
        product, size, unroll = self.form
        products = "at every step" if product == "step" else f"for blocks of up to {size} steps"
        return f"takes the first product {products}, unrolled {unroll}×"

    def wait(self) -> None:
        jax.block_until_ready(self.net)

    @property
    def loss(self) -> float:
        """Sum of the output layer's losses over the last sequence."""
        return float(self.net["loss"])
