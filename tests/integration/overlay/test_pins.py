"""`kfkit overlay --fix-pins`: what ties a release to one platform, freed in the overlay instead of in its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.integration.overlay.conftest import deployment
from tests.support.push import Entry, Image, Index, build, index, push_image
from tests.support.registry_process import run_registry

if TYPE_CHECKING:
    from tests.integration.overlay.conftest import Bench

pytestmark = pytest.mark.integration

SELECTOR = """\
affinity:
  nodeAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      nodeSelectorTerms:
      - matchExpressions:
        - {key: kubernetes.io/arch, operator: In, values: [amd64]}
"""


def test_digests_tags_and_selectors_are_freed_and_nothing_in_the_tree_changes(bench: Bench) -> None:
    child = Image(platform="linux/amd64", salt="web")
    shape = Index(
        entries=(
            Entry(content=child, platform="linux/amd64"),
            Entry(content=Image(platform="linux/arm64", salt="web"), platform="linux/arm64"),
        )
    )
    with run_registry(bench.folder / "registry") as registry:
        whole = push_image(registry.host, "team/web", "v1", shape)
        push_image(registry.host, "team/db", "2", index("linux/amd64", "linux/arm64", salt="db"))
        push_image(registry.host, "team/db", "2-amd64", index("linux/amd64", salt="db"))
        push_image(registry.host, "team/old", "1", Image(platform="linux/amd64", salt="old"))
        single = build(child).digest
        config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: ns}\n"
        config += f"data: {{image: '{registry.host}/team/web@{single}'}}\n"
        bench.write(
            {
                "web.yaml": deployment(f"{registry.host}/team/web:v1@{single}"),
                "db.yaml": deployment(f"{registry.host}/team/db:2-amd64", "db", SELECTOR),
                "config.yaml": config,
            }
        )
        before = {path: text for path, text in bench.contents().items() if path.startswith("tree/")}
        document = bench.document("--fix-pins", "--registry", "mirror.example")
        assert {path: text for path, text in bench.contents().items() if path.startswith("tree/")} == before
        objects = {one["metadata"]["name"]: one for one in yaml.safe_load_all(bench.build())}
        prefix = f"mirror.example/{registry.host.replace(':', '-')}/team"
        image = objects["web"]["spec"]["template"]["spec"]["containers"][0]["image"]
        assert image == f"{prefix}/web:v1@{whole}"
        assert objects["c"]["data"]["image"] == f"{prefix}/web@{whole}"
        pod = objects["db"]["spec"]["template"]["spec"]
        assert pod["containers"][0]["image"] == f"{prefix}/db:2"
        rule = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert sorted(rule["nodeSelectorTerms"][0]["matchExpressions"][0]["values"]) == ["amd64", "arm64"]
        assert document["copies"][0]["source"] == f"{registry.host}/team/db:2"
        assert not document["unreached"]


def test_what_stays_tied_is_listed_with_its_line(bench: Bench) -> None:
    with run_registry(bench.folder / "registry") as registry:
        lonely = push_image(registry.host, "team/old", "1", Image(platform="linux/amd64", salt="old"))
        bench.write({"old.yaml": deployment(f"{registry.host}/team/old@{lonely}", "old")})
        document = bench.document("--fix-pins", code=1)
        (one,) = document["unreached"]
        assert (one["file"], one["line"]) == ("example/old.yaml", 8)
        assert not document["changes"]


def test_without_a_registry_pins_are_not_known(bench: Bench) -> None:
    bench.write({"web.yaml": deployment("quay.io/team/web@sha256:" + "a" * 64)})
    document = bench.document("--fix-pins", "--offline", code=3)
    assert [one["unknown"] for one in document["unreached"]] == [True]
