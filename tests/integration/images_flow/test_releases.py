"""Both releases: every kustomization accounted for, every line the one that decides.

The proof of a line is a mutation: the tag or digest on every reported line is changed, each in its own way, and the
whole release is read again; each image must then show the change made on its line.
"""

from __future__ import annotations

import re
import shutil
import stat
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildkit.flows.images import ImagesRequest, ImagesResult, collect_images
from buildkit.flows.watch import Watch
from buildkit.model.reference import parse_reference
from tests.support.kfkit import share_renders
from tests.support.tools import release, remotes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.model.image import Image, ImageUse

pytestmark = [pytest.mark.integration, pytest.mark.release]

RELEASES = {
    "26.03": {"kustomizations": 230, "components": 9, "roots": 64},
    "v1.11.0": {"kustomizations": 232, "components": 10, "roots": 65},
}


@pytest.fixture(scope="module", params=RELEASES)
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory, renders: Path) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    share_renders(folder, renders)
    return folder


def read(tree: Path, bases: Path, cache: Path) -> ImagesResult:
    request = ImagesRequest(manifests=str(tree), remotes=(bases,), offline=True, lock=cache / "kfkit.lock")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(cache))
        return collect_images(request, Watch())


@pytest.fixture(scope="module")
def result(name: str, cache: Path) -> ImagesResult:
    return read(release(name), remotes(), cache)


def uses(result: ImagesResult) -> Iterator[tuple[Image, ImageUse]]:
    for image in result.images:
        for use in image.uses:
            if use.how != "declared":
                yield image, use


def told(image: Image) -> str:
    """The text that pins the image: its digest, else its tag; nothing for a bare name."""
    reference = parse_reference(image.name)
    return reference.digest or (reference.tag if image.pinned == "tag" and reference.tag else "")


def place(tree: Path, bases: Path, use: ImageUse) -> Path:
    return bases / use.file.removeprefix("remote:") if use.file.startswith("remote:") else tree / use.file


def test_every_kustomization_is_accounted_for(name: str, result: ImagesResult) -> None:
    expected = RELEASES[name]
    found = Counter(one.status for one in result.kustomizations)
    assert len(result.kustomizations) == expected["kustomizations"]
    assert found["component"] == expected["components"]
    assert found["rendered"] + found["broken"] >= expected["roots"]
    assert found["broken"] <= 3
    assert not result.problems
    assert all(one.why for one in result.kustomizations if one.status in {"broken", "covered"})


def test_every_line_holds_the_tag_or_digest(name: str, result: ImagesResult) -> None:
    wrong = []
    checked = 0
    for image, use in uses(result):
        line = place(release(name), remotes(), use).read_text().split("\n")[use.line - 1]
        wanted = told(image) or parse_reference(image.name).repository.rpartition("/")[2]
        checked += 1
        if wanted not in line:
            wrong.append((image.name, use.file, use.line, line.strip()))
    assert wrong == []
    assert checked > 250


def test_answers_are_the_same_warm(name: str, result: ImagesResult, cache: Path) -> None:
    assert read(release(name), remotes(), cache) == result


def test_what_is_changed_on_a_line_shows_in_the_image(
    name: str, result: ImagesResult, cache: Path, tmp_path: Path
) -> None:
    tree, bases = tmp_path / "tree", tmp_path / "remotes"
    shutil.copytree(release(name), tree)
    shutil.copytree(remotes(), bases)
    marks = _mutate(tree, bases, result)
    seen: dict[tuple[str, str, str], set[str]] = {}
    for image, use in uses(read(tree, bases, cache)):
        for folder in use.kustomizations:
            seen.setdefault((_bare(use), use.path or "", folder), set()).add(image.name)
    lost = [
        (use.file, use.line, folder)
        for image, use in _pinned(result)
        for folder in use.kustomizations
        if not any(marks[use.file, use.line, told(image)] in one for one in seen[_bare(use), use.path or "", folder])
    ]
    assert lost == []
    assert len(marks) > 100


def _pinned(result: ImagesResult) -> Iterator[tuple[Image, ImageUse]]:
    for image, use in uses(result):
        if told(image) and not use.sample:
            yield image, use


def _bare(use: ImageUse) -> str:
    """The object without a generated name's hash, which follows the content."""
    return re.sub(r"-[a-z0-9]{10}$", "", use.object or "")


def _mutate(tree: Path, bases: Path, result: ImagesResult) -> dict[tuple[str, int, str], str]:
    """Change the tag or digest on every reported line; what it became, by file, line and old text."""
    lines: dict[tuple[Path, int], set[tuple[str, str]]] = {}
    for image, use in _pinned(result):
        lines.setdefault((place(tree, bases, use), use.line), set()).add((use.file, told(image)))
    marks: dict[tuple[str, int, str], str] = {}
    for number, ((path, line), wanted) in enumerate(sorted(lines.items())):
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
        rows = path.read_text().split("\n")
        for file, old in sorted(wanted, key=lambda one: -len(one[1])):
            new = f"{old[:-6]}{0xABC000 + number:06x}" if old.startswith("sha256:") else f"{old}-x{number}"
            if f"-x{number}" not in rows[line - 1]:
                rows[line - 1] = rows[line - 1].replace(old, new)
            marks[file, line, old] = new
        path.write_text("\n".join(rows))
    return marks
