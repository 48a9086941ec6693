"""Signals for the peers, drawn as burstnet draws its own: the same formulas and ranges, other random numbers."""

import numpy as np


def sinusoids(rng: np.random.Generator, steps: int, channels: int) -> np.ndarray:
    """One sequence (1, T, channels): every channel is the sum of a sine and a cosine."""

    def draw(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, channels).astype(np.float32)

    t = np.arange(steps, dtype=np.float32)[:, None]
    sine = 0.5 * draw(0.1, 0.3) * (np.sin(draw(0.01, 0.04) * t + draw(0.0, 20.0)) + 1)
    cosine = 0.5 * draw(0.1, 0.3) * (np.cos(draw(0.01, 0.05) * t + draw(0.0, 20.0)) + 1)
    return (np.float32(0.2) + sine + cosine)[None]


def noise(rng: np.random.Generator, steps: int, channels: int) -> np.ndarray:
    """One sequence (1, T, channels) of full rank: uniform in [0, 1), every element by itself."""
    return rng.random((1, steps, channels), np.float32)


def xor_classes(rng: np.random.Generator, steps: int, inputs: int, outputs: int, classes: int, examples: int):
    """Inputs (classes × examples, T, inputs) and targets (classes × examples, T, outputs).

    Targets are smoothed by a moving mean instead of a spline: what a step costs does not depend on their shape.
    """

    def draw(channels: int, low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, channels).astype(np.float32)

    def wave(channels, amplitude, frequency, phase) -> np.ndarray:
        t = np.arange(steps, dtype=np.float32)[:, None]
        return draw(channels, *amplitude) * np.cos(draw(channels, *frequency) * t + draw(channels, *phase))

    def perturbed(canonical: np.ndarray) -> np.ndarray:
        channels = canonical.shape[1]
        gain = wave(channels, (0.05, 0.1), (0.005, 0.05), (0.0, 1.0)) + 1
        return canonical * gain + wave(channels, (0.01, 0.05), (0.005, 0.05), (0.0, 1.0))

    x = np.empty((classes * examples, steps, inputs), np.float32)
    targets = np.empty((classes * examples, steps, outputs), np.float32)
    for k in range(classes):
        canonical = wave(inputs, (0.2, 0.4), (0.005, 0.03), (0.0, 1.0)) + 0.5
        pairs = [rng.choice(inputs, 2, replace=False) for _ in range(outputs)]
        high = np.stack([(canonical[:, a] > 0.5) != (canonical[:, b] > 0.5) for a, b in pairs], axis=1)
        square = np.where(high, 0.8, 0.2)
        smooth = np.stack([np.convolve(unit, np.full(51, 1 / 51), "same") for unit in square.T], axis=1)
        for e in range(k * examples, (k + 1) * examples):
            x[e], targets[e] = perturbed(canonical), perturbed(smooth)
    return x, targets
