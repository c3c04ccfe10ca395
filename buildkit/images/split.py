"""References that stand in pieces: image and tag, hub and image and tag, repository and digest, name and version."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.images import names
from buildkit.images.candidates import Candidate, Judge, Strength
from buildkit.images.hits import Part, Scope
from buildkit.model.path import child

if TYPE_CHECKING:
    from buildkit.model.resource import Value

_PLAIN_DEFAULT = ("default", "image", "version")
_NAMES = ("repository", "image", "name", "imageName", "reference", "ref", "uri", "url")


@dataclass(frozen=True, slots=True)
class _Version:
    """What goes after a name (`:1.2`, `@sha256:…`, both), and the fields it stands in."""

    text: str
    parts: tuple[Part, ...]


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
        image: whether the field that holds the mapping says image; otherwise `repository` (or a `name` with a known
            registry) counts with a version only.
    """
    for key in _NAMES if image else ("repository", "name"):
        text = scope.mapping.get(key)
        if not isinstance(text, str) or not text or (not image and key == "name" and not _known(text, judge)):
            continue
        own = (child(scope.path, key), text)
        hub = _first(scope, lambda name: names.is_hub_of(name, "image"))
        version = next(_versions("image", scope), None)
        if version is not None:
            yield from _joined(hub, own, version, judge)
        elif image and not _has_version_field(scope):
            for whole in _joined(hub, own, None, judge):
                least = Strength.PATH if key != "name" else Strength.TAGGED
                if whole.candidate.strength >= least or _is_volume(scope.mapping):
                    yield whole
        return


def listed(text: str, judge: Judge) -> Iterator[Candidate]:
    """Yield the images of a list in one text: `a/b:1,c/d:2`, `first=a/b:1 second=c/d:2`."""
    words = re.split(r"[,;\s]+", text.strip())
    for word in words if len(words) > 1 else ():
        candidate = judge.read(word.rpartition("=")[2])
        if candidate is not None and candidate.strength >= Strength.TAGGED:
            yield candidate


def _joined(hub: Part | None, own: Part, version: _Version | None, judge: Judge) -> Iterator[Whole]:
    text = own[1].strip()
    if hub is not None and not text.startswith(hub[1].rstrip("/") + "/"):
        text = f"{hub[1].strip().rstrip('/')}/{text}"
    else:
        hub = None
    candidate = judge.read(text + (version.text if version else ""))
    if candidate is not None:
        before = (hub, own) if hub else (own,)
        yield Whole(candidate=candidate, parts=(*before, *(version.parts if version else ())))


def _versions(key: str, scope: Scope) -> Iterator[_Version]:
    tag = _first(scope, lambda name: names.is_version_of(name, key))
    digest = _first(scope, lambda name: names.is_digest_of(name, key))
    if digest is not None and digest[1].startswith("sha256:"):
        before = _tagged(tag, scope.mapping) if tag else None
        text, parts = (before.text, before.parts) if before else ("", ())
        yield _Version(f"{text}@{digest[1]}", (*parts, digest))
    elif tag is not None:
        yield _tagged(tag, scope.mapping)
    if key == "image":
        for name, value in scope.pieces:
            words = names.words_of(name)
            if words[:1] == ("default",) and words[-2:] == ("image", "version") and len(words) > len(_PLAIN_DEFAULT):
                yield _Version(f":{value}", ((child(scope.path, name), value),))


def _inherited(candidate: Candidate, scope: Scope) -> Iterator[_Version]:
    """A bare name takes its version from where its hub stands (Istio's `global`)."""
    if candidate.strength is not Strength.BARE:
        return
    for around in _around(scope):
        hub = _first(around, lambda name: names.is_hub_of(name, "image"))
        tag = _first(around, lambda name: names.is_version_of(name, "image"))
        if hub is not None and tag is not None:
            yield _tagged(tag, around.mapping)
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


def _tagged(tag: Part, mapping: Mapping[str, Value]) -> _Version:
    """Istio appends `global.variant` (`distroless`) to its tag."""
    variant, value = mapping.get("variant"), tag[1].strip()
    if isinstance(variant, str) and variant and "hub" in mapping:
        value = f"{value}-{variant}"
    return _Version(f":{value}", (tag,))


def _first(scope: Scope, wanted: Callable[[str], bool]) -> Part | None:
    for name, value in scope.pieces:
        if wanted(name):
            return (child(scope.path, name), value)
    return None


def _known(text: str, judge: Judge) -> bool:
    candidate = judge.read(text)
    return candidate is not None and candidate.known


def _is_volume(mapping: Mapping[str, Value]) -> bool:
    """A pod's image volume (Kubernetes 1.31, core/v1 ImageVolumeSource): what it names is an image, bare or not."""
    return "reference" in mapping and mapping.keys() <= {"reference", "pullPolicy"}


def _has_version_field(scope: Scope) -> bool:
    return any(names.is_version_of(name, "image") for name in scope.mapping)
