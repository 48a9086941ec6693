"""Sweeps, and what can be known before them."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from burstnet import _burstnet, _command
from burstnet.errors import BurstnetError, InputError, MachineError, TrialsError
from burstnet.objective import Objective
from burstnet.results import Results, file_of

__all__ = ["across", "command", "plan", "schema", "slurm", "sweep", "verify"]

File = str | PathLike[str] | Mapping[str, Any]


def sweep(
    file: File | Objective,
    *,
    threads: int | None = None,
    out: str | PathLike[str] | None = None,
    set: Mapping[str, object] | None = None,
    extend: bool = False,
    retry_failed: bool = False,
    shard: str | None = None,
    round: int | None = None,
    wait: int | None = None,
    allow_command: bool = False,
    yes: bool = False,
    progress: bool = True,
    **section: Any,
) -> Results:
    """Run a sweep, or go on with one, and return its results.

    `file` is the path of a sweep file, a mapping that says the same, or a function with `burstnet.objective` around it.
    For a function the sweep is described by further arguments: those of `burstnet.objective.Objective.sweep_file`, of
    which `space` is needed. The other arguments are those of ``burstnet sweep``.

    The first Ctrl-C lets the running trials end, writes the tables, and raises `KeyboardInterrupt`; the same call goes
    on. The second one raises it at once. Trials that fail are results: there is a warning, and the column ``error`` says
    why.

    >>> import burstnet as bn
    >>> small = {"network": {"layers": [5, 4, 3]}, "signals": {"length": 50}, "training": {"epochs": 2}}
    >>> space = {"feedback.density": [0.5, 1.0]}
    >>> results = bn.sweep({"base": small, "replicates": 2, "search": {"space": space}}, out="results/small")
    >>> len(results.trials)
    4
    """
    options = _command.options(
        threads=threads,
        out=out,
        extend=extend,
        retry_failed=retry_failed,
        shard=shard,
        round=round,
        wait=wait,
        yes=yes,
    )
    if isinstance(file, Objective):
        text = _command.text_of(file.sweep_file(**section))
        said = file.run("sweep", "sweep", *options, *_command.sets(set), progress=progress, file=text)
    elif callable(file):
        raise InputError(f"{file!r} has no measures, expected @burstnet.objective(measures=[…]) before the function")
    elif section:
        raise InputError(f"{next(iter(section))}=…: describes the sweep of a function, expected it in the sweep file")
    else:
        path, held = file_of(file, "sweep")
        options += [*_command.sets(set), *_command.options(allow_command=allow_command)]
        said = _command.run("sweep", path, *options, progress=progress, file=held)
    if said.results is None or not isinstance(said.failure, (TrialsError, type(None))):
        raise said.failure or BurstnetError("the sweep has no results")
    results = Results(said.results)
    if said.failure is not None:
        status = results.status()
        if shard is None and round is None and status["done"] < status["trials"]:
            raise said.failure  # the sweep ended because of them
        warnings.warn(str(said.failure), stacklevel=2)
    return results


def plan(file: File, *, set: Mapping[str, object] | None = None, threads: int | None = None) -> dict[str, Any]:
    """Return what a sweep would run, how long it would take, and what it needs, without running it."""
    path, text = file_of(file, "sweep")
    options = [*_command.options(threads=threads), *_command.sets(set)]
    told: dict[str, Any] = json.loads(_command.run("plan", path, *options, "--json", file=text).result())
    return told


def schema() -> dict[str, Any]:
    """Return the JSON Schema of sweep files and run files.

    >>> import burstnet as bn
    >>> bn.schema()["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    told: dict[str, Any] = json.loads(_command.run("schema").result())
    return told


def slurm(file: str | PathLike[str], *, tasks: int, **options: Any) -> str:
    """Write the scripts that run a sweep as a job array of Slurm, and return what the command says.

    The options are those of ``burstnet slurm``: ``time="8:00:00"``, ``partition="long"``, ``submit=True``.
    """
    script = _command.installed_script()
    if script is None:
        raise MachineError("no script burstnet was found beside Python or in PATH, expected the one that the wheel installs")
    _burstnet.called_as(str(script))
    return _command.run("slurm", file, *_command.options(tasks=tasks, **options)).result()


def across(results: Sequence[Results | str | PathLike[str]], page: str | PathLike[str] = "comparison.html") -> str:
    """Compare several results directories with the first of them on one page. Return what the command says."""
    paths = [one.path if isinstance(one, Results) else one for one in results]
    return _command.run("report", *paths, *_command.options(page=page)).result(despite=(TrialsError,))


def verify(archive: str | PathLike[str], *, sample: int | None = None, threads: int | None = None) -> str:
    """Check an archive of a study, and run `sample` of its trials again, by default 20. Return what the command says.

    Raises a `DiffersError` if a file is not as it was archived, or a trial gives other bits.
    """
    return _command.run("verify", archive, *_command.options(sample=sample, threads=threads), progress=False).result()


def command(*arguments: str | PathLike[str]) -> str:
    """Run any command, such as ``command("completions", "bash")``, and return what it prints."""
    return _command.run(*arguments).result()
