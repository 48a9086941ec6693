"""Tables as configurations, as other programs write them."""

import json

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SWEEP = """\
base: {network: {layers: [12, 8, 3]}, signals: {length: 60}, training: {epochs: 1}}
search: {strategy: table, table: FILE}
"""
ROWS = {
    "learning_rate_hidden": [0.1, 1.0, 10.0],
    "training.epochs": [1, 2, 3],
    "evaluation_generation": [True, False, True],
    "plasticity.hidden_rule": ["burst_probability", "burst_rate", "gated_burst_rate"],
    "network.layers": [[12, 8, 3], [12, 9, 3], [12, 10, 3]],
}


def with_pandas(path):
    pd.DataFrame(ROWS).to_parquet(path)


def with_pandas_float32(path):
    frame = pd.DataFrame(ROWS)
    frame["learning_rate_hidden"] = frame["learning_rate_hidden"].astype(np.float32)
    frame["training.epochs"] = frame["training.epochs"].astype(np.int16)
    frame["plasticity.hidden_rule"] = frame["plasticity.hidden_rule"].astype("category")
    frame.to_parquet(path, compression="zstd")


def with_polars(path):
    pl.DataFrame(ROWS).write_parquet(path)


def with_duckdb(path):
    frame = pd.DataFrame(ROWS)  # noqa: F841: duckdb finds it by its name
    duckdb.sql("SELECT * FROM frame").write_parquet(str(path))


@pytest.mark.parametrize("write", [with_pandas, with_pandas_float32, with_polars, with_duckdb])
def test_parquet(burstnet, tmp_path, write):
    write(tmp_path / "rows.parquet")
    check(burstnet, tmp_path, "rows.parquet")


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "lz4", "zstd"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_every_codec(burstnet, tmp_path, codec, version):
    table = pa.table(ROWS)
    pq.write_table(table, tmp_path / "rows.parquet", compression=codec, data_page_version=version)
    check(burstnet, tmp_path, "rows.parquet")


def with_nothing(frame):
    return frame


def with_other_types(frame):
    return frame.convert_dtypes()


@pytest.mark.parametrize("table", ["summary", "trials"])
@pytest.mark.parametrize("change", [with_nothing, with_other_types])
def test_tables_of_results_that_went_through_pandas(burstnet, tmp_path, table, change):
    """Without burstnet's metadata, its tables are known by their columns."""
    (tmp_path / "rows.csv").write_text("learning_rate_hidden,training.epochs,evaluation.curve_window\n0.1,1,epoch\n1,2,30\n")
    (tmp_path / "first.yaml").write_text("replicates: 2\n" + SWEEP.replace("FILE", "rows.csv"))
    burstnet("sweep", "first.yaml", "--out", "r", cwd=tmp_path)
    frame = change(pd.read_parquet(tmp_path / "r" / f"{table}.parquet"))
    frame.to_parquet(tmp_path / "again.parquet")
    frame.to_csv(tmp_path / "again.csv", index=False)
    for file in ["again.parquet", "again.csv", f"r/{table}.parquet"]:
        (tmp_path / "s.yaml").write_text(SWEEP.replace("FILE", file))
        shown = json.loads(burstnet("plan", "s.yaml", "--json", cwd=tmp_path).stdout)["shown"]
        keys = ["learning_rate_hidden", "training_epochs", "evaluation_curve_window"]
        assert [[trial[key] for key in keys] for trial in shown] == [[0.1, 1, "epoch"], [1.0, 2, 30]], file


def test_csv(burstnet, tmp_path):
    pd.DataFrame(ROWS).to_csv(tmp_path / "rows.csv", index=False)
    check(burstnet, tmp_path, "rows.csv")


def check(burstnet, folder, file):
    (folder / "s.yaml").write_text(SWEEP.replace("FILE", file))
    shown = json.loads(burstnet("plan", "s.yaml", "--json", cwd=folder).stdout)["shown"]
    assert len(shown) == 3
    for at, trial in enumerate(shown):
        for key, values in ROWS.items():
            assert trial[key.replace(".", "_")] == values[at], key


def test_missing_values(burstnet, tmp_path):
    pd.DataFrame({"evaluation.loss_threshold": [0.1, None]}).to_parquet(tmp_path / "rows.parquet")
    (tmp_path / "s.yaml").write_text(SWEEP.replace("FILE", "rows.parquet"))
    shown = json.loads(burstnet("plan", "s.yaml", "--json", cwd=tmp_path).stdout)["shown"]
    assert [trial["evaluation_loss_threshold"] for trial in shown] == [0.1, None]


def test_other_types_are_refused(burstnet, tmp_path):
    pd.DataFrame({"feedback.density": [pd.Timestamp("2026-01-01")]}).to_parquet(tmp_path / "rows.parquet")
    (tmp_path / "s.yaml").write_text(SWEEP.replace("FILE", "rows.parquet"))
    said = burstnet("plan", "s.yaml", cwd=tmp_path, expect=2).stderr
    assert "rows.parquet: column 'feedback.density' holds Timestamp" in said
