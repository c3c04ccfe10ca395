"""What outlives a release if its user wants so: definitions, claims and secrets; and the size and class of claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

from buildkit.charts.marks import ABSENT, Key, Setting, Tree, When
from buildkit.charts.naming import camel
from buildkit.charts.rewriting import Steps, replace_at, tree_at

if TYPE_CHECKING:
    from collections.abc import Iterator

ANNOTATION: Final = "helm.sh/resource-policy"
_KEPT: Final[Mapping[tuple[str, str], str]] = {
    ("apiextensions.k8s.io", "CustomResourceDefinition"): "crds.keep",
    ("", "PersistentVolumeClaim"): "data.keep",
    ("", "Secret"): "data.keep",
    ("", "Namespace"): "data.keep",  # what is in it would go with it
}


def mark_kept(key: Key, body: Mapping[str, Tree], name: str) -> Mapping[str, Tree]:
    """Put in the annotation that keeps an object, and what a claim can be told."""
    for steps, claim in claims_of(key, body, name):
        root = f"storage.{claim}"
        body = cast("Mapping[str, Tree]", replace_at(body, steps, lambda spec, root=root: _claim(spec, root)))  # type: ignore[misc]
    value = _KEPT.get(key[:2])
    metadata = body.get("metadata")
    if value is None or not isinstance(metadata, Mapping):
        return body
    return {**body, "metadata": _annotated(metadata, value)}


def claims_of(key: Key, body: Mapping[str, Tree], name: str) -> Iterator[tuple[Steps, str]]:
    """Yield where the specs of an object's claims stand, and their names below `storage`."""
    if key[:2] == ("", "PersistentVolumeClaim") and isinstance(body.get("spec"), Mapping):
        yield ("spec",), name
    if key[:2] == ("apps", "StatefulSet"):
        templates = tree_at(body, ("spec", "volumeClaimTemplates"))
        for index, one in enumerate(templates if isinstance(templates, Sequence) else ()):
            if isinstance(tree_at(one, ("spec",)), Mapping):
                yield (
                    ("spec", "volumeClaimTemplates", index, "spec"),
                    camel(name, str(tree_at(one, ("metadata", "name")))),
                )


def _claim(spec: Tree, root: str) -> Tree:
    known = cast("Mapping[str, Tree]", spec)
    if not known:
        return known
    changed = {**known, "storageClassName": _setting(known, "storageClassName", f"{root}.className")}
    requests = tree_at(known, ("resources", "requests"))
    if isinstance(requests, Mapping):
        sized = {**requests, "storage": _setting(requests, "storage", f"{root}.size")}
        changed["resources"] = {**cast("Mapping[str, Tree]", known["resources"]), "requests": sized}
    return changed


def _setting(holder: Mapping[str, Tree], key: str, value: str) -> Setting:
    return Setting((value,), "string", holder.get(key, ABSENT))


def _annotated(metadata: Mapping[str, Tree], value: str) -> Mapping[str, Tree]:
    known = metadata.get("annotations", ABSENT)
    if known is ABSENT:
        return {**metadata, "annotations": When(value, {ANNOTATION: "keep"})}
    if not isinstance(known, Mapping) or ANNOTATION in known:
        return metadata
    return {**metadata, "annotations": {**known, ANNOTATION: When(value, "keep")}}
