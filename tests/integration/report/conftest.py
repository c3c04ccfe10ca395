"""One Chromium for all tests of pages, and the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.report.audit_html import audit_html
from buildkit.report.trend_html import trend_html
from tests.support.browser import Browser, run_browser
from tests.support.pages import full_audit, large_audit, year

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with run_browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def audit_page(pages: Path) -> Path:
    return _written(pages / "audit.html", audit_html(full_audit()))


@pytest.fixture(scope="session")
def large_page(pages: Path) -> Path:
    return _written(pages / "large.html", audit_html(large_audit(1000, 10)))


@pytest.fixture(scope="session")
def trend_page(pages: Path) -> Path:
    return _written(pages / "trend.html", trend_html(year(nights=20, releases=2, components=3)))


def _written(path: Path, page: bytes) -> Path:
    path.write_bytes(page)
    return path
