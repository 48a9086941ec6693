"""What a key is varied over, with the names of the sweep file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["Domain", "choice", "integer", "linear", "log", "log_uniform", "uniform"]

Domain = dict[str, Any]
"""A domain as a sweep file has it: ``{"uniform": [-5, 5]}``."""


def _domain(domain: Domain, when: Mapping[str, Any] | None, ratio_of: str | None) -> Domain:
    if when is not None:
        domain["when"] = dict(when)
    if ratio_of is not None:
        domain["ratio_of"] = ratio_of
    return domain


def choice(values: Iterable[Any], *, when: Mapping[str, Any] | None = None, ratio_of: str | None = None) -> Domain:
    """Return one of these values.

    >>> choice(["relu", "tanh"])
    {'choice': ['relu', 'tanh']}
    """
    return _domain({"choice": list(values)}, when, ratio_of)


def linear(
    low: float, high: float, num: int, *, when: Mapping[str, Any] | None = None, ratio_of: str | None = None
) -> Domain:
    """Return `num` values from `low` to `high`, evenly spaced."""
    return _domain({"linear": [low, high], "num": num}, when, ratio_of)


def log(
    low: float, high: float, num: int, *, when: Mapping[str, Any] | None = None, ratio_of: str | None = None
) -> Domain:
    """Return `num` values from `low` to `high`, each the same factor above the one before."""
    return _domain({"log": [low, high], "num": num}, when, ratio_of)


def integer(
    low: int,
    high: int,
    *,
    step: int | None = None,
    when: Mapping[str, Any] | None = None,
    ratio_of: str | None = None,
) -> Domain:
    """Return the integers from `low` to `high`, both included, or every `step`-th of them."""
    domain: Domain = {"int": [low, high]}
    if step is not None:
        domain["step"] = step
    return _domain(domain, when, ratio_of)


def uniform(
    low: float, high: float, *, when: Mapping[str, Any] | None = None, ratio_of: str | None = None
) -> Domain:
    """Return any number from `low` to `high`, uniformly.

    With `when`, the key exists only where other keys have these values; with `ratio_of`, the numbers are ratios to
    another key (both as in sweep files).

    >>> uniform(0, 0.99, when={"optimizer": "momentum"})
    {'uniform': [0, 0.99], 'when': {'optimizer': 'momentum'}}
    """
    return _domain({"uniform": [low, high]}, when, ratio_of)


def log_uniform(
    low: float, high: float, *, when: Mapping[str, Any] | None = None, ratio_of: str | None = None
) -> Domain:
    """Return any number from `low` to `high`, uniformly by its logarithm."""
    return _domain({"log_uniform": [low, high]}, when, ratio_of)
