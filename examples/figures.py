#!/usr/bin/env python3
"""Figures for a paper, from the tables of a sweep.

    python examples/figures.py results/first --out figures

writes figure-1 (183 mm, two columns of a journal) and learning-curves (89 mm, one column), each as SVG, PDF and PNG.
The same tables give the same bytes. Needs pandas, pyarrow, SciPy and Matplotlib.

Figure 1 has the panels

  a  learning curves of the output layer, mean and 95 % interval over replicates
  b  the effect of a key: each replicate as a line, mean and 95 % interval beside it
  c  with two or more swept keys: the mean at each pair of values of two keys

Intervals are Student's t over replicates. The key of a and b is the one with the largest main effect, or that of --key.
If other keys are swept too, curves have the best value of each of them, and panels b and c average over all of them.
"""

import argparse
import json
import os
from pathlib import Path
from typing import NamedTuple

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter
from scipy import stats

MM = 1 / 25.4
SINGLE, DOUBLE = 89 * MM, 183 * MM
# Okabe and Ito's colours, which people who see red and green alike tell apart.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
GREY = "#8c8c8c"
STYLE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Arial", "Helvetica", "Liberation Sans", "DejaVu Sans"],
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "pdf.fonttype": 42,  # TrueType, embedded, which journals ask for
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "burstnet",  # the same ids in every run
    "axes.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.minor.width": 0.35,
    "ytick.minor.width": 0.35,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "lines.linewidth": 1.0,
    "legend.frameon": False,
    "legend.handlelength": 1.2,
    "figure.dpi": 100,
    "savefig.dpi": 450,
}


class Sweep(NamedTuple):
    """The tables of a sweep."""

    trials: pd.DataFrame  # those that are ok
    curves: pd.DataFrame  # of the output layer
    keys: dict  # swept key by its column
    measure: str  # the objective's
    minimize: bool
    unit: str


def load(results):
    path = results / "trials.parquet"
    trials = pd.read_parquet(path)
    schema = pq.read_schema(path)
    plan = json.loads((results / "plan.json").read_text())
    keys = {dimension["key"].replace(".", "_"): dimension["key"] for dimension in plan["space"]}
    for column in keys:  # lists and nulls are labels too
        if any(isinstance(value, (list, np.ndarray)) for value in trials[column]):
            trials[column] = [" ".join(f"{x:g}" for x in value) for value in trials[column]]
        elif trials[column].dtype == object:
            trials[column] = trials[column].fillna("none").astype(str)
    measure = plan["objective"]["measure"]
    unit = (schema.field(measure).metadata or {}).get(b"unit", b"").decode()
    curves = pd.read_parquet(results / "curves.parquet")
    curves = curves[curves.layer == curves.groupby("trial_id").layer.transform("max")]
    ok = trials[(trials.status == "ok") & trials[measure].notna()]
    if ok.empty or not keys:
        raise SystemExit(f"{results}: no trial that is ok, or no swept key: nothing to draw")
    return Sweep(ok, curves, keys, measure, plan["objective"]["direction"] == "minimize", unit)


def interval(values):
    """Mean and half the width of the 95 % interval, Student's t; no width for fewer than two values."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if values.size < 2:
        return (values[0] if values.size else np.nan), np.nan
    return values.mean(), stats.t.ppf(0.975, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size)


def effect_size(sweep, column):
    """How far the means at a key's values are apart."""
    means = sweep.trials.groupby(column)[sweep.measure].mean()
    return means.max() - means.min()


def levels_of(sweep, column):
    """The values of a key, numbers in their order; of many, seven spread over them."""
    levels = sorted(sweep.trials[column].dropna().unique())
    if len(levels) > 7:
        levels = [levels[at] for at in np.linspace(0, len(levels) - 1, 7).round().astype(int)]
    return levels


def label(value):
    """A value of a key, at most 18 characters of it, and none of what Matplotlib reads as mathematics."""
    text = f"{value:g}" if isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_)) else str(value)
    text = "".join(c if c.isprintable() else "�" for c in text)
    text = text if len(text) <= 18 else text[:17] + "…"
    return text.replace("$", r"\$")


