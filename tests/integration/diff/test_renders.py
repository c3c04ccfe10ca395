"""Two renders: files, standard input, kustomizations, charts."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.diff.conftest import TREE, Bench
from tests.support.kfkit import environment
from tests.support.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

RENDER = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: x, labels: {a: b}}
data:
  key: "1"
---
apiVersion: v1
kind: Secret
metadata: {name: s}
"""
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "values.yaml": "image: nginx:1.26\n",
    "templates/web.yaml": """\
        apiVersion: v1
        kind: Pod
        metadata: {name: "{{ .Release.Name }}", namespace: {{ .Release.Namespace }}}
        spec: {containers: [{name: main, image: "{{ .Values.image }}"}]}
        """,
}
POD = {
    "kustomization.yaml": "resources: [pod.yaml]\nnamespace: default\n",
    "pod.yaml": """\
        apiVersion: v1
        kind: Pod
        metadata: {name: release-name}
        spec: {containers: [{name: main, image: "nginx:1.27"}]}
        """,
}


def rendered(bench: Bench, folder: Path) -> str:
    bench.work.mkdir(exist_ok=True)
    argv = [tool("kustomize"), "build", str(folder)]
    done = subprocess.run(argv, env=environment(bench.work), capture_output=True, text=True, check=True)
    return done.stdout


def test_order_style_and_comments_are_no_differences(bench: Bench) -> None:
    first, second = RENDER.split("---\n")
    first = first.replace("{a: b}", '{"a": &x "b"}')
    other = f"# a comment\n{second}---\n{first}"
    files = bench.write({"a.yaml": RENDER, "b.yaml": other}, "files")
    run = bench.diff(files / "a.yaml", files / "b.yaml")
    assert (run.code, run.out.splitlines()[0]) == (0, "EQUAL")


def test_a_value_that_differs_is_named_with_object_and_path(bench: Bench) -> None:
    files = bench.write({"a.yaml": RENDER, "b.yaml": RENDER.replace('"1"', "1")}, "files")
    run = bench.diff(files / "a.yaml", files / "b.yaml")
    assert run.code == 1
    assert 'v1/ConfigMap/-/x\n  data.key\n    - "1"\n    + 1\n' in run.out
    assert bench.document(files / "a.yaml", files / "b.yaml")["differences"] == [
        {"object": "v1/ConfigMap/-/x", "path": "data.key", "a": "1", "b": 1}
    ]


def test_every_format_can_be_written_in_one_run(bench: Bench) -> None:
    files = bench.write({"a.yaml": RENDER, "b.yaml": RENDER.replace('"1"', "1")}, "files")
    reports = [f"--report={name}={bench.folder / name}" for name in ("json", "markdown", "html")]
    assert bench.diff(files / "a.yaml", files / "b.yaml", *reports, "--timings").code == 1
    for name in ("json", "markdown", "html"):
        assert "v1/ConfigMap/-/x" in (bench.folder / name).read_text()


def test_standard_input_is_one_side(bench: Bench) -> None:
    files = bench.write({"a.yaml": RENDER}, "files")
    assert bench.piped(RENDER, files / "a.yaml", "-").code == 0
    assert bench.piped(RENDER.replace("x", "y"), "-", files / "a.yaml").code == 1
    assert bench.piped(RENDER, "-", "-").code == 2


def test_a_pipe_of_the_shell_is_a_file(bench: Bench) -> None:
    files = bench.write({"a.yaml": RENDER}, "files")
    script = f'"$0" -m buildkit.cli diff {files}/a.yaml <(cat {files}/a.yaml)'
    argv = ["bash", "-c", script, sys.executable]
    run = subprocess.run(argv, env=environment(bench.folder), capture_output=True, check=False)
    assert run.returncode == 0, run.stderr


def test_a_kustomization_is_what_kustomize_makes_of_it_with_bases_above(bench: Bench) -> None:
    tree = bench.write(TREE, "tree")
    mine = tree / "overlays" / "mine"
    bench.write({"mine.yaml": rendered(bench, mine)}, "files")
    run = bench.diff(mine, bench.folder / "files" / "mine.yaml")
    assert run.code == 0, run.out + run.err
    assert bench.diff(mine, tree / "overlays" / "yours").code == 1


