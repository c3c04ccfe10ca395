"""What failed builds are told as; every message is one that BuildKit 0.33 or a shell really prints."""

from __future__ import annotations

import json
import time

import pytest

from buildkit.builds.diagnosis import Diagnosis, diagnose_failure, diagnose_late
from buildkit.builds.nodes import ChosenNode, Way
from buildkit.builds.progress import Progress
from buildkit.model.platform import parse_platform
from tests.unit.builds.test_progress import FAILED, ended, logged, started

ARM64 = parse_platform("linux/arm64")


def on(way: Way = "emulated") -> ChosenNode:
    return ChosenNode(platform=ARM64, builder="b", endpoint="unix:///b", way=way, reason="so it is")


def failed(name: str, error: str, *printed: str, way: Way = "emulated") -> Diagnosis:
    progress = Progress()
    progress.feed(started(name) + logged("".join(f"{line}\n" for line in printed).encode()) + ended(error))
    progress.feed(f"ERROR: failed to build: failed to solve: {error}\n".encode())
    return diagnose_failure(progress, "buildx failed with exit 1", on(way))


def step(code: int, *printed: str, command: str = "/bad", way: Way = "emulated") -> Diagnosis:
    error = f'process "/bin/sh -c {command}" did not complete successfully: exit code: {code}'
    return failed(f"[2/2] RUN {command}", error, *printed, way=way)


def unsolved(error: str) -> Diagnosis:
    """No step failed: all there is is buildx's last word."""
    progress = Progress()
    progress.feed(f"ERROR: failed to build: {error}\n".encode())
    return diagnose_failure(progress, 'buildx failed with exit 1: {"vertexes": …', on())


PUSH = "failed to push ghcr.io/x/y: "
POST = f"{PUSH}unexpected status from POST request to https://ghcr.io/v2/x/y/blobs/uploads/: "
REQUEST = 'failed to do request: Head "http://127.0.0.1:9/v2/z/blobs/sha256:0f9b": '


@pytest.mark.parametrize(
    ("name", "error", "hint"),
    [
        (
            "[internal] load metadata for registry.quarry.example/build/base:1",
            "no match for platform in manifest: not found",
            "A base image has no linux/arm64",
        ),
        ("[internal] load metadata for a/none:1", "registry.example/a/none:1: not found", "no such base image"),
        (
            "[internal] load metadata for nowhere.invalid/base:1",
            f"{REQUEST}dial tcp: lookup nowhere.invalid on 10.0.0.53:53: no such host",
            "does not answer",
        ),
        ("[internal] waiting for connection", "context deadline exceeded", "connection to the builder"),
        ("exporting to image", f"{PUSH}unauthorized", "docker login"),
        ("exporting to image", f"{PUSH}denied", "docker login"),
        (
            "exporting to image",
            f"{POST}403 Forbidden",
            "docker login",
        ),
        (
            "exporting to image",
            f"{POST}500 Internal Server Error: oops",
            "could not take it now",
        ),
        (
            "exporting to image",
            f"{POST}429 Too Many Requests",
            "could not take it now",
        ),
        (
            "exporting to image",
            f"{PUSH}{REQUEST}dial tcp 127.0.0.1:9: connect: connection refused",
            "went away while it was pushed to",
        ),
        (
            "exporting to image",
            f"{PUSH}{REQUEST}read tcp 127.0.0.1:4->127.0.0.1:9: read: connection reset by peer",
            "went away while it was pushed to",
        ),
        (
            "[internal] load build context",
            "failed to prepare  as gydbx: write /x/runc-overlayfs/containerdmeta.db: no space left on device",
            "disk is full",
        ),
    ],
)
def test_what_buildkit_says_has_its_hint(name: str, error: str, hint: str) -> None:
    found = failed(name, error)
    assert hint in (found.hint or "")
    assert found.problem == f"{name}: {error}"


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        ("failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF", "connection"),
        ("failed to solve: ResourceExhausted: failed to load cache key: write /x: no space left on device", "disk"),
        ("failed to solve: something new", None),
    ],
)
def test_where_no_step_failed_the_last_word_of_buildx_counts(error: str, hint: str | None) -> None:
    found = unsolved(error)
    assert found.problem == f"failed to build: {error}"
    assert (hint or "") in (found.hint or "")
    assert (found.hint is None) == (hint is None)
    assert found.lines == (f"ERROR: failed to build: {error}",)


