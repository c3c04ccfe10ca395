"""Hostile operands: nothing outside of them is read, nothing runs away, nothing is left behind."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tarfile
import time
from typing import TYPE_CHECKING

import pytest

from tests.integration.diff.conftest import TREE, Bench
from tests.support.kfkit import environment
from tests.support.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
_STEPS = zip("abcdefgh", "bcdefghi", strict=True)
BOMB = "a: &a [x, x, x]\n" + "".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in _STEPS)


@pytest.mark.parametrize(
    "entry", ["/etc", "../../../../../../../../../../etc", "/etc/passwd", "../secret/pod.yaml", "link/pod.yaml"]
)
def test_what_lies_outside_is_not_read(bench: Bench, entry: str) -> None:
    bench.write({"pod.yaml": POD.replace("a}", "stolen}")}, "secret")
    tree = bench.write({"kustomization.yaml": f"resources: ['{entry}']\n"}, "tree")
    (tree / "link").symlink_to(bench.folder / "secret")
    file = bench.write({"a.yaml": POD}, "files") / "a.yaml"
    for run in (bench.diff(tree, file), bench.diff(tree, tree, "--tree")):
        assert "stolen" not in run.out + run.err
        assert "root:" not in run.out + run.err
    assert bench.diff(tree, file).code == 3


def test_a_base_above_the_work_tree_is_not_read(bench: Bench) -> None:
    tree = bench.repository(TREE)
    bench.write({"kustomization.yaml": "resources: [pod.yaml]\n", "pod.yaml": POD}, "above")
    bench.write({"kustomization.yaml": "resources: [../../../above]\n"}, "repository/manifests/x")
    run = bench.diff(tree / "x", tree / "x")
    assert run.code == 3
    assert "leads out of the tree" in run.err


def test_a_kustomization_file_that_is_a_link_out_is_refused(bench: Bench) -> None:
    outside = bench.write(TREE, "tree")
    tree = bench.write({"note": ""}, "linked")
    (tree / "kustomization.yaml").symlink_to(outside / "other" / "kustomization.yaml")
    run = bench.diff(tree, tree)
    assert run.code in {2, 3}, run.err
    assert "leads out" in run.err


def test_a_clone_does_not_lead_into_the_rest_of_the_cache(bench: Bench) -> None:
    trees = "work/cache/kfkit/trees/github.com"
    files = {"kustomization.yaml": "resources: [../../other/r@v1]\n", ".kfkit-commit": "0" * 40}
    clone = bench.write(files, f"{trees}/o/r@v1")
    bench.write({"kustomization.yaml": "resources: [pod.yaml]\n", "pod.yaml": POD}, f"{trees}/other/r@v1")
    run = bench.diff("github.com/o/r@v1", "github.com/o/r@v1")
    assert (run.code, "leads out of the tree" in run.err) == (3, True), run.err
    (clone / "kustomization.yaml").write_text("resources: [../../other/r@v1/pod.yaml]\n")
    assert bench.diff("github.com/o/r@v1", "github.com/o/r@v1").code == 3


@pytest.mark.parametrize("operand", ["file", "folder"])
def test_a_bomb_does_not_go_off(bench: Bench, operand: str) -> None:
    text = POD + "data:\n" + "".join(f"  {line}\n" for line in BOMB.splitlines())
    bench.write({"pod.yaml": text, "kustomization.yaml": "resources: [pod.yaml]\n"}, "bomb")
    place = bench.folder / "bomb" / ("pod.yaml" if operand == "file" else "")
    run = bench.diff(place, place)
    assert run.code == 3, run.out[:200]
    assert "alias" in run.err


def test_what_cannot_be_read_is_told_with_file_and_line(bench: Bench) -> None:
    good = bench.write({"good.yaml": POD, "bad.yaml": f"{POD}---\na: [1\n"}, "files") / "good.yaml"
    bad = good.with_name("bad.yaml")
    for run in (bench.diff(good, bad), bench.diff(bad, good)):
        assert run.code == 3
        assert f"{bad}:" in run.err
    latin = good.with_name("latin.yaml")
    latin.write_bytes(b"a: 1\nb: \xe9\n")
    assert f"{latin}:2: not UTF-8" in bench.diff(good, latin).err


def test_two_documents_with_one_identity_are_a_difference(bench: Bench) -> None:
    files = bench.write({"one.yaml": POD, "two.yaml": f"{POD}---\n{POD}"}, "files")
    found = bench.document(files / "one.yaml", files / "two.yaml")
    assert found["duplicates"] == ["v1/Pod/-/a"]
    assert bench.diff(files / "two.yaml", files / "two.yaml").code == 1


def test_half_a_surrogate_and_odd_numbers_do_not_stop_the_reports(bench: Bench) -> None:
    text = POD + 'data: {a: "\\ud83d", b: 1e999, c: 123456789012345678901234567890}\n'
    files = bench.write({"a.yaml": POD, "b.yaml": text}, "files")
    for name in ("text", "json", "markdown", "html"):
        run = bench.diff(files / "a.yaml", files / "b.yaml", "--format", name)
        assert run.code in {1, 3}, run.err
        assert "Traceback" not in run.err


def test_names_do_not_steer_the_terminal(bench: Bench) -> None:
    text = POD.replace("{name: a}", r'{name: "a\e[2J\u202e"}')
    files = bench.write({"a.yaml": POD, "b.yaml": text}, "files")
    run = bench.diff(files / "a.yaml", files / "b.yaml")
    assert run.code == 1
    assert "\x1b" not in run.out
    assert "\u202e" not in run.out
    assert "\\u001b[2J" in run.out


def packed(path: Path, files: dict[str, bytes], link: str = "") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        if link:
            entry = tarfile.TarInfo(link)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(entry)
    return path


@pytest.mark.parametrize("name", ["../evil", "web/../../evil", "/evil", "evil"])
def test_an_archive_writes_nothing_outside_of_its_folder(bench: Bench, name: str) -> None:
    bench.folder.mkdir(exist_ok=True)
    chart = packed(bench.folder / "web.tgz", {"web/Chart.yaml": b"apiVersion: v2\n", name: b"x"})
    run = bench.diff(chart, chart)
    assert run.code == 3
    assert "no path of a file in a chart's folder" in run.err


def test_links_in_an_archive_are_not_taken(bench: Bench) -> None:
    files = {
        "web/Chart.yaml": b"apiVersion: v2\nname: web\nversion: 0.1.0\n",
        "web/templates/a.yaml": b'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\ndata: {{ .Files.Get "p" | quote }}\n',
    }
    chart = packed(bench.folder / "web.tgz", files, "web/p")
    run = bench.diff(chart, bench.write({"a.yaml": POD + 'data: ""\n'}, "files") / "a.yaml")
    assert run.code == 0, run.out + run.err


def test_two_trees_with_links_that_differ_are_rendered(bench: Bench) -> None:
    a, b = bench.write(TREE, "a"), bench.write(TREE, "b")
    for tree, target in ((a, "other"), (b, "overlays")):
        (tree / "link").symlink_to(target)
    run = bench.diff(a, b)
    assert run.code == 0
    assert "4 kustomizations: 4 equal\n" in run.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_nothing(bench: Bench, number: signal.Signals) -> None:
    tree = bench.repository(TREE)
    temporary, programs, started = (bench.folder / name for name in ("tmp", "bin", "started"))
    temporary.mkdir()
    programs.mkdir()
    # A kustomize that never ends stands in for a large release; the real one tells its version.
    wrapper = programs / "kustomize"
    wrapper.write_text(
        f'#!/bin/sh\n[ "$1" = version ] && exec {tool("kustomize")} "$@"\necho $$ >> {started}\nexec /bin/sleep 600\n'
    )
    wrapper.chmod(0o755)
    variables = {**environment(bench.work), "TMPDIR": str(temporary)}
    variables["PATH"] = f"{programs}:{variables['PATH']}"
    (tree / "base" / "new.txt").write_text("other")
    command = [sys.executable, "-m", "buildkit.cli", "diff", str(tree), "--rev-a", "one"]
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not started.exists() or not started.read_text().strip():
            assert time.monotonic() < deadline, "kustomize was never started"
            time.sleep(0.05)
        process.send_signal(number)
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted" in complaint
    assert list(temporary.iterdir()) == []
    for line in started.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(line), 0)