def test_nothing_beside_the_bases_is_read(bench: Bench) -> None:
    tree = bench.write(TREE, "tree")
    bench.write({"kustomization.yaml": "resources: [https://example.invalid/x.yaml]\n"}, "tree/broken")
    (tree / "huge.yaml").symlink_to("/dev/zero")
    assert bench.diff(tree / "overlays" / "mine", tree / "overlays" / "mine").code == 0


def test_a_link_on_the_way_to_a_base_is_followed(bench: Bench) -> None:
    tree = bench.write(TREE, "tree")
    bench.write({"kustomization.yaml": "resources: [../../alias]\nnamespace: mine\n"}, "tree/overlays/linked")
    (tree / "alias").symlink_to("base")
    run = bench.diff(tree / "overlays" / "linked", tree / "overlays" / "mine")
    assert run.code == 0, run.out + run.err


def test_a_chart_and_a_kustomization_that_make_the_same_are_equal(bench: Bench) -> None:
    chart, pod = bench.write(CHART, "chart"), bench.write(POD, "pod")
    values = bench.write({"values.yaml": "image: nginx:1.27\n"}, "values") / "values.yaml"
    run = bench.diff(chart, pod)
    assert (run.code, '- "nginx:1.26"' in run.out) == (1, True), run.err
    assert bench.diff(chart, pod, "--values-a", values).code == 0
    assert bench.diff(pod, chart, "--set-b", "image=nginx:1.27").code == 0
    assert bench.diff(chart, pod, "--values-a", values, "--release-name", "mine").code == 1
    assert bench.diff(chart, pod, "--values-a", values, "--namespace", "mine").code == 1


def test_a_packaged_chart_is_the_chart(bench: Bench) -> None:
    chart = bench.write(CHART, "chart")
    bench.work.mkdir()
    argv = [tool("helm"), "package", str(chart), "--destination", str(bench.folder)]
    subprocess.run(argv, env=environment(bench.work), check=True, capture_output=True)
    run = bench.diff(chart, bench.folder / "web-0.1.0.tgz")
    assert run.code == 0, run.out + run.err


def test_a_chart_that_does_not_render_ends_with_3(bench: Bench) -> None:
    chart = bench.write({**CHART, "templates/bad.yaml": "{{ fail `no` }}\n"}, "chart")
    run = bench.diff(chart, chart)
    assert run.code == 3
    assert str(chart) in run.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["a.yaml"], "nothing to compare A with"),
        (["a.yaml", "missing.yaml"], "no such file"),
        (["a.yaml", "a.yaml", "--values-a", "a.yaml"], "--values-a: "),
        (["a.yaml", "a.yaml", "--set-b", "x=y"], "--set-b: "),
        (["a.yaml", "a.yaml", "--tree"], "no folder"),
        (["tree", "a.yaml"], "is a tree of kustomizations"),
        (["tree", "tree/base"], "is a tree of kustomizations"),
        (["a.yaml", "a.yaml", "--rev-a", "HEAD"], "leave B out"),
        (["a.yaml", "a.yaml", "--rev-b", "HEAD"], "--rev-b needs --rev-a"),
        (["empty.yaml", "empty.yaml"], "nothing to compare"),
        (["nothing", "nothing"], "no kustomization in it"),
        (["a.yaml", "a.yaml", "--format", "csv"], "csv"),
    ],
)
def test_wrong_arguments_end_with_2_and_say_what_is_wrong(bench: Bench, arguments: list[str], complaint: str) -> None:
    bench.write(TREE, "work/tree")
    bench.write({"a.yaml": RENDER, "empty.yaml": "\n"}, "work")
    (bench.work / "nothing").mkdir()
    run = bench.diff(*arguments)
    assert (run.code, complaint in run.err) == (2, True), run.err


def test_a_settings_file_inside_an_operand_is_not_read(bench: Bench) -> None:
    bench.write({**TREE, "kfkit.toml": 'format = "json"\n'}, "work")
    run = bench.diff(".", ".")
    assert run.code == 0
    assert run.out.startswith("EQUAL")
    assert "kfkit.toml lies inside A" in run.err