@pytest.mark.parametrize(
    "line", ["exec /bad: exec format error", "/bin/sh: 1: /bad: Exec format error", "/bad: cannot execute binary file"]
)
def test_a_program_that_cannot_run_is_an_emulators_matter_only_where_there_may_be_none(line: str) -> None:
    assert "register an emulator" in (step(126, line, way="unknown").hint or "")
    for way in ("native", "emulated"):
        hint = step(126, line, way=way).hint or ""
        assert "not one of linux/arm64" in hint
        assert "register" not in hint


@pytest.mark.parametrize("line", ["tar: x: Cannot write: No space left on device", "cp: disk quota exceeded"])
def test_a_full_disk_is_told_from_what_a_step_prints(line: str) -> None:
    assert "disk is full" in (step(1, line).hint or "")


def test_an_emulator_that_crashes_is_told_from_a_program_that_does() -> None:
    line = "qemu: uncaught target signal 11 (Segmentation fault) - core dumped"
    assert "native runner" in (step(139, line).hint or "")
    assert "native runner" in (step(139).hint or "")
    assert step(139, way="native").hint is None


def test_a_step_that_was_killed_may_want_memory() -> None:
    assert "memory" in (step(137).hint or "")


@pytest.mark.parametrize(
    "line",
    [
        "PermissionError: [Errno 13] Permission denied: '/x'",
        "curl: (7) Failed to connect to example.com port 443: Connection refused",
        "cat <<EOF",
        "ERROR: 403 Forbidden",
        "pushing to /tmp, timeout",
        "npm ERR! 429 Too Many Requests",
        "no match for platform in manifest",
        "exit code: 137",
    ],
)
def test_what_a_program_prints_is_not_taken_for_a_registrys_words(line: str) -> None:
    assert step(1, line).hint is None


@pytest.mark.parametrize(
    "command", ["cat <<EOF", "echo 401 unauthorized", "echo no space left on device", "exit 139 # exit code: 139"]
)
def test_a_command_of_the_dockerfile_is_nobodys_words(command: str) -> None:
    assert step(1, command=command).hint is None
    assert failed(f"[2/403] COPY {command}", "failed to compute cache key: not found").hint is None


def test_a_real_failure_has_its_step_and_its_lines() -> None:
    progress = Progress()
    progress.feed(FAILED)
    found = diagnose_failure(progress, "buildx failed with exit 1", on())
    assert found.problem == (
        "[b 2/2] RUN sleep 1; cat /nothing: "
        'process "/bin/sh -c sleep 1; cat /nothing" did not complete successfully: exit code: 1'
    )
    assert found.lines == ("cat: open /nothing: no such file or directory",)
    assert found.hint is None


def test_without_a_word_of_buildx_the_runners_is_told() -> None:
    assert diagnose_failure(Progress(), "buildx was not found", on()).problem == "buildx was not found"


def test_a_build_over_its_time_names_the_step_its_lines_and_a_native_runner() -> None:
    progress = Progress()
    progress.feed(started("[2/2] RUN npm ci") + logged(b"added 3 packages\nstill at it"))
    progress.close()
    found = diagnose_late(progress, 90, on())
    assert found.problem == "the time limit of 90 s was reached at [2/2] RUN npm ci (emulated: so it is)"
    assert "build linux/arm64 on a native runner" in (found.hint or "")
    assert "--node linux/arm64=ENDPOINT" in (found.hint or "")
    assert found.lines == ("added 3 packages", "still at it")


def test_a_native_build_over_its_time_needs_more_time() -> None:
    found = diagnose_late(Progress(), 1.5, on("native"))
    assert found.problem == "the time limit of 1.5 s was reached"
    assert "--timeout" in (found.hint or "")


def test_a_long_problem_keeps_its_end() -> None:
    found = step(7, command="x" * 5000)
    assert len(found.problem) == 600
    assert found.problem.endswith("exit code: 7")


def test_hostile_lines_cost_no_more_than_their_length() -> None:
    progress = Progress()
    vertex = {"digest": "d", "name": "x", "completed": "2026-01-01T00:00:09Z", "error": "pushing failed to push " * 99}
    progress.feed(started() + logged(*[b"manifests/ blobs/ refused" * 40 + b"\n"] * 20))
    progress.feed(json.dumps({"vertexes": [vertex]}).encode() + b"\n")
    start = time.process_time()
    diagnose_failure(progress, "x", on())
    assert time.process_time() - start < 1


def test_a_problem_is_one_line() -> None:
    assert failed("exporting to image", f"{POST}500 Internal Server Error: a\n::error::b").problem.count("\n") == 0
