"""A trace: its columns and rows, what holds within a row, and the measures recomputed from it."""

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.special import expit

import sweeps
from traces import Trace

STEPS, EPOCHS, OUTPUTS, HIDDEN = 121, 3, 3, [8, 5]
QUANTITIES = {
    "event_rate": "events/step",
    "burst_probability": None,
    "burst_rate": "bursts/step",
    "apical_voltage": None,
    "somatic_voltage": None,
}


@pytest.fixture(scope="module")
def trace(traced_run):
    return Trace(traced_run[0] / "trace.parquet")


def layers():
    return range(len(HIDDEN))


def test_columns(traced_run, engine):
    lists = [("target", OUTPUTS), ("output", OUTPUTS)]
    lists += [(f"hidden{m}_{quantity}", HIDDEN[m]) for m in layers() for quantity in QUANTITIES]
    words = [
        ("phase", pa.string()),
        ("step", pa.int64()),
        ("epoch", pa.int64()),
        ("t", pa.int64()),
        ("taught", pa.bool_()),
    ]
    schema = pq.read_schema(traced_run[0] / "trace.parquet")
    got = [(field.name, field.type) for field in schema]
    item = pa.field("item", {"fast": pa.float32(), "reference": pa.float64()}[engine], nullable=False)
    assert got == words + [(name, pa.list_(item, size)) for name, size in lists]
    assert [field.name for field in schema if field.nullable] == ["epoch"]


def test_units_and_meanings(traced_run):
    for field in pq.read_schema(traced_run[0] / "trace.parquet"):
        metadata = {key.decode(): value.decode() for key, value in field.metadata.items()}
        assert metadata["description"], field.name
        if field.name.startswith("hidden"):
            layer, quantity = field.name.removeprefix("hidden").split("_", 1)
            assert metadata.get("unit") == QUANTITIES[quantity], field.name
            assert metadata["units"] == ",".join(map(str, range(HIDDEN[int(layer)]))), field.name


def test_other_readers_see_the_same_lists(traced_run, trace, engine):
    path = traced_run[0] / "trace.parquet"
    through_polars = pl.read_parquet(path)
    for name in ["target", "output", "hidden1_event_rate"]:
        width = trace[name].shape[1]
        assert through_polars.schema[name] == pl.Array({"fast": pl.Float32, "reference": pl.Float64}[engine], width), name
        np.testing.assert_array_equal(through_polars[name].to_numpy(), trace[name], err_msg=f"{name} in polars")
        rows = duckdb.sql(f"SELECT {name} FROM '{path}' ORDER BY step").fetchall()
        np.testing.assert_array_equal([row[0] for row in rows], trace[name], err_msg=f"{name} in duckdb")


def test_rows(trace):
    passes = EPOCHS + 2
    assert trace["step"].tolist() == list(range(passes * STEPS))
    assert trace["t"].tolist() == list(range(STEPS)) * passes
    phases = ["training"] * EPOCHS * STEPS + ["test"] * STEPS + ["generation"] * STEPS
    assert trace["phase"].tolist() == phases
    epochs = [epoch for epoch in range(EPOCHS) for _ in range(STEPS)]
    assert trace.table["epoch"].to_pylist() == epochs + [None] * 2 * STEPS
    np.testing.assert_array_equal(trace["target"], np.tile(trace["target"][:STEPS], (passes, 1)))


def test_only_training_is_taught(trace):
    taught = trace["taught"]
    assert not taught[EPOCHS * STEPS :].any()
    assert 0.1 < taught[: EPOCHS * STEPS].mean() < 0.3, "the target fraction is 0.2"


def test_stages_rest_until_signals_reach_them(trace):
    """Hidden layer m runs from step m + 1 on, the output from M, apical dendrites from M + 1."""
    assert not trace["output"][:3].any() and trace["output"][3:].all()
    for m in layers():
        rate, probability = trace[f"hidden{m}_event_rate"], trace[f"hidden{m}_burst_probability"]
        assert not rate[: m + 1].any() and rate[m + 1 :].all(), f"layer {m}"
        assert not probability[:4].any() and probability[4:].all(), f"layer {m}"


