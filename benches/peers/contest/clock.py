"""A search on a virtual clock: so many workers evaluate its trials, and each takes its own time."""

from __future__ import annotations

import heapq
import math
import time

from programs import METHODS
from tasks import TASKS, durations

#: The seconds that a trial takes on average. A proposal takes the time that it takes here.
TRIAL_SECONDS = 60.0


def run(job: tuple[str, str, int, int, int]) -> dict:
    """The truth of the best observed configuration after each result, and the time of the result in mean trials."""
    name, method, workers, trials, seed = job
    task = TASKS[name](seed)
    kind, strategy, _ = METHODS[method]
    search = kind(strategy, task, trials, seed, workers)
    lasts = durations(name, seed)
    running: list[tuple[float, int, object, dict]] = []
    now, begun, spent = 0.0, 0, 0.0
    best, truth, times, truths = math.inf, math.inf, [], []
    while True:
        while len(running) < workers and begun < trials:
            start = time.perf_counter()
            asked = search.ask()
            took = time.perf_counter() - start
            spent += took
            if asked is None:
                break
            now += took / TRIAL_SECONDS  # proposals are made one after the other
            heapq.heappush(running, (now + lasts(begun), begun, *asked))
            begun += 1
        if not running:
            break
        now_of, _, token, values = heapq.heappop(running)
        now = max(now, now_of)
        value = task.observe(values)
        start = time.perf_counter()
        search.tell(token, value)
        spent += time.perf_counter() - start
        if value < best:
            best, truth = value, task.truth(values)
        times.append(round(now, 3))
        truths.append(truth)
    return {"times": times, "truths": truths, "proposing": spent}
