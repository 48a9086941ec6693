"""What a trial of a Python function costs beside Optuna, and the memory that opening results takes.

    python benches/python/measure.py [--trials N] [--million]

Run it with the interpreter of an environment that has burstnet (a release build) and Optuna. It prints one line of JSON
for each measurement. `--million` sweeps a million trials first, which takes some minutes.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import burstnet as bn

ROUNDS = 3


@bn.objective(measures=["distance"])
def model(config, seed):
    return {"distance": (config["x"] - 2) ** 2}


def seconds_of_burstnet(trials: int, strategy: str, folder: Path, **search: object) -> float:
    begin = time.perf_counter()
    space = {"x": bn.uniform(-5, 5)}
    bn.sweep(model, space=space, strategy=strategy, trials=trials, out=folder, threads=2, progress=False, search=search)
    return time.perf_counter() - begin


def seconds_of_optuna(trials: int, strategy: str, jobs: int, journal: Path | None) -> float:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    samplers = {"random": optuna.samplers.RandomSampler, "tpe": optuna.samplers.TPESampler}
    storage = None if journal is None else JournalStorage(JournalFileBackend(str(journal)))
    begin = time.perf_counter()
    study = optuna.create_study(sampler=samplers[strategy](seed=1), storage=storage)
    study.optimize(lambda trial: (trial.suggest_float("x", -5, 5) - 2) ** 2, n_trials=trials, n_jobs=jobs)
    return time.perf_counter() - begin


def beside_optuna(trials: int) -> None:
    """Print trials per second: the median of some rounds, in which all programs take turns."""
    for strategy, number in (("random", trials), ("tpe", trials // 10)):
        few = number // 10  # for the journal, which is slow
        found: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                rates = {
                    "burstnet, 2 workers": number / seconds_of_burstnet(number, strategy, folder / "results"),
                    "optuna in memory, n_jobs=1": number / seconds_of_optuna(number, strategy, 1, None),
                    "optuna in memory, n_jobs=2": number / seconds_of_optuna(number, strategy, 2, None),
                    "optuna, journal storage": few / seconds_of_optuna(few, strategy, 1, folder / "journal.log"),
                }
            for program, rate in rates.items():
                found.setdefault(program, []).append(rate)
        middle = {program: round(statistics.median(rates)) for program, rates in found.items()}
        print(json.dumps({"strategy": strategy, "trials": number, "trials per second": middle}), flush=True)


OPEN = """
import json, resource, sys
import burstnet as bn
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
found = {"import": peak()}
results = bn.open(sys.argv[1])
found["open"] = peak()
found["done"] = results.status()["done"]
found["status"] = peak()
table = getattr(results, sys.argv[2])
found[sys.argv[2]] = peak()
found["rows"] = len(table)
print(json.dumps({key: round(value) for key, value in found.items()}))
"""


def memory(folder: Path) -> None:
    """Print the peak of memory in MiB after each step, of processes that open the results and read a table."""
    for table in ("trials", "summary"):
        done = subprocess.run([sys.executable, "-c", OPEN, str(folder), table], capture_output=True, text=True, check=True)
        print(done.stdout.strip(), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=20_000)
    parser.add_argument("--million", action="store_true")
    arguments = parser.parse_args()
    beside_optuna(arguments.trials)
    if arguments.million:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "results"
            seconds = seconds_of_burstnet(1_000_000, "random", folder)
            print(json.dumps({"a million trials, in seconds": round(seconds)}), flush=True)
            memory(folder)


if __name__ == "__main__":
    main()
