"""The exceptions of burstnet, one for each exit code of the command."""

from __future__ import annotations

__all__ = ["BurstnetError", "DiffersError", "InputError", "MachineError", "TrialsError"]


class BurstnetError(Exception):
    """Base class of all exceptions of burstnet. The message is that of the command."""

    code: int = 1
    """The exit code of the command."""


class TrialsError(BurstnetError):
    """Trials failed, and the sweep ended for that reason."""

    code = 1


class InputError(BurstnetError, ValueError):
    """Something in a file or an argument is wrong; the message says where, and what was expected.

    >>> import burstnet as bn
    >>> try:
    ...     bn.plan({"search": {"space": {"feedback.densty": [0.5, 1.0]}}})
    ... except bn.InputError as error:
    ...     print(error)
    sweep:4:7: unknown key 'feedback.densty', expected density or weight_range (did you mean 'feedback.density'?)
      4 |       "feedback.densty": [
        |       ^
    """

    code = 2


class MachineError(BurstnetError, OSError):
    """The machine does not let it run: its disk, its memory, another process, a missing program."""

    code = 3


class DiffersError(BurstnetError):
    """A trial that ran again differs from its record, or results are incomplete."""

    code = 4


def of_code(code: int, message: str) -> BurstnetError | KeyboardInterrupt:
    """Return the exception of an exit code of the command."""
    for kind in (TrialsError, InputError, MachineError, DiffersError):
        if kind.code == code:
            return kind(message)
    return KeyboardInterrupt(message)
