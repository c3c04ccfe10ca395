"""Templates rendered by the real helm: a chart of just these files."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from buildkit.compare.objects import Object, Text, read_objects
from tests.support.tools import tool


def render(
    files: Mapping[str, str], values: Mapping[str, Any], *, namespace: str = "kubeflow", helm: str = "helm"
) -> tuple[Object, ...]:
    """Give the objects of a chart's render; `files` without Chart.yaml get one.

    Raises:
        RuntimeError: helm refuses; what it says.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "chart"
        chart = {"Chart.yaml": "apiVersion: v2\nname: chart\nversion: 0.1.0\n", **files}
        for name, text in chart.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(text.encode())
        said = Path(folder) / "values.json"
        said.write_text(_json(values))
        command = [tool(helm), "template", "release", str(root), "--namespace", namespace, "--values", str(said)]
        done = subprocess.run(
            [*command, "--skip-tests", "--kube-version", "1.33"],
            capture_output=True,
            check=False,
            timeout=120,
        )
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    return read_objects(Text("helm", done.stdout.decode()))


def _json(values: Mapping[str, Any]) -> str:
    """JSON that YAML reads alike: it knows no pairs of surrogates."""
    text = json.dumps(values, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", text)
