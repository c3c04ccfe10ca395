"""A whole chart: the marked objects of all profiles in, its files out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit.charts import about_files, values_files
from buildkit.charts.expressions import NAME, Expressions
from buildkit.charts.hashes import HELD
from buildkit.charts.helpers import helpers
from buildkit.charts.layout import lay_out
from buildkit.charts.marks import Condition, Key
from buildkit.charts.namespaces import CREATE
from buildkit.charts.parts import split
from buildkit.charts.rewriting import tree_at
from buildkit.charts.union import UnionObject, is_hashed, unite
from buildkit.charts.values import Value, values_of
from buildkit.charts.writing import is_literal, write_held, write_object

if TYPE_CHECKING:
    from buildkit.charts.about_files import Release
    from buildkit.charts.marking import Marked
    from buildkit.charts.marks import MarkedObject
    from buildkit.charts.parts import Profiles
    from buildkit.charts.spec import ChartSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A chart's files.

    Attributes:
        name: the chart's.
        files: text by path in its folder.
        values: what can be set.
        objects: by template, `group/Kind/name` of the objects in it, for errors that name a template.
    """

    name: str
    files: Mapping[str, str]
    values: tuple[Value, ...]
    objects: Mapping[str, tuple[str, ...]]


def make_charts(spec: ChartSpec, marked: Marked, release: Release) -> tuple[Chart, ...]:
    """Make the chart, and those of its definitions where the specification wants them apart.

    Raises:
        DuplicateError: a profile has an object twice.
    """
    parts = split(spec, marked.profiles)
    values = values_of(marked, spec)
    return tuple(_chart(spec, marked, release, name=name, parts=parts, values=values) for name in parts)


def _chart(  # noqa: PLR0913  # what a chart is made of
    spec: ChartSpec,
    marked: Marked,
    release: Release,
    *,
    name: str,
    parts: Mapping[str, Profiles],
    values: tuple[Value, ...],
) -> Chart:
    profiles, crds = parts[name], name != spec.about.name
    own = tuple(value for value in values if _belongs(value, spec, crds=crds))
    objects = unite(profiles)
    every = frozenset(profiles)
    templates = _Templates(name, objects, every, spec.namespace)
    files = {f"templates/{path}": text for path, text in templates.files.items()}
    tested = {} if crds else _ports(spec, profiles)
    if any(tested.values()):
        files["templates/tests/connection.yaml"] = about_files.connection_test(spec, tested)
    making = [profile for profile, ones in profiles.items() if any(_makes(one, spec) for one in ones)]
    text = templates.names + helpers(name, [*files.values(), templates.names], making)
    if text:
        files["templates/_helpers.tpl"] = text.lstrip("\n")
    used = [one for one in spec.profiles if one.name in profiles]
    files |= {
        ".helmignore": about_files.IGNORED,
        "Chart.yaml": about_files.chart_yaml(spec, release, marked.references, name),
        "README.md": about_files.readme(spec, release, own, name, tuple(parts)),
        "values.yaml": values_files.values_yaml(name, used, spec.default, own),
        "values.schema.json": values_files.values_schema(used, own),
    }
    if not crds:
        files["templates/NOTES.txt"] = about_files.notes(spec)
    return Chart(name=name, files=dict(sorted(files.items())), values=own, objects=templates.objects)


def _belongs(value: Value, spec: ChartSpec, *, crds: bool) -> bool:
    """Tell whether a value is one of the chart (or of the one of definitions, which knows only its own)."""
    section = value.path.partition(".")[0]
    return spec.crds == "templates" or (section == "crds") is crds


def _makes(one: MarkedObject, spec: ChartSpec) -> bool:
    return one.key == ("", "Namespace", "", spec.namespace) and Condition(CREATE, "exists") in one.conditions


def _ports(spec: ChartSpec, profiles: Mapping[str, Sequence[MarkedObject]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for profile, objects in profiles.items():
        services = {one.key[3]: one.body for one in objects if one.key[:3] == ("", "Service", spec.namespace)}
        ports = {
            name: tree_at(services[name], ("spec", "ports", 0, "port")) for name in spec.tested if name in services
        }
        found[profile] = {name: port for name, port in ports.items() if isinstance(port, int)}
    return found


class _Templates:
    """The templates of objects, and the named ones that give generated objects what they hold and their names."""

    def __init__(self, chart: str, objects: Sequence[UnionObject], every: frozenset[str], namespace: str) -> None:
        self.every = every
        self.dynamic = {one.key: one for one in objects if is_hashed(one) and not _is_fixed(one)}
        named = {key[1:]: _named(chart, key, namespace) for key in self.dynamic}
        self.expressions = Expressions(chart=chart, named=named)
        self.files: dict[str, str] = {}
        self.objects: dict[str, tuple[str, ...]] = {}
        for path, ones in lay_out(objects).items():
            self.files[path] = "".join(map(self._object, ones))
            self.objects[f"templates/{path}"] = tuple("/".join(part for part in one.key if part) for one in ones)
        self.names = "".join(self._name(named[key[1:]], key) for key in sorted(self.dynamic))

    def _object(self, one: UnionObject) -> str:
        if self.dynamic.get(one.key) is not one:
            return write_object(one, self.every, self.expressions)
        template, keys = self.expressions.named[one.key[1:]], HELD[one.key[1]]
        # The line break at the end stays: it is that of a block of text at the end, which is hashed.
        return (
            f'{{{{- define "{template}" -}}}}\n{write_held(one, keys, self.expressions)}{{{{ end }}}}\n'
            f"{write_object(one, self.every, self.expressions, (template, keys))}"
        )

    def _name(self, template: str, key: Key) -> str:
        _, kind, _, stem = key
        held = f'(include "{template}" .)'
        return (
            f'\n{{{{- define "{template}{NAME}" -}}}}\n'
            f'{{{{- include "{self.expressions.chart}.hashedName" (list "{kind}" "{stem}" {held}) -}}}}\n'
            f"{{{{- end }}}}\n"
        )


def _named(chart: str, key: Key, namespace: str) -> str:
    """Name the template of what a generated object holds."""
    parts = (chart, key[1].lower(), "" if key[2] == namespace else key[2], key[3])
    return ".".join(part for part in parts if part)


def _is_fixed(one: UnionObject) -> bool:
    """Tell whether what an object's name is the hash of is the same for any values, in any profile."""
    return all(is_literal(one.body[part]) for part in HELD[one.key[1]] if part in one.body)
