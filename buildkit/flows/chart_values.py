"""Values: each set in turn, many at once, and another namespace; helm's render against what the marks say."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from buildkit.charts.covering import covering_array
from buildkit.charts.namespaces import CREATE, word_of
from buildkit.charts.omitted import dangling
from buildkit.charts.outcome import ChartProblem, ValueCheck
from buildkit.charts.values_files import nest
from buildkit.compare.compare import HASH
from buildkit.compare.comparison import ABSENT
from buildkit.edges import kustomize
from buildkit.edges.files import scratch_folder
from buildkit.flows.chart_scene import NotRenderedError, Part, Scene, compare_objects, count, differences_of
from buildkit.model.documents import DocumentError

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from buildkit.charts.spec import SpecValue
    from buildkit.charts.values import Value
    from buildkit.compare.comparison import Absent, Difference, Json
    from buildkit.compare.objects import Object
    from buildkit.edges.tools import Program
    from buildkit.flows.watch import Watch

ELSEWHERE: Final = "kfkit-elsewhere"
ARRAY: Final = "covering array"
NAMESPACE: Final = "namespace"
# What every chart has, and the section of what it is for.
_FOR: Final = {
    "global.imageRegistry": "images.",
    "global.imagePullPolicy": "workloads.",
    "global.imagePullSecrets": "workloads.",
}
_HASHED: Final = re.compile(rf"{HASH}(?![a-z0-9])")
Result = tuple[ValueCheck | None, list[ChartProblem]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trial:
    """Values to set on a profile; `name` says which."""

    part: Part
    name: str
    profile: str
    settings: Mapping[str, Any]


def check_values(scene: Scene, kustomize_program: Program, watch: Watch) -> tuple[list[ValueCheck], list[ChartProblem]]:
    """Try every value of every chart."""
    jobs: list[Future[Result]] = []
    for part in scene.parts:
        bases = {profile: part.expected(profile, {}) for profile in part.objects}
        jobs += [scene.pool.submit(_value, scene, part, value, bases) for value in part.chart.values]
        jobs += [scene.pool.submit(_trial, scene, one, bases) for one in _rows(part)]
        jobs += [
            scene.pool.submit(_elsewhere, scene, part, profile, bases, kustomize_program) for profile in part.objects
        ]
        jobs.append(scene.pool.submit(_refusals, scene, part))
        jobs += [scene.pool.submit(_omissions, part, value, bases) for value in part.spec.values if value.omits]
    checks: list[ValueCheck] = []
    problems: list[ChartProblem] = []
    for number, job in enumerate(jobs, start=1):
        check, found = job.result()
        checks += [check] if check else []
        problems += found
        watch.count("values", number, len(jobs))
    return sorted(checks, key=lambda one: (one.chart, one.value, one.profile)), problems


def _value(scene: Scene, part: Part, value: Value, bases: Mapping[str, Sequence[Object]]) -> Result:
    """Set one value, on the first profile in which it changes something."""
    others = [not value.sample] if value.kind == "boolean" else value.schema.get("enum", [])
    samples = [value.sample, *(one for one in others if one not in {value.sample, ""})]
    for profile in sorted(part.objects, key=lambda one: one != part.spec.default):
        for sample in samples:
            settings = nest({value.path: sample})
            if not compare_objects(bases[profile], part.expected(profile, settings)).equal:
                return _trial(scene, _Trial(part=part, name=value.path, profile=profile, settings=settings), bases)
    making = {CREATE: True}  # some values are for a namespace that the chart makes
    made = {profile: part.expected(profile, nest(making)) for profile in part.objects}
    for profile in part.objects:
        settings = nest({value.path: samples[0], **making})
        if not compare_objects(made[profile], part.expected(profile, settings)).equal:
            return _trial(scene, _Trial(part=part, name=value.path, profile=profile, settings=settings), bases)
    if _is_idle(part, value.path) or _is_told(part, value.path):
        return None, []
    return None, [part.problem(f"the value {value.path} changes nothing in any profile", file=part.spec.source)]


def _omissions(part: Part, value: SpecValue, bases: Mapping[str, Sequence[Object]]) -> Result:
    """What a value leaves out is named by no pod any more, in any profile."""
    found: dict[tuple[str, str], list[str]] = {}
    for profile, before in bases.items():
        for holder, named in dangling(before, part.expected(profile, nest({value.name: value.sample}))):
            found.setdefault((holder, named), []).append(profile)
    return None, [
        ChartProblem(
            chart=part.chart.name,
            profile=", ".join(profiles),
            file=part.spec.source,
            line=value.line,
            message=f"{value.name}: leaves out {named}, and {holder} still names it; put the value there too (`at`)",
        )
        for (holder, named), profiles in found.items()
    ]


def _is_idle(part: Part, path: str) -> bool:
    """Tell whether a value that every chart has is for what this one has none of."""
    section = _FOR.get(path)
    return section is not None and not any(value.path.startswith(section) for value in part.chart.values)


def _rows(part: Part) -> Iterator[_Trial]:
    """Every value at once on each profile; on the default one each pair of two values, set and not set."""
    samples = {value.path: value.sample for value in part.chart.values}
    for profile in part.objects:
        yield _Trial(part=part, name=ARRAY, profile=profile, settings=nest(samples))
    for row in covering_array(dict.fromkeys(samples, (False, True)))[1:]:
        settings = nest({path: samples[path] for path, on in row.items() if on})
        yield _Trial(part=part, name=ARRAY, profile=part.spec.default, settings=settings)


def _trial(scene: Scene, trial: _Trial, bases: Mapping[str, Sequence[Object]]) -> Result:
    part = trial.part
    expected = part.expected(trial.profile, trial.settings)
    try:
        rendered = scene.render(part, trial.profile, trial.settings).objects
    except NotRenderedError as error:
        return None, [part.problem(f"{trial.name}: does not render: {error}", trial.profile, known=error.lasting)]
    found = scene.compare(part, expected, rendered)
    check = ValueCheck(
        chart=part.chart.name,
        value=trial.name,
        profile=trial.profile,
        places=count(compare_objects(bases[trial.profile], expected)),
        differences=count(found),
    )
    return check, list(_wrong(part, trial.profile, trial.name, list(differences_of(found))))


def _wrong(part: Part, profile: str, name: str, found: Sequence[Difference]) -> Iterator[ChartProblem]:
    if found:
        one = found[0]
        yield part.problem(
            f"{name}: {len(found)} places are not what the specification says, first {one.object} {one.path}: "
            f"wanted {_short(one, one.a)}, rendered {_short(one, one.b)}",
            profile,
        )


def _short(one: Difference, value: Json | Absent) -> str:
    if value is ABSENT:
        return "nothing"
    if not one.path:
        return "the object"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"  # noqa: PLR2004  # a line's worth


def _elsewhere(
    scene: Scene, part: Part, profile: str, bases: Mapping[str, Sequence[Object]], program: Program
) -> Result:
    """Another namespace: helm's render against the marks, and the marks against kustomize's own change of it."""
    expected = part.expected(profile, {}, ELSEWHERE)
    try:
        rendered = scene.render(part, profile, namespace=ELSEWHERE).objects
    except NotRenderedError as error:
        return None, [part.problem(f"in another namespace: does not render: {error}", profile, known=error.lasting)]
    found = scene.compare(part, expected, rendered)
    problems = list(_wrong(part, profile, "in another namespace", list(differences_of(found))))
    try:
        moved = _moved(scene, part, profile, program)
    except (NotRenderedError, DocumentError) as error:
        return None, [*problems, part.problem(f"kustomize cannot change its namespace: {error}", profile, known=False)]
    inner = [one for one in expected if one.id.namespace in {"", ELSEWHERE}]
    left = [one for one in differences_of(compare_objects(moved, inner)) if not _follows(one, part.spec.namespace)]
    problems += (
        part.problem(
            f"in another namespace: {one.object} {one.path}: kustomize has {_short(one, one.a)}, the chart "
            f"{_short(one, one.b)}",
            profile,
        )
        for one in left[:1]
    )
    check = ValueCheck(
        chart=part.chart.name,
        value=NAMESPACE,
        profile=profile,
        places=count(compare_objects(bases[profile], expected)),
        differences=count(found) + len(left),
    )
    return check, problems


def _moved(scene: Scene, part: Part, profile: str, program: Program) -> tuple[Object, ...]:
    """What kustomize makes of a profile's own objects with `namespace:` set."""
    own = _own(part, profile)
    bare = {(one.id.group, one.id.kind, one.id.name) for one in own if not one.id.namespace}
    with scratch_folder() as scratch:
        place = scratch / "elsewhere"
        place.mkdir()
        _write_overlay(place, own)
        output = scratch / "render.yaml"
        build = kustomize.build(program, place, output, {})
        if build.why is not None:
            raise NotRenderedError(build.why, lasting=build.lasting)
        moved = scene.documents.read(f"{part.chart.name}: {profile}", output.read_text(encoding="utf-8"))
    return tuple(_as_released(one, part.spec.namespace, bare) for one in moved)


