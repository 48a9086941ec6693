"""`report --json`: one object, whose figures are those of the tables."""

import json
import math
import statistics

import pyarrow.parquet as pq
import pytest
from scipy import stats


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


@pytest.fixture
def report(any_sweep, burstnet, tmp_path):
    text = burstnet("report", any_sweep, "--json", cwd=tmp_path).stdout
    assert text.count("\n") == 1
    return json.loads(text, parse_constant=refuse)


def test_counts(any_sweep, report):
    trials = pq.read_table(any_sweep / "trials.parquet").to_pylist()
    counts = report["progress"]["counts"]
    assert {status: n for status, n in counts.items() if n} == {
        status: sum(row["status"] == status for row in trials) for status in {row["status"] for row in trials}
    }
    assert report["progress"]["done"] == report["progress"]["planned"] == len(trials)
    errors = sum(group["count"] for group in report["errors"]) + report["other_errors"]
    assert errors == counts["diverged"] + counts["failed"]


def test_ranked_configurations(any_sweep, report):
    trials = pq.read_table(any_sweep / "trials.parquet").to_pylist()
    columns = report["columns"]
    assert report["ranked"]
    for one in report["ranked"]:
        own = [row for row in trials if row["config_id"] == one["config_id"]]
        values = [row[report["measure"]] for row in own if row["status"] == "ok"]
        in_table = {column: own[0][column] for column in columns}
        for column, value in zip(columns, one["values"], strict=True):
            # Values of different types are texts in tables.
            held = in_table[column]
            assert value == held or str(value) == held, column
        assert one["n"] == len(values)
        if not values:
            assert one["summary"]["mean"] is None and one["t_interval"] is None
            continue
        assert one["summary"]["mean"] == pytest.approx(statistics.fmean(values), rel=1e-12)
        if len(values) > 1 and len(set(values)) > 1:
            low, high = stats.t.interval(0.95, len(values) - 1, statistics.fmean(values), stats.sem(values))
            assert one["t_interval"]["low"] == pytest.approx(low, rel=1e-9, abs=1e-12)
            assert one["t_interval"]["high"] == pytest.approx(high, rel=1e-9, abs=1e-12)


def test_no_number_is_infinite(report):
    def walk(value):
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield item
            yield from walk(item)

    assert all(math.isfinite(x) for x in walk(report) if isinstance(x, float))
