"""Searches for programs that run their own trials: ask and tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from burstnet import _burstnet, _command
from burstnet.errors import InputError

__all__ = ["Search", "Trial"]

_MOST = 10_000
"""The configurations of a search that says nothing of their number."""


class Trial(Mapping[str, Any]):
    """A configuration to evaluate: a mapping of keys to values; `None` for keys that do not exist in it."""

    number: int
    """Its number in the search, from 0."""

    def __init__(self, number: int, values: dict[str, Any]) -> None:
        self.number = number
        self._values = values

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<burstnet.Trial {self.number}: {', '.join(f'{key}={value!r}' for key, value in self.items())}>"


class Search:
    """A search whose trials you run yourself.

    It proposes what a sweep with the same space, strategy and seed does after the same results. Strategies that learn
    (``tpe``, ``gp``, ``cmaes``) propose each trial from the results of those that are at least ``lag`` places before it.

    `objectives` are directions, if there are several: ``["minimize", "maximize"]``, or a mapping of names to directions.
    Further arguments are keys of the section ``search`` of a sweep file: ``lag``, ``startup``, ``constraints``, ``include``,
    ``subject_to``, …

    >>> import burstnet as bn
    >>> search = bn.Search(space={"x": bn.uniform(-5, 5)}, strategy="tpe", seed=1, direction="minimize")
    >>> for _ in range(8):
    ...     for trial in search.ask(8):
    ...         search.tell(trial, (trial["x"] - 2) ** 2)
    >>> round(search.best["x"])
    2

    The best trial keeps the bounds of ``subject_to`` on other measures, which are told by name:

    >>> search = bn.Search(space={"x": bn.uniform(-5, 5)}, strategy="gp", seed=1, lag=1, subject_to=["cost < 1"])
    >>> for _ in range(20):
    ...     [trial] = search.ask()
    ...     search.tell(trial, (trial["x"] - 2) ** 2, measures={"cost": trial["x"]})
    >>> 0.9 < search.best["x"] < 1
    True
    """

    def __init__(
        self,
        *,
        space: Mapping[str, Any],
        strategy: str = "tpe",
        seed: int = 0,
        trials: int | None = None,
        direction: str = "minimize",
        objectives: Sequence[str] | Mapping[str, str] | None = None,
        base: Mapping[str, Any] | None = None,
        **search: Any,
    ) -> None:
        if "stopping" in search:
            raise InputError("stopping: a search that is asked and told stops no trials, expected a sweep with it")
        directions = [direction] if objectives is None else objectives
        if not isinstance(directions, Mapping):
            directions = {f"value_{at}": direction for at, direction in enumerate(directions)}
        self._objectives = list(directions)
        bounded = [name for name in _bounded(search.get("subject_to")) if name not in directions]
        if trials is None and strategy not in ("grid", "table"):
            trials = _MOST
        counted = {} if trials is None else {"trials": trials}
        text = {
            "seed": seed,
            "model": {"command": ["python3"], "measures": [*directions, *bounded]},
            **({} if base is None else {"base": base}),
            "objective": [{"measure": name, "direction": direction} for name, direction in directions.items()],
            "search": {"strategy": strategy, **counted, **search, "space": dict(space)},
        }
        self._search = _burstnet.Search(_command.text_of(text))
        self._asked: dict[int, Trial] = {}

    def ask(self, n: int = 1) -> list[Trial]:
        """Return up to `n` trials: fewer if the next one waits for results, none at the end of the search.

        Raises `InputError` if not even one can be proposed before further results have been told.
        """
        asked: list[Trial] = []
        while len(asked) < n:
            try:
                found = self._search.ask()
            except InputError:
                if asked:
                    break
                raise
            if found is None:
                break
            asked.append(Trial(found[0], json.loads(found[1])))
            self._asked[found[0]] = asked[-1]
        return asked

    def tell(
        self,
        trial: Trial | int,
        value: float | Sequence[float | None] | None,
        measures: Mapping[str, float | None] | None = None,
    ) -> None:
        """Tell the value that a trial gave, or one for each objective; `None` if it failed.

        `measures` has the value of each measure on which ``subject_to`` sets a bound: `None` or NaN where it is not defined,
        which keeps no bound. A trial that failed needs none.

        Raises `InputError` if the trial does not wait for a result, or something is missing, unknown or no number. Nothing
        is told then.
        """
        values: list[float | None]
        if value is None:
            values = [None] * len(self._objectives)
        elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
            names = [*self._objectives, *["a further value"] * len(value)]
            values = [_number(name, one) for name, one in zip(names, value, strict=False)]
        else:
            values = [_number(self._objectives[0], value)]
        if measures is not None and not isinstance(measures, Mapping):
            raise InputError(f"measures is {measures!r}, expected a mapping of names to numbers, such as {{'cost': 1.5}}")
        told = [(str(name), _number(str(name), one)) for name, one in (measures or {}).items()]
        self._search.tell(trial.number if isinstance(trial, Trial) else trial, values, told)

    @property
    def best(self) -> Trial | None:
        """The trial with the best value so far, of a search with one objective.

        Of a search with ``subject_to``, it is among those that keep all bounds, and `None` if none does.
        """
        number = self._search.best()
        return None if number is None else self._asked[number]

    @property
    def front(self) -> list[Trial]:
        """The best compromises of several objectives, by number: no other trial is as good in all, and better in one.

        Those that break a bound of ``subject_to`` are left out.
        """
        return [self._asked[number] for number in self._search.front()]


def _number(name: str, value: Any) -> float | None:
    """The value of an objective or a measure, as a float."""
    if value is None:
        return None
    try:
        if isinstance(value, (str, bytes)):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name} is {value!r}, expected a number, or None where there is none") from None


def _bounded(bounds: Any) -> list[str]:
    """The measures that bounds compare with numbers, each once. What is no bound is told by whoever reads the bounds."""
    names: list[str] = []
    for bound in [bounds] if isinstance(bounds, str) else bounds if isinstance(bounds, (list, tuple)) else []:
        sides = re.split("<=|>=|<|>", bound) if isinstance(bound, str) else []
        names += [side.strip() for side in sides if re.fullmatch(r"\s*[A-Za-z_]\w*\s*", side)]
    return list(dict.fromkeys(names))
