"""The comparison itself, in its environment; `run` starts it."""

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import peers
import tables
from arguments import parse

FUNCTIONS = ["additive", "exponential", "ishigami", "g", "words", "ishigami12", "noise"]
DESIGNS = ["grid", "gridgaps", "random60", "tpe96", "cmaes96"]


def cells() -> list[tuple[str, str]]:
    """All functions in all designs. Twelve keys have no grid; noise has one of three keys."""
    all_cells = [(function, design) for function in FUNCTIONS for design in DESIGNS]
    noise = {("noise", design): ("noise3", design) for design in DESIGNS[:2]}
    return [noise.get(cell, cell) for cell in all_cells if cell[0] != "ishigami12" or not cell[1].startswith("grid")]


def run_cell(example: Path, function: str, design: str, seeds: int, with_peers: bool) -> list[dict]:
    """What each program says of the sweep of each seed."""
    # A complete grid of a function without noise is the same for every seed.
    seeds = 1 if design == "grid" and not function.startswith("noise") else seeds
    command = [str(example), function, design, "1", str(seeds)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    held = []
    for line in said.splitlines():
        one = json.loads(line)
        others = with_peers and not function.startswith("noise")
        found = peers.all_of(one["keys"], one["rows"], one["seed"]) if others else {}
        held.append({"variance": one["variance"], "seconds": one["seconds"], "peers": found})
    return held


def main() -> None:
    arguments = parse(sys.argv[1:])
    if arguments.draw:
        held = json.loads(arguments.draw.read_text())
    else:
        held = {"versions": {name: version(name) for name in ("optuna", "scikit-learn")}, "results": {}}
        wanted = arguments.cells.split(",") if arguments.cells else None
        for function, design in cells():
            name = f"{function}/{design}"
            if wanted and name not in wanted:
                continue
            print(name, file=sys.stderr, flush=True)
            with_peers = not arguments.without_peers
            held["results"][name] = run_cell(arguments.example, function, design, arguments.seeds, with_peers)
            if arguments.json:
                arguments.json.write_text(json.dumps(held) + "\n")
    print(", ".join(f"{name} {number}" for name, number in held["versions"].items()) + "\n")
    print(tables.comparison(held["results"]))


if __name__ == "__main__":
    main()
