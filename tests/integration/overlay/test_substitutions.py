"""`kfkit overlay --substitute`: other images in the place of those that lack a platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.integration.overlay.conftest import deployment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.overlay.conftest import Bench

pytestmark = pytest.mark.integration

SHARED = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: values, namespace: ns}
data:
  values.yaml: |
    global: {hub: gcr.io/istio-release, tag: 1.28.0}
    proxy: {image: proxyv2}
    pilot: {image: pilot}
"""


def substitutions(bench: Bench, text: str) -> Path:
    path = bench.folder / "substitutions.yaml"
    path.write_text(text)
    return path


def test_one_image_takes_the_place_of_another_everywhere(bench: Bench) -> None:
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: ns}\ndata: {image: 'mysql:8.4'}\n"
    bench.write({"web.yaml": deployment("mysql:8.4"), "kept.yaml": deployment("mysql:5.7", "kept"), "c.yaml": config})
    file = substitutions(bench, "- {image: 'mysql:8.4', use: 'quay.io/team/mysql:8.4', reason: has arm64}\n")
    document = bench.document("--substitute", file)
    assert {(one["a"], one["b"], one["why"]) for one in document["changes"]} == {
        ("mysql:8.4", "quay.io/team/mysql:8.4", "substitute")
    }
    built = bench.build()
    assert built.count("quay.io/team/mysql:8.4") == 2
    assert "image: mysql:5.7" in built
    assert not document["copies"]


def test_a_glob_takes_every_tag_and_what_is_replaced_comes_from_the_mirror(bench: Bench) -> None:
    bench.write({"a.yaml": deployment("mysql:8.4"), "b.yaml": deployment("mysql:5.7", "b")})
    file = substitutions(bench, "- image: docker.io/library/mysql:*\n  use: quay.io/team/mysql:9\n")
    document = bench.document("--substitute", file, "--registry", "mirror.example")
    assert bench.build().count("image: mirror.example/quay.io/team/mysql:9") == 2
    assert document["copies"] == [{"source": "quay.io/team/mysql:9", "target": "mirror.example/quay.io/team/mysql:9"}]


def test_a_text_that_two_images_share_is_not_changed_for_one_of_them(bench: Bench) -> None:
    bench.write({"values.yaml": SHARED})
    file = substitutions(bench, "- {image: 'gcr.io/istio-release/proxyv2:1.28.0', use: 'x.example/a/proxyv2:1.29.0'}\n")
    document = bench.document("--substitute", file, code=1)
    (one,) = document["unreached"]
    assert "shares with" in one["why"]
    assert (one["file"], one["line"]) == ("example/values.yaml", 6)
    assert not document["changes"]
    assert yaml.safe_load(bench.build())["data"] == yaml.safe_load(SHARED)["data"]


def test_a_text_that_two_images_share_is_changed_where_it_suits_both(bench: Bench) -> None:
    bench.write({"values.yaml": SHARED})
    file = substitutions(
        bench,
        "- {image: 'gcr.io/istio-release/proxyv2:1.28.0', use: 'x.example/a/proxy-arm:1.29.0'}\n"
        "- {image: 'gcr.io/istio-release/pilot:1.28.0', use: 'x.example/a/pilot:1.29.0'}\n",
    )
    assert not bench.document("--substitute", file)["unreached"]
    values = yaml.safe_load(yaml.safe_load(bench.build())["data"]["values.yaml"])
    assert values["global"] == {"hub": "x.example/a", "tag": "1.29.0"}
    assert values["proxy"]["image"] == "proxy-arm"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("- {image: mysql:8.4, use: 'a/b:1'}\n- {image: 'nginx:1', use: 'a/b:1'}\n", 2, "no such image"),
        ("- {image: docker.io/library/mysql, use: 'a/b:1'}\n", 1, "no such image"),
        ("- {image: '*', use: 'a/b:1'}\n- {image: 'mysql:8.4', use: 'a/b:1'}\n", 2, "has taken every image"),
        ("- {image: mysql:8.4, use: 'A B'}\n", 1, "use:"),
        ("- image: mysql:8.4\n  instead: a/b:1\n", 2, "no key here"),
        ("- image: mysql:8.4\n", 1, "is missing"),
        ("image: mysql:8.4\n", 1, "expected a list"),
        ("[]\n", 1, "no substitution"),
        ("- {image: [\n", 2, "not YAML"),
    ],
)
def test_a_slip_in_the_file_is_told_with_its_line_and_nothing_is_written(
    bench: Bench, text: str, line: int, said: str
) -> None:
    bench.write({"web.yaml": deployment("mysql:8.4")})
    run = bench.overlay("--substitute", substitutions(bench, text))
    assert run.code == 2, run.out
    assert f"substitutions.yaml:{line}: " in run.err
    assert said in run.err
    assert not bench.output.exists()


def test_an_image_that_is_not_there_is_told_with_those_that_are_like_it(bench: Bench) -> None:
    bench.write({"web.yaml": deployment("mysql:8.4")})
    run = bench.overlay("--substitute", substitutions(bench, "- {image: mysql, use: 'a/b:1'}\n"))
    assert "it has docker.io/library/mysql:8.4" in run.err
