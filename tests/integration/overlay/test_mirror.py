"""`kfkit overlay --registry`: every image from a mirror, wherever the release names it."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.integration.overlay.conftest import deployment
from tests.support.kfkit import run_kfkit
from tests.support.push import index, push_image
from tests.support.registry_process import run_registry
from tests.support.tools import tool

if TYPE_CHECKING:
    from tests.integration.overlay.conftest import Bench

pytestmark = pytest.mark.integration

PREFIX = "mirror.example:5000/kubeflow"
MIRROR = ("--registry", PREFIX)
DIGEST = "sha256:" + "a" * 64

CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: ns}
data:
  # Not a comment of ours.
  sidecar.json: |
    {"image": "ghcr.io/x/agent:v1", "imageAlias": "agent", "note": "ghcr.io/x/agent:v10 is another"}
  values.yaml: |
    # ghcr.io/x/agent:v1 was here once
    global:
      hub: gcr.io/istio-release
      tag: 1.29.0
    proxy: {image: proxyv2}
    init:
      image: "quay.io/a/b:2"   # keep this
  _example: |
    image: ghcr.io/x/sample:v1
"""
WORKLOAD = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: ns}
spec:
  template:
    spec:
      initContainers:
      - {name: init, image: busybox}
      containers:
      - name: main
        image: localhost:5001/team/db:1.10
        command: [run, --image=docker.io/library/alpine:3, "--other", "x"]
        env:
        - {name: SIDECAR_IMAGE, value: "mysql:8.4"}
        - {name: JOB_IMAGE, value: "quay.io/jobs/run"}
        - {name: JOB_IMAGE_TAG, value: "v3"}
