"""How buildx is called, with a program that stands for it."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from buildkit.edges.buildx import (
    Buildx,
    build,
    compose_index,
    create_remote,
    open_buildx_soon,
    push_index,
    remove_builder,
    start_builder,
)
from buildkit.edges.process import ProgramError
from buildkit.edges.whales import create_builder
from buildkit.errors import UndeterminedError
from tests.support.fake_buildx import FakeBuildx, make_buildx
from tests.unit.builds.results import digest

if TYPE_CHECKING:
    from pathlib import Path


FINE = {"digest": digest("x")}


@pytest.fixture
def fake(tmp_path: Path) -> FakeBuildx:
    return make_buildx(tmp_path)


def test_an_index_is_composed_without_a_push_and_has_the_digest_of_its_bytes(fake: FakeBuildx) -> None:
    fake.rules({"out": '{"manifests": []}\n'})
    found, body = compose_index(fake.buildx, "b", ["x@sha256:1", "x@sha256:2"], [("org.a", "1 2"), ("org.b", "")])
    assert (body, found) == (b'{"manifests": []}', f"sha256:{hashlib.sha256(body).hexdigest()}")
    assert fake.calls() == [
        [
            *("imagetools", "create", "--builder", "b", "--annotation", "index:org.a=1 2"),
            *("--annotation", "index:org.b=", "--dry-run", "x@sha256:1", "x@sha256:2"),
        ]
    ]


def test_an_index_is_pushed_to_one_name(fake: FakeBuildx) -> None:
    push_index(fake.buildx, "", "x:1", ["x@sha256:1"])
    assert fake.calls() == [["imagetools", "create", "--progress", "plain", "--tag", "x:1", "x@sha256:1"]]


def test_builders_are_made_started_and_removed_by_name(fake: FakeBuildx) -> None:
    create_remote(fake.buildx, "n", "tcp://a:1")
    start_builder(fake.buildx, "n")
    remove_builder(fake.buildx, "n")
    assert fake.calls() == [
        ["create", "--name", "n", "--driver", "remote", "tcp://a:1"],
        ["inspect", "--bootstrap", "n"],
        ["rm", "n"],
    ]


def test_where_builders_are_kept_is_handed_on(fake: FakeBuildx, tmp_path: Path) -> None:
    kept = Buildx(command=fake.buildx.command, version="1", env={"BUILDX_CONFIG": "/kept"})
    remove_builder(kept, "n")
    push_index(kept, "", "x:1", ["x@sha256:1"])
    fake.rules(FINE)
    build(kept, ["."], metadata=tmp_path / "m", seconds=9, heard=lambda _: None)
    assert {one["BUILDX_CONFIG"] for one in fake.environments()} == {"/kept"}


def test_a_build_hears_progress_and_gives_the_digest(fake: FakeBuildx, tmp_path: Path) -> None:
    fake.rules({**FINE, "err": "{}\n"})
    heard: list[bytes] = []
    found = build(fake.buildx, ["--x", "."], metadata=tmp_path / "m", seconds=9, heard=heard.append)
    assert (found, b"".join(heard)) == (digest("x"), b"{}\n")
    assert fake.calls() == [["build", "--progress", "rawjson", "--metadata-file", str(tmp_path / "m"), "--x", "."]]


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}", '{"containerimage.digest": 3}'])
def test_without_a_digest_nothing_was_pushed(fake: FakeBuildx, tmp_path: Path, content: str | None) -> None:
    metadata = tmp_path / "m"
    if content is not None:
        metadata.write_text(content)
    with pytest.raises(UndeterminedError, match="buildx built, but"):
        build(fake.buildx, ["."], metadata=metadata, seconds=9, heard=lambda _: None)


def test_a_build_over_its_time_is_late(fake: FakeBuildx, tmp_path: Path) -> None:
    fake.rules({"seconds": 60})
    with pytest.raises(ProgramError) as error:
        build(fake.buildx, ["."], metadata=tmp_path / "m", seconds=0.5, heard=lambda _: None)
    assert error.value.late


def test_what_is_looked_for_meanwhile_is_there_or_raises_when_it_is_asked_for(
    fake: FakeBuildx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("buildkit.edges.tools.checkout_tools", lambda: None)
    monkeypatch.setenv("PATH", str(fake.path.parent))
    fake.rules({"out": "github.com/docker/buildx v0.37.2 abc", "seconds": 0.2})
    asked = open_buildx_soon()
    assert asked() == asked() == fake.buildx
    assert len(fake.calls()) == 1
    fake.rules({"out": "v0.1.0"})
    old = open_buildx_soon()
    with pytest.raises(UndeterminedError, match=r"no buildx >= 0\.30"):
        old()


@pytest.mark.parametrize("alone", [True, False])
def test_buildx_by_itself_is_told_that_it_is_a_plugin(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    alone: bool,  # noqa: FBT001
) -> None:
    """python-on-whales calls it as the docker command would; after that our own environment is as it was."""
    monkeypatch.delenv("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND", raising=False)
    monkeypatch.setenv("BUILDX_CONFIG", "/mine")
    fake = make_buildx(tmp_path, "buildx" if alone else "docker")
    listed = '{"Name":"n","Driver":"kubernetes","Nodes":[]}\n'
    fake.rules({"words": ["create"], "out": "n\n"}, {"words": ["ls"], "out": listed})
    command = (str(fake.path),) if alone else (str(fake.path), "buildx")
    create_builder(
        Buildx(command=command, version="1", env={"BUILDX_CONFIG": "/kept"}),
        "n",
        driver="kubernetes",
        platforms=("linux/arm64",),
        options={"image": "i"},
    )
    words = [] if alone else ["buildx"]
    assert fake.calls()[0] == [
        *(*words, "create", "--platform", "linux/arm64", "--driver", "kubernetes", "--driver-opt", "image=i"),
        *("--name", "n"),
    ]
    told = {one.get("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND") for one in fake.environments()}
    assert told == ({"docker"} if alone else {None})
    assert {one["BUILDX_CONFIG"] for one in fake.environments()} == {"/kept"}
    assert (os.environ["BUILDX_CONFIG"], os.environ.get("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND")) == ("/mine", None)
