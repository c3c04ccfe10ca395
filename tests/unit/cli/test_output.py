"""Reports are whole or not there; colour is for terminals."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest

from buildkit.cli import output
from buildkit.cli.output import Meter, emit, use_colour, write_atomically
from buildkit.errors import UsageError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_needs_a_terminal_and_respects_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert use_colour(Terminal())
    assert not use_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not use_colour(Terminal())


def test_a_report_replaces_the_old_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    target.write_text("old")
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert not stat.S_IMODE(target.stat().st_mode) & 0o111


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "real" / "report.json", tmp_path / "latest.json"
    target.parent.mkdir()
    target.write_text("old")
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert (link.is_symlink(), target.read_bytes()) == (True, b"new")


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1"])
def test_standard_output_redirected_to_a_file_is_written_on_never_replaced(
    name: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Under `capfd` descriptor 1 is a regular file: what `> file` makes of it."""
    before = Path("/dev/stdout").readlink()
    emit({"text": lambda: b"T", "json": lambda: b"J"}, "text", [("json", Path(name))])
    assert capfdbinary.readouterr().out == b"JT"
    assert Path("/dev/stdout").readlink() == before


def test_a_folder_that_is_not_there_is_a_usage_error_and_the_old_report_stays(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_atomically(tmp_path / "no" / "report.json", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_made_where_that_is_asked_for(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b" / "x.json", b"x", make_folder=True)
    assert (tmp_path / "a" / "b" / "x.json").read_bytes() == b"x"


def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written") as caught:
        write_atomically(tmp_path / "file" / "x.json", b"x", make_folder=True)
    assert not caught.value.hint, "its folder is not what is missing"


def test_a_reader_of_a_report_who_leaves_is_no_error_of_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    monkeypatch.setitem(output._STREAMS, "/dev/stdout", writer)
    with pytest.raises(BrokenPipeError):
        write_atomically(Path("/dev/stdout"), b"x")
    os.close(writer)


def test_every_report_is_written_beside_standard_output(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    emit({"text": lambda: b"T", "json": lambda: b"J"}, "text", [("json", tmp_path / "a.json")])
    assert capfdbinary.readouterr().out == b"T"
    assert (tmp_path / "a.json").read_bytes() == b"J"


def test_colour_is_for_the_terminal_not_for_files(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    emit({"text": lambda: b"\x1b[31mbad\x1b[0m"}, "text", [("text", tmp_path / "a.txt")])
    assert (tmp_path / "a.txt").read_bytes() == b"bad"
    assert capfdbinary.readouterr().out == b"\x1b[31mbad\x1b[0m"


def test_progress_is_redrawn_on_a_terminal_and_gone_before_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    meter = Meter()
    meter.count("render", 1, 5)
    meter.tell("a note")
    assert "render: 1 of 5" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[Ka note\n")


def test_progress_off_a_terminal_is_silent_for_short_work(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr("sys.stderr", log)
    meter = Meter()
    for done in range(5):
        meter.count("render", done, 5)
    assert log.getvalue() == ""


def test_what_a_stage_is_called_cannot_steer_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    meter = Meter()
    meter.next = 0.0
    meter.count("RUN \x1b]0;x\x07", 1, 2)
    assert capfd.readouterr().err == "RUN \ufffd]0;x\ufffd: 1 of 2\n"
