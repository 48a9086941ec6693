"""Every table and trace through every reader of this environment: all values, and the rows that filters leave."""

import json
import os
from pathlib import Path

import pytest

import readers

FOLDER = Path(os.environ["BURSTNET_READERS"])
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
READERS = readers.installed()
# Where the value lies among those of the column to which a filter compares, and which values it keeps.
OPERATORS = {
    "=": (0.5, lambda value, than: value is not None and value == than),
    ">=": (0.95, lambda value, than: value is not None and value >= than),
    "<=": (0.05, lambda value, than: value is not None and value <= than),
    "null": (None, lambda value, than: value is None),
    "not null": (None, lambda value, than: value is not None),
}


# Traces have floats byte by byte. The first release that reads these, or none.
FIRST_WITH_TRACES = {"polars": (1, 0), "fastparquet": None, "duckdb": (0, 10), "pyspark": (4, 0)}
TRACES = ("fast.parquet", "reference.parquet")


def version(reader):
    return tuple(int(part) for part in reader.version.split(".")[:2])


def reads_traces(reader):
    first = FIRST_WITH_TRACES.get(reader.package, (0, 0))
    return first is not None and version(reader) >= first


@pytest.fixture(params=READERS)
def reader(request):
    return READERS[request.param]


@pytest.fixture(params=EXPECTED)
def file(request):
    return request.param


def test_the_readers_are_those_of_the_environment():
    lines = Path(os.environ["BURSTNET_ENVIRONMENT"]).read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    known = {kind.package for kind in readers.KINDS}
    assert {one.package: one.version for one in READERS.values()}.items() >= {
        (package, version) for package, version in pinned.items() if package in known
    }
    assert READERS


def test_all_values(reader, file):
    if file in TRACES and not reads_traces(reader):
        return  # the last test is about these
    found = reader.read(FOLDER / file)
    assert list(found) == list(EXPECTED[file])
    for name, values in EXPECTED[file].items():
        assert found[name] == values, name


def test_filters(reader, file):
    if file in TRACES and (not reads_traces(reader) or reader.package == "datafusion" and version(reader) < (44, 0)):
        return  # DataFusion 43 finds no rows by an index of pages
    columns = EXPECTED[file]
    first = next(iter(columns))
    for name, values in columns.items():
        there = [value for value in values if value is not None]
        if there and isinstance(there[0], list):
            continue  # no reader compares lists
        there.sort()
        for operator, (share, holds) in OPERATORS.items():
            if share is not None and not there or operator in (">=", "<=") and isinstance(there[0], bool):
                continue  # nothing to compare with
            than = there[int(share * (len(there) - 1))] if share is not None else None
            wanted = list(dict.fromkeys([first, name]))
            expected = [tuple(columns[one][at] for one in wanted) for at, value in enumerate(values) if holds(value, than)]
            found = reader.filtered(FOLDER / file, name, operator, than, wanted)
            rows = list(zip(*(found[one] for one in wanted)))
            same = rows == expected or sorted(rows, key=in_order) == sorted(expected, key=in_order)
            assert same, f"{name} {operator} {than}: {len(rows)} rows, expected {len(expected)}"


def in_order(row):
    return [(value is None, 0 if value is None else value) for value in row]


@pytest.mark.parametrize("name", READERS)
def test_readers_of_which_the_docs_say_that_they_read_no_traces(name):
    """A reader that learns it is taken from the list, in the docs too."""
    if not reads_traces(READERS[name]):
        with pytest.raises(Exception):  # noqa: B017, PT011: each has its own
            READERS[name].read(FOLDER / "fast.parquet")
