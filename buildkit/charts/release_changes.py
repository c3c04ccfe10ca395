"""What changed between two versions of a chart, in short: what a person reads before taking the new one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from buildkit.charts.spots import path_text
from buildkit.compare.comparison import Json
from buildkit.compare.objects import read_document
from buildkit.compare.values import same
from buildkit.model.builder import DocumentError
from buildkit.model.reference import ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.charts.spots import Steps

_CHART: Final = "Chart.yaml"
_VALUES: Final = "values.yaml"
_SCHEMA: Final = "values.schema.json"
_IMAGES: Final = "artifacthub.io/images"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileChange:
    """A file that both versions have: how many lines are new and how many gone; one that only moved is neither."""

    name: str
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TextChange:
    """A text that differs; empty where there is none."""

    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageChange:
    """The tags and digests that a repository's images have, sorted; none where the version has no such image."""

    repository: str
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeSummary:
    """Everything sorted; all empty where nothing changed.

    Attributes:
        version: the chart's own, where it changed; `app_version` likewise.
        added: files; `removed` and `changed` likewise.
        profiles_added: that the chart can render as; `profiles_removed` likewise.
        values_added: keys of `values.yaml`, the innermost ones; `values_removed` likewise.
        values_changed: keys whose default is another.
        images: of the images that Chart.yaml lists.
        unread: files that are no YAML (or JSON), `old` or `new` before the name: what they hold is not known.
    """

    version: TextChange | None = None
    app_version: TextChange | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[FileChange, ...] = ()
    profiles_added: tuple[str, ...] = ()
    profiles_removed: tuple[str, ...] = ()
    values_added: tuple[str, ...] = ()
    values_removed: tuple[str, ...] = ()
    values_changed: tuple[str, ...] = ()
    images: tuple[ImageChange, ...] = ()
    unread: tuple[str, ...] = ()


def summarise(old: Mapping[str, str], new: Mapping[str, str]) -> ChangeSummary:
    """Compare a chart's files, name to text, with those of another version."""
    before, after = _read(old, "old"), _read(new, "new")
    values, later = before.values, after.values
    return ChangeSummary(
        version=_text_change(before.chart, after.chart, "version"),
        app_version=_text_change(before.chart, after.chart, "appVersion"),
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(
            _file_change(name, old[name], new[name]) for name in sorted(old) if new.get(name) not in {None, old[name]}
        ),
        profiles_added=tuple(sorted(after.profiles - before.profiles)),
        profiles_removed=tuple(sorted(before.profiles - after.profiles)),
        values_added=tuple(sorted(later.keys() - values.keys())),
        values_removed=tuple(sorted(values.keys() - later.keys())),
        values_changed=tuple(sorted(key for key in values.keys() & later.keys() if not same(values[key], later[key]))),
        images=tuple(_image_changes(before.images, after.images)),
        unread=(*before.unread, *after.unread),
    )


def _file_change(name: str, old: str, new: str) -> FileChange:
    before, after = Counter(old.splitlines(keepends=True)), Counter(new.splitlines(keepends=True))
    return FileChange(name=name, added=(after - before).total(), removed=(before - after).total())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Version:
    chart: Mapping[str, Json]
    profiles: frozenset[str]
    values: Mapping[str, Json]
    images: Mapping[str, frozenset[str]]
    unread: tuple[str, ...]


def _read(files: Mapping[str, str], side: str) -> _Version:
    unread: list[str] = []

    def document(name: str, text: str) -> Json:
        try:
            return read_document(text, 1)
        except DocumentError:
            unread.append(f"{side} {name}")
            return None

    chart, values = (document(name, files.get(name, "")) for name in (_CHART, _VALUES))
    known = chart if isinstance(chart, Mapping) else {}
    annotations = known.get("annotations")
    listed = annotations.get(_IMAGES) if isinstance(annotations, Mapping) else None
    images = document(f"{_CHART} {_IMAGES}", listed) if isinstance(listed, str) else None
    leaves = {path_text(steps): value for steps, value in _leaves(values, ()) if steps}
    try:
        profiles = _profiles(json.loads(files.get(_SCHEMA, "{}")))
    except (ValueError, RecursionError):
        profiles = frozenset()
        unread.append(f"{side} {_SCHEMA}")
    return _Version(chart=known, profiles=profiles, values=leaves, images=_by_repository(images), unread=tuple(unread))


def _profiles(schema: Any) -> frozenset[str]:
    """What the schema lets `profile` be."""
    for key in ("properties", "profile", "enum"):
        schema = schema.get(key) if isinstance(schema, dict) else None
    return frozenset(one for one in schema if isinstance(one, str)) if isinstance(schema, list) else frozenset()


def _leaves(value: Json, steps: Steps) -> Iterator[tuple[Steps, Json]]:
    """What stands at the innermost keys; lists and empty mappings are values."""
    if isinstance(value, Mapping) and value:
        for key, below in value.items():
            yield from _leaves(below, (*steps, key))
    else:
        yield steps, value


def _by_repository(images: Json) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in images if isinstance(images, Sequence) and not isinstance(images, str) else ():
        reference = one.get("image") if isinstance(one, Mapping) else None
        if isinstance(reference, str):
            repository, rest = _parted(reference)
            found.setdefault(repository, set()).add(rest)
    return {repository: frozenset(rests) for repository, rests in found.items()}


def _parted(reference: str) -> tuple[str, str]:
    try:
        parsed = parse_reference(reference)
    except ReferenceError:
        return reference, ""
    return parsed.repository_name, parsed.name.removeprefix(parsed.repository_name).removeprefix(":")


def _image_changes(old: Mapping[str, frozenset[str]], new: Mapping[str, frozenset[str]]) -> Iterator[ImageChange]:
    for repository in sorted(old.keys() | new.keys()):
        before, after = old.get(repository, frozenset()), new.get(repository, frozenset())
        if before != after:
            yield ImageChange(repository=repository, old=tuple(sorted(before)), new=tuple(sorted(after)))


def _text_change(old: Mapping[str, Json], new: Mapping[str, Json], key: str) -> TextChange | None:
    before, after = (str(one.get(key) or "") for one in (old, new))
    return None if before == after else TextChange(old=before, new=after)
