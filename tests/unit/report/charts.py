"""Outcomes of charts that reports are written of: right ones, one with something of everything, and hostile ones."""

from __future__ import annotations

from typing import Any, Final

from buildkit.charts.outcome import (
    AcceptedDifference,
    ChartProblem,
    CheckOutcome,
    GeneratedChart,
    GenerateOutcome,
    ProfileCheck,
    ValueCheck,
)
from buildkit.charts.release_changes import ChangeSummary, FileChange, ImageChange, TextChange
from buildkit.compare.comparison import ABSENT, Difference

HOSTILE: Final = "</summary></details><script>alert(1)</script>\x1b[31m\u202e```\n@kubeflow <!-- #1 |x|"
ADMIN: Final = "rbac.authorization.k8s.io/v1/ClusterRole/-/katib-admin"
CONTROLLER: Final = "apps/v1/Deployment/kubeflow/katib-controller"
SPEC: Final = "helm-charts/katib/spec.yaml"
RULES: Final = AcceptedDifference(
    object=ADMIN, path="rules", reason="Helm 4 conflicts with\n  the aggregation controller"
)


def profile(name: str, chart: str = "katib", **settings: Any) -> ProfileCheck:
    given: dict[str, Any] = {
        "chart": chart,
        "profile": name,
        "objects": 25,
        "differences": 0,
        "accepted": (),
        "release_bytes": 36_864,
        "seconds": 0.46789,
    }
    return ProfileCheck(**{**given, **settings})


def value(name: str, profile_name: str = "standalone", chart: str = "katib", differences: int = 0) -> ValueCheck:
    return ValueCheck(chart=chart, value=name, profile=profile_name, places=2, differences=differences)


def outcome(*profiles: ProfileCheck, **settings: Any) -> CheckOutcome:
    given: dict[str, Any] = {"profiles": profiles, "values": (), "problems": (), "notes": (), "helms": ("4.2.4",)}
    return CheckOutcome(**{**given, **settings})


def equal() -> CheckOutcome:
    values = (
        *(value(name) for name in ("images.controller.tag", "workloads.controller.replicas")),
        value("covering array"),
        value("namespace"),
        value("namespace", "with-kubeflow"),
    )
    profiles = (profile("standalone", accepted=(RULES,)), profile("with-kubeflow", accepted=(RULES,)))
    return outcome(*profiles, values=values, helms=("4.2.4", "3.22.0"))


def spoilt() -> CheckOutcome:
    """Something of everything."""
    replicas = Difference(object=CONTROLLER, path="spec.replicas", a=1, b="1")
    lost = Difference(object="v1/ConfigMap/kubeflow/katib-config", path="", a=None, b=ABSENT)
    come = Difference(object="v1/ConfigMap/kubeflow/other", path="", a=ABSENT, b=None)
    twice = Difference(object="v1/Secret/kubeflow/s", path="", a=None, b="more than once")
    profiles = (
        profile("standalone", differences=3, accepted=(RULES,), shown=(replicas, lost, come)),
        profile("with-kubeflow", differences=3, shown=(replicas, lost, twice)),
        profile("default", "pipelines", objects=1, release_bytes=None),
    )
    values = (
        value("covering array", differences=3),
        value("images.controller.tag", differences=1),
        value("namespace"),
        value("database.host", "default", "pipelines"),
    )
    problems = (
        ChartProblem(chart="katib", file=SPEC, line=12, message="accepted: no profile has this difference (stale)"),
        ChartProblem(chart="katib", file=SPEC, profile="standalone", message="3 differences from Kustomize"),
        ChartProblem(
            chart="katib", profile="openshift", message="helm 4.2.4 does not render it:\nError: a.yaml:3\n  \n  x: y"
        ),
        ChartProblem(chart="pipelines", message="kustomize took longer than 300 s and was stopped", known=False),
    )
    notes = ("katib: this release has no profile openshift", "not rendered with Helm 3: there is no helm3")
    return outcome(*profiles, values=values, problems=problems, notes=notes)


def hostile(times: int = 1) -> CheckOutcome:
    """Names and values that want to be markup, or to steer a terminal."""
    accepted = AcceptedDifference(object=HOSTILE, path=HOSTILE, reason=HOSTILE)
    return outcome(
        *(
            profile(
                f"{HOSTILE}{number}",
                HOSTILE,
                differences=1,
                accepted=(accepted,),
                shown=(Difference(object=f"{HOSTILE}{number}", path=HOSTILE, a=HOSTILE, b={HOSTILE: number}),),
            )
            for number in range(times)
        ),
        values=tuple(value(f"{HOSTILE}{number}", HOSTILE, HOSTILE, 1) for number in range(times)),
        problems=tuple(
            ChartProblem(chart=HOSTILE, profile=HOSTILE, file=file, line=1, message=f"{HOSTILE}\n{HOSTILE}{number}")
            for number in range(times)
            for file in ("", HOSTILE)
        ),
        notes=(HOSTILE,) * times,
        helms=(HOSTILE,),
    )


def chart(name: str = "katib", changes: ChangeSummary | None = None) -> GeneratedChart:
    return GeneratedChart(
        name=name,
        version="0.19.0",
        app_version="v0.19.0",
        folder=f"dist/charts/{name}",
        profiles=("standalone", "with-kubeflow"),
        objects=39,
        values=117,
        changes=changes,
    )


def generation(*charts: GeneratedChart, **settings: Any) -> GenerateOutcome:
    given: dict[str, Any] = {"charts": charts, "problems": (), "notes": ()}
    return GenerateOutcome(**{**given, **settings})


def changed() -> GenerateOutcome:
    """A chart that is new, one that is as it was, and one in which everything changed."""
    changes = ChangeSummary(
        version=TextChange(old="0.18.0", new="0.19.0"),
        app_version=TextChange(old="", new="v0.19.0"),
        added=("templates/db.yaml",),
        removed=("templates/old.yaml",),
        changed=(FileChange(name="values.yaml", added=3, removed=1),),
        profiles_added=("external-db",),
        profiles_removed=("old",),
        values_added=tuple(f"workloads.w{number:02}.replicas" for number in range(25)),
        values_removed=("database.port",),
        values_changed=("images.controller.tag",),
        images=(ImageChange(repository="ghcr.io/kubeflow/katib", old=("v0.18.0",), new=("v0.19.0", "v0.19.1")),),
        unread=("old values.yaml",),
    )
    return generation(
        chart("katib", changes),
        chart("katib-crds", ChangeSummary()),
        chart("pipelines"),
        notes=("katib: the release has a kustomization that no profile takes: installs/new",),
        problems=(ChartProblem(chart="katib", file=SPEC, line=7, message="images: no such image: db"),),
    )
