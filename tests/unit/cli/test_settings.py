"""kfkit.toml: which defaults hold, and how a wrong file is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from buildkit.cli.main import app
from buildkit.cli.options import option, output_options
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@click.command("audit")
@option("--depth", default="config")
@option("--install", multiple=True)
@output_options("text", "json")
def command(depth: str, install: tuple[str, ...], output_format: str, timings: bool, reports: object) -> None:  # noqa: FBT001
    click.echo(f"{depth} {install} {output_format} {timings} {reports}")


def run(*argv: str, capsys: pytest.CaptureFixture[str]) -> str:
    command.main(list(argv), standalone_mode=False)
    return capsys.readouterr().out.strip()


def test_flags_beat_environment_beats_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kfkit.toml").write_text('depth = "file"\ninstall = ["a", "b"]\n[audit]\nformat = "json"\n')
    assert run(capsys=capsys) == "file ('a', 'b') json False ()"
    monkeypatch.setenv("KFKIT_DEPTH", "environment")
    assert run(capsys=capsys).startswith("environment ")
    assert run("--depth", "flag", capsys=capsys).startswith("flag ")


@click.command("audit")
@click.argument("manifests", is_eager=True)
@option("--depth", default="config")
@output_options("text", "json")
def audit(manifests: str, depth: str, **_others: object) -> None:
    click.echo(f"{manifests} {depth}")


def test_the_file_of_an_audited_tree_is_read_only_where_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tree" / "apps").mkdir(parents=True)
    (tmp_path / "tree" / "apps" / "kfkit.toml").write_text('depth = "hostile"\n')
    monkeypatch.chdir(tmp_path / "tree" / "apps")
    for argv, depth in (
        ((".",), "config"),
        (("..",), "config"),
        (("--depth", "flag", ".."), "flag"),
        ((str(tmp_path / "elsewhere"),), "hostile"),
        (("..", "--config", "kfkit.toml"), "hostile"),
    ):
        audit.main(list(argv), standalone_mode=False)
        assert capsys.readouterr().out.split()[1] == depth, argv


def test_the_tree_is_known_before_the_file_is_looked_for() -> None:
    for name in ("audit", "images"):
        found = app.get_command(click.Context(app), name)
        assert found is not None
        assert next(one for one in found.params if one.name == "manifests").is_eager


def test_one_value_will_do_where_several_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kfkit.toml").write_text('install = "example"\n')
    assert run(capsys=capsys).startswith("config ('example',) ")


def test_the_commands_own_table_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.toml"
    other.write_text('depth = "general"\n[audit]\ndepth = "own"\n')
    monkeypatch.chdir(tmp_path)
    assert run("--config", str(other), capsys=capsys).startswith("own ")
    assert run(capsys=capsys).startswith("config ")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("depth = @\n", "wrong.toml:1: "),
        ("[audit]\nnope = 1\n", "`audit.nope`"),
        ("nope = 1\n", "`nope`"),
        ('audit = "x"\n', "`audit` must be a table"),
        ("depth = [1]\n", "`depth` must be"),
    ],
)
def test_a_wrong_file_names_itself_and_the_key(text: str, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        command.main(["--config", str(file)], standalone_mode=False)
    assert str(file) in str(caught.value)
    assert complaint in str(caught.value)


def test_a_key_of_another_command_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kfkit.toml").write_text('registries-conf = "somewhere"\n')
    assert run(capsys=capsys).startswith("config ")


def test_a_report_without_a_file_is_refused() -> None:
    with pytest.raises(click.BadParameter, match="FORMAT=FILE"):
        command.main(["--report", "json"], standalone_mode=False)


@click.group("pins")
def pins() -> None: ...


@pins.command("fix")
@option("--mode", default="repin")
@output_options("text", "json")
def fix(mode: str, output_format: str, **_others: object) -> None:
    click.echo(f"{mode} {output_format}")


@pins.command("check")
@option("--depth", default="config")
@output_options("text", "json")
def check(depth: str, output_format: str, **_others: object) -> None:
    click.echo(f"{depth} {output_format}")


@click.group()
def whole() -> None: ...


whole.add_command(pins)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('mode = "strip"\ndepth = "d"\n', ["strip text", "d text"]),
        ('[pins]\nmode = "strip"\nformat = "json"\n', ["strip json", "config json"]),
        ('[pins]\nmode = "a"\n[pins.fix]\nmode = "b"\n', ["b text", "config text"]),
    ],
)
def test_a_groups_table_holds_for_its_commands_and_theirs_wins(
    text: str, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kfkit.toml").write_text(text)
    for name in ("fix", "check"):
        whole.main(["pins", name], standalone_mode=False)
    assert capsys.readouterr().out.splitlines() == said


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[pins]\nnope = 1\n", "`pins.nope`: `kfkit pins` has no option --nope"),
        ("[pins.fix]\ndepth = 1\n", "`pins.fix.depth`: `kfkit pins fix` has no option --depth"),
        ("[pins]\nfix = 1\n", "`pins.fix` must be a table"),
        ("pins = 1\n", "`pins` must be a table"),
    ],
)
def test_a_wrong_key_of_a_group_is_named(
    text: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kfkit.toml").write_text(text)
    with pytest.raises(UsageError, match="pins") as caught:
        whole.main(["pins", "fix"], standalone_mode=False)
    assert complaint in str(caught.value)
