"""What a terminal is shown: colours, and only there; tables and bars that fit its width."""

import re
import subprocess

import pytest

from screen import on_terminal

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WIDTHS = [120, 80, 40]
# Long names and seeds: more than fits at 40 columns, and than fits at 80 without cutting.
MANY_KEYS = """
name: many-keys
seed: 9007199254740991
replicates: 2
base: {network: {layers: [12, 8, 3]}, signals: {length: 200}, training: {epochs: 3}}
objective: [test_mae, train_loss]
search:
  strategy: random
  trials: 6
  space:
    learning_rate.hidden: {log_uniform: [0.1, 1e6]}
    learning_rate.output: {log_uniform: [0.001, 0.1]}
    feedback.density: {uniform: [0.1, 1]}
    plasticity.hidden_rule: [burst_probability, gated_burst_rate]
    evaluation.loss_threshold: [null, 0.02]
    signals.phase: [[0.0, 1.0], [0.0, 20.0]]
"""
SLOW = """
name: slow
replicates: 500
base: {network: {layers: [200, 100, 3]}, signals: {length: 2000}, training: {epochs: 300}}
search: {space: {feedback.density: [0.25, 0.5, 1.0]}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("terminal")
    (folder / "many-keys.yaml").write_text(MANY_KEYS)
    (folder / "slow.yaml").write_text(SLOW)
    return folder


@pytest.fixture(scope="module")
def many_keys(burstnet, folder):
    burstnet("sweep", "many-keys.yaml", "--out", "r", cwd=folder)
    burstnet("confirm", "r", "--best", 2, "--replicates", 2, cwd=folder)
    return folder


def test_colours(binary, types_sweep):
    code, screen = on_terminal([binary, "report", types_sweep], 100, types_sweep)
    assert code == 0, screen.shown()
    assert "\x1b[1mBest configurations\x1b[0m" in screen.written
    plain = COLOUR.sub("", screen.written)
    assert "\x1b" not in plain and "\\u{1b}" not in plain, plain


def test_no_colours_where_they_are_not_wanted(binary, types_sweep):
    _, screen = on_terminal([binary, "report", types_sweep], 100, types_sweep, NO_COLOR="1")
    assert "\x1b" not in screen.written
    piped = subprocess.run([binary, "report", types_sweep], capture_output=True, check=True)
    assert b"\x1b" not in piped.stdout + piped.stderr


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(
    "command",
    [
        ["plan", "many-keys.yaml"],
        ["status", "r"],
        ["report", "r"],
        ["report", "r", "--baseline", "0"],
        ["rerun", "r", "--trial", "3"],
        ["run", "many-keys.yaml"],
        ["confirm", "r", "--best", "2", "--replicates", "2"],
    ],
    ids=" ".join,
)
def test_tables_fit(binary, many_keys, command, columns):
    code, screen = on_terminal([binary, *command], columns, many_keys)
    assert code == 0, screen.shown()
    # Paths, commands and digests are never cut: they are copied. Messages are not wrapped.
    copied = ("  burstnet ", "  r/", "  import ", "  trials = ", "digest ", "r:", "trial 3", "results would go to")
    wrapped = [line for line in screen.wrapped if not line.startswith(copied)]
    assert not wrapped, screen.shown()


@pytest.mark.parametrize("columns", WIDTHS)
def test_bars_fit_and_leave_nothing_behind(binary, folder, columns):
    results = f"slow-{columns}"
    code, screen = on_terminal(
        [binary, "sweep", "slow.yaml", "--out", results, "--threads", "1"], columns, folder, interrupt_when=" left"
    )
    assert code == 130, screen.shown()
    assert not [line for line in screen.wrapped if "━" in line or "╸" in line], screen.wrapped
    assert "━" not in screen.shown() and "╸" not in screen.shown(), screen.shown()
    # What stays is the echo of Ctrl-C at most, and the message.
    said = screen.shown().replace("^C", "").strip()
    assert said.replace("\n", "").startswith("interrupted: "), screen.shown()


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_bar_of_a_run(binary, folder, columns):
    code, screen = on_terminal(
        [binary, "run", "slow.yaml", "--set", "training.epochs=100000"], columns, folder, interrupt_when=" left"
    )
    assert code == 130, screen.shown()
    assert not screen.wrapped and "━" not in screen.shown() and "╸" not in screen.shown(), screen.shown()
