"""Small charts and trees, the sample's charts, both helms, and one real registry for all tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildkit.edges.tools import HELM3, HELM4, Program, find_program
from buildkit.flows.chart_scene import Scene
from tests.integration.charts.packaging import packaged, write
from tests.integration.charts.yard import SAMPLE, Yard, scene_of
from tests.support.registry_process import Registry, run_registry
from tests.support.tools import tool

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["helm", "helm3"])
def program(request: pytest.FixtureRequest) -> Program:
    tool(request.param)
    return find_program(HELM4 if request.param == "helm" else HELM3)


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    return write(tmp_path / "charts" / "demo")


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with run_registry(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture
def archive(chart: Path) -> Path:
    (one,) = packaged(chart)
    return Path(one.file)


@pytest.fixture
def helm3() -> Program:
    tool("helm3")
    return find_program(HELM3)


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The sample's charts, made once: the test that changes a file of them makes its own."""
    tool("kustomize")
    tool("helm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        with scene_of(SAMPLE) as scene:
            yield scene
