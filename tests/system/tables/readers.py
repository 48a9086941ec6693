"""The readers of Parquet that are installed here: how each reads a whole file, and the rows that a filter leaves.

All give columns by name, as lists of Python's values with None for null.
"""

import math
from importlib import metadata


class Reader:
    """One library."""

    package = ""

    def __init__(self):
        self.version = metadata.version(self.package)

    def read(self, path):
        """All columns."""
        raise NotImplementedError

    def filtered(self, path, column, operator, value, wanted):
        """The columns `wanted` of the rows in which `column` has this relation to a value: =, >=, <=, null, not null.

        The reader skips what cannot have such rows by the file's statistics.
        """
        raise NotImplementedError


def relation(operator, field, value, is_null, is_not_null):
    """The condition of a filter in the expressions of a library."""
    return {
        "=": lambda: field == value,
        ">=": lambda: field >= value,
        "<=": lambda: field <= value,
        "null": is_null,
        "not null": is_not_null,
    }[operator]()


class Pyarrow(Reader):
    package = "pyarrow"

    def read(self, path):
        import pyarrow.parquet as pq

        return pq.read_table(path).to_pydict()

    def filtered(self, path, column, operator, value, wanted):
        import pyarrow.dataset as ds

        field = ds.field(column)
        condition = relation(operator, field, value, field.is_null, field.is_valid)
        return ds.dataset(path).to_table(columns=wanted, filter=condition).to_pydict()


class Polars(Reader):
    package = "polars"

    def read(self, path):
        import polars as pl

        return pl.read_parquet(str(path)).to_dict(as_series=False)

    def filtered(self, path, column, operator, value, wanted):
        import polars as pl

        field = pl.col(column)
        condition = relation(operator, field, value, field.is_null, field.is_not_null)
        query = pl.scan_parquet(str(path)).filter(condition).select(wanted)
        assert "SELECTION:" in query.explain(), f"not pushed down: {query.explain()}"
        return query.collect().to_dict(as_series=False)


class Sql(Reader):
    """One that is asked in SQL."""

    def filtered(self, path, column, operator, value, wanted):
        relation = {"null": "IS NULL", "not null": "IS NOT NULL"}.get(operator) or f"{operator} {self.literal(value)}"
        names = ", ".join(f'"{name}"' for name in wanted)
        return self.ask(path, f'SELECT {names} FROM file WHERE "{column}" {relation}')

    def read(self, path):
        return self.ask(path, "SELECT * FROM file")

    def literal(self, value):
        return f"'{value}'" if isinstance(value, str) else repr(value)

    def ask(self, path, query):
        raise NotImplementedError


class Duckdb(Sql):
    package = "duckdb"

    def literal(self, value):
        # DuckDB 0.9 rounds decimals of many digits, which it reads as DECIMAL.
        return f"'{value!r}'::DOUBLE" if isinstance(value, float) else super().literal(value)

    def ask(self, path, query):
        import duckdb

        connection = duckdb.connect()
        connection.execute(f"CREATE VIEW file AS SELECT * FROM '{path}'")
        found = connection.execute(query)
        names = [one[0] for one in found.description]
        rows = found.fetchall()
        return {name: [row[at] for row in rows] for at, name in enumerate(names)}


class Datafusion(Sql):
    package = "datafusion"

    def ask(self, path, query):
        import datafusion

        config = datafusion.SessionConfig().set("datafusion.execution.parquet.pushdown_filters", "true")
        config = config.set("datafusion.execution.target_partitions", "1")  # which keeps the order of rows
        context = datafusion.SessionContext(config)
        context.register_parquet("file", str(path))
        return context.sql(query).to_pydict()


class Pandas(Reader):
    """Through pyarrow, with NumPy's types: integers beside nulls become numbers."""

    package = "pandas"
    engine = "pyarrow"

    def read(self, path):
        import pandas as pd

        return of_frame(pd.read_parquet(path, engine=self.engine))

    def filtered(self, path, column, operator, value, wanted):
        import pandas as pd

        if operator in ("null", "not null"):
            import pyarrow.dataset as ds

            field = ds.field(column)
            filters = field.is_null() if operator == "null" else field.is_valid()
        else:
            filters = [(column, {"=": "=="}.get(operator, operator), value)]
        return of_frame(pd.read_parquet(path, engine=self.engine, columns=wanted, filters=filters))


class Fastparquet(Reader):
    """It leaves out groups of rows by their statistics; the rows are left to pandas."""

    package = "fastparquet"

    def read(self, path):
        import fastparquet

        return of_frame(fastparquet.ParquetFile(str(path)).to_pandas())

    def filtered(self, path, column, operator, value, wanted):
        import fastparquet

        file = fastparquet.ParquetFile(str(path))
        if operator in ("null", "not null"):
            frame = file.to_pandas(columns=wanted)
            return of_frame(frame[frame[column].isna() == (operator == "null")])
        frame = file.to_pandas(columns=wanted, filters=[(column, {"=": "=="}.get(operator, operator), value)])
        kept = {"=": frame[column].eq, ">=": frame[column].ge, "<=": frame[column].le}[operator](value)
        return of_frame(frame[kept.fillna(False).astype(bool)])


def of_frame(frame):
    """The columns of a frame of pandas, in which a missing value has many forms."""
    return {name: [plain(value) for value in frame[name].tolist()] for name in frame.columns}


def plain(value):
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in ("<NA>", "NaT"):
        return None
    return value


class Spark(Reader):
    package = "pyspark"

    def read(self, path):
        return self.collected(self.session().read.parquet(str(path)))

    def filtered(self, path, column, operator, value, wanted):
        from pyspark.sql import functions as F

        field = F.col(column)
        condition = relation(operator, field, value, field.isNull, field.isNotNull)
        return self.collected(self.session().read.parquet(str(path)).filter(condition).select(*wanted))

    def session(self):
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        return builder.config("spark.sql.debug.maxToStringFields", "1000").getOrCreate()

    @staticmethod
    def collected(frame):
        rows = frame.collect()
        return {name: [row[at] for row in rows] for at, name in enumerate(frame.columns)}


KINDS = (Pyarrow, Polars, Duckdb, Datafusion, Pandas, Fastparquet, Spark)


def installed():
    """The readers of this environment, by name."""
    found = {}
    for kind in KINDS:
        try:
            metadata.version(kind.package)
        except metadata.PackageNotFoundError:
            continue
        found[kind.__name__.lower()] = kind()
    return found
