"""The marks of every object: where names with hashes, images, values and the namespace stand, profile by profile.

An object that several profiles share is marked once; the caller gives the same `Object` for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from buildkit.charts.hashes import stem_of
from buildkit.charts.kept import mark_kept
from buildkit.charts.marks import Condition, Hashed, Image, Key, MarkedObject, Piece, Text, Tree
from buildkit.charts.namespaces import CREATE, NamespaceMarker, shown_key, with_namespace
from buildkit.charts.naming import image_names, object_names, repository_of
from buildkit.charts.omitted import bare_omissions
from buildkit.charts.placing import Placing
from buildkit.charts.rewriting import Steps, mark_text, rewrite
from buildkit.charts.secrets import closed, opened
from buildkit.charts.unfit import complaints
from buildkit.charts.workloads import POD_PATHS, main_container, mark_workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.charts.spec import ChartSpec
    from buildkit.compare.objects import Object

_CRD: Final = ("apiextensions.k8s.io", "CustomResourceDefinition")
_NAMESPACE: Final = ("", "Namespace")
_EDGE: Final = "A-Za-z0-9._/@-"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What the specification lacks, or says of what is not there; `line` of the specification, 0 for none."""

    message: str
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """All profiles, marked.

    Attributes:
        profiles: the objects by profile, in the order of the render.
        images: names by repository in full.
        references: as rendered, by image name, sorted.
        names: what values call workloads and claims, by key.
        mains: of each workload, the container whose resources and environment are its own.
        problems: what is wrong with the specification for these renders.
    """

    profiles: Mapping[str, tuple[MarkedObject, ...]]
    images: Mapping[str, str]
    references: Mapping[str, tuple[str, ...]]
    names: Mapping[Key, str]
    mains: Mapping[Key, str]
    problems: tuple[Problem, ...]


def mark(profiles: Mapping[str, Sequence[Object]], references: Iterable[str], spec: ChartSpec) -> Marked:
    """Mark every object of every profile.

    Args:
        profiles: the renders.
        references: the image references in them, as they are written there.
        spec: the chart's.
    """
    marker = _Marker(profiles, tuple(references), spec)
    marked = {name: tuple(map(marker.object, objects)) for name, objects in profiles.items()}
    marked = with_namespace(marked, spec.namespace)
    by_name: dict[str, set[str]] = {}
    for one in marker.seen:
        by_name.setdefault(marker.images[repository_of(one)], set()).add(one)
    return Marked(
        profiles=marked,
        images=marker.images,
        references={name: tuple(sorted(ones)) for name, ones in sorted(by_name.items())},
        names=marker.names,
        mains=marker.mains,
        problems=tuple(marker.problems(marked)),
    )


def references_of(objects: Iterable[MarkedObject]) -> frozenset[str]:
    """Give the image references in objects, as Kustomize has them."""
    found: set[str] = set()

    def note(_: Steps, leaf: str | Text) -> Tree:
        found.update(piece.reference for piece in getattr(leaf, "pieces", ()) if isinstance(piece, Image))
        return leaf

    for one in objects:
        rewrite(one.body, note)
    return frozenset(found)


