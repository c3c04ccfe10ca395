"""What `helm upgrade` from one render to another cannot do, or would lose: told before it is tried on a cluster."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, cast

from buildkit.charts.rewriting import tree_at
from buildkit.charts.spots import path_text
from buildkit.charts.upgrade_rules import RULES
from buildkit.compare.values import same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildkit.charts.upgrade_rules import Place
    from buildkit.compare.comparison import Json
    from buildkit.compare.objects import Object

ProblemKind = Literal["refused", "data", "objects", "version"]
_CRD: Final = ("apiextensions.k8s.io", "CustomResourceDefinition")
_FREEZING: Final = {("", "Secret"): ("data", "stringData"), ("", "ConfigMap"): ("data", "binaryData")}
_SIZE: Final = ("spec", "resources", "requests", "storage")
_QUANTITY: Final = re.compile(
    r"\+?([0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:([KMGTPE]i)|([numkMGTPE])|[eE]([0-9]{1,2}))?"
)
_BINARY: Final = {unit: 1024**number for number, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)}
_DECIMAL: Final = {unit: Fraction(1000) ** number for number, unit in enumerate("num kMGTPE", start=-3)}


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class UpgradeProblem:
    """One thing that goes wrong.

    Attributes:
        object: as the old render has it.
        path: of the field; empty for the whole object.
        kind: `refused`: Kubernetes does not make the change, most often the upgrade fails; `data`: stored data is
            deleted; `objects`: objects that users made are deleted; `version`: clients of a version of an API fail.
        message: what happens and what to do, as the end of a sentence that object and path begin.
    """

    object: str
    path: str
    kind: ProblemKind
    message: str


def upgrade_problems(old: Iterable[Object], new: Iterable[Object]) -> tuple[UpgradeProblem, ...]:
    """Compare two renders of a chart, sorted by object and path; hooks, which are made anew each time, are left out.

    Fields that custom resources do not let change are not known here, nor what a cluster's admission does.
    """
    before, after = _by_identity(old), _by_identity(new)
    found: list[UpgradeProblem] = []
    for key, one in before.items():
        found += _changes(one, after[key]) if key in after else _losses(one)
    return tuple(sorted(found))


def _by_identity(objects: Iterable[Object]) -> dict[tuple[str, str, str, str], Object]:
    found: dict[tuple[str, str, str, str], Object] = {}
    for one in objects:
        if not _annotation(one, "helm.sh/hook"):
            found.setdefault((one.id.group, one.id.kind, one.id.namespace, one.id.name), one)
    return found


def _annotation(one: Object, name: str) -> Json:
    return _at(one.body, ("metadata", "annotations", name))


def _at(value: Json, place: Place) -> Json:
    return cast("Json", tree_at(value, place))  # what was rendered holds no marks


def _problem(one: Object, place: tuple[str | int, ...], kind: ProblemKind, message: str) -> UpgradeProblem:
    return UpgradeProblem(object=str(one.id), path=path_text(place), kind=kind, message=message)


def _losses(one: Object) -> Iterator[UpgradeProblem]:
    """What goes with an object that the new chart does not have."""
    if _annotation(one, "helm.sh/resource-policy") == "keep":
        return
    keep = "annotate it with helm.sh/resource-policy: keep before the upgrade, and it stays"
    kind = (one.id.group, one.id.kind)
    if kind == ("", "PersistentVolumeClaim"):
        yield _problem(one, (), "data", f"is deleted, and what is stored in it: {keep}")
    elif kind == ("", "PersistentVolume") and _at(one.body, ("spec", "persistentVolumeReclaimPolicy")) == "Delete":
        yield _problem(one, (), "data", f"is deleted, and the storage behind it: {keep}")
    elif kind == ("apps", "StatefulSet") and _claims_go(one):
        yield _problem(one, (), "data", f"is deleted with its claims, as its retention policy says: {keep}")
    elif kind == _CRD:
        yield _problem(one, (), "objects", f"is deleted, and every {_named(one)} in the cluster: {keep}")
    elif kind == ("", "Namespace"):
        yield _problem(one, (), "objects", f"is deleted, and everything that is in it: {keep}")


def _named(one: Object) -> str:
    kind = _at(one.body, ("spec", "names", "kind"))
    return kind if isinstance(kind, str) else "object of it"


def _claims_go(one: Object) -> bool:
    policy = _at(one.body, ("spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"))
    return policy == "Delete" and bool(_at(one.body, ("spec", "volumeClaimTemplates")))


def _changes(old: Object, new: Object) -> Iterator[UpgradeProblem]:
    """What of an object changes that cannot."""
    kind = (old.id.group, old.id.kind)
    rule = RULES.get(kind)
    if rule is not None:
        for place in _fixed_places(old, new):
            yield _refused(old, place, rule.advice)
    if kind in _FREEZING:
        yield from _frozen(old, new, _FREEZING[kind])
    elif kind == ("", "PersistentVolumeClaim"):
        yield from _shrunk(old, new)
    elif kind == ("", "Service"):
        yield from _service(old, new)
    elif kind == ("batch", "Job"):
        yield from _completions(old, new)
    elif kind == _CRD:
        yield from _versions(old, new)


def _refused(old: Object, place: Place, advice: str) -> UpgradeProblem:
    return _problem(old, place, "refused", f"of a {old.id.kind} cannot change, the upgrade fails: {advice}")


def _fixed_places(old: Object, new: Object) -> Iterator[Place]:
    rule = RULES[old.id.group, old.id.kind]
    for place, default in rule.fixed.items():
        if _differ(_at(old.body, place), _at(new.body, place), default):
            yield place
    if rule.below is None:
        return
    before, after = _mapping(_at(old.body, rule.below)), _mapping(_at(new.body, rule.below))
    for key in sorted(before.keys() | after.keys()):
        place = (*rule.below, key)
        left, right = before.get(key), after.get(key)
        if place in rule.fixed or key in rule.free or (key in rule.once and _empty(left)):
            continue
        if _differ(left, right, None) or (key in rule.exact and left != right):
            yield place


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _empty(value: Json) -> bool:
    return value is None or (isinstance(value, str | Mapping | Sequence) and not value)


def _differ(before: Json, after: Json, default: Json) -> bool:
    """What is empty is what is not there: the API server says neither."""
    left, right = (default if _empty(one) else one for one in (before, after))
    return not (_empty(left) and _empty(right)) and not same(left, right)


def _frozen(old: Object, new: Object, fields: Sequence[str]) -> Iterator[UpgradeProblem]:
    if old.body.get("immutable") is not True:
        return
    advice = "give it another name, or delete it before the upgrade"
    for key in fields:
        if _differ(old.body.get(key), new.body.get(key), None):
            yield _problem(old, (key,), "refused", f"of what is `immutable` cannot change, the upgrade fails: {advice}")
    if new.body.get("immutable") is not True:
        yield _problem(old, ("immutable",), "refused", f"cannot be taken back, the upgrade fails: {advice}")


def _shrunk(old: Object, new: Object) -> Iterator[UpgradeProblem]:
    before, after = _quantity(_at(old.body, _SIZE)), _quantity(_at(new.body, _SIZE))
    if before is not None and after is not None and after < before:
        said = f"{_at(old.body, _SIZE)} to {_at(new.body, _SIZE)}"
        yield _problem(old, _SIZE, "refused", f"cannot shrink ({said}), the upgrade fails: set it to what it was")


def _quantity(value: Json) -> Fraction | None:
    match = _QUANTITY.fullmatch(str(value)) if isinstance(value, str | int) else None
    if match is None:
        return None
    number, binary, decimal, exponent = match.groups()
    scale: Fraction = _BINARY.get(binary, 1) * _DECIMAL.get(decimal, Fraction(1)) * Fraction(10) ** int(exponent or 0)
    return Fraction(number) * scale


def _service(old: Object, new: Object) -> Iterator[UpgradeProblem]:
    """Addresses stay as they are, those that the cluster gave too, unless the Service is an alias on a side."""
    if "ExternalName" in (_at(old.body, ("spec", "type")), _at(new.body, ("spec", "type"))):
        return
    advice = "delete it before the upgrade and helm makes it anew, with a new address"
    for key in ("clusterIP", "clusterIPs", "ipFamilies", "loadBalancerClass"):
        before, after = (_first(_at(one.body, ("spec", key))) for one in (old, new))
        given = key.startswith("clusterIP")  # by the cluster, where it is not said
        if not _differ(before, after, None) or (_empty(before) and not given):
            continue
        if not _empty(after) or key == "loadBalancerClass":
            yield _refused(old, ("spec", key), advice)
        elif given and before == "None":
            yield _problem(old, ("spec", key), "refused", f"stays None, the Service gets no address: {advice}")


def _first(value: Json) -> Json:
    """Of lists the first element counts: a second address may come and go."""
    return value[0] if isinstance(value, Sequence) and not isinstance(value, str) and value else value


def _completions(old: Object, new: Object) -> Iterator[UpgradeProblem]:
    """An indexed Job may change both numbers together."""
    before, after = (_at(one.body, ("spec", "completions")) for one in (old, new))
    together = _at(new.body, ("spec", "completionMode")) == "Indexed" and after == _at(
        new.body, ("spec", "parallelism")
    )
    if not together and _differ(before, after, None):
        yield _refused(old, ("spec", "completions"), RULES["batch", "Job"].advice)


def _versions(old: Object, new: Object) -> Iterator[UpgradeProblem]:
    after = dict(_listed(new))
    for index, (name, version) in enumerate(_listed(old)):
        place = ("spec", "versions", index)
        if name not in after and version.get("storage") is True:
            advice = "keep it, not served, until all objects are stored in another and status.storedVersions says so"
            yield _problem(old, place, "refused", f"{name}, in which objects are stored, is missing: {advice}")
        elif version.get("served") is True and after.get(name, {}).get("served") is not True:
            stored = "" if name in after else ", and where status.storedVersions names it the upgrade fails"
            advice = f"change who uses it to another version before the upgrade{stored}"
            yield _problem(old, place, "version", f"{name} is served no more: {advice}")


def _listed(one: Object) -> list[tuple[str, Mapping[str, Json]]]:
    versions = _at(one.body, ("spec", "versions"))
    listed = versions if isinstance(versions, Sequence) and not isinstance(versions, str) else []
    return [(str(version.get("name")), version) for version in listed if isinstance(version, Mapping)]
