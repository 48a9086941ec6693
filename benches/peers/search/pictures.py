"""Courses of searches as SVG, in the look of the other pictures of docs/figures."""

import bisect
import math
import statistics
from collections.abc import Callable

from functions import LEAST, TITLES
from tables import METHODS

#: Okabe and Ito's colours, which people who see red and green alike tell apart.
COLOURS = {"random": "#6e7781", "sobol": "#E69F00", "tpe": "#0072B2", "cmaes": "#D55E00", "hyperband": "#009E73"}
SANS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
INK, GREY, LINE = "#1f2328", "#59636e", "#d0d7de"
WIDTH, HEIGHT, TOP, BOTTOM = 1000, 400, 84, 52
Points = list[tuple[float, float]]


def text(x: float, y: float, what: str, anchor: str = "middle", size: int = 13, fill: str = INK, turn: bool = False) -> str:
    turned = f' transform="rotate(-90 {x:g} {y:g})"' if turn else ""
    start = f'<text x="{x:g}" y="{y:g}" font-family="{SANS}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"'
    return f"  {start}{turned}>{what}</text>"


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = LINE, width: float = 1, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'  <line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{stroke}" stroke-width="{width:g}"{dashed}/>'


def powers(low: float, high: float) -> list[float]:
    """Powers of ten, at most seven of them."""
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    return [10.0**at for at in range(first, last + 1, (last - first) // 7 + 1)]


def evenly(low: float, high: float) -> list[float]:
    """Round numbers, four to eight of them."""
    step = 10.0 ** math.floor(math.log10(high - low))
    step *= next(part for part in (1, 0.5, 0.2, 0.1) if (high - low) / (step * part) >= 4)
    return [step * at for at in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def written(value: float, log: bool) -> str:
    if not log or 0.01 <= value < 1000:
        return f"{value:.6g}"
    power = str(round(math.log10(value))).replace("-", "−")
    return f'10<tspan font-size="9" dy="-5">{power}</tspan>'


class Panel:
    """A pair of axes, and medians in it."""

    def __init__(self, x: float, width: float, title: str, names: tuple[str, str], log: bool) -> None:
        self.x, self.width, self.title, self.names, self.log = x, width, title, names, log
        self.curves: list[tuple[str, bool, Points]] = []

    def draw(self, low: float, high: float, most: float) -> list[str]:
        scale: Callable[[float], float] = math.log10 if self.log else float
        bottom, top = HEIGHT - BOTTOM, TOP + 20
        span = scale(high) - scale(low)

        def at_y(value: float) -> float:
            return round(bottom - (scale(max(value, low) if self.log else value) - scale(low)) / span * (bottom - top), 1)

        def at_x(value: float) -> float:
            return round(self.x + value / most * self.width, 1)

        parts = [text(self.x + self.width / 2, TOP + 4, self.title, size=14)]
        for tick in powers(low, high) if self.log else evenly(low, high):
            parts.append(line(self.x, at_y(tick), self.x + self.width, at_y(tick), "#eceff2"))
            parts.append(text(self.x - 7, at_y(tick) + 4, written(tick, self.log), "end", 12, GREY))
        for tick in evenly(0, most):
            parts.append(line(at_x(tick), bottom, at_x(tick), bottom + 4, "#8c959f"))
            parts.append(text(at_x(tick), bottom + 18, f"{tick:.6g}", size=12, fill=GREY))
        parts.append(line(self.x, bottom, self.x + self.width, bottom, "#8c959f"))
        parts.append(text(self.x + self.width / 2, bottom + 38, self.names[0], size=12, fill=GREY))
        if self.names[1]:
            parts.append(text(self.x - 52, (top + bottom) / 2, self.names[1], size=12, fill=GREY, turn=True))
        for method, own, points in self.curves:
            shown = [(at_x(x), at_y(y)) for x, y in points if math.isfinite(y) and y <= high]
            path = "M" + " ".join(f"{x:g},{y:g}" for x, y in steps(shown))
            dash = "" if own else ' stroke-dasharray="4 3"'
            parts.append(f'  <path d="{path}" fill="none" stroke="{COLOURS[method]}" stroke-width="1.8"{dash}/>')
        return parts


def steps(points: Points) -> Points:
    """The corners of a curve that falls in steps."""
    kept: Points = []
    for x, y in points:
        if kept and kept[-1][1] != y:
            kept += [(x, kept[-1][1]), (x, y)]
        elif not kept:
            kept.append((x, y))
    return [*kept, points[-1]]


def picture(title: str, about: str, panels: list[str], methods: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
    parts = [head + 'role="img" aria-labelledby="title desc">', f'  <title id="title">{title}</title>']
    parts.append(f'  <desc id="desc">{about}</desc>')
    frame = f'x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="8"'
    parts.append(f'  <rect {frame} fill="#ffffff" stroke="{LINE}"/>')
    x = 40
    for method in methods:
        parts += [line(x, 34, x + 26, 34, COLOURS[method], 2.4), text(x + 33, 38, METHODS[method], "start")]
        x += 118
    for name, dash in (("burstnet", ""), ("Optuna", "4 3")):
        parts += [line(x + 40, 34, x + 72, 34, INK, 1.8, dash), text(x + 79, 38, name, "start")]
        x += 118
    return "\n".join([*parts, *panels, "</svg>"]) + "\n"


def medians(courses: list[list[float]], least: float) -> Points:
    return [(number, statistics.median(values) - least) for number, values in enumerate(zip(*courses), start=1)]


def by_epochs(courses: list[list[tuple[int, float]]], most: int) -> Points:
    """The median of the best values when so many epochs are spent."""
    spent = [[epochs for epochs, _ in course] for course in courses]

    def best(number: int, epochs: int) -> float:
        at = bisect.bisect_right(spent[number], epochs)
        return courses[number][at - 1][1] if at else math.inf

    return [(x, statistics.median(best(at, x) for at in range(len(courses)))) for x in range(0, most + 1, most // 200)]


def functions(results: dict, seeds: int) -> str:
    """The test functions, a panel each."""
    methods, parts = ["random", "sobol", "tpe", "cmaes"], []
    for number, (task, programs) in enumerate(results.items()):
        panel = Panel(82 + 316 * number, 250, TITLES[task], ("trials", "" if number else "above the least value"), True)
        for program, held in programs.items():
            panel.curves += [(m, program == "burstnet", medians(held[m][:seeds], LEAST[task])) for m in methods]
        last = [points[-1][1] for _, _, points in panel.curves]
        first = max(points[4][1] for _, _, points in panel.curves)
        low, high = 10.0 ** math.floor(math.log10(min(last))), 10.0 ** math.ceil(math.log10(first))
        parts += panel.draw(low, high, len(panel.curves[0][2]))
    about = f"Median over {seeds} seeds of the best value found so far, less the function's least value, by the number of trials."
    return picture("Searches on test functions", about, parts, methods)


def network(programs: dict, seeds: int, epochs: int) -> str:
    """The burst network, by trials and by epochs."""
    methods = ["random", "sobol", "tpe", "cmaes", "hyperband"]
    left = Panel(90, 390, "the whole budget for every trial", ("trials", "best test_mae"), False)
    right = Panel(570, 390, "by epochs, with early stopping", ("epochs", ""), False)
    for program, held in programs.items():
        own = program == "burstnet"
        left.curves += [(m, own, medians(held[m][:seeds], 0.0)) for m in methods[:-1]]
        trials = len(held["random"][0])
        right.curves.append(("random", own, [(epochs * x, y) for x, y in medians(held["random"][:seeds], 0.0)]))
        right.curves.append(("hyperband", own, by_epochs(held["hyperband"][:seeds], epochs * trials)))
    low = min(points[-1][1] for _, _, points in left.curves + right.curves)
    high = max(points[7][1] for _, _, points in left.curves)
    low, high = math.floor(low * 200 - 0.5) / 200, math.ceil(high * 200) / 200
    parts = left.draw(low, high, trials) + right.draw(low, high, epochs * trials)
    about = (
        f"Median over {seeds} seeds of the best test_mae found so far, by the number of trials, and for Hyperband and "
        "random search by the epochs spent."
    )
    return picture("Searches on the burst network", about, parts, methods)
