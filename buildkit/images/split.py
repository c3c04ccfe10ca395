"""References that stand in pieces: image and tag, hub and image and tag, repository and digest, name and version."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from buildkit.images import names
from buildkit.images.candidates import Candidate, Judge, Strength
from buildkit.images.hits import Part, Scope, child
from buildkit.model.resource import Value

_NAMES = ("repository", "image", "name", "imageName", "reference", "ref", "uri", "url")


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """A reference put together; more than one part where it stood in pieces."""

    candidate: Candidate
    parts: tuple[Part, ...]


def complete(key: str, text: str, scope: Scope, judge: Judge) -> Iterator[Whole]:
    """Yield the references that `text` under `key` makes with the fields around it; one for each version field.

    `defaultImageVersion` beside `defaultGpuImageVersion` gives two (KServe's former predictor configuration).
    """
    candidate = judge.read(text)
    own = (child(scope.path, key), text)
    if candidate is None:
        return
    hub = _hub(key, candidate, scope)
    if candidate.versioned:
        yield from _joined(hub, own, None, judge) if hub else [Whole(candidate=candidate, parts=(own,))]
        return
    versions = list(_versions(key, scope)) or list(_inherited(candidate, scope))
    if not versions:
        yield from _joined(hub, own, None, judge) if hub else [Whole(candidate=candidate, parts=(own,))]
    for version in versions:
        yield from _joined(hub, own, version, judge)


def from_map(scope: Scope, judge: Judge, *, image: bool) -> Iterator[Whole]:
    """Yield the reference of a mapping of pieces: `{registry, repository, tag}`, `{name, version}`.

    Args:
        scope: the mapping.
        judge: reads references.
        image: whether the field that holds the mapping says image; otherwise only `repository` with a version counts.
    """
    for key in _NAMES if image else ("repository",):
        text = scope.mapping.get(key)
        if not isinstance(text, str) or not text:
            continue
        own = (child(scope.path, key), text)
        hub = _first(scope, lambda name: names.is_hub_of(name, "image"))
        version = next(_versions("image", scope), None)
        if version is not None:
            yield from _joined(hub, own, version, judge)
        elif image and not _has_version_field(scope):
            for whole in _joined(hub, own, None, judge):
                if whole.candidate.strength >= (Strength.PATH if key != "name" else Strength.TAGGED):
                    yield whole
        return


def _joined(hub: Part | None, own: Part, version: Part | None, judge: Judge) -> Iterator[Whole]:
    text = own[1].strip()
    if hub is not None and not text.startswith(hub[1].rstrip("/") + "/"):
        text = f"{hub[1].strip().rstrip('/')}/{text}"
    else:
        hub = None
    if version is not None:
        value = version[1].strip()
        text += f"@{value}" if value.startswith("sha256:") else f":{value}"
    candidate = judge.read(text)
    if candidate is not None:
        yield Whole(candidate=candidate, parts=tuple(part for part in (hub, own, version) if part is not None))


def _versions(key: str, scope: Scope) -> Iterator[Part]:
    digest = _first(scope, lambda name: names.is_digest_of(name, key))
    if digest is not None and digest[1].startswith("sha256:"):
        yield digest
        return
    found = _first(scope, lambda name: names.is_version_of(name, key))
    if found is not None:
        yield _with_variant(found, scope.mapping)
    if key == "image":
        for name, value in _texts(scope.mapping):
            words = names.words_of(name)
            if words[:1] == ("default",) and words[-2:] == ("image", "version") and len(words) > 3:  # noqa: PLR2004
                yield (child(scope.path, name), value)


def _inherited(candidate: Candidate, scope: Scope) -> Iterator[Part]:
    """A bare name takes its version from where its hub stands (Istio's `global`)."""
    if candidate.strength is not Strength.BARE:
        return
    for around in _around(scope):
        hub = _first(around, lambda name: names.is_hub_of(name, "image"))
        tag = _first(around, lambda name: names.is_version_of(name, "image"))
        if hub is not None and tag is not None:
            yield _with_variant(tag, around.mapping)
            return


def _hub(key: str, candidate: Candidate, scope: Scope) -> Part | None:
    own = _first(scope, lambda name: names.is_hub_of(name, key) and names.words_of(name)[-1] != "host")
    if own is not None and (
        candidate.strength in {Strength.BARE, Strength.TAGGED} or "." not in candidate.text.split("/")[0]
    ):
        return own
    if candidate.strength is Strength.BARE:
        for around in _around(scope):
            hub = _first(around, lambda name: names.is_hub_of(name, "image") and names.words_of(name)[-1] != "host")
            if hub is not None and _first(around, lambda name: names.is_version_of(name, "image")) is not None:
                return hub
    return None


def _around(scope: Scope) -> Iterator[Scope]:
    """The mappings around, nearest first, and the `global` one of each (Helm values)."""
    at: Scope | None = scope
    while at is not None:
        yield at
        shared = at.mapping.get("global")
        if isinstance(shared, Mapping):
            yield Scope(child(at.path, "global"), shared)
        at = at.outer


def _with_variant(tag: Part, mapping: Mapping[str, Value]) -> Part:
    """Istio appends `global.variant` (`distroless`) to its tag; the part stays the tag's."""
    variant = mapping.get("variant")
    return (tag[0], f"{tag[1]}-{variant}") if isinstance(variant, str) and variant and "hub" in mapping else tag


def _first(scope: Scope, wanted: Callable[[str], bool]) -> Part | None:
    for name, value in _texts(scope.mapping):
        if wanted(name):
            return (child(scope.path, name), value)
    return None


def _has_version_field(scope: Scope) -> bool:
    return any(names.is_version_of(name, "image") for name in scope.mapping)


def _texts(mapping: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    for name, value in mapping.items():
        if isinstance(value, str) and value and "\n" not in value:
            yield name, value
