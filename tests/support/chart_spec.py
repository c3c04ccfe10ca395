"""A specification as short as one can be, and a value to put behind it, for tests of reading them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.charts.spec_file import read_spec

if TYPE_CHECKING:
    from buildkit.charts.spec import ChartSpec

LEAST = """\
chart: {name: katib, description: Tunes, home: "https://example.com"}
appVersion: ghcr.io/x/controller
component: applications/katib
namespace: kubeflow
release: katib
profiles: {standalone: {path: installs/standalone}}
default: standalone
"""
VALUE = """\
values:
  - name: database.host
    kind: string
    description: Where it is
    sample: db.example.org
    at: [{object: apps/Deployment/x, path: a}]
"""


def read(text: str) -> ChartSpec:
    return read_spec(text, "spec.yaml")
