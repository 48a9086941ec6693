"""Results as Markdown."""

import statistics


def spread(values: list[float]) -> str:
    """Median (least–most), with three digits."""

    def digits(value: float) -> str:
        return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"

    return f"{digits(statistics.median(values))} ({digits(min(values))}–{digits(max(values))})"


def ratios(results: dict[str, list[float]], name: str) -> list[float]:
    """How many times as long as burstnet a program took, in each round."""
    return [peer / own for peer, own in zip(results[name], results["burstnet"])]


def comparison(cases: list[dict]) -> str:
    """A row per case: times, then ratios."""
    peers = ["JAX", "JAX in blocks", "JAX by nodes", "NumPy", "Numba"]
    head = ["Case", "Unit", "burstnet", *peers, *(f"{peer} / burstnet" for peer in peers)]
    lines = [row(head), row(["---"] * (3 + 2 * len(peers)))]
    for case in cases:
        scale = 1.0 if case["unit"] == "s" else 1e6
        held = case["seconds"]
        times = [spread([scale * x for x in held[name]]) if name in held else "–" for name in ("burstnet", *peers)]
        times += [spread(ratios(held, peer)) if peer in held else "–" for peer in peers]
        lines.append(row([case["title"], case["unit"], *times]))
    notes = [f"- {case['title']}: {case['note']}." for case in cases if case["note"]]
    return "\n".join(lines + [""] + notes)


def costs(tables: dict[str, dict[str, list[float]]]) -> str:
    """A table per key: what a step of burstnet costs in microseconds."""
    parts = []
    for key, values in tables.items():
        lines = [row([key[0].upper() + key[1:], "µs/step"]), row(["---", "---"])]
        lines += [row([value, spread([1e6 * s for s in seconds])]) for value, seconds in values.items()]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
