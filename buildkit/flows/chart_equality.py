"""Every profile of a chart against its kustomization: strictly, but for what the specification accepts."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from buildkit.charts.outcome import AcceptedDifference, ChartProblem, ProfileCheck
from buildkit.charts.spots import GlobError, object_matches, path_matches, path_steps
from buildkit.compare.comparison import ABSENT, Difference
from buildkit.flows.chart_scene import NotRenderedError, Scene, compare_objects, differences_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.charts.spec import Accepted
    from buildkit.flows.chart_scene import Part
    from buildkit.flows.charts import MadeChart
    from buildkit.flows.watch import Watch

_SHOWN: Final = 20
_CORE: Final = "v1"  # the core group's only version, and no group's name


def check_profiles(scene: Scene, watch: Watch) -> tuple[list[ProfileCheck], list[ChartProblem]]:
    """Render and compare every profile of every chart."""
    by_chart: dict[str, list[Part]] = defaultdict(list)
    for part in scene.parts:
        by_chart[part.spec.about.name].append(part)
    jobs = [
        (parts, profile, scene.pool.submit(_check, scene, parts, profile))
        for parts in by_chart.values()
        for profile in parts[0].made.input.renders
    ]
    checks: list[ProfileCheck] = []
    problems: list[ChartProblem] = []
    used: set[tuple[str, Accepted]] = set()
    for number, (parts, profile, job) in enumerate(jobs, start=1):
        try:
            check, met = job.result()
            checks.append(check)
            used |= {(check.chart, one) for one in met}
            if check.differences:
                message = f"{check.differences} differences from {_path(parts[0].made, profile)}: {_first(check)}"
                problems.append(parts[0].problem(message, profile))
        except NotRenderedError as error:
            problems.append(parts[0].problem(f"does not render: {error}", profile, known=error.lasting))
        watch.count("compare", number, len(jobs))
    problems += (problem for parts in by_chart.values() for problem in _stale(parts[0].made, used))
    return checks, problems


def _check(scene: Scene, parts: Sequence[Part], profile: str) -> tuple[ProfileCheck, set[Accepted]]:
    start = time.perf_counter()
    renders = [scene.render(part, profile) for part in parts]
    spec = parts[0].spec
    kustomize = parts[0].made.input.renders[profile].objects
    found = compare_objects(kustomize, [one for render in renders for one in render.objects])
    accepted: list[AcceptedDifference] = []
    left: list[Difference] = []
    met: set[Accepted] = set()
    for one in differences_of(found):
        rule = next((rule for rule in spec.accepted if accepts(rule, one, profile)), None)
        if rule is None:
            left.append(one)
        else:
            met.add(rule)
            accepted.append(AcceptedDifference(object=one.object, path=one.path, reason=rule.reason))
    check = ProfileCheck(
        chart=spec.about.name,
        profile=profile,
        objects=len(kustomize),
        differences=len(left),
        accepted=tuple(accepted),
        release_bytes=None,
        seconds=time.perf_counter() - start,
        shown=tuple(left[:_SHOWN]),
    )
    return check, met


def accepts(rule: Accepted, one: Difference, profile: str) -> bool:
    """Tell whether a rule of the specification accepts a difference in a profile."""
    if rule.profiles and profile not in rule.profiles:
        return False
    if not object_matches(rule.object, _key(one.object)):
        return False
    if rule.drop and not (one.a in ([], {}) and one.b is ABSENT):
        return False
    if not rule.path:
        return not one.path
    try:
        return path_matches(rule.path, path_steps(one.path))
    except GlobError:
        return False  # longer than any that a specification may name


def _key(written: str) -> tuple[str, str, str, str]:
    """Read `[group/]version/Kind/namespace/name` from the left: names, of roles say, may hold a slash."""
    group, _, rest = written.partition("/")
    if group == _CORE:
        group, rest = "", written
    _, kind, namespace, name = rest.split("/", 3)
    return group, kind, "" if namespace == "-" else namespace, name


def _stale(made: MadeChart, used: set[tuple[str, Accepted]]) -> Iterator[ChartProblem]:
    spec = made.spec
    for rule in spec.accepted:
        applies = not rule.profiles or any(profile in rule.profiles for profile in made.input.renders)
        if applies and (spec.about.name, rule) not in used:
            yield ChartProblem(
                chart=spec.about.name,
                file=spec.source,
                line=rule.line,
                message=f"accepted difference {rule.object} {rule.path}: is not there: stale; take it out",
            )


def _path(made: MadeChart, profile: str) -> str:
    return next(one.path for one in made.spec.profiles if one.name == profile)


def _first(check: ProfileCheck) -> str:
    one = check.shown[0]
    return f"first {one.object} {one.path}".strip()
