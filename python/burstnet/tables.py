"""Tables in memory, for every library that knows Arrow."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from burstnet import _burstnet

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = ["Table"]


class Table:
    """A table in memory, which other libraries take without copying its columns.

    It has the PyCapsule interface of Arrow: ``polars.DataFrame(table)``, ``pyarrow.table(table)``, and in DuckDB
    ``duckdb.sql("from table")``. A missing value is a null. Units and meanings are in the metadata of its columns.
    """

    def __init__(self, held: _burstnet.Table) -> None:
        self._held = held

    @classmethod
    def read_parquet(cls, path: str | PathLike[str]) -> Table:
        """Read a Parquet file, say a trace."""
        return cls(_burstnet.Table.read(path))

    @property
    def column_names(self) -> list[str]:
        """The names of its columns."""
        return self._held.column_names

    def __len__(self) -> int:
        return len(self._held)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._held.__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pyarrow.Table:
        """Return it as a table of pyarrow."""
        import pyarrow

        return pyarrow.table(self)

    def to_pandas(self, **options: Any) -> pandas.DataFrame:
        """Return it as a data frame of pandas, by pyarrow, which takes the options."""
        return self.to_arrow().to_pandas(**options)

    def to_polars(self) -> polars.DataFrame:
        """Return it as a data frame of polars."""
        import polars

        return polars.DataFrame(self)

    def __repr__(self) -> str:
        return f"<burstnet.Table: {len(self)} rows of {', '.join(self.column_names)}>"
