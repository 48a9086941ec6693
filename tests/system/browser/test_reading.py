"""Light and dark, phone and paper, screen readers, and texts that stay texts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from browser import PAGES, SCREENSHOTS, opened

# Rules of axe-core whose findings count; of the others only serious and critical ones.
SERIOUS = ("serious", "critical")


def brightness(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number).reduce((a, b) => a + b)")


def test_dark_mode_follows_the_system(browser, report):
    with opened(browser, report, color_scheme="dark") as watched:
        assert brightness(watched.page) < 150
        axis = watched.page.evaluate("document.querySelector('#ranking-plot')._fullLayout.xaxis.title.font.color")
        watched.page.emulate_media(color_scheme="light")
        watched.page.wait_for_timeout(200)
        assert brightness(watched.page) > 700
        assert watched.page.evaluate("document.querySelector('#ranking-plot')._fullLayout.xaxis.title.font.color") != axis


def test_dark_mode_by_the_button(page):
    assert brightness(page) > 700
    before = page.evaluate("document.querySelector('#ranking-plot')._fullLayout.xaxis.title.font.color")
    page.get_by_role("button", name="Switch to dark mode").click()
    assert brightness(page) < 150
    assert page.evaluate("document.querySelector('#ranking-plot')._fullLayout.xaxis.title.font.color") != before
    page.reload()
    page.wait_for_selector("#ranking-plot[data-drawn]")
    assert brightness(page) < 150  # remembered for the session
    page.get_by_role("button", name="Switch to light mode").click()
    assert brightness(page) > 700


def test_without_storage(browser, report):
    context = browser.new_context(offline=True)
    context.add_init_script("Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('no storage'); } })")
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"file://{report}")
    page.get_by_role("button", name="Switch to dark mode").click()
    assert brightness(page) < 150 and errors == []
    context.close()


def test_without_scripts(browser, report):
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{report}")
    assert "need JavaScript" in page.locator("noscript").text_content()
    assert page.get_by_text("All 144 trials ran and are ok.").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_screenshots(browser, report, width, scheme):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with opened(browser, report, width=width, color_scheme=scheme) as watched:
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        path = SCREENSHOTS / f"report-{width}-{scheme}.png"
        watched.page.screenshot(path=path, full_page=True)
        with Image.open(path) as image:
            assert image.width == width and image.height > 4000


@pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.html")))
def test_phones(browser, name):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with opened(browser, PAGES / f"{name}.html", width=390) as watched:
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= 390
        watched.page.screenshot(path=SCREENSHOTS / f"{name}-390.png", full_page=True)


def test_paper(browser, report):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with opened(browser, report, color_scheme="dark") as watched:
        page = watched.page
        pdf = page.pdf(path=SCREENSHOTS / "report.pdf", format="A4")
        assert len(pdf) > 50_000
        page.emulate_media(media="print", color_scheme="dark")
        page.wait_for_timeout(300)
        assert brightness(page) > 700  # black on white, whatever the mode
        ink = page.evaluate("document.querySelector('#ranking-plot')._fullLayout.xaxis.title.font.color")
        assert sum(map(int, ink.strip("rgb()").split(","))) < 150
        for control in [".controls", "#mode", ".copy button"]:
            assert not page.locator(control).first.is_visible()
        plots = page.evaluate("[...document.querySelectorAll('.plot')].map(p => [p.querySelector('svg').getBoundingClientRect().right, document.documentElement.clientWidth])")
        assert all(right <= width + 1 for right, width in plots), plots


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(browser, report, scheme):
    with opened(browser, report, "#config=3", color_scheme=scheme) as watched:
        page = watched.page
        page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
        page.get_by_role("button", name="Details").click()
        page.wait_for_timeout(500)
        found = Axe().run(page).response["violations"]
        serious = [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found if one["impact"] in SERIOUS]
        assert serious == []
        print([(one["id"], one["impact"], len(one["nodes"])) for one in found])


@pytest.mark.parametrize("name", ["hostile", "running-shard", "only-failures"])
def test_accessibility_of_other_pages(browser, name):
    with opened(browser, PAGES / f"{name}.html") as watched:
        found = Axe().run(watched.page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in SERIOUS] == []


def test_keyboard_reaches_everything(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(160):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.tagName + ' ' + (document.activeElement.textContent || '').slice(0, 12)"))
        assert page.evaluate("document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none' || document.activeElement.matches('main')")
    assert any(name.startswith("BUTTON Dark") for name in seen) and any(name.startswith("SELECT") for name in seen)
    assert any(name.startswith("SUMMARY") for name in seen) and any(name.startswith("BUTTON Rank") for name in seen)


def test_hostile_texts_are_shown_as_texts(browser):
    with opened(browser, PAGES / "hostile.html", "#config=2") as watched:
        page = watched.page
        # Hover over everything that can tell something.
        for mark in page.locator("#ranking-plot .points path").all()[:8]:
            box = mark.bounding_box()
            page.mouse.move(box["x"] + 4, box["y"] + 4)
        page.get_by_role("button", name="Details").click()
        for width in (1400, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(300)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("window.hit") is None
        assert page.locator("main b, main img, main i, .plot a[href]").count() == 0
        assert page.locator(".plot tspan[style*='bold']").count() == 0
        shown = page.evaluate("document.querySelector('#ranking-table').textContent")
        assert "<script>window.hit=1</script>" in shown and "<b>bold</b>" in shown
        ticks = page.evaluate("[...document.querySelectorAll('[data-effect] .xtick text')].map(tick => tick.textContent)")
        assert any(tick.startswith("<script>") for tick in ticks) and any(tick.startswith("<b>") for tick in ticks)
        assert page.evaluate("Math.max(...[...document.querySelectorAll('.plot text')].map(text => text.textContent.length))") < 400