---
apiVersion: example.org/v1
kind: Widget
metadata: {name: w, namespace: ns}
spec: {image: {registry: quay.io, repository: a/b, tag: "3"}}
"""


def test_every_kind_of_place_is_led_to_the_mirror_and_nothing_else_changes(bench: Bench) -> None:
    bench.write({"config.yaml": CONFIG, "work.yaml": WORKLOAD, "web.yaml": deployment(f"ghcr.io/x/web@{DIGEST}")})
    document = bench.document(*MIRROR)
    assert not document["unreached"]
    assert document["outcome"] == "written"
    built = bench.build()
    config = next(one for one in yaml.safe_load_all(built) if one["kind"] == "ConfigMap")["data"]
    assert config["sidecar.json"] == (
        f'{{"image": "{PREFIX}/ghcr.io/x/agent:v1", "imageAlias": "agent", "note": "ghcr.io/x/agent:v10 is another"}}\n'
    )
    assert config["values.yaml"] == (
        "# ghcr.io/x/agent:v1 was here once\n"
        f"global:\n  hub: {PREFIX}/gcr.io/istio-release\n  tag: 1.29.0\n"
        "proxy: {image: proxyv2}\n"
        f'init:\n  image: "{PREFIX}/quay.io/a/b:2"   # keep this\n'
    )
    assert config["_example"] == "image: ghcr.io/x/sample:v1\n"
    for text in (
        f"{PREFIX}/ghcr.io/x/web@{DIGEST}",
        f"{PREFIX}/docker.io/library/busybox\n",
        f"{PREFIX}/localhost-5001/team/db:1.10",
        f"--image={PREFIX}/docker.io/library/alpine:3",
        f"value: {PREFIX}/docker.io/library/mysql:8.4",
        f"value: {PREFIX}/quay.io/jobs/run\n",
        f"registry: {PREFIX}/quay.io\n",
    ):
        assert text in built, text


def test_what_is_to_be_copied_is_what_the_overlay_pulls(bench: Bench) -> None:
    bench.write({"config.yaml": CONFIG, "work.yaml": WORKLOAD})
    document = bench.document(*MIRROR)
    targets = [one["target"] for one in document["copies"]]
    assert sorted(targets) == targets
    rows = (bench.output / "images.txt").read_text().splitlines()
    assert rows == [f"{one['source']} -> {one['target']}" for one in document["copies"]]
    assert f"docker.io/library/busybox:latest -> {PREFIX}/docker.io/library/busybox:latest" in rows
    script = (bench.output / "copy.sh").read_text()
    assert "set -eu\n" in script
    assert script.count("crane copy ") == len(rows) == document["pulled"]


def test_generated_objects_keep_their_hash_in_step(bench: Bench) -> None:
    bench.write(
        {
            "kustomization.yaml": """\
            namePrefix: pre-
            namespace: prod
            resources: [web.yaml]
            configMapGenerator:
            - name: settings
              literals: ["image=ghcr.io/x/y:1"]
            secretGenerator:
            - name: hidden
              literals: ["image=ghcr.io/x/z:1"]
            """,
            "web.yaml": deployment("a/b:1", more="volumes:\n- {name: v, configMap: {name: settings}}\n"),
        }
    )
    document = bench.document(*MIRROR)
    assert not document["unreached"]
    objects = list(yaml.safe_load_all(bench.build()))
    config = next(one for one in objects if one["kind"] == "ConfigMap")
    secret = next(one for one in objects if one["kind"] == "Secret")
    web = next(one for one in objects if one["kind"] == "Deployment")
    assert config["data"]["image"] == f"{PREFIX}/ghcr.io/x/y:1"
    assert base64.b64decode(secret["data"]["image"]).decode() == f"{PREFIX}/ghcr.io/x/z:1"
    assert web["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] == config["metadata"]["name"]
    assert not document["proof"]["unintended"]


def test_odd_characters_around_an_image_survive(bench: Bench) -> None:
    text = "image: quay.io/a/b:1\n# \ttab, \x1b \u2028 \ufeff é 'quoted' \"twice\" \\ back \r\n  trailing  \n\n"
    odd = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd, namespace: ns}\n"
    odd += f"data: {{x.txt: {json.dumps(text)}}}\n"
    bench.write({"odd.yaml": odd})
    document = bench.document(*MIRROR)
    assert not document["unreached"]
    (change,) = document["proof"]["changed"]
    assert change["a"] == text
    assert change["b"] == text.replace("quay.io", f"{PREFIX}/quay.io")


def test_objects_of_one_name_are_told_apart(bench: Bench) -> None:
    service = "apiVersion: {api}\nkind: Service\nmetadata: {{name: s{space}}}\nspec: {{image: '{image}'}}\n"
    bench.write(
        {
            "core.yaml": service.format(api="v1", space="", image="quay.io/a/one:1"),
            "other.yaml": service.format(api="v1", space=", namespace: other", image="quay.io/a/two:1"),
            "knative.yaml": service.format(api="serving.knative.dev/v1", space="", image="quay.io/a/three:1"),
        }
    )
    assert not bench.document(*MIRROR)["unreached"]
    built = bench.build()
    for name in ("one", "two", "three"):
        assert f"image: {PREFIX}/quay.io/a/{name}:1" in built


def twice(bench: Bench, inner: str, outer: str = "") -> None:
    """Write an install of one Deployment taken in twice, once changed by `inner`, once by `outer`."""
    for folder, text in (("one", inner), ("two", outer)):
        bench.write(
            {"kustomization.yaml": f"resources: [web.yaml]\n{text}\n", "web.yaml": deployment(f"quay.io/a/{folder}:1")},
            under=f"tree/{folder}",
        )
    bench.write({"kustomization.yaml": "resources: [../one, ../two]\n"})


def test_an_object_whose_name_another_had_before_a_prefix_is_told_by_its_labels(bench: Bench) -> None:
    twice(bench, "namePrefix: pre-", "labels: [{pairs: {copy: second}}]")
    assert not bench.document(*MIRROR)["unreached"]
    assert 'labelSelector: "copy=second"\n' in (bench.output / "kustomization.yaml").read_text()
    built = bench.build()
    assert built.count(f"image: {PREFIX}/quay.io/a/") == 2


@pytest.mark.parametrize("change", ["namePrefix: pre-", "namespace: other"])
def test_what_kustomize_cannot_tell_apart_is_listed_and_the_rest_is_changed(bench: Bench, change: str) -> None:
    twice(bench, change)
    document = bench.document(*MIRROR, code=1)
    assert document["outcome"] == "written"
    (one,) = document["unreached"]
    assert (one["image"], one["object"]) == ("quay.io/a/two:1", "apps/v1/Deployment/ns/web")
    assert "kustomize takes apps/v1/Deployment/" in one["why"]
    assert one["file"] == "two/web.yaml"
    built = bench.build()
    assert f"image: {PREFIX}/quay.io/a/one:1" in built
    assert "image: quay.io/a/two:1" in built


def test_an_object_whose_name_kustomize_makes_later_is_listed_and_the_rest_is_changed(bench: Bench) -> None:
    bench.write(
        {
            "kustomization.yaml": "resources: [web.yaml]\ngenerators: [made.yaml]\n",
            "made.yaml": "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: made}\n"
            "literals: [image=quay.io/a/made:1]\n",
            "web.yaml": deployment("a/b:1"),
        }
    )
    document = bench.document(*MIRROR, code=1)
    (one,) = document["unreached"]
    assert one["image"] == "quay.io/a/made:1"
    assert "no such object when the overlay is applied" in one["why"]
    assert [one["source"] for one in document["copies"]] == ["docker.io/a/b:1"]
    assert f"image: {PREFIX}/docker.io/a/b:1" in bench.build()


def test_a_run_again_changes_nothing_and_a_check_tells(bench: Bench) -> None:
    bench.write({"web.yaml": deployment("a/b:1")})
    assert bench.overlay(*MIRROR, "--check").code == 1
    assert not bench.output.exists()
    assert bench.overlay(*MIRROR).code == 0
    before = bench.contents()
    assert bench.document(*MIRROR)["outcome"] == "same"
    assert bench.overlay(*MIRROR, "--check").code == 0
    bench.write({"web.yaml": deployment("a/b:2")})
    assert bench.overlay(*MIRROR, "--check").code == 1
    assert bench.contents() == {**before, "tree/example/web.yaml": deployment("a/b:2")}


@pytest.mark.parametrize(
    ("next_one", "said"),
    [
        (deployment("a/b:2"), "test failed"),
        (deployment("a/b:1", "web-next"), "nothing selected by Deployment.v1.apps/web.ns"),
        (deployment("a/b:1", more="initContainers: []\n").replace("apps/v1", "apps/v2"), "nothing selected by"),
    ],
)
def test_over_another_release_the_build_fails_instead_of_leaving_something_out(
    bench: Bench, next_one: str, said: str
) -> None:
    bench.write({"web.yaml": deployment("a/b:1")})
    assert bench.overlay(*MIRROR).code == 0
    bench.build()
    bench.write({"web.yaml": next_one})
    done = subprocess.run(
        [tool("kustomize"), "build", bench.output], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode != 0
    assert said in done.stderr
    assert bench.overlay(*MIRROR, "--check").code == 1


def test_what_is_compiled_into_a_program_is_listed_with_its_place(bench: Bench) -> None:
    data = bench.folder / "more.yaml"
    data.write_text(
        "declared:\n- {image: 'quay.io/x/helper:{tag}', by: quay.io/x/operator, source: https://example.invalid}\n"
    )
    bench.write({"web.yaml": deployment("quay.io/x/operator:1")})
    document = bench.document(*MIRROR, "--data", data, code=1)
    (one,) = document["unreached"]
    assert one["image"] == "quay.io/x/helper:1"
    assert one["file"].endswith("more.yaml")
    assert "compiled into" in one["why"]


def test_two_images_with_one_name_in_the_mirror_are_refused(bench: Bench) -> None:
    bench.write({"a.yaml": deployment("host.example:5000/x:1"), "b.yaml": deployment("host.example-5000/x:1", "b")})
    run = bench.overlay(*MIRROR)
    assert run.code == 2
    assert "would both be" in run.err
    assert not bench.output.exists()


def test_a_copied_mirror_serves_what_the_overlay_pulls(bench: Bench) -> None:
    """Real registries as source and mirror, a real crane, and the audit of the overlay against the mirror."""
    with run_registry(bench.folder / "source") as source, run_registry(bench.folder / "mirror") as mirror:
        both = ("linux/amd64", "linux/arm64")
        push_image(source.host, "team/web", "1", index(*both))
        digest = push_image(source.host, "team/db", "2", index(*both, salt="db"))
        push_image(source.host, "team/agent", "v1", index(*both, salt="agent"))
        config = f'{{"image": "{source.host}/team/agent:v1"}}'
        bench.write(
            {
                "web.yaml": deployment(f"{source.host}/team/web:1"),
                "db.yaml": deployment(f"{source.host}/team/db:2@{digest}", "db"),
                "config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: ns}\n"
                f"data: {{x.json: {json.dumps(config)}}}\n",
            }
        )
        prefix = f"{mirror.host}/kubeflow"
        assert bench.overlay("--registry", prefix).code == 0
        copied = subprocess.run(
            ["sh", bench.output / "copy.sh"],
            env={"PATH": f"{Path(tool('crane')).parent}:/usr/bin:/bin", "HOME": str(bench.folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert copied.returncode == 0, copied.stderr
        rendered = bench.folder / "rendered.yaml"
        rendered.write_text(bench.build())
        run = run_kfkit("audit", rendered, "--format", "json", "--no-suggest", work=bench.folder / "audit")
        assert run.code == 0, run.out + run.err
        images = run.document()["images"]
        assert [one["name"].startswith(f"{prefix}/127.0.0.1-") for one in images] == [True] * 3


@pytest.mark.parametrize("prefix", ["https://mirror.example", "mirror", "mirror.example/x:1", "mirror.example/Big", ""])
def test_a_mirror_is_named_by_host_and_path_alone(bench: Bench, prefix: str) -> None:
    """Nothing too is no mirror: a variable that a script forgot to set."""
    bench.write({"web.yaml": deployment("a/b:1")})
    run = bench.overlay("--registry", prefix, "--mixed-cluster", "--offline")
    assert run.code == 2
    assert f"--registry: {prefix!r}: want HOST[:PORT][/PATH]" in run.err
    assert not bench.output.exists()
