"""Result files: written whole, read with suspicion."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from buildkit.builds.result import BuildResult
from buildkit.errors import UsageError
from buildkit.flows.build_results import read_result, read_results, result_path, write_result
from buildkit.report.json import json_schema
from tests.unit.builds.results import AMD64, ARM64, digest, result

DOCUMENT: dict[str, Any] = {
    "schema": "kfkit/build-result/v1",
    "version": "1",
    "builds": [
        {
            "component": "app",
            "image": "ghcr.io/x/app",
            "tags": ["ghcr.io/x/app:1"],
            "context": ".",
            "dockerfile": "Dockerfile",
            "platforms": [{"platform": AMD64}],
        }
    ],
    "results": [{"component": "app", "platform": AMD64, "digest": digest("x"), "way": "native"}],
}


def write(path: Path, **changes: Any) -> Path:
    path.write_text(json.dumps({**DOCUMENT, **changes}))
    return path


def refused(path: Path) -> str:
    with pytest.raises(UsageError) as error:
        read_result(path)
    assert str(path) in str(error.value)
    return str(error.value)


def test_what_is_written_is_read_and_is_as_its_schema_says(tmp_path: Path) -> None:
    path = result_path(tmp_path / "new", "app.one", "linux/arm/v7")
    assert path.name == "app.one.linux-arm-v7.json"
    write_result(path, result(AMD64, ARM64))
    assert read_result(path) == result(AMD64, ARM64)
    jsonschema.validate(json.loads(path.read_text()), json.loads(json_schema("build-result", BuildResult)))
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_result(tmp_path / "file" / "x.json", result(AMD64))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not JSON"),
        (b"[]", "not JSON"),
        (b"", "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (b"{}", "schema: 'None'"),
        (b'{"a":' * 100_000, "not JSON"),
        (b'{"schema": "kfkit/pins/v1"}', "schema: 'kfkit/pins/v1'"),
        (b'{"schema": ["kfkit/build-result/v1"]}', "schema: "),
        (b'{"schema": "kfkit/build-result/v1"}', "missing required field"),
        (b" " * (5 * 1024 * 1024), "larger than"),
    ],
)
def test_what_is_no_result_is_one_message(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    assert said in refused(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": 3}, "$.version"),
        ({"version": "--x"}, "is no tag"),
        ({"results": [{**DOCUMENT["results"][0], "way": "\x1b[2J"}]}, "$.results[0].way"),
        ({"results": [{**DOCUMENT["results"][0], "seconds": "1"}]}, "$.results[0].seconds"),
        ({"results": [{**DOCUMENT["results"][0], "platform": ARM64}]}, "not among the platforms"),
        ({"results": [{**DOCUMENT["results"][0], "digest": "x"}]}, "is no digest"),
        ({"builds": [{**DOCUMENT["builds"][0], "image": "--append"}]}, "builds: "),
        ({"builds": [{**DOCUMENT["builds"][0], "tags": ["ghcr.io/victim/app:1"]}]}, "is no tag of ghcr.io/x/app"),
    ],
)
def test_a_wrong_word_is_named_with_its_file_and_key(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    assert said in refused(write(tmp_path / "x.json", **changes))


def test_keys_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    assert read_result(write(tmp_path / "x.json", later=1)) is not None


def test_of_a_folder_the_results_right_in_it_are_read(tmp_path: Path) -> None:
    write(tmp_path / "b.json")
    write(tmp_path / "a.json")
    (tmp_path / "other.json").write_text('{"schema": "kfkit/build-run/v1"}')
    (tmp_path / "none.json").write_text("{")
    (tmp_path / "a.log").write_text("")
    (tmp_path / "folder.json").mkdir()
    write(tmp_path / "folder.json" / "c.json")
    found = read_results([tmp_path])
    assert [Path(name).name for name, _ in found] == ["a.json", "b.json"]


def test_a_wrong_result_in_a_folder_is_not_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "a.json", version=3)
    with pytest.raises(UsageError, match=r"a\.json"):
        read_results([tmp_path])


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.json")
    (tmp_path / "circle.json").symlink_to(tmp_path / "circle.json")
    with pytest.raises(UsageError, match="no results"):
        read_results([tmp_path])


def test_no_result_is_left_out_of_a_folder_of_too_many(tmp_path: Path) -> None:
    for number in range(2001):
        (tmp_path / f"{number}.json").touch()
    with pytest.raises(UsageError, match="more than 2000 files"):
        read_results([tmp_path])


def test_nothing_at_all_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no results"):
        read_results([tmp_path])
    with pytest.raises(UsageError, match="there is no such file"):
        read_results([tmp_path / "none.json"])
