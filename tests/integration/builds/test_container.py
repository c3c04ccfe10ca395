"""A builder in a container of a real engine: made, used for both platforms, kept for its cache, started when asleep."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.edges.registries_conf import RegistriesConf
from buildkit.flows.build_nodes import open_builders
from buildkit.flows.build_scene import BuilderRequest
from buildkit.flows.watch import Watch
from buildkit.model.platform import parse_platform
from tests.integration.builds.site import FOREIGN, NATIVE, states, tags
from tests.support.builder_image import engine_settings, push_builder
from tests.support.engine_process import run_engine
from tests.support.kfkit import environment
from tests.support.tools import ROOT, tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.builds.site import Site
    from tests.support.registry_process import Registry

BUILDER = "kfkit-host"


@dataclass(frozen=True, kw_only=True)
class Docker:
    """An engine with BuildKit's image in a registry that it can pull from."""

    host: str
    image: str
    config: Path

    def environment(self, work: Path) -> dict[str, str]:
        return environment(work) | {"DOCKER_HOST": self.host, "BUILDX_CONFIG": str(self.config)}

    def buildx(self, *arguments: str) -> str:
        env = {**os.environ, "DOCKER_HOST": self.host, "BUILDX_CONFIG": str(self.config)}
        done = subprocess.run([tool("buildx"), *arguments], env=env, capture_output=True, text=True, check=True)
        return done.stdout


@pytest.fixture(scope="module")
def docker(base_registry: Registry, emulation: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker]:  # noqa: ARG001
    work = tmp_path_factory.mktemp("engine")
    with run_engine(work / "engine.log", engine_settings(work)) as host:
        yield Docker(host=host, image=push_builder(base_registry.host, work), config=work / "buildx")


@pytest.fixture
def in_engine(docker: Docker, site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site whose builder is in the engine: made as `--driver docker-container` makes it, of the image at hand."""
    for name, value in (("DOCKER_HOST", docker.host), ("BUILDX_CONFIG", str(docker.config)), ("HOME", str(site.work))):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{ROOT}/.tools/bin:{os.environ['PATH']}")
    request = BuilderRequest(
        platforms=tuple(map(parse_platform, (NATIVE, FOREIGN))),
        driver="docker-container",
        loopback=True,
        cache=site.work,
        conf=RegistriesConf(),
        image=docker.image,
    )
    with ExitStack() as stack:
        found = open_builders(request, stack, Watch())
    assert [(one.builder, one.way) for one in found.nodes] == [(BUILDER, "native"), (BUILDER, "emulated")]
    yield site
    docker.buildx("rm", BUILDER)


def run(docker: Docker, site: Site, *arguments: str) -> dict[str, Any]:
    argv = [sys.executable, "-m", "buildkit.cli", "build", "run", *arguments, *site.options()]
    done = subprocess.run(
        argv, cwd=site.work, env=docker.environment(site.work), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_both_platforms_are_built_in_a_container_that_stays_and_is_started_again(
    docker: Docker, in_engine: Site, base_registry: Registry
) -> None:
    in_engine.component("app", f"FROM {base_registry.host}/registry.quarry.example/build/base:1\nRUN uname -m > /m\n")
    document = run(docker, in_engine, "--driver", "docker-container")
    assert document["builder"].startswith("a container of engine ")
    assert states(document) == {("app", "linux/amd64"): "built", ("app", "linux/arm64"): "built"}
    (component,) = document["components"]
    assert {one["way"] for one in component["platforms"]} == {"native", "emulated"}
    assert set(tags(document).values()) == {"set"}
    assert in_engine.digest("app:1.0") == component["digest"]
    docker.buildx("stop", BUILDER)
    (in_engine.work / "app" / "Dockerfile").write_text(
        f"FROM {base_registry.host}/registry.quarry.example/build/base:1\nRUN uname -m > /m\nENV A=1\n"
    )
    again = run(docker, in_engine, "--builder", BUILDER, "--force")
    assert again["builder"].startswith(f"the named builder {BUILDER} (docker-container 0.")
    assert set(states(again).values()) == {"built"}
    log = (in_engine.work / "dist/builds" / "app.linux-arm64.log").read_text()
    assert "CACHED" in log  # the step is in its cache still
