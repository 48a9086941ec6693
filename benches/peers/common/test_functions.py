"""Branin, Hartmann's function of six variables and Rosenbrock's of ten, of points of the unit cube."""

import math


def branin(unit: list[float]) -> float:
    x, y = 15 * unit[0] - 5, 15 * unit[1]
    valley = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return valley * valley + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def rosenbrock10(unit: list[float]) -> float:
    x = [15 * u - 5 for u in unit]
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


ALPHA = [1.0, 1.2, 3.0, 3.2]
A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def hartmann6(unit: list[float]) -> float:
    far = [sum(a * (u - p) ** 2 for a, u, p in zip(A[at], unit, P[at])) for at in range(4)]
    return -sum(alpha * math.exp(-d) for alpha, d in zip(ALPHA, far))
