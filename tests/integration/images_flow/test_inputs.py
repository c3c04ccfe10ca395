"""Hostile and broken trees, tools that are missing, and an interrupt in the middle."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildkit.errors import UndeterminedError
from tests.integration.images_flow.conftest import deployment, statuses, why
from tests.support.tools import ROOT

if TYPE_CHECKING:
    from tests.integration.images_flow.conftest import Workbench

GOOD = {"example/kustomization.yaml": "resources: [web.yaml]\n", "example/web.yaml": deployment("registry.example/a:1")}


@pytest.mark.parametrize("text", ["a: b: c\n", "resources: [\n", "- x\n", "\tx\n", "resources: &a [*b]\n", ""])
def test_a_kustomization_that_does_not_parse(bench: Workbench, text: str) -> None:
    bench.write(
        {**GOOD, "bad/kustomization.yaml": "# one\n" + text, "over/kustomization.yaml": "resources: [../bad]\n"}
    )
    result = bench.images()
    assert statuses(result) == {"bad": "broken", "example": "rendered", "over": "broken"}
    assert "bad/kustomization.yaml:" in why(bench, "over")
    assert [image.name for image in result.images] == ["registry.example/a:1"]


def test_a_resource_that_does_not_parse_is_named_with_its_line(bench: Workbench) -> None:
    bench.write(
        {
            **GOOD,
            "bad/kustomization.yaml": "resources: [x.yaml]\n",
            "bad/x.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n   b: c\n",
            "over/kustomization.yaml": "resources: [../bad]\n",
        }
    )
    assert "bad/x.yaml:5" in why(bench, "bad")
    assert "bad/x.yaml:5" in why(bench, "over")


def test_a_loose_file_that_does_not_parse_is_told_and_the_rest_goes_on(bench: Workbench) -> None:
    bench.write(
        {**GOOD, "loose.yaml": "apiVersion: v1\nkind: Pod\n  x: [\n", "b.yaml": deployment("registry.example/b:1")}
    )
    assert len(bench.images().images) == 2
    assert [line.partition(": ")[0] for line in bench.said] == ["loose.yaml:3"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("resources: [../../outside]\n", "leads out of the tree"),
        ("resources: [../../outside/web.yaml]\n", "leads out of the tree"),
        ("resources: [/etc]\n", "leads out of the tree"),
        ("components: [../../outside]\n", "leads out of the tree"),
        ("resources: [linked.yaml]\n", "symbolic link that leads out of the tree"),
        ("resources: [folder]\n", "symbolic link that leads out of the tree"),
        ("resources: [folder/inner]\n", "symbolic link that leads out of the tree"),
        ("configMapGenerator: [{name: x, files: [../../../../etc/passwd]}]\n", "leads out of the tree"),
        ("configMapGenerator: [{name: x, files: [linked.yaml]}]\n", "symbolic link that leads out of the tree"),
        ("patches: [{path: linked.yaml}]\n", "symbolic link that leads out of the tree"),
        ("resources: ['file:///etc']\n", "file://"),
        ("configMapGenerator: [{name: x, files: ['https://h.example/o/r/x']}]\n", "remote file"),
        ("helmCharts: [{name: x, repo: 'https://h.example'}]\n", "enable-helm"),
        ("transformers: [t.yaml]\n", "plugin"),
    ],
)
def test_nothing_outside_the_tree_is_read_and_no_plugin_runs(bench: Workbench, text: str, what: str) -> None:
    bench.write(
        {"kustomization.yaml": "resources: [web.yaml]\n", "web.yaml": deployment("registry.example/secret:1")},
        "outside",
    )
    bench.write({"inner/kustomization.yaml": "resources: []\n"}, "outside")
    bench.write({**GOOD, "bad/kustomization.yaml": text})
    (bench.tree / "bad" / "linked.yaml").symlink_to(bench.folder / "outside" / "web.yaml")
    (bench.tree / "bad" / "folder").symlink_to(bench.folder / "outside")
    exec_plugin = (
        "apiVersion: v1\nkind: X\nmetadata:\n  name: x\n  annotations:\n"
        "    config.kubernetes.io/function: '{exec: {path: /bin/true}}'\n"
    )
    bench.write({"bad/t.yaml": exec_plugin})
    result = bench.images()
    assert statuses(result) == {"bad": "broken", "example": "rendered"}
    assert what in why(bench, "bad")
    assert [image.name for image in result.images] == ["registry.example/a:1"]


def test_links_inside_the_tree_are_followed_as_kustomize_does(bench: Workbench) -> None:
    bench.write(
        {
            "v1/kustomization.yaml": "resources: [../common]\n",
            "common/kustomization.yaml": "resources: [web.yaml]\n",
            "common/real.yaml": deployment("registry.example/a:1"),
            "example/kustomization.yaml": "resources: [../current]\n",
        }
    )
    (bench.tree / "current").symlink_to("v1")
    (bench.tree / "common" / "web.yaml").symlink_to("real.yaml")
    result = bench.images()
    assert statuses(result) == {"common": "covered", "example": "rendered", "v1": "covered"}
    assert [image.name for image in result.images] == ["registry.example/a:1"]


def test_pipes_and_circular_links_are_passed_over(bench: Workbench) -> None:
    bench.write(GOOD)
    os.mkfifo(bench.tree / "example" / "pipe.yaml")
    (bench.tree / "loop").symlink_to("loop")
    (bench.tree / "up").symlink_to("..")
    assert statuses(bench.images()) == {"example": "rendered"}


def test_an_alias_bomb_is_refused_before_kustomize_meets_it(bench: Workbench) -> None:
    bomb = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    bench.write({**GOOD, "bad/kustomization.yaml": "resources: [bomb.yaml]\n", "bad/bomb.yaml": bomb})
    bench.write({"loose/bomb.yaml": bomb})
    start = time.monotonic()
    reason = why(bench, "bad")
    assert time.monotonic() - start < 10
    assert reason.startswith("bad/bomb.yaml:")
    assert "aliases" in reason
    assert any(line.startswith("loose/bomb.yaml:") for line in bench.said)


def test_a_bomb_in_a_kustomization_itself(bench: Workbench) -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    bench.write({**GOOD, "bad/kustomization.yaml": bomb})
    assert "aliases" in why(bench, "bad")


# --- tools and interrupts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v5.7.0", "v5.9.0", "v0.0.0+unknown", ""])
def test_kustomize_too_old_or_unknown(bench: Workbench, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    programs = bench.write({"kustomize": f"#!/bin/sh\necho {version}\n"}, "bin")
    (programs / "kustomize").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr("buildkit.edges.tools.checkout_tools", lambda: None)
    bench.write(GOOD)
    with pytest.raises(UndeterminedError, match=r"no kustomize 5\.8\.x") as caught:
        bench.images()
    assert "make tools" in caught.value.hint


def test_kustomize_missing(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(bench.folder))
    monkeypatch.setattr("buildkit.edges.tools.checkout_tools", lambda: None)
    bench.write(GOOD)
    with pytest.raises(UndeterminedError, match="none on PATH"):
        bench.images()


def test_an_interrupt_stops_kustomize_and_leaves_nothing_behind(bench: Workbench, home: Path) -> None:
    """A kustomize that never ends, and Ctrl-C: exit 130 at once, no process and no folder left."""
    programs = bench.write(
        {
            "kustomize": """\
                #!/bin/sh
                [ "$1" = version ] && echo v5.8.1 && exit
                echo $$ >> "$KFKIT_TEST_PIDS"
                exec /bin/sleep 60
                """
        },
        "bin",
    )
    (programs / "kustomize").chmod(0o755)
    pids, scratch = bench.folder / "pids", bench.folder / "tmp"
    scratch.mkdir()
    bench.write(
        {**GOOD, "b/kustomization.yaml": "resources: [../example]\n", "c/kustomization.yaml": "resources: []\n"}
    )
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "TMPDIR": str(scratch),
        "KFKIT_TEST_PIDS": str(pids),
        "PYTHONPATH": str(ROOT),
    }
    argv = [sys.executable, "-m", "buildkit.cli", "images", str(bench.tree), "--offline"]
    run = subprocess.Popen(argv, env=environment, cwd=home, stderr=subprocess.PIPE)
    for _ in range(200):
        if pids.exists() and len(pids.read_text().split()) >= 2:
            break
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=15)
    assert run.returncode == 130, said
    assert list(scratch.iterdir()) == []
    for pid in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_two_runs_on_one_cache(bench: Workbench, home: Path) -> None:
    bench.write({**GOOD, **{f"k{n}/kustomization.yaml": "resources: [../example]\n" for n in range(8)}})
    argv = [sys.executable, "-m", "buildkit.cli", "images", str(bench.tree), "--offline", "--format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    runs = [subprocess.Popen(argv, env=environment, cwd=home, stdout=subprocess.PIPE) for _ in range(3)]
    answers = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len(set(answers)) == 1
    assert not list(Path(tempfile.gettempdir()).glob(f"kfkit-{os.getpid()}*"))


def test_a_key_twice_is_named_with_its_line(bench: Workbench) -> None:
    text = deployment("a/b:1") + "        image: a/c:1\n"
    bench.write({"example/kustomization.yaml": "resources: [d.yaml]\n", "example/d.yaml": text})
    (broken,) = bench.images().kustomizations
    assert (broken.why or "").startswith("example/d.yaml:11: key 'image' twice in one mapping")


def test_templates_beside_the_tree_are_no_noise(bench: Workbench) -> None:
    bench.write(
        {
            "example/kustomization.yaml": "resources: [d.yaml]\n",
            "example/d.yaml": deployment("a/b:1"),
            "charts/x/templates/d.yaml": "{{- if .x }}\napiVersion: v1\nkind: Pod\nspec: {{ .y }}\n{{- end }}\n",
        }
    )
    assert list(bench.places()) == ["docker.io/a/b:1"]
    assert bench.said == []


def test_a_kustomization_that_is_a_link_out_of_the_tree(bench: Workbench) -> None:
    outside = bench.write({"kustomization.yaml": "resources: []\n"}, "outside")
    tree = bench.write({"example/kustomization.yaml": "resources: [x]\n", "example/x/a.txt": ""})
    (tree / "example/x/kustomization.yaml").symlink_to(outside / "kustomization.yaml")
    (broken,) = bench.images().kustomizations
    said = "example/kustomization.yaml:1: resources: 'x' is a symbolic link that leads out of the tree"
    assert broken.why == said


def test_addresses_of_memory_are_no_part_of_a_reason(bench: Workbench) -> None:
    generator = "configMapGenerator:\n- {name: c, behavior: merge, literals: [a=b]}\n"
    bench.write({"example/kustomization.yaml": generator})
    (broken,) = bench.images().kustomizations
    assert "does not exist; cannot merge or replace" in (broken.why or "")
    assert not re.search("0x[0-9a-f]{6}", broken.why or "")


def test_no_room_for_a_copy(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit on the size of files stands for a full disk."""
    bench.write({"example/kustomization.yaml": "resources: [d.yaml]\n", "example/d.yaml": deployment("a/b:1")})
    (bench.tree / "example/big.txt").write_text("x" * 100_000)
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "from buildkit.cli.main import main\n"
        f"sys.argv = ['kfkit', 'images', {str(bench.tree)!r}]\n"
        "sys.exit(main())\n"
    )
    monkeypatch.setenv("TMPDIR", str(bench.folder))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "example: cannot be copied to" in done.stderr
    assert "TMPDIR" in done.stderr
    assert not list(bench.folder.glob("kfkit-*"))
