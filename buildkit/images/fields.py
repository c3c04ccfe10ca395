"""Images in the fields of a structure, whatever its kind: rendered objects, and YAML or JSON found in texts.

One walk, led by what the fields are called. It yields images, and the longer strings that may hold more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.images import arguments, environment, expansion, names, split
from buildkit.images.candidates import Judge, Strength
from buildkit.images.hits import Hit, Scope, Text
from buildkit.images.names import Says
from buildkit.model.image import How
from buildkit.model.path import child, item

if TYPE_CHECKING:
    from buildkit.model.resource import Value

# Labels and selectors repeat names; what was applied before is history; prose is prose.
_SKIPPED: Final = frozenset(
    [
        "labels",
        "matchLabels",
        "selector",
        "status",
        "managedFields",
        "ownerReferences",
        "description",
        "message",
        "openAPIV3Schema",
        "podLabels",
        "commonLabels",
        "nodeSelector",
        "kubectl.kubernetes.io/last-applied-configuration",
        "readme",
    ]
)
_ARGUMENTS: Final = frozenset(["args", "command", "extraArgs", "arguments", "entrypoint", "cmd"])
_CONTAINERS: Final = frozenset(
    ["containers", "initContainers", "ephemeralContainers", "sidecars", "container", "initContainer", "script"]
)
_CONTAINER_FIELDS: Final = frozenset(
    ["command", "args", "env", "envFrom", "ports", "resources", "volumeMounts", "imagePullPolicy", "securityContext"]
)
_CHOSEN: Final = frozenset({"value", "default", "current"})
_MODEL_IMAGE: Final = "oci://"
MAX_TEXT: Final = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """One walk: `how` images in plain fields are to be reported, and whether bare words count outside containers."""

    judge: Judge
    how: How
    bare: bool
    images: re.Pattern[str] | None = None
    never: re.Pattern[str] | None = None

    def over(self, value: Value, path: str) -> Iterator[Hit | Text]:
        """Search a whole structure."""
        yield from self._any(value, path, None, container=False)

    def _any(self, value: Value, path: str, scope: Scope | None, *, container: bool) -> Iterator[Hit | Text]:
        if isinstance(value, Mapping):
            yield from self._mapping(Scope(path, value, scope), container=container)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for index, one in enumerate(value):
                where = item(path, index)
                if isinstance(one, str):
                    yield from self._string("", one, where)
                else:
                    yield from self._any(one, where, scope, container=container)

    def _mapping(self, scope: Scope, *, container: bool) -> Iterator[Hit | Text]:
        mapping = scope.mapping
        container = container or not _CONTAINER_FIELDS.isdisjoint(mapping)
        yield from self._wholes(split.from_map(scope, self.judge, image=False), scope)
        yield from self._pair(scope)
        for key, value in mapping.items():
            path = child(scope.path, key)
            if key in _SKIPPED or value is None or (self.never is not None and self.never.fullmatch(path)):
                continue
            if key == "env" and isinstance(value, Sequence) and not isinstance(value, str):
                yield from environment.search(value, path, self.judge, self._how("environment"))
                yield from self._any(_without_values(value), path, scope, container=False)
            elif key in _ARGUMENTS and isinstance(value, Sequence):
                yield from self._arguments(value, path, scope)
            elif isinstance(value, str):
                yield from self._field(key, value, scope, container=container)
            elif names.says(key) >= Says.MAYBE:
                yield from self._collection(value, path, scope, certain=names.says(key) >= Says.IMAGE)
            else:
                yield from self._any(value, path, scope, container=key in _CONTAINERS)

    def _arguments(self, value: Sequence[Value], path: str, scope: Scope) -> Iterator[Hit | Text]:
        known = expansion.variables(scope.mapping.get("env"), child(scope.path, "env"))
        rows = {path: value} if isinstance(value, str) else {item(path, index): one for index, one in enumerate(value)}
        written = {place: one for place, one in rows.items() if isinstance(one, str)}
        found = arguments.search(expansion.expanded(value, known), path, self.judge, self._how("argument"))
        yield from expansion.traced(found, written, known)

    def _how(self, own: How) -> How:
        return "embedded" if self.how == "embedded" else own

    def _field(self, key: str, text: str, scope: Scope, *, container: bool) -> Iterator[Hit | Text]:
        said = names.says(key)
        path = child(scope.path, key)
        if self.images is not None and self.images.fullmatch(path):
            said, container = Says.IMAGE, True
        if text.startswith(_MODEL_IMAGE):
            yield from self._model(key, text, path)
        elif said >= Says.IMAGE and "\n" not in text:
            wholes = split.complete(key, text, scope, self.judge)
            bare = container or (self.bare and key == "image")
            yield from self._wholes((one for one in wholes if bare or one.candidate.strength > Strength.BARE), scope)
        elif said is Says.MAYBE and "\n" not in text:
            wholes = split.complete(key, text, scope, self.judge)
            yield from self._wholes((one for one in wholes if one.candidate.strength >= Strength.FULL), scope)
        else:
            yield from self._string(key, text, path)

    def _model(self, key: str, text: str, path: str) -> Iterator[Hit]:
        """`storageUri: oci://…` is pulled by the node as an image (KServe, modelcars); in a catalogue it is data."""
        candidate = (
            self.judge.read(text.removeprefix(_MODEL_IMAGE)) if names.words_of(key) == ("storage", "uri") else None
        )
        if candidate is not None:
            yield Hit(path=path, candidate=candidate, how=self.how, parts=((path, text),))

    def _string(self, key: str, text: str, path: str) -> Iterator[Hit | Text]:
        if "\n" in text or text[:1] in "{[" or len(text) > 600:  # noqa: PLR2004  # longer than a reference can be
            if len(text) <= MAX_TEXT:
                yield Text(path=path, key=key, text=text, how=self._how("embedded"))
            return
        if "/" not in text:
            return
        candidate = self.judge.read(text)
        if candidate is not None and candidate.evident:
            yield Hit(path=path, candidate=candidate, how=self.how, parts=((path, text),))

    def _collection(self, value: Value, path: str, scope: Scope, *, certain: bool) -> Iterator[Hit | Text]:
        """A field that says image and holds a collection: options, pieces, or something else altogether."""
        if isinstance(value, Mapping):
            yield from self._image_map(Scope(path, value, scope), certain=certain)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for index, one in enumerate(value):
                if isinstance(one, str):
                    yield from self._option(one, item(path, index), Strength.PATH if certain else Strength.FULL)
                else:
                    yield from self._collection(one, item(path, index), scope, certain=certain)

    def _image_map(self, scope: Scope, *, certain: bool) -> Iterator[Hit | Text]:
        wholes = list(split.from_map(scope, self.judge, image=certain))
        yield from self._wholes(iter(wholes), scope)
        yield from self._mapping(scope, container=False)
        for name, one in scope.mapping.items():
            path = child(scope.path, name)
            if isinstance(one, str):
                if not wholes and "\n" not in one:
                    least = Strength.PATH if certain and name in _CHOSEN else Strength.FULL
                    yield from self._option(one, path, least)
            elif names.says(name) is Says.NOTHING and one is not None and name not in _SKIPPED:
                yield from self._collection(one, path, scope, certain=certain)

    def _option(self, text: str, path: str, least: Strength) -> Iterator[Hit]:
        candidate = self.judge.read(text)
        if candidate is not None and (candidate.strength >= least or candidate.strength is Strength.TAGGED):
            yield Hit(path=path, candidate=candidate, how=self.how, parts=((path, text),))

    def _pair(self, scope: Scope) -> Iterator[Hit]:
        """`{name: some-image, value: …}`: parameters of workflows, pipelines and charts; OpenShift's DockerImage."""
        name = scope.mapping.get("name")
        if not isinstance(name, str):
            return
        if scope.mapping.get("kind") == "DockerImage":
            yield from self._option(name, child(scope.path, "name"), Strength.PATH)
        elif names.says(name) is Says.IMAGE:
            for key in ("value", "default"):
                text = scope.mapping.get(key)
                if isinstance(text, str):
                    yield from self._option(text, child(scope.path, key), Strength.PATH)

    def _wholes(self, wholes: Iterator[split.Whole], scope: Scope) -> Iterator[Hit]:
        for whole in wholes:
            how = self._how("split") if len(whole.parts) > 1 else self.how
            if how == "pod" and ".annotations" in scope.path:
                how = "field"
            path = whole.parts[-1][0] if len(whole.parts) == 1 else _image_part(whole)
            yield Hit(path=path, candidate=whole.candidate, how=how, parts=whole.parts)


def _image_part(whole: split.Whole) -> str:
    """The path of a split reference is its image's: neither the hub's nor the version's."""
    for path, text in whole.parts:
        if text.strip() and whole.candidate.reference.repository.endswith(text.strip().rsplit("/", 1)[-1]):
            return path
    return whole.parts[0][0]


def _without_values(env: Sequence[Value]) -> Value:
    """What else an entry of `env` holds; its name and value were searched."""
    return [
        {key: value for key, value in one.items() if key not in {"name", "value", "valueFrom"}}
        if isinstance(one, Mapping)
        else None
        for one in env
    ]
