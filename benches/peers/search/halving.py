"""Whether successive halving ends where the whole sweep of sweeps/learning-rates.yaml does; `run --halving` starts it.

Both choose a configuration by the mean over their replicates. The two configurations then run on 32 fresh seeds, and
their paired difference is tested (Wilcoxon), as the report does.
"""

import tables
from sweeping import ROOT, Sweeps, table

FILE = ROOT / "sweeps" / "learning-rates.yaml"
KEYS = ["learning_rate.hidden", "learning_rate.output", "feedback.weight_range"]
FRESH, EPOCHS = 32, 20
#: The defaults, and a milder rule that costs a little more.
SETTINGS: list[dict] = [{"factor": 3, "rungs": 3}, {"factor": 2, "rungs": 4}]


def best(results) -> dict:
    rows = table(results, "contrasts")
    return next(row for row in rows if row["measure"] == "train_loss" and row["rank"] == 1)


def part_of(halved) -> float:
    """Which part of all epochs was trained. Each is counted once, since trials go on from where they were."""
    epochs = [trial["training_epochs"] for trial in table(halved, "trials")]
    return sum(epochs) / (EPOCHS * len(epochs))


def compare(sweeps: Sweeps, seed: int, a: dict, b: dict) -> tuple[float, float, float, float]:
    """Mean of a, mean difference of b from it on fresh seeds, half of its 95 % interval, and p."""
    space = {key: [row[key.replace(".", "_")] for row in (a, b)] for key in KEYS}
    sweep = {"seed": 1_000_000 + seed, "replicates": FRESH, "base": {"training": {"epochs": EPOCHS}}}
    sweep |= {"objective": {"measure": "train_loss"}, "search": {"space": space, "zip": KEYS}}
    results, _ = sweeps.run(sweep, threads=2)
    rows = sorted((row for row in table(results, "contrasts") if row["measure"] == "train_loss"), key=lambda row: row["rank"])
    other = rows[1]
    sign = 1 if other["config_id"] == 1 else -1
    a_mean = next(row["mean"] for row in rows if row["config_id"] == 0)
    half = (other["difference_high"] - other["difference_low"]) / 2
    return a_mean, sign * other["difference"], half, other["p"]


def run(sweeps: Sweeps, seeds: list[int]) -> str:
    """A table for each of the settings."""
    return "\n\n".join(f"{settings}\n\n{compared(sweeps, seeds, settings)}" for settings in SETTINGS)


def compared(sweeps: Sweeps, seeds: list[int], settings: dict) -> str:
    head = ["Replicates", "Seed", "Best of all", "of halving", "Epochs", "Mean of the first [10⁻⁶]", "Difference [10⁻⁶]", "p"]
    lines = [tables.row(head), tables.row(["---"] * len(head))]
    for replicates in (4, 8):
        for seed in seeds:
            sets: dict = {"seed": seed, "replicates": replicates}
            whole, _ = sweeps.run(FILE, sets, threads=2)
            halved, _ = sweeps.run(FILE, sets | {"search.stopping": {"rule": "successive_halving", **settings}}, threads=2)
            a, b = best(whole), best(halved)
            cells = [str(replicates), str(seed), str(a["config_id"]), str(b["config_id"]), f"{100 * part_of(halved):.0f} %"]
            if a["config_id"] == b["config_id"]:
                cells += ["–", "the same", "–"]
            else:
                mean, difference, half, p = compare(sweeps, seed, a, b)
                cells += [f"{1e6 * mean:.0f}", f"{1e6 * difference:+.0f} ± {1e6 * half:.0f}".replace("-", "−"), f"{p:.2g}"]
            lines.append(tables.row(cells))
    return "\n".join(lines)
