"""What foreign manifests make kfkit print is no command to the runner."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.tools import ROOT

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_commands_are_stopped_while_it_runs_and_its_code_is_kept() -> None:
    done = subprocess.run(
        [ROOT / "tools" / "unheard", "sh", "-c", "printf '::error::x'; exit 3"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert re.fullmatch(r"::stop-commands::(\S+)\n::error::x\n::\1::\n", done.stdout)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_workflow_runs_kfkit_over_manifests_heard(path: Path) -> None:
    for line in path.read_text().splitlines():
        if re.search(r"bin/kfkit\"? (?:audit|pins|overlay|diff)\b", line):
            assert "unheard" in line, line
