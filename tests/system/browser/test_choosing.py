"""A configuration that is chosen anywhere is seen everywhere, and ranges keep configurations."""

import pytest

from browser import opened, until


def chosen(page):
    """Where a configuration is seen as chosen: the bar, the address, rows, and points of plots."""
    return page.evaluate("""() => ({
        bar: document.getElementById('chosen').hidden ? null : document.getElementById('chosen-name').textContent,
        address: location.hash,
        rows: [...new Set([...document.querySelectorAll('tr.chosen')].map(row => row.dataset.config))],
        ranking: document.querySelector('#ranking-plot').data.filter(t => t.marker.symbol === 'diamond').map(t => t.customdata[0]),
        effects: [...document.querySelectorAll('[data-effect]')].map(p => p.data.length),
        heatmap: document.querySelector('#heatmap-plot').layout.shapes.length,
        parallel: document.querySelector('#parallel-plot').data.filter(t => t.line?.width === 3).length,
        curves: document.querySelector('[data-curves]').data.filter(t => t.customdata).map(t => t.customdata[0]),
        replicates: document.querySelector('#replicates-plot').data[0].customdata,
    })""")


def check(page, number):
    until(page, f"location.hash === '#config={number}'")
    page.wait_for_timeout(300)
    seen = chosen(page)
    assert seen["bar"].startswith(f"Configuration {number},")
    listed = page.locator(f"tr[data-config='{number}']").count() > 0  # tables show their first rows
    assert seen["rows"] == ([str(number)] if listed else [])
    assert seen["ranking"] == [number]
    assert all(traces == 2 for traces in seen["effects"])
    assert seen["heatmap"] == 1 and seen["parallel"] == 1
    assert number in seen["curves"] and number in seen["replicates"]


def click(page, plot, mark, which=0):
    element = page.locator(plot)
    element.scroll_into_view_if_needed()
    box = element.locator(mark).nth(which).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y, steps=3)
    page.wait_for_timeout(100)
    page.mouse.click(x, y)


def test_nothing_is_chosen_at_first(page):
    seen = chosen(page)
    assert seen["bar"] is None and seen["address"] == "" and seen["rows"] == [] and seen["ranking"] == []


def test_by_a_row(page):
    row = page.locator("#ranking-table tbody tr").nth(4)
    number = int(row.get_attribute("data-config"))
    row.locator("td").nth(2).click()
    check(page, number)
    assert chosen(page)["rows"] == [str(number)]


def test_by_keyboard(page):
    button = page.locator("#ranking-table tbody button").nth(2)
    number = int(button.text_content())
    button.focus()
    page.keyboard.press("Enter")
    check(page, number)
    page.get_by_label("Configuration", exact=False).and_(page.locator("#chosen-id")).fill("7")
    page.keyboard.press("Enter")
    check(page, 7)
    page.get_by_role("button", name="Details").click()
    assert "learning_rate.hidden" in page.locator("#chosen-body").text_content()
    assert "--config 7" in page.locator("#chosen-body").text_content()
    page.get_by_role("button", name="Clear", exact=True).click()
    assert chosen(page)["bar"] is None and chosen(page)["address"] == ""


def test_by_a_point(page):
    click(page, "#ranking-plot", ".points path", 3)
    number = page.evaluate("document.querySelector('#ranking-plot').data[3].customdata[0]")
    check(page, number)


def test_by_a_cell(page):
    page.locator("#heatmap-plot").scroll_into_view_if_needed()
    box = page.locator("#heatmap-plot .heatmaplayer image").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.move(box["x"] + 12, box["y"] + 12, steps=3)
    page.wait_for_timeout(100)
    page.mouse.click(box["x"] + 12, box["y"] + 12)
    until(page, "location.hash !== ''")
    number = int(page.evaluate("location.hash.slice(8)"))
    check(page, number)
    # It is the best configuration of that cell.
    assert page.evaluate("""number => {
        const { sweep } = burstnet, { keys, pairs } = sweep.data, { a, b } = pairs[0];
        const row = sweep.rowOf.get(number);
        const same = sweep.rows.filter(r => keys[a].level[r] === keys[a].level[row] && keys[b].level[r] === keys[b].level[row]);
        return same[0] === row && keys[a].level[row] === keys[a].levels.length - 1 && keys[b].level[row] === 0;
    }""", number)


