"""Results as Markdown."""

import statistics

from scipy.stats import binomtest, spearmanr, wilcoxon

from functions import IDLE, SMALLEST, truth
from holm import holm
from peers import NAMES

HEADER = [
    "Function, design", "n", "first right", "wrong", "cannot tell", "rank correlation", "idle above acting",
    "best peer: first right", "rank correlation", "idle above acting", "p",
]  # fmt: skip


class Scores:
    """How often the largest share is that of the right key, the rank correlation over the acting keys, and how often an idle
    key is above an acting one."""

    def __init__(self, function: str, shares: list[dict], truths: list[dict]) -> None:
        self.firsts, self.rhos, self.idles = [], [], []
        for held, true in zip(shares, truths):
            acting = [key for key in true if true[key] > SMALLEST and key not in IDLE[function]]
            self.firsts.append(max(held, key=held.get) == max(true, key=true.get))
            rho = spearmanr([true[key] for key in acting], [held[key] for key in acting])[0]
            self.rhos.append(0.0 if rho != rho else float(rho))
            least = min(held[key] for key in acting)
            self.idles.append(any(held[key] > least for key in IDLE[function]))

    def cells(self, function: str) -> list[str]:
        idle = part(self.idles) if IDLE[function] else "–"
        return [f"{statistics.median(self.rhos):.2f}", idle]


def part(held: list) -> str:
    return f"{100 * sum(held) / max(len(held), 1):.0f} %"


def own_shares(one: dict) -> dict[str, float]:
    return {key["key"]: key["share"] for key in one["variance"]["keys"]}


def scale_of(function: str) -> str:
    """The scale on which others' shares are compared with the truth."""
    return "log" if function == "exponential" else "raw"


def p_of(own: Scores, peer: Scores) -> float:
    """One-sided p that burstnet is worse: of the signs of who is right, and of the differences of rank correlations."""
    lost = sum(b and not a for a, b in zip(own.firsts, peer.firsts))
    won = sum(a and not b for a, b in zip(own.firsts, peer.firsts))
    signs = binomtest(lost, lost + won, alternative="greater").pvalue if lost + won else 1.0
    differences = [a - b for a, b in zip(own.rhos, peer.rhos)]
    ranks = wilcoxon(differences, alternative="less").pvalue if any(differences) else 1.0
    return min(1.0, 2 * min(signs, ranks))


def told_of(one: dict, first: str | None) -> str:
    """Whether the first key is named, and rightly."""
    if one["variance"] is None or one["variance"]["verdict"]["told"] != "first":
        return "open"
    return "right" if one["variance"]["keys"][0]["key"] == first else "wrong"


def comparison(results: dict) -> str:
    lines, p_values, places = [], [], []
    for name, held in results.items():
        function, design = name.split("/")
        is_grid = design.startswith("grid")
        if function.startswith("noise"):
            nothing = [one["variance"] is None or one["variance"]["verdict"]["told"] == "nothing" for one in held]
            lines.append([name, str(len(held)), "–", "–", part(nothing), *["–"] * 6])
            continue
        truths = [truth(function, is_grid, one["variance"]["scale"]) for one in held]
        told = [told_of(one, max(true, key=true.get)) for one, true in zip(held, truths)]
        own = Scores(function, [own_shares(one) for one in held], truths)
        line = [name, str(len(held)), *(part([one == word for one in told]) for word in ("right", "wrong", "open"))]
        line += own.cells(function)
        others = {}
        for peer in NAMES if held[0]["peers"] else []:
            true = truth(function, is_grid, scale_of(function))
            others[peer] = Scores(function, [one["peers"][peer] for one in held], [true] * len(held))
        if others:
            best = max(others, key=lambda peer: (sum(others[peer].firsts), statistics.mean(others[peer].rhos)))
            line += [f"{part(others[best].firsts)} ({NAMES[best]})", *others[best].cells(function), ""]
            places.append(len(lines))
            p_values.append(p_of(own, others[best]))
        else:
            line += ["–"] * 4
        lines.append(line)
    for at, p in zip(places, holm(p_values)):
        lines[at][-1] = "1" if p >= 1 else f"{p:.2g}"
    return "\n".join(row(line) for line in [HEADER, ["---"] * len(HEADER), *lines])


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
