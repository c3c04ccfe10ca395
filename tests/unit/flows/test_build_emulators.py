"""A missing emulator is an error only where a RUN executes on the target's platform, on a node that cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.builds.nodes import ChosenNode
from buildkit.errors import UndeterminedError
from buildkit.flows import build_emulators
from buildkit.flows.build_board import Target
from buildkit.flows.build_emulators import check_emulators
from buildkit.model.platform import parse_platform
from tests.unit.builds.results import AMD64, ARM64, build

if TYPE_CHECKING:
    from pathlib import Path

CROSS = "FROM --platform=$BUILDPLATFORM golang AS b\nRUN go build\nFROM scratch\nCOPY --from=b /x /x\n"


@pytest.fixture(autouse=True)
def _on_amd64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_emulators, "native_platform", lambda: parse_platform(AMD64))


def target(
    folder: Path, text: str, *, runs: bool | None = False, platform: str = ARM64, stage: str | None = None
) -> Target:
    dockerfile = folder / "Dockerfile"
    dockerfile.write_text(text)
    planned = build(dockerfile=str(dockerfile), target=stage)
    node = ChosenNode(
        platform=parse_platform(platform),
        builder="b",
        endpoint="unix:///s",
        way="unknown",
        reason="so it is",
        runs=runs,
    )
    (own,) = (one for one in planned.platforms if one.platform == platform)
    return Target(build=planned, platform=own, node=node, key=None, seen=())


def test_a_step_that_only_the_target_can_run_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UndeterminedError) as error:
        check_emulators([target(tmp_path, "FROM base\nCOPY x /x\nRUN uname -m\nRUN more\n")])
    assert str(error.value) == (
        f"{tmp_path}/Dockerfile:3: `RUN uname -m` runs on linux/arm64, which unix:///s cannot: so it is"
    )
    assert "an emulator for linux/arm64" in error.value.hint


def test_what_cross_compiles_needs_no_emulator(tmp_path: Path) -> None:
    check_emulators([target(tmp_path, CROSS)])


@pytest.mark.parametrize("runs", [True, None])
def test_a_node_that_can_or_may_is_left_to_try(tmp_path: Path, runs: bool | None) -> None:  # noqa: FBT001
    check_emulators([target(tmp_path, "FROM base\nRUN x\n", runs=runs)])


def test_stages_that_are_not_built_do_not_count(tmp_path: Path) -> None:
    text = "FROM base AS one\nCOPY x /x\nFROM base AS two\nRUN x\n"
    check_emulators([target(tmp_path, text, stage="one")])
    with pytest.raises(UndeterminedError, match="Dockerfile:4"):
        check_emulators([target(tmp_path, text, stage="two")])


@pytest.mark.parametrize("text", ["", "FROM", "RUN x\n", "FROM a\nRUN <<E\n", "\x00", "FROM ${x\n"])
def test_a_dockerfile_that_cannot_be_read_is_left_to_buildkit(tmp_path: Path, text: str) -> None:
    check_emulators([target(tmp_path, text)])


def test_one_that_is_not_here_is_left_to_buildkit(tmp_path: Path) -> None:
    found = target(tmp_path, "FROM base\nRUN x\n")
    (tmp_path / "Dockerfile").unlink()
    check_emulators([found])
    (tmp_path / "Dockerfile").mkdir()
    check_emulators([found])


def test_each_target_that_cannot_be_built_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    targets = [target(tmp_path / name, f"FROM base\nRUN {name}\n") for name in "ab"]
    with pytest.raises(UndeterminedError, match=r"`RUN a` runs on .*; .*`RUN b` runs on "):
        check_emulators(targets)
