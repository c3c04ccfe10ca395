"""Where charts are checked: written to a scratch folder, rendered by helm, what several renders share read once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from buildkit.charts.chart import Chart
from buildkit.charts.evaluation import evaluate, literal_parts
from buildkit.charts.marks import MarkedObject
from buildkit.charts.outcome import ChartProblem
from buildkit.charts.parts import split
from buildkit.compare.compare import compare_objects
from buildkit.compare.comparison import ABSENT, Difference
from buildkit.compare.objects import Object, identity
from buildkit.compare.values import same
from buildkit.edges import helm
from buildkit.edges.files import scratch_folder
from buildkit.edges.process import worker_pool
from buildkit.edges.tools import Program
from buildkit.flows.chart_renders import Documents
from buildkit.flows.charts import MadeChart
from buildkit.model.documents import DocumentError

if TYPE_CHECKING:
    from buildkit.charts.spec import ChartSpec
    from buildkit.compare.comparison import Comparison, Json

_MOST_WORKERS: Final = 8


class NotRenderedError(Exception):
    """A render that helm refuses: what it said, and whether it would say so again."""

    def __init__(self, message: str, *, lasting: bool) -> None:
        super().__init__(message)
        self.lasting = lasting


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A chart on disk: the chart of a specification, or that of its definitions.

    Attributes:
        made: what it belongs to.
        chart: its files and values.
        folder: where it lies.
        objects: of each profile what must be rendered, marked.
        literal: what in them depends on no value, as `literal_parts` gives it.
    """

    made: MadeChart
    chart: Chart
    folder: Path
    objects: Mapping[str, Sequence[MarkedObject]]
    literal: frozenset[int]

    @property
    def spec(self) -> ChartSpec:
        return self.made.spec

    def expected(self, profile: str, settings: Mapping[str, Any], namespace: str | None = None) -> tuple[Object, ...]:
        """Give what a profile must render to, by the marks."""
        bodies = evaluate(self.objects[profile], settings, namespace or self.spec.namespace, self.literal)
        return tuple(
            Object(id=identity(str(body["apiVersion"]), str(body["kind"]), body.get("metadata")), body=body, line=1)
            for body in bodies
        )

    def problem(self, message: str, profile: str = "", *, known: bool = True, file: str = "") -> ChartProblem:
        """Something wrong with this chart."""
        return ChartProblem(chart=self.chart.name, profile=profile, message=message, known=known, file=file)


@dataclass(frozen=True, kw_only=True, slots=True)
class Render:
    """What helm rendered, and how long it took."""

    text: str
    objects: tuple[Object, ...]
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Charts on disk, programs, and workers."""

    parts: tuple[Part, ...]
    folder: Path
    helm: Program
    documents: Documents
    pool: ThreadPoolExecutor
    equal: set[tuple[int, int]] = field(default_factory=set)

    def render(
        self,
        part: Part,
        profile: str,
        settings: Mapping[str, Any] | None = None,
        *,
        namespace: str | None = None,
        program: Program | None = None,
    ) -> Render:
        """Render a profile, with values that are nested as in `values.yaml`.

        Raises:
            NotRenderedError: helm refuses, or what it gives is not read.
        """
        start = time.perf_counter()
        with scratch_folder() as scratch:
            values: tuple[Path, ...] = ()
            if settings or profile != part.spec.default:
                values = (scratch / "values.json",)
                values[0].write_text(json.dumps({"profile": profile, **(settings or {})}, ensure_ascii=False))
            output = scratch / "render.yaml"
            build = helm.template(
                program or self.helm,
                part.folder,
                output,
                values=values,
                name=part.spec.release,
                namespace=namespace or part.spec.namespace,
                skip_tests=True,
            )
            if build.why is not None:
                raise NotRenderedError(_with_objects(part, build.why), lasting=build.lasting)
            text = output.read_text(encoding="utf-8")
        try:
            objects = self.documents.read(part.chart.name, text)
        except DocumentError as error:
            raise NotRenderedError(f"its render is not read: {error}", lasting=True) from None
        return Render(text=text, objects=objects, seconds=time.perf_counter() - start)

    def compare(self, part: Part, expected: Sequence[Object], rendered: Sequence[Object]) -> Comparison:
        """Compare what must be rendered with what was; what no value reaches is compared once for all renders."""
        known = {_key(one): one for one in rendered}
        if len(known) == len(rendered):
            alike = {_key(one) for one in expected if self._alike(part, one, known.get(_key(one)))}
            expected = [one for one in expected if _key(one) not in alike]
            rendered = [one for one in rendered if _key(one) not in alike]
        return compare_objects(expected, rendered)

    def _alike(self, part: Part, one: Object, other: Object | None) -> bool:
        if other is None or one.body.keys() != other.body.keys():
            return False
        if id(one.body) in part.literal:
            return self._same(part, one.body, other.body)
        return all(self._same(part, value, other.body[key]) for key, value in one.body.items())

    def _same(self, part: Part, value: Json, other: Json) -> bool:
        """Both live as long as the scene where the one is a literal part: documents are kept once they are read."""
        pair = (id(value), id(other))
        if pair in self.equal:
            return True
        if not same(value, other):
            return False
        if id(value) in part.literal:
            self.equal.add(pair)
        return True


def _key(one: Object) -> tuple[str, str, str, str, str]:
    return one.id.group, one.id.version, one.id.kind, one.id.namespace, one.id.name


@contextmanager
def open_scene(made: Sequence[MadeChart], program: Program, documents: Documents) -> Iterator[Scene]:
    """Write the charts to a scratch folder, for as long as the block lasts."""
    with scratch_folder() as folder, worker_pool(min(os.cpu_count() or 2, _MOST_WORKERS)) as pool:
        parts = tuple(part for one in made for part in _parts(one, folder))
        yield Scene(parts=parts, folder=folder, helm=program, documents=documents, pool=pool)


def _parts(made: MadeChart, folder: Path) -> Iterator[Part]:
    objects = split(made.spec, made.marked.profiles)
    for chart in made.charts:
        place = folder / chart.name
        for path, text in chart.files.items():
            file = place / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        own = objects[chart.name]
        literal = literal_parts(one for ones in own.values() for one in ones)
        yield Part(made=made, chart=chart, folder=place, objects=own, literal=literal)


def _with_objects(part: Part, why: str) -> str:
    """Name the objects of the template that helm complains of."""
    for path, objects in part.chart.objects.items():
        if f"{part.chart.name}/{path}" in why:
            more = f" and {len(objects) - 1} more" if len(objects) > 1 else ""
            return f"{why} ({path} holds {objects[0]}{more})"
    return why


def differences_of(found: Comparison) -> Iterator[Difference]:
    """Give everything that differs as differences: whole objects, names and duplicates too."""
    yield from found.differences
    gone, come = {a for a, _ in found.renamed}, {b for _, b in found.renamed}
    yield from (Difference(object=one, path="", a=None, b=ABSENT) for one in found.only_a if one not in gone)
    yield from (Difference(object=one, path="", a=ABSENT, b=None) for one in found.only_b if one not in come)
    yield from (Difference(object=a, path="metadata.name", a=a, b=b) for a, b in found.renamed)
    yield from (Difference(object=one, path="", a=None, b="more than once") for one in found.duplicates)


def count(found: Comparison) -> int:
    """Count differences: values, and whole objects."""
    return len(list(differences_of(found)))


__all__ = ["NotRenderedError", "Part", "Render", "Scene", "compare_objects", "count", "differences_of", "open_scene"]
