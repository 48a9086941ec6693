"""Results as Markdown."""

import statistics

from scipy.stats import mannwhitneyu

from functions import LEAST, TITLES

METHODS = {"random": "random", "sobol": "Sobol'", "tpe": "TPE", "cmaes": "CMA-ES", "hyperband": "Hyperband"}
#: How much worse than Optuna a median may be, as a part of the gap from Optuna to random search.
ALLOWED = 0.1


def title(task: str) -> str:
    return TITLES.get(task, "Burst network")


def finals(courses: list, seeds: int) -> list[float]:
    """The last best value of each seed."""
    lasts = [course[-1] for course in courses[:seeds]]
    return [last[1] if isinstance(last, list | tuple) else last for last in lasts]


def random_median(results: dict, seeds: int) -> float:
    """The median of the random searches of both programs, which are draws from the same distribution."""
    both = [value for program in results.values() for value in finals(program["random"], seeds)]
    return statistics.median(both)


def digits(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1e4 else f"{value:.0f}"


def spread(values: list[float]) -> str:
    """Median (least–most)."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def comparison(results: dict, seeds: int) -> str:
    """A row per task and method: medians, by which part of the gap to random search burstnet's is worse, and the p value of
    the test of Mann and Whitney whether the two differ at all."""
    lines = [row(["Task", "Method", "burstnet", "Optuna", "gap to random", "worse by", "p", "at most 10 %"])]
    lines.append(row(["---"] * 8))
    for task, programs in results.items():
        random = random_median(programs, seeds) - LEAST.get(task, 0.0)
        for method in METHODS:
            if method not in programs["Optuna"]:
                continue
            own, peer = (
                [value - LEAST.get(task, 0.0) for value in finals(programs[program][method], seeds)]
                for program in ("burstnet", "Optuna")
            )
            ours, theirs = statistics.median(own), statistics.median(peer)
            gap = random - theirs
            p = f"{mannwhitneyu(own, peer).pvalue:.2f}"
            if method == "random":
                shown = ["–", "–", p, "–"]
            else:
                worse = (ours - theirs) / gap if gap > 0 else float("nan")
                held = ours <= theirs + ALLOWED * max(gap, 0.0)
                part = "no gap" if gap <= 0 else f"{100 * worse:.1f} %".replace("-", "−")
                shown = [digits(gap).replace("-", "−"), part, p, "yes" if held else "**no**"]
            lines.append(row([title(task), METHODS[method], digits(ours), digits(theirs), *shown]))
    return "\n".join(lines)


def rounds(results: dict, seeds: int) -> str:
    """What a round of TPE costs in the best value found."""
    names = ["tpe, round 1", "tpe, round 4", "tpe", "tpe, round 16"]
    lines = [row(["Task", "round 1", "round 4", "round 8", "round 16", "random"]), row(["---"] * 6)]
    for task, programs in results.items():
        if not all(name in programs["burstnet"] for name in names):
            continue
        least = LEAST.get(task, 0.0)
        held = [statistics.median(finals(programs["burstnet"][name], seeds)) - least for name in names]
        lines.append(row([title(task), *map(digits, [*held, random_median(programs, seeds) - least])]))
    return "\n".join(lines)


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
