"""The options of the benchmark."""

import argparse
from pathlib import Path


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benches/peers/run", description="Compares burstnet with JAX, NumPy and Numba.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and epochs")
    parser.add_argument("--cases", default="a,b,c,d,e,f,g,h,i", help="which cases, such as a,c (default: all); i are the cost tables")
    parser.add_argument("--engine", default="fast", help="burstnet's engine (default: fast)")
    parser.add_argument("--binary", type=Path, metavar="PATH", help="a binary of burstnet (default: builds one)")
    parser.add_argument("--core", type=int, help="the core that everything runs on (default: the last one)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the times of all rounds to this file")
    parsed = parser.parse_args(arguments)
    parsed.cases = parsed.cases.split(",")
    unknown = set(parsed.cases) - set("abcdefghi")
    if unknown:
        parser.error(f"no case {', '.join(sorted(unknown))}, expected some of a, b, c, d, e, f, g, h, i")
    return parsed
