"""Optuna's searches."""

import math
import warnings

import optuna

from network import EPOCHS, RUNGS, Network

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)

#: By burstnet's name of the method.
SAMPLERS = {
    "random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "sobol": lambda seed: optuna.samplers.QMCSampler(qmc_type="sobol", scramble=True, seed=seed),
    "tpe": lambda seed: optuna.samplers.TPESampler(multivariate=True, seed=seed),
    "cmaes": lambda seed: optuna.samplers.CmaEsSampler(seed=seed),
}


def search(task, method: str, trials: int, seed: int) -> list[float]:
    """The best value after each trial."""
    study = optuna.create_study(sampler=SAMPLERS[method](seed))
    study.optimize(task.objective(seed), n_trials=trials)
    best, bests = math.inf, []
    for trial in study.trials:
        best = min(best, trial.value)
        bests.append(best)
    return bests


def hyperband(network: Network, epochs: int, seed: int) -> list[tuple[int, float]]:
    """Epochs spent, and the best value of all that have been trained to the end, until so many epochs are spent."""
    own, spent, best, course = network.seed_of(seed), 0, math.inf, []
    pruner = optuna.pruners.HyperbandPruner(min_resource=RUNGS[0], max_resource=EPOCHS, reduction_factor=3)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed), pruner=pruner)

    def objective(trial: optuna.Trial) -> float:
        nonlocal spent, best
        before = 0
        for rung in RUNGS:
            value = network.evaluate(trial, own, rung)
            spent += rung - before
            before = rung
            if rung == EPOCHS:
                best = min(best, value)
            course.append((spent, best))
            trial.report(value, rung)
            if rung < EPOCHS and trial.should_prune():
                raise optuna.TrialPruned
        return value

    while spent < epochs:
        study.optimize(objective, n_trials=1)
    return course
