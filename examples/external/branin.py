"""The Branin function as an external program: it reads a configuration and prints a measure.

burstnet starts it once per trial (docs/external-programs.md):

    burstnet sweep examples/external/branin.yaml --allow-command

Your own model goes in place of `branin`. Print nothing else on standard output; standard error is yours, and its end is
kept if a trial fails.
"""

import json
import math
import random
import sys


def branin(x, y):
    """A standard test function with three minima of 0.397887, for instance at (pi, 2.275)."""
    b, c, t = 5.1 / (4 * math.pi**2), 5 / math.pi, 1 / (8 * math.pi)
    return (y - b * x**2 + c * x - 6) ** 2 + 10 * (1 - t) * math.cos(x) + 10


# One line of JSON: the configuration by sections, the seed of the replicate, and the budget if the sweep file names one.
trial = json.load(sys.stdin)
configuration, seed, epochs = trial["configuration"], trial["seed"], trial["budget"]

# Everything random comes from the seed: the same trial then gives the same measures again.
noise = random.Random(seed)
value = branin(configuration["x"], configuration["y"])

# As often as you like: points of a loss curve. Here the noise gets smaller, as if something were learned.
for epoch in range(epochs):
    loss = value + noise.gauss(0, configuration["noise"]["size"]) / (epoch + 1)
    print(json.dumps({"curve": {"step": epoch, "loss": loss}}))

# A trial whose numbers went out of bounds has no measures: print {"diverged": "why"} then.
# Once, all measures that the sweep file names; null (None) where one is not defined.
print(json.dumps({"measures": {"value": loss, "distance": abs(loss - 0.397887)}}))
