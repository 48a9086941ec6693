"""How long programs take: seconds of a step, of peers and of burstnet in turn."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import forward
import jax_nodes
import jax_program
import numba_program
import numpy_blocks
from burstnet import Burstnet, Slope
from cases import Case
from task import Task

JAX, BLOCKS, NODES, NUMPY, NUMBA = "JAX", "JAX in blocks", "JAX by nodes", "NumPy", "Numba"


@dataclass
class Effort:
    """How much is measured."""

    rounds: int
    seconds: float  # of one measurement
    epochs: int  # of a whole trial


class Training:
    """A peer that trains sequence after sequence, in random order, with taught steps that are drawn as it goes."""

    def __init__(self, program, task: Task, fraction: float, seconds: float) -> None:
        self.program, self.task, self.fraction = program, task, fraction
        self.rng = np.random.default_rng(3)
        self.sequences = 2
        self.step_seconds()  # warm-up
        self.sequences = max(1, round(seconds / (self.step_seconds() * task.steps)))

    def step_seconds(self) -> float:
        begin = time.perf_counter()
        for _ in range(self.sequences):
            taught = self.rng.random(self.task.steps) < self.fraction
            self.program.show(int(self.rng.integers(len(self.task.inputs))), taught)
        self.program.wait()
        return (time.perf_counter() - begin) / (self.sequences * self.task.steps)


# The programs in JAX, each with its forms.
IN_JAX = {
    JAX: (jax_program, [form for form in jax_program.FORMS if form[0] == "step"]),
    BLOCKS: (jax_program, [form for form in jax_program.FORMS if form[0] == "block"]),
    NODES: (jax_nodes, jax_nodes.FORMS),
}


def jax_names(case: Case, task: Task) -> list[str]:
    """The programs in JAX that can compute a case: nodes need smooth signals, and feedback weights that stand still."""
    return list(IN_JAX) if case.smooth and task.feedback_rate == 0.0 else [JAX, BLOCKS]


def fastest_jax(task: Task, fraction: float, name: str):
    """The program in the form that is fastest for this task here: this very one, as arrays can lie badly in memory."""
    module, forms = IN_JAX[name]
    tried = [Training(module.Program(task, form), task, fraction, 0.1) for form in forms]
    times = [[training.step_seconds() for training in tried] for _ in range(10)]
    least = [min(of_one) for of_one in zip(*times)]
    program = tried[least.index(min(least))].program
    program.name = name
    return program


def steps(case: Case, burstnet: Burstnet, effort: Effort) -> tuple[dict[str, Callable], str]:
    """What measures the seconds of a step, by program, and a note."""
    task = case.task(np.random.default_rng(2))
    settings = case.settings | (burstnet.files(task) if case.from_files else {})
    in_jax = [fastest_jax(task, case.fraction, name) for name in jax_names(case, task)]
    note = ", ".join(f"{jax.name} {jax.describe()}" for jax in in_jax)
    programs = [*in_jax, numpy_blocks.fastest(task), numba_program.Program(task)]
    measured = {"burstnet": Slope(burstnet, settings, case.sequences, effort.seconds)}
    measured |= {program.name: Training(program, task, case.fraction, effort.seconds) for program in programs}
    return {name: program.step_seconds for name, program in measured.items()}, note


def trials(case: Case, burstnet: Burstnet, effort: Effort) -> tuple[dict[str, Callable], str]:
    """What measures the seconds of a whole trial: signals, weights, training, a test pass and its error.

    Peers are compiled before, and their interpreter runs already; burstnet starts as a process.
    """
    task = case.task(np.random.default_rng(2))
    in_jax = [fastest_jax(task, case.fraction, name) for name in jax_names(case, task)]

    def again(jax) -> Callable:
        return lambda task: type(jax)(task, jax.form, compiled=jax.compiled)

    make = {
        **{jax.name: again(jax) for jax in in_jax},
        NUMPY: numpy_blocks.fastest,
        NUMBA: numba_program.Program,
    }

    def peer(name: str, epochs: int) -> float:
        begin = time.perf_counter()
        rng = np.random.default_rng(4)
        task = case.task(rng)
        program = make[name](task)
        for _ in range(epochs):
            program.show(0, rng.random(task.steps) < case.fraction)
        test = forward.Program(JAX if name in IN_JAX else name, task, program.now())
        test.show(0, None)
        float(np.mean(np.abs(np.asarray(test.outputs) - task.targets[0])))
        return time.perf_counter() - begin

    for name in make:
        peer(name, 1)  # warm-up
    measured = {name: lambda name=name: peer(name, effort.epochs) for name in make}
    measured = {"burstnet": lambda: burstnet.run(case.settings, effort.epochs)[0]} | measured
    note = f"{effort.epochs} epochs; compilation by JAX is not counted"
    return measured, note + "".join(f"; {jax.name} {jax.describe()}, {jax.compile_seconds:.1f} s" for jax in in_jax)


def rounds(measured: dict[str, Callable], count: int) -> dict[str, list[float]]:
    """The results of `count` rounds, by name; every other round goes the other way."""
    results = {name: [] for name in measured}
    for i in range(count):
        for name in list(measured)[:: -1 if i % 2 else 1]:
            results[name].append(measured[name]())
    return results
