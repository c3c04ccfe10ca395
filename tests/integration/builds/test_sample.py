"""The sample platform, built for both platforms and started on a Docker engine: cross-compiled Go and emulated RUNs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from examples.bases import compile_base, push_go
from tests.integration.builds.site import FOREIGN, NATIVE, SAMPLE_HOST, problems, states
from tests.support.ask import inspect, verdicts
from tests.support.builder_process import run_node
from tests.support.engine_process import run_engine
from tests.support.tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.builds.site import Site
    from tests.support.registry_process import Registry


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An engine, as the settings that lead to it."""
    with run_engine(tmp_path_factory.mktemp("engine") / "dockerd.log") as host:
        yield {"DOCKER_HOST": host}


@pytest.fixture
def sample(site: Site) -> Path:
    """A copy of the sample and its catalogue, with the mend that `kfkit build lint` gives."""
    shutil.copytree(ROOT / "examples" / "platform", site.work / "platform")
    shutil.copy(ROOT / "examples" / "builds.yaml", site.work)
    dockerfile = site.work / "platform/apps/runs/image/Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("--platform=linux/amd64 ", ""))
    return site.work


def executions(document: dict[str, object]) -> dict[tuple[str, str], str]:
    components: list[dict[str, object]] = document["components"]  # type: ignore[assignment]
    return {
        (str(one["component"]), row["platform"]): row["execution"]["state"]
        for one in components
        for row in one["verification"]["platforms"]  # type: ignore[index]
    }


def test_on_one_machine_each_platform_is_built_verified_and_started_before_its_tag(
    site: Site, sample: Path, engine: dict[str, str]
) -> None:
    assert sample.is_dir()
    run = site.run("agent", "runs", "--driver", "local", "--run", env=engine)
    assert run.code == 0, run.err + run.out
    assert executions(run.document()) == {
        (name, platform): {NATIVE: "natively", FOREIGN: "emulated"}[platform]
        for name in ("agent", "runs")
        for platform in ("linux/amd64", "linux/arm64")
    }
    assert site.digest("runs/controller:1.0")


def test_split_over_two_nodes_the_compiler_runs_natively_on_both(  # noqa: PLR0913, PLR0917
    site: Site, sample: Path, engine: dict[str, str], base_registry: Registry, tmp_path: Path, conf: Path
) -> None:
    assert sample.is_dir()
    push_go(base_registry.host, f"{SAMPLE_HOST}/")
    with run_node(tmp_path / "a", conf) as a, run_node(tmp_path / "b", conf) as b:
        nodes = ("--node", f"{NATIVE}={a.endpoint}", "--node", f"{FOREIGN}={b.endpoint}")
        run = site.run("console", *nodes, "--run", env=engine)
    assert run.code == 0, run.err + run.out
    assert set(states(run.document()).values()) == {"built"}
    assert executions(run.document()) == {("console", NATIVE): "natively", ("console", FOREIGN): "emulated"}
    (record,) = inspect(f"{site.host}/console/web:1.0")
    assert verdicts(record) == {"amd64": "supported", "arm64": "supported"}


def test_code_of_the_wrong_machine_is_found_out_by_starting_it(site: Site, engine: dict[str, str]) -> None:
    """An image whose index and configs are right, and whose program is amd64's on both platforms."""
    dockerfile = f"FROM {SAMPLE_HOST}/build/base:1\nARG TARGETARCH\nCOPY app /bin/cat\nRUN echo $TARGETARCH > /for\n"
    site.component("app", dockerfile, more="    smoke: [/bin/cat, /for]\n")
    shutil.copy(compile_base("linux/amd64"), site.work / "app" / "app")
    run = site.run("--driver", "local", "--run", env=engine)
    assert run.code == 1
    assert "exec format error" in problems(run.document()) or "amd64" in problems(run.document())
    assert site.digest("app:1.0") is None


def test_where_no_engine_answers_nothing_passes_as_started(site: Site, sample: Path) -> None:
    assert sample.is_dir()
    run = site.run("agent", "--driver", "local", "--run", env={"DOCKER_HOST": f"unix://{site.work}/none.sock"})
    assert run.code == 3
    assert set(executions(run.document()).values()) == {"not-executed"}
    assert "no engine" in problems(run.document())
    assert site.digest("agent/agent:1.0") is None
