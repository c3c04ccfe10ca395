"""`kfkit charts generate` on what goes wrong: files that are not ours, names that lead elsewhere, bytes of any kind."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buildkit.charts.about_files import Release
from buildkit.charts.chart import make_charts
from buildkit.charts.marking import mark
from buildkit.charts.spec_file import read_spec
from buildkit.compare.compare import compare_objects
from buildkit.compare.objects import Text, read_objects
from buildkit.edges import helm
from buildkit.edges.tools import HELM, find_program
from buildkit.errors import UsageError
from buildkit.report.charts_words import exit_of_check, exit_of_generation
from tests.integration.charts.yard import CLAIM, CONFIG, SPEC, Yard, said, spec_text
from tests.support.kfkit import environment, run_kfkit
from tests.support.tools import tool

pytestmark = pytest.mark.integration


@pytest.fixture
def plain(yard: Yard) -> Yard:
    return yard.write({"a.yaml": CONFIG, "b.yaml": CLAIM}).say()


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


# Where it writes.


def test_a_folder_that_holds_something_else_is_neither_deleted_nor_written_to(plain: Yard) -> None:
    mine = plain.folder / "out" / "app" / "templates" / "mine.yaml"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")
    with pytest.raises(UsageError, match=r"out/app: is not empty, and holds no \.kfkit-chart"):
        plain.generate()
    assert files_of(plain.folder / "out") == {"app/templates/mine.yaml": b"mine\n"}


def test_a_file_of_somebody_else_in_our_folder_stays(plain: Yard) -> None:
    plain.generate()
    notes = plain.folder / "out" / "app" / "notes.txt"
    notes.write_text("mine\n")
    plain.write({"a.yaml": CONFIG.replace("red", "blue")}).generate()
    assert not plain.generate(check=True).stale
    assert notes.read_text() == "mine\n"


@pytest.mark.parametrize("name", ["templates/extra.yaml", "templates/a/b.tpl", "charts/x/Chart.yaml", "crds/crd.yaml"])
def test_a_file_that_helm_would_take_for_a_part_of_the_chart_is_told_and_nothing_written(
    plain: Yard, name: str
) -> None:
    plain.generate()
    chart = plain.folder / "out" / "app"
    (chart / name).parent.mkdir(parents=True, exist_ok=True)
    (chart / name).write_text("mine\n")
    outcome = plain.generate(check=True)
    assert (outcome.stale, exit_of_generation(outcome)) == (True, 1)
    assert [(one.file, "move the file elsewhere" in one.message) for one in outcome.problems] == [
        (str(chart / name), True)
    ]
    before = files_of(chart)
    outcome = plain.write({"a.yaml": CONFIG.replace("red", "blue")}).generate()
    assert (outcome.charts, exit_of_generation(outcome), files_of(chart)) == ((), 1, before)


@pytest.mark.parametrize(("broken", "code"), [("gone", 1), ("broken", 3)])
def test_a_chart_that_would_lack_a_profile_is_not_written_and_others_are(plain: Yard, broken: str, code: int) -> None:
    two = {"plain": {"path": "app"}, "more": {"path": "more"}}
    plain.write({"a.yaml": CONFIG}, at="more").write({"a.yaml": CONFIG}, at="whole")
    plain.write({"a.yaml": "a: [\n"}, at="broken")
    plain.say(profiles=two).say(
        "whole", chart={**SPEC["chart"], "name": "whole"}, profiles={"plain": {"path": "whole"}}
    )
    plain.generate()
    before = files_of(plain.folder / "out" / "app")
    plain.write({"a.yaml": CONFIG.replace("red", "blue")}).say(profiles={**two, "more": {"path": broken}})
    for output in ("out", "anew"):
        outcome = plain.generate(output)
        assert [one.name for one in outcome.charts] == ["whole"]
        assert exit_of_generation(outcome) == code
        assert said(outcome).startswith("spec.yaml:0 [more] " + "not known: " * (code == 3))
        assert "the chart is not written without it" in said(outcome)
    assert files_of(plain.folder / "out" / "app") == before
    assert not (plain.folder / "anew" / "app").exists()
    assert [one.profile for one in plain.check(equal=True).profiles] == ["plain", "plain"]


def test_profiles_that_came_and_went_are_told(plain: Yard) -> None:
    plain.generate()
    (chart,) = plain.say(profiles={"alone": {"path": "app"}}, default="alone").generate().charts
    assert chart.changes is not None
    assert (chart.changes.profiles_added, chart.changes.profiles_removed) == (("alone",), ("plain",))


def test_what_lies_beside_the_specification_is_in_the_readme(plain: Yard) -> None:
    (plain.specs / "app" / "README.md").write_text("# app\n\nSaid of it.\n")
    plain.generate()
    text = (plain.folder / "out" / "app" / "README.md").read_text()
    assert text.endswith("\n## About this chart\n\nSaid of it.\n")
    (plain.specs / "app" / "README.md").write_bytes(b"\xff")
    with pytest.raises(UsageError, match=r"README\.md: not UTF-8 text"):
        plain.generate()


def test_what_is_ours_and_not_wanted_any_more_goes(plain: Yard) -> None:
    plain.generate()
    plain.write({"a.yaml": CONFIG}).generate()
    assert not (plain.folder / "out" / "app" / "templates" / "persistentvolumeclaim.yaml").exists()


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("", "does not say that kfkit made the chart app"),
        ("# made by kfkit charts generate: other\nmine.txt\n", "does not say that kfkit made the chart app"),
        ("# made by kfkit charts generate: app\n../../../victim\n", "names files elsewhere"),
        ("# made by kfkit charts generate: app\n/etc/passwd\n", "names files elsewhere"),
        ("\x00\x01", "does not say that kfkit made the chart app"),
    ],
)
def test_a_list_of_our_files_that_is_none_of_ours_is_not_believed(plain: Yard, marker: str, message: str) -> None:
    folder = plain.folder / "out" / "app"
    folder.mkdir(parents=True)
    victim = plain.folder / "victim"
    victim.write_text("mine\n")
    (folder / ".kfkit-chart").write_text(marker)
    (folder / "mine.txt").write_text("mine\n")
    with pytest.raises(UsageError, match=message):
        plain.generate()
    assert (victim.read_text(), (folder / "mine.txt").read_text()) == ("mine\n", "mine\n")


def test_a_link_in_our_folder_leads_nothing_out_of_it(plain: Yard) -> None:
    plain.generate()
    chart, away = plain.folder / "out" / "app", plain.folder / "away"
    shutil.move(chart / "templates", away)
    (chart / "templates").symlink_to(away, target_is_directory=True)
    before = files_of(away)
    outcome = plain.write({"a.yaml": CONFIG.replace("red", "blue")}).generate()
    assert [one.file for one in outcome.problems] == [str(chart / "templates")]
    assert (outcome.charts, files_of(away)) == ((), before)


def test_a_component_that_is_a_link_leads_nothing_out_of_the_tree(plain: Yard) -> None:
    into, away = plain.folder / "into", plain.folder / "away"
    into.mkdir()
    away.mkdir()
    (into / "app").symlink_to(away, target_is_directory=True)
    with pytest.raises(UsageError, match="a link leads out of"):
        plain.generate(into=into)
    assert files_of(away) == {}


def test_charts_of_another_tree_lie_with_their_components_and_drift_is_told(plain: Yard) -> None:
    into = plain.folder / "into"
    into.mkdir()
    arguments = ("charts", "generate", "--manifests", plain.tree, "--specs", plain.specs, "--version", "1.0.0")
    check = (*arguments, "--into", into, "--check")
    assert run_kfkit(*check, work=plain.folder / "work").code == 1
    assert files_of(into) == {}
    assert exit_of_generation(plain.generate(into=into)) == 0
    assert (into / "app" / "helm" / "app" / "Chart.yaml").is_file()
    before = files_of(into)
    assert run_kfkit(*check, work=plain.folder / "work").code == 0
    values = into / "app" / "helm" / "app" / "values.yaml"
    values.write_text(values.read_text() + "# edited\n")
    run = run_kfkit(*check, work=plain.folder / "work")
    assert (run.code, "STALE" in run.out or "differ" in run.out) == (1, True), run.out
    assert files_of(into) == {**before, "app/helm/app/values.yaml": values.read_bytes()}
    assert plain.generate(into=into, check=True).stale
    plain.generate(into=into)
    assert files_of(into) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_what_was_there(plain: Yard, number: signal.Signals) -> None:
    plain.generate()
    before = files_of(plain.folder / "out")
    plain.write({"a.yaml": CONFIG.replace("red", "blue")})
    started, programs, temporary = (plain.folder / name for name in ("started", "bin", "tmp"))
    programs.mkdir()
    temporary.mkdir()
    # A kustomize that never ends stands in for a large release; the real one tells its version.
    wrapper = programs / "kustomize"
    wrapper.write_text(
        f'#!/bin/sh\n[ "$1" = version ] && exec {tool("kustomize")} "$@"\necho $$ > {started}\nexec /bin/sleep 600\n'
    )
    wrapper.chmod(0o755)
    env = environment(plain.folder / "work") | {"TMPDIR": str(temporary)}
    env["PATH"] = f"{programs}:{env['PATH']}"
    command = [sys.executable, "-m", "buildkit.cli", "charts", "generate", "--manifests", str(plain.tree)]
    command += ["--specs", str(plain.specs), "--output", str(plain.folder / "out"), "--offline"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True, cwd=plain.folder) as process:
        deadline = time.monotonic() + 60
        while not started.exists() or not started.read_text().strip():
            assert time.monotonic() < deadline, "kustomize was never started"
            time.sleep(0.05)
        process.send_signal(number)
        _, complaint = process.communicate(timeout=30)
    assert (process.returncode, "interrupted" in complaint) == (130, True)
    assert files_of(plain.folder / "out") == before
    assert list(temporary.iterdir()) == []


# What manifests may hold.

ODD = [
    "../../x",
    "/etc/passwd",
    "a/../../b",
    ".hidden",
    "con",
    "a" * 250,
    "ﬁle",
    "а",  # noqa: RUF001  # Cyrillic
    "a b",
    "..",
    "{{ x }}",
    "a:b",
    "~",
]


def test_names_of_objects_lead_no_file_out_of_the_chart_and_render_as_they_are(yard: Yard) -> None:
    """Kustomize takes any text for a name; Kubernetes refuses most of these, which is not ours to say."""
    files = {}
    for number, name in enumerate([*ODD, "UPPER", "upper"]):
        spelled = f'"{name}"'
        files[f"{number}.yaml"] = CONFIG.replace("name: settings", f"name: {spelled}")
        files[f"{number}-c.yaml"] = CLAIM.replace("name: store", f"name: {spelled}")
        files[f"{number}-d.yaml"] = (
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {spelled}, namespace: land}}\n"
            "spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: "
            f"[{{name: {spelled}, image: images.example/web}}]}}}}}}\n"
        )
    yard.write(files).say()
    outcome = yard.generate()
    assert [one.name for one in yard.folder.iterdir() if one.name not in {"tree", "specs", "out"}] == []
    found = files_of(yard.folder / "out" / "app")
    lower = {name.lower() for name in found}
    assert len(lower) == len(found), "files whose names differ by case alone are one on some disks"
    assert all(len(Path(name).name.encode()) <= 255 and name.isascii() for name in found)
    assert not [name for name in found if name.startswith("templates/.")]
    checked = yard.check(equal=True)
    assert (said(outcome), said(checked)) == ("", "")
    assert exit_of_check(checked) == 0


def test_braces_of_other_templates_render_as_they_are(yard: Yard) -> None:
    texts = [
        "{{ .Values.profile }}",
        "}}{{",
        "{{/*",
        "{{`",
        "`}}`",
        '{{ "{{" }}',
        "{{- x -}}",
        "a\n{{\n}}\nb\n",
        "\\{{",
    ]
    keys = "".join(
        f"  k{number}: {text!r}\n" for number, text in enumerate(texts) if "\n" not in text and "'" not in text
    )
    more = "  long: |\n    {{- range .Items }}\n    }} {{ . }}\n    {{ end }}\n"
    body = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: land}}\ndata:\n{keys}{more}"
    outcome = yard.write({"a.yaml": body}).say().check(helms=("3", "4"))
    assert (said(outcome), exit_of_check(outcome)) == ("", 0)


def test_bytes_that_are_no_text_go_through_a_generator_and_are_refused_elsewhere(yard: Yard) -> None:
    generator = "configMapGenerator: [{name: made, namespace: land, files: [blob]}]\n"
    yard.write({"a.yaml": CONFIG, "blob": b"\xff\xfe\x00\x80"}, generator).say()
    outcome = yard.check(equal=True)
    assert (said(outcome), exit_of_check(outcome)) == ("", 0)
    yard.write({"a.yaml": CONFIG.encode().replace(b"red", b"\xff\xfe")})
    outcome = yard.check(equal=True)
    assert "does not render" in said(outcome)
    assert exit_of_check(outcome) == 3


def test_yaml_that_grows_without_end_is_refused_in_time(yard: Yard) -> None:
    bomb = "x0: &x0 [a, a, a, a, a, a, a, a, a]\n" + "".join(
        f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 10)
    )
    start = time.monotonic()
    outcome = yard.write({"a.yaml": CONFIG + bomb}).say().check(equal=True)
    assert exit_of_check(outcome) == 3
    with pytest.raises(UsageError, match=r"specs/app/spec\.yaml:\d+"):
        yard.say_text(bomb).check(equal=True)
    with pytest.raises(UsageError, match=r"specs/app/spec\.yaml:1: brackets"):
        yard.say_text("[" * 100_000).check(equal=True)
    assert time.monotonic() - start < 60


def test_ten_thousand_objects_become_a_chart_that_renders_them(tmp_path: Path) -> None:
    """Not by way of kustomize, which needs minutes for so many."""
    one = (
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: s{0}, namespace: land}}\n---\n"
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: r{0}, namespace: land}}\n"
        "rules: [{{apiGroups: [a], resources: [b], verbs: [c]}}]\n---\n"
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: r{0}, namespace: land}}\n"
        "roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: r{0}}}\n"
        "subjects: [{{kind: ServiceAccount, name: s{0}, namespace: land}}]\n---\n"
        "apiVersion: v1\nkind: Service\nmetadata: {{name: s{0}, namespace: land}}\n"
        "spec: {{selector: {{app: s{0}}}, ports: [{{port: 80}}]}}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{0}, namespace: land}}\ndata: {{a: b}}\n"
    )
    start = time.monotonic()
    objects = read_objects(Text("many", "---\n".join(one.format(number) for number in range(2_000))))
    spec = read_spec(spec_text(), "spec.yaml")
    release = Release(version="1.0.0", app_version="1", source="", platforms={})
    (chart,) = make_charts(spec, mark({"plain": objects}, (), spec), release)
    taken = time.monotonic() - start
    for path, text in chart.files.items():
        (tmp_path / "app" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "app" / path).write_text(text)
    output = tmp_path / "render.yaml"
    build = helm.template(find_program(HELM), tmp_path / "app", output, namespace="land", skip_tests=True)
    assert build.why is None
    assert compare_objects(objects, read_objects(Text("helm", output.read_text()))).equal
    assert taken < 60


# Specifications.
