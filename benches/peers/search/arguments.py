"""The options of the comparison."""

import argparse
import os
from pathlib import Path

TASKS = ["branin", "hartmann6", "rosenbrock10", "network"]


def parse(arguments: list[str]) -> argparse.Namespace:
    about = "Compares burstnet's searches with Optuna's: the best value found by the number of trials."
    parser = argparse.ArgumentParser(prog="benches/peers/search/run", description=about)
    parser.add_argument("--seeds", type=int, default=16, help="how many seeds (default: 16)")
    parser.add_argument("--trials", type=int, default=200, help="trials of a search (default: 200)")
    parser.add_argument("--tasks", default=",".join(TASKS), help="such as branin,network (default: all)")
    parser.add_argument("--methods", help="such as random,sobol (default: all)")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--processes", type=int, default=cores, help="searches at once (default: all cores)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the courses of all searches to this file")
    parser.add_argument("--draw", type=Path, metavar="FILE", help="tables and pictures of such a file, running nothing")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="draw the courses as SVG into this folder")
    parser.add_argument("--halving", action="store_true", help="successive halving against the whole sweep, instead")
    parser.add_argument("--idle", action="store_true", help="what rounds cost in idle cores, instead")
    parser.add_argument("--pace", action="store_true", help="a lag of L against rounds of 2 L, instead")
    parser.add_argument("--early", action="store_true", help="models with early stopping against random search with it, instead")
    parser.add_argument("--adaptive", action="store_true", help="adaptive replicates against uniform ones, instead")
    parser.add_argument("--several", action="store_true", help="several objectives, instead")
    parser.add_argument("--first-seed", type=int, default=1, help="seeds are this and those after (default: 1)")
    parser.add_argument("--binary", type=Path, metavar="PATH", help="a binary of burstnet (default: builds one)")
    parser.add_argument("--example", type=Path, metavar="PATH", help="the example program (default: builds it)")
    parsed = parser.parse_args(arguments)
    parsed.tasks = parsed.tasks.split(",")
    parsed.methods = parsed.methods.split(",") if parsed.methods else None
    unknown = set(parsed.tasks) - set(TASKS)
    if unknown:
        parser.error(f"no task {', '.join(sorted(unknown))}, expected some of {', '.join(TASKS)}")
    return parsed
