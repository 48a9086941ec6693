"""The options of the comparison."""

import argparse
from pathlib import Path


def parse(arguments: list[str]) -> argparse.Namespace:
    about = "Compares which keys matter by burstnet's analysis with Optuna's and scikit-learn's."
    parser = argparse.ArgumentParser(prog="benches/peers/importance/run", description=about)
    parser.add_argument("--seeds", type=int, default=50, help="how many seeds (default: 50)")
    parser.add_argument("--cells", help="such as ishigami/random60,g/tpe96 (default: all)")
    parser.add_argument("--without-peers", action="store_true", help="burstnet alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the shares of all seeds to this file, cell by cell")
    parser.add_argument("--draw", type=Path, metavar="FILE", help="tables of such a file, running nothing")
    parser.add_argument("--example", type=Path, metavar="PATH", help="the example program (default: builds it)")
    return parser.parse_args(arguments)
