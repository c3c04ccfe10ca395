"""`make demo`'s script: it shows what it should, and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.kfkit import environment
from tests.support.tools import ROOT, tool

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _programs() -> None:
    tool("kustomize")
    tool("registry")


def _demo(tmp_path: Path) -> subprocess.Popen[str]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return subprocess.Popen(
        [sys.executable, "-u", str(ROOT / "examples" / "demo.py"), "--out", str(tmp_path / "out")],
        cwd=ROOT,
        env=environment(tmp_path) | {"TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _port(text: str) -> int:
    match = re.search(r"127\.0\.0\.1:(\d+)", text)
    assert match, text
    return int(match[1])


def test_the_demo_shows_what_it_should_and_stops_what_it_started(tmp_path: Path) -> None:
    process = _demo(tmp_path)
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, out + err
    assert "report.html" in out.rstrip().splitlines()[-2]
    reports = [f"report.{end}" for end in ("txt", "json", "md", "csv", "sarif", "html")]
    overlay = ("overlay/kustomization.yaml", "overlay/copy.sh")
    for name in (*reports, "images.json", "baseline.json", "trend.html", "pins.json", *overlay):
        assert (tmp_path / "out" / name).stat().st_size > 0
    assert "regressed" in out
    assert "registry.quarry.example/runs/controller:1.2.0" in out
    assert "4 values changed as intended, nothing else" in out
    assert "DIFFERENT: 4 values in 4 objects" in out
    assert not _listening(_port(out))
    assert list((tmp_path / "scratch").iterdir()) == []


def _interrupt(process: subprocess.Popen[str], number: signal.Signals) -> None:
    if number is signal.SIGINT:
        os.killpg(process.pid, number)  # a terminal's Ctrl-C reaches the children too
    else:
        process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_interrupted_before_its_registry_runs_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    process = _demo(tmp_path)
    assert process.stdout is not None
    assert "Quarry" in process.stdout.readline()
    _interrupt(process, number)
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("seconds", [0, 1.5])
def test_an_interrupted_demo_leaves_nothing(tmp_path: Path, number: signal.Signals, seconds: float) -> None:
    process = _demo(tmp_path)
    assert process.stdout is not None
    port = _port(next(line for line in process.stdout if "127.0.0.1:" in line))
    assert _listening(port)
    time.sleep(seconds)
    _interrupt(process, number)
    assert not _listening(port)
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("module", ["examples.demo", "examples.serve", "tests.simulation.__main__"])
def test_what_make_runs_needs_no_test_packages(module: str, tmp_path: Path) -> None:
    hidden = "import sys; sys.modules.update(dict.fromkeys(('pytest', 'hypothesis', 'jsonschema')))"
    done = subprocess.run(
        [sys.executable, "-c", f"{hidden}; import {module}"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
