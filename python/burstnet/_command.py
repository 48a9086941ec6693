"""The command within this process: its arguments, its messages, and the script `burstnet`."""

from __future__ import annotations

import atexit
import json
import os
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from burstnet import _burstnet


def _end(process: int) -> None:
    if os.getpid() == process:  # and not in a process that was forked, whose programs are those of its parent
        _burstnet.end_programs()


atexit.register(_end, os.getpid())


def main() -> NoReturn:
    """Run the command in place of this process."""
    script = Path(sys.argv[0])
    if script.name != "burstnet":  # python -m burstnet
        script = installed_script() or script
    _burstnet.main(["burstnet", *sys.argv[1:]], os.path.abspath(script))
    raise SystemExit  # for type checkers: the line above never returns


def installed_script() -> Path | None:
    """Return the path of the script `burstnet`, if it is installed where scripts are."""
    folders = [sysconfig.get_path("scripts"), os.path.dirname(sys.executable), *os.get_exec_path()]
    scripts = (Path(folder) / "burstnet" for folder in folders)
    return next((script.absolute() for script in scripts if os.access(script, os.X_OK)), None)


class Said(NamedTuple):
    """What a command printed, the results directory of a sweep that ran, and the exception of its failure."""

    text: str
    results: Path | None
    failure: BaseException | None

    def result(self, *, despite: tuple[type[BaseException], ...] = ()) -> str:
        """Return the text; raise the failure, unless it is one of `despite` and there is a text."""
        if self.failure is not None and not (self.text and isinstance(self.failure, despite)):
            raise self.failure
        return self.text


def run(
    *arguments: str | os.PathLike[str],
    progress: bool = True,
    file: str | None = None,
    interpreter: str | None = None,
) -> Said:
    """Run the command with these arguments, `file` in place of the sweep file that they name."""
    words = ["burstnet", *(os.fspath(argument) for argument in arguments)]
    line = _Line() if progress else None
    hears = line.show if line else (lambda text: print(text, file=sys.stderr))
    try:
        text, results, failure = _burstnet.command(words, hears, quiet=not progress, file=file, interpreter=interpreter)
    finally:
        if line:
            line.end()
    return Said(text.rstrip("\n"), None if results is None else Path(results), failure)


class _Line:
    """Messages as they come: on standard error, and progress in a notebook as one line that changes."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._display = _notebook_display()

    def show(self, text: str) -> None:
        if self._display is None or " trials · " not in text:
            print(text, file=sys.stderr, flush=True)
        elif self._handle is None:
            self._handle = self._display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._handle.update({"text/plain": text}, raw=True)

    def end(self) -> None:
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)


def _notebook_display() -> Callable[..., Any] | None:
    """Return IPython's `display` in a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or type(shell).__name__ != "ZMQInteractiveShell":
        return None
    from IPython.display import display

    found: Callable[..., Any] = display
    return found


def options(**given: object) -> list[str]:
    """Return options of the command; those that are `None` or false are left out.

    >>> options(threads=2, retry_failed=True, out=None)
    ['--threads=2', '--retry-failed']
    """
    words = []
    for name, value in given.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            words.append(f"{option}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
    return words


def sets(values: Mapping[str, object] | None) -> list[str]:
    """Return `--set` for each of these keys.

    >>> sets({"feedback.density": 0.5})
    ['--set=feedback.density=0.5']
    """
    return [f"--set={key}={_json(value, None)}" for key, value in (values or {}).items()]


def text_of(file: Mapping[str, object]) -> str:
    """Return a sweep file as text, with a line for each key."""
    return _json(file, 2)


def _json(value: object, indent: int | None) -> str:
    from burstnet.errors import InputError

    try:
        return json.dumps(value, indent=indent, allow_nan=False, ensure_ascii=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise InputError(f"{error}, expected what a sweep file can hold: finite numbers, texts, lists, mappings") from None


def _plain(value: Any) -> object:
    """Return a NumPy value or a path as a value of JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a value of type {type(value).__name__}")
