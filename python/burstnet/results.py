"""Results of sweeps, and of single runs."""

from __future__ import annotations

import html
import json
import tempfile
from collections.abc import Callable, Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burstnet import _burstnet, _command
from burstnet.errors import DiffersError, InputError, TrialsError
from burstnet.tables import Table

if TYPE_CHECKING:
    import numpy

    from burstnet.objective import Objective

__all__ = ["Rerun", "Results", "Run"]

_LONGEST_PAGE = 16 << 20
"""The longest page, in bytes, that is shown in a notebook."""


class Run:
    """What one training run left."""

    seed: int
    """The seed."""
    status: str
    """``ok``, ``diverged`` or ``failed``."""
    error: str | None
    """Why it is not ``ok``."""
    digest: str | None
    """The BLAKE3 of everything that it left."""
    measures: dict[str, float | None]
    """The measures by name; `None` where one is not defined."""
    weights: dict[str, numpy.ndarray[Any, Any]]
    """The weights at the end: ``W_0`` (post × pre), ``b_0``, …, and the feedback weights ``Y_0``, …"""
    trace: Table | None
    """A row per step, if it was asked for."""

    def __init__(self, told: dict[str, Any], folder: Path, *, traced: bool) -> None:
        self.seed = told.pop("seed")
        self.status = told.pop("status")
        self.error = told.pop("error", None)
        self.digest = told.pop("digest", None)
        told.pop("command", None)
        told.pop("curves", None)
        self.measures = told.pop("measures", told)
        self.weights = _weights(folder / "weights")
        self.trace = Table.read_parquet(folder / "trace.parquet") if traced else None

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value:.6g}" for name, value in self.measures.items() if value is not None)
        return f"<burstnet.{type(self).__name__}: seed {self.seed}, {self.status}{': ' if shown else ''}{shown}>"


class Rerun(Run):
    """A trial that ran again, compared with its record."""

    same_bits: bool
    """True if all bits are those of the record."""
    trial_id: int
    """The number of the trial."""
    config_id: int
    """The number of its configuration."""
    replicate: int
    """The number of its replicate."""
    changed: dict[str, Any]
    """The values that it ran with in place of the recorded ones."""
    recorded: dict[str, float | None]
    """The measures of the record, if values were changed."""

    def __init__(self, told: dict[str, Any], folder: Path, *, traced: bool) -> None:
        self.changed = told.pop("set", {})
        self.recorded = told.pop("recorded", {}).get("measures", {})
        if self.changed:
            told |= {**told.pop("changed"), "same": False}
        self.same_bits = told.pop("same")
        self.trial_id = told.pop("trial_id")
        self.config_id = told.pop("config_id")
        self.replicate = told.pop("replicate")
        super().__init__(told, folder, traced=traced)

    def __repr__(self) -> str:
        same = "the same bits" if self.same_bits else f"with {self.changed}" if self.changed else "DIFFERS"
        return f"{super().__repr__()[:-1]}, {same}>"


def _weights(folder: Path) -> dict[str, numpy.ndarray[Any, Any]]:
    if not folder.is_dir():
        return {}
    import numpy

    return {path.stem: numpy.load(path) for path in sorted(folder.glob("*.npy"))}


def _observed(
    kind: type[Run], arguments: list[str], *, trace: bool, weights: bool, how: Callable[..., _command.Said]
) -> Any:
    with tempfile.TemporaryDirectory(prefix="burstnet-") as name:
        folder = Path(name)
        if trace:
            arguments.append(f"--trace={folder / 'trace.parquet'}")
        if weights:
            arguments.append(f"--save-weights={folder / 'weights'}")
        said = how(*arguments, "--json", progress=False)
        told = json.loads(said.result(despite=(TrialsError, DiffersError)))
        return kind(told, folder, traced=trace)


def run(
    file: str | PathLike[str] | Mapping[str, Any],
    *,
    seed: int | None = None,
    set: Mapping[str, object] | None = None,
    trace: bool = False,
    allow_command: bool = False,
) -> Run:
    """Train once, with the values of a run file, or of the `base` of a sweep file.

    `set` changes values, `trace` records every step. A program, which a sweep file may name, runs with `allow_command`
    alone; of it there are measures only.

    >>> import burstnet as bn
    >>> small = {"network": {"layers": [5, 4, 3]}, "signals": {"length": 50}, "training": {"epochs": 2}}
    >>> run = bn.run(small, seed=1, set={"feedback.density": 0.5})
    >>> run.status, run.weights["W_0"].shape
    ('ok', (4, 5))
    """
    path, text = file_of(file, "run")
    arguments = [path, *_command.options(seed=seed, allow_command=allow_command), *_command.sets(set)]

    def how(*arguments: str, progress: bool) -> _command.Said:
        return _command.run("run", *arguments, progress=progress, file=text)

    ran: Run = _observed(Run, arguments, trace=trace, weights=not allow_command, how=how)
    return ran


