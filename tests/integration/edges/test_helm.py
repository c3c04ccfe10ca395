from __future__ import annotations

import io
import os
import random
import tarfile
from typing import TYPE_CHECKING

import pytest

from buildkit.edges import helm
from buildkit.edges.process import MIB, Limits
from buildkit.edges.tools import HELM3, HELM4, Program, find_program
from buildkit.errors import UndeterminedError, UsageError
from tests.support.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.edges.kustomize import Build

CONFIG = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  color: {{ .Values.color | quote }}
"""
HOOK = """apiVersion: v1
kind: Pod
metadata:
  name: check
  annotations:
    helm.sh/hook: HOOK
"""


@pytest.fixture(scope="module", params=["helm", "helm3"])
def program(request: pytest.FixtureRequest) -> Program:
    tool(request.param)
    return find_program(HELM4 if request.param == "helm" else HELM3)


@pytest.fixture(scope="module")
def helm4() -> Program:
    tool("helm")
    return find_program(HELM4)


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    return write(
        tmp_path / "demo",
        {
            "Chart.yaml": "apiVersion: v2\nname: demo\nversion: 1.0.0\n",
            "values.yaml": "color: red\n",
            "templates/config.yaml": CONFIG,
        },
    )


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def rendered(program: Program, chart: Path, **options: object) -> str:
    output = chart.parent / "render.yaml"
    done = helm.template(program, chart, output, **options)  # type: ignore[arg-type]
    assert done.why is None
    assert done.warnings == ()
    return output.read_text()


def failed(program: Program, chart: Path) -> Build:
    done = helm.template(program, chart, chart.parent / "render.yaml")
    assert done.why is not None
    return done


def archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as target:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            target.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_values_come_from_the_chart_then_files_in_their_order_then_sets(program: Program, chart: Path) -> None:
    one, two = chart.parent / "one values.yaml", chart.parent / "-two.yaml"
    one.write_text("color: green\n")
    two.write_text("color: blue\n")
    assert 'color: "red"' in rendered(program, chart)
    assert 'color: "blue"' in rendered(program, chart, values=[one, two])
    assert 'color: "--debug"' in rendered(program, chart, values=[one], sets=["color=--debug"])


def test_the_release_has_the_name_and_namespace_asked_for(program: Program, chart: Path) -> None:
    text = rendered(program, chart)
    assert "name: release-name\n  namespace: default\n" in text
    text = rendered(program, chart, name="one", namespace="two")
    assert "name: one\n  namespace: two\n" in text


def test_crds_hooks_and_tests_are_part_of_it(program: Program, chart: Path) -> None:
    write(
        chart,
        {
            "crds/a.yaml": "kind: CustomResourceDefinition\nmetadata: {name: a}\n",
            "templates/hook.yaml": HOOK.replace("HOOK", "post-install"),
            "templates/tests/test.yaml": HOOK.replace("HOOK", "test"),
        },
    )
    text = rendered(program, chart)
    assert "kind: CustomResourceDefinition" in text
    assert text.count("kind: Pod") == 2
    assert rendered(program, chart, skip_tests=True).count("kind: Pod") == 1


def test_an_error_in_a_template_names_file_and_line(program: Program, chart: Path) -> None:
    write(chart, {"templates/broken.yaml": "a:\n  b: {{ .Values.no.such }}\n"})
    done = failed(program, chart)
    assert done.why is not None
    assert "demo/templates/broken.yaml:2" in done.why
    assert "nil pointer evaluating" in done.why
    assert "--debug" not in done.why
    assert done.lasting


def test_a_template_that_gives_no_yaml_is_an_error(program: Program, chart: Path) -> None:
    write(chart, {"templates/broken.yaml": "a: b\n c: d\n"})
    assert "demo/templates/broken.yaml" in (failed(program, chart).why or "")


def test_values_that_cannot_be_parsed_are_named_by_their_own_path(program: Program, chart: Path) -> None:
    values = chart.parent / "mine.yaml"
    values.write_text("color: [\n")
    done = helm.template(program, chart, chart.parent / "render.yaml", values=[values])
    assert str(values) in (done.why or "")
    assert "kfkit-" not in (done.why or "")


def test_arguments_that_are_not_there_are_the_callers_error(program: Program, chart: Path) -> None:
    output = chart.parent / "render.yaml"
    with pytest.raises(UsageError, match=r"no chart: it has no Chart\.yaml"):
        helm.template(program, chart / "templates", output)
    with pytest.raises(UsageError, match=r"gone\.yaml: the values cannot be read"):
        helm.template(program, chart, output, values=[chart / "gone.yaml"])


@pytest.mark.parametrize("place", ["templates/secret.yaml", "files", "values.schema.json"])
def test_a_link_out_of_the_chart_is_refused(program: Program, chart: Path, place: str) -> None:
    outside = write(chart.parent / "outside", {"secret": "a: secret\n"})
    (chart / place).symlink_to(outside if place == "files" else outside / "secret")
    assert f"{place}: a symbolic link that leads out of the tree" in (failed(program, chart).why or "")


def test_a_link_inside_the_chart_is_followed(program: Program, chart: Path) -> None:
    write(chart, {"shared/a.yaml": "kind: A\n"})
    (chart / "templates" / "a.yaml").symlink_to("../shared/a.yaml")
    (chart / "templates" / "more").symlink_to("../shared")
    assert rendered(program, chart).count("kind: A\n") == 2


@pytest.mark.parametrize(
    "schema",
    [
        '{"$ref": "file:///etc/hostname"}',
        '{"properties": {"a": {"\\u0024ref": "http://127.0.0.1:1/x"}}}',
        '{"$ref": "#/a", "$ref": "../../etc/hostname"}',
        '{"$schema": "https://example.invalid/meta.json"}',
        "{",
    ],
)
def test_a_schema_of_values_reaches_nothing_else(program: Program, chart: Path, schema: str) -> None:
    (chart / "values.schema.json").write_text(schema)
    assert "values.schema.json: " in (why := failed(program, chart).why or "")
    assert "refers to" in why or "no JSON" in why


def test_a_schema_of_values_is_kept_to(program: Program, chart: Path) -> None:
    head = '{"$schema": "https://json-schema.org/draft-07/schema#", "definitions": {"c": {"type": "string"}},'
    write(chart, {"values.schema.json": head + '"properties": {"color": {"$ref": "#/definitions/c"}}}'})
    assert 'color: "red"' in rendered(program, chart)
    write(chart, {"values.yaml": "color: 1\n"})
    assert "got number, want string" in (failed(program, chart).why or "")


def test_archives_of_subcharts_are_rendered_and_checked(program: Program, chart: Path) -> None:
    inner = {
        "sub/Chart.yaml": b"apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        "sub/values.yaml": b"color: {}\n",
        "sub/templates/a.yaml": b"kind: Sub\n",
    }
    (chart / "charts").mkdir()
    (chart / "charts" / "sub-1.0.0.tgz").write_bytes(archive(inner))
    assert "kind: Sub" in rendered(program, chart)
    bad = archive({**inner, "sub/values.schema.json": b'{"$ref": "file:///etc/hostname"}'})
    outer = {**inner, "sub/charts/bad.tgz": bad}
    (chart / "charts" / "sub-1.0.0.tgz").write_bytes(archive(outer))
    assert "charts/sub-1.0.0.tgz/sub/charts/bad.tgz/sub/values.schema.json: refers to file:" in (
        failed(program, chart).why or ""
    )
    (chart / "charts" / "sub-1.0.0.tgz").write_bytes(archive(inner)[:-30])
    assert "no archive that can be read" in (failed(program, chart).why or "")


def test_a_missing_dependency_is_not_fetched(program: Program, chart: Path) -> None:
    with (chart / "Chart.yaml").open("a") as file:
        file.write("dependencies: [{name: far, version: 1.0.0, repository: https://example.invalid}]\n")
    assert "missing in charts/ directory: far" in (failed(program, chart).why or "")


def test_the_cluster_the_network_and_the_environment_are_out_of_reach(
    program: Program, chart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELM_NAMESPACE", "elsewhere")
    monkeypatch.setenv("KUBECONFIG", "/dev/null")
    write(
        chart,
        {
            "templates/reach.yaml": 'found: {{ lookup "v1" "Secret" "" "" | toJson }}\n'
            'host: {{ getHostByName "localhost" | quote }}\n'
            'file: {{ .Files.Get "../outside" | quote }}\n'
        },
    )
    (chart.parent / "outside").write_text("secret")
    text = rendered(program, chart)
    assert 'found: {}\nhost: ""\nfile: ""' in text
    assert "namespace: default" in text


def test_a_plugin_of_the_user_is_not_run(program: Program, chart: Path, home: Path) -> None:
    plugin = home / "data" / "helm" / "plugins" / "spy"
    write(plugin, {"plugin.yaml": "name: template\nversion: 1.0.0\ncommand: touch ran\n"})
    assert "kind: ConfigMap" in rendered(program, chart)
    assert not any("ran" in files for _, _, files in os.walk(home))


def test_output_and_time_are_bounded(program: Program, chart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(chart, {"templates/long.yaml": '# {{ repeat 3000000 "x" }}\nkind: A\n'})
    monkeypatch.setattr(helm, "LIMITS", Limits(seconds=60, output=MIB))
    done = failed(program, chart)
    assert done.why == "helm wrote more than 1 MiB and was stopped"
    assert not done.lasting
    endless = "{{ range until 99999 }}{{ range until 99999 }}{{ end }}{{ end }}"
    write(chart, {"templates/long.yaml": endless})
    monkeypatch.setattr(helm, "LIMITS", Limits(seconds=1, output=MIB))
    assert failed(program, chart).why == "helm took longer than 1 s and was stopped"


def test_a_good_chart_passes_the_lint_and_what_is_said_of_it_is_kept(program: Program, chart: Path) -> None:
    done = helm.lint(program, chart)
    assert (done.why, done.warnings) == (None, ("[INFO] Chart.yaml: icon is recommended",))


def test_an_error_fails_the_lint_and_names_its_file(program: Program, chart: Path) -> None:
    write(chart, {"templates/broken.yaml": "a: {{ .Values.no.such }}\n"})
    why = helm.lint(program, chart, strict=False).why or ""
    assert "[ERROR] templates/: " in why
    assert "broken.yaml:1" in why
    assert "kfkit-" not in why


def test_a_warning_fails_a_strict_lint_alone(program: Program, chart: Path) -> None:
    old = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\n"
    write(chart, {"templates/old.yaml": old})
    assert helm.lint(program, chart, strict=False).why is None
    assert "[WARNING] templates/old.yaml: policy/v1beta1" in (helm.lint(program, chart).why or "")


def test_values_are_linted_against_their_schema(program: Program, chart: Path) -> None:
    schema = '{"type": "object", "properties": {"color": {"type": "string"}}, "additionalProperties": false}'
    write(chart, {"values.schema.json": schema})
    assert helm.lint(program, chart, sets=["color=green"], namespace="two").why is None
    assert "colour" in (helm.lint(program, chart, sets=["colour=green"]).why or "")


def test_a_release_is_as_large_as_chart_and_render_together(helm4: Program, chart: Path) -> None:
    def size(**options: object) -> int:
        return helm.release_bytes(helm4, chart, name="x", namespace="y", **options)  # type: ignore[arg-type]

    first = size()
    assert size() == first
    os.utime(chart / "values.yaml", (1, 1))
    assert size() == first
    noise = random.Random(0).randbytes(300_000).hex()  # noqa: S311  # any that does not compress
    write(chart, {"files/noise.txt": noise})
    # Hexadecimal digits hold four bits each; base64 of the file inside, and of the whole.
    assert 300_000 < size() - first < 650_000
    (chart / "files" / "noise.txt").unlink()
    assert size(sets=[f"color={noise[:3000]}"]) > first + 2000


def test_a_release_that_cannot_be_measured_is_said(helm4: Program, chart: Path) -> None:
    with pytest.raises(UndeterminedError, match=r"takes helm >= 4\.2, and .* is 3\.22\.0"):
        helm.release_bytes(Program(path=helm4.path, version="3.22.0"), chart, name="x", namespace="y")
    write(chart, {"templates/broken.yaml": "a: {{ .Values.no.such }}\n"})
    with pytest.raises(UndeterminedError, match=r"cannot be installed: .*broken\.yaml:1"):
        helm.release_bytes(helm4, chart, name="x", namespace="y")
