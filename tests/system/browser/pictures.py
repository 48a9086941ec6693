"""Makes the pictures of docs/report.md and docs/debugging.md from the pages of the present program."""

import io
import os
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

import browser as browsers
import sweeps

FIGURES = browsers.ROOT / "docs" / "figures"
MOST_BYTES = 1_000_000


def save(png: bytes, name: str) -> int:
    """Saves a picture with as few colours as it can do with."""
    path = FIGURES / f"{name}.png"
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


def part(page, first: str, last: str) -> bytes:
    """The page from one element to another, as wide as its text."""
    section = page.locator("main > section, #growth-plot").first.bounding_box()
    boxes = [page.locator(which).first.bounding_box() for which in (first, last)]
    top, bottom = boxes[0]["y"] - 12, boxes[1]["y"] + boxes[1]["height"] + 12
    return page.screenshot(full_page=True, clip={"x": section["x"] - 16, "y": top, "width": section["width"] + 32, "height": bottom - top})


def two_trials(folder: Path) -> Path:
    """The page of docs/debugging.md: two trials of sweeps/first.yaml over each other."""
    for words, code in [
        (["sweep", str(browsers.ROOT / "sweeps" / "first.yaml"), "--out", "first"], 0),
        (["diff", "first:13", "first:5", "--page", "seed.html"], 4),
    ]:
        done = subprocess.run([os.environ["BURSTNET"], *words], cwd=folder, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
    return folder / "seed.html"


def main() -> None:
    total = 0
    with tempfile.TemporaryDirectory() as folder, browsers.chromium() as browser:
        report = sweeps.run(os.environ["BURSTNET"], Path(folder))
        hide = "document.getElementById('chosen').style.position = 'static'; scrollTo(0, 0)"
        with browsers.opened(browser, report, "#config=20") as watched:
            watched.page.evaluate(hide)
            for name, first, last in [
                ("best", "#best-title", "#ranking-plot"),
                ("keys", "#matters-title", "#shares-plot"),
                ("how", "#how-title", "#parallel-plot"),
                ("curves", "#learned-title", "#curves-plots"),
                ("replicates", "#replicates-title", "#differences-plot"),
            ]:
                total += save(part(watched.page, first, last), f"report-{name}")
        with browsers.opened(browser, report, "#config=20", color_scheme="dark") as watched:
            watched.page.evaluate(hide)
            total += save(part(watched.page, "#learned-title", "#curves-plots"), "report-dark")
        with browsers.opened(browser, report, width=390) as watched:
            total += save(watched.page.screenshot(), "report-phone")
        with browsers.opened(browser, two_trials(Path(folder))) as watched:
            total += save(part(watched.page, "#growth", "#growth-plot"), "debugging-growth")
            total += save(part(watched.page, "#outputs", "#output-plots"), "debugging-outputs")
    print(f"{total} bytes of pictures")
    assert total < MOST_BYTES, f"{total} bytes, expected fewer than {MOST_BYTES}"


if __name__ == "__main__":
    main()
