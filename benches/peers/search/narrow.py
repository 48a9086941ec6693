"""What adaptive replicates lose where one configuration is better than others that are all alike, in simulated results."""

import numpy as np

import tables

REPETITIONS = 5000
#: By how much the best one is better, in standard deviations of a result.
BETTER = 1.0
CASES = [(10, 3, 8), (20, 3, 8), (40, 3, 8), (10, 3, 24), (20, 3, 24), (40, 3, 24)]


def levels(configurations: int, start: int, most: int) -> list[tuple[int, int]]:
    """Replicates and the number of configurations that get as many, as docs/search.md has them."""
    steps = [start]
    while steps[-1] < most:
        steps.append(min(most, -(-3 * steps[-1] // 2)))
    left, held = configurations * most // 2 - configurations * start, [(start, configurations)]
    for at, (before, after) in enumerate(zip(steps, steps[1:])):
        number = min(held[-1][1], left // ((len(steps) - 1 - at) * (after - before)))
        if number < 2:
            return held if left < 2 else [*held, (min(most, before + left // 2), 2)]
        held.append((after, number))
        left -= number * (after - before)
    return held


def chosen(results: np.ndarray, start: int, most: int) -> int:
    """The number of the configuration that is the best at the last level."""
    alive = np.arange(len(results))
    plan = levels(len(results), start, most)
    for (replicates, _), (_, following) in zip(plan, [*plan[1:], (0, 1)]):
        means = results[alive, :replicates].mean(axis=1)
        alive = alive[np.lexsort((alive, means))][:following]
    return int(alive[0])


def told() -> str:
    lines = [tables.row(["Configurations", "Replicates", "found by uniform ones", "by adaptive ones"]), tables.row(["---"] * 4)]
    for configurations, start, most in CASES:
        draw = np.random.default_rng(1)
        uniform = adaptive = 0
        for _ in range(REPETITIONS):
            results = draw.standard_normal((configurations, most))
            results[-1] -= BETTER  # ties go to lower numbers
            uniform += int(results.mean(axis=1).argmin()) == configurations - 1
            adaptive += chosen(results, start, most) == configurations - 1
        found = [f"{held / REPETITIONS:.0%}" for held in (uniform, adaptive)]
        lines.append(tables.row([str(configurations), f"{{from: {start}, to: {most}}}", *found]))
    return "\n".join(lines)
