"""What a trial costs besides its evaluation, with burstnet and with Optuna; `run --overhead` starts it.

The objective is a paraboloid of two numbers drawn uniformly, which costs nothing. Optuna draws them by its random
sampler, in one process and one thread, and keeps trials in memory, in a journal file or in SQLite. burstnet keeps them
in its journal, synced every second.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import optuna
from arguments import parse
from machine import processor

ROOT = Path(__file__).resolve().parent.parent.parent
BENCH = ["cargo", "bench", "--locked", "--quiet", "-p", "burstnet-report", "--bench", "million_trials", "--"]
#: Up to how many trials each storage is measured: the slow ones take minutes for a thousand.
SIZES = {"memory": [100, 1_000, 10_000], "journal file": [100, 1_000], "SQLite": [100, 1_000]}
BURSTNET = [1_000, 10_000, 100_000]


def storage(kind: str, place: Path):
    """A new storage of Optuna."""
    match kind:
        case "memory":
            return optuna.storages.InMemoryStorage()
        case "journal file":
            backend = optuna.storages.journal.JournalFileBackend(str(place / "optuna.log"))
            return optuna.storages.JournalStorage(backend)
        case "SQLite":
            return optuna.storages.RDBStorage(f"sqlite:///{place / 'optuna.db'}")
    raise ValueError(kind)


def objective(trial: optuna.Trial) -> float:
    """A paraboloid."""
    x, y = trial.suggest_float("x", 0.0, 1.0), trial.suggest_float("y", 0.0, 1.0)
    return x * x + y * y


def with_optuna(kind: str, sizes: list[int]) -> dict[int, tuple[float, float]]:
    """Microseconds per trial when so many are done: of all of them, and of the last tenth."""
    marks = sorted({mark for size in sizes for mark in (size - size // 10, size)})
    with tempfile.TemporaryDirectory(dir=ROOT / "target") as place:
        sampler = optuna.samplers.RandomSampler(seed=1)
        study = optuna.create_study(storage=storage(kind, Path(place)), sampler=sampler)
        done, times, start = 0, {}, time.perf_counter()
        for mark in marks:
            study.optimize(objective, n_trials=mark - done)
            done = mark
            times[mark] = time.perf_counter() - start
    last = {size: times[size] - times[size - size // 10] for size in sizes}
    return {size: (times[size] / size * 1e6, last[size] / (size // 10) * 1e6) for size in sizes}


def with_burstnet(sizes: list[int]) -> dict[int, float]:
    """Microseconds per trial of sweeps of so many trials."""
    out = subprocess.run([*BENCH, *map(str, sizes)], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    rows = re.findall(r"^ *(\d+) +1 +([\d.]+) ", out, re.MULTILINE)
    times = {int(trials): float(micros) for trials, micros in rows}
    if sorted(times) != sizes:
        sys.exit(f"benches/peers: unexpected output of million_trials:\n{out}")
    return times


def main() -> None:
    arguments = parse(sys.argv[1:])
    rounds = 1 if arguments.quick else 3
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    print(f"{processor()}, core {arguments.core}; optuna {version('optuna')}, Python {sys.version.split()[0]}\n", flush=True)
    measured: dict[tuple[str, int], list[tuple[float, float | None]]] = {}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for size, micros in with_burstnet(BURSTNET).items():
            measured.setdefault(("burstnet", size), []).append((micros, None))
        for kind, sizes in SIZES.items():
            for size, micros in with_optuna(kind, sizes).items():
                measured.setdefault((f"Optuna, {kind}", size), []).append(micros)
    print("| Program | Trials | Per trial | Per trial of the last tenth |\n| --- | --- | --- | --- |")
    for (program, size), times in measured.items():
        whole, last = zip(*times, strict=True)
        tail = "–" if last[0] is None else f"{statistics.median(last):.0f} µs"
        print(f"| {program} | {size:_} | {statistics.median(whole):.1f} µs | {tail} |".replace("_", " "))


if __name__ == "__main__":
    main()
