"""A baseline is written only of what could be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.cli.audit import _update_baseline
from buildkit.errors import Exit
from buildkit.flows.watch import Watch
from tests.unit.audit.building import MISSING, OK, UNKNOWN, audit, known

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.model.inspection import Verdict


@pytest.mark.parametrize(("arm64", "code"), [(MISSING, Exit.PROBLEMS), (OK, Exit.UNDETERMINED)])
def test_an_image_that_is_unknown_on_one_platform_keeps_the_baseline_whatever_the_other_is(
    tmp_path: Path, arm64: Verdict, code: Exit
) -> None:
    told: list[str] = []
    made = audit(known("docker.io/library/x:1", arm64, amd64=UNKNOWN))
    assert [image.name for image in made.unknown] == ["docker.io/library/x:1"]
    assert _update_baseline(made, tmp_path / "b.json", Watch(tell=told.append)) is code
    assert list(tmp_path.iterdir()) == []
    assert "1 counted images are unknown" in told[0]


def test_what_is_judged_is_written_and_accepted(tmp_path: Path) -> None:
    made = audit(known("docker.io/library/x:1", MISSING))
    assert _update_baseline(made, tmp_path / "b.json", Watch()) is Exit.OK
    assert (tmp_path / "b.json").read_bytes().startswith(b"{")
