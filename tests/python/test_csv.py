"""`report --csv`: every table has the values of its Parquet file, in every digit."""

import csv
import io
import json
import re
import subprocess

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from readers import TABLES

QUOTES_AND_BLANKS = "\"'`“”‘’" + "".join(chr(c) for c in range(33)) + "\x7f\xa0\ufeff"


def as_csv(binary, results, *arguments):
    command = [binary, "report", results, *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=120).stdout.decode()


def is_formula(text):
    """As docs/results.md has it."""
    inner = text.lstrip(QUOTES_AND_BLANKS)
    return inner.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) or text.lstrip("'").startswith(("\t", "\r", "\n"))


def text_of(field):
    return field[1:] if field.startswith("'") and is_formula(field[1:]) else field


def value_of(field, kind):
    if field == "":
        return None
    if pa.types.is_list(kind):
        return json.loads(field)
    if pa.types.is_boolean(kind):
        return {"true": True, "false": False}[field]
    if pa.types.is_integer(kind):
        return int(field)
    return float(field) if pa.types.is_floating(kind) else text_of(field)


@pytest.mark.parametrize("table", TABLES)
def test_csv_has_the_values_of_the_table(any_sweep, binary, table):
    expected = pq.read_table(any_sweep / f"{table}.parquet")
    text = as_csv(binary, any_sweep, f"--csv={table}")
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == expected.column_names
    kinds = expected.schema.types
    got = [{name: value_of(*pair) for name, pair in zip(header, zip(row, kinds))} for row in rows]
    assert got == expected.to_pylist()
    assert re.fullmatch(r'(([^"\r\n]|"([^"]|"")*")*\r\n)*', text), "lines end with CR LF"


@pytest.mark.parametrize("table", TABLES)
def test_other_readers_of_csv(any_sweep, binary, tmp_path, table):
    path = tmp_path / f"{table}.csv"
    path.write_bytes(as_csv(binary, any_sweep, f"--csv={table}").encode())
    expected = pq.read_table(any_sweep / f"{table}.parquet")
    assert pl.read_csv(path, infer_schema_length=None).shape == expected.shape
    assert duckdb.sql(f"FROM read_csv('{path}', sample_size=-1)").shape == expected.shape
    read = pd.read_csv(path, float_precision="round_trip")
    assert read.shape == expected.shape
    for name in (field.name for field in expected.schema if pa.types.is_floating(field.type)):
        pd.testing.assert_series_equal(
            read[name].astype("float64"), expected[name].to_pandas().astype("float64"), check_exact=True
        )


def test_the_ranking_is_the_default(types_sweep, binary):
    ranking = as_csv(binary, types_sweep, "--csv")
    assert ranking == as_csv(binary, types_sweep, "--csv=ranking")
    rows = list(csv.DictReader(io.StringIO(ranking, newline="")))
    summary = {row["config_id"]: row for row in pq.read_table(types_sweep / "summary.parquet").to_pylist()}
    order = sorted(summary.values(), key=lambda row: (row["n_diverged"] + row["n_failed"], row["test_mae_mean"], row["config_id"]))
    assert [int(row["config_id"]) for row in rows] == [row["config_id"] for row in order][: len(rows)]
    for rank, row in enumerate(rows, start=1):
        own = summary[int(row["config_id"])]
        assert int(row["rank"]) == rank
        for ending in ("mean", "sd", "min", "median", "max"):
            assert float(row[ending]) == pytest.approx(own[f"test_mae_{ending}"], rel=1e-13)
        assert json.loads(row["network_layers"]) == own["network_layers"]


def test_formulas_are_neutralised_and_can_be_had_back(make_sweep, burstnet, binary):
    names = ["=1+1", "@x", "-1", "+1", "'=x", " =x", "plain"]
    small = "network: {layers: [12, 8, 3]}\nsignals: {length: 100}\ntraining: {epochs: 1}\n"

    def save_weights(folder):
        (folder / "small.yaml").write_text(small)
        for name in names:
            burstnet("run", "small.yaml", f"--save-weights=./{name}", cwd=folder)

    sweep = {"name": "formulas", "base": {"network": {"layers": [12, 8, 3]}, "signals": {"length": 100}},
             "search": {"space": {"network.initial_weights": names}}}
    results = make_sweep("formulas", json.dumps(sweep), prepare=save_weights)
    stored = pq.read_table(results / "summary.parquet")["network_initial_weights"].to_pylist()
    rows = csv.DictReader(io.StringIO(as_csv(binary, results, "--csv=summary"), newline=""))
    fields = [row["network_initial_weights"] for row in rows]
    assert stored == names and [text_of(field) for field in fields] == names
    assert fields == ["'=1+1", "'@x", "'-1", "'+1", "''=x", "' =x", "plain"]
