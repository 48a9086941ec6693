"""How busy threads are in searches with a lag, computed from the times of trials; `idle.py` uses it."""

import heapq
import random
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator

Times = list[float]
Due = Iterator[tuple[int, float]]  # rank and seconds of the trials that may start now


def busy(threads: int, search: "Search") -> float:
    """Which part of the threads' time is work: of the trials that may start, those of the highest rank go first."""
    now = work = 0.0
    due: list[tuple[int, int, int, float]] = []
    running: list[tuple[float, int, int]] = []
    while True:
        for rank, config, seconds in search.due():
            heapq.heappush(due, (-rank, config, rank, seconds))
        while due and len(running) < threads:
            _, config, rank, seconds = heapq.heappop(due)
            work += seconds
            heapq.heappush(running, (now + seconds, config, rank))
        if not running:
            return work / (threads * now)
        now, config, rank = heapq.heappop(running)
        search.end(config, rank)


class Search:
    """Configurations that all run to the end: configuration k starts once 0 to k − lag are complete."""

    def __init__(self, times: Times, lag: int) -> None:
        self.times, self.lag = times, lag
        self.next = self.complete = 0
        self.ended: set[int] = set()

    def due(self) -> Iterator[tuple[int, int, float]]:
        while self.complete in self.ended:
            self.complete += 1
        while self.next < min(len(self.times), self.complete + self.lag):
            yield 0, self.next, self.times[self.next]
            self.next += 1

    def end(self, config: int, _rank: int) -> None:
        self.ended.add(config)


class Rounds(Search):
    """All trials of a round are awaited before the next one; the lag is the size of a round."""

    def due(self) -> Iterator[tuple[int, int, float]]:
        if len(self.ended) == self.next:
            first = self.next
            self.next = min(len(self.times), first + self.lag)
            yield from ((0, config, self.times[config]) for config in range(first, self.next))


class Halving:
    """Asynchronous halving in a fixed order, as burstnet has it; brackets start at each of the rungs in `starts`."""

    def __init__(self, times: Times, lag: int, factor: int, rungs: list[int], sizes: list[int]) -> None:
        draw = random.Random(1)
        self.times, self.lag, self.factor, self.rungs = times, lag, factor, rungs
        self.value = [draw.random() for _ in times]
        self.noise = [[draw.gauss(0, 0.2) for _ in rungs] for _ in times]
        cycle = [rung for rung, size in enumerate(sizes) for _ in range(size)]
        self.start = [cycle[at % len(cycle)] for at in range(len(times))]
        self.entered = len(times)
        self.brackets = [Bracket(self, first) for first in range(len(sizes))]

    def due(self) -> Iterator[tuple[int, int, float]]:
        for bracket in self.brackets:
            for rung, config in bracket.due():
                before = self.rungs[rung - 1] if rung > bracket.first else 0
                yield rung, config, self.times[config] * (self.rungs[rung] - before) / self.rungs[-1]

    def end(self, config: int, rung: int) -> None:
        self.brackets[self.start[config]].ended.add((config, rung))

    def loss(self, config: int, rung: int) -> float:
        return self.value[config] + self.noise[config][rung] / (rung + 1)


class Proposed(Halving):
    """Halving of configurations that a strategy proposes: what becomes due at a tick counts a lag later."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.clock = Halving(*arguments)
        self.entered = self.clock.entered = 0
        self.ticks: deque[list[tuple[int, int]]] = deque()

    def due(self) -> Iterator[tuple[int, int, float]]:
        yield from super().due()
        while self.entered < len(self.times) and self.counts():
            self.ticks.append([(config, rung) for rung, config, _ in self.clock.due()])
            self.entered += 1
            self.clock.entered += 1
            self.ticks[-1] += [(config, rung) for rung, config, _ in self.clock.due()]
            yield from super().due()

    def counts(self) -> bool:
        """Whether the results that count at the next tick are there, which the clock takes in then."""
        if len(self.ticks) < self.lag:
            return True
        if not all(step in self.brackets[self.start[step[0]]].ended for step in self.ticks[0]):
            return False
        for config, rung in self.ticks.popleft():
            self.clock.end(config, rung)
        return True


class Bracket:
    """Configurations that start at the same rung."""

    def __init__(self, race: Halving, first: int) -> None:
        self.race, self.first = race, first
        self.members = [config for config, start in enumerate(race.start) if start == first]
        count = len(race.rungs) - first
        self.reached: list[list[int]] = [[] for _ in range(count)]
        self.taken = [0] * count
        self.gone_on: list[set[int]] = [set() for _ in range(count)]
        self.ended: set[tuple[int, int]] = set()

    def due(self) -> Iterator[tuple[int, int]]:
        closed = True
        for at, reached in enumerate(self.reached):
            rung = self.first + at
            while self.taken[at] < len(reached) and (reached[self.taken[at]], rung) in self.ended:
                self.taken[at] += 1
                if at + 1 < len(self.reached):
                    yield from self.promote(at, rung, self.taken[at] // self.race.factor)
            if at == 0:
                until = min(bisect_left(self.members, self.race.entered), self.taken[0] + self.race.lag)
                for config in self.members[len(reached) : until]:
                    reached.append(config)
                    yield rung, config
                closed = len(reached) == len(self.members)
            closed = closed and self.taken[at] == len(reached)
            if closed and reached and at + 1 < len(self.reached) and not self.gone_on[at]:
                yield from self.promote(at, rung, 1)

    def promote(self, at: int, rung: int, count: int) -> Iterator[tuple[int, int]]:
        known = self.reached[at][: self.taken[at]]
        for config in sorted(known, key=lambda config: (self.race.loss(config, rung), config))[:count]:
            if config not in self.gone_on[at]:
                self.gone_on[at].add(config)
                self.reached[at + 1].append(config)
                yield rung + 1, config


def halving(factor: int, kind=Halving):
    return lambda times, threads: busy(threads, kind(times, factor * threads, 2, [4, 7, 14, 27], [1]))


def hyperband(factor: int, kind=Halving):
    return lambda times, threads: busy(threads, kind(times, factor * threads, 3, [3, 9, 27], [9, 5, 3]))


#: By name: a function of the times and the number of threads.
SEARCHES: dict[str, Callable[[Times, int], float]] = {
    "`random`": lambda times, threads: busy(threads, Search(times, len(times))),
    "`tpe`, rounds of twice the threads": lambda times, threads: busy(threads, Rounds(times, 2 * threads)),
    "`tpe`, a lag of once the threads": lambda times, threads: busy(threads, Search(times, threads)),
    "`tpe`, a lag of twice the threads": lambda times, threads: busy(threads, Search(times, 2 * threads)),
    "`tpe`, a lag of three times the threads": lambda times, threads: busy(threads, Search(times, 3 * threads)),
    "`successive_halving`, a lag of twice the threads": halving(2),
    "`successive_halving`, a lag of three times the threads": halving(3),
    "`hyperband`, a lag of twice the threads": hyperband(2),
    "`hyperband`, a lag of three times the threads": hyperband(3),
    "`tpe` with `successive_halving`, a lag of three times the threads": halving(3, Proposed),
    "`tpe` with `successive_halving`, a lag of four times the threads": halving(4, Proposed),
    "`tpe` with `hyperband`, a lag of three times the threads": hyperband(3, Proposed),
    "`tpe` with `hyperband`, a lag of four times the threads": hyperband(4, Proposed),
}
