"""The burst network, small and trained for a few milliseconds, over six keys that matter."""

EPOCHS = 27
#: By key: least, most, and whether the logarithm is uniform.
SPACE = {
    "learning_rate.hidden": (0.03, 30.0, True),
    "learning_rate.output": (0.003, 3.0, True),
    "feedback.weight_range": (0.1, 10.0, True),
    "feedback.density": (0.0, 1.0, False),
    "network.weight_range": (0.01, 1.0, True),
    "teaching.target_fraction": (0.01, 0.3, True),
}
BASE = {
    "network": {"layers": [100, 50, 3]},
    "signals": {"length": 1000},
    "training": {"epochs": EPOCHS},
    "evaluation": {"curve_window": "none"},
}
