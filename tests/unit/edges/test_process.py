from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from buildkit.edges import process
from buildkit.edges.process import (
    Limits,
    ProgramError,
    background,
    environment,
    quote,
    redact,
    run,
    worker_pool,
)
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


def test_what_is_said_on_standard_error_is_heard_as_it_comes() -> None:
    heard: list[tuple[float, bytes]] = []
    code = "import sys,time; print('a', file=sys.stderr, flush=True); time.sleep(0.4); print('b', file=sys.stderr)"
    done = run(python(code), heard=lambda piece: heard.append((time.monotonic(), piece)))
    assert b"".join(piece for _, piece in heard) == b"a\nb\n" == done.stderr.encode()
    assert heard[-1][0] - heard[0][0] > 0.2


def test_all_of_it_is_heard_though_only_its_beginning_is_kept() -> None:
    heard: list[int] = []
    done = run(python("import sys; sys.stderr.write('x' * 3_000_000)"), heard=lambda piece: heard.append(len(piece)))
    assert sum(heard) == 3_000_000
    assert len(done.stderr) == process.MIB


def test_a_program_whose_words_cannot_be_heard_is_stopped() -> None:
    class FullError(Exception):
        pass

    def heard(piece: bytes) -> None:
        raise FullError(piece)

    start = time.monotonic()
    with pytest.raises(FullError):
        run(python("import sys,time; print(1, file=sys.stderr, flush=True); time.sleep(60)"), heard=heard)
    assert time.monotonic() - start < 10


def test_only_a_program_that_took_too_long_is_late() -> None:
    with pytest.raises(ProgramError) as late:
        run(["sleep", "60"], limits=Limits(seconds=0.3))
    with pytest.raises(ProgramError) as failed:
        run(python("raise SystemExit(1)"))
    with pytest.raises(ProgramError) as large:
        run(python("while True: print('x' * 9999)"), limits=Limits(output=process.MIB))
    assert (late.value.late, failed.value.late, large.value.late) == (True, False, False)


CHILDREN = "import subprocess,sys,time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"


def _first_line(log: Path) -> str:
    for _ in range(200):
        if "\n" in (text := log.read_text()):
            return text.partition("\n")[0]
        time.sleep(0.02)
    raise AssertionError(log)


def test_a_program_in_the_background_ends_with_the_block_and_its_children_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with background(python(CHILDREN), log=log) as child:
        grandchild = int(_first_line(log))
        assert child.poll() is None
    assert child.returncode == -signal.SIGTERM
    assert _gone(grandchild)


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_it_ends_too_where_the_block_is_left_by_an_exception(kind: type[BaseException], tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(kind), background(python(CHILDREN), log=log) as child:  # noqa: PT012  # it has to run first
        grandchild = int(_first_line(log))
        raise kind
    assert child.returncode is not None
    assert _gone(grandchild)


def test_one_that_ended_by_itself_is_no_error(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    with background(python("print('said')"), log=log) as child:
        assert child.wait(10) == 0
    assert log.read_text() == "before\nsaid\n"


def test_one_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    with background(python(code), log=log, grace=0.3) as child:
        _first_line(log)
        start = time.monotonic()
    assert child.returncode == -signal.SIGKILL
    assert time.monotonic() - start < 5


def test_one_that_is_missing_is_an_expected_error(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="was not found"), background(["no-such-program"], log=tmp_path / "log"):
        pass


def test_it_holds_a_lock_as_long_as_it_lives(tmp_path: Path) -> None:
    """Should we be killed, what it writes to stays taken."""
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    fcntl.flock(lock, fcntl.LOCK_EX)
    log = tmp_path / "log"
    with background(python("print(1, flush=True); import time; time.sleep(60)"), log=log, keep_open=(lock,)):
        _first_line(log)
        os.close(lock)
        other = os.open(tmp_path / "lock", os.O_RDWR | os.O_CLOEXEC)
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)


def test_what_is_not_handed_on_is_not_inherited(tmp_path: Path) -> None:
    own = os.open(tmp_path / "own", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    log = tmp_path / "log"
    code = f"import os; print(os.path.exists('/proc/self/fd/{own}'), flush=True)"
    with background(python(code), log=log) as child:
        child.wait(10)
    os.close(own)
    assert log.read_text() == "False\n"
