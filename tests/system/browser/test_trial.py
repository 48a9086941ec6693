"""The page of one trial: every plot is drawn, units and steps can be chosen, and it reads well on any screen."""

import os
import subprocess

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from browser import SCREENSHOTS, opened

SERIOUS = ("serious", "critical")
HOSTILE = "it's <b>&amp; $x^2$"
SWEEP = """\
name: paged
seed: 2017
replicates: 2
base:
  network: {layers: [100, 60, 3]}
  signals: {length: 600}
  training: {epochs: 30}
  feedback: {density: 0.6}
  evaluation: {generation: true}
search:
  space:
    learning_rate.hidden: [0.0, 1.0]
    learning_rate.output: [0.05, 1.0e+9]
"""
# Trials of these: diverged at once, ok with hidden layers that learn, and sequences of classes.
CLASSES = ["--set", "signals.kind=xor_classes", "--set", "signals.classes=5", "--set", "signals.length=300"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trial")
    (folder / "s.yaml").write_text(SWEEP)
    deep = ["--set", "network.layers=[40, 30, 20, 10, 3]", *CLASSES, "--set", "training.epochs=3"]
    for out, sets in [("r", []), (HOSTILE, []), ("deep", deep)]:
        run(folder, "sweep", "s.yaml", "--out", out, *sets)
    return folder


def run(folder, *arguments, expect=0):
    done = subprocess.run([os.environ["BURSTNET"], *map(str, arguments)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stdout + done.stderr


@pytest.fixture(scope="module")
def paged(folder):
    """A function that draws a trial and returns its page."""
    pages = {}

    def draw(results, trial, *arguments):
        key = (results, trial, arguments)
        if key not in pages:
            pages[key] = folder / f"{len(pages)}.html"
            run(folder, "report", results, "--trial", trial, "--out", pages[key].name, *arguments)
        return pages[key]

    return draw


@pytest.fixture
def page(browser, paged):
    with opened(browser, paged("r", 4)) as watched:
        yield watched.page


def heatmap(page, at=0):
    """Rows, columns and steps of the first panel of a quantity."""
    return page.evaluate("""at => {
        const { z, x, y } = document.querySelectorAll('#activity-plots .plot')[at].data[0];
        return { units: y, columns: z[0].length, first: x[0], last: x.at(-1) };
    }""", at)


def test_every_plot_is_drawn_and_says_what_it_shows(page):
    plots = page.evaluate("""() => [...document.querySelectorAll('.plot')].map(plot => [
        plot.closest('[id]').id, plot.querySelectorAll('svg').length, plot.getAttribute('aria-label'), plot.data.length,
        plot.querySelectorAll('.heatmaplayer image').length, plot.querySelectorAll('.scatterlayer .trace').length])""")
    places = [place for place, *_ in plots]
    expected = {"output-plots": 3, "generation-plots": 3, "activity-plots": 3, "unit-plot": 1, "curve-plots": 2, "alignment-plot": 1, "weight-plots": 3}
    assert {place: places.count(place) for place in set(places)} == expected
    for place, drawings, label, traces, images, lines in plots:
        assert drawings > 0 and traces > 0 and len(label) > 40, place
        assert images == (3 if place in ("activity-plots", "weight-plots") else 0), place
        assert (lines > 0) == (images == 0), place


def test_nothing_is_drawn_with_webgl(page):
    assert page.evaluate("document.querySelectorAll('canvas').length") == 0


def test_first_epoch_and_test_pass_have_the_same_axes(page):
    axes = page.evaluate("""() => [...document.querySelectorAll('#output-plots .plot')].map(({ _fullLayout: l }) =>
        [l.xaxis.range, l.xaxis2.range, l.yaxis.range, l.yaxis2.range, l.yaxis.domain[0] > l.yaxis2.domain[1]])""")
    assert axes == [[[0, 600], [0, 600], [-0.1, 1.02], [-0.1, 1.02], True]] * 3
    page.get_by_role("button", name="Last epoch too").click()
    assert page.evaluate("document.querySelector('#output-plots .plot').data.length") == 9


def test_taught_steps_are_marked(page):
    marks = page.evaluate("document.querySelector('#output-plots .plot').data.map(t => t.mode === 'markers' ? t.x : null)")
    first, test = marks[2], marks[5]
    assert test == [] and first == page.evaluate("trial.recording.first[0].taught") and len(first) > 5


def test_units_are_chosen(page):
    assert len(heatmap(page)["units"]) == 32
    field = page.get_by_label("Units", exact=True)
    field.fill("0-9, 20")
    field.press("Enter")
    recorded = page.evaluate("trial.scope.units[0]")
    wanted = [str(unit) for unit in recorded if unit <= 9 or unit == 20]
    assert all(heatmap(page, at)["units"] == wanted for at in range(3))
    for text, problem in [("x", "is no unit"), ("1000", "None of these units")]:
        field.fill(text)
        field.press("Enter")
        assert problem in page.locator("#units-problem").text_content()
        assert field.get_attribute("aria-invalid") == "true" and heatmap(page)["units"] == wanted
    field.fill("")
    field.press("Enter")
    assert len(heatmap(page)["units"]) == 32 and page.locator("#units-problem").text_content() == ""


def test_units_are_ordered(page):
    before = heatmap(page)["units"]
    assert before == sorted(before, key=int)
    for order in ("peak", "spread"):
        page.get_by_label("Order by").select_option(order)
        after = heatmap(page)["units"]
        assert after != before and sorted(after, key=int) == before
    page.get_by_label("Order by").select_option("peak")
    peaks = page.evaluate("document.querySelector('#activity-plots .plot').data[2].z.map(row => row.indexOf(Math.max(...row)))")
    assert peaks == sorted(peaks)


def test_activity_against_the_median(page):
    page.get_by_role("button", name="Difference from each unit").click()
    scale = page.evaluate("[...document.querySelectorAll('#activity-plots .plot')].map(({ _fullLayout: { coloraxis: c } }) => c.cmin + c.cmax)")
    assert scale == [0, 0, 0]
    middle = page.evaluate("trial.quantile(document.querySelector('#activity-plots .plot').data[0].z[0], 0.5)")
    assert abs(middle) < 0.02


def test_one_unit_is_chosen_by_list_and_by_click(page):
    label = lambda: page.locator("#unit-plot .plot").get_attribute("aria-label")
    page.locator("#unit-controls select").select_option(index=3)
    assert f"unit {page.evaluate('trial.scope.units[0][3]')} of" in label()
    row = page.locator("#activity-plots .plot").first
    row.scroll_into_view_if_needed()
    box = row.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + box["height"] - 8)
    page.mouse.move(box["x"] + 52, box["y"] + box["height"] - 4, steps=3)
    page.wait_for_timeout(150)
    page.mouse.click(box["x"] + 52, box["y"] + box["height"] - 4)
    page.wait_for_function("document.querySelector('#unit-plot .plot').getAttribute('aria-label').includes(`unit ${trial.scope.units[0].at(-1)} of`)")


def test_steps_are_chosen(page):
    page.get_by_label("Steps from").fill("100")
    page.get_by_label("to", exact=True).fill("160")
    page.get_by_label("to", exact=True).press("Enter")
    assert heatmap(page) | {"units": None} == {"units": None, "columns": 60, "first": 100, "last": 159}
    ranges = page.evaluate("[...document.querySelectorAll('#output-plots .plot, #unit-plot .plot')].map(p => p._fullLayout.xaxis.range)")
    assert ranges == [[100, 160]] * 4
    field = page.get_by_label("Steps from")
    field.fill("500")
    field.press("Enter")
    assert field.get_attribute("aria-invalid") == "true" and heatmap(page)["last"] == 159
    page.get_by_role("button", name="All steps").click()
    assert heatmap(page)["last"] > 590


def test_hovering_tells_the_values(page):
    for plot in ("#output-plots .plot", "#activity-plots .plot", "#weight-plots .plot"):
        element = page.locator(plot).first
        element.scroll_into_view_if_needed()
        box = element.locator(".nsewdrag").first.bounding_box()
        page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2 - 2)
        for down in range(0, int(box["height"] / 2), 4):
            page.mouse.move(box["x"] + 64, box["y"] + box["height"] / 2 + down)
            if page.locator(f"{plot} .hoverlayer text").count():
                break
        page.wait_for_function("plot => document.querySelector(plot).querySelector('.hoverlayer text')", arg=plot)


def test_weights_are_centred_at_zero(page):
    axes = page.evaluate("""() => [...document.querySelectorAll('#weight-plots .plot')].map(({ _fullLayout: l }) =>
        [l.coloraxis.cmin + l.coloraxis.cmax, l.coloraxis2.cmin + l.coloraxis2.cmax])""")
    assert axes == [[0, 0]] * 3
    absent = page.evaluate("document.querySelectorAll('#weight-plots .plot')[1].data[0].z.flat().filter(Number.isNaN).length")
    assert absent == page.evaluate("(() => { const { shape, last } = trial.recording.weights[2]; return shape[0] * shape[1] - last.statistics.existing; })()")
    assert absent > 20


def test_tables_stand_behind_the_plots(page):
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    rows = {place: page.locator(f"#{place} tbody tr").count() for place in ("output-table", "activity-table", "alignment-table", "weight-table")}
    assert rows == {"output-table": 12, "activity-table": 25, "alignment-table": 25, "weight-table": 6}
    page.locator("#weight-table thead button", has_text="Largest").click()


def test_sequences_and_layers_are_chosen(browser, paged):
    with opened(browser, paged("deep", 4)) as watched:
        page = watched.page
        assert "the first training example of the first 4 classes" in page.locator("main").text_content()
        before = page.evaluate("document.querySelector('#output-plots .plot').data[0].y")
        page.locator("#window select").select_option(label="class 2")
        assert page.evaluate("document.querySelector('#output-plots .plot').data[0].y") != before
        page.locator("#activity-controls select").first.select_option(index=2)
        assert heatmap(page)["units"] == [str(unit) for unit in range(10)]
        assert page.evaluate("document.querySelector('#alignment-plot .plot').data.length") == 3


def test_a_diverged_trial(browser, paged):
    with opened(browser, paged("r", 2)) as watched:
        assert "diverged" in watched.page.locator(".facts").text_content()
        texts = watched.page.locator("#output-plots .plot").first.text_content()
        assert "diverged here" in texts and "Test pass" not in texts


def test_hostile_names_stay_texts(browser, paged):
    with opened(browser, paged(HOSTILE, 0)) as watched:
        page = watched.page
        assert page.locator(".facts dd").first.text_content() == HOSTILE
        assert "burstnet rerun 'it'\\''s <b>&amp; $x^2$' --trial 0" in page.locator("#again ~ .copy pre").first.text_content()
        assert page.locator("main b").count() == page.locator("main .plot b").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("results, trial", [("r", 4), ("r", 2), ("deep", 4)])
def test_screenshots(browser, paged, results, trial, width, scheme):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with opened(browser, paged(results, trial), width=width, color_scheme=scheme) as watched:
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        path = SCREENSHOTS / f"trial-{results}-{trial}-{width}-{scheme}.png"
        watched.page.screenshot(path=path, full_page=True)
        with Image.open(path) as image:
            assert image.width == width and image.height > 2500


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("results, trial", [("r", 4), ("r", 2), ("deep", 4)])
def test_accessibility(browser, paged, results, trial, scheme):
    with opened(browser, paged(results, trial), color_scheme=scheme) as watched:
        page = watched.page
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
        page.wait_for_timeout(500)
        found = Axe().run(page).response["violations"]
        serious = [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found if one["impact"] in SERIOUS]
        assert serious == []


def test_keyboard_reaches_every_control(page):
    reached = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    controls = page.evaluate("[...document.querySelectorAll('.controls :is(button, input, select)')].map(one => one.outerHTML.slice(0, 120))")
    assert set(controls) <= reached