def test_by_a_line(page):
    click(page, "#replicates-plot", ".points path", 2)
    until(page, "location.hash !== ''")
    check(page, int(page.evaluate("location.hash.slice(8)")))


def test_by_the_address(browser, report):
    with opened(browser, report, "#config=11") as watched:
        check(watched.page, 11)
    with opened(browser, report, "#config=4711") as watched:
        assert chosen(watched.page)["bar"] is None


def test_ranges_by_dragging(page):
    plot = page.locator("#parallel-plot")
    plot.scroll_into_view_if_needed()
    box = page.evaluate("""() => {
        const plot = document.querySelector('#parallel-plot'), area = plot.querySelector('.nsewdrag').getBoundingClientRect();
        const { xaxis, yaxis } = plot._fullLayout;
        return { x: [0, 1].map(at => area.left + xaxis.l2p(at)), y: [0, 0.5, 1].map(at => area.top + yaxis.l2p(at)) };
    }""")
    kept = lambda: page.evaluate("burstnet.sweep.kept.filter(Boolean).length")
    rows = lambda: page.evaluate("Math.max(...[...document.querySelectorAll('#ranking-table tbody tr')].map((row, at) => at + 1))")
    assert kept() == 24
    # The upper half of the first axis: two of four rates.
    page.mouse.move(box["x"][0] - 10, box["y"][2] - 4)
    page.mouse.down()
    page.mouse.move(box["x"][0], box["y"][1], steps=4)
    page.mouse.move(box["x"][0] + 10, box["y"][1], steps=4)
    page.mouse.up()
    until(page, "burstnet.sweep.kept.filter(Boolean).length === 12")
    # And the lower part of the second one: two of three densities.
    page.mouse.move(box["x"][1] - 10, box["y"][1])
    page.mouse.down()
    page.mouse.move(box["x"][1] + 10, box["y"][0] + 4, steps=6)
    page.mouse.up()
    until(page, "burstnet.sweep.kept.filter(Boolean).length === 8")
    assert rows() == 8 and "8 of 24" in page.locator("#parallel-controls").text_content()
    page.get_by_role("button", name="Clear ranges").click()
    assert kept() == 24 and rows() == 10


def test_ranges_by_keyboard(page):
    page.get_by_label("Axis").select_option(label="density")
    page.locator("#parallel-controls").get_by_label("from").select_option(label="0.5")
    assert page.evaluate("burstnet.sweep.kept.filter(Boolean).length") == 16
    page.locator("#parallel-controls").get_by_label("to").select_option(label="0.5")
    assert page.evaluate("burstnet.sweep.kept.filter(Boolean).length") == 8


@pytest.mark.parametrize("column", ["Configuration", "Mean of", "density"])
def test_sorting(page, column):
    header = page.locator("#ranking-table thead th", has_text=column).first
    at = page.evaluate("th => th.cellIndex", header.element_handle())
    cells = lambda: [float(text.replace("−", "-")) for text in page.locator(f"#ranking-table tbody tr > :nth-child({at + 1})").all_text_contents()]
    header.get_by_role("button").click()
    assert header.get_attribute("aria-sort") == "ascending" and cells() == sorted(cells())
    header.get_by_role("button").press("Enter")
    assert header.get_attribute("aria-sort") == "descending" and cells() == sorted(cells(), reverse=True)


def test_copying(page):
    page.locator("#best .copy button").click()
    label = "document.querySelector('#best .copy button').textContent"
    until(page, f"['Copied', 'Press Ctrl+C'].includes({label})")  # once the clipboard has answered
    page.get_by_label("Results directory").fill("it's here")
    assert page.locator("#rerun-best").text_content().startswith("burstnet rerun 'it'\\''s here' --config ")
    assert '"it\'s here/trials.parquet"' in page.locator("#loading").text_content()
