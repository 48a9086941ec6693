"""The page of two trials over each other."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

import sweeps
from browser import SCREENSHOTS, opened

SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def difference(tmp_path_factory):
    """The page of a trial and itself with another learning rate."""
    folder = tmp_path_factory.mktemp("difference")
    run = sweeps.commands(os.environ["BURSTNET"], folder)
    run("sweep", "bursts.yaml", "--out", "r")
    run("diff", "r:0", "--set", "learning_rate.hidden=0.123", "--page", "difference.html", expect=4)
    return folder / "difference.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_every_plot_is_drawn(browser, difference, width, scheme):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with opened(browser, difference, width=width, color_scheme=scheme) as watched:
        page = watched.page
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=SCREENSHOTS / f"difference-{width}-{scheme}.png", full_page=True)
        for place in ["growth-plot", "output-plots", "unit-plots", "curve-plots", "weight-plots"]:
            plots = page.locator(f"#{place} .plot, #{place}.plot")
            assert plots.count() > 0 and plots.count() == page.locator(f"#{place} .plot .main-svg:first-child").count(), place


def test_units_and_passes_are_chosen(browser, difference):
    with opened(browser, difference) as watched:
        page = watched.page
        line = "document.querySelector('#unit-plots .plot').data[0].y.slice(0, 50).join()"
        before = page.evaluate(line)
        unit = page.locator("#unit-controls select").last
        unit.select_option(index=(unit.evaluate("select => select.selectedIndex") + 1) % 2)
        assert page.evaluate(line) != before
        page.locator("#steps-controls select").select_option(index=0)
        assert page.locator("#output-plots .plot").count() == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(browser, difference, scheme):
    with opened(browser, difference, color_scheme=scheme) as watched:
        found = Axe().run(watched.page).response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found if one["impact"] in SERIOUS] == []
