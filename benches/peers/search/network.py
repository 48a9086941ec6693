"""The small burst network, searched by burstnet's sweeps or by Optuna."""

import json
import math
import os
import subprocess
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from small_network import BASE, EPOCHS, SPACE

#: The rungs of Hyperband with three brackets and the factor 3, for burstnet and for Optuna.
RUNGS = [3, 9, 27]
MEASURE = "test_mae"
#: The usual rounds of samplers that learn, over these six keys.
USUAL_ROUNDS = {"tpe": 8, "cmaes": 9}


def running_best(values: list[float]) -> list[float]:
    best, bests = math.inf, []
    for value in values:
        best = min(best, value)
        bests.append(best)
    return bests


class Network:
    """The network as it learns from one seed. Search seed s has the seed of replicate 0 of a sweep with the seed s, with
    both programs: each pair of searches is on the same task."""

    name, title, least = "network", "Burst network", 0.0

    def __init__(self, binary: Path, place: Path) -> None:
        """The program under test; `place` is a folder for the run file."""
        self.binary, self.file = binary, place / f"run-{os.getpid()}.yaml"
        self.file.write_text(json.dumps(BASE))

    def sweep(self, seed: int, search: dict) -> list[dict]:
        """The trials of a sweep, in the order of their configurations."""
        space = {key: {"log_uniform" if log else "uniform": [low, high]} for key, (low, high, log) in SPACE.items()}
        sweep = {"name": "search", "seed": seed, "base": BASE, "objective": {"measure": MEASURE}}
        sweep["search"] = {**search, "space": space}
        with tempfile.TemporaryDirectory() as place:
            file, results = Path(place) / "sweep.yaml", Path(place) / "results"
            file.write_text(json.dumps(sweep))
            command = [self.binary, "sweep", file, "--out", results, "--threads", "1"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode not in (0, 1):
                raise SystemExit(f"benches/peers/search: burstnet failed: {done.stderr.strip()}")
            return pq.read_table(results / "trials.parquet").to_pylist()

    def burstnet(self, sampler: str, trials: int, pace: int | str, seed: int) -> list[float]:
        """The best value after each trial. The pace is the size of a round, 0 for the usual one, or lag:L."""
        search: dict = {"strategy": sampler, "trials": trials}
        if isinstance(pace, str):
            search["lag"] = int(pace.removeprefix("lag:"))
        elif pace or sampler in USUAL_ROUNDS:
            search["round"] = pace or USUAL_ROUNDS[sampler]
        return running_best([value_of(trial) for trial in self.sweep(seed, search)])

    def burstnet_hyperband(self, configurations: int, seed: int) -> list[tuple[int, float]]:
        """Epochs spent, and the best value of all that have been trained to the end, in the order in which trials run."""
        stopping = {"rule": "hyperband", "brackets": len(RUNGS), "factor": 3}
        trials = self.sweep(seed, {"strategy": "random", "trials": configurations, "stopping": stopping})
        starts = brackets(configurations)
        spent, best, course = 0, math.inf, []
        for number in range(len(RUNGS)):  # rounds
            for trial, start in zip(trials, starts):
                rung = start + number
                if rung >= len(RUNGS) or trial["training_epochs"] < RUNGS[rung]:
                    continue
                spent += RUNGS[rung] - (RUNGS[rung - 1] if number else 0)
                if RUNGS[rung] == EPOCHS:
                    best = min(best, value_of(trial))
                course.append((spent, best))
        return course

    def seed_of(self, seed: int) -> int:
        """The seed of replicate 0 of a sweep with this seed."""
        return self.sweep(seed, {"strategy": "random", "trials": 1})[0]["seed"]

    def evaluate(self, trial, seed: int, epochs: int) -> float:
        """What a run shows at the values that Optuna suggests."""
        command = [self.binary, "run", self.file, "--json", "--seed", str(seed), "--set", f"training.epochs={epochs}"]
        for key, (low, high, log) in SPACE.items():
            command += ["--set", f"{key}={trial.suggest_float(key, low, high, log=log)!r}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise SystemExit(f"benches/peers/search: burstnet failed: {done.stderr.strip()}")
        return value_of(json.loads(done.stdout))

    def objective(self, seed: int):
        """What Optuna minimises."""
        own = self.seed_of(seed)
        return lambda trial: self.evaluate(trial, own, EPOCHS)


def value_of(trial: dict) -> float:
    value = trial[MEASURE]
    return math.inf if value is None or trial["status"] not in ("ok", "pruned") else value


def brackets(configurations: int) -> list[int]:
    """At which rung each configuration starts: brackets of 9, 5 and 3, again and again."""
    return ([0] * 9 + [1] * 5 + [2] * 3) * (configurations // 17 + 1)
