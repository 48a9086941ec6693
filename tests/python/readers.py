"""One Parquet file through four libraries: its columns with their types, and its rows with None for null."""

import re

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


def through_pyarrow(path):
    table = pq.read_table(path)
    columns = [(field.name, arrow_type(field.type)) for field in table.schema]
    return columns, [tuple(row.values()) for row in table.to_pylist()]


def arrow_type(kind):
    if pa.types.is_list(kind):
        return f"list<{arrow_type(kind.value_type)}>"
    names = {pa.int64(): "int64", pa.float64(): "float64", pa.bool_(): "bool", pa.string(): "string"}
    return names.get(kind, str(kind))


def through_polars(path):
    table = pl.read_parquet(path)
    return [(name, polars_type(kind)) for name, kind in table.schema.items()], table.rows()


def polars_type(kind):
    if isinstance(kind, pl.List):
        return f"list<{polars_type(kind.inner)}>"
    names = {pl.Int64: "int64", pl.Float64: "float64", pl.Boolean: "bool", pl.String: "string"}
    return names.get(kind.base_type(), str(kind))


def through_duckdb(path):
    table = duckdb.connect().sql(f"SELECT * FROM '{path}'")
    columns = [(name, duckdb_type(str(kind))) for name, kind in zip(table.columns, table.types)]
    return columns, table.fetchall()


def duckdb_type(kind):
    if inner := re.fullmatch(r"(.*)\[\]", kind):
        return f"list<{duckdb_type(inner[1])}>"
    names = {"BIGINT": "int64", "DOUBLE": "float64", "BOOLEAN": "bool", "VARCHAR": "string"}
    return names.get(kind, kind)


def through_pandas(path):
    """With Arrow types, as pandas' own have no nulls in columns of numbers."""
    table = pd.read_parquet(path, dtype_backend="pyarrow")
    columns = [(name, arrow_type(kind.pyarrow_dtype)) for name, kind in table.dtypes.items()]
    series = [pa.array(table[name]).to_pylist() for name in table.columns]
    return columns, list(zip(*series))


READERS = {
    "pyarrow": through_pyarrow,
    "polars": through_polars,
    "duckdb": through_duckdb,
    "pandas": through_pandas,
}
TABLES = ["trials", "curves", "summary", "timings", "effects", "contrasts"]
