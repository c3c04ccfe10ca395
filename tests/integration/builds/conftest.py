"""A registry with the sample's base images, emulation, and a site to build on."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import pytest

from examples.bases import push_base
from tests.integration.builds.site import SAMPLE_HOST, Site
from tests.support.binfmt import provide_emulation
from tests.support.builder_process import run_node
from tests.support.mirror import write_registries_conf
from tests.support.registry_process import Registry, run_registry
from tests.support.tools import missing, tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.builder_process import Node


@pytest.fixture(scope="session")
def base_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """The registry that stands for the sample's; it has the base image."""
    tool("buildx")
    with run_registry(tmp_path_factory.mktemp("bases")) as registry:
        push_base(registry.host, f"{SAMPLE_HOST}/")
        yield registry


@pytest.fixture(scope="session")
def conf(base_registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("conf") / "registries.conf"
    write_registries_conf(path, base_registry.host, [SAMPLE_HOST])
    return path


@pytest.fixture(scope="session")
def emulation() -> None:
    provide_emulation()


@pytest.fixture
def site(tmp_path: Path, base_registry: Registry, conf: Path, emulation: None) -> Site:  # noqa: ARG001
    """A site that pushes beside the base images, with kfkit's own builder."""
    if os.geteuid():
        missing("kfkit's own builder needs root")
    return Site(work=tmp_path, host=f"{base_registry.host}/{secrets.token_hex(4)}", conf=conf)


@pytest.fixture
def node(tmp_path: Path, conf: Path, emulation: None) -> Iterator[Node]:  # noqa: ARG001
    with run_node(tmp_path / "node", conf) as found:
        yield found
