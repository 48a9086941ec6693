"""Sweeps of burstnet, and their tables."""

import json
import re
import subprocess
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent.parent.parent


class Sweeps:
    """Sweeps whose results go to folders of `place`."""

    def __init__(self, binary: Path, place: Path) -> None:
        self.binary, self.place, self.count = binary, place, 0

    def run(self, file: Path | dict, sets: dict | None = None, threads: int = 1) -> tuple[Path, float]:
        """The results directory, and the seconds that the trials took in all."""
        self.count += 1
        results = self.place / str(self.count)
        if isinstance(file, dict):
            (self.place / f"{self.count}.yaml").write_text(json.dumps(file))
            file = self.place / f"{self.count}.yaml"
        command = [self.binary, "sweep", file, "--out", results, "--threads", str(threads)]
        for key, value in (sets or {}).items():
            command += ["--set", f"{key}={value if isinstance(value, str) else json.dumps(value)}"]
        done = subprocess.run(command, capture_output=True, text=True)
        took = re.search(r"new trials? in ([\d.]+) (ms|s|min)\b", done.stderr)
        if done.returncode not in (0, 1) or took is None:
            raise SystemExit(f"benches/peers/search: burstnet failed: {done.stderr.strip()}")
        return results, float(took[1]) * {"ms": 1e-3, "s": 1.0, "min": 60.0}[took[2]]


def table(results: Path, name: str) -> list[dict]:
    return pq.read_table(results / f"{name}.parquet").to_pylist()
