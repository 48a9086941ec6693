"""Functions as models of a sweep."""

from __future__ import annotations

import atexit
import functools
import hashlib
import inspect
import os
import pickle
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burstnet import _command
from burstnet.errors import InputError

if TYPE_CHECKING:
    from burstnet.results import Results

__all__ = ["Diverged", "Objective", "objective"]

Function = Callable[[dict[str, Any], int], Mapping[str, Any]]

FOLDER = "BURSTNET_OBJECTIVES"
"""The environment variable that tells workers where the functions of this process are."""


class Diverged(Exception):
    """Raised by a function whose numbers left their bounds: its trial has no measures, and is not a failure."""


def objective(*, measures: Sequence[str], budget: str | None = None) -> Callable[[Function], Objective]:
    """Make a function a model of sweeps.

    The function takes a configuration, a mapping of keys to values, and a seed, and returns a mapping with all of
    `measures`: finite numbers, or `None` where one is not defined. `budget` is the key that says how long an evaluation
    lasts, for searches that stop early. It is called in worker processes, and can still be called here.

    >>> @objective(measures=["distance"])
    ... def model(config, seed):
    ...     return {"distance": (config["x"] - 2) ** 2}
    >>> model({"x": 3}, seed=1)
    {'distance': 1}
    """
    if isinstance(measures, str):
        raise InputError(f"measures={measures!r}, expected a list of names, such as [{measures!r}]")

    def around(function: Function) -> Objective:
        return Objective(function, measures, budget)

    return around