@pytest.mark.parametrize("m", layers())
def test_rates_follow_from_voltages(trace, m, rounding):
    rate, probability, burst_rate, apical, somatic = (trace[f"hidden{m}_{quantity}"] for quantity in QUANTITIES)
    np.testing.assert_allclose(probability[4:], expit(apical[4:]), rtol=rounding)
    generating = (trace["phase"] == "generation") & (trace["t"] >= 61)  # from t = ⌈T/2⌉ on
    outside = ~generating
    np.testing.assert_allclose(burst_rate[outside], probability[outside] * rate[outside], rtol=rounding)
    running = outside & (trace["step"] > m)
    np.testing.assert_allclose(rate[running], expit(somatic[running]), rtol=rounding)
    np.testing.assert_array_equal(rate[generating], burst_rate[generating])
    expected = probability[generating] * expit(somatic[generating])
    np.testing.assert_allclose(burst_rate[generating], expected, rtol=rounding)


def test_errors_recomputed(traced_run, trace, rounding):
    _, measured = traced_run
    test, generation = trace.phase("test"), trace.phase("generation")
    error = test["target"] - test["output"]
    assert measured["test_mae"] == pytest.approx(np.abs(error).mean(), rel=rounding)
    assert measured["test_mse"] == pytest.approx((error**2).mean(), rel=rounding)
    error = (generation["target"] - generation["output"])[61:]
    assert measured["generation_mae"] == pytest.approx(np.abs(error).mean(), rel=rounding)


def test_train_loss_recomputed(traced_run, trace, rounding):
    losses = trace.phase("training").losses(2, layers=3)[-STEPS:]
    assert traced_run[1]["train_loss"] == pytest.approx(np.nanmean(losses), rel=rounding)


def test_chosen_units(run_json, traced_run, trace, tmp_path, engine):
    outputs = ["--trace", "some.parquet", "--trace-units", "0:1,3-4"]
    result = run_json(sweeps.TRACED_RUN, "--seed", 11, "--engine", engine, *outputs, cwd=tmp_path)
    some = Trace(tmp_path / "some.parquet")
    hidden = [name for name in some.table.column_names if name.startswith("hidden")]
    assert hidden == [f"hidden0_{quantity}" for quantity in QUANTITIES]
    for name in ["phase", "step", "t", "taught", "target", "output"]:
        np.testing.assert_array_equal(some[name], trace[name], err_msg=name)
    for name in hidden:
        field = some.table.schema.field(name)
        assert field.type.list_size == 3 and field.metadata[b"units"] == b"1,3,4", name
        np.testing.assert_array_equal(some[name], trace[name][:, [1, 3, 4]], err_msg=name)
    assert result == traced_run[1], "the trace changes nothing but what is recorded"


def test_a_run_without_a_trace_has_the_same_bits(run_json, traced_run, tmp_path, engine):
    assert run_json(sweeps.TRACED_RUN, "--seed", 11, "--engine", engine, cwd=tmp_path) == traced_run[1]
    assert run_json(sweeps.TRACED_RUN, "--seed", 12, cwd=tmp_path)["digest"] != traced_run[1]["digest"]


def test_json_has_the_documented_keys(traced_run):
    _, result = traced_run
    assert set(result) == {
        "seed",
        "status",
        "digest",
        "train_loss",
        "epochs_to_threshold",
        "test_mae",
        "test_mse",
        "generation_mae",
        "alignment_deg_0",
        "alignment_deg_1",
    }
    assert (result["seed"], result["status"], result["epochs_to_threshold"]) == (11, "ok", None)


def test_json_of_a_run_that_diverges(run_json, tmp_path):
    result = run_json(sweeps.TRACED_RUN, "--set", "learning_rate.output=1e300", cwd=tmp_path)
    assert result["status"] == "diverged" and result["error"].startswith("step "), result
    assert len(result["digest"]) == 64
    assert all(result.get(name) is None for name in sweeps.measures("types")), result