def _as_released(one: Object, old: str, bare: Collection[tuple[str, str, str]]) -> Object:
    """What kustomize does otherwise than a release, undone.

    It writes a namespace into objects that have none (`bare`), which get the release's own when they are made; and it
    leaves the old one where a kind that has no namespace bears one all the same, which no API server keeps.
    """
    metadata = dict(cast("Mapping[str, Json]", one.body["metadata"]))
    if (one.id.group, one.id.kind, one.id.name) in bare:
        metadata.pop("namespace", None)
    elif one.id.namespace == old:
        metadata["namespace"] = ELSEWHERE
    else:
        return one
    namespace = str(metadata.get("namespace", ""))
    return replace(one, id=replace(one.id, namespace=namespace), body={**one.body, "metadata": metadata})


def _own(part: Part, profile: str) -> list[Object]:
    """The profile's objects that stand in its namespace or in none, without what transforms leave out."""
    return [one for one in part.expected(profile, {}) if one.id.namespace in {"", part.spec.namespace}]


def _write_overlay(place: Path, objects: Sequence[Object]) -> None:
    text = "".join(f"---\n{json.dumps(one.body, ensure_ascii=False)}\n" for one in objects)
    (place / "objects.yaml").write_text(text, encoding="utf-8")
    (place / "kustomization.yaml").write_text(f"namespace: {ELSEWHERE}\nresources: [objects.yaml]\n")


