"""From a row to its cause, and studies in one file."""

import polars as pl
import pytest

import burstnet as bn


def test_two_trials_part_at_a_step(small):
    told = small.diff(0, 2)
    assert not told["same"] and told["keys"] == [{"key": "feedback.density", "a": 0.5, "b": 1.0}]
    trials = pl.DataFrame(small.trials).sort("trial_id")["test_mae"]
    [mae] = [measure for measure in told["measures"] if measure["measure"] == "test_mae"]
    assert (mae["a"], mae["b"]) == (trials[0], trials[2]) and told["first"]
    assert small.diff(0, set={"feedback.density": 1.0})["b"]["digest"] == told["b"]["digest"]
    assert small.diff(1, 1)["same"] and bn.diff(f"{small.path}:config=0,replicate=1", f"{small.path}:1")["same"]
    assert [key["key"] for key in small.diff(0, engine="reference")["keys"]] == ["training.engine"]


def test_run_files_are_compared_and_drawn(small, here):
    for trial in range(2):
        (here / f"{trial}.yaml").write_text(small.show(trial=trial))
    told = bn.diff("0.yaml", "1.yaml", page="both.html")
    assert not told["same"] and (here / "both.html").read_text().startswith("<!DOCTYPE html>")
    assert small.diff(0, "0.yaml")["same"]
    with pytest.raises(bn.InputError, match="both.html"):
        bn.diff("0.yaml", "1.yaml", page="both.html")
    with pytest.raises(bn.InputError, match="trial 9"):
        small.diff(9, 0)


def test_traces_of_many_trials(small, here):
    small.trace("best:1", "traces", replicates="0:2", steps="10:20", quantities="output", phase="training", epochs="0")
    best = small.best()[0]["config_id"]
    assert sorted(path.name for path in (here / "traces").glob("*.parquet")) == [f"trial-{2 * best}.parquet", f"trial-{2 * best + 1}.parquet"]
    assert pl.read_parquet(here / f"traces/trial-{2 * best}.parquet").height == 10


def test_a_finer_sweep_and_a_study_in_one_file(small, here):
    (here / "finer.yaml").write_text(small.refine("best:1", factor=0.25))
    assert bn.plan("finer.yaml")["name"] == "small-finer"
    small.archive("study.tar.zst")
    assert "all bits the same" in bn.verify("study.tar.zst", sample=2, threads=2)
    with pytest.raises(bn.InputError, match="study.tar.zst"):
        small.archive("study.tar.zst")
    torn = bytearray((here / "study.tar.zst").read_bytes())
    torn[len(torn) // 2] ^= 1
    (here / "study.tar.zst").write_bytes(torn)
    with pytest.raises(bn.BurstnetError, match="study.tar.zst"):
        bn.verify("study.tar.zst")
