from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from buildkit.edges import process
from buildkit.edges.process import Limits, ProgramError, environment, quote, redact, run, worker_pool
from buildkit.errors import Exit

if TYPE_CHECKING:
    from pathlib import Path


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _gone(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        time.sleep(0.05)
    return False


def test_bytes_go_in_and_out() -> None:
    data = os.urandom(3_000_000)
    done = run(python("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"), stdin=data)
    assert done.stdout == data[::-1]
    assert done.code == 0


def test_a_program_that_reads_nothing_is_no_error() -> None:
    assert run(python("print(1)"), stdin=b"x" * 3_000_000).stdout == b"1\n"


def test_output_goes_to_a_file(tmp_path: Path) -> None:
    done = run(python("print('y' * 1000)"), stdout=tmp_path / "out")
    assert done.stdout == b""
    assert (tmp_path / "out").read_text() == "y" * 1000 + "\n"


def test_arguments_are_never_a_shell_s() -> None:
    done = run([*python("import sys; print(sys.argv[1])"), "$(id); `id` && x"])
    assert done.stdout == b"$(id); `id` && x\n"


def test_a_failure_names_program_code_and_reason_and_hides_credentials() -> None:
    with pytest.raises(ProgramError) as caught:
        run([*python("import sys; sys.exit('no access to https://me:s3cret@host/x')"), "https://me:s3cret@host/x"])
    assert caught.value.code == 1
    assert "no access to https://***@host/x" in str(caught.value)
    assert "s3cret" not in str(caught.value) + repr(caught.value.argv) + caught.value.stderr
    assert caught.value.exit == Exit.UNDETERMINED


def test_a_code_can_be_the_caller_s_business() -> None:
    assert run(python("raise SystemExit(7)"), check=False).code == 7


def test_a_missing_program_is_an_expected_error() -> None:
    with pytest.raises(ProgramError, match="no-such-program was not found"):
        run(["no-such-program"])


def test_a_missing_working_directory_is_an_expected_error(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="could not be started"):
        run(python(""), cwd=tmp_path / "absent")


def test_time_limit_takes_the_children_down_too() -> None:
    code = (
        "import subprocess,sys,time; p = subprocess.Popen(['sleep','60']); "
        "print(p.pid, file=sys.stderr, flush=True); time.sleep(60)"
    )
    start = time.monotonic()
    with pytest.raises(ProgramError, match=r"took longer than 1 s") as caught:
        run(python(code), limits=Limits(seconds=1))
    assert time.monotonic() - start < 8
    assert caught.value.code is None
    assert _gone(int(caught.value.stderr.split()[0]))


def test_a_program_that_ignores_sigterm_is_killed() -> None:
    code = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    start = time.monotonic()
    with pytest.raises(ProgramError, match="took longer"):
        run(python(code), limits=Limits(seconds=0.5))
    assert time.monotonic() - start < 10


def test_output_limit() -> None:
    with pytest.raises(ProgramError, match="wrote more than 1 MiB"):
        run(python("while True: print('x' * 9999)"), limits=Limits(output=process.MIB))


@pytest.mark.skipif(sys.platform != "linux", reason="no data limit elsewhere")
def test_memory_limit() -> None:
    code = "import time; time.sleep(0.2); x = bytearray(900_000_000); print(len(x))"
    with pytest.raises(ProgramError, match="MemoryError"):
        run(python(code), limits=Limits(memory=256 * process.MIB))


def test_another_repository_s_git_settings_do_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("KUSTOMIZE_PLUGIN_HOME", "/elsewhere")
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -v")
    kept = environment({"EXTRA": "1"})
    assert "GIT_DIR" not in kept
    assert "KUSTOMIZE_PLUGIN_HOME" not in kept
    assert kept["GIT_SSH_COMMAND"] == "ssh -v"
    assert kept["EXTRA"] == "1"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("clone https://tok@github.com/a/b failed", "clone https://***@github.com/a/b failed"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("GET /x?token=abc&y=1", "GET /x?token= ***&y=1"),
        ("git@github.com:a/b", "git@github.com:a/b"),
        ("image docker.io/a@sha256:00", "image docker.io/a@sha256:00"),
    ],
)
def test_redact(text: str, masked: str) -> None:
    assert redact(text) == masked


def test_quote_is_for_people() -> None:
    assert quote(["git", "clone", "https://u:p@h/a b"]) == "git clone 'https://***@h/a b'"


def test_an_interrupt_stops_programs_of_all_threads() -> None:
    start = time.monotonic()

    def interrupt_soon() -> None:
        time.sleep(0.7)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt_soon).start()
    with pytest.raises(KeyboardInterrupt), worker_pool(2) as pool:  # noqa: PT012  # the interrupt comes while waiting
        futures = [pool.submit(run, ["sleep", "60"]) for _ in range(6)]
        futures[0].exception()
    assert time.monotonic() - start < 10
    assert all(future.cancelled() or isinstance(future.exception(), ProgramError) for future in futures)
    assert run(python("print(1)")).stdout == b"1\n"
