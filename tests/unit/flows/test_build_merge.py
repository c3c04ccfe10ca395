"""What is said of results that do not belong together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.builds.result import TagSeen
from buildkit.errors import UsageError
from buildkit.flows.build_merge import MergeRequest, merge_results
from buildkit.flows.build_results import result_path, write_result
from buildkit.flows.watch import Watch
from tests.unit.builds.results import AMD64, ARM64, build, digest, result

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.builds.result import BuildResult

NOBODY: Any = None  # the registry is not asked


def refused(folder: Path, amd64: BuildResult, arm64: BuildResult) -> UsageError:
    write_result(result_path(folder, "app", AMD64), amd64)
    write_result(result_path(folder, "app", ARM64), arm64)
    with pytest.raises(UsageError) as error:
        merge_results(MergeRequest(results=(folder,)), NOBODY, Watch())
    return error.value


def test_labels_of_a_result_steer_no_terminal(tmp_path: Path) -> None:
    other = build(labels=(("a\x1b[31m\nb", "c"),))
    said = str(refused(tmp_path, result(AMD64, of=other), result(ARM64)))
    assert "not built from the same plan: labels" in said
    assert said.isprintable() or not {"\x1b", "\n"} & set(said)


def test_a_tag_that_moved_between_two_runs_is_not_mended_by_more_results(tmp_path: Path) -> None:
    seen = (TagSeen(tag="ghcr.io/x/app:1", digest=digest("theirs")),)
    error = refused(tmp_path, replace(result(AMD64), tags=seen), result(ARM64))
    assert "was moved while its platforms were built" in str(error)
    assert "who moved it" in error.hint
