"""A run that is told to stop ends at once, with nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_render_that_is_stopped_leaves_neither_process_nor_folder(tmp_path: Path, number: signal.Signals) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    started = tmp_path / "started"
    programs = tmp_path / "bin"
    programs.mkdir()
    # A kustomize that never ends stands in for a large release; the real one tells its version.
    wrapper = programs / "kustomize"
    wrapper.write_text(
        f'#!/bin/sh\n[ "$1" = version ] && exec {tool("kustomize")} "$@"\necho $$ > {started}\nexec /bin/sleep 600\n'
    )
    wrapper.chmod(0o755)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "kustomization.yaml").write_text("resources: [pod.yaml]\n")
    (tree / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n")
    environment = {**os.environ, "TMPDIR": str(temporary), "PATH": f"{programs}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "buildkit.cli", "images", str(tree)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not started.exists() or not started.read_text().strip():
            assert time.monotonic() < deadline, "kustomize was never started"
            time.sleep(0.05)
        process.send_signal(number)
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in complaint
    assert list(temporary.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
