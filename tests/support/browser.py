"""A real headless Chromium: Debian's, through its own chromedriver. What is missing fails, and names the remedy.

Selenium's manager, which would look for browsers in the network, is never asked: both programs are given by their path.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DESKTOP: Final = (1280, 900)
PHONE: Final = (360, 740)
_AXE: Final = files("axe_core_python").joinpath("axe.min.js")
_SWITCHES: Final = (
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--hide-scrollbars",
)


class Browser:
    """One Chromium; each page is told apart by what its console and its network tell since it was opened."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(
        self,
        page: Path,
        hash_: str = "",
        *,
        size: tuple[int, int] = DESKTOP,
        scheme: str = "light",
        script: bool = True,
    ) -> None:
        """Open a page anew, at a size, in a colour scheme, with or without JavaScript."""
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        width, height = size
        shape = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        self.command("Emulation.setDeviceMetricsOverride", **shape)
        self.driver.get("about:blank")
        self.console()
        self.requests()
        self.driver.get(f"{page.as_uri()}{hash_}")

    def command(self, name: str, **values: object) -> Any:
        """Send a command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, values)

    def run(self, code: str, *values: object) -> Any:
        """What a script returns that runs inside the page."""
        return self.driver.execute_script(code, *values)

    def wait_for(self, code: str, wanted: object, seconds: float = 10) -> Any:
        """What a script returns once it is what is wanted, or at last."""
        end = time.monotonic() + seconds
        while (found := self.run(code)) != wanted and time.monotonic() < end:
            time.sleep(0.02)
        return found

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def console(self) -> list[str]:
        """What the console said since it was asked last."""
        return [str(one["message"]) for one in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]

    def requests(self) -> list[str]:
        """Addresses that were asked for since it was asked last, the page itself among them."""
        events = [json.loads(one["message"])["message"] for one in self.driver.get_log("performance")]  # type: ignore[no-untyped-call]
        return [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]

    def violations(self) -> list[str]:
        """What axe-core finds wrong for people with disabilities, by WCAG 2.1 A and AA and by good practice."""
        self.driver.set_script_timeout(120)
        self.run(_AXE.read_text(encoding="utf-8"))
        found: Sequence[dict[str, Any]] = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']})"
            ".then(found => done(found.violations), error => done([{id: String(error), nodes: []}]))"
        )
        return [f"{one['id']}: {node['html']} {node['failureSummary']}" for one in found for node in one["nodes"]]


@contextmanager
def run_browser(work: Path) -> Iterator[Browser]:
    """Chromium with a profile of its own below `work`, for as long as the block lasts."""
    options = ChromeOptions()
    options.binary_location = _program("chromium", "chromium-browser", "google-chrome")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for switch in (*_SWITCHES, f"--user-data-dir={work / 'profile'}"):
        options.add_argument(switch)
    if os.geteuid() == 0 or os.environ.get("CI"):
        options.add_argument("--no-sandbox")  # it needs a user that is not root, and may make namespaces
    driver = Chrome(options=options, service=Service(executable_path=_program("chromedriver")))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


def _program(*names: str) -> str:
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(
            f"{names[0]} is not installed: run `make system` (Debian: chromium, chromium-driver)", pytrace=False
        )
    return found