class _Marker:
    def __init__(self, profiles: Mapping[str, Sequence[Object]], references: Sequence[str], spec: ChartSpec) -> None:
        self.spec = spec
        self.references = sorted({one for one in references if repository_of(one)}, key=lambda one: (-len(one), one))
        self.images = image_names(self.references, dict(spec.image_names))
        self.hashed = _hashed(one for objects in profiles.values() for one in objects)
        keys = {self.key(one) for objects in profiles.values() for one in objects}
        # Apart: they stand in sections of their own.
        self.names = object_names(key for key in keys if key[:2] in POD_PATHS)
        self.names |= object_names(key for key in keys if key[1] == "PersistentVolumeClaim")
        self.mains = self._mains(profiles)
        self.placing = Placing(spec)
        self.namespaces = NamespaceMarker(namespace=spec.namespace, rules=spec.namespace_text)
        self.known: dict[int, MarkedObject] = {}
        self.unfit: set[str] = set()
        self.seen: set[str] = set()
        self._image = _pattern(self.references)

    def key(self, one: Object) -> Key:
        known = self.hashed.get(one.id.name, {}).get((one.id.kind, one.id.namespace))
        return one.id.group, one.id.kind, one.id.namespace, known.stem if known else one.id.name

    def _mains(self, profiles: Mapping[str, Sequence[Object]]) -> dict[Key, str]:
        versions: dict[Key, list[Mapping[str, Tree]]] = {}
        for name in sorted(profiles, key=lambda one: one != self.spec.default):
            for one in profiles[name]:
                if (key := self.key(one))[:2] in POD_PATHS:
                    versions.setdefault(key, []).append(cast("Mapping[str, Tree]", one.body))
        return {key: main_container(self.names[key], bodies, key) for key, bodies in versions.items()}

    def object(self, one: Object) -> MarkedObject:
        if id(one) not in self.known:
            self.known[id(one)] = self._object(one)
        return self.known[id(one)]

    def problems(self, marked: Mapping[str, Sequence[MarkedObject]]) -> Iterator[Problem]:
        yield from (Problem(message=message) for message in sorted(self.unfit))
        yield from (Problem(message=message, line=line) for message, line in self.placing.unplaced())
        yield from (Problem(message=message, line=line) for message, line in bare_omissions(marked, self.spec))
        for shown, path, text in sorted(self.namespaces.unsaid):
            yield Problem(
                message=f"{shown}: {path}: `{text}` names the namespace, and `namespaceText` says neither that it "
                f"follows nor that it is kept"
            )

    def _object(self, one: Object) -> MarkedObject:
        key = self.key(one)
        self.unfit.update(complaints(one.body))
        body = self.placing.drop(key, cast("Mapping[str, Tree]", one.body))
        body = opened(key, body, self._tells)
        crd = key[:2] == _CRD
        if not crd:  # what it describes refers to nothing
            body = cast("Mapping[str, Tree]", rewrite(body, partial(self._names_and_images, key)))
            body = self.placing.place(key, body)
            body = mark_workload(key, body, self.names.get(key, ""), self.mains.get(key, ""))
        body = mark_kept(key, body, self.names.get(key, ""))
        body = self.namespaces.mark(key, body, described=crd)
        body = closed(cast("Mapping[str, Tree]", one.body), body)
        return MarkedObject(key=key, body=body, conditions=tuple(self._conditions(key)))

    def _conditions(self, key: Key) -> Iterator[Condition]:
        if key[:2] == _CRD:
            yield Condition("crds.enabled", "enabled")
        if key[:2] == _NAMESPACE and key[3] == self.spec.namespace:
            yield Condition(CREATE, "exists")
        yield from (Condition(value, "unless") for value in self.placing.omitting(key))

    def _tells(self, text: str) -> bool:
        """Tell whether a text names the namespace or an image."""
        return self.namespaces.named(text) or (self._image is not None and self._image.search(text) is not None)

    def _names_and_images(self, key: Key, steps: Steps, leaf: str | Text) -> Tree:
        if isinstance(leaf, str) and leaf in self.hashed:
            return Text((self._generated(key, self.hashed[leaf]),))
        if isinstance(leaf, str) and steps and steps[-1] == "image" and repository_of(leaf) in self.images:
            return Text((self._mark(leaf),))
        return mark_text(leaf, self._images) if self._image else leaf

    @staticmethod
    def _generated(key: Key, known: Mapping[tuple[str, str], Hashed]) -> Hashed:
        """Give what a name means where an object has it: what is of its kind and namespace, else of its namespace."""
        near = [one for (_, namespace), one in known.items() if namespace == key[2]]
        return known.get((key[1], key[2])) or next(iter((*near, *known.values())))

    def _images(self, piece: str) -> Iterator[tuple[int, int, Piece]]:
        if self._image is not None and ("/" in piece or ":" in piece):
            for found in self._image.finditer(piece):
                yield found.start(), found.end(), self._mark(found[0])

    def _mark(self, reference: str) -> Image:
        self.seen.add(reference)
        return Image(self.images[repository_of(reference)], reference)


def _hashed(objects: Iterable[Object]) -> dict[str, dict[tuple[str, str], Hashed]]:
    """Give the generated objects by name, of those the ones by kind and namespace."""
    found: dict[str, dict[tuple[str, str], Hashed]] = {}
    for one in objects:
        stem = stem_of(one.body)
        if stem is not None:
            piece = Hashed(one.id.kind, stem, one.id.name, one.id.namespace)
            found.setdefault(one.id.name, {})[one.id.kind, one.id.namespace] = piece
    return found


def _pattern(references: Sequence[str]) -> re.Pattern[str] | None:
    """Find references in text; a word without tag, digest or slash could be anything, and is none there."""
    words = [re.escape(one) for one in references if ":" in one or "@" in one or "/" in one]
    return re.compile(rf"(?<![{_EDGE}])(?:{'|'.join(words)})(?![{_EDGE}]|:[A-Za-z0-9])") if words else None


__all__ = ["Key", "Marked", "Problem", "mark", "shown_key"]