def file_of(file: str | PathLike[str] | Mapping[str, Any], name: str) -> tuple[str, str | None]:
    """Return the path of a file; of a mapping, the name by which messages call it and its text."""
    if isinstance(file, Mapping):
        return name, _command.text_of(file)
    return fspath(file), None


def diff(
    a: str | PathLike[str],
    b: str | PathLike[str] | None = None,
    *,
    set: Mapping[str, object] | None = None,
    engine: str | None = None,
    page: str | PathLike[str] | None = None,
    force: bool = False,
    allow_command: bool = False,
) -> dict[str, Any]:
    """Compare two trials step by step, as ``burstnet diff --json`` does: ``"same"``, ``"measures"``, ``"first"`` and more.

    `a` and `b` are run files, or trials such as ``"results/x:424"`` and ``"results/x:config=53,replicate=0"``. In place
    of `b`, `set` gives trial `a` other values, or `engine` computes it by another engine. `page` draws both over each
    other. Of programs the records are compared; with `allow_command` they run again, and ``"printed"`` compares what they
    print.
    """
    second = [] if b is None else [fspath(b)]
    arguments = [fspath(a), *second, *_command.sets(set), *_command.options(engine=engine, page=page, force=force)]
    arguments += _command.options(allow_command=allow_command)
    said = _command.run("diff", *arguments, "--json", progress=False)
    told: dict[str, Any] = json.loads(said.result(despite=(DiffersError,)))
    return told


