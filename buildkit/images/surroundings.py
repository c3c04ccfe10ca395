"""What the objects of one render say about each other: values that fill variables, scripts that pods mount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from buildkit.images import names
from buildkit.images.hits import Scope
from buildkit.images.names import Says
from buildkit.images.scripts import Variable
from buildkit.model.path import child, item
from buildkit.model.resource import Resource, Value

_VERSIONS = 100


@dataclass(kw_only=True)
class Surroundings:
    """What the objects of one render say about each other's ConfigMaps, keyed by (namespace, name).

    Attributes:
        data: the text values of each ConfigMap.
        variables: for each ConfigMap and key, the names of the variables filled from it.
        environments: for each mounted ConfigMap, the variables of the containers that mount it.
        versions: for each place of an image that fills a variable, by object and path, the variable with its version.
    """

    data: dict[tuple[str, str], Mapping[str, Value]] = field(default_factory=dict)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    variables: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    environments: dict[tuple[str, str], dict[str, Variable]] = field(default_factory=dict)
    versions: dict[tuple[str, str], Variable] = field(default_factory=dict)


def survey(resources: Iterable[Resource]) -> Surroundings:
    """Collect the surroundings of one render."""
    known = Surroundings()
    pods: list[tuple[Resource, Scope]] = []
    for one in resources:
        data = one.body.get("data")
        if one.id.kind == "ConfigMap" and isinstance(data, Mapping):
            known.data[one.id.namespace, one.id.name] = data
            known.ids[one.id.namespace, one.id.name] = str(one.id)
        elif one.id.kind not in {"ConfigMap", "Secret", "CustomResourceDefinition"}:
            pods.extend((one, spec) for spec in _pod_specs(one.body, ""))
    for one, spec in pods:
        _read_pod(one, spec, known)
    return known


def _pod_specs(value: Value, path: str) -> Iterator[Scope]:
    if isinstance(value, Mapping):
        if _list(value.get("containers")):
            yield Scope(path, value)
        for key, one in value.items():
            if one and not isinstance(one, str):
                yield from _pod_specs(one, child(path, key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, one in enumerate(value):
            if one and not isinstance(one, str):
                yield from _pod_specs(one, item(path, index))


def _read_pod(resource: Resource, spec: Scope, known: Surroundings) -> None:
    env: dict[str, Variable] = {}
    for group in ("initContainers", "containers"):
        for index, container in enumerate(_mappings(spec.mapping.get(group))):
            own: dict[str, Variable] = {}
            where = child(item(child(spec.path, group), index), "env")
            for one in _mappings(container.get("envFrom")):
                _read_env_from(resource, one, own, known)
            for number, one in enumerate(_mappings(container.get("env"))):
                _read_env(resource, Scope(item(where, number), one), own, known)
            _pair(own, known)
            env.update(own)
    for volume in _mappings(spec.mapping.get("volumes")):
        for name in _mounted(volume):
            known.environments.setdefault((resource.id.namespace, name), {}).update(env)


def _pair(env: Mapping[str, Variable], known: Surroundings) -> None:
    """Note which version goes with which image, where variables are filled from different places."""
    versions = [name for name, one in env.items() if names.is_piece(name) and one.value][:_VERSIONS]
    for image, variable in env.items():
        if names.says(image) is Says.IMAGE:
            for version in versions:
                if names.is_version_of(version, image):
                    known.versions.setdefault((variable.holder, variable.part[0]), env[version])


def _read_env_from(resource: Resource, one: Mapping[str, Value], env: dict[str, Variable], known: Surroundings) -> None:
    source = one.get("configMapRef")
    name = source.get("name") if isinstance(source, Mapping) else None
    if not isinstance(name, str):
        return
    place = (resource.id.namespace, name)
    for key, value in known.data.get(place, {}).items():
        known.variables.setdefault((*place, key), set()).add(key)
        if isinstance(value, str):
            env[key] = Variable(value, (child("data", key), value), known.ids[place])


def _read_env(resource: Resource, scope: Scope, env: dict[str, Variable], known: Surroundings) -> None:
    one = scope.mapping
    variable, value, source = one.get("name"), one.get("value"), one.get("valueFrom")
    if not isinstance(variable, str):
        return
    if isinstance(value, str):
        env[variable] = Variable(value, (child(scope.path, "value"), value), str(resource.id))
        return
    reference = source.get("configMapKeyRef") if isinstance(source, Mapping) else None
    if not isinstance(reference, Mapping):
        return
    name, key = reference.get("name"), reference.get("key")
    if isinstance(name, str) and isinstance(key, str):
        place = (resource.id.namespace, name)
        known.variables.setdefault((*place, key), set()).add(variable)
        text = known.data.get(place, {}).get(key)
        if isinstance(text, str):
            env[variable] = Variable(text, (child("data", key), text), known.ids[place])


def _mounted(volume: Mapping[str, Value]) -> Iterator[str]:
    """Names of the ConfigMaps of one volume, projected ones too."""
    projected = volume.get("projected")
    sources = _mappings(projected.get("sources")) if isinstance(projected, Mapping) else ()
    for one in (volume, *sources):
        source = one.get("configMap")
        name = source.get("name") if isinstance(source, Mapping) else None
        if isinstance(name, str):
            yield name


def _mappings(value: Value) -> tuple[Mapping[str, Value], ...]:
    return tuple(one for one in value if isinstance(one, Mapping)) if _list(value) and value else ()


def _list(value: Value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)
