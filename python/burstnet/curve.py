"""Loss curves of functions."""

from __future__ import annotations

import math
import operator
from typing import Any

from burstnet.errors import InputError

__all__ = ["record_loss"]

points: list[dict[str, Any]] | None = None
"""The points of the trial that a worker evaluates, as lines of its answer; `None` where no worker evaluates one."""


def record_loss(step: int, loss: float | None, *, layer: int = 0) -> None:
    """Record a point of the loss curve of the trial that runs.

    `step` counts from 0; a layer has one point per step. A `loss` that is `None` or not finite is a missing value.
    `layer`, from 0 to 999, tells several curves of one trial apart. In a function that is called by hand, the point is
    checked and goes nowhere.

    >>> import burstnet as bn
    >>> @bn.objective(measures=["loss"])
    ... def model(config, seed):
    ...     loss = 1.0
    ...     for step in range(3):
    ...         loss *= config["rate"]
    ...         bn.record_loss(step, loss)
    ...     return {"loss": loss}
    >>> model({"rate": 0.5}, seed=1)
    {'loss': 0.125}
    """
    point = {"step": _count("step", step), "layer": _count("layer", layer, 999), "loss": _loss(loss)}
    if points is not None:
        points.append({"curve": point})


def _count(name: str, value: Any, most: int = 2**53) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = -1
    if not 0 <= number <= most or isinstance(value, bool):
        raise InputError(f"record_loss: {name} is {value!r}, expected an integer from 0 to {most}")
    return number


def _loss(value: Any) -> float | None:
    try:
        loss = math.nan if value is None else float(value)
    except (TypeError, ValueError):
        raise InputError(f"record_loss: loss is {value!r}, expected a number, or None where it is not defined") from None
    return loss if math.isfinite(loss) else None
