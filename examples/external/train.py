"""A small training script with options, as many are: it knows nothing of burstnet.

It fits a line to noisy points by gradient descent and prints its results among log lines. train.yaml sweeps it unchanged.
"""

import argparse
import logging
import random
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--batch-sizes", type=int, nargs="+", default=[8])
parser.add_argument("--seed", type=int, default=0)
arguments = parser.parse_args()
logging.basicConfig(stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)

numbers = random.Random(arguments.seed)
points = [(x, 3 * x - 1 + numbers.gauss(0, 0.1)) for x in (numbers.uniform(-1, 1) for _ in range(200))]
train, test = points[:150], points[150:]
slope = offset = 0.0


def error(points):
    """Return the mean squared error of the line."""
    return sum((slope * x + offset - y) ** 2 for x, y in points) / len(points)


logging.info("training on %d points", len(train))
for epoch in range(arguments.epochs):
    for size in arguments.batch_sizes:
        batch = numbers.sample(train, size)
        errors = [(slope * x + offset - y, x) for x, y in batch]
        slope -= arguments.lr * sum(e * x for e, x in errors) / size
        offset -= arguments.lr * sum(e for e, _ in errors) / size
    logging.info("epoch %d: loss %.6f", epoch, error(train))
logging.info("[Result] slope=%.6f offset=%.6f test_error=%.6f", slope, offset, error(test))
print("done")
