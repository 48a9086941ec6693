"""Every plot is drawn, describes itself, tells more when hovered, and has a table."""

import re

import pytest

from browser import PAGES, opened

# The plots of the page, and how many traces of each kind they have at least.
PLOTS = {
    "#ranking-plot": (".scatterlayer .trace", 24),
    "#shares-plot": (".barlayer .point", 3),
    "[data-effect='0']": (".scatterlayer .trace", 1),
    "[data-effect='1']": (".scatterlayer .trace", 1),
    "[data-effect='2']": (".scatterlayer .trace", 1),
    "#scatter-plot": (".scatterlayer .points path", 24),
    "#heatmap-plot": (".heatmaplayer image", 1),
    "#parallel-plot": (".scatterlayer .trace path.js-line", 5),
    "[data-curves] >> nth=0": (".scatterlayer .trace path.js-line", 2),
    "[data-curves] >> nth=1": (".scatterlayer .trace path.js-line", 2),
    "#replicates-plot": (".scatterlayer .trace", 6),
    "#differences-plot": (".scatterlayer .trace", 2),
}


def test_every_plot_is_drawn(page):
    assert page.locator(".plot").count() == len(PLOTS)
    for plot, (marks, least) in PLOTS.items():
        assert page.locator(plot).locator(marks).count() >= least, plot


def test_every_plot_says_what_it_shows(page):
    for plot in PLOTS:
        element = page.locator(plot)
        assert element.get_attribute("role") == "img"
        label = element.get_attribute("aria-label")
        assert len(label) > 40 and re.search(r"\d", label), label


def test_every_plot_has_a_table(page):
    for section in page.locator("section:has(.plot)").all():
        tables = section.locator("table.data")
        # The values of the replicates stand behind both of their plots.
        figures = section.locator("figure").count() - (section.get_attribute("id") == "replicates")
        assert tables.count() >= figures > 0, section.get_attribute("id")
        for table in tables.all():
            assert table.locator("caption").count() == 1
            assert table.locator("thead th:not([scope=col])").count() == 0


def hovers(page, plot, mark):
    page.locator(plot).scroll_into_view_if_needed()
    box = page.locator(plot).locator(mark).last.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2 - 3, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.wait_for_selector(f"{plot} .hoverlayer .hovertext", timeout=5000)
    return page.locator(f"{plot} .hoverlayer .hovertext").first.text_content()


@pytest.mark.parametrize("plot, mark, told", [
    ("#ranking-plot", ".points path", "configuration"),
    ("#shares-plot", ".barlayer .point path", "of the variance"),
    ("[data-effect='0']", ".points path", "learning_rate.hidden"),
    ("#scatter-plot", ".points path", "configuration"),
    ("#replicates-plot", ".points path", "replicate"),
    ("#heatmap-plot", ".heatmaplayer image", "configurations"),
    ("#differences-plot", ".points path", "less"),
])
def test_hovering_tells_more(page, plot, mark, told):
    assert told in hovers(page, plot, mark)


def test_the_axes_of_the_curves_switch(page):
    def kinds():
        return page.evaluate("[...document.querySelectorAll('[data-curves]')].map(p => [p._fullLayout.xaxis.type, p._fullLayout.yaxis.type])")

    assert kinds() == [["linear", "log"]] * 2
    page.get_by_role("button", name="Logarithmic steps").click()
    page.get_by_role("button", name="Logarithmic loss").click()
    assert kinds() == [["log", "linear"]] * 2


def test_intervals_within_replicates_and_of_the_mean(page):
    """Replicates differ much, so the intervals within them are the narrower ones; without any there is no bar."""
    heights = """[...document.querySelectorAll('[data-effect] .errorbar path')].map(path => path.getBBox().height)"""
    choice = page.locator("#effects-controls select")
    assert choice.input_value() == "within"
    within = page.evaluate(heights)
    choice.select_option("mean")
    of_the_mean = page.evaluate(heights)
    assert len(within) == len(of_the_mean) > 0 and sum(of_the_mean) > 1.5 * sum(within)
    choice.select_option("none")
    assert page.evaluate(heights) == []


