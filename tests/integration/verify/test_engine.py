"""Images started on a real engine: natively, emulated, and every way to fail; nothing of it is left behind."""

from __future__ import annotations

import itertools
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import docker
import pytest

from buildkit.builds.check import Outcome
from buildkit.edges.builders import BINFMT
from buildkit.edges.containers import NAMES, SmokeLimits, open_containers
from buildkit.model.execution import Executed, Smoke
from buildkit.model.platform import parse_platform
from tests.support.binfmt import foreign_architecture, own_architecture
from tests.support.elf import program
from tests.support.push import Entry, Image, Index, build, push_image
from tests.support.verified import PLATFORMS, TAR, archive, startable
from tests.support.verify import messages, remarks, verify_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit.builds.verification import Verification
    from tests.support.registry_process import Registry

NUMBERS = itertools.count()
OWN, FOREIGN = f"linux/{own_architecture()}", f"linux/{foreign_architecture()}"


@pytest.fixture(autouse=True)
def client(engine: str) -> Iterator[Any]:
    """The engine by itself; after each test it has neither containers nor images."""
    found = docker.DockerClient(base_url=engine, version="auto")
    yield found
    assert found.containers.list(all=True) == []
    assert found.images.list(all=True) == []
    found.close()


@pytest.fixture(scope="module")
def good(registry: Registry) -> str:
    push_image(registry.host, "engine/good", "v1", Index(entries=tuple(map(startable, PLATFORMS))))
    return f"{registry.host}/engine/good:v1"


def push(registry: Registry, *entries: Entry) -> str:
    name = f"engine/x{next(NUMBERS)}"
    push_image(registry.host, name, "v1", Index(entries=entries))
    return f"{registry.host}/{name}:v1"


def executed(found: Verification) -> dict[str, tuple[Executed, str | None]]:
    return {row.platform: (row.execution.state, row.execution.reason) for row in found.platforms}


def start(name: str, *command: str, seconds: float = 20, **facts: Any) -> Verification:
    return verify_name(name, smoke=command, seconds=seconds, **facts)


@pytest.mark.parametrize("command", [("/ok",), ("",), ("", "/ok")], ids=["entrypoint", "as it is", "arguments"])
def test_both_platforms_start_one_natively_and_one_emulated(command: tuple[str, ...], good: str) -> None:
    found = start(good, *command)
    assert found.outcome is Outcome.OK, messages(found)
    assert executed(found) == {OWN: (Executed.NATIVELY, None), FOREIGN: (Executed.EMULATED, None)}


def test_a_command_that_fails_is_a_problem_with_its_code_and_last_lines(good: str) -> None:
    found = start(good, "/no")
    assert found.outcome is Outcome.PROBLEM
    assert executed(found) == dict.fromkeys(PLATFORMS, (Executed.FAILED, "exit 3"))
    assert {row.execution.log for row in found.platforms} == {("no such luck",)}
    assert {row.indexed for row in found.platforms} == {"yes"}


def test_a_command_that_hangs_is_ended(good: str) -> None:
    begin = time.monotonic()
    found = start(good, "/hang", seconds=1)
    assert time.monotonic() - begin < 15
    assert executed(found) == dict.fromkeys(PLATFORMS, (Executed.FAILED, "no end within 1 s"))
    assert {row.execution.log for row in found.platforms} == {("waiting",)}


@pytest.mark.parametrize("command", ["/nowhere", "nowhere"])
def test_a_command_that_is_not_there_is_a_problem(command: str, good: str) -> None:
    found = start(good, command)
    assert found.outcome is Outcome.PROBLEM
    assert all(state is Executed.FAILED and command in str(reason) for state, reason in executed(found).values())


@pytest.mark.parametrize(
    "files",
    [
        {"ok": program(own_architecture())},
        {"ok": b"-> /bin/real", "bin/real": program(own_architecture())},
        {"ok": b"-> bin/real", "bin": b"-> sbin", "sbin/real": program(own_architecture())},
        {"ok": b"#!/bin/sh\n", "bin/sh": program(own_architecture())},
    ],
    ids=["program", "link", "link through a folder's link", "script"],
)
def test_a_program_of_the_engines_own_platform_in_a_foreign_image_is_no_success(
    files: dict[str, bytes], registry: Registry
) -> None:
    """It would run here, natively; on a machine of the image's platform it is an exec format error."""
    found = start(push(registry, startable(OWN), startable(FOREIGN, files)), "/ok")
    state, reason = executed(found)[FOREIGN]
    assert state is Executed.FAILED
    assert "exec format error" in str(reason)
    assert f"is code for {own_architecture()}, not for {FOREIGN}" in str(reason)
    assert executed(found)[OWN] == (Executed.NATIVELY, None)