def _follows(one: Difference, namespace: str) -> bool:
    """Tell whether a difference is text that kustomize leaves behind, or a name whose hash follows from it."""
    if not (isinstance(one.a, str) and isinstance(one.b, str)):
        return False
    word = word_of(namespace, ELSEWHERE)
    left, right = (_HASHED.sub("", word.sub(namespace, text)) for text in (one.a, one.b))
    return left == right


_UNKNOWN: Final = "kfkitUnknown"
_MOST_SAID: Final = 900  # characters; helm says some places twice, and what is longer is cut
_WORDS: Final = 50
_WRONG: Final[Mapping[str, Any]] = {
    "string": ["no text"],
    "integer": "many",
    "boolean": "maybe",
    "array": "x",
    "object": "x",
}


def _is_told(part: Part, path: str) -> bool:
    """Tell whether the specification's own problems say that a value has no place."""
    return any(one.message.startswith(f"{path}: ") for one in part.made.marked.problems)


def _refusals(scene: Scene, part: Part) -> Result:
    """A wrong type of every value, and an unknown key in every section: the schema has to refuse each.

    But for `global`, which helm shares among charts.
    """
    paths = [value.path for value in part.chart.values]
    sections = {
        "",
        *(".".join(steps[:depth]) for steps in (path.split(".") for path in paths) for depth in range(len(steps))),
    }
    wrong = {value.path: (value.path, _WRONG[value.kind]) for value in part.chart.values}
    unknown = {section: (f"{section}.{_UNKNOWN}".lstrip("."), 1) for section in sections - {"global"}}
    trials = (
        ("a value of a wrong type", "got", wrong),
        ("an unknown key", f"additional properties '{_UNKNOWN}' not allowed", unknown),
    )
    problems = [
        part.problem(f"{path or 'the top'}: {what} is not refused by values.schema.json")
        for what, complaint, tried in trials
        for path in _taken(scene, part, tried, complaint)
    ]
    return None, problems


def _taken(scene: Scene, part: Part, tried: Mapping[str, tuple[str, Any]], complaint: str) -> Iterator[str]:
    """Yield those of the places of which helm does not complain; several are asked for at once."""
    for places in _batches(sorted(tried)):
        try:
            scene.render(part, part.spec.default, nest(dict(tried[place] for place in places)))
            said = ""
        except NotRenderedError as error:
            said = str(error)
        yield from (place for place in places if f"at '{_pointer(place)}': {complaint}" not in said)


def _batches(places: Sequence[str]) -> Iterator[list[str]]:
    """So many at a time that helm's complaints are not cut short."""
    batch: list[str] = []
    for place in places:
        if sum(len(one) + _WORDS for one in [*batch, place]) > _MOST_SAID and batch:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _pointer(path: str) -> str:
    return f"/{path.replace('.', '/')}" if path else ""
