"""A worker, which evaluates trials of a function: ``python -m burstnet._worker MODULE:NAME SHA256``.

It speaks the protocol of `model.worker`: a request is a line of JSON on standard input, the answer lines on standard
output. Whatever the function prints goes to standard error.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from burstnet import curve
from burstnet.objective import FOLDER, Config, Diverged, Objective

Evaluate = Callable[[dict[str, Any], int], Any]


def load(name: str, digest: str) -> tuple[Evaluate, list[str]]:
    """Return the function and its measures: as its process has left it, or imported."""
    handed: dict[str, Any] = {}
    path = Path(os.environ.get(FOLDER, "")) / f"{digest}.pickle"
    if FOLDER in os.environ and path.exists():
        handed = pickle.loads(path.read_bytes())
        sys.path[:] = handed["path"]
    if "function" in handed:
        return pickle.loads(handed["function"])  # type: ignore[no-any-return]
    module, _, qualname = name.partition(":")
    if module == "__main__":
        raise LookupError(f"{name} is a function of another process, expected results.rerun(…, objective={qualname}) there")
    found: Any = importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    if not isinstance(found, Objective) or found.digest != digest:
        raise LookupError(f"{name} in {found.function.__code__.co_filename} is another function, with another source")
    return found.function, found.measures


def measured(returned: Any, wanted: list[str]) -> dict[str, float | None]:
    """Return the measures that a function returned.

    Raises a `ValueError` that says what is wrong with them.
    """
    if not isinstance(returned, Mapping):
        raise ValueError(f"the function returned {_short(returned)}, expected a mapping with {', '.join(wanted)}")
    for name in wanted:
        if name not in returned:
            near = ", ".join(map(str, returned)) or "nothing"
            raise ValueError(f"the function returned no measure {name!r}, only {near}; expected {', '.join(wanted)}")
    for name in returned:
        if name not in wanted:
            raise ValueError(f"the function returned {name!r}, which is not among its measures {', '.join(wanted)}")
    return {name: _number(name, returned[name]) for name in wanted}


def _number(name: str, value: Any) -> float | None:
    if value is None:
        return None
    expected = "expected a finite number, or None where it is not defined"
    try:
        number = float(value) if not isinstance(value, str | bytes) else math.nan
    except (TypeError, ValueError):
        raise ValueError(f"the measure {name!r} is {_short(value)}, {expected}") from None
    if isinstance(value, str | bytes) or not math.isfinite(number):
        raise ValueError(f"the measure {name!r} is {_short(value)}, {expected}")
    return number


def _short(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) <= 80 else text[:79] + '…'} ({type(value).__name__})"


def reason(error: BaseException) -> str:
    """Return an exception as one line, with the place at which it was raised."""
    if isinstance(error, SystemExit):
        what = f"the function called sys.exit({'' if error.code is None else repr(error.code)})"
    else:
        what = " ".join("".join(traceback.format_exception_only(error)).split())
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    if not frames:
        return what
    return f"{what}, at line {frames[-1].lineno} of {os.path.basename(frames[-1].filename)}, in {frames[-1].name}"


def answer(request: dict[str, Any], evaluate: Evaluate, wanted: list[str]) -> list[dict[str, Any]]:
    """Return the lines that answer a request."""
    last: dict[str, Any] = {"id": request["id"]}
    points: list[dict[str, Any]] = []
    curve.points = points
    try:
        returned = evaluate(Config(request["configuration"]), request["seed"])
    except Diverged as error:
        return [*points, {"diverged": str(error) or "diverged"}, last]
    except BaseException as error:  # whatever it raises is a result, also sys.exit()
        return [{**last, "failed": reason(error)}]
    try:
        return [*points, {"measures": measured(returned, wanted)}, last]
    except ValueError as error:
        return [{**last, "failed": str(error)}]


def main() -> None:
    """Serve until standard input ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    evaluate, wanted, failure = None, list[str](), ""
    try:
        evaluate, wanted = load(*sys.argv[1:3])
    except BaseException as error:  # each trial says so
        failure = f"the function could not be loaded: {reason(error)}"
    for line in requests:
        request = json.loads(line)
        lines = answer(request, evaluate, wanted) if evaluate else [{"id": request["id"], "failed": failure}]
        answers.write("".join(json.dumps(line) + "\n" for line in lines).encode())


if __name__ == "__main__":
    main()