def test_a_foreign_program_in_an_image_of_the_engines_own_platform_is_no_success(registry: Registry) -> None:
    found = start(push(registry, startable(OWN, {"ok": program(foreign_architecture())}), startable(FOREIGN)), "/ok")
    assert executed(found)[OWN][0] is Executed.FAILED
    assert "exec format error" in str(executed(found)[OWN][1])


def test_what_is_no_program_at_all_is_an_exec_format_error(registry: Registry) -> None:
    found = start(push(registry, startable(OWN, {"ok": b"\x7fELF nonsense"})), "/ok", platforms=OWN)
    state, reason = executed(found)[OWN]
    assert (state, str(reason).partition(":")[0]) == (Executed.FAILED, "exec format error")


def test_without_an_emulator_nothing_is_executed_and_the_image_is_not_blamed(registry: Registry) -> None:
    if (BINFMT / "qemu-riscv64").exists():
        pytest.skip("this machine emulates riscv64 too")
    code = bytearray(program("arm64"))
    code[18:20] = (243).to_bytes(2, "little")
    image = Image(platform="linux/riscv64", layers=(archive({"ok": bytes(code)}),), layer_type=TAR)
    tag = push(registry, startable(OWN), Entry(content=image, platform="linux/riscv64"))
    found = start(tag, "/ok", platforms=f"{OWN},linux/riscv64")
    assert found.outcome is Outcome.UNKNOWN
    assert remarks(found) == [("unknown", "executed", "linux/riscv64")]
    assert "no emulator of linux/riscv64" in messages(found)


def test_an_image_for_another_system_is_not_executed(registry: Registry) -> None:
    tag = push(registry, startable(OWN), Entry(content=Image(platform="windows/amd64"), platform="windows/amd64"))
    found = start(tag, "/ok", platforms="windows/amd64")
    assert remarks(found) == [("unknown", "executed", "windows/amd64")]


def test_what_is_started_can_do_little(client: Any, good: str) -> None:
    """Looked at from outside, while it hangs."""
    seen: list[dict[str, Any]] = []

    def look() -> None:
        end = time.monotonic() + 10
        while not seen and time.monotonic() < end:
            seen.extend(one.attrs for one in client.containers.list(filters={"name": NAMES}))
            time.sleep(0.05)

    thread = threading.Thread(target=look)
    thread.start()
    start(good, "/hang", seconds=2, platforms=OWN)
    thread.join()
    host = seen[0]["HostConfig"]
    assert (host["NetworkMode"], host["CapDrop"], host["SecurityOpt"]) == ("none", ["ALL"], ["no-new-privileges"])
    assert (host["Privileged"], host["Binds"], seen[0]["Mounts"]) == (False, None, [])
    assert host["Memory"] == 1024**3
    assert host["PidsLimit"] == 512


def test_an_image_that_was_there_stays(good: str, client: Any) -> None:
    repository, tag = good.rsplit(":", 1)
    digest = build(startable(OWN).content).digest
    assert tag == "v1"
    client.api.pull(repository, tag=digest, platform=OWN)
    try:
        assert start(good, "/ok", platforms=OWN).outcome is Outcome.OK
        assert [image.attrs["RepoDigests"] for image in client.images.list(all=True)] == [[f"{repository}@{digest}"]]
    finally:
        client.images.remove(f"{repository}@{digest}")


def test_what_the_engine_cannot_pull_is_not_executed(registry: Registry) -> None:
    smoke = Smoke(
        repository=f"{registry.host}/engine/none",
        digest="sha256:" + "0" * 64,
        platform=parse_platform(OWN),
        command=("/ok",),
    )
    (found,) = open_containers(SmokeLimits(run=5)).start([smoke], lambda _done: None)
    assert found.state is Executed.NOT_EXECUTED
    assert "engine/none" in str(found.reason)


def test_no_engine_is_not_executed_with_the_reason(good: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    found = start(good, "/ok")
    assert found.outcome is Outcome.UNKNOWN
    assert {state for state, _ in executed(found).values()} == {Executed.NOT_EXECUTED}
    assert "no engine: unix:///nowhere.sock" in messages(found)


def test_an_interruption_removes_what_is_running(good: str, client: Any) -> None:
    """As Ctrl-C comes: while the main thread waits for an answer."""
    containers = open_containers(SmokeLimits(run=60))
    repository = good.rsplit(":", 1)[0]
    smokes = [
        Smoke(
            repository=repository,
            digest=build(startable(name).content).digest,
            platform=parse_platform(name),
            command=("/hang",),
        )
        for name in PLATFORMS
    ]

    def interrupt() -> None:
        end = time.monotonic() + 20
        while len(client.containers.list(filters={"name": NAMES})) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        containers.start(smokes, lambda _done: None)
    end = time.monotonic() + 10  # the threads that watched them remove the images
    while (client.containers.list(all=True) or client.images.list(all=True)) and time.monotonic() < end:
        time.sleep(0.05)
