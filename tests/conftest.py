"""What holds for every test: an environment of its own, and real programs last."""

from __future__ import annotations

import itertools
import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.support.tools import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# A busy machine is no failure; in CI the same examples each time, so that a run can be repeated.
settings.register_profile(
    "kfkit", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
# `make test-unit` has a minute; `make test` tries a hundred examples of each property.
settings.register_profile("quick", settings.get_profile("kfkit"), max_examples=20)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "kfkit"))

# A shell's background job inherits a SIGINT that is ignored; then Ctrl-C could not be tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_NUMBERS = itertools.count()
_DROPPED_PREFIXES = ("KFKIT_", "DOCKER_", "BUILDX_", "GIT_", "HELM_", "KUSTOMIZE_")
_PROXIES = ("HTTP", "HTTPS", "ALL", "NO", "http", "https", "all", "no")
_DROPPED = {f"{name}{end}" for name in _PROXIES for end in ("_PROXY", "_proxy")} | {
    "REGISTRY_AUTH_FILE",
    "SOURCE_DATE_EPOCH",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "XDG_RUNTIME_DIR",
}
_GITCONFIG = """[user]
name = Test
email = test@example.invalid
[init]
defaultBranch = main
"""


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(scope="session")
def renders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was learned from renders of whole releases, by content: two processors need half a minute for one."""
    return tmp_path_factory.mktemp("renders")


@pytest.fixture(autouse=True)
def home(_homes: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of its own: no test reads or writes the caches, credentials or settings of who runs it."""
    folder = _homes / str(next(_NUMBERS))
    folder.mkdir()
    (folder / ".gitconfig").write_text(_GITCONFIG)
    for name in list(os.environ):
        if name in _DROPPED or name.startswith(_DROPPED_PREFIXES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    for kind in ("CACHE", "CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(folder / kind.lower()))
    monkeypatch.setenv("PATH", os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ.get("PATH", os.defpath)]))
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in tests/integration, and order: unit, integration, release."""
    integration = ROOT / "tests" / "integration"
    for item in items:
        if integration in item.path.parents and item.get_closest_marker("integration") is None:
            item.add_marker(pytest.mark.integration)
    items.sort(key=lambda item: [item.get_closest_marker(name) is not None for name in ("release", "integration")])
