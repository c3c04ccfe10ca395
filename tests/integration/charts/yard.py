"""A small tree and its specification, written by a test, and the flows of `charts generate` and `check` on them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buildkit.charts.outcome import CheckOutcome, GenerateOutcome
from buildkit.edges.tools import HELM, find_program
from buildkit.flows.chart_renders import Documents, read_specs
from buildkit.flows.chart_scene import Part, Scene, open_scene
from buildkit.flows.charts import ChartsRequest, GenerateRequest, generate, make
from buildkit.flows.charts_check import CheckRequest, check
from buildkit.flows.options import RemoteOptions
from buildkit.flows.watch import Watch
from tests.support.tools import ROOT

SPEC: Mapping[str, Any] = {
    "chart": {"name": "app", "description": "For tests.", "home": "https://app.example/"},
    "appVersion": "registry.example/web",
    "component": "app",
    "namespace": "land",
    "release": "app",
    "profiles": {"plain": {"path": "app"}},
    "default": "plain",
}
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: land}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: images.example/web:1.0.0
        args: ["--url=http://store.land.svc:80/land", --port=8080]
"""
RULES = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}
rules: []
"""
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: land}
data: {color: red}
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: store, namespace: land}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.app.example}
spec:
  group: app.example
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""
THING = "apiVersion: app.example/v1\nkind: Thing\nmetadata: {name: one, namespace: land}\n"
SAMPLE = ChartsRequest(
    manifests=str(ROOT / "examples" / "platform"),
    specs=ROOT / "examples" / "charts",
    remotes=RemoteOptions(offline=True),
    version="1.1.0",
)


@dataclass(frozen=True)
class Yard:
    """`tree` holds the manifests, `specs` the specifications; `folder` is where both lie."""

    folder: Path

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def specs(self) -> Path:
        return self.folder / "specs"

    def write(self, files: Mapping[str, str | bytes], kustomization: str = "", at: str = "app") -> Yard:
        """Write a kustomization of these files; more of it in `kustomization`."""
        place = self.tree / at
        for name, text in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        place.mkdir(parents=True, exist_ok=True)
        resources = [name for name in files if name.endswith(".yaml")]
        (place / "kustomization.yaml").write_text(
            f"resources: {json.dumps(resources)}\n{textwrap.dedent(kustomization)}"
        )
        return self

    def say(self, folder: str = "app", **keys: Any) -> Yard:
        """Write a specification; `keys` in the place of those of SPEC."""
        return self.say_text(json.dumps({**SPEC, **keys}, indent=1), folder)

    def say_text(self, text: str, folder: str = "app") -> Yard:
        place = self.specs / folder / "spec.yaml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return self

    def request(self, *names: str) -> ChartsRequest:
        remotes = RemoteOptions(offline=True, lock=self.folder / "kfkit.lock")
        return ChartsRequest(manifests=str(self.tree), names=names, specs=self.specs, remotes=remotes, version="1.0.0")

    def check(self, *, previous: Path | None = None, helms: tuple[str, ...] = (), equal: bool = False) -> CheckOutcome:
        wanted = CheckRequest(charts=self.request(), previous=previous, helms=helms, equality_only=equal)
        return check(wanted, Watch())

    def generate(self, output: str = "out", *, check: bool = False, into: Path | None = None) -> GenerateOutcome:
        wanted = GenerateRequest(charts=self.request(), output=self.folder / output, into=into, check=check)
        return generate(wanted, Watch())


@contextmanager
def scene_of(request: ChartsRequest) -> Iterator[Scene]:
    """Charts made and written, for tests that look at them more than once."""
    documents = Documents()
    made = make(request, read_specs(request.specs, request.names), documents, Watch())
    assert made.problems == ()
    with open_scene(made.made, find_program(HELM), documents) as scene:
        yield scene


def part_of(scene: Scene, name: str) -> Part:
    (part,) = (one for one in scene.parts if one.chart.name == name)
    return part


def said(outcome: CheckOutcome | GenerateOutcome) -> str:
    """Every problem in a line: `file:line profile known message`."""
    return "\n".join(
        f"{Path(one.file).name}:{one.line} [{one.profile}] {'' if one.known else 'not known: '}{one.message}"
        for one in outcome.problems
    )


def spec_text() -> str:
    return (
        "chart: {name: app, description: For tests., home: 'https://app.example/'}\nappVersion: x\ncomponent: app\n"
        "namespace: land\nrelease: app\nprofiles:\n  plain: {path: app}\ndefault: plain\n"
    )
