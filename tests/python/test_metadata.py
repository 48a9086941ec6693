"""What the Parquet files say about themselves: key-value metadata, and unit and meaning of each column."""

import json
import re

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from readers import TABLES

# As docs/model.md has them. Words, ids and pure numbers have no unit, and `loss` has one that depends on the layer.
UNITS = {
    "train_loss": "events²/step²",
    "epochs_to_threshold": "epochs",
    "test_mae": "events/step",
    "test_mse": "events²/step²",
    "generation_mae": "events/step",
    "alignment_deg_0": "degrees",
    "alignment_deg_1": "degrees",
    "step": "steps",
    "learning_steps": "steps",
    "n_ok": "trials",
    "n_diverged": "trials",
    "n_failed": "trials",
    "wall_seconds": "s",
}
UNITS_OF_CONTRASTS = {"n": "trials"}  # the others depend on the row's measure


@pytest.mark.parametrize("table", TABLES)
def test_key_value_metadata(any_sweep, burstnet, tmp_path, table):
    path = any_sweep / f"{table}.parquet"
    metadata = {key.decode(): value.decode() for key, value in pq.read_metadata(path).metadata.items()}
    plan = (any_sweep / "plan.json").read_text()
    assert json.loads(metadata["burstnet.plan"]) == json.loads(plan)
    assert re.fullmatch("[0-9a-f]{64}", metadata["burstnet.fingerprint"])
    assert f"burstnet {metadata['burstnet.version']}" == burstnet("--version", cwd=tmp_path).stdout.strip()
    trials = pq.read_metadata(any_sweep / "trials.parquet").num_rows
    assert metadata["burstnet.trials"] == f"{trials} of {trials}"


def test_other_readers_see_the_metadata(types_sweep):
    path = types_sweep / "trials.parquet"
    expected = pq.read_metadata(path).metadata[b"burstnet.plan"]
    assert pl.read_parquet_metadata(path)["burstnet.plan"].encode() == expected
    found = duckdb.sql(f"SELECT value FROM parquet_kv_metadata('{path}') WHERE key = 'burstnet.plan'").fetchall()
    assert found == [(expected,)]


def test_a_large_plan_stands_in_no_table(make_sweep):
    """Beyond 64 KiB it is known by its fingerprint alone, as metadata is not compressed."""
    text = """\
name: large
base:
  network: {layers: [4, 3, 2]}
  signals: {length: 20}
  training: {epochs: 1}
search: {strategy: table, table: rows.csv}
"""

    def write_rows(rows):
        lines = ["learning_rate.hidden", *(str(row / 8192) for row in range(rows))]
        return lambda folder: (folder / "rows.csv").write_text("\n".join(lines))

    for rows, stands in ((800, True), (4000, False)):
        results = make_sweep("large", text, prepare=write_rows(rows))
        plan = (results / "plan.json").read_text()
        assert (len(plan.encode()) <= 65536) == stands, f"{len(plan.encode())} bytes"
        for table in TABLES:
            metadata = pq.read_metadata(results / f"{table}.parquet").metadata
            assert metadata.get(b"burstnet.plan") == (plan.encode() if stands else None), table
            assert re.fullmatch(b"[0-9a-f]{64}", metadata[b"burstnet.fingerprint"]), table
            assert metadata[b"burstnet.trials"] == f"{rows} of {rows}".encode(), table


def test_the_fingerprint_is_that_of_the_sweep(types_sweep, lists_sweep, diverging_sweep):
    sweeps = [types_sweep, lists_sweep, diverging_sweep]
    found = [
        {pq.read_metadata(results / f"{table}.parquet").metadata[b"burstnet.fingerprint"] for table in TABLES}
        for results in sweeps
    ]
    assert all(len(of_one) == 1 for of_one in found), f"tables of a sweep differ in their fingerprint: {found}"
    assert len(set.union(*found)) == len(sweeps), f"sweeps share a fingerprint: {found}"


@pytest.mark.parametrize("table", TABLES)
def test_units_and_meanings(any_sweep, table):
    for field in pq.read_schema(any_sweep / f"{table}.parquet"):
        metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        assert len(metadata.get("description", "")) > 5, f"{field.name} has no description"
        measure = re.sub("_(mean|sd|min|median|max)$", "", field.name) if table == "summary" else field.name
        expected = {"contrasts": UNITS_OF_CONTRASTS, "effects": {}}.get(table, UNITS).get(measure)
        assert metadata.get("unit") == expected, field.name
