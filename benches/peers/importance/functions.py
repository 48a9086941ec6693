"""The test functions of crates/burstnet-report/examples/importance.rs, and the shares that their keys have."""

import functools

import numpy as np

WORDS = ["one", "two", "three", "four"]
#: The values of each key: none is a range from 0 to 1, a number that of the words.
KEYS = {
    "additive": {f"x{at}": None for at in range(5)},
    "exponential": {f"x{at}": None for at in range(5)},
    "ishigami": {f"x{at}": None for at in range(3)},
    "ishigami12": {f"x{at}": None for at in range(12)},
    "g": {f"x{at}": None for at in range(4)},
    "words": {"word": 4, **{f"x{at}": None for at in range(4)}},
    "noise": {f"x{at}": None for at in range(12)},
    "noise3": {f"x{at}": None for at in range(3)},
}
#: The levels of each key in a grid.
LEVELS = {"additive": 3, "exponential": 3, "ishigami": 6, "g": 4, "words": 3, "noise3": 6}
#: The keys that do nothing.
IDLE = {
    "additive": ["x4"],
    "exponential": ["x4"],
    "ishigami": [],
    "ishigami12": [f"x{at}" for at in range(3, 12)],
    "g": [],
    "words": ["x2", "x3"],
}
#: A key with a smaller share by itself is neither idle nor ranked: the third of Ishigami's acts with the first only.
SMALLEST = 0.005
POINTS = 1 << 19
CELLS = 64


def additive(x: dict) -> np.ndarray:
    return 3.2 * x["x0"] + 6 * (x["x1"] - 0.5) ** 2 + x["x2"] + 0.5 * np.sin(np.pi * x["x3"])


def ishigami(x: dict) -> np.ndarray:
    a, b, c = (np.pi * (2 * x[f"x{at}"] - 1) for at in range(3))
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


def words(x: dict) -> np.ndarray:
    of_word = np.array([0.0, 2.0, 0.5, 1.0])[x["word"]]
    return of_word + 0.8 * x["x0"] + np.where(x["word"] == 1, x["x1"] - 0.5, 0.0)


def g(x: dict) -> np.ndarray:
    return np.prod([(abs(4 * x[f"x{at}"] - 2) + a) / (1 + a) for at, a in enumerate([0, 1, 4.5, 9])], axis=0)


FUNCTIONS = {
    "additive": additive,
    "exponential": lambda x: np.exp(3 * additive(x)),
    "ishigami": ishigami,
    "ishigami12": ishigami,
    "g": g,
    "words": words,
}


def on_scale(values: np.ndarray, scale: str) -> np.ndarray:
    if scale == "log":
        return np.log(values)
    if scale == "ranks":
        return np.argsort(np.argsort(values, kind="stable")) / len(values)
    return values


@functools.cache
def truth(function: str, is_grid: bool, scale: str) -> dict[str, float] | None:
    """The share of each key alone in the variance over the space, or over the cells of the grid, on a scale."""
    if function not in FUNCTIONS:
        return None
    keys = KEYS[function]
    if is_grid:
        levels = [np.arange(count) if count else np.linspace(0, 1, LEVELS[function]) for count in keys.values()]
        mesh = dict(zip(keys, (axis.ravel() for axis in np.meshgrid(*levels, indexing="ij"))))
        places = {key: np.unique(column, return_inverse=True)[1] for key, column in mesh.items()}
    else:
        random = np.random.default_rng(1)
        # Stratified in each key by itself.
        strata = {key: random.permutation(POINTS) for key in keys}
        unit = {key: (column + random.random(POINTS)) / POINTS for key, column in strata.items()}
        mesh = {key: (unit[key] * count).astype(int) if count else unit[key] for key, count in keys.items()}
        places = {key: column if keys[key] else (column * CELLS).astype(int) for key, column in mesh.items()}
    values = on_scale(FUNCTIONS[function](mesh), scale)
    shares = {}
    for key, place in places.items():
        counts = np.bincount(place)
        means = np.bincount(place, values) / counts
        between = np.average((means - values.mean()) ** 2, weights=counts)
        noise = 0.0 if is_grid else (len(counts) - 1) / len(values)  # of which each cell's mean has a part
        shares[key] = max(0.0, float(between / values.var()) - noise)
    return shares
