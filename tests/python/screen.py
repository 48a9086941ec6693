"""A terminal: runs a command on a pseudo-terminal and keeps what its screen shows."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
import unicodedata

CONTROL = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


def width_of(character):
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    """What stands in the lines that were written so far, and whether any was so long that it went on in the next."""

    def __init__(self, columns):
        self.columns = columns
        self.lines = [[]]
        self.row = self.column = 0
        self.wrapped = []  # the beginnings of the lines that were
        self.rest = set()  # the rows in which they go on
        self.written = ""  # all that was written, with what steers the terminal

    def write(self, text):
        self.written += text
        at = 0
        while at < len(text):
            control = CONTROL.match(text, at)
            if control:
                self.control(control[1], control[2])
                at = control.end()
                continue
            self.put(text[at])
            at += 1

    def control(self, numbers, letter):
        n = int(numbers) if numbers.isdigit() else 1
        if letter == "K":
            line = self.lines[self.row]
            if numbers == "2":
                line.clear()
            elif numbers in ("", "0"):
                del line[self.column :]
        elif letter == "A":
            self.row = max(0, self.row - n)
        elif letter == "B":
            self.go_to(self.row + n)
        elif letter == "G":
            self.column = n - 1
        elif letter == "J":
            del self.lines[self.row + 1 :]
            del self.lines[self.row][self.column :]

    def go_to(self, row):
        self.row = row
        while len(self.lines) <= row:
            self.lines.append([])

    def put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.go_to(self.row + 1)
        elif width_of(character):
            if self.column + width_of(character) > self.columns:
                if self.row not in self.rest:
                    self.wrapped.append("".join(self.lines[self.row]))
                self.go_to(self.row + 1)
                self.rest.add(self.row)
                self.column = 0
            line = self.lines[self.row]
            line.extend(" " * (self.column - len(line)))
            line[self.column : self.column + width_of(character)] = [character] + [""] * (width_of(character) - 1)
            self.column += width_of(character)

    def shown(self):
        return "\n".join("".join(line).rstrip() for line in self.lines)


def on_terminal(command, columns, cwd, interrupt_when=None, timeout=60, **environment):
    """Runs a command on a terminal of so many columns; Ctrl-C is pressed once the screen shows `interrupt_when`.

    Returns the exit code and the screen.
    """
    process, terminal = pty.fork()
    if process == 0:
        try:
            os.chdir(cwd)
            # A moment for the size of the terminal to be set.
            while os.get_terminal_size(1).columns != columns:
                time.sleep(0.01)
            os.execve(command[0], [str(part) for part in command], {**os.environ, "TERM": "xterm-256color", **environment})
        finally:
            os._exit(127)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    screen, undecoded, end = Screen(columns), b"", time.monotonic() + timeout
    while True:
        assert time.monotonic() < end, f"still running:\n{screen.shown()}"
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        undecoded += part
        text = undecoded.decode(errors="ignore")
        undecoded = undecoded[len(text.encode()) :]
        screen.write(text)
        if interrupt_when and interrupt_when in screen.shown():
            os.write(terminal, b"\x03")
            interrupt_when = None
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), screen
