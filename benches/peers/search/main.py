"""The comparison itself, in its environment; `run` starts it."""

import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path

import adaptive
import early
import functions
import halving
import idle
import narrow
import pace
import peers
import pictures
import several
import tables
from arguments import parse
from network import EPOCHS, Network
from sweeping import Sweeps

#: burstnet's methods, each with its round; 0 is the usual one.
METHODS = {
    "random": ("random", 0),
    "sobol": ("sobol", 0),
    "tpe": ("tpe", 0),
    "cmaes": ("cmaes", 0),
    "tpe, round 1": ("tpe", 1),
    "tpe, round 4": ("tpe", 4),
    "tpe, round 16": ("tpe", 16),
}


def task_named(name: str, options: dict):
    if name != "network":
        return functions.Function(name, Path(options["example"]))
    return Network(Path(options["binary"]), Path(options["place"]))


def searches(name: str, program: str, method: str, seed: int, options: dict) -> list:
    """The best value after each trial; with hyperband after each part of one, with the epochs spent."""
    task, trials = task_named(name, options), options["trials"]
    if method == "hyperband":
        if program == "Optuna":
            return peers.hyperband(task, trials * EPOCHS, seed)
        return task.burstnet_hyperband(configurations(trials), seed)
    if program == "Optuna":
        return peers.search(task, method, trials, seed)
    return task.burstnet(METHODS[method][0], trials, METHODS[method][1], seed)


def seeds_of(arguments) -> list[int]:
    return list(range(arguments.first_seed, arguments.first_seed + arguments.seeds))


def configurations(trials: int) -> int:
    """How many configurations of Hyperband take the epochs of so many whole trials: 17 of them take 207."""
    return round(trials * EPOCHS * 17 / 207)


def run_all(arguments, options: dict) -> dict:
    """By task, program and method: the course of each seed."""
    jobs = []
    for task in arguments.tasks:
        for method in [*METHODS, *(["hyperband"] if task == "network" else [])]:
            if arguments.methods and method not in arguments.methods:
                continue
            jobs += [(task, "burstnet", method, seed, options) for seed in seeds_of(arguments)]
            if method in peers.SAMPLERS or method == "hyperband":
                jobs += [(task, "Optuna", method, seed, options) for seed in seeds_of(arguments)]
    results: dict = {}
    with ProcessPoolExecutor(arguments.processes) as pool:
        for job, course in zip(jobs, pool.map(searches, *zip(*jobs), chunksize=1)):
            task, program, method, seed, _ = job
            if seed == arguments.first_seed:
                print(f"{task}, {program}, {method}", file=sys.stderr)
            results.setdefault(task, {}).setdefault(program, {}).setdefault(method, []).append(course)
    return results


def main() -> None:
    arguments = parse(sys.argv[1:])
    functions.check()
    if arguments.halving or arguments.idle:
        with tempfile.TemporaryDirectory() as place:
            sweeps = Sweeps(arguments.binary.resolve(), Path(place))
            print(halving.run(sweeps, [2017, *range(1, arguments.seeds)]) if arguments.halving else idle.run(sweeps, 5))
        return
    if arguments.pace:
        with tempfile.TemporaryDirectory() as place:
            options = {name: str(getattr(arguments, name).resolve()) for name in ("example", "binary")}
            options |= {"place": place, "trials": arguments.trials}
            print(pace.run(arguments.tasks, seeds_of(arguments), arguments.processes, task_named, options))
        return
    if arguments.adaptive:
        found = adaptive.functions(arguments.tasks, seeds_of(arguments), arguments.processes, arguments.example.resolve())
        if "network" in arguments.tasks:
            with tempfile.TemporaryDirectory() as place:
                found |= adaptive.network(Sweeps(arguments.binary.resolve(), Path(place)), seeds_of(arguments))
        print(f"{adaptive.told(found)}\n\n{narrow.told()}")
        return
    if arguments.early:
        tasks = [task for task in arguments.tasks if task != "network"]
        print(early.run(tasks, seeds_of(arguments), arguments.processes, arguments.example.resolve()))
        return
    if arguments.several:
        print(several.run(seeds_of(arguments), arguments.processes, arguments.example.resolve()))
        return
    if arguments.draw:
        held = json.loads(arguments.draw.read_text())
        results = held["results"]
    else:
        with tempfile.TemporaryDirectory() as place:
            built = {name: str(getattr(arguments, name).resolve()) for name in ("example", "binary")}
            results = run_all(arguments, built | {"place": place, "trials": arguments.trials})
        held = {"versions": {name: version(name) for name in ("optuna", "cmaes", "numpy", "scipy")}, "results": results}
        if arguments.json:
            arguments.json.write_text(json.dumps(held) + "\n")
    print(", ".join(f"{name} {number}" for name, number in held["versions"].items()) + "\n")
    print(tables.comparison(results, arguments.seeds) + "\n")
    print(tables.rounds(results, arguments.seeds))
    if arguments.pictures:
        tests = {task: held for task, held in results.items() if task != "network"}
        if tests:
            (arguments.pictures / "search-functions.svg").write_text(pictures.functions(tests, arguments.seeds))
        if "network" in results:
            picture = pictures.network(results["network"], arguments.seeds, EPOCHS)
            (arguments.pictures / "search-network.svg").write_text(picture)


if __name__ == "__main__":
    main()
