"""Result files: one for each platform of a component, written as soon as it is pushed, read by merge and by a retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from buildkit.builds.result import BuildResult
from buildkit.builds.result_words import check_result
from buildkit.builds.words import WordError
from buildkit.edges.files import read_limited, write_whole
from buildkit.errors import UsageError
from buildkit.report.json import encode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

T = TypeVar("T")
_LIMIT: Final = 4 * 1024 * 1024
_MOST_FILES: Final = 2000
SCHEMA: Final = "build-result"


def result_path(folder: Path, component: str, platform: str) -> Path:
    """`katib-controller.linux-arm64.json`."""
    return folder / f"{component}.{platform.replace('/', '-')}.json"


def write_result(path: Path, result: BuildResult) -> None:
    """Write a result, whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        write_whole(path, encode(SCHEMA, result), mode=0o644)  # somebody else may merge it
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


def read_results(paths: Iterable[Path]) -> tuple[tuple[str, BuildResult], ...]:
    """Results by the name of their file; of a folder those right in it that are results.

    Raises:
        UsageError: a file that is named is no result; nothing is there.
    """
    found: list[tuple[str, BuildResult]] = []
    for path in paths:
        if path.is_dir():
            found += [(str(file), one) for file in _files(path) if (one := read_result(file, only=True)) is not None]
        elif (one := read_result(path)) is not None:
            found.append((str(path), one))
    if not found:
        raise UsageError(
            "no results: " + ", ".join(map(str, paths)),
            hint="`kfkit build run --platform …` writes them, one for each platform of a component.",
        )
    return tuple(found)


def _files(folder: Path) -> list[Path]:
    """Those that may be results: a pipe among them would be waited for."""
    try:
        files = sorted(path for path in folder.glob("*.json") if path.is_file())
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}") from error
    if len(files) > _MOST_FILES:
        raise UsageError(f"{folder}: more than {_MOST_FILES} files")
    return files


def read_result(path: Path, *, only: bool = False) -> BuildResult | None:
    """One result file; with `only`, None where it is a document of another kind.

    Raises:
        UsageError: it cannot be read, or says what no result says.
    """
    result = read_document(path, SCHEMA, BuildResult, only=only)
    if result is not None:
        try:
            check_result(result)
        except WordError as error:
            raise UsageError(f"{path}: {error}") from error
    return result


def read_document(path: Path, schema: str, kind: type[T], *, only: bool = False) -> T | None:
    """A document of ours by its schema.

    Raises:
        UsageError: it cannot be read, or is another.
    """
    body = read_limited(path, _LIMIT)
    try:
        said = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        if only:
            return None
        raise UsageError(f"{path}: not JSON: {error}") from error
    wanted = f"kfkit/{schema}/v1"
    if said.get("schema") != wanted:
        if only:
            return None
        raise UsageError(f"{path}: schema: {str(said.get('schema'))[:80]!r}, not {wanted!r}")
    try:
        return msgspec.convert({key: value for key, value in said.items() if key != "schema"}, type=kind)
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {error}") from error
