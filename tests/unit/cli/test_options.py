"""Options that several commands share."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click
import pytest

from buildkit.cli.options import today_option


@click.command()
@today_option
def command(today: date) -> None:
    click.echo(today)


def told(*argv: str, capsys: pytest.CaptureFixture[str]) -> str:
    command.main(list(argv), standalone_mode=False)
    return capsys.readouterr().out.strip()


def test_the_date_is_that_of_the_flag_else_of_source_date_epoch_else_today(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = datetime.now(UTC).date()
    assert before <= date.fromisoformat(told(capsys=capsys)) <= datetime.now(UTC).date()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert told(capsys=capsys) == "1970-01-02"
    assert told("--today", "2026-11-22", capsys=capsys) == "2026-11-22"


@pytest.mark.parametrize("epoch", ["yesterday", "9" * 30, "1.5"])
def test_a_wrong_epoch_is_a_usage_error(epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(click.BadParameter, match="SOURCE_DATE_EPOCH"):
        command.main([], standalone_mode=False)


def test_what_is_no_date_is_a_usage_error() -> None:
    with pytest.raises(click.BadParameter):
        command.main(["--today", "22.11.2026"], standalone_mode=False)
