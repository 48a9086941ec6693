"""The fenced code blocks of a Markdown file, and the command lines in them."""

import re
import textwrap
from typing import NamedTuple

SHELL = {"sh", "bash", "shell", "console"}
PYTHON = {"python", "py"}
# What a reader does once, or only on a cluster, and the tests of the project, which are run elsewhere.
NOT_RUN = ("git clone ", "cd ", "tests/", "cargo build", "cargo install", "sbatch ", "pip install ", "maturin build ")
COMMAND = re.compile(r"(cargo run --release --|burstnet) ")


class Block(NamedTuple):
    language: str
    line: int  # of its first line in the file
    text: str


def blocks(text):
    found, fence, start, language = [], None, 0, ""
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        mark = re.match(r"\s*(`{3,}|~{3,})\s*([^\s`]*)", line)
        if fence is None and mark:
            fence, start, language = mark[1], number + 1, mark[2]
        elif mark and mark[1].startswith(fence) and not mark[2]:
            found.append(Block(language, start, textwrap.dedent("\n".join(lines[start - 1 : number - 1])) + "\n"))
            fence = None
    assert fence is None, f"the code block in line {start} is never closed"
    return found


def commands(block):
    """The lines to be run, as (line number, command); one that goes on after a backslash is one."""
    joined, start = "", None
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        start = number if start is None else start
        if line.endswith("\\"):
            joined += line[:-1] + " "
            continue
        command, first = (joined + line).strip().removeprefix("$ "), start
        joined, start = "", None
        if not command or command.startswith(("#", *NOT_RUN)):
            continue
        assert COMMAND.match(command), f"line {first}: '{command}' is no command line that the tests can run"
        yield first, COMMAND.sub("burstnet ", command, count=1)
