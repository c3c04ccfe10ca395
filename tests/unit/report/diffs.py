"""Comparisons for tests of their reports: one with something of every kind, and one that is hostile throughout."""

from __future__ import annotations

from typing import Final

from buildkit.compare.comparison import ABSENT, Absent, Json
from buildkit.compare.outcome import ComparedKustomization, Outcome
from buildkit.compare.proof import Change

HOSTILE: Final = "</pre><script>alert(1)</script>\x1b[31m\u202e```\n@kubeflow <!-- #1 |x|\ud800"
WEB: Final = "apps/v1/Deployment/kubeflow/web"
_NGINX: Final = "server {\n\tlisten 80;\n  root /srv;\n  index a;\n  index b;\n  index c;\n  gzip on;  \n}\n"


def change(path: str, a: Json | Absent, b: Json | Absent, *folders: str, name: str = WEB) -> Change:
    return Change(kustomizations=folders, object=name, path=path, a=a, b=b)


def rich() -> Outcome:
    """Two trees."""
    label = 'metadata.labels["app.kubernetes.io/version"]'
    return Outcome(
        a="manifests@v1.11.0",
        b="manifests",
        only_a=("v1/ConfigMap/kubeflow/web-config-58k2g9h2mt", "v1/Service/kubeflow/old"),
        only_b=("v1/ConfigMap/kubeflow/web-config-7m5t2h4g6c",),
        renamed=(("v1/ConfigMap/kubeflow/web-config-58k2g9h2mt", "v1/ConfigMap/kubeflow/web-config-7m5t2h4g6c"),),
        duplicates=("v1/Secret/kubeflow/twice",),
        differences=(
            change("spec.replicas", 1, "1", "base", "example"),
            change("spec.template.spec.containers[0].args", ["--a", "--b "], ABSENT, "base", "example"),
            change('data["nginx.conf"]', _NGINX, _NGINX.replace("80", "8080").replace("  }", "}"), "base"),
            change("spec.template.spec.volumes[1]", ABSENT, {"name": "tmp", "emptyDir": {}, "y": None}, "base"),
            *(change(label, "1.0", "1.1", "base", name=f"v1/Service/kubeflow/s{number}") for number in range(12)),
        ),
        kustomizations=(
            ComparedKustomization(path="apps/gone", state="only-a"),
            ComparedKustomization(
                path="base",
                state="different",
                only_a=("v1/ConfigMap/kubeflow/web-config-58k2g9h2mt", "v1/Service/kubeflow/old"),
                only_b=("v1/ConfigMap/kubeflow/web-config-7m5t2h4g6c",),
                renamed=(
                    ("v1/ConfigMap/kubeflow/web-config-58k2g9h2mt", "v1/ConfigMap/kubeflow/web-config-7m5t2h4g6c"),
                ),
                duplicates=("v1/Secret/kubeflow/twice",),
            ),
            ComparedKustomization(path="broken", state="not-rendered", why="no such file: x.yaml"),
            ComparedKustomization(path="example", state="different"),
            ComparedKustomization(path="same", state="equal"),
        ),
        unread=1,
        problems=("late: manifests does not render: kustomize took longer than 300 s and was stopped",),
    )


def hostile(values: int = 1) -> Outcome:
    """Names and values that want to be markup, or to steer a terminal."""
    return Outcome(
        a=HOSTILE,
        b=HOSTILE,
        only_a=(HOSTILE,),
        only_b=(f"{HOSTILE}b",),
        renamed=((f"{HOSTILE}1", f"{HOSTILE}2"),),
        duplicates=(HOSTILE,),
        differences=tuple(
            one
            for number in range(values)
            for one in (
                change(HOSTILE, HOSTILE, f"{HOSTILE}{number}", HOSTILE, name=f"{HOSTILE}{number}"),
                change(HOSTILE, {HOSTILE: [HOSTILE]}, number, HOSTILE, name=f"{HOSTILE}{number}"),
            )
        ),
        kustomizations=(ComparedKustomization(path=HOSTILE, state="different", why=HOSTILE, only_a=(HOSTILE,)),),
        problems=(HOSTILE,),
    )
