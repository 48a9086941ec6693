"""The sweep whose page most tests and all pictures show."""

import subprocess
from collections.abc import Callable
from pathlib import Path

SWEEP = """\
name: bursts
seed: 2017
replicates: 6
base:
  network: {layers: [40, 20, 3]}
  signals: {length: 200}
  training: {epochs: 30}
  teaching: {target_fraction: 0.2}
objective: {measure: train_loss, direction: minimize}
search:
  space:
    learning_rate.hidden: {log: [0.05, 5.0], num: 4}
    feedback.density: [0.1, 0.5, 1.0]
    plasticity.hidden_rule: [burst_probability, burst_rate]
"""


def commands(burstnet: str, folder: Path) -> Callable[..., None]:
    """Writes the file of the sweep into `folder`; returns a function that runs the command there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bursts.yaml").write_text(SWEEP)

    def run(*words: str, expect: int = 0) -> None:
        done = subprocess.run([burstnet, *words], cwd=folder, capture_output=True, text=True)
        assert done.returncode == expect, done.stdout + done.stderr

    return run


def run(burstnet: str, folder: Path) -> Path:
    """Runs the sweep in `folder`; returns its page."""
    commands(burstnet, folder)("sweep", "bursts.yaml")
    return folder / "results" / "bursts" / "report.html"
