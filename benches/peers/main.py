"""The benchmark itself, in its environment and on its core; `run` starts it."""

import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import tables
import timing
from arguments import parse
from burstnet import Burstnet, Slope
from cases import CASES, COSTS, STEPS
from check import check
from machine import instructions, processor


def costs(burstnet: Burstnet, effort: timing.Effort) -> dict[str, dict[str, list[float]]]:
    """Seconds of a step of burstnet alone: slopes for the rows of `COSTS`, and whole runs of more and more epochs."""
    measured = {
        (key, value): Slope(burstnet, settings, 1, effort.seconds / 2).step_seconds
        for key, rows in COSTS.items()
        for value, settings in rows.items()
    }
    for epochs in (1, 3, 10, 30, 100):
        measured["epochs, the whole run", str(epochs)] = lambda n=epochs: burstnet.run({}, n)[0] / (n * STEPS)
    results = {}
    for (key, value), seconds in timing.rounds(measured, effort.rounds).items():
        results.setdefault(key, {})[value] = seconds
    return results


def main() -> None:
    arguments = parse(sys.argv[1:])
    effort = timing.Effort(3, 0.3, 20) if arguments.quick else timing.Effort(7, 1.0, 100)
    check(arguments.binary.resolve())
    print(f"{processor()}, {instructions()}, core {arguments.core}; engine {arguments.engine}; ", end="")
    print(", ".join(f"{name} {version(name)}" for name in ("jax", "numpy", "numba")) + "\n", flush=True)
    results = {"processor": processor(), "engine": arguments.engine, "cases": [], "costs": {}}
    with tempfile.TemporaryDirectory() as place:
        burstnet = Burstnet(arguments.binary.resolve(), arguments.engine, Path(place))
        for letter, case in CASES.items():
            if letter in arguments.cases:
                print(f"({letter}) {case.title}", file=sys.stderr)
                prepare = timing.trials if case.kind == "trial" else timing.steps
                measured, note = prepare(case, burstnet, effort)
                seconds = timing.rounds(measured, effort.rounds)
                unit = "s" if case.kind == "trial" else "µs/step"
                title = f"({letter}) {case.title}"
                results["cases"].append({"title": title, "unit": unit, "note": note, "seconds": seconds})
        if "i" in arguments.cases:
            print("(i) cost tables", file=sys.stderr)
            results["costs"] = costs(burstnet, effort)
    if results["cases"]:
        print(tables.comparison(results["cases"]) + "\n")
    if results["costs"]:
        print(tables.costs(results["costs"]))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
