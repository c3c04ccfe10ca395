"""What `kfkit inspect` makes of its input, without a registry."""

from __future__ import annotations

import pytest

from buildkit.errors import UsageError
from buildkit.flows.inspect import BadLine, inspect_references, parse_lines, parse_platforms
from buildkit.flows.watch import Watch
from buildkit.model.inspection import Inspection, PlatformRecord, Verdict
from buildkit.model.reference import parse_reference
from buildkit.report.inspect_text import inspect_text, size_text


def test_offline_all_are_unknown_each_once_in_order() -> None:
    references = [parse_reference(name) for name in ("b", "docker.io/library/a:latest", "b:latest", "a")]
    found = inspect_references(references, parse_platforms(["linux/arm64"]), None, Watch())
    assert [record.name for record in found] == ["docker.io/library/b:latest", "docker.io/library/a:latest"]
    assert {record.verdict for record in found} == {Verdict.UNKNOWN}


def test_platforms_each_once_normalised() -> None:
    found = parse_platforms(["linux/arm64/v8,linux/amd64", "linux/arm64", " linux/arm "])
    assert [str(platform) for platform in found] == ["linux/arm64", "linux/amd64", "linux/arm/v7"]
    for wrong in (["arm64"], [], [","]):
        with pytest.raises(UsageError):
            parse_platforms(wrong)


def test_lines() -> None:
    references, bad = parse_lines("\ufeffa:1\r\n\n# note\n  b  # why\nc d\n#x\n\x00\nE/f/G")
    assert [reference.name for reference in references] == ["docker.io/library/a:1", "docker.io/library/b:latest"]
    assert [line.number for line in bad] == [5, 7, 8]
    assert isinstance(bad[0], BadLine)


def test_the_table() -> None:
    good = PlatformRecord(verdict=Verdict.SUPPORTED, size=12_345_678)
    gone = PlatformRecord(verdict=Verdict.MISSING, reason="no linux/arm64, only linux/amd64")
    images = [
        Inspection(name="x:1", verdict=Verdict.SUPPORTED, depth="config", platforms={"a": good, "b": good}),
        Inspection(name="y:1", verdict=Verdict.MISSING, depth="config", platforms={"a": good, "b": gone}),
    ]
    assert inspect_text(images, ["a", "b"]).decode().splitlines() == [
        "verdict    a          size     b          size     image",
        "supported  supported  12.3 MB  supported  12.3 MB  x:1",
        "missing    supported  12.3 MB  missing    -        y:1",
        "    b: no linux/arm64, only linux/amd64",
        "",
        "2 images: 1 missing, 1 supported",
    ]
    assert b"\x1b[32m" in inspect_text(images, ["a", "b"], colour=True)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3_400_000_000_000_000, "3400.0 TB")]
)
def test_sizes(size: int, text: str) -> None:
    assert size_text(size) == text
