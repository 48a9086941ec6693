"""A worker: a program that is started once per thread and serves trial after trial (docs/external-programs.md).

    burstnet sweep examples/external/worker.yaml --allow-command

Whatever takes long at the start, such as importing libraries or loading data, happens once. Your own model goes in place of
`descend`.
"""

import json
import math
import random
import sys

# What all trials share: here a data set. No trial may change it.
DATA = [(i / 100, 2 * (i / 100) - 1) for i in range(100)]


def descend(rate, momentum, seed):
    """Fits a line to the data by stochastic gradient descent, and yields the loss of each epoch."""
    draws = random.Random(seed)  # everything random comes from the seed, so a trial does not depend on those before it
    slope, intercept, velocity = draws.gauss(0, 1), draws.gauss(0, 1), [0.0, 0.0]
    for _ in range(20):
        for x, y in draws.sample(DATA, len(DATA)):
            error = slope * x + intercept - y
            velocity = [momentum * velocity[0] - rate * error * x, momentum * velocity[1] - rate * error]
            slope, intercept = slope + velocity[0], intercept + velocity[1]
        yield sum((slope * x + intercept - y) ** 2 for x, y in DATA) / len(DATA)


def say(line):
    print(json.dumps(line))


def serve(configuration, seed):
    """Prints the answer to a request."""
    for epoch, loss in enumerate(descend(configuration["rate"], configuration["momentum"], seed)):
        if not math.isfinite(loss):
            return say({"diverged": f"the loss is {loss} at epoch {epoch}"})
        say({"curve": {"step": epoch, "loss": loss}})
    say({"measures": {"loss": loss}})


for line in sys.stdin:  # one line per trial, until burstnet closes the input
    request = json.loads(line)
    try:
        serve(request["configuration"], request["seed"])
        say({"id": request["id"]})
    except ArithmeticError as error:  # the trial failed; the worker stays
        say({"id": request["id"], "failed": f"{type(error).__name__}: {error}"})
    sys.stdout.flush()
