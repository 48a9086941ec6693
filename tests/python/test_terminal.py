"""What a terminal is shown: colours, and only there."""

import os
import pty
import re
import subprocess

COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


def on_terminal(command, **environment):
    """What the command prints on a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "cols", "100", "rows", "40"], stdin=theirs, check=True)
    env = {**os.environ, "TERM": "xterm-256color", **environment}
    done = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, env=env)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    assert done.wait(timeout=60) == 0, done.stderr.read()
    done.stderr.close()
    os.close(ours)
    return shown


def test_colours(binary, types_sweep):
    shown = on_terminal([binary, "report", types_sweep])
    assert b"\x1b[1mBest configurations\x1b[0m" in shown
    plain = COLOUR.sub(b"", shown).decode()
    assert "\x1b" not in plain and "\\u{1b}" not in plain, plain
    # Paths are never cut: they are copied.
    assert max(len(line) for line in plain.splitlines() if str(types_sweep) not in line) <= 100


def test_no_colours_where_they_are_not_wanted(binary, types_sweep):
    assert b"\x1b" not in on_terminal([binary, "report", types_sweep], NO_COLOR="1")
    piped = subprocess.run([binary, "report", types_sweep], capture_output=True, check=True)
    assert b"\x1b" not in piped.stdout + piped.stderr
