"""`kfkit charts generate` and `check`: what their arguments ask for, what they print, and the exit codes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from buildkit.charts.outcome import ChartProblem
from buildkit.cli.main import guarded
from buildkit.errors import Exit, UndeterminedError
from buildkit.flows import charts as generating
from buildkit.flows import charts_check as checking
from buildkit.flows.charts import ChartsRequest, GenerateRequest
from buildkit.flows.charts_check import CheckRequest
from buildkit.flows.options import RemoteOptions
from tests.unit.report.charts import chart, equal, generation, outcome, profile, spoilt

UNKNOWN = ChartProblem(chart="katib", message="no answer", known=False)


class Flows:
    """What the commands asked of their flows, and what these answer."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.generated = generation(chart())
        self.checked = equal()

    def generate(self, request: GenerateRequest, _watch: object) -> object:
        self.asked.append(request)
        return self.generated

    def check(self, request: CheckRequest, _watch: object) -> object:
        self.asked.append(request)
        return self.checked


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flows:
    made = Flows()
    monkeypatch.setattr(generating, "generate", made.generate)
    monkeypatch.setattr(checking, "check", made.check)
    for name in ("KFKIT_MANIFESTS", "KFKIT_OUTPUT", "KFKIT_INTO", "KFKIT_HELM"):
        monkeypatch.delenv(name, raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return made


def test_without_options_all_charts_go_to_dist(flows: Flows) -> None:
    assert guarded(["charts", "generate", "--manifests", "tree"]) == Exit.OK
    assert flows.asked == [GenerateRequest(charts=ChartsRequest(manifests="tree"))]
    assert guarded(["charts", "check", "--manifests", "tree"]) == Exit.OK
    assert flows.asked[1] == CheckRequest(charts=ChartsRequest(manifests="tree"))


def test_every_option_reaches_the_flow(flows: Flows, tmp_path: Path) -> None:
    folder, file = tmp_path / "bases", tmp_path / "audit.json"
    folder.mkdir()
    file.touch()
    shared = ["katib", "pipelines", "--manifests", "tree", "--specs", "specs", "--version", "1.2.3", "--audit", file]
    shared += ["--remotes", folder, "--offline", "--lock", "l", "--update-lock"]
    wanted = ChartsRequest(
        manifests="tree",
        names=("katib", "pipelines"),
        specs=Path("specs"),
        version="1.2.3",
        audit=file,
        remotes=RemoteOptions(remotes=(folder,), offline=True, lock=Path("l"), update_lock=True),
    )
    arguments = [*map(str, shared)]
    assert guarded(["charts", "generate", *arguments, "--into", "repo", "--check"]) == Exit.OK
    assert flows.asked[0] == GenerateRequest(charts=wanted, into=Path("repo"), check=True)
    more = ["--previous", str(folder), "--helm", "4", "--helm", "3", "--helm", "4", "--equality-only"]
    assert guarded(["charts", "check", *arguments, *more]) == Exit.OK
    assert flows.asked[1] == CheckRequest(charts=wanted, previous=folder, helms=("3", "4"), equality_only=True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["generate"], "Missing option '--manifests'"),
        (["check"], "Missing option '--manifests'"),
        (["generate", "--manifests", "t", "--output", "a", "--into", "b"], "--output and --into"),
        (["generate", "--manifests", "t", "--check"], "--check needs --output or --into"),
        (["generate", "--manifests", "t", "--format", "markdown"], "'markdown' is not one of"),
        (["generate", "--manifests", "t", "--audit", "none.json"], "'none.json' does not exist"),
        (["check", "--manifests", "t", "--helm", "2"], "'2' is not one of"),
        (["check", "--manifests", "t", "--previous", "none"], "'none' does not exist"),
        (["check", "--manifests", "t", "--output", "a"], "No such option"),
        (["check", "--manifests", "t", "--report", "html=a.html"], "is not FORMAT=FILE"),
    ],
)
def test_wrong_arguments_are_two_and_nothing_is_asked(
    arguments: list[str], said: str, flows: Flows, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(["charts", *arguments]) == Exit.USAGE
    captured = capsys.readouterr()
    assert (captured.out, flows.asked) == ("", [])
    assert said in captured.err


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stale": True}, Exit.PROBLEMS),
        ({"problems": (UNKNOWN,)}, Exit.UNDETERMINED),
        ({"problems": (UNKNOWN, replace(UNKNOWN, known=True))}, Exit.PROBLEMS),
    ],
)
def test_what_a_generation_found_is_its_exit_code(changes: dict[str, Any], code: Exit, flows: Flows) -> None:
    flows.generated = replace(flows.generated, **changes)
    assert guarded(["charts", "generate", "--manifests", "t", "--output", "a", "--check"]) == code


def test_what_a_check_found_is_its_exit_code(flows: Flows) -> None:
    for found, code in (
        (spoilt(), Exit.PROBLEMS),
        (outcome(profile("a"), problems=(UNKNOWN,)), Exit.UNDETERMINED),
        (outcome(profile("a"), notes=("a note",)), Exit.OK),
    ):
        flows.checked = found
        assert guarded(["charts", "check", "--manifests", "t"]) == code


