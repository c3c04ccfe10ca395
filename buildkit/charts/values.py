"""The values of a chart: what each is called, what it may hold, what it says to a reader, what the checks set it to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from buildkit.charts.kept import claims_of
from buildkit.charts.spec import Kind
from buildkit.charts.workloads import POD_PATHS, Workload, workload_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.charts.marking import Marked
    from buildkit.charts.marks import MarkedObject
    from buildkit.charts.spec import ChartSpec

_WORD: Final = r"[A-Za-z0-9._:/@\[\]-]*"
_HOST: Final = r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[a-z0-9._-]+)*)?"
_REPOSITORY: Final = r"([a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*)?"
_TAG: Final = r"([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?"
_DIGEST: Final = r"(sha256:[a-f0-9]{64})?"
_NAME: Final = r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?)?"
_QUANTITY: Final = r"([0-9]+(\.[0-9]+)?([EPTGMk]i?|m)?)?"
# In the middle of a text this would be more than text.
_MISLEADING: Final = "^\\s|\\s$|[\\x00-\\x1f\\x7f-\\x9f\u2028\u2029\ufeff\ufffe\uffff]"
UNSET: Final[Mapping[str, Any]] = {"string": "", "integer": None, "boolean": None, "array": [], "object": {}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One value.

    Attributes:
        path: its steps, parted by dots.
        kind: what it holds.
        description: one line for `values.yaml` and the README.
        sample: what the checks set it to.
        default: what `values.yaml` has: for most what counts as not set.
        schema: what JSON Schema says beyond the type.
        shown: what Kustomize has there, for readers; empty where that is nothing or differs.
        heading: what `values.yaml` says above the mapping that this value is the first of.
        known: no comment of its own: the section's says what such values are.
    """

    path: str
    kind: Kind
    description: str
    sample: Any
    default: Any = None
    schema: Mapping[str, Any] = field(default_factory=dict)
    shown: str = ""
    heading: str = ""
    known: bool = False


def values_of(marked: Marked, spec: ChartSpec) -> tuple[Value, ...]:
    """Give every value of a chart, in the order of `values.yaml`; `profile` is none of them."""
    every = _distinct(marked)
    return (
        *_global(),
        *_namespace(),
        *_kept(every),
        *(value for name, references in marked.references.items() for value in _image(name, references)),
        *(value for one in _workloads(marked, every) for value in _workload(one)),
        *_storage(marked, every),
        *(_special(one) for one in spec.values),
    )


def _distinct(marked: Marked) -> tuple[MarkedObject, ...]:
    seen = {id(one): one for objects in marked.profiles.values() for one in objects}
    return tuple(seen.values())


def _text(path: str, description: str, sample: str, pattern: str, shown: str = "") -> Value:
    return Value(
        path=path, kind="string", description=description, sample=sample, default="", shown=shown,
        schema={"pattern": f"^{pattern}$"},
    )  # fmt: skip


def _global() -> Iterator[Value]:
    yield _text(
        "global.imageRegistry",
        "Registry that takes the place of that of every image that stands as a whole reference.",
        "mirror.example:5000",
        _HOST,
    )
    policies = ["", "Always", "IfNotPresent", "Never"]
    yield Value(
        path="global.imagePullPolicy", kind="string", default="", sample="Always", schema={"enum": policies},
        description="Pull policy of every container.",
    )  # fmt: skip
    yield Value(
        path="global.imagePullSecrets", kind="array", default=[], sample=["registry-access"],
        description="Names of Secrets for pulling images, for every pod.",
        schema={"items": {"type": "string", "minLength": 1}, "uniqueItems": True},
    )  # fmt: skip


def _namespace() -> Iterator[Value]:
    yield Value(
        path="namespace.create", kind="boolean", default=None, sample=True,
        description="Whether the chart makes the release's namespace; not set: as the profile's Kustomize does.",
    )  # fmt: skip


def _kept(every: tuple[MarkedObject, ...]) -> Iterator[Value]:
    kinds = {one.key[1] for one in every}
    if "CustomResourceDefinition" in kinds:
        yield Value(
            path="crds.enabled", kind="boolean", default=True, sample=False,
            description="Whether the chart holds the custom resource definitions.",
        )  # fmt: skip
        yield Value(
            path="crds.keep", kind="boolean", default=False, sample=True,
            description="Whether they, and so their objects, outlive the release; data.keep keeps the namespace.",
        )  # fmt: skip
    yield Value(
        path="data.keep", kind="boolean", default=False, sample=True,
        description="Whether volume claims, Secrets and a namespace that the chart makes outlive the release.",
    )  # fmt: skip


