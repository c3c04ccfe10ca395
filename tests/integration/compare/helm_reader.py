"""What helm's own reader (sigs.k8s.io/yaml) makes of YAML: one run of helm over many texts."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.support.tools import tool

_TEMPLATE = """kind: Read
data:
{{- range $path, $_ := .Files.Glob "in/*" }}
  "{{ base $path }}": {{ $.Files.Get $path | fromYaml | toJson | b64enc }}
{{- end }}
"""
_READ = re.compile(r'^  "([0-9]+)": (\S+)$', re.MULTILINE)


def read_by_helm(texts: Sequence[str]) -> list[object]:
    """Give what each text is to helm, numbers as floats; of one that it refuses None. The texts must hold mappings."""
    with tempfile.TemporaryDirectory() as folder:
        chart = Path(folder)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: reader\nversion: 0.1.0\n")
        (chart / "templates").mkdir()
        (chart / "templates" / "read.yaml").write_text(_TEMPLATE)
        (chart / "in").mkdir()
        for index, text in enumerate(texts):
            (chart / "in" / str(index)).write_bytes(text.encode())
        done = subprocess.run([tool("helm"), "template", str(chart)], capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    found = {int(index): base64.b64decode(data) for index, data in _READ.findall(done.stdout.decode())}
    assert len(found) == len(texts)
    return [_value(found[index]) for index in range(len(texts))]


def _value(data: bytes) -> object:
    value = json.loads(data, parse_int=float)
    return None if isinstance(value, dict) and set(value) == {"Error"} else value
