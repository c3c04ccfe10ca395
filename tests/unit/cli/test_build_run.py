"""Arguments of `kfkit build run` that do not go together are told before anything is looked for or built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.cli.main import run
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = """\
components:
  - {name: app, image: ghcr.io/x/app, source: {directory: app}}
  - {name: other, image: ghcr.io/x/other, source: {directory: app}, platforms: [linux/amd64]}
"""


@pytest.fixture(autouse=True)
def _catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a catalogue, where no program is found and nothing may be written to the cache."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "builds.yaml").write_text(CATALOGUE)
    (tmp_path / "cache").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def refused(*arguments: str) -> str:
    with pytest.raises(UsageError) as error:
        run(["build", "run", "--version", "1", *arguments])
    return f"{error.value} {error.value.hint}"


NODE = ("--node", "linux/arm64=tcp://a:1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--builder", "b", *NODE), "--builder names one that is there"),
        (("--builder", "b", "--driver", "local"), "--builder names one that is there"),
        ((*NODE, "--driver", "kubernetes"), "--node names endpoints that are there"),
        (("--node", "linux/arm64"), "want PLATFORM=ENDPOINT"),
        (("--node", "linux/arm64=http://a"), "want PLATFORM=ENDPOINT"),
        (("--node", "linux/arm64=--help"), "want PLATFORM=ENDPOINT"),
        (("--node", "=tcp://a:1"), "--node: "),
        (("--node", "linux=tcp://a:1"), "--node: 'linux' is no platform"),
        (
            ("--platform", "linux/s390x"),
            "for linux/s390x The catalogue has linux/amd64, linux/arm64",
        ),
        (("other", "--platform", "linux/arm64"), "no component is built for linux/arm64"),
        (("nothing",), "no component is called 'nothing'"),
    ],
)
def test_what_does_not_go_together_is_one_message(arguments: tuple[str, ...], said: str) -> None:
    assert said in refused(*arguments)
