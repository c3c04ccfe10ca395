"""Result files: one for each platform of a component, written as soon as it is pushed, read by merge and by a retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from buildkit.builds.result import BuildResult
from buildkit.edges.files import read_limited, write_whole
from buildkit.errors import UsageError
from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004  # the field's word
from buildkit.report.json import encode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

T = TypeVar("T")
_LIMIT: Final = 16 * 1024 * 1024
_MOST_FILES: Final = 2000
SCHEMA: Final = "build-result"


def result_path(folder: Path, component: str, platform: str) -> Path:
    """`katib-controller.linux-arm64.json`."""
    return folder / f"{component}.{platform.replace('/', '-')}.json"


def write_result(path: Path, result: BuildResult) -> None:
    """Write a result, whole or not at all."""
    write_whole(path, encode(SCHEMA, result))


def read_results(paths: Iterable[Path]) -> tuple[tuple[str, BuildResult], ...]:
    """Results by the name of their file; of a folder those right in it that are results.

    Raises:
        UsageError: a file that is named is no result; nothing is there.
    """
    found: list[tuple[str, BuildResult]] = []
    for path in paths:
        if path.is_dir():
            files = sorted(path.glob("*.json"))[:_MOST_FILES]
            found += [(str(file), one) for file in files if (one := read_result(file, only=True)) is not None]
        elif (one := read_result(path)) is not None:
            found.append((str(path), one))
    if not found:
        raise UsageError(
            "no results: " + ", ".join(map(str, paths)),
            hint="`kfkit build run --platform …` writes them, one for each platform of a component.",
        )
    return tuple(found)


def read_result(path: Path, *, only: bool = False) -> BuildResult | None:
    """One result file; with `only`, None where it is a document of another kind.

    Raises:
        UsageError: it cannot be read, or says what no result says.
    """
    result = read_document(path, SCHEMA, BuildResult, only=only)
    if result is not None:
        _check(path, result)
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


def _check(path: Path, result: BuildResult) -> None:
    """What goes into a command line or a URL has to be what it says it is."""
    images = {build.component: build.image for build in result.builds}
    names = [tag for build in result.builds for tag in build.tags] + [seen.tag for seen in result.tags]
    for one in result.results:
        if one.component not in images:
            raise UsageError(f"{path}: results: {one.component[:80]!r} is not among its builds")
        names.append(f"{images[one.component]}@{one.digest}")
    for name in names:
        try:
            parse_reference(name)
        except ReferenceError as error:
            raise UsageError(f"{path}: {error}") from error
