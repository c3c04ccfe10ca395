"""What the default install of a real release can pull, to the last image.

The expected lists were checked by hand, name by name, against every reference-shaped text of the render. After a
change that is meant: `UPDATE_GOLDEN=1 pytest tests/integration/images`, and read the difference.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from buildkit.images.finder import find
from buildkit.images.found import Found
from buildkit.model.documents import parse_documents, split_documents
from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004
from tests.support.tools import ROOT, release, remotes, tool
from tests.unit.images.finding import knowledge

pytestmark = pytest.mark.release
RELEASES = ("26.03", "v1.11.0")
GOLDEN = ROOT / "tests" / "golden" / "images"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))

# Texts of both renders that have the form of a reference with a tag, and what they are instead.
EXPLAINED = {
    r".*:\d{2,5}": "a port",
    r"(?:default|misc):\w+": "a log level",
    r"(?:kubeflow|device|editor|av|maps):[\w-]+": "an icon",
    r"(?:system|xml|xlink|xmlns|figma|mix-blend-mode|cert-manager[\w-]*):[\w-]+": "a role, or markup",
    r"host:port": "documentation",
}


@cache
def render(name: str, folder: Path) -> str:
    """The default install, with remote bases read from disk: rewritten in a copy, for kustomize would fetch them."""
    tree = folder / name
    shutil.copytree(release(name), tree)
    for file in tree.rglob("kustomization.yaml"):
        localize(file)
    done = subprocess.run(
        [tool("kustomize"), "build", str(tree / "example")], capture_output=True, text=True, timeout=300, check=True
    )
    return done.stdout


def localize(file: Path) -> None:
    """Let a kustomization name its remote bases by their paths on disk."""
    file.chmod(0o644)
    file.parent.chmod(0o755)
    text = file.read_text(encoding="utf-8")
    pattern = re.compile(r"^(\s*-\s+)(https://\S+)$", re.MULTILINE)
    file.write_text(pattern.sub(lambda line: line[1] + local(line[2], file.parent), text), encoding="utf-8")


def local(url: str, folder: Path) -> str:
    match = re.fullmatch(r"https://(github\.com/[^/]+/[^/]+)/+(.+)\?ref=(.+)", url)
    if match is not None:
        return os.path.relpath(remotes() / f"{match[1]}@{match[3]}" / match[2], folder)
    file = remotes() / "https" / url.removeprefix("https://")
    if not file.is_file():
        return url
    shutil.copy(file, folder / "remote.yaml")
    return "remote.yaml"


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("releases")


def images(text: str) -> list[Found]:
    return list(find(parse_documents(text), knowledge()))


def listing(found: list[Found]) -> str:
    """One line for each image: its name, and how it is named outside of samples."""
    hows: dict[str, set[str]] = {}
    for one in found:
        hows.setdefault(one.reference.name, set()).add(f"{one.how} (sample)" if one.sample else one.how)
    return "".join(f"{name}  {', '.join(sorted(how))}\n" for name, how in sorted(hows.items()))


@pytest.mark.parametrize("name", RELEASES)
def test_the_default_install_pulls_exactly_these(name: str, scratch: Path) -> None:
    actual = listing(images(render(name, scratch)))
    golden = GOLDEN / f"{name}.txt"
    if UPDATE:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(actual, encoding="utf-8")
    assert actual == golden.read_text(encoding="utf-8")


TOKEN = re.compile(
    r"(?<![\w./:@{}$-])((?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?::\d+)?/)*[a-z0-9]+(?:[._-]+[a-z0-9]+)*"
    r"(?::\w[\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64}))(?![\w/@:{}$-])"
)


@pytest.mark.parametrize("name", RELEASES)
def test_no_text_of_the_render_that_could_be_an_image_is_left_unexplained(name: str, scratch: Path) -> None:
    text = render(name, scratch)
    known = {one.reference.name for one in images(text)}
    left = set()
    for _, document in split_documents(text):
        if "\nkind: CustomResourceDefinition\n" not in document:
            left |= {token for token in TOKEN.findall(document) if name_of(token) not in known}
    assert {token for token in left if not any(re.fullmatch(one, token) for one in EXPLAINED)} == set()


def name_of(token: str) -> str:
    try:
        return parse_reference(token).name
    except ReferenceError:
        return token


@pytest.mark.parametrize("name", RELEASES)
def test_every_piece_of_an_image_stands_where_it_is_said_to(name: str, scratch: Path) -> None:
    """The raw text of each part is in the render: what traces it back to a file can look for it."""
    text = render(name, scratch)
    flat = re.sub(r"\\n|\s|\\", "", text)
    for one in images(text):
        assert one.parts or one.how == "declared"
        for _, raw in one.parts:
            assert re.sub(r"\s", "", raw) in flat, one
