"""Remote bases and clones: from the user's folder, fetched, locked, and those that cannot be had."""

from __future__ import annotations

import http.server
import json
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildkit.errors import UndeterminedError, UsageError
from tests.integration.images_flow.conftest import deployment, statuses, why

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.images_flow.conftest import Workbench

GOOD = {"example/kustomization.yaml": "resources: [web.yaml]\n", "example/web.yaml": deployment("registry.example/a:1")}


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
