"""Hostile and broken trees, remote bases, tools that are missing, and an interrupt in the middle."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildkit.errors import UndeterminedError, UsageError
from tests.integration.images_flow.conftest import deployment, statuses
from tests.support.tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.images_flow.conftest import Workbench

GOOD = {"example/kustomization.yaml": "resources: [web.yaml]\n", "example/web.yaml": deployment("registry.example/a:1")}


def why(bench: Workbench, folder: str, **options: object) -> str:
    return {one.path: one.why for one in bench.images(**options).kustomizations}[folder] or ""


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


# --- remote bases -----------------------------------------------------------------------------------------------


def git(*arguments: str, cwd: Path) -> str:
    return subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def upstream(bench: Workbench, home: Path) -> Path:
    """A git repository that `https://github.com/acme/base` leads to."""
    folder = bench.write(
        {
            "config/kustomization.yaml": "resources: [../parts]\n",
            "parts/kustomization.yaml": "resources: [web.yaml]\n",
            "parts/web.yaml": deployment("registry.example/remote:1"),
        },
        "acme/base",
    )
    git("init", "--quiet", cwd=folder)
    git("add", ".", cwd=folder)
    git("commit", "--quiet", "-m", "one", cwd=folder)
    git("tag", "v1", cwd=folder)
    with (home / ".gitconfig").open("a") as file:
        file.write(f'[url "file://{bench.folder}/"]\n  insteadOf = https://github.com/\n')
    return folder


REMOTE = {"example/kustomization.yaml": "resources:\n- https://github.com/acme/base//config?ref=v1\n"}


def test_a_remote_base_from_the_user_s_folder(bench: Workbench) -> None:
    bench.write(REMOTE)
    bench.write(
        {
            "config/kustomization.yaml": "resources: [../parts]\n",
            "parts/kustomization.yaml": "resources: [web.yaml]\n",
            "parts/web.yaml": deployment("registry.example/remote:1"),
        },
        "remotes/github.com/acme/base@v1",
    )
    assert bench.places(remotes=(bench.folder / "empty", bench.folder / "remotes")) == {
        "registry.example/remote:1": ["remote:github.com/acme/base@v1/parts/web.yaml:10"]
    }
    assert not (bench.folder / "kfkit.lock").exists()


def test_a_remote_base_is_fetched_once_and_locked(bench: Workbench, upstream: Path) -> None:
    bench.write({**REMOTE, "again/kustomization.yaml": "resources: ['github.com/acme/base/config?ref=v1']\n"})
    expected = {"registry.example/remote:1": ["remote:github.com/acme/base@v1/parts/web.yaml:10"]}
    assert bench.places(offline=False) == expected
    commit = git("rev-parse", "HEAD", cwd=upstream)
    lock = bench.folder / "kfkit.lock"
    assert json.loads(lock.read_text()) == {
        "schema": "kfkit/lock/v1",
        "remotes": {"github.com/acme/base@v1": commit},
    }
    assert bench.places(offline=True) == expected

    (upstream / "parts" / "web.yaml").write_text(deployment("registry.example/remote:2"))
    git("commit", "--quiet", "-a", "-m", "two", cwd=upstream)
    git("tag", "--force", "v1", cwd=upstream)
    assert bench.places(offline=False) == expected
    before = lock.read_bytes()
    assert list(bench.places(offline=False, update_lock=True)) == ["registry.example/remote:2"]
    assert lock.read_bytes() != before


@pytest.mark.usefixtures("upstream")
def test_a_remote_base_that_differs_from_the_lock_ends_the_run(bench: Workbench) -> None:
    bench.write(REMOTE)
    (bench.folder / "kfkit.lock").write_text(
        json.dumps({"schema": "kfkit/lock/v1", "remotes": {"github.com/acme/base@v1": "0" * 40}})
    )
    with pytest.raises(UndeterminedError, match="the lock says 0000"):
        bench.images(offline=False)


@pytest.mark.usefixtures("upstream")
def test_a_fetched_base_that_the_lock_does_not_know_is_told(bench: Workbench) -> None:
    bench.write(REMOTE)
    lock = bench.folder / "kfkit.lock"
    lock.write_text('{"schema": "kfkit/lock/v1", "remotes": {}}')
    before = lock.read_bytes()
    assert bench.places(offline=False)
    assert bench.said[0].startswith("github.com/acme/base@v1 is not in ")
    assert lock.read_bytes() == before


@pytest.mark.usefixtures("upstream")
def test_a_lock_inside_the_tree_counts_only_when_named(bench: Workbench) -> None:
    bench.write(REMOTE)
    lock = json.dumps({"schema": "kfkit/lock/v1", "remotes": {"github.com/acme/base@v1": "0" * 40}})
    bench.write({"kfkit.lock": lock})
    assert bench.places(offline=False)
    with pytest.raises(UndeterminedError, match="the lock says"):
        bench.images(lock=bench.tree / "kfkit.lock")


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "kfkit/lock/v9"}', '{"schema": "kfkit/lock/v1", "x": 1}'])
def test_a_wrong_lock_is_refused(bench: Workbench, text: str) -> None:
    bench.write(GOOD)
    (bench.folder / "kfkit.lock").write_text(text)
    with pytest.raises(UsageError, match=r"kfkit\.lock"):
        bench.images()


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/acme/gone//x?ref=v1",
        "github.com/acme/gone",
        "git@github.com:acme/gone.git",
        "https://h.example/x/y.yaml",
    ],
)
def test_what_a_missing_remote_base_takes_down(bench: Workbench, address: str) -> None:
    bench.write(
        {
            **GOOD,
            "third/kustomization.yaml": f"resources: ['{address}']\n",
            "over/kustomization.yaml": "resources: [../third]\n",
        }
    )
    result = bench.images()
    assert statuses(result) == {"example": "rendered", "over": "broken", "third": "broken"}
    reason = why(bench, "over")
    assert address in reason
    assert "third/kustomization.yaml:1" in reason
    assert "--offline" in reason


def test_a_remote_base_may_not_leave_its_repository(bench: Workbench) -> None:
    bench.write(REMOTE)
    bench.write({"config/kustomization.yaml": "resources: [../../other@v1/x]\n"}, "remotes/github.com/acme/base@v1")
    bench.write({"x/kustomization.yaml": "resources: []\n"}, "remotes/github.com/acme/other@v1")
    assert "leads out of the tree" in why(bench, "example", remotes=(bench.folder / "remotes",))


class Files(http.server.BaseHTTPRequestHandler):
    """`/manifests.yaml` is one, `/far.yaml` leads there, everything else is missing."""

    def do_GET(self) -> None:
        if self.path == "/far.yaml":
            self.send_response(302)
            self.send_header("Location", "/manifests.yaml")
            self.end_headers()
            return
        body = deployment("registry.example/file:1").encode() if self.path == "/manifests.yaml" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Files) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@pytest.mark.parametrize("name", ["manifests.yaml", "far.yaml"])
def test_a_remote_file_is_fetched_and_locked(bench: Workbench, server: str, name: str) -> None:
    bench.write({"example/kustomization.yaml": f"resources:\n- http://{server}/{name}\n"})
    place = f"remote:https/{server}/{name}"
    assert bench.places(offline=False) == {"registry.example/file:1": [f"{place}:10"]}
    (pinned,) = json.loads((bench.folder / "kfkit.lock").read_text())["remotes"].values()
    assert pinned.startswith("sha256:")


def test_a_remote_file_that_is_not_there(bench: Workbench, server: str) -> None:
    bench.write({**GOOD, "bad/kustomization.yaml": f"resources:\n- http://{server}/no.yaml\n"})
    assert "404" in why(bench, "bad", offline=False)


def test_kustomize_itself_reaches_no_network(bench: Workbench, server: str) -> None:
    """An address where we do not look for one: kustomize would download it, and must not get it."""
    address = f"http://{server}/manifests.yaml"
    plugin = f"apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {{name: x}}\nfiles: ['k={address}']\n"
    bench.write({**GOOD, "bad/kustomization.yaml": "generators: [g.yaml]\n", "bad/g.yaml": plugin})
    bench.write({"inline/kustomization.yaml": "generators:\n- |-\n  " + plugin.replace("\n", "\n  ").rstrip() + "\n"})
    assert address in why(bench, "bad", offline=False)
    assert address in why(bench, "inline", offline=False)


def test_a_clone_of_a_repository_is_a_tree(bench: Workbench, upstream: Path) -> None:
    result = bench.images(manifests="github.com/acme/base@v1", offline=False)
    assert result.source == "github.com/acme/base@v1"
    assert [use.file for image in result.images for use in image.uses] == ["parts/web.yaml"]
    (upstream / "parts" / "web.yaml").write_text(deployment("registry.example/remote:2"))
    git("commit", "--quiet", "-a", "-m", "two", cwd=upstream)
    git("tag", "--force", "v1", cwd=upstream)
    again = bench.images(manifests="github.com/acme/base@v1")
    assert [image.name for image in again.images] == ["registry.example/remote:1"]
    again = bench.images(manifests="github.com/acme/base@v1", offline=False)
    assert [image.name for image in again.images] == ["registry.example/remote:2"]


@pytest.mark.usefixtures("upstream")
def test_a_clone_that_cannot_be_had(bench: Workbench) -> None:
    with pytest.raises(UndeterminedError, match="--offline"):
        bench.images(manifests="github.com/acme/base@v1")
    with pytest.raises(UndeterminedError, match="git"):
        bench.images(manifests="github.com/acme/none@v1", offline=False)


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
