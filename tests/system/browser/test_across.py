"""The page of two sweeps beside each other."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

import sweeps
from browser import ROOT, SCREENSHOTS, opened

COMPARED = ROOT / "target" / "tmp" / "compared"
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def comparison(tmp_path_factory):
    """The page of the sweep that most tests show beside one with other signals and other values of a key."""
    folder = tmp_path_factory.mktemp("across")
    run = sweeps.commands(os.environ["BURSTNET"], folder)
    run("sweep", "bursts.yaml", "--out", "bursts")
    other = ["--set", "signals.amplitude=[0.05, 0.15]", "--set", "search.space.feedback.density=[0.1, 0.5, 0.8]"]
    run("sweep", "bursts.yaml", "--out", "quiet", *other)
    run("report", "bursts", "quiet")
    return folder / "comparison.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_it_opens(browser, comparison, width, scheme):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with opened(browser, comparison, width=width, color_scheme=scheme) as watched:
        page = watched.page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=SCREENSHOTS / f"comparison-{width}-{scheme}.png")
        page.screenshot(path=SCREENSHOTS / f"comparison-{width}-{scheme}-whole.png", full_page=True)
        assert "quiet is " in page.locator("h1").text_content() and "train_loss" in page.locator("h1").text_content()
        assert page.locator("#first svg[role=img]").count() == 3
        if width == 1400:
            # The plots and the sweeps stand on the first screen.
            assert page.locator("#first svg[role=img]").first.bounding_box()["y"] < 700
            assert page.get_by_role("region", name="Sweeps", exact=True).bounding_box()["y"] < 1000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(browser, comparison, scheme):
    with opened(browser, comparison, color_scheme=scheme) as watched:
        watched.page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
        found = Axe().run(watched.page).response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found if one["impact"] in SERIOUS] == []


def test_tables_are_sorted_by_keyboard(browser, comparison):
    with opened(browser, comparison) as watched:
        page = watched.page
        cells = "[...document.querySelectorAll('#configurations tbody td:nth-last-child(3)')].map(cell => Number(cell.dataset.value))"
        before = page.evaluate(cells)
        assert len(before) == 16 and before == sorted(before)
        page.get_by_role("button", name="Difference").focus()
        for expected in (sorted(before), sorted(before, reverse=True)):
            page.keyboard.press("Enter")
            assert page.evaluate(cells) == expected


def test_paper_and_no_scripts(browser, comparison):
    with opened(browser, comparison, color_scheme="dark") as watched:
        watched.page.emulate_media(media="print", color_scheme="dark")
        assert watched.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert len(watched.page.pdf(format="A4")) > 20_000
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{comparison}")
    assert page.locator("#first svg[role=img] circle").first.is_visible()
    assert page.get_by_role("heading", name="Configurations that both have").is_visible()
    context.close()


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("name", ["hostile", "many", "little"])
def test_pages_of_every_shape(browser, name, width):
    with opened(browser, COMPARED / f"{name}.html", width=width) as watched:
        page = watched.page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("window.hit") is None and page.locator("main b, main img, main i").count() == 0
        page.screenshot(path=SCREENSHOTS / f"comparison-{name}-{width}.png")
