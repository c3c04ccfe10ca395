"""One real registry and one real engine for all tests of this folder; each test uses repositories of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.binfmt import provide_emulation
from tests.support.engine_process import run_engine
from tests.support.registry_process import Registry, run_registry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with run_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="session")
def _engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    provide_emulation()
    with run_engine(tmp_path_factory.mktemp("engine") / "dockerd.log") as host:
        yield host


@pytest.fixture
def engine(_engine: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """DOCKER_HOST of the engine, set."""
    monkeypatch.setenv("DOCKER_HOST", _engine)
    return _engine