def _image(name: str, references: tuple[str, ...]) -> Iterator[Value]:
    root = f"images.{name}"
    parts = (
        ("registry", f"Registry of {references[0]}.", "registry.example", _HOST),
        ("repository", "Its path in the registry.", f"mirrored/{name.lower()}", _REPOSITORY),
        ("tag", "Its tag.", "v0.0.0-sample", _TAG),
        ("digest", "Its digest.", "sha256:" + "5a" * 32, _DIGEST),
    )
    for part, description, sample, pattern in parts:
        yield replace(_text(f"{root}.{part}", description, sample, pattern), known=True, heading=", ".join(references))


def _workloads(marked: Marked, every: tuple[MarkedObject, ...]) -> list[Workload]:
    """One for each name; of several versions of a workload the values of all."""
    found: dict[str, Workload] = {}
    for one in every:
        name = marked.names.get(one.key, "")
        workload = workload_of(one.key, one.body, name, marked.mains[one.key]) if one.key[:2] in POD_PATHS else None
        if workload is None:
            continue
        known = found.get(name)
        if known is not None:
            sidecars = tuple(dict.fromkeys((*known.sidecars, *workload.sidecars)))
            same = known.replicas == workload.replicas
            workload = Workload(
                name=name, shown=known.shown, scaled=known.scaled, sidecars=sidecars,
                replicas=known.replicas if same else None,
            )  # fmt: skip
        found[name] = workload
    return [found[name] for name in sorted(found)]


def _workload(one: Workload) -> Iterator[Value]:
    root = f"workloads.{one.name}"
    yield from (replace(value, known=True, heading=one.shown) for value in _settings(one, root))


def _settings(one: Workload, root: str) -> Iterator[Value]:
    if one.scaled:
        yield Value(
            path=f"{root}.replicas", kind="integer", description=f"Replicas of {one.shown}.", sample=3,
            schema={"minimum": 0, "maximum": 2**31 - 1}, shown="" if one.replicas is None else str(one.replicas),
        )  # fmt: skip
    yield from _container(root, one.shown)
    yield Value(
        path=f"{root}.nodeSelector", kind="object", default={}, sample={"kubernetes.io/arch": "arm64"},
        description="Labels of the nodes that its pods run on.",
        schema={"additionalProperties": {"type": "string"}},
    )  # fmt: skip
    toleration = {"key": "dedicated", "operator": "Equal", "value": "kubeflow", "effect": "NoSchedule"}
    yield Value(
        path=f"{root}.tolerations", kind="array", default=[], sample=[toleration],
        description="Taints that its pods tolerate.", schema={"items": {"type": "object"}},
    )  # fmt: skip
    weighted = {"weight": 1, "preference": {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}}
    yield Value(
        path=f"{root}.affinity", kind="object", default={}, description="Affinity of its pods.",
        sample={"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [weighted]}},
    )  # fmt: skip
    for sidecar in one.sidecars:
        yield from _container(f"{root}.sidecars.{sidecar}", f"its container {sidecar}")


def _container(root: str, shown: str) -> Iterator[Value]:
    yield Value(
        path=f"{root}.resources", kind="object", default={}, description=f"Resources of {shown}.",
        sample={"limits": {"memory": "1Gi"}, "requests": {"cpu": "250m"}},
        schema={
            "properties": {"limits": {"type": "object"}, "requests": {"type": "object"}, "claims": {"type": "array"}},
            "additionalProperties": False,
        },
    )  # fmt: skip
    yield Value(
        path=f"{root}.env", kind="array", default=[], description=f"Environment variables more for {shown}.",
        sample=[{"name": "KFKIT_SAMPLE", "value": "1"}],
        schema={"items": {"type": "object", "required": ["name"]}},
    )  # fmt: skip


def _storage(marked: Marked, every: tuple[MarkedObject, ...]) -> Iterator[Value]:
    names = {
        claim: one.key[3] for one in every for _, claim in claims_of(one.key, one.body, marked.names.get(one.key, ""))
    }
    for claim, shown in sorted(names.items()):
        yield _text(f"storage.{claim}.size", f"Size of the volume claim of {shown}.", "77Gi", _QUANTITY)
        yield _text(f"storage.{claim}.className", "Its storage class; not set: the cluster's default.", "fast", _NAME)


def _special(one: Any) -> Value:
    default = UNSET[one.kind]
    schema: dict[str, Any] = {"pattern": f"^({one.pattern or _WORD})?$"} if one.kind == "string" else {}
    if one.kind == "integer" and one.sample >= 0:
        schema = {"minimum": 0}  # ports, counts, seconds: a sample below says that it is none of these
    if one.kind == "string" and one.pattern:
        schema["not"] = {"pattern": _MISLEADING}
    return Value(
        path=one.name, kind=one.kind, description=one.description, sample=one.sample, default=default, schema=schema
    )
