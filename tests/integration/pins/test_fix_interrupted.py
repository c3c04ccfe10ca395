"""Ctrl-C at any moment leaves all files old or all new, and no temporary."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.pins.fixing import pod, resources, write_tree
from tests.support.kfkit import environment
from tests.support.push import build, index, push_image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.registry_process import Registry

pytestmark = pytest.mark.integration
COUNT = 200
SHAPE = index("linux/amd64", "linux/arm64", salt="interrupted")
SINGLE, PARENT = build(SHAPE.entries[0].content).digest, build(SHAPE).digest


def start(root: Path) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "buildkit.cli", "pins", "fix", str(root)]
    work = root.parent / "work"
    work.mkdir(exist_ok=True)
    return subprocess.Popen(
        argv, cwd=work, env=environment(work), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(root: Path, process: subprocess.Popen[str], moment: str) -> None:
    """Wait until the run is as far as that: one temporary in the tree, or one file renamed."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if moment == "temporaries" and any(root.glob(".kfkit-*")):
            return
        if moment == "renaming" and PARENT in (root / "pod000.yaml").read_text():
            return


@pytest.mark.parametrize("moment", ["soon", "temporaries", "renaming"])
def test_ctrl_c_leaves_all_old_or_all_new_and_no_temporary(tmp_path: Path, registry: Registry, moment: str) -> None:
    push_image(registry.host, "interrupted/x", "v1", SHAPE)
    names = [f"pod{number:03}.yaml" for number in range(COUNT)]
    image = f"{registry.host}/interrupted/x:v1@{SINGLE}"
    files = {name: pod(image, name.partition(".")[0]) for name in names}
    root = write_tree(tmp_path / "t", {"kustomization.yaml": resources(*names), **files})
    with start(root) as process:
        if moment == "soon":
            time.sleep(1)
        else:
            wait_for(root, process, moment)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    assert process.returncode in {0, 130}
    assert sorted(path.name for path in root.iterdir()) == ["kustomization.yaml", *names]
    found = {PARENT in (root / name).read_text() for name in names}
    assert len(found) == 1
