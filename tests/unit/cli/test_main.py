"""The group of commands: names, failures and exit codes."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import jsonschema
import pytest

from buildkit.cli import main as cli
from buildkit.cli.main import COMMANDS, app, guarded
from buildkit.errors import Exit, KfkitError, UndeterminedError, UsageError
from buildkit.report.documents import DOCUMENTS


def test_help_imports_no_command_and_no_heavy_library() -> None:
    code = "import sys; from buildkit.cli.main import guarded; guarded(['--help']); print(sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    modules = out.splitlines()[-1]
    assert all(f"'{name}'" not in modules for name in ("urllib3", "docker", "yaml", "msgspec", "ruamel.yaml", "ssl"))
    assert all(f"'buildkit.cli.{name}'" not in modules for name in COMMANDS)


def all_commands() -> dict[str, click.Command]:
    """Commands by what is typed for them, those of groups too."""
    found: dict[str, click.Command] = {}
    for name in sorted(COMMANDS):
        command = app.get_command(click.Context(app), name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {one}": below for one, below in command.commands.items()}
    return found


@pytest.mark.parametrize("name", all_commands())
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded([*name.split(), "--help"]) == Exit.OK
    assert f"  kfkit {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", all_commands())
def test_every_option_has_its_environment_variable(name: str) -> None:
    for option in all_commands()[name].params:
        if isinstance(option, click.Option) and option.expose_value and "--help" not in option.opts:
            longest = max(option.opts, key=len).removeprefix("--").upper().replace("-", "_")
            assert option.envvar == f"KFKIT_{longest}"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no such folder", hint="Look again."), Exit.USAGE),
        (UndeterminedError("no answer"), Exit.UNDETERMINED),
        (KeyboardInterrupt(), Exit.INTERRUPTED),
        (click.UsageError("wrong"), Exit.USAGE),
        (RuntimeError("surprise"), Exit.BUG),
    ],
)
def test_each_failure_has_its_code_and_its_message(
    error: BaseException, code: Exit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_argv: object) -> int:
        raise error

    monkeypatch.setattr(cli, "run", fail)
    assert guarded([]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert (str(error) or "interrupted") in captured.err
    if isinstance(error, KfkitError):
        assert "Traceback" not in captured.err


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(["nope"]) == Exit.USAGE
    assert "No such command" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_schemas_are_valid_json_schema(name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert guarded(["schema", name]) == Exit.OK
    schema = json.loads(capfdbinary.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema"] == {"const": f"kfkit/{name}/v1"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(["completion", shell]) == Exit.OK
    assert "_KFKIT_COMPLETE" in capsys.readouterr().out
