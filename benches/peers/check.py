"""Whether the peers compute what burstnet's reference engine computes: small runs, from the same files."""

import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

import forward
import jax_nodes
import jax_program
import numba_program
import numpy_blocks
import numpy_program
import signals
from burstnet import Burstnet
from task import Task, Weights

TOLERANCE = 1e-5
EPOCHS = 2


def check(binary: Path) -> None:
    """Stops the benchmark if a peer disagrees."""
    rng = np.random.default_rng(1)
    every_step = [jax_form(jax_program, form) for form in jax_program.FORMS]
    every_step += [numpy_program.Program, numpy_blocks.fastest, numba_program.Program]
    by_nodes = [jax_form(jax_nodes, form) for form in jax_nodes.FORMS]
    networks = [
        ([20, 10, 3], 0.0, 2, signals.noise, every_step),
        ([20, 12, 8, 3], 0.05, 1, signals.noise, every_step),
        ([200, 10, 3], 0.0, 2, signals.sinusoids, by_nodes),
        ([200, 12, 8, 3], 0.0, 2, signals.sinusoids, by_nodes),
    ]
    for layers, feedback_rate, sequences, draw, makers in networks:
        inputs, targets = (
            np.concatenate([draw(rng, 200, n) for _ in range(sequences)]) for n in (layers[0], layers[-1])
        )
        rates = {"hidden_rate": 10.0, "output_rate": 0.5, "feedback_rate": feedback_rate}  # large, to show in 400 steps
        task = Task(layers, inputs, targets, Weights.draw(layers, rng), **rates)
        mask = rng.random((EPOCHS, sequences * 200)) < 0.2
        mask[:, 50:150] = False  # longer than the blocks in which some peers work
        expected = reference(binary, task, mask)
        for make in makers:
            program = make(task, record=True)
            compare(f"{program.name} {layers}", expected, trained(program, task, mask))


def jax_form(module, form):
    return lambda task, record: module.Program(task, form, record)


def reference(binary: Path, task: Task, mask: np.ndarray) -> dict:
    """Outputs and loss of the reference engine, from the task's files."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        weights = {"W": task.weights.forward, "b": task.weights.bias, "Y": task.weights.feedback}
        for letter, arrays in weights.items():
            for m, array in enumerate(arrays):
                np.save(place / f"{letter}_{m}.npy", array)
        np.save(place / "mask.npy", mask)
        burstnet = Burstnet(binary, "reference", place)
        settings = burstnet.files(task) | {
            "network.layers": task.layers,
            "network.initial_weights": name,
            "teaching.mask": str(place / "mask.npy"),
            "learning_rate.hidden": task.hidden_rate,
            "learning_rate.output": task.output_rate,
            "learning_rate.feedback": task.feedback_rate,
        }
        _, measures = burstnet.run(settings, EPOCHS, "--trace", str(place / "trace.parquet"))
        trace = pq.read_table(place / "trace.parquet", columns=["phase", "output"])
        outputs = np.stack(trace["output"].to_numpy())
        training = np.array([phase == "training" for phase in trace["phase"].to_pylist()])
    return {"training": outputs[training], "test": outputs[~training], "train_loss": measures["train_loss"]}


def trained(program, task: Task, mask: np.ndarray) -> dict:
    """As `reference`, of a peer. Networks with one hidden layer are tested by the forward pass, others are not."""
    outputs, loss = [], 0.0
    sequences = len(task.inputs)
    for epoch in mask.reshape(EPOCHS, sequences, -1):
        loss = 0.0
        for index, taught in enumerate(epoch):
            program.show(index, taught)
            program.wait()
            outputs.append(np.array(program.outputs))
            loss += program.loss
    outputs = np.concatenate(outputs)
    outputs[: task.weight_layers] = 0.0  # peers have no gates: what the output holds before its time is never read
    result = {"training": outputs, "train_loss": loss / mask[-1].sum()}
    if task.weight_layers == 2:
        test = forward.Program(program.name.split(" ")[0], task, program.now())
        tested = []
        for index in range(sequences):
            test.show(index, None)
            tested.append(np.array(test.outputs))
        result["test"] = np.concatenate(tested)
    return result


def compare(name: str, expected: dict, got: dict) -> None:
    """Stops the benchmark if anything differs; outputs that a program never computes are not numbers."""
    for what, value in got.items():
        computed = np.isfinite(value)
        if np.mean(computed) < 0.1:
            raise SystemExit(f"benches/peers: {name} computes too few numbers of {what} to be compared")
        difference = float(np.max(np.abs(value - expected[what])[computed]))
        if not difference <= TOLERANCE:
            raise SystemExit(f"benches/peers: {name} differs from the reference engine in {what} by {difference:.2g}")
