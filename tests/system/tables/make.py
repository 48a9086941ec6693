"""Makes the tables and traces that the readers open, and what stands in them, as the newest pyarrow reads it.

    make.py BURSTNET FOLDER
"""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

# Integers, numbers, words, flags, lists; nulls among all of them; diverged trials; curves of several groups of rows.
NETWORK = """\
name: network
seed: 7
replicates: 3
base:
  network: {layers: [12, 8, 3]}
  teaching: {target_fraction: 0.1}
  signals: {length: 120}
  training: {epochs: 10}
  evaluation: {curve_window: 1}
search:
  space:
    network.layers: [[12, 8, 3], [12, 8, 5, 3]]
    learning_rate.output: [0.05, 1.0e+300]
    plasticity.hidden_rule: [burst_probability, burst_rate]
    evaluation.generation: [false, true]
    evaluation.loss_threshold: [null, 0.03]
"""
# Trials that were stopped early, some before they ran, and lists of numbers.
STOPPED = """\
name: stopped
seed: 8
base:
  network: {layers: [12, 8, 5, 3]}
  signals: {length: 60}
  training: {epochs: 9}
search:
  strategy: random
  trials: 20
  stopping: {rule: successive_halving}
  space:
    learning_rate.hidden: [[1, 0.5], [0, 0]]
    feedback.density: {uniform: [0.1, 1.0]}
"""
# Failed trials, lists of texts, several objectives, a measure that is always null, and no curves.
PROGRAM = """\
name: program
replicates: 2
model: {command: [sh, model.sh], measures: [value, other, nothing]}
objective: [{measure: value}, {measure: other, direction: maximize}]
search:
  space:
    x: {int: [-2, 2]}
    words: [[a, "b c"], ["d,\\"e\\""]]
    sizes: [[1, 2, 3], [4]]
    flag: [true, false]
    word: ["ä", "null"]
"""
SCRIPT = """\
read -r given
x=${given##*'"x":'}
x=${x%%[,\\}]*}
[ "$x" = 1 ] && exit 3
printf '{"measures": {"value": %s.25, "other": %s, "nothing": null}}\\n' "$x" "${#given}"
"""


def run(binary, folder, *arguments, codes=(0,)):
    done = subprocess.run([binary, *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode not in codes:
        sys.exit(f"burstnet {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")


def main():
    binary, folder = sys.argv[1], Path(sys.argv[2])
    (folder / "model.sh").write_text(SCRIPT)
    for name, text in (("network", NETWORK), ("stopped", STOPPED), ("program", PROGRAM)):
        (folder / f"{name}.yaml").write_text(text)
        codes, allowed = ((1,), ["--allow-command"]) if name == "program" else ((0,), [])
        run(binary, folder, "sweep", f"{name}.yaml", *allowed, codes=codes)
    run(binary, folder, "confirm", "results/network", "--best", "2", "--replicates", "3")
    # Traces in either precision; the first has several groups of rows.
    long = ["--set", "training.epochs=600", "--trace-units", "0-2"]
    run(binary, folder, "run", "network.yaml", "--trace", "fast.parquet", *long)
    run(binary, folder, "run", "network.yaml", "--trace", "reference.parquet", "--engine", "reference")
    files = sorted(folder.glob("**/*.parquet"))
    tables = [path for path in files if "results" in path.parts]
    assert len(tables) == 4 * 6 and len(files) == len(tables) + 2, files
    groups = {path.name: pq.ParquetFile(path).num_row_groups for path in files}
    assert groups["fast.parquet"] > 1 and pq.ParquetFile(folder / "results/network/curves.parquet").num_row_groups > 1
    assert pq.read_table(folder / "results/program/curves.parquet").num_rows == 0
    expected = {str(path.relative_to(folder)): pq.read_table(path).to_pydict() for path in files}
    (folder / "expected.json").write_text(json.dumps(expected))


if __name__ == "__main__":
    main()
