"""A headless Chromium without a network, and pages in it that are watched."""

from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[3]
PAGES = ROOT / "target" / "tmp" / "pages"
SCREENSHOTS = ROOT / "target" / "screenshots"
ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]


class Watched:
    """An open page, and everything that happened in it that should not have."""

    def __init__(self, page: Page):
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", self.request)

    def request(self, request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.complaints.append(f"request: {request.url}")

    def open(self, path: Path, fragment: str = "") -> Page:
        self.page.goto(f"file://{path}{fragment}")
        self.drawn()
        return self.page

    def drawn(self) -> None:
        """Waits until every plot is drawn."""
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('.plot')].every(plot => plot.dataset.drawn === 'true')", timeout=60_000
        )

    def check(self) -> None:
        assert self.complaints == []


@contextmanager
def chromium():
    """A browser that ends when the block does."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def opened(browser, path: Path, fragment: str = "", width: int = 1400, **options):
    """A page from a file, with networking off; fails if it complained of anything."""
    context = browser.new_context(viewport={"width": width, "height": 1000}, offline=True, **options)
    watched = Watched(context.new_page())
    watched.open(path, fragment)
    yield watched
    watched.check()
    context.close()
