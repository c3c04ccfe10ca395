"""The pages in a real Chromium: quiet, quick, readable on any screen, by keyboard, and without script or network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

from buildkit.model.inspection import PlatformRecord, Verdict
from buildkit.report.audit_html import audit_html
from tests.support import browser as support
from tests.support.browser import DESKTOP, PHONE
from tests.support.pages import audit_of, audited, use

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.browser import Browser

# Issue 4 asks for 50 ms; a machine that does something else is no failure.
KEYSTROKE, BUSY = 50.0, 5
HOSTILE = "docker.io/x/</script><script>window.hit = 1</script>\"'><img src=x onerror='window.hit = 2'>\u202e\x1b[2J:1"
ROWS = "return [...document.querySelectorAll('#table tbody tr')].filter(row => !row.hidden)"
SHOWN = f"{ROWS}.map(row => row.querySelector('.name').textContent)"
# From the key to the end of the frame that shows what it did.
MEASURE = """
const [words, done] = arguments, field = document.querySelector('[name=q]'), took = [];
const step = () => {
  if (took.length === words.length) return done(took);
  field.value = words[took.length];
  const start = performance.now();
  field.dispatchEvent(new Event('input', {bubbles: true}));
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { took.push(performance.now() - start); setTimeout(step, 20); };
    port2.postMessage(0);
  });
};
requestIdleCallback(step);
"""


def shown(browser: Browser) -> list[str]:
    names: list[str] = browser.run(SHOWN)
    return names


@pytest.mark.parametrize("name", ["audit_page", "large_page", "trend_page"])
def test_a_page_opens_without_a_word_and_asks_for_nothing(
    browser: Browser, request: pytest.FixtureRequest, name: str
) -> None:
    page = request.getfixturevalue(name)
    browser.open(page)
    assert browser.console() == []
    assert browser.requests() == [page.as_uri()]


def test_the_policy_stops_a_script_that_is_not_ours(browser: Browser, audit_page: Path) -> None:
    smuggled = audit_page.with_name("smuggled.html")
    code = "<script>window.hit = 1</script><style>h1 { color: red }</style><img src='http://127.0.0.1:9/x'></main>"
    smuggled.write_text(audit_page.read_text().replace("</main>", code))
    browser.open(smuggled)
    assert browser.run("return window.hit") is None
    assert len([one for one in browser.console() if "Content Security Policy" in one]) == 3
    assert browser.run("return document.querySelector('#shown').textContent") == "8 of 8 images shown"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", ["audit_page", "trend_page"])
def test_a_page_is_accessible(
    browser: Browser, request: pytest.FixtureRequest, name: str, size: tuple[int, int], scheme: str
) -> None:
    browser.open(request.getfixturevalue(name), size=size, scheme=scheme)
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.violations() == []


def test_the_check_of_accessibility_finds_what_is_wrong(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page)
    browser.run("const one = document.querySelector('[name=verdict]'); one.closest('label').replaceWith(one)")
    browser.run("document.querySelector('caption').style.color = '#bbb'")
    assert {one.split(":")[0] for one in browser.violations()} == {"select-name", "color-contrast"}


def test_dark_is_dark(browser: Browser, audit_page: Path) -> None:
    def light() -> float:
        red, green, blue = (
            int(part) for part in browser.run("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g)")
        )
        return (red + green + blue) / 765

    browser.open(audit_page, scheme="dark")
    assert light() < 0.2
    browser.open(audit_page)
    assert light() > 0.9


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("name", ["audit_page", "large_page", "trend_page"])
def test_a_phone_never_scrolls_sideways(
    browser: Browser, request: pytest.FixtureRequest, name: str, *, script: bool
) -> None:
    browser.open(request.getfixturevalue(name), size=PHONE, script=script)
    wide = browser.command(
        "Page.getLayoutMetrics",
    )["cssContentSize"]["width"]
    assert wide == PHONE[0]


def test_long_words_do_not_widen_a_phone(browser: Browser, pages: Path) -> None:
    long = "a" * 400
    page = pages / "long.html"
    image = audited(f"docker.io/{long}:1", component=long, reason=long, uses=(use(long, 1, object=long, path=long),))
    page.write_bytes(audit_html(audit_of([image], source=long, release=long, problems=(long,))))
    browser.open(page, size=PHONE)
    browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert browser.run("return document.documentElement.scrollWidth") == PHONE[0]


@pytest.mark.parametrize("width", [320, 600, 800, 1000, 1100, 1280])
@pytest.mark.parametrize("platforms", [1, 2, 3, 6])
def test_nothing_in_the_table_lies_over_its_neighbour(
    browser: Browser, pages: Path, platforms: int, width: int
) -> None:
    names = tuple(f"linux/platform{number}" for number in range(platforms))
    records = {name: PlatformRecord(verdict=Verdict.NOT_AN_IMAGE) for name in names}
    image = audited("docker.io/x/y:1", Verdict.NOT_AN_IMAGE, platforms=records, component="Kubeflow Pipelines")
    page = pages / f"platforms-{platforms}.html"
    page.write_bytes(audit_html(audit_of([image], required=names)))
    browser.open(page, size=(width, 900))
    cells = "return [...document.querySelectorAll('#table td, #table tbody th')]"
    assert browser.run(f"{cells}.filter(one => one.scrollWidth > one.clientWidth).map(one => one.outerHTML)") == []
    assert browser.run("return document.documentElement.scrollWidth") == width


def test_without_script_all_is_there_but_the_filters(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page, script=False)
    tree = browser.command("DOMSnapshot.captureSnapshot", computedStyles=["display"])
    text = "\n".join(tree["strings"])
    assert "docker.io/katib/lost:2" in text
    assert "katib/config.yaml:7" in text
    root = browser.command("DOM.getDocument")["root"]["nodeId"]

    def styled(selector: str) -> dict[str, str]:
        node = browser.command("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        browser.command("CSS.enable")
        style = browser.command("CSS.getComputedStyleForNode", nodeId=node)["computedStyle"]
        return {one["name"]: one["value"] for one in style}

    assert styled("#filters")["display"] == "none"
    assert styled("#table tbody tr")["display"] == "grid"
    assert browser.command("DOM.querySelector", nodeId=root, selector="th button")["nodeId"] == 0


def test_filters_work_by_keyboard(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page)
    browser.press(Keys.TAB)
    assert browser.run("return document.activeElement.className") == "skip"
    browser.press(Keys.ENTER)
    assert browser.run("return document.activeElement.id") == "main"
    for _ in range(60):
        browser.press(Keys.TAB)
        if browser.run("return document.activeElement.name") == "q":
            break
    browser.press("kserve")
    assert len(shown(browser)) == 4
    browser.press(Keys.TAB)
    assert browser.run("return document.activeElement.name") == "component"
    browser.press("KServe", Keys.TAB, Keys.TAB, "missing", Keys.TAB)
    assert shown(browser) == ["docker.io/kserve/cuda:1"]
    assert browser.run("return document.querySelector('#shown').textContent") == "1 of 8 images shown"
    browser.press(Keys.TAB, Keys.TAB, Keys.ENTER)
    # The page follows a reset in a timer: the form tells of it before its fields are back.
    assert browser.wait_for(f"{SHOWN}.length", 8) == 8


def test_what_has_the_focus_is_seen(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page)
    for _ in range(12):
        browser.press(Keys.TAB)
        width = browser.run("return parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, browser.run("return document.activeElement.outerHTML")


def test_a_link_can_point_to_a_component_and_a_verdict(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page, "#component=katib&verdict=missing")
    assert shown(browser) == ["docker.io/katib/lost:2", "docker.io/katib/old:1", "docker.io/kserve/granted:1"]
    assert browser.run("return document.querySelector('#images').getBoundingClientRect().top < innerHeight")


def test_what_is_filtered_is_in_the_address_and_comes_back(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page)
    browser.run("document.querySelector('[name=q]').focus()")
    browser.press("kserve good")
    browser.run("document.querySelector('[name=counted]').click()")
    browser.run("document.querySelector('[data-sort=name] button').click()")
    wanted = "#q=kserve%20good&counted=1&sort=name"
    assert browser.wait_for("return location.hash", wanted) == wanted
    before = shown(browser)
    browser.open(audit_page, wanted)
    assert shown(browser) == before == ["docker.io/kserve/good:1"]


def test_a_number_of_the_matrix_filters_the_table_and_leads_there(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page)
    cell = browser.driver.find_element("css selector", ".matrix td:last-child a")
    cell.send_keys(Keys.ENTER)
    assert browser.wait_for("return document.activeElement.id", "images-title") == "images-title"
    names = shown(browser)
    assert names
    assert len({name.split("/")[1] for name in names}) == 1 or "kserve" in names[0]
    assert browser.run(f"{ROWS}.every(row => row.dataset.s !== 'not-counted')")
    browser.driver.back()
    assert browser.wait_for("return document.querySelector('[name=component]').value", "KServe") == "KServe"


def test_a_finding_leads_to_its_row_though_filters_hide_it(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page, "#q=nothing-like-it")
    assert shown(browser) == []
    assert browser.run("return document.querySelector('#nothing').hidden") is False
    browser.run("document.querySelector('.finding a.name').click()")
    assert browser.wait_for("return String(document.querySelector('tr:target details')?.open)", "true") == "true"
    assert len(shown(browser)) == 8


def test_a_fragment_of_nonsense_shows_everything(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page, "#component=%3Cscript%3E&verdict=none&sort=__proto__&platform=x&=&%")
    assert len(shown(browser)) == 8
    assert browser.console() == []


def test_columns_sort_both_ways_and_say_so(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page)
    first = shown(browser)
    for state, names in (("ascending", sorted(first)), ("descending", sorted(first, reverse=True)), (None, first)):
        browser.run("document.querySelector('[data-sort=name] button').click()")
        assert shown(browser) == names
        assert browser.run("return document.querySelector('[data-sort=name]').getAttribute('aria-sort')") == state


def test_the_worst_verdict_of_a_platform_sorts_first(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page, "#sort=linux/arm64")
    verdicts = browser.run(f"{ROWS}.map(row => row.dataset.p.split(' ')[1])")
    order = ["absent", "not-an-image", "unknown", "missing", "mislabelled", "suspect", "supported"]
    assert verdicts == sorted(verdicts, key=order.index)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_keystroke_among_a_thousand_images_is_quick(
    browser: Browser, large_page: Path, size: tuple[int, int], record_property: Callable[[str, object], None]
) -> None:
    browser.open(large_page, size=size)
    words = ["c", "co", "com", "component-7", "component", "", "katib", ""]
    took: list[float] = browser.driver.execute_async_script(MEASURE, words)
    record_property("milliseconds", took)
    assert sorted(took)[len(took) // 2] < KEYSTROKE * BUSY
    assert len(shown(browser)) == 1000


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_hostile_names_do_nothing(browser: Browser, pages: Path, *, script: bool) -> None:
    page = pages / "hostile.html"
    image = audited(HOSTILE, component=HOSTILE, uses=(use(HOSTILE, 1, object=HOSTILE, path=HOSTILE),))
    page.write_bytes(audit_html(audit_of([image], source=HOSTILE, release=HOSTILE, problems=(HOSTILE,))))
    browser.open(page, script=script)
    assert browser.console() == []
    assert browser.requests() == [page.as_uri()]
    if script:
        assert browser.run("return window.hit") is None
        assert browser.run("return document.querySelectorAll('script, img').length") == 1
        browser.open(
            page,
            "#component="
            + browser.run("return encodeURIComponent(document.querySelector('tbody tr[data-c]').dataset.c)"),
        )
        assert len(shown(browser)) == 1


def test_a_printed_page_leaves_out_what_only_a_screen_can_do(browser: Browser, audit_page: Path) -> None:
    browser.open(audit_page)
    browser.command("Emulation.setEmulatedMedia", media="print")
    hidden = "return ['#filters', 'nav', '.skip'].map(one => getComputedStyle(document.querySelector(one)).display)"
    assert browser.run(hidden) == ["none", "none", "none"]
    assert browser.run("return document.querySelector('.name').offsetHeight") > 0
    browser.command("Emulation.setEmulatedMedia", media="")


def test_a_missing_browser_fails_and_names_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(pytest.fail.Exception, match="chromium is not installed: run `make system`"),
        support.run_browser(tmp_path),
    ):
        pass
