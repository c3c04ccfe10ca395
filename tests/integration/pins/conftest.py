"""One real registry for all tests of this folder; each test uses repositories of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.registry_process import Registry, run_registry

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with run_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running
