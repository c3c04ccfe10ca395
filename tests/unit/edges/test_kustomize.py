from __future__ import annotations

from pathlib import Path

import pytest

from buildkit.edges.kustomize import split_messages
from buildkit.edges.render_cache import RecordStore, key_of
from buildkit.edges.tools import parse_version


def test_warnings_and_the_error_are_told_apart() -> None:
    text = (
        "# Warning: 'vars' is deprecated.\n2026/11/22 11:37:15 well-defined vars that were never replaced: b,a\n"
        "# Warning: 'vars' is deprecated.\nError: accumulating resources: x\n  y: z\n"
    )
    warnings, error = split_messages(text)
    assert warnings == ("# Warning: 'vars' is deprecated.", "well-defined vars that were never replaced: a,b")
    assert error == "accumulating resources: x\n  y: z"
    assert split_messages("") == ((), "")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("v5.8.1\n", (5, 8, 1)),
        ("{Version:kustomize/v4.5.7 GitCommit:x}", (4, 5, 7)),
        ("v0.0.0+unknown", None),
        ("(devel)", None),
        ("", None),
    ],
)
def test_parse_version(text: str, version: tuple[int, int, int] | None) -> None:
    assert parse_version(text) == version


def test_keys_tell_their_parts_apart() -> None:
    assert key_of(["ab", "c"]) != key_of(["a", "bc"])
    assert key_of([]) != key_of([""])


@pytest.mark.parametrize("damage", [b"", b"x" * 31, b"x" * 200, None])
def test_a_damaged_record_is_dropped(tmp_path: Path, damage: bytes | None) -> None:
    store = RecordStore(tmp_path, dict[str, int])
    key = key_of(["a"])
    assert store.read(key) is None
    store.write(key, {"a": 1})
    assert store.read(key) == {"a": 1}
    (path,) = (one for one in tmp_path.rglob("*") if one.is_file())
    path.write_bytes(path.read_bytes()[:-1] if damage is None else damage)
    assert store.read(key) is None
    assert not path.exists()


def test_a_record_of_another_shape_is_dropped(tmp_path: Path) -> None:
    RecordStore(tmp_path, dict[str, str]).write("k" * 64, {"a": "b"})
    assert RecordStore(tmp_path, dict[str, int]).read("k" * 64) is None