class Results:
    """A results directory. Everything is read anew each time, so that it also shows a sweep that is running."""

    path: Path
    """The directory."""

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        self._study = _burstnet.Study(self.path)

    # Tables

    @property
    def trials(self) -> Table:
        """A row per trial: its varied keys, seed, status, measures and digest."""
        return Table(self._study.table("trials"))

    @property
    def summary(self) -> Table:
        """A row per configuration: means and intervals of every measure."""
        return Table(self._study.table("summary"))

    @property
    def curves(self) -> Table:
        """A row per trial, layer and window of the loss curves."""
        return Table(self._study.table("curves"))

    @property
    def timings(self) -> Table:
        """A row per trial: how long it took, and where it ran."""
        return Table(self._study.table("timings"))

    @property
    def effects(self) -> Table:
        """Shares of the variance, main effects, and how stable ranks are."""
        return Table(self._study.table("effects"))

    @property
    def contrasts(self) -> Table:
        """A row per configuration, each compared with the best one."""
        return Table(self._study.table("contrasts"))

    def contrasts_with(self, baseline: int) -> Table:
        """Return a row per configuration, each compared with configuration `baseline`."""
        return Table(self._study.table("contrasts", baseline=baseline))

    # What it says

    @property
    def plan(self) -> dict[str, Any]:
        """The resolved plan, as in ``plan.json``."""
        plan: dict[str, Any] = json.loads(self._study.plan())
        return plan

    def analysis(self, *, measure: str | None = None, top: int = 0) -> dict[str, Any]:
        """Return all figures about a measure: what ``burstnet report --json`` prints. Nothing is written."""
        analysis: dict[str, Any] = json.loads(self._study.analysis(measure=measure, top=top))
        return analysis

    def best(self, n: int = 1, *, measure: str | None = None) -> list[dict[str, Any]]:
        """Return the best `n` configurations, best first: their numbers, values, means and intervals.

        With bounds on measures (``subject_to``), `feasible` says whether all are kept. The measure is the objective's unless another one is named.
        """
        analysis = self.analysis(measure=measure, top=n)
        return [
            {
                "rank": one["rank"],
                "config_id": one["config_id"],
                **dict(zip(analysis["keys"], one["values"], strict=True)),
                analysis["measure"]: one["summary"]["mean"],
                "interval": one["t_interval"] and (one["t_interval"]["low"], one["t_interval"]["high"]),
                "n": one["n"],
                **({"feasible": one["feasible"]} if "feasible" in one else {}),
            }
            for one in analysis["ranked"][:n]
        ]

    def status(self) -> dict[str, Any]:
        """Return how far the sweep is: done, failed and diverged trials, and its shards."""
        return self._json("status")

    def report(self, *, measure: str | None = None, baseline: int | None = None) -> dict[str, Any]:
        """Write the tables and the page of what is done so far, and return all figures."""
        return self._json("report", *_command.options(measure=measure, baseline=baseline))

    def compare(self, a: int | str, b: int | str, *, measure: str | None = None) -> dict[str, Any]:
        """Return a comparison of two configurations (``53, 14``) or settings (``"density=0.1", "density=1.0"``)."""
        return self._json("report", *_command.options(measure=measure), "--compare", str(a), str(b))

    def show(
        self,
        config: int | None = None,
        *,
        replicate: int | None = None,
        trial: int | None = None,
        seed: int | None = None,
    ) -> str:
        """Return all keys and values of a trial, as a file for `run`, with comments that say where it stands.

        The trial is named by its number, or by its configuration and its replicate (by default the first) or seed.
        """
        wanted = _command.options(trial=trial, config=config, replicate=replicate, seed=seed)
        return _command.run("show", self.path, *wanted).result()

    def archive(self, out: str | PathLike[str], *, force: bool = False) -> None:
        """Write the study into one file, which ``burstnet verify`` checks."""
        _command.run("archive", self.path, *_command.options(out=out, force=force)).result()

    def refine(self, around: str = "best:3", *, factor: float = 0.5) -> str:
        """Return a sweep file that looks closer at the best configurations: its ranges are `factor` times as wide."""
        return _command.run("refine", self.path, *_command.options(around=around, factor=factor)).result()

    @property
    def page(self) -> Path:
        """The page ``report.html``, which the sweep and `report` write."""
        return self.path / "report.html"

    # What it does

    def rerun(
        self,
        *,
        config: int | None = None,
        replicate: int | None = None,
        trial: int | None = None,
        seed: int | None = None,
        set: Mapping[str, object] | None = None,
        engine: str | None = None,
        objective: Objective | None = None,
        trace: bool = False,
        weights: bool = False,
        allow_command: bool = False,
    ) -> Rerun:
        """Run a trial again and compare every bit with its record.

        The trial is named by its number, or by its configuration and its replicate or seed. With `set`, or another
        `engine`, it is another trial of the same seed: `changed` has the values, and `recorded` the measures of before. A
        sweep of a function needs the function as `objective`, since no results directory carries one; one of a program
        needs `allow_command`.
        """
        wanted = {"trial": trial, "config": config, "replicate": replicate, "seed": seed, "engine": engine}
        arguments = [str(self.path), *_command.options(**wanted), *_command.sets(set)]

        def how(*arguments: str, progress: bool) -> _command.Said:
            if objective is not None:
                return objective.rerun(self, *arguments, progress=progress)
            self._need_function(allow_command)
            return _command.run("rerun", *arguments, *_command.options(allow_command=allow_command), progress=progress)

        again: Rerun = _observed(Rerun, arguments, trace=trace, weights=weights, how=how)
        return again

    def trial_page(
        self,
        trial: int | None = None,
        out: str | PathLike[str] | None = None,
        *,
        config: int | None = None,
        replicate: int | None = None,
        seed: int | None = None,
        units: str | None = None,
        force: bool = False,
    ) -> str:
        """Run a trial again and draw it on a page of its own. Return what the command says."""
        wanted = _command.options(
            trial=trial, config=config, replicate=replicate, seed=seed, out=out, units=units, force=force
        )
        return _command.run("report", self.path, *wanted).result()

    def diff(
        self,
        trial: int,
        other: int | str | PathLike[str] | None = None,
        *,
        set: Mapping[str, object] | None = None,
        engine: str | None = None,
        page: str | PathLike[str] | None = None,
        force: bool = False,
        allow_command: bool = False,
    ) -> dict[str, Any]:
        """Compare a trial with another one, step by step; see `burstnet.diff`.

        `other` is the number of another trial, ``"results/x:424"`` of another directory, or a run file.
        """
        second = f"{self.path}:{other}" if isinstance(other, int) else other
        options: dict[str, Any] = {"page": page, "force": force, "allow_command": allow_command}
        return diff(f"{self.path}:{trial}", second, set=set, engine=engine, **options)

    def trace(
        self,
        configs: str,
        out: str | PathLike[str],
        *,
        replicates: str | None = None,
        threads: int | None = None,
        steps: str | None = None,
        epochs: str | None = None,
        phase: str | None = None,
        every: int | None = None,
        quantities: str | None = None,
        units: str | None = None,
    ) -> str:
        """Record the steps of many trials, each in a Parquet file of the folder `out`. Return what the command says.

        `configs` is ``"best:3"`` or numbers such as ``"0,3"``. The other options are those of ``burstnet trace``.
        """
        traced = {"steps": steps, "epochs": epochs, "phase": phase, "every": every, "quantities": quantities}
        options = _command.options(configs=configs, out=out, replicates=replicates, threads=threads)
        options += _command.options(trace_units=units, **{f"trace_{name}": value for name, value in traced.items()})
        return _command.run("trace", self.path, *options, progress=False).result()

    def confirm(
        self,
        *,
        best: int,
        replicates: int,
        threads: int | None = None,
        retry_failed: bool = False,
        objective: Objective | None = None,
        allow_command: bool = False,
        progress: bool = True,
    ) -> dict[str, Any]:
        """Run the best configurations again on fresh seeds. Return what is found about them."""
        options = _command.options(best=best, replicates=replicates, threads=threads, retry_failed=retry_failed)
        if objective is not None:
            said = objective.confirm(self, *options, progress=progress)
        else:
            self._need_function(allow_command)
            options += _command.options(allow_command=allow_command)
            said = _command.run("confirm", self.path, *options, progress=progress)
        if said.failure is not None:
            raise said.failure
        confirmed: dict[str, Any] = self.analysis()["confirmed"]
        return confirmed

    def merge(self, out: str | PathLike[str] | None = None, *, force: bool = False) -> str:
        """Check that every trial of a sharded sweep ran exactly once, and write its tables. Return what it says."""
        said = _command.run("merge", self.path, *_command.options(out=out, force=force))
        return said.result(despite=(TrialsError,))

    def _json(self, command: str, *options: str) -> dict[str, Any]:
        said = _command.run(command, self.path, *options, "--json")
        told: dict[str, Any] = json.loads(said.result(despite=(TrialsError,)))
        return told

    def _need_function(self, allow_command: bool) -> None:
        """Refuse to run the trials of a function without it."""
        from burstnet.objective import function_of

        function = None if allow_command else function_of(self.plan)
        if function is not None:
            name = function.rpartition(":")[2].rpartition(".")[2]
            raise InputError(f"{self.path}: the trials are of the function {function}, expected objective={name}")

    # How it is shown

    def __repr__(self) -> str:
        analysis = self.analysis()
        progress = analysis["progress"]
        done = f"{progress['done']} of {progress['planned']} trials done"
        return f"<burstnet.Results {self.path}: {done}. {analysis['finding']['headline']}>"

    def _repr_html_(self) -> str:
        analysis = self.analysis()
        sentences = " ".join([analysis["finding"]["headline"], *analysis["finding"]["sentences"]])
        rows = self.best(5)
        head = "".join(f"<th>{html.escape(name)}</th>" for name in (rows[0] if rows else []))
        cells = ("".join(f"<td>{html.escape(_shown(value))}</td>" for value in row.values()) for row in rows)
        body = "".join(f"<tr>{row}</tr>" for row in cells)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if rows else ""
        return f"<p>{html.escape(sentences)}</p>{table}{self._frame()}"

    def _frame(self) -> str:
        """Return the page in a frame, if there is one that is not too long."""
        try:
            if self.page.stat().st_size > _LONGEST_PAGE:
                return f"<p>{html.escape(str(self.page))}</p>"
            page = self.page.read_text(encoding="utf-8")
        except OSError:
            return ""
        style = "width: 100%; height: 600px; border: 1px solid #ccc"
        return f'<iframe sandbox="allow-scripts" style="{style}" srcdoc="{html.escape(page)}"></iframe>'


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple):
        return " to ".join(_shown(one) for one in value)
    return "–" if value is None else str(value)


def open(path: str | PathLike[str]) -> Results:
    """Open the results directory of a sweep, of which only the plan is read at once."""
    return Results(path)
