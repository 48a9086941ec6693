"""The searches, each behind the same two calls: `ask` for a configuration, and `tell` its value."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from typing import Any

from tasks import Domain, Task


class Burstnet:
    """burstnet's, by its Python package. With one worker each proposal knows all results; with more, the lag is the default."""

    def __init__(self, strategy: str, task: Task, trials: int, seed: int, workers: int) -> None:
        import burstnet as bn

        def domain(given: Domain) -> Any:
            if isinstance(given, list):
                return bn.choice(given)
            least, most, log = given
            return bn.log_uniform(least, most) if log else bn.uniform(least, most)

        pace = {"lag": 1} if workers == 1 and strategy not in ("random", "sobol") else {}
        space = {key: domain(given) for key, given in task.space.items()}
        self.waits = bn.InputError
        self.search = bn.Search(space=space, strategy=strategy, seed=seed, trials=trials, **pace)

    def ask(self) -> tuple[Any, dict[str, Any]] | None:
        try:
            found = self.search.ask()
        except self.waits:
            return None
        return (found[0], dict(found[0])) if found else None

    def tell(self, token: Any, value: float) -> None:
        self.search.tell(token, value)


class Optuna:
    """Optuna's, with the settings that its documentation recommends."""

    def __init__(self, sampler: str, task: Task, trials: int, seed: int, workers: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        samplers: dict[str, Callable[[], Any]] = {
            "random": lambda: optuna.samplers.RandomSampler(seed=seed),
            "sobol": lambda: optuna.samplers.QMCSampler(qmc_type="sobol", scramble=True, seed=seed),
            "tpe": lambda: optuna.samplers.TPESampler(multivariate=True, constant_liar=workers > 1, seed=seed),
            "cmaes": lambda: optuna.samplers.CmaEsSampler(seed=seed),
            "gp": lambda: optuna.samplers.GPSampler(seed=seed),
        }

        def domain(given: Domain) -> Any:
            if isinstance(given, list):
                return optuna.distributions.CategoricalDistribution(given)
            least, most, log = given
            return optuna.distributions.FloatDistribution(least, most, log=log)

        self.space = {key: domain(given) for key, given in task.space.items()}
        self.study = optuna.create_study(sampler=samplers[sampler]())

    def ask(self) -> tuple[Any, dict[str, Any]] | None:
        trial = self.study.ask(self.space)
        return trial, trial.params

    def tell(self, token: Any, value: float) -> None:
        self.study.tell(token, value)


class Smac:
    """SMAC3's facade for hyperparameters, a random forest, or for black boxes, a Gaussian process."""

    def __init__(self, facade: str, task: Task, trials: int, seed: int, workers: int) -> None:
        import ConfigSpace
        import smac

        def domain(key: str, given: Domain) -> Any:
            if isinstance(given, list):
                return ConfigSpace.CategoricalHyperparameter(key, given)
            least, most, log = given
            return ConfigSpace.UniformFloatHyperparameter(key, least, most, log=log)

        space = ConfigSpace.ConfigurationSpace(seed=seed)
        space.add([domain(key, given) for key, given in task.space.items()])
        self.folder = tempfile.TemporaryDirectory()
        kind = {"forest": smac.HyperparameterOptimizationFacade, "gp": smac.BlackBoxFacade}[facade]
        scenario = smac.Scenario(space, deterministic=True, n_trials=trials, seed=seed, output_directory=self.folder.name)
        quiet = {"logging_level": False, "overwrite": True}
        self.smac = kind(scenario, lambda config, seed=0: 0.0, **quiet)

    def ask(self) -> tuple[Any, dict[str, Any]] | None:
        info = self.smac.ask()
        return info, dict(info.config)

    def tell(self, token: Any, value: float) -> None:
        from smac.runhistory import TrialValue

        self.smac.tell(token, TrialValue(cost=value))


#: By name: the class, its strategy, and whether a proposal takes so long that eight seeds have to do.
METHODS: dict[str, tuple[type, str, bool]] = {
    "burstnet auto": (Burstnet, "auto", False),
    "burstnet gp": (Burstnet, "gp", False),
    "burstnet tpe": (Burstnet, "tpe", False),
    "burstnet cmaes": (Burstnet, "cmaes", False),
    "burstnet random": (Burstnet, "random", False),
    "Optuna gp": (Optuna, "gp", True),
    "Optuna tpe": (Optuna, "tpe", False),
    "Optuna cmaes": (Optuna, "cmaes", False),
    "Optuna random": (Optuna, "random", False),
    "SMAC3 forest": (Smac, "forest", True),
    "SMAC3 gp": (Smac, "gp", True),
}