def words(key):
    """A key as the label of an axis."""
    return key.replace("_", " ").replace(".", ", ").capitalize()


MEASURES = {"test_mae": "Mean absolute test error", "test_mse": "Mean squared test error", "train_loss": "Training loss"}


def with_unit(sweep):
    """The measure as the label of an axis."""
    name = MEASURES.get(sweep.measure, words(sweep.measure))
    return f"{name}\n({sweep.unit})" if sweep.unit else name


def colours_of(sweep, column):
    """Those of Okabe and Ito for few values or words, an ordered map for many numbers."""
    levels = levels_of(sweep, column)
    ordered = len(levels) > 3 and pd.api.types.is_numeric_dtype(sweep.trials[column])
    if not ordered:
        return {level: COLOURS[at % len(COLOURS)] for at, level in enumerate(levels)}
    scale = matplotlib.colormaps["viridis"]
    return {level: scale(0.9 * at / (len(levels) - 1)) for at, level in enumerate(levels)}


def at_best_others(sweep, column):
    """Of each value of `column`, the trials in which all other keys have the value of the best configuration there."""
    chosen = {}
    for level in levels_of(sweep, column):
        means = sweep.trials[sweep.trials[column] == level].groupby("config_id")[sweep.measure].mean()
        best = means.idxmin() if sweep.minimize else means.idxmax()
        chosen[level] = sweep.trials[sweep.trials.config_id == best]
    return chosen


def decades(axes):
    """How many powers of ten the vertical axis spans."""
    low, high = axes.get_ylim()
    return np.log10(high / low)


def draw_curves(axes, sweep, column):
    colours = colours_of(sweep, column)
    for level, trials in at_best_others(sweep, column).items():
        own = sweep.curves[sweep.curves.trial_id.isin(trials.trial_id) & sweep.curves.loss.notna()]
        if own.empty:
            continue
        points = own.groupby("step").loss.apply(lambda loss: pd.Series(interval(loss), index=["mean", "half"])).unstack()
        steps = points.index.to_numpy() + 1
        axes.plot(steps, points["mean"], color=colours[level], label=label(level))
        # Of a loss no band can reach below zero, which a log axis has not.
        low = np.maximum(points["mean"] - points["half"].fillna(0), points["mean"] * 0.05)
        high = points["mean"] + points["half"].fillna(0)
        axes.fill_between(steps, low, high, color=colours[level], alpha=0.2, linewidth=0)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades(axes) < 2 else (1,)))
    axes.yaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.ticklabel_format(axis="x", style="plain")
    thousands = axes.get_xlim()[1] > 5000
    if thousands:
        axes.xaxis.set_major_formatter(lambda x, _: f"{x / 1000:g}")
    axes.set_xlabel("Training step (thousands)" if thousands else "Training step")
    axes.set_ylabel("Training loss, output layer\n(events²/step²)")
    axes.legend(title=words(sweep.keys[column]), title_fontsize=7, loc="best", labelspacing=0.25)


def draw_effect(axes, sweep, column):
    levels = levels_of(sweep, column)
    by_replicate = sweep.trials.pivot_table(index="replicate", columns=column, values=sweep.measure, aggfunc="mean")
    by_replicate = by_replicate.reindex(columns=levels)
    colours = colours_of(sweep, column)
    at = np.arange(len(levels))
    for _, row in by_replicate.iterrows():
        axes.plot(at, row, color=GREY, linewidth=0.4, alpha=0.7, zorder=1, solid_capstyle="round")
    for place, level in zip(at, levels):
        mean, half = interval(by_replicate[level])
        axes.errorbar(
            place, mean, yerr=None if np.isnan(half) else half, fmt="o", markersize=3.5, color=colours[level],
            elinewidth=1, capsize=2, capthick=1, zorder=3,
        )
    axes.set_xticks(at, [label(level) for level in levels])
    if sum(len(label(level)) for level in levels) > 30:
        plt.setp(axes.get_xticklabels(), rotation=35, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.4, len(levels) - 0.6)
    axes.set_xlabel(words(sweep.keys[column]))
    axes.set_ylabel(with_unit(sweep))


