"""Builds split over BuildKit nodes: each platform on its own, and what happens when a node is not what it should be."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.integration.builds.site import FOREIGN, NATIVE, SAMPLE_HOST, problems, states
from tests.support.ask import inspect, verdicts
from tests.support.builder_process import run_node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.builds.site import Site

BASE = f"FROM {SAMPLE_HOST}/build/base:1\n"
MACHINE = BASE + "RUN uname -m > /machine\n"


def test_two_nodes_build_one_tag_each_platform_on_its_own(site: Site, tmp_path: Path, conf: Path) -> None:
    site.component("app", MACHINE)
    with run_node(tmp_path / "a", conf) as a, run_node(tmp_path / "b", conf, tcp=True) as b:
        run = site.run("--node", f"{NATIVE}={a.endpoint}", "--node", f"{FOREIGN}={b.endpoint}")
        assert run.code == 0, run.err
        (component,) = run.document()["components"]
        nodes = {one["platform"]: (one["node"], one["way"]) for one in component["platforms"]}
        # The second is reached over the network and declared; its own list says that it emulates.
        assert nodes == {NATIVE: (a.endpoint, "native"), FOREIGN: (b.endpoint, "emulated")}
    (record,) = inspect(f"{site.host}/app:1.0")
    assert verdicts(record) == {"amd64": "supported", "arm64": "supported"}


def test_a_declared_node_that_emulates_is_no_native_one(site: Site, tmp_path: Path, conf: Path) -> None:
    site.component("app", MACHINE)
    with run_node(tmp_path / "a", conf, tcp=True) as node:
        nodes = ("--node", f"{NATIVE}={node.endpoint}", "--node", f"{FOREIGN}={node.endpoint}")
        run = site.run("--native-only", *nodes)
    assert run.code == 2
    assert f"{FOREIGN} would be emulated (declared, but the node lists its own {NATIVE} first)" in run.err
    assert site.digest("app:1.0") is None


def test_a_node_of_another_platform_is_refused(site: Site, tmp_path: Path, conf: Path) -> None:
    site.component("app", MACHINE, more="    platforms: [linux/s390x]\n")
    with run_node(tmp_path / "a", conf, tcp=True) as node:
        run = site.run("--node", f"linux/s390x={node.endpoint}")
    assert run.code == 2
    assert "is no node for linux/s390x: it builds" in run.err


def test_a_node_that_nobody_answers_at_is_told(site: Site) -> None:
    site.component("app", MACHINE)
    run = site.run("--node", f"{NATIVE}=tcp://127.0.0.1:9", "--node", f"{FOREIGN}=tcp://127.0.0.1:9")
    assert run.code == 3
    assert "answers at tcp://127.0.0.1:9" in run.err


def test_a_node_for_each_platform_is_asked_for(site: Site) -> None:
    site.component("app", MACHINE)
    run = site.run("--node", f"{NATIVE}=tcp://127.0.0.1:9")
    assert run.code == 2
    assert f"none for {FOREIGN}" in run.err


def test_a_node_that_dies_leaves_no_tag_and_the_other_platform_is_kept(site: Site, tmp_path: Path, conf: Path) -> None:
    site.component("app", f'{BASE}RUN case "$(uname -m)" in x86_64) ;; *) sleep 30 ;; esac\n')
    with run_node(tmp_path / "a", conf) as a, run_node(tmp_path / "b", conf) as b:
        nodes = ("--node", f"linux/amd64={a.endpoint}", "--node", f"linux/arm64={b.endpoint}")
        process = site.start(*nodes)
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("app linux/amd64: built" in line for line in lines)
        b.kill()
        out, err = process.communicate(timeout=60)
        assert process.returncode == 1, err
        assert site.digest("app:1.0") is None
    assert '"state": "built"' in out
    assert '"state": "failed"' in out
    assert "connection to the builder" in out or "registry was lost" in out
    (site.work / "app" / "Dockerfile").write_text(MACHINE)
    assert site.run().code == 0


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_builder_whose_disk_is_full_says_so(site: Site, tmp_path: Path, conf: Path) -> None:
    site.component("app", f"{BASE}RUN cat /dev/zero > /big\n")
    with small_disk(tmp_path / "disk", 60) as disk, run_node(tmp_path / "a", conf, root=disk / "root") as node:
        run = site.run("--node", f"{NATIVE}={node.endpoint}", "--platform", NATIVE)
    assert run.code == 1
    assert states(run.document()) == {("app", NATIVE): "failed"}
    assert "no space left on device" in problems(run.document())
    assert "disk is full" in problems(run.document())
    assert site.digest("app:1.0") is None


@pytest.mark.parametrize(
    "node", ["linux/arm64", "linux/arm64=", "=tcp://127.0.0.1:9", "linux/arm64=--help", "x=tcp://a"]
)
def test_a_node_that_is_none_is_refused(site: Site, node: str) -> None:
    site.component("app", MACHINE)
    run = site.run("--node", node)
    assert run.code == 2
    assert "--node" in run.err
