"""The options of the benchmark."""

import argparse
from pathlib import Path

CASES = "abcdefghit"


def parse(arguments: list[str]) -> argparse.Namespace:
    about = "Compares burstnet with JAX, NumPy and Numba programs of the same training."
    parser = argparse.ArgumentParser(prog="benches/peers/run", description=about)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and epochs")
    about = "what a trial costs besides its evaluation, beside Optuna, in place of the training"
    parser.add_argument("--overhead", action="store_true", help=about)
    parser.add_argument("--cases", default=",".join(CASES), help="such as a,c (default: all); i are the cost tables")
    parser.add_argument("--engine", default="fast", help="burstnet's engine (default: fast)")
    parser.add_argument("--binary", type=Path, metavar="PATH", help="a binary of burstnet (default: builds one)")
    parser.add_argument("--core", type=int, help="the core that everything runs on (default: the last one)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the times of all rounds to this file")
    parsed = parser.parse_args(arguments)
    parsed.cases = parsed.cases.split(",")
    unknown = set(parsed.cases) - set(CASES)
    if unknown:
        parser.error(f"no case {', '.join(sorted(unknown))}, expected some of {', '.join(CASES)}")
    return parsed