def draw_pair(figure, axes, sweep, column, other):
    rows, columns = levels_of(sweep, other), levels_of(sweep, column)
    means = sweep.trials.pivot_table(index=other, columns=column, values=sweep.measure, aggfunc="mean")
    means = means.reindex(index=rows, columns=columns)
    scale = "viridis_r" if sweep.minimize else "viridis"
    image = axes.imshow(np.ma.masked_invalid(means.to_numpy(dtype=float)), cmap=scale, aspect="auto", origin="lower")
    axes.set_facecolor("#e6e6e6")  # where no trial is ok
    axes.set_xticks(range(len(columns)), [label(value) for value in columns])
    axes.set_yticks(range(len(rows)), [label(value) for value in rows])
    if sum(len(label(value)) for value in columns) > 30:
        plt.setp(axes.get_xticklabels(), rotation=35, ha="right", rotation_mode="anchor")
    axes.set_xlabel(words(sweep.keys[column]))
    axes.set_ylabel(words(sweep.keys[other]))
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    bar = figure.colorbar(image, ax=axes, pad=0.03, fraction=0.08)
    bar.outline.set_visible(False)
    bar.ax.tick_params(width=0.5, length=2)
    bar.locator = MaxNLocator(4)
    bar.update_ticks()
    bar.set_label(with_unit(sweep))


def letter(axes, text):
    axes.annotate(
        text, xy=(0, 1), xycoords="axes fraction", xytext=(-26, 4), textcoords="offset points", fontsize=8,
        fontweight="bold", va="bottom", ha="left",
    )


def save(figure, folder, name):
    """As SVG and PDF for print, and PNG to look at; without a date, so that the same tables give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
    figure.savefig(folder / f"{name}.pdf", metadata={"CreationDate": None, "ModDate": None, "Creator": None})
    figure.savefig(folder / f"{name}.png", metadata={"Software": None})
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, help="the results directory")
    parser.add_argument("--out", type=Path, default=Path("figures"), help="where to write them (default: figures)")
    parser.add_argument("--key", help="the swept key of panels a and b, such as feedback.density")
    arguments = parser.parse_args()
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    plt.rcParams.update(STYLE)
    sweep = load(arguments.results)
    by_effect = sorted(sweep.keys, key=lambda column: -effect_size(sweep, column))
    if arguments.key:
        named = [column for column, key in sweep.keys.items() if key == arguments.key]
        if not named:
            parser.error(f"--key {arguments.key}: not swept, expected one of {', '.join(sweep.keys.values())}")
        by_effect = named + [column for column in by_effect if column not in named]
    column = by_effect[0]

    panels = "abc" if len(by_effect) > 1 else "ab"
    widths = [1.0, 0.75, 0.95] if len(by_effect) > 1 else [1.25, 1.0]
    width = DOUBLE if len(by_effect) > 1 else 140 * MM
    figure, axes = plt.subplots(
        1, len(panels), figsize=(width, 55 * MM), layout="constrained", gridspec_kw={"width_ratios": widths}
    )
    draw_curves(axes[0], sweep, column)
    draw_effect(axes[1], sweep, column)
    if len(by_effect) > 1:
        draw_pair(figure, axes[2], sweep, column, by_effect[1])
    for one, text in zip(axes, panels):
        letter(one, text)
    save(figure, arguments.out, "figure-1")

    figure, axes = plt.subplots(figsize=(SINGLE, 60 * MM), layout="constrained")
    draw_curves(axes, sweep, column)
    save(figure, arguments.out, "learning-curves")
    print(f"{arguments.out}: figure-1 and learning-curves, as SVG, PDF and PNG")


if __name__ == "__main__":
    main()
