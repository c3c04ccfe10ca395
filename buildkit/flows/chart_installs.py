"""What stands between a right render and an installed release: lint, both majors of helm, sizes, order, upgrades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.charts.upgrade import upgrade_problems
from buildkit.compare.compare import CompareError, Text, compare_texts
from buildkit.edges import helm
from buildkit.errors import KfkitError
from buildkit.flows.chart_scene import NotRenderedError, Part, Scene, count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from buildkit.charts.outcome import ChartProblem, ProfileCheck
    from buildkit.compare.objects import Object
    from buildkit.edges.tools import Program
    from buildkit.flows.watch import Watch

MOST_RELEASE: Final = 1024 * 1024  # of a Secret (Kubernetes, MaxSecretSize)
MOST_FILE: Final = 5 * 1024 * 1024  # of a chart's file (helm, pkg/chart/loader)
_CRD: Final = "CustomResourceDefinition"


def check_installs(
    scene: Scene, profiles: Sequence[ProfileCheck], other: Program | None, previous: Path | None, watch: Watch
) -> tuple[list[ProfileCheck], list[ChartProblem]]:
    """Check every chart beyond its render; returns the profiles with the sizes of their releases.

    Args:
        scene: the charts.
        profiles: what was found of them so far.
        other: the other major of helm, None where it is not there.
        previous: a folder of charts that are installed already.
        watch: is told how far it is.
    """
    jobs = [
        (part, profile, scene.pool.submit(_profile, scene, part, profile, other, previous))
        for part in scene.parts
        for profile in part.objects
    ]
    sizes: dict[tuple[str, str], int] = {}
    problems = [problem for part in scene.parts for problem in _files(part)]
    for number, (part, profile, job) in enumerate(jobs, start=1):
        size, found = job.result()
        key = part.spec.about.name, profile
        if size is not None:
            sizes[key] = max(size, sizes.get(key, 0))
        problems += found
        watch.count("install", number, len(jobs))
    return [replace(one, release_bytes=sizes.get((one.chart, one.profile))) for one in profiles], problems


def _profile(
    scene: Scene, part: Part, profile: str, other: Program | None, previous: Path | None
) -> tuple[int | None, list[ChartProblem]]:
    problems = list(_lint(scene, part, profile))
    try:
        render = scene.render(part, profile)
        problems += _order(part, profile, render.objects)
        if other is not None:
            problems += _alike(scene, part, profile, render.text, other)
        if previous is not None:
            problems += _upgrade(scene, part, profile, render.objects, previous)
        size = helm.release_bytes(
            scene.helm, part.folder, name=part.spec.release, namespace=part.spec.namespace, sets=(f"profile={profile}",)
        )
    except NotRenderedError:
        return None, problems  # the profile's own check says why
    except KfkitError as error:
        return None, [
            *problems,
            part.problem(f"the size of a release of it is not known: {error}", profile, known=False),
        ]
    if size > MOST_RELEASE:
        problems.append(
            part.problem(
                f"a release takes {size} bytes, and a Secret {MOST_RELEASE}: it cannot be installed; "
                "`crds: chart` gives the definitions a chart of their own",
                profile,
            )
        )
    return size, problems


def _lint(scene: Scene, part: Part, profile: str) -> Iterator[ChartProblem]:
    done = helm.lint(scene.helm, part.folder, sets=(f"profile={profile}",), namespace=part.spec.namespace)
    if done.why is not None:
        yield part.problem(f"helm lint --strict: {done.why}", profile, known=done.lasting)


def _files(part: Part) -> Iterator[ChartProblem]:
    for path, text in part.chart.files.items():
        size = len(text.encode())
        if size > MOST_FILE:
            yield part.problem(f"{path} has {size} bytes, and helm takes {MOST_FILE}", file=path)


def _order(part: Part, profile: str, objects: Sequence[Object]) -> Iterator[ChartProblem]:
    """Custom resources in one release with their definitions: helm asks for their kinds before it makes any."""
    kinds = {_defined(one) for one in objects if one.id.kind == _CRD}
    for one in objects:
        if (one.id.group, one.id.kind) in kinds:
            yield part.problem(
                f"{one.id} is in one release with its definition: it fails to install; "
                "`crds: chart` gives the definitions a chart of their own",
                profile,
            )


def _defined(crd: Object) -> tuple[str, str]:
    spec = crd.body.get("spec")
    known = spec if isinstance(spec, Mapping) else {}
    names = known.get("names")
    return str(known.get("group", "")), str(names.get("kind", "") if isinstance(names, Mapping) else "")


def _alike(scene: Scene, part: Part, profile: str, text: str, other: Program) -> Iterator[ChartProblem]:
    try:
        second = scene.render(part, profile, program=other)
        found = compare_texts(Text("one", text), Text("other", second.text))
    except NotRenderedError as error:
        yield part.problem(f"helm {other.version} does not render it: {error}", profile, known=error.lasting)
        return
    except CompareError as error:
        yield part.problem(f"helm {other.version}: line {error.line}: {error}", profile)
        return
    if differences := count(found):
        yield part.problem(f"helm {other.version} renders {differences} places otherwise", profile)


def _upgrade(
    scene: Scene, part: Part, profile: str, objects: Sequence[Object], previous: Path
) -> Iterator[ChartProblem]:
    """What an upgrade from a chart of the same name would do; a profile that it lacks has nothing to be upgraded."""
    folder = previous / part.chart.name
    if not (folder / "Chart.yaml").is_file():
        return
    before = replace(part, folder=folder)
    try:
        old = scene.render(before, profile)
    except NotRenderedError as error:
        if "profile" not in str(error):
            yield part.problem(f"the previous chart does not render: {error}", profile, known=False)
        return
    for one in upgrade_problems(old.objects, objects):
        yield part.problem(f"upgrade: {one.object} {one.path}".rstrip() + f" {one.message}", profile)
