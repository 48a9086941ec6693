"""Whether adaptive replicates choose as well as twice as many trials; `run --adaptive` starts it.

Test functions: 40 random configurations with noise, and whether the truly best of them is chosen. The burst network: the 40
configurations of sweeps/learning-rates.yaml on other seeds in each repetition, so that the truly best one is known from the
uniform replicates of all repetitions together.
"""

import json
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from math import sqrt
from pathlib import Path
from statistics import mean

import tables
from sweeping import ROOT, Sweeps, table

FILE = ROOT / "sweeps" / "learning-rates.yaml"
CONFIGURATIONS = 40
FROM, TO = 3, (8, 24)
#: The noise of each test function, in its unit.
NOISE = {"branin": 10.0, "hartmann6": 0.3}


def adaptive(to: int) -> dict:
    return {"from": FROM, "to": to, "until": "best"}


def choice(job: tuple) -> dict:
    program, task, replicates, seed = job
    command = [str(program), task, str(CONFIGURATIONS), json.dumps(replicates), str(NOISE[task]), str(seed)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def functions(tasks: list[str], seeds: list[int], processes: int, example: Path) -> dict:
    """By task and largest number of replicates: what half as many trials chose, uniform and adaptive replicates."""
    program = example.with_name("replicates")
    found: dict = {}
    with ProcessPoolExecutor(processes) as pool:
        for task in (task for task in tasks if task in NOISE):
            for to in TO:
                ways = {"half": to // 2, "uniform": to, "adaptive": adaptive(to)}
                jobs = {way: [(program, task, replicates, seed) for seed in seeds] for way, replicates in ways.items()}
                found[task, to] = {way: list(pool.map(choice, own, chunksize=4)) for way, own in jobs.items()}
    return found


def network(sweeps: Sweeps, seeds: list[int]) -> dict:
    """The same of the burst network. A row says which configuration is the best, and whether the set holds the truth."""
    whole, _ = sweeps.run(FILE, {"replicates": 1}, threads=2)
    base = {"base": {"training": {"epochs": 20}}, "objective": {"measure": "train_loss", "direction": "minimize"}}
    base |= {"search": {"strategy": "table", "table": str(whole / "summary.parquet")}}
    sums, count, rows = [0.0] * CONFIGURATIONS, 0, []
    for seed in seeds:
        held = {}
        for to in TO:
            for way, replicates in (("adaptive", adaptive(to)), ("uniform", to)):
                results, _ = sweeps.run(base | {"seed": 1_000_000 + seed, "replicates": replicates}, threads=2)
                held[to, way] = chosen(results)
            held[to, "half"] = first(results, to // 2)
        for row in table(results, "summary"):
            sums[row["config_id"]] += row["train_loss_mean"]
        count += 1
        rows.append(held)
        print(f"network, repetition {count}", file=sys.stderr)
    means = [sum / count for sum in sums]
    best = means.index(min(means))
    found: dict = {}
    for to in TO:
        ways = ("half", "uniform", "adaptive")
        of = {way: [read(held[to, way], best, means) for held in rows] for way in ways}
        found["network", to] = of
    return found


def first(results: Path, replicates: int) -> dict:
    """What so many of the uniform replicates choose."""
    of: dict[int, list[float]] = {}
    for trial in table(results, "trials"):
        if trial["replicate"] < replicates:
            of.setdefault(trial["config_id"], []).append(trial["train_loss"])
    return {"best": min(of, key=lambda config_id: (mean(of[config_id]), config_id)), "trials": replicates * len(of)}


def chosen(results: Path) -> dict:
    best = next(row for row in table(results, "contrasts") if row["measure"] == "train_loss" and row["rank"] == 1)
    summary = table(results, "summary")
    held = {row["config_id"] for row in summary if row["in_confidence_set"]}
    trials = sum(row["n_ok"] + row["n_failed"] + row["n_diverged"] for row in summary)
    return {"best": best["config_id"], "set": held, "trials": trials}


def read(one: dict, best: int, means: list[float]) -> dict:
    right, regret = one["best"] == best, means[one["best"]] - means[best]
    of_set = {"held": best in one["set"], "set": len(one["set"])} if "set" in one else {}
    return {"trials": one["trials"], "right": right, "regret": regret, **of_set}


def told(found: dict) -> str:
    head = ["Task", "Replicates", "Trials", "the best chosen", "worse by, mean", "only uniform right", "only adaptive right"]
    lines = [tables.row(head), tables.row(["---"] * len(head))]
    for (task, to), ways in found.items():
        names = {"half": f"{to // 2}", "uniform": f"{to}", "adaptive": f"{{from: {FROM}, to: {to}}}"}
        for way, held in ways.items():
            right = [one["right"] for one in held]
            share = mean(right)
            error = sqrt(share * (1 - share) / len(right))
            cells = [task, names[way], f"{mean(one['trials'] for one in held):.0f}", f"{sum(right)} of {len(right)} (± {error:.0%})"]
            cells.append(f"{mean(one['regret'] for one in held):.3g}")
            uniform = [one["right"] for one in ways["uniform"]]
            cells += [str(sum(a and not b for a, b in zip(uniform, right))), str(sum(b and not a for a, b in zip(uniform, right)))]
            if "held" in held[0]:
                cells[-1] += f"; set of {mean(one['set'] for one in held):.1f} holds the best in {sum(one['held'] for one in held)}"
            lines.append(tables.row(cells))
    return "\n".join(lines)