class Objective:
    """A function that can be swept; see `objective`."""

    measures: list[str]
    """The names of its measures; the first is the one that a sweep minimises."""

    def __init__(self, function: Function, measures: Sequence[str], budget: str | None = None) -> None:
        if not inspect.isfunction(function):
            raise InputError(f"{function!r} is no function, expected one defined by def or lambda")
        if inspect.iscoroutinefunction(function):
            raise InputError(f"{function.__qualname__} is asynchronous, expected a function that returns its measures")
        try:
            inspect.signature(function).bind({}, 0)
        except TypeError as error:
            problem = f"{function.__qualname__} cannot be called with a configuration and a seed ({error})"
            raise InputError(f"{problem}, expected def {function.__name__}(config, seed)") from None
        functools.update_wrapper(self, function)
        self.function = function
        self.measures = list(measures)
        self.budget = budget

    def __call__(self, config: Mapping[str, Any], seed: int) -> Mapping[str, Any]:
        returned: Mapping[str, Any] = self.function(Config(config), seed)
        return returned

    def __repr__(self) -> str:
        return f"<burstnet.Objective {self.name}: {', '.join(self.measures)}>"

    @property
    def name(self) -> str:
        """Its module and name."""
        return f"{self.function.__module__}:{self.function.__qualname__}"

    @functools.cached_property
    def digest(self) -> str:
        """The SHA-256 of its name, its source, and the values that it takes from around its definition."""
        try:
            source = textwrap.dedent(inspect.getsource(self.function))
        except (OSError, TypeError):
            raise InputError(
                f"the source of {self.name} is not known, and functions are told apart by it; expected a function in a file "
                "or a notebook"
            ) from None
        if self.function.__name__ == "<lambda>" and source.count("lambda") > 1:
            raise InputError(
                f"{self.name}: several lambdas in one statement cannot be told apart by their source, expected def"
            )
        around = [(name, cell) for name, cell in self._values_around() if cell is not self]
        told = "\0".join([self.name, source, *(f"{name}={self._told(name, value)}" for name, value in around)])
        return hashlib.sha256(told.encode()).hexdigest()

    def _values_around(self) -> list[tuple[str, Any]]:
        """Return the values that the function takes from around its definition."""
        names = self.function.__code__.co_freevars
        cells = [(name, cell.cell_contents) for name, cell in zip(names, self.function.__closure__ or (), strict=True)]
        parameters = inspect.signature(self.function).parameters.values()
        defaults = [(one.name, one.default) for one in parameters if one.default is not one.empty]
        return [*cells, *defaults]

    def _told(self, name: str, value: Any) -> str:
        """Return a value as part of the function's identity."""
        if value is None or isinstance(value, bool | int | float | str):
            return repr(value)
        if isinstance(value, tuple | list):
            return repr([self._told(name, one) for one in value])
        if inspect.isfunction(value) or inspect.isclass(value) or inspect.ismodule(value):
            return getattr(value, "__qualname__", value.__name__)
        raise InputError(
            f"{self.name} takes {name!r} from around it, a {type(value).__name__}, by which functions cannot be told apart; "
            "expected numbers, texts, and lists of them, or a global name"
        )

    def sweep_file(
        self,
        *,
        space: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        base: Mapping[str, Any] | None = None,
        strategy: str = "grid",
        trials: int | None = None,
        replicates: int | Mapping[str, Any] = 1,
        seed: int = 0,
        name: str | None = None,
        measure: str | None = None,
        direction: str = "minimize",
        search: Mapping[str, Any] | None = None,
        per_replicate: Mapping[str, Any] | None = None,
        max_seconds: float | None = None,
        stop_after_failures: int | None = None,
        order: str | None = None,
        restart_after: int | None = None,
    ) -> dict[str, Any]:
        """Return the sweep file of this function.

        `space` is what is varied, or a list of sub-spaces, `base` the values of further keys. `replicates` is a number of
        seeds, or as in ``{"from": 3, "to": 24}`` how the best configurations get more. `search` holds further keys of that section, such
        as ``stopping`` or ``constraints``. `per_replicate` has what each replicate draws, in the forms of `space`. `order` is "shuffled" for trials that are spread over the whole space at any
        time. `restart_after` starts a worker anew after so many trials.
        """
        model = {"command": self.command, "worker": True, "measures": self.measures}
        execution = {"max_seconds": max_seconds, "stop_after_failures": stop_after_failures, "order": order}
        execution = {key: value for key, value in execution.items() if value is not None}
        return {
            "name": name or _file_name(self.function.__name__),
            "seed": seed,
            "replicates": replicates if isinstance(replicates, int) else dict(replicates),
            "model": model | _given(budget=self.budget, restart_after=restart_after),
            **_given(base=base),
            "objective": {"measure": measure or (self.measures or [""])[0], "direction": direction},
            "search": {"strategy": strategy, **_given(trials=trials), **(search or {}), **_given(per_replicate=per_replicate), "space": dict(space) if isinstance(space, Mapping) else [dict(part) for part in space]},
            **_given(execution=execution or None),
        }

    @property
    def command(self) -> list[str]:
        """The command that a plan names: it says which function it is, and holds none of it."""
        return ["python3", "-m", "burstnet._worker", self.name, self.digest]

    def run(
        self, command: str, *arguments: str | os.PathLike[str], progress: bool = True, file: str | None = None
    ) -> _command.Said:
        """Run a command of which this function evaluates the trials."""
        self._hand_over()
        words = [command, *arguments, "--allow-command"]
        return _command.run(*words, progress=progress, file=file, interpreter=sys.executable)

    def rerun(self, results: Results, *arguments: str, progress: bool) -> _command.Said:
        """Run a trial of its results again."""
        self._check(results)
        return self.run("rerun", *arguments, progress=progress)

    def confirm(self, results: Results, *options: str, progress: bool) -> _command.Said:
        """Run the best configurations of its results again."""
        self._check(results)
        return self.run("confirm", results.path, *options, progress=progress)

    def _check(self, results: Results) -> None:
        """Refuse results of another function."""
        command = (results.plan.get("model") or {}).get("command", [])
        if command == self.command:
            return
        if function_of(results.plan) is None:
            raise InputError(f"{results.path}: the results are of no function, expected rerun without objective")
        own = f"{self.name} with source {self.digest[:12]}…"
        raise InputError(f"{results.path}: the results are of {command[3]} with source {command[4][:12]}…, not of {own}")

    def _hand_over(self) -> None:
        """Leave the function where workers of this process find it, outside of every results directory."""
        path = _folder() / f"{self.digest}.pickle"
        here = {"path": sys.path}
        if self._is_imported():
            handed: dict[str, Any] = {**here, "module": self.function.__module__, "qualname": self.function.__qualname__}
        else:
            import cloudpickle

            try:
                handed = {**here, "function": cloudpickle.dumps((self.function, self.measures))}
            except Exception as error:
                raise InputError(f"{self.name} cannot be handed to a worker: {error}") from error
        beside = path.with_suffix(f".{os.getpid()}")
        beside.write_bytes(pickle.dumps(handed))
        beside.replace(path)

    def _is_imported(self) -> bool:
        """Return whether a worker finds it by its module and name."""
        if self.function.__module__ == "__main__":
            return False
        found: Any = sys.modules.get(self.function.__module__)
        for part in self.function.__qualname__.split("."):
            found = getattr(found, part, None)
        return found is self


def function_of(plan: Mapping[str, Any]) -> str | None:
    """Return the module and name of the function whose trials a plan has; `None` if it is of no function."""
    command = (plan.get("model") or {}).get("command", [])
    return command[3] if command[1:3] == ["-m", "burstnet._worker"] and len(command) == 5 else None


class Config(dict[str, Any]):
    """The configuration of a trial: sections are mappings, and ``config["section.key"]`` is short for both keys."""

    def __missing__(self, key: str) -> Any:
        found: Any = self
        for part in key.split("."):
            if not isinstance(found, dict) or not dict.__contains__(found, part):
                raise KeyError(key)
            found = dict.__getitem__(found, part)
        return found


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _file_name(name: str) -> str:
    return "lambda" if name == "<lambda>" else name


@functools.cache
def _made_by(process: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="burstnet-objectives-"))

    def remove() -> None:
        if os.getpid() == process:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def _folder() -> Path:
    """Return the folder of the functions of this process, which lasts as long as it does."""
    folder = _made_by(os.getpid())
    os.environ[FOLDER] = str(folder)
    return folder
