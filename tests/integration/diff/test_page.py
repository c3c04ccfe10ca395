"""The page of a comparison in a real Chromium: quiet, readable on any screen, without script or network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.report.diff_html import diff_html
from tests.support.browser import DESKTOP, PHONE, Browser, run_browser
from tests.unit.report.diffs import hostile, rich

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with run_browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(params=["rich", "hostile"])
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / "diff.html"
    file.write_bytes(diff_html(rich() if request.param == "rich" else hostile(3)))
    return file


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_quiet_and_readable(browser: Browser, page: Path, size: str, scheme: str) -> None:
    browser.open(page, size=SIZES[size], scheme=scheme)
    assert browser.console() == []
    assert browser.requests() == [page.as_uri()]
    width = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    assert browser.violations() == []
