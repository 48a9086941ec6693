"""What waiting for results costs in idle cores; `run --idle` starts it.

A round begins when the one before is complete, so threads wait for its slowest trial. With a lag of L, configuration k
starts once configurations 0 to k − L are complete. How busy two threads are is measured. For any number of threads it is
computed from times that were recorded on one: trials that may start go to whichever thread is free first, in their order,
as burstnet runs them. A part of a trial takes as long as its epochs.
"""

import heapq
import random
from collections.abc import Callable

import ahead
import tables
from sweeping import Sweeps, table

TRIALS, EPOCHS = 192, 27
MANY = 1024  # configurations of the comparison of lags, so that their end counts little
HALVING, HYPERBAND = (2, [4, 7, 14, 27]), (3, [3, 9, 27])  # what burstnet does by default: factor and rungs
THREADS, RECORDINGS = (2, 8, 64), 3
Round = list[tuple[int, float, int]]  # configuration, which part of its epochs, and up to which of them


def sweep(search: dict, replicates: int, uneven: bool, trials: int = TRIALS) -> dict:
    """Hidden layers are all alike, or of 50 to 800 units: then some trials take many times as long as others."""
    space = {"learning_rate.hidden": {"log_uniform": [0.03, 3.0]}, "learning_rate.output": {"log_uniform": [0.003, 0.3]}}
    if uneven:
        space["network.layers"] = [[500, units, 3] for units in (50, 100, 200, 400, 800)]
    base = {"training": {"epochs": EPOCHS}}
    return {
        "name": "idle",
        "seed": 2017,
        "replicates": replicates,
        "base": base,
        "objective": {"measure": "train_loss"},
        "search": {"trials": trials, **search, "space": space},
    }


def rule(name: str, **settings: int) -> dict:
    return {"strategy": "random", "stopping": {"rule": name, **settings}}


SEARCHES: dict[str, dict] = {
    "random": {"strategy": "random"},
    "tpe, lag 4": {"strategy": "tpe", "lag": 4},
    "tpe, lag 6": {"strategy": "tpe", "lag": 6},
    "tpe, round 4": {"strategy": "tpe", "round": 4},
    "tpe, round 8": {"strategy": "tpe", "round": 8},
    "tpe, round 16": {"strategy": "tpe", "round": 16},
    "tpe, round 64": {"strategy": "tpe", "round": 64},
    "successive_halving": rule("successive_halving"),
    "hyperband": rule("hyperband"),
    "successive_halving, lag 6": {**rule("successive_halving"), "lag": 6},
    "hyperband, lag 6": {**rule("hyperband"), "lag": 6},
}


def rounds(name: str) -> list[Round]:
    """What runs in each round; which configurations go on is drawn."""
    draw = random.Random(1)
    everyone = list(range(TRIALS))
    if name == "successive_halving":
        return halve(everyone, HALVING, 0, draw)
    if name == "hyperband":
        held, first = [], 0
        while first < TRIALS:
            for rung, size in enumerate((9, 5, 3)):
                held.append(halve(everyone[first : first + size], HYPERBAND, rung, draw))
                first += size
        return [sorted(job for one in held if at < len(one) for job in one[at]) for at in range(len(HYPERBAND[1]))]
    size = int(name.rpartition(" ")[2]) if "round" in name else TRIALS
    return [[(at, 1.0, EPOCHS) for at in everyone[first : first + size]] for first in range(0, TRIALS, size)]


def halve(alive: list[int], rule: tuple[int, list[int]], first: int, draw: random.Random) -> list[Round]:
    (factor, rungs), held, before = rule, [], 0
    for rung in rungs[first:]:
        if alive:
            held.append([(at, (rung - before) / EPOCHS, rung) for at in alive])
        before, alive = rung, sorted(draw.sample(alive, max(1, len(alive) // factor))) if alive else []
    return held


def busy(name: str, seconds: Callable[[int, int], float], replicates: int, threads: int) -> float:
    """Which part of the threads' time is work."""
    work = whole = 0.0
    for held in rounds(name):
        free = [0.0] * threads
        jobs = [(-rung, replicate, at, part) for at, part, rung in held for replicate in range(replicates)]
        for _, replicate, at, part in sorted(jobs):  # those that get furthest first
            took = part * seconds(at, replicate)
            work += took
            heapq.heappush(free, heapq.heappop(free) + took)
        whole += max(free)
    return work / (threads * whole)


def percent(part: float) -> str:
    return f"{100 * part:.0f} %"


def recorded(sweeps: Sweeps, replicates: int, uneven: bool, trials: int = TRIALS) -> list[list[float]]:
    """Seconds of each configuration's trials on one thread; the least of some sweeps, as other programs disturb them."""
    least: dict[int, float] = {}
    for _ in range(RECORDINGS):
        results, _ = sweeps.run(sweep(SEARCHES["random"], replicates, uneven, trials), threads=1)
        for row in table(results, "timings"):
            least[row["trial_id"]] = min(row["wall_seconds"], least.get(row["trial_id"], row["wall_seconds"]))
    return [[least[at * replicates + replicate] for replicate in range(replicates)] for at in range(trials)]


def computed(sweeps: Sweeps) -> str:
    """A row per search and number of replicates: which part of so many threads is busy."""
    head = ["Search", "Replicates", *(f"{n} threads" for n in THREADS), *(f"{n}, uneven" for n in THREADS)]
    lines = [tables.row(head), tables.row(["---"] * len(head))]
    for replicates in (1, 4):
        both = [recorded(sweeps, replicates, uneven) for uneven in (False, True)]
        for name in (name for name in SEARCHES if "lag" not in name):
            parts = [busy(name, lambda at, r: own[at][r], replicates, n) for own in both for n in THREADS]
            lines.append(tables.row([name, str(replicates), *map(percent, parts)]))
    return "\n".join(lines)


def lags(sweeps: Sweeps) -> str:
    """A row per search: which part of so many threads is busy, with a lag or a round that is a multiple of the threads."""
    threads = THREADS[1:]
    head = ["Search", *(f"{n}{what}" for what in (" threads", ", uneven", ", tenfold") for n in threads)]
    lines = [tables.row(head), tables.row(["---"] * len(head))]
    times = [[one[0] for one in recorded(sweeps, 1, uneven, MANY)] for uneven in (False, True)]
    draw = random.Random(2)  # another one than that of the losses in ahead.py
    times.append([10 ** draw.random() for _ in range(MANY)])  # logarithms are uniform, over a factor of ten
    for name, part in ahead.SEARCHES.items():
        lines.append(tables.row([name, *(percent(part(own, n)) for own in times for n in threads)]))
    return "\n".join(lines)


def measured(sweeps: Sweeps, repeats: int) -> str:
    """Which part of the time of two threads is work, in sweeps on two threads: the sampler's own time and the writing of
    records are none.
    """
    lines = [tables.row(["Search", "Replicates", "busy, 2 threads"]), tables.row(["---"] * 3)]
    for replicates in (1, 4):
        for name, search in SEARCHES.items():
            parts = []
            for _ in range(repeats):
                results, seconds = sweeps.run(sweep(search, replicates, False), threads=2)
                parts.append(sum(row["wall_seconds"] for row in table(results, "timings")) / (2 * seconds))
            lines.append(tables.row([name, str(replicates), tables.spread(parts)]))
    return "\n".join(lines)


def run(sweeps: Sweeps, repeats: int) -> str:
    return computed(sweeps) + "\n\n" + lags(sweeps) + "\n\n" + measured(sweeps, repeats)
