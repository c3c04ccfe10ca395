"""Components and plans for tests."""

from __future__ import annotations

from typing import Any

from buildkit.builds.catalogue import parse_catalogue
from buildkit.builds.component import Catalogue
from buildkit.builds.plan import Plan
from buildkit.builds.planning import Found, Settings, plan_builds

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TEXT = """\
sources:
  katib: {repository: kubeflow/katib}
  notebooks: {repository: kubeflow/notebooks, branch: notebooks-v1, ref: "v{version}"}
components:
  - name: ui
    image: ghcr.io/kubeflow/katib/ui
    source: katib
    dockerfile: cmd/ui/Dockerfile
    target: final
    args: {COMMIT: "{revision}", REGISTRY: "{registry}", VERSION: "{version}", EMPTY: ""}
    labels: {org.opencontainers.image.title: Katib UI, at: "{revision}"}
    smoke: [/ui, --help]
  - name: suggestion.gpu
    image: docker.io/kubeflow/suggestion
    tag: "{version}-gpu"
    source: katib
    context: cmd/suggestion
    dockerfile: cmd/suggestion/Dockerfile
    limits: [{platform: linux/arm64, reason: no wheel, link: "https://example.com/1"}]
  - name: base
    image: ghcr.io/kubeflow/base
    source: notebooks
    platforms: [linux/amd64, linux/arm64, linux/ppc64le]
  - name: jupyter
    image: ghcr.io/kubeflow/jupyter
    source: notebooks
    args: {BASE: "{registry}/kubeflow/base:{version}"}
    needs: [base]
"""


def catalogue(text: str = TEXT) -> Catalogue:
    return parse_catalogue(text, "b.yaml")


def found(text: str = TEXT) -> dict[str, Found]:
    """All in folders, at the same commit; `base` in no repository."""
    return {
        one.name: Found(
            context=f"../src/{one.context}".removesuffix("/."),
            dockerfile=f"../src/{one.dockerfile}",
            revision=None if one.name == "base" else COMMIT,
            committed=None if one.name == "base" else 1_700_000_000,
            repository="https://github.com/kubeflow/katib",
        )
        for one in catalogue(text).components
    }


def plan(text: str = TEXT, **settings: Any) -> Plan:
    wanted = Settings(**{"version": "1.2.0", **settings})
    return plan_builds(catalogue(text).components, found(text), wanted, "b.yaml")
