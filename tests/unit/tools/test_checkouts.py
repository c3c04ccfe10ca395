from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tools.checkouts import CheckoutError, clone, main, read_sources

if TYPE_CHECKING:
    from pathlib import Path

_WHO = ("-c", "user.name=x", "-c", "user.email=x@example.com")


def repository(folder: Path, branch: str = "main") -> None:
    """Make a repository with a commit on a branch."""
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text(f"# {branch}\n")
    for words in (("init", "--quiet", f"--initial-branch={branch}"), ("add", "."), (*_WHO, "commit", "-qm", "x")):
        subprocess.run(["git", "-C", str(folder), *words], check=True)


@pytest.fixture(autouse=True)
def github(tmp_path: Path, home: Path) -> Path:
    """A folder that stands for GitHub."""
    folder = tmp_path / "github"
    with (home / ".gitconfig").open("a") as file:
        file.write(f'[url "file://{folder}/"]\n\tinsteadOf = https://github.com/\n')
    repository(folder / "x" / "one")
    repository(folder / "x" / "two", "v2")
    return folder


def catalogue(folder: Path, *sources: str | None) -> Path:
    file = folder / "catalogue.json"
    components = [{"source": one, "ref": "{version}"} if one else {"source": "."} for one in sources]
    file.write_text(json.dumps({"schema": "kfkit/build-catalogue/v1", "components": components}))
    return file


def test_each_repository_is_a_source_once_and_folders_are_none(tmp_path: Path) -> None:
    assert read_sources(catalogue(tmp_path, "x/two@v2", "x/one", None, "x/one")) == ["x/one", "x/two@v2"]


def test_what_is_cloned_is_printed_as_kfkit_takes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "sources"
    assert main([str(catalogue(tmp_path, "x/one", "x/two@v2")), str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"x/one={folder}/x+one", f"x/two@v2={folder}/x+two@v2"]
    assert (folder / "x+two@v2" / "Dockerfile").read_text() == "# v2\n"


def test_one_that_is_gone_is_told_and_the_others_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = catalogue(tmp_path, "x/gone", "x/one", "x/two@v3")
    assert main([str(asked), str(tmp_path / "sources")]) == 3
    told = capsys.readouterr()
    assert told.out.splitlines() == [f"x/one={tmp_path}/sources/x+one"]
    assert [line for line in told.err.splitlines() if line.startswith("error: ")] == [
        "error: x/gone: git clone ended with 128",
        "error: x/two@v3: git clone ended with 128",
    ]
    assert [path.name for path in (tmp_path / "sources").iterdir()] == ["x+one"]


def test_what_is_there_stays(tmp_path: Path, github: Path) -> None:
    clone("x/one", tmp_path)
    (github / "x" / "one").rename(github / "x" / "moved")
    assert (clone("x/one", tmp_path) / "Dockerfile").is_file()


@pytest.mark.parametrize(
    "source", ["", "x", "-x/y", "x/-y", "x/y@--upload-pack=z", "https://h/x", "../x/y", "x/..", "x/y@a..b"]
)
def test_what_is_no_repository_on_github_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(CheckoutError, match="is no OWNER/REPO"):
        clone(source, tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"components": [1]}', '{"components": [{"ref": "x"}]}'])
def test_a_file_that_is_no_catalogue_is_told(tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "catalogue.json"
    file.write_text(content)
    assert main([str(file), str(tmp_path / "sources")]) == 2
    assert "is no document of" in capsys.readouterr().err
