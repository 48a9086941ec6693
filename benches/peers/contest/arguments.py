"""The options of the contest."""

import argparse
import os
from pathlib import Path

from programs import METHODS
from tasks import TASKS


def parse(arguments: list[str]) -> argparse.Namespace:
    about = "Lets burstnet's searches and others' minimise twelve tasks, by trials and on a virtual clock."
    parser = argparse.ArgumentParser(prog="benches/peers/contest/run", description=about)
    parser.add_argument("--seeds", type=int, default=32, help="how many seeds (default: 32)")
    parser.add_argument("--slow-seeds", type=int, default=8, help="the same of searches that think long (default: 8)")
    parser.add_argument("--trials", type=int, default=200, help="trials of a search (default: 200)")
    parser.add_argument("--tasks", default=",".join(TASKS), help="such as branin,network (default: all)")
    parser.add_argument("--methods", default=",".join(METHODS), help="such as 'burstnet auto,Optuna tpe' (default: all)")
    parser.add_argument("--workers", default="1,8", help="on the virtual clock (default: 1,8)")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--processes", type=int, default=cores, help="searches at once (default: all cores)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all courses in this file, and go on from it")
    parser.add_argument("--draw", type=Path, metavar="FILE", help="tables of such a file, running nothing")
    parsed = parser.parse_args(arguments)
    for name, known in (("tasks", TASKS), ("methods", METHODS)):
        wanted = getattr(parsed, name).split(",")
        unknown = sorted(set(wanted) - set(known))
        if unknown:
            parser.error(f"no {name[:-1]} {', '.join(unknown)}, expected some of {', '.join(known)}")
        setattr(parsed, name, wanted)
    parsed.workers = [int(workers) for workers in parsed.workers.split(",")]
    return parsed
