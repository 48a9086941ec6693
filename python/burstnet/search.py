"""Searches for programs that run their own trials: ask and tell."""

from __future__ import annotations

import json
import operator
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

    `objectives` are directions, if there are several: ``["minimize", "maximize"]``. Further arguments are keys of the
    section ``search`` of a sweep file: ``lag``, ``startup``, ``constraints``, ``include``, …

    >>> import burstnet as bn
    >>> search = bn.Search(space={"x": bn.uniform(-5, 5)}, strategy="tpe", seed=1, direction="minimize")
    >>> for _ in range(8):
    ...     for trial in search.ask(8):
    ...         search.tell(trial, (trial["x"] - 2) ** 2)
    >>> round(search.best["x"])
    2
    """

    def __init__(
        self,
        *,
        space: Mapping[str, Any],
        strategy: str = "tpe",
        seed: int = 0,
        trials: int | None = None,
        direction: str = "minimize",
        objectives: Sequence[str] | None = None,
        base: Mapping[str, Any] | None = None,
        **search: Any,
    ) -> None:
        if "stopping" in search:
            raise InputError("stopping: a search that is asked and told stops no trials, expected a sweep with it")
        self._directions = [direction] if objectives is None else list(objectives)
        names = [f"value_{at}" for at in range(len(self._directions))]
        if trials is None and strategy not in ("grid", "table"):
            trials = _MOST
        counted = {} if trials is None else {"trials": trials}
        text = {
            "seed": seed,
            "model": {"command": ["python3"], "measures": names},
            **({} if base is None else {"base": base}),
            "objective": [
                {"measure": name, "direction": direction}
                for name, direction in zip(names, self._directions, strict=True)
            ],
            "search": {"strategy": strategy, **counted, **search, "space": dict(space)},
        }
        self._search = _burstnet.Search(_command.text_of(text))
        self._best: tuple[float, Trial] | None = None

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
        return asked

    def tell(self, trial: Trial | int, value: float | Sequence[float | None] | None) -> None:
        """Tell the value that a trial gave, or one for each objective; `None` if it failed."""
        number = trial if isinstance(trial, int) else trial.number
        values = list(value) if isinstance(value, Sequence) else [value] * (1 if value is not None else len(self._directions))
        told = [None if one is None else float(one) for one in values]
        self._search.tell(number, told)
        first = told[0]
        if isinstance(trial, Trial) and len(told) == 1 and first is not None and first == first:
            better = operator.lt if self._directions[0] == "minimize" else operator.gt
            if self._best is None or better(first, self._best[0]):
                self._best = (first, trial)

    @property
    def best(self) -> Trial | None:
        """The trial with the best value so far, of a search with one objective."""
        return None if self._best is None else self._best[1]
