"""Runs of burstnet: one process each."""

import json
import subprocess
import time
from pathlib import Path

import numpy as np

from cases import STEPS
from task import Task


class Burstnet:
    """The program under test, with files in `place`."""

    name = "burstnet"

    def __init__(self, binary: Path, engine: str, place: Path) -> None:
        self.binary, self.engine, self.place = binary, engine, place

    def run(self, settings: dict, epochs: int, *arguments: str) -> tuple[float, dict]:
        """Seconds and measures of one run."""
        file = self.place / "run.yaml"
        file.write_text(json.dumps(settings))
        command = [self.binary, "run", file, "--engine", self.engine, "--json", *arguments]
        command += ["--set", f"training.epochs={epochs}", "--set", "evaluation.curve_window=none"]
        begin = time.perf_counter()
        result = subprocess.run(command, capture_output=True, text=True)
        seconds = time.perf_counter() - begin
        if result.returncode != 0:
            raise SystemExit(f"benches/peers: burstnet failed: {result.stderr.strip()}")
        return seconds, json.loads(result.stdout)

    def files(self, task: Task) -> dict:
        """Settings with which burstnet is shown the signals of `task`."""
        names = {"signals.inputs": task.inputs, "signals.targets": task.targets}
        for name, array in names.items():
            np.save(self.place / f"{name}.npy", array.transpose(0, 2, 1))
        return {"signals.kind": "files"} | {name: str(self.place / f"{name}.npy") for name in names}


class Slope:
    """The cost of a step: the time of a longer run minus that of a run of one epoch."""

    name = "burstnet"

    def __init__(self, burstnet: Burstnet, settings: dict, sequences: int, seconds: float) -> None:
        """The longer run takes about `seconds` longer, or some epochs if that is more: starts of processes scatter."""
        self.burstnet, self.settings, self.sequences, self.epochs = burstnet, settings, sequences, 1
        while (took := self.step_seconds() * self.epochs * sequences * STEPS) < seconds / 4:
            self.epochs *= 4
        self.epochs = max(1 if sequences > 1 else 5, round(self.epochs * seconds / took))

    def step_seconds(self) -> float:
        short, _ = self.burstnet.run(self.settings, 1)
        long, _ = self.burstnet.run(self.settings, 1 + self.epochs)
        return (long - short) / (self.epochs * self.sequences * STEPS)
