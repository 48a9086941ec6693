"""Reproducible parallel hyperparameter sweeps, of networks that learn from bursts and of functions of your own.

Sweep a file, and look at what came out::

    import burstnet as bn

    results = bn.sweep("sweeps/first.yaml", threads=2)
    results.best(3)                       # the best configurations, with intervals
    results.trials.to_polars()            # every table, in the library of your choice
    results.rerun(config=1, replicate=0)  # the same bits again?

Sweep a function, in worker processes::

    @bn.objective(measures=["distance"])
    def model(config, seed):
        return {"distance": (config["x"] - 2) ** 2}

    bn.sweep(model, space={"x": bn.uniform(-5, 5)}, strategy="tpe", trials=64, out="results/mine")

Or run your own loop, and only ask for configurations::

    search = bn.Search(space={"x": bn.uniform(-5, 5)}, strategy="tpe", seed=1)
    for trial in search.ask(8):
        search.tell(trial, (trial["x"] - 2) ** 2)

Sweeps
    sweep, plan, open, Results, run, diff, verify, across, slurm, schema, command
Functions
    objective, Objective, record_loss, Diverged
Spaces
    uniform, log_uniform, choice, linear, log, integer
Ask and tell
    Search, Trial
Optuna
    to_optuna, from_optuna
Exceptions
    BurstnetError, and by exit code TrialsError (1), InputError (2), MachineError (3), DiffersError (4)
"""

from burstnet._burstnet import __version__
from burstnet.curve import record_loss
from burstnet.errors import BurstnetError, DiffersError, InputError, MachineError, TrialsError
from burstnet.objective import Diverged, Objective, objective

from burstnet.optuna import from_optuna, to_optuna
from burstnet.results import Rerun, Results, Run, diff, open, run
from burstnet.search import Search, Trial
from burstnet.space import choice, integer, linear, log, log_uniform, uniform
from burstnet.sweeps import across, command, plan, schema, slurm, sweep, verify
from burstnet.tables import Table

__all__ = [
    "BurstnetError",
    "DiffersError",
    "Diverged",
    "InputError",
    "MachineError",
    "Objective",
    "Rerun",
    "Results",
    "Run",
    "Search",
    "Table",
    "Trial",
    "TrialsError",
    "__version__",
    "across",
    "choice",
    "command",
    "diff",
    "from_optuna",
    "integer",
    "linear",
    "log",
    "log_uniform",
    "objective",
    "open",
    "plan",
    "record_loss",
    "run",
    "schema",
    "slurm",
    "sweep",
    "to_optuna",
    "uniform",
    "verify",
]