def test_each_format_is_printed_and_the_others_go_to_files(
    flows: Flows, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    flows.checked = spoilt()
    reports = [f"--report={name}={name}.out" for name in ("text", "markdown", "github")]
    assert guarded(["charts", "check", "--manifests", "t", "--format", "json", *reports]) == Exit.PROBLEMS
    assert json.loads(capfdbinary.readouterr().out)["schema"] == "kfkit/charts/v1"
    assert Path("text.out").read_text(encoding="utf-8").splitlines()[-1].startswith("DIFFERENT: ")
    assert Path("markdown.out").read_text(encoding="utf-8").startswith("## 🔴 Different: ")
    assert Path("github.out").read_text(encoding="utf-8").startswith("::error file=helm-charts/katib/spec.yaml,line=12")
    reports = ["--report=text=text.out", "--report=github=github.out"]
    flows.generated = generation(chart(), problems=(UNKNOWN,))
    assert guarded(["charts", "generate", "--manifests", "t", "--format", "json", *reports]) == Exit.UNDETERMINED
    assert json.loads(capfdbinary.readouterr().out)["schema"] == "kfkit/chart-generation/v1"
    assert "1 chart made; 1 problem" in Path("text.out").read_text(encoding="utf-8")
    assert Path("github.out").read_text(encoding="utf-8") == "::warning title=kfkit charts%3A katib::no answer\n"


def test_a_check_that_finds_nothing_to_write_says_so(flows: Flows, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(["charts", "generate", "--manifests", "t", "--output", "a", "--check"]) == Exit.OK
    assert capsys.readouterr().out.endswith("UNCHANGED: 1 chart as they would be written\n")
    flows.generated = replace(flows.generated, stale=True)
    guarded(["charts", "generate", "--manifests", "t", "--output", "a", "--check"])
    assert "STALE" in capsys.readouterr().out


def test_a_failure_of_the_flow_prints_nothing_but_its_message(
    monkeypatch: pytest.MonkeyPatch, flows: Flows, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise UndeterminedError("there is no helm")

    monkeypatch.setattr(checking, "check", fail)
    assert guarded(["charts", "check", "--manifests", "t"]) == Exit.UNDETERMINED
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "kfkit: error: there is no helm\n")
    assert flows.asked == []


def test_the_environment_and_kfkit_toml_name_the_manifests(monkeypatch: pytest.MonkeyPatch, flows: Flows) -> None:
    Path("kfkit.toml").write_text(
        'manifests = "of the file"\n[charts]\noffline = true\n[charts.check]\nhelm = ["3"]\n', encoding="utf-8"
    )
    assert guarded(["charts", "check"]) == Exit.OK
    assert flows.asked[-1].helms == ("3",)
    assert flows.asked[-1].charts.remotes.offline
    assert guarded(["charts", "generate"]) == Exit.OK
    assert flows.asked[-1].charts.manifests == "of the file"
    monkeypatch.setenv("KFKIT_MANIFESTS", "of the environment")
    assert guarded(["charts", "generate"]) == Exit.OK
    assert flows.asked[-1].charts.manifests == "of the environment"
    assert guarded(["charts", "generate", "--manifests", "of the flag"]) == Exit.OK
    assert flows.asked[-1].charts.manifests == "of the flag"


def test_a_kfkit_toml_inside_the_manifests_counts_only_where_it_is_named(
    flows: Flows, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("kfkit.toml").write_text('manifests = "."\nformat = "json"\n', encoding="utf-8")
    assert guarded(["charts", "check", "--manifests", "."]) == Exit.OK
    captured = capsys.readouterr()
    assert "kfkit.toml lies inside MANIFESTS and is not read unless --config names it" in captured.err
    assert not captured.out.startswith("{")
    assert guarded(["charts", "check"]) == Exit.USAGE
    assert "kfkit.toml lies inside ., which it names as `manifests`" in capsys.readouterr().err
    assert len(flows.asked) == 1
    assert guarded(["charts", "check", "--config", "kfkit.toml"]) == Exit.OK
    assert flows.asked[-1].charts.manifests == "."


@pytest.mark.parametrize(
    ("written", "arguments", "places"),
    [
        ('into = "repo"\n', [], ("dist/charts", "repo")),
        ('into = "repo"\n', ["--output", "here"], ("here", None)),
        ('output = "there"\n', ["--into", "repo"], ("there", "repo")),
        ('output = "there"\n', ["--check"], ("there", None)),
        ('into = "repo"\n', ["--check"], ("dist/charts", "repo")),
    ],
)
def test_the_command_line_says_where_charts_go_before_the_settings_do(
    written: str, arguments: list[str], places: tuple[str, str | None], flows: Flows
) -> None:
    Path("kfkit.toml").write_text(written, encoding="utf-8")
    assert guarded(["charts", "generate", "--manifests", "t", *arguments]) == Exit.OK
    (asked,) = flows.asked
    assert (str(asked.output), asked.into and str(asked.into)) == places


def test_help_lists_the_commands_in_the_order_of_their_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(["charts", "--help"]) == Exit.OK
    listed = re.findall(r"^  (generate|check|package|publish) ", capsys.readouterr().out, re.MULTILINE)
    assert listed == ["generate", "check", "package", "publish"]
