"""What README.md and docs/ tell users to type: command lines, Python and SQL run, sweep files are accepted."""

import os
import shutil
import subprocess

import duckdb
import pytest
import yaml

import core_yaml
from conftest import repository
from documents import PYTHON, SHELL, blocks, commands

README = "README.md"
DOCUMENTS = [README, *sorted(f"docs/{path.name}" for path in repository().glob("docs/*.md"))]
# Put into the sweep files, so that each takes a moment. Networks, configurations and replicates stay.
CHEAP = {"signals": {"length": 100, "examples_per_class": 1}, "training": {"epochs": 2}}


def of_document(name):
    return blocks((repository() / name).read_text())


@pytest.fixture
def workplace(root, binary, burstnet, tmp_path):
    """A folder with sweeps/, made cheap, and results/first; the command is first in the PATH of `environment`."""
    shutil.copytree(root / "sweeps", tmp_path / "sweeps")
    for file in (tmp_path / "sweeps").glob("*.yaml"):
        sweep = core_yaml.load(file.read_text())
        for section, keys in CHEAP.items():
            sweep.setdefault("base", {}).setdefault(section, {}).update(keys)
        file.write_text(yaml.safe_dump(sweep, sort_keys=False))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "burstnet").symlink_to(binary)
    burstnet("sweep", "sweeps/first.yaml", cwd=tmp_path)
    return tmp_path


def run_command(command, workplace, place):
    """As a shell does that stops at the first failure."""
    environment = os.environ | {"PATH": f"{workplace / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=workplace,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    expected = (0, 4) if command.startswith("burstnet diff ") else (0,)  # trials that differ
    assert done.returncode in expected, f"{place}: exit code {done.returncode} of: {command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_runs(root, workplace, burstnet, monkeypatch, name):
    """In one folder and one namespace, from top to bottom. What uses the Python package runs in `python/tests`."""
    monkeypatch.chdir(workplace)
    in_shell = "".join(block.text for block in of_document(name) if block.language in SHELL)
    if "trace.parquet" not in in_shell:  # what its Python may read, made by a command within a sentence
        trace = ["--trace", "trace.parquet", "--trace-units", "0-9"]
        burstnet("rerun", "results/first", "--trial", 6, *trace, cwd=workplace)
    namespace = {"__name__": "__main__"}
    for block in of_document(name):
        if block.language in SHELL:
            for line, command in commands(block):
                run_command(command, workplace, f"{name}:{line}")
        elif block.language in PYTHON and "import burstnet" not in block.text:
            padded = "\n" * (block.line - 1) + block.text  # so that a traceback has the lines of the document
            exec(compile(padded, str(root / name), "exec"), namespace)
        elif block.language == "sql":
            assert duckdb.sql(block.text).fetchall(), f"{name}:{block.line}: no rows"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_sweep_files_in_a_document_are_accepted(burstnet, tmp_path, name):
    """Each YAML block is a whole sweep file or run file; parts of one stand in blocks of another language."""
    for block in of_document(name):
        if block.language not in {"yaml", "yml"}:
            continue
        file = tmp_path / f"line-{block.line}.yaml"
        file.write_text(block.text)
        sweep = {"base", "search", "replicates", "objective", "model"} & set(core_yaml.load(block.text))
        command = ["plan"] if sweep else ["run", "--set", "training.epochs=1", "--set", "signals.length=10"]
        burstnet(*command, file.name, cwd=tmp_path)


def test_the_readme_has_something_to_run():
    languages = {block.language for block in of_document(README)}
    assert languages & SHELL, f"{README} has no command line in a block of sh"
    assert languages & PYTHON, f"{README} has no block of python"


def test_the_report_that_is_shown(root, burstnet, tmp_path):
    """docs/results.md shows what the command prints, in every character."""
    shutil.copytree(root / "sweeps", tmp_path / "sweeps")
    printed = burstnet("sweep", "sweeps/first.yaml", cwd=tmp_path).stdout
    assert f"```text\n{printed}```" in (root / "docs" / "results.md").read_text(), printed