def test_differences_from_the_best(page):
    state = """() => {
        const { data, _fullLayout } = document.querySelector('#ranking-plot');
        return [data.map(one => one.x[0]), _fullLayout.xaxis.title.text, data.filter(one => one.error_x).length];
    }"""
    differences, new_title, intervals = page.evaluate(state)  # what is shown first
    page.locator("#ranking-controls select").select_option("means")
    means, title, _ = page.evaluate(state)
    page.locator("#ranking-controls select").select_option("differences")
    assert new_title == f"difference in {title}"
    assert differences[0] == 0 and intervals == len(differences) - 1
    for mean, difference in zip(means, differences):
        assert abs(mean - means[0] - difference) < 1e-5 * max(means)
    assert "difference" in hovers(page, "#ranking-plot", ".points path")


def test_the_heat_map_shows_other_keys(page):
    page.locator("#heatmap-controls select").select_option(index=2)
    title = page.evaluate("document.querySelector('#heatmap-plot')._fullLayout.xaxis.title.text")
    chosen = page.locator("#heatmap-controls select").evaluate("select => select.selectedOptions[0].textContent")
    assert title in chosen
    assert title in page.locator("#heatmap-plot").get_attribute("aria-label")


@pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.html")))
def test_pages_of_every_shape(browser, name):
    with opened(browser, PAGES / f"{name}.html") as watched:
        page = watched.page
        for heading in ["What was swept", "What is best", "Which keys", "How do they act", "How did it learn", "How do replicates", "How to load", "Where the results"]:
            assert page.get_by_role("heading", name=heading).count() == 1, heading
        # No plot without marks: where there is nothing to show, a sentence says so.
        empty = page.evaluate("[...document.querySelectorAll('.plot')].filter(p => !p.querySelector('.trace, .heatmaplayer image, .barlayer .point')).map(p => p.id)")
        assert empty == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_there_are_pages_of_every_shape():
    names = {path.stem for path in PAGES.glob("*.html")}
    assert {"one-configuration", "one-replicate", "only-failures", "nothing-done", "running-shard", "twelve-keys", "kinds", "hostile", "many"} <= names


def test_another_measure_is_shown_where_keys_act(page):
    before = page.evaluate("document.querySelector(\"[data-effect='0']\").data[0].y")
    field = page.locator("#acting-controls select")
    names = field.locator("option").all_text_contents()
    assert names[0].startswith("train_loss") and len(names) > 2
    other = next(at for at, name in enumerate(names) if name.startswith("test_mae"))
    field.select_option(str(other))
    page.wait_for_timeout(200)
    # Each plot shows the means of that measure over the configurations of a level, and says so.
    assert page.evaluate("""() => {
        const { sweep } = burstnet, { keys, measures } = sweep.data;
        const { mean } = measures.find(({ name }) => name === 'test_mae');
        const over = rows => rows.reduce((sum, row) => sum + mean[row], 0) / rows.length;
        const near = (x, y) => Math.abs(x - y) <= 1e-9 * Math.abs(y);
        const effects = keys.every((key, at) => document.querySelector(`[data-effect='${at}']`).data[0].y
            .every((x, level) => near(x, over(sweep.rows.filter(row => key.level[row] === level)))));
        const scatter = document.querySelector('#scatter-plot').data[0].y.every((x, row) => x === mean[row]);
        const heat = document.querySelector('#heatmap-plot').getAttribute('aria-label');
        return effects && scatter && heat.startsWith('Heat map of mean test_mae');
    }""")
    assert "Mean test_mae" in page.locator("[data-effect='0']").get_attribute("aria-label")
    field.select_option("0")
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelector(\"[data-effect='0']\").data[0].y") == before
