"""BuildKit's own parser, lexer and converter as a program: JSON requests in, JSON answers out.

It is built from the module that tools/buildkitd/go.mod pins: the BuildKit that builds what lint reads.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.support.tools import ROOT
from tools.provide import provide_go

SOURCE = ROOT / "tests" / "support" / "dockerfile_reference"
PINS = ROOT / "tools" / "buildkitd"


def build_reference(folder: Path) -> Path:
    """Compile it; with what building buildkitd left in Go's cache that takes seconds."""
    for file in (SOURCE / "main.go", PINS / "go.mod", PINS / "go.sum"):
        shutil.copy(file, folder)
    program = folder / "reference"
    settings = {"GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
    command = [provide_go(), "build", "-trimpath", "-o", str(program), "."]
    subprocess.run(command, cwd=folder, env={**os.environ, **settings}, check=True, capture_output=True)
    return program


def ask(program: Path, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An answer for each request, in their order."""
    lines = "".join(f"{json.dumps(request)}\n" for request in requests)
    done = subprocess.run([program], input=lines.encode(), capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]
