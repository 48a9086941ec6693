"""Results as Markdown: ranks with Friedman's and Nemenyi's tests, medians by task, and each strategy beside Optuna's."""

from __future__ import annotations

import math
import statistics

from scipy.stats import friedmanchisquare, mannwhitneyu, rankdata, studentized_range

from holm import holm
from tasks import TASKS

#: By task, method, workers and seed: the course of a search.
Results = dict[str, dict[str, dict[str, dict[str, dict]]]]

#: The strategies that both burstnet and Optuna have.
SHARED = ("gp", "tpe", "cmaes")
#: How much worse than Optuna a median may be, as a part of the gap from Optuna to random search.
ALLOWED = 0.1


def after(course: dict, trials: int) -> float:
    """The truth after so many trials."""
    return course["truths"][min(trials, len(course["truths"])) - 1]


def at_time(course: dict, time: float) -> float:
    """The truth at a time; infinite before the first result."""
    known = [truth for end, truth in zip(course["times"], course["truths"]) if end <= time]
    return known[-1] if known else math.inf


def common(searches: list[dict[str, dict]]) -> list[str]:
    """The seeds that all of these have: a seed may have a task of its own, whose values compare with no other's."""
    return sorted(set.intersection(*(set(one) for one in searches)), key=int) if searches else []


def medians(results: Results, workers: int, value) -> dict[str, dict[str, float]]:
    """By task and method: the median over the seeds that all methods have."""
    table = {}
    for task, methods in results.items():
        held = {method: by_workers[str(workers)] for method, by_workers in methods.items() if str(workers) in by_workers}
        seeds = common(list(held.values()))
        if seeds:
            table[task] = {method: statistics.median(value(one[seed]) for seed in seeds) for method, one in held.items()}
    return table


def complete(table: dict[str, dict[str, float]]) -> list[str]:
    """The methods that all tasks have, in the order of the first task."""
    first = next(iter(table.values()))
    return [method for method in first if all(method in row for row in table.values())]


def ranks(table: dict[str, dict[str, float]]) -> dict[str, float]:
    """The mean rank of each method over the tasks; 1 is the best."""
    methods = complete(table)
    rows = [rankdata([row[method] for method in methods]) for row in table.values()]
    return {method: float(statistics.mean(row[at] for row in rows)) for at, method in enumerate(methods)}


def critical_difference(methods: int, tasks: int) -> float:
    """Nemenyi's critical difference of mean ranks at 5 % (Demšar, JMLR 7, 2006, section 3.2.2)."""
    q = studentized_range.ppf(0.95, methods, math.inf) / math.sqrt(2)
    return q * math.sqrt(methods * (methods + 1) / (6 * tasks))


def ranking(columns: dict[str, dict[str, dict[str, float]]]) -> str:
    """A row per method with its mean ranks, and the tests below."""
    held = {title: ranks(table) for title, table in columns.items()}
    methods = sorted(next(iter(held.values())), key=lambda method: sum(one.get(method, 99) for one in held.values()))
    lines = [row(["Search", *held]), row(["---"] * (len(held) + 1))]
    lines += [row([method, *(f"{one[method]:.2f}" for one in held.values())]) for method in methods]
    tests, differences = [], []
    for table in columns.values():
        names = complete(table)
        by_method = [[cells[method] for cells in table.values()] for method in names]
        tests.append(f"{friedmanchisquare(*by_method).pvalue:.1g}" if len(names) > 2 and len(table) > 1 else "–")
        differences.append(f"{critical_difference(len(names), len(table)):.2f}")
    lines += [row(["Friedman's p", *tests]), row(["Nemenyi's critical difference", *differences])]
    return "\n".join(lines)


def by_task(table: dict[str, dict[str, float]]) -> str:
    """A row per task: the median of what each search has found."""
    methods = complete(table)
    lines = [row(["Task", *methods]), row(["---"] * (len(methods) + 1))]
    for task, cells in table.items():
        least = min(cells[method] for method in methods)
        shown = [f"**{digits(cells[method])}**" if cells[method] == least else digits(cells[method]) for method in methods]
        lines.append(row([task, *shown]))
    return "\n".join(lines)


def digits(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def beside_optuna(results: Results, trials: int) -> str:
    """A row per task and strategy that burstnet has worse than Optuna, by which part of the gap to random search, and Holm's p
    of Mann and Whitney's one-sided test over all of them."""
    rows, p_values = [], []
    for task, methods in results.items():
        randoms = [name for name in methods if name.endswith(" random")]
        for strategy in SHARED:
            names = [f"burstnet {strategy}", f"Optuna {strategy}", *randoms]
            seeds = common([methods.get(name, {}).get("1", {}) for name in names])
            if not randoms or len(seeds) < 2:
                continue
            value = lambda name: [after(methods[name]["1"][seed], trials) for seed in seeds]  # noqa: B023, E731
            random = statistics.median([one for name in randoms for one in value(name)])
            own, peer = value(names[0]), value(names[1])
            ours, theirs = statistics.median(own), statistics.median(peer)
            p_values.append(mannwhitneyu(own, peer, alternative="greater").pvalue)
            rows.append((task, strategy, ours, theirs, (ours - theirs) / (random - theirs) if random > theirs else math.nan))
    lines = [row(["Task", "Strategy", "burstnet", "Optuna", "worse by, of the gap to random", "p"]), row(["---"] * 6)]
    worse = [(held, p) for held, p in zip(rows, holm(p_values)) if held[4] > ALLOWED and p < 0.05]
    for (task, strategy, ours, theirs, part), p in worse:
        lines.append(row([task, strategy, f"{ours:.4g}", f"{theirs:.4g}", f"{100 * part:.0f} %", f"{p:.2g}"]))
    return f"{len(worse)} of {len(rows)} are worse by more than a tenth of the gap to random search:\n\n" + "\n".join(lines)


def proposing(results: Results) -> str:
    """Seconds that a search of one worker spends on its proposals, the median over tasks and seeds."""
    methods = next(iter(results.values()))
    lines = [row(["Search", "seconds"]), row(["---"] * 2)]
    for method in methods:
        spent = [one["proposing"] for task in results.values() for one in task.get(method, {}).get("1", {}).values()]
        lines.append(row([method, f"{statistics.median(spent):.2g}" if spent else "–"]))
    return "\n".join(lines)


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def all_tables(results: Results, trials: int, workers: list[int]) -> str:
    titled = {TASKS[name](1).title: methods for name, methods in results.items()}
    columns = {}
    for part in (trials // 2, trials):
        columns[f"{part} trials"] = medians(titled, 1, lambda course, part=part: after(course, part))
    for count in workers:
        for part in (trials // 2, trials):
            time = part / count
            name = f"{count} worker{'' if count == 1 else 's'}, time of {part} trials"
            columns[name] = medians(titled, count, lambda course, time=time: at_time(course, time))
    parts = [ranking(columns), by_task(columns[f"{trials // 2} trials"]), by_task(columns[f"{trials} trials"])]
    parts += [beside_optuna(titled, trials // 2), beside_optuna(titled, trials), proposing(titled)]
    return "\n\n".join(parts)
