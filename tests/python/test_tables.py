"""Columns, types, rows and nulls of the tables, through every reader."""

import itertools
import json
import math
import re

import pandas as pd
import pytest

import sweeps
from readers import READERS, TABLES

SORTED_BY = {
    "trials": ["trial_id"],
    "curves": ["trial_id", "layer", "step"],
    "summary": ["config_id"],
    "timings": ["trial_id"],
}


def rows_of(results, table="trials", reader="pyarrow"):
    columns, rows = READERS[reader](results / f"{table}.parquet")
    return [dict(zip((name for name, _ in columns), row)) for row in rows]


@pytest.fixture(params=READERS)
def reader(request):
    return request.param


@pytest.mark.parametrize("table", TABLES)
def test_columns_and_types(any_sweep, reader, table):
    columns, rows = READERS[reader](any_sweep / f"{table}.parquet")
    assert columns == sweeps.columns(any_sweep.name)[table]
    assert rows, f"{table} is empty"


@pytest.mark.parametrize("table", TABLES)
def test_all_readers_see_the_same_values(any_sweep, table):
    read = {name: READERS[name](any_sweep / f"{table}.parquet")[1] for name in READERS}
    for name, rows in read.items():
        assert [tuple(row) for row in rows] == [tuple(row) for row in read["pyarrow"]], f"{name} and pyarrow"


@pytest.mark.parametrize("table", TABLES)
def test_a_missing_value_is_null(any_sweep, reader, table):
    """That the nulls stand where they should is checked below and in the tests of each table."""
    for row in rows_of(any_sweep, table, reader):
        for name, value in row.items():
            values = value if isinstance(value, list) else [value]
            assert not any(isinstance(x, float) and not math.isfinite(x) for x in values), f"{name} in {row}"
            assert value != "" and value != [], f"{name} in {row}"


@pytest.mark.parametrize("table", SORTED_BY)
def test_rows_are_sorted_and_unique(any_sweep, table):
    keys = [tuple(row[name] for name in SORTED_BY[table]) for row in rows_of(any_sweep, table)]
    assert keys == sorted(set(keys))


def test_pandas_without_arrow_types(types_sweep):
    """What read_parquet gives by default: NumPy's types, as no column that is complete has become float or object."""
    frame = pd.read_parquet(types_sweep / "trials.parquet")
    plain = {"int64": "int64", "float64": "float64", "bool": "bool"}
    for name, kind in sweeps.columns("types")["trials"]:
        assert str(frame[name].dtype) == plain.get(kind, "object"), name
    expected = pd.DataFrame(rows_of(types_sweep))
    assert (frame.isna() == expected.isna()).all(axis=None)


def test_trials_are_numbered_by_the_plan(any_sweep):
    plan = json.loads((any_sweep / "plan.json").read_text())
    values = [dimension["domain"]["values"] for dimension in plan["space"]]
    names = [dimension["key"].replace(".", "_") for dimension in plan["space"]]
    words = {"evaluation_curve_window"} if any_sweep.name == "types" else set()
    expected = []
    for config_id, combination in enumerate(itertools.product(*values)):
        swept = {name: str(value) if name in words else value for name, value in zip(names, combination)}
        for replicate in range(plan["replicates"]):
            trial_id = config_id * plan["replicates"] + replicate
            expected.append({"trial_id": trial_id, "config_id": config_id, "replicate": replicate, **swept})
    got = [{name: row[name] for name in expected[0]} for row in rows_of(any_sweep)]
    assert got == expected


def test_seeds_are_those_of_the_replicates(any_sweep):
    rows = rows_of(any_sweep)
    seeds = {}
    for row in rows:
        assert row["seed"] == seeds.setdefault(row["replicate"], row["seed"]), f"seed of trial {row['trial_id']}"
    assert len(set(seeds.values())) == len(seeds), f"replicates share a seed: {seeds}"
    assert all(0 <= seed < 2**53 for seed in seeds.values()), f"seeds beyond 2^53: {seeds}"


def test_every_trial_has_a_digest(any_sweep):
    for row in rows_of(any_sweep):
        assert re.fullmatch("[0-9a-f]{64}", row["digest"]), f"digest of trial {row['trial_id']}: {row['digest']}"


def test_what_is_not_defined_is_null(types_sweep):
    for row in rows_of(types_sweep):
        null = {name for name in sweeps.measures("types") if row[name] is None}
        expected = {"epochs_to_threshold"}
        expected |= set() if row["evaluation_generation"] else {"generation_mae"}
        expected |= set() if len(row["network_layers"]) == 4 else {"alignment_deg_1"}
        assert (row["status"], row["error"], null) == ("ok", None, expected), f"trial {row['trial_id']}"


def test_the_threshold_is_counted_in_epochs(lists_sweep):
    rows = rows_of(lists_sweep)
    with_threshold = [row for row in rows if row["evaluation_loss_threshold"] is not None]
    assert all(row["epochs_to_threshold"] is None for row in rows if row["evaluation_loss_threshold"] is None)
    epochs = {row["epochs_to_threshold"] for row in with_threshold}
    assert None in epochs and epochs & {1.0, 2.0} and epochs <= {None, 1.0, 2.0}
    for row in with_threshold:
        assert row["train_loss"] >= 0.03 or row["epochs_to_threshold"] is not None, f"trial {row['trial_id']}"


def test_nothing_taught_means_no_training_loss(diverging_sweep):
    untaught = [row for row in rows_of(diverging_sweep) if row["teaching_target_fraction"] == 0]
    ended = [row for row in untaught if row["status"] == "ok"]
    assert ended
    assert all(row["train_loss"] is None and row["test_mae"] is not None for row in ended)


def test_diverged_trials_say_where_and_have_no_measures(diverging_sweep):
    rows = rows_of(diverging_sweep)
    assert {row["status"] for row in rows} == {"ok", "diverged"}
    places = set()
    for row in rows:
        if row["status"] == "ok":
            assert row["error"] is None, f"trial {row['trial_id']}"
            continue
        match = re.match(r"step (\d+), layer (\d+), (weight|feedback weight|loss|test error)\b", row["error"])
        assert match, f"trial {row['trial_id']}: {row['error']}"
        assert int(match[1]) < 3 * 120 and int(match[2]) < 2, f"trial {row['trial_id']}: {row['error']}"
        assert all(row[name] is None for name in sweeps.measures("diverging")), f"trial {row['trial_id']}"
        places.add((int(match[2]), match[3]))
    assert places == {(0, "weight"), (1, "weight"), (0, "feedback weight")}
