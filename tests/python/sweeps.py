"""The sweeps that the tests run, each small, and the columns that they must give."""

SMALL_DEEP_RUN = """\
network: {layers: [12, 8, 5, 3]}
signals: {length: 120}
training: {epochs: 2}
"""

# Two hidden layers, feedback that learns, and a generation pass over an odd number of steps.
TRACED_RUN = """\
network: {layers: [12, 8, 5, 3]}
feedback: {density: 0.7}
teaching: {target_fraction: 0.2}
learning_rate: {hidden: [1.0, 0.5], feedback: 0.01}
signals: {length: 121}
training: {epochs: 3}
evaluation: {generation: true}
"""

# Short trials of a small network that learns, for sweeps whose figures are computed again.
SHORT_BASE = """\
base:
  network: {layers: [12, 8, 3]}
  teaching: {target_fraction: 0.2}
  signals: {length: 120}
  training: {epochs: 3}
"""

# A word, a flag, integers, numbers, sizes, and a key that is a word or a number. Networks of two depths.
TYPES = """\
name: types
seed: 7
replicates: 2
base:
  network: {layers: [12, 8, 3]}
  teaching: {target_fraction: 0.1}
  signals: {length: 120}
search:
  space:
    network.layers: [[12, 8, 3], [12, 8, 5, 3]]
    learning_rate.output: [0, 0.2]
    training.epochs: [2, 3]
    plasticity.hidden_rule: [burst_probability, burst_rate]
    evaluation.generation: [false, true]
    evaluation.curve_window: [epoch, 40]
"""
TYPES_SWEPT = [
    ("network_layers", "list<int64>"),
    ("learning_rate_output", "float64"),
    ("training_epochs", "int64"),
    ("plasticity_hidden_rule", "string"),
    ("evaluation_generation", "bool"),
    ("evaluation_curve_window", "string"),
]

# Lists of numbers, nulls among the swept values, files, and windows that do not divide the training.
LISTS = """\
name: lists
seed: 8
replicates: 3
base:
  network: {layers: [12, 8, 5, 3]}
  teaching: {target_fraction: 0.1}
  signals: {length: 120}
  training: {epochs: 2}
search:
  space:
    network.initial_weights: [null, weights]
    learning_rate.hidden: [[1, 0.5], [0, 0]]
    learning_rate.feedback: [0, 0.01]
    signals.sine_frequency: [[0.01, 0.04], [0.02, 0.03]]
    evaluation.curve_window: [50, 70]
    evaluation.loss_threshold: [null, 0.03]
"""
LISTS_SWEPT = [
    ("network_initial_weights", "string"),
    ("learning_rate_hidden", "list<float64>"),
    ("learning_rate_feedback", "float64"),
    ("signals_sine_frequency", "list<float64>"),
    ("evaluation_curve_window", "int64"),
    ("evaluation_loss_threshold", "float64"),
]

# Rates at which some trials diverge, and steps that are never taught.
DIVERGING = """\
name: diverging
seed: 7
replicates: 4
base:
  network: {layers: [12, 8, 3]}
  signals: {length: 120}
  training: {epochs: 50}
  evaluation: {curve_window: 20}
search:
  space:
    teaching.target_fraction: [0.0, 0.1]
    learning_rate.output: [0.05, 3.0e+7, 5.0e+7, 1.0e+300]
    learning_rate.hidden: [1.0, 1.0e+300]
    learning_rate.feedback: [0.0, 1.0e+300]
"""
DIVERGING_SWEPT = [
    ("teaching_target_fraction", "float64"),
    ("learning_rate_output", "float64"),
    ("learning_rate_hidden", "float64"),
    ("learning_rate_feedback", "float64"),
]

STEPS = 120  # of an epoch, in every sweep
SWEPT = {"types": TYPES_SWEPT, "lists": LISTS_SWEPT, "diverging": DIVERGING_SWEPT}
HIDDEN_LAYERS = {"types": 2, "lists": 2, "diverging": 1}


def measures(name):
    """The measures of a sweep, in the order of their columns."""
    common = ["train_loss", "epochs_to_threshold", "test_mae", "test_mse", "generation_mae"]
    return common + [f"alignment_deg_{m}" for m in range(HIDDEN_LAYERS[name])]


def training(name, trial):
    """Weight layers, steps of the training, and steps per window of its curves, of a row of trials.parquet."""
    layers = len(trial["network_layers"]) - 1 if name == "types" else HIDDEN_LAYERS[name] + 1
    epochs = {"types": trial.get("training_epochs"), "lists": 2, "diverging": 3}[name]
    window = trial.get("evaluation_curve_window", 20)
    return layers, epochs * STEPS, STEPS if window == "epoch" else int(window)


def columns(name):
    """Names and types of the columns of each table of a sweep."""
    ids = [(column, "int64") for column in ("trial_id", "config_id", "replicate", "seed")]
    outcome = [("status", "string"), ("error", "string")]
    endings = ("mean", "sd", "min", "median", "max")
    statistics = [f"{measure}_{ending}" for measure in measures(name) for ending in endings]
    counts = [(column, "int64") for column in ("n_ok", "n_diverged", "n_failed")]
    curve_ids = [(column, "int64") for column in ("trial_id", "layer", "step", "learning_steps")]
    return {
        "trials": ids + SWEPT[name] + outcome + floats(measures(name)) + [("digest", "string")],
        "curves": curve_ids + floats(["loss"]),
        "summary": [("config_id", "int64")] + SWEPT[name] + counts + [("in_confidence_set", "bool")] + floats(statistics),
        "timings": [("trial_id", "int64"), ("wall_seconds", "float64"), ("thread", "int64"), ("host", "string")],
        "effects": EFFECTS,
        "contrasts": CONTRASTS[:3] + SWEPT[name] + CONTRASTS[3:],
    }


def floats(names):
    return [(name, "float64") for name in names]


EFFECTS = [(column, "string") for column in ("measure", "kind", "key", "key_2", "level")]
EFFECTS += floats(["level_number", "level_low", "level_high", "estimate", "estimate_low", "estimate_high"])
EFFECTS += floats(["within_low", "within_high", "p"])
EFFECTS += [("n", "int64")]
CONTRASTS = [("measure", "string"), ("rank", "int64"), ("config_id", "int64"), ("n", "int64")]
CONTRASTS += floats(["mean", "sd", "median", "mean_low", "mean_high", "bootstrap_low", "bootstrap_high"])
CONTRASTS += floats(["wins", "best_probability"]) + [("baseline_config_id", "int64"), ("n_pairs", "int64")]
CONTRASTS += floats(["difference", "difference_low", "difference_high"]) 
CONTRASTS += floats(["p"])
