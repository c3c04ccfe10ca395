"""`kfkit overlay --mixed-cluster`: workloads stay on nodes that run them, by what a real registry says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.integration.overlay.conftest import deployment
from tests.support.push import Entry, Image, Index, index, push_image
from tests.support.registry_process import run_registry

if TYPE_CHECKING:
    from tests.integration.overlay.conftest import Bench

pytestmark = pytest.mark.integration

RULE = {"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]}
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Names of images on a real registry."""

    host: str

    @property
    def both(self) -> str:
        return f"{self.host}/team/both:1"

    @property
    def amd64(self) -> str:
        return f"{self.host}/team/amd64:1"

    @property
    def arm64(self) -> str:
        return f"{self.host}/team/arm64:1"

    @property
    def wrong(self) -> str:
        """Its index says linux/arm64, its config linux/amd64."""
        return f"{self.host}/team/wrong:1"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with run_registry(tmp_path_factory.mktemp("shop")) as registry:
        push_image(registry.host, "team/both", "1", index("linux/amd64", "linux/arm64"))
        push_image(registry.host, "team/amd64", "1", index("linux/amd64", salt="a"))
        push_image(registry.host, "team/arm64", "1", Image(platform="linux/arm64", salt="b"))
        entries = (
            Entry(content=Image(platform="linux/amd64", salt="c"), platform="linux/amd64"),
            Entry(content=Image(platform="linux/amd64", salt="d"), platform="linux/arm64"),
        )
        push_image(registry.host, "team/wrong", "1", Index(entries=entries))
        yield Shop(host=registry.host)


def affinities(bench: Bench) -> dict[str, Any]:
    """Give the affinity of each workload of the overlay's render by its name."""
    found: dict[str, Any] = {}
    for one in yaml.safe_load_all(bench.build()):
        spec = one["spec"]
        while "containers" not in spec:
            spec = (spec.get("jobTemplate") or spec.get("template") or spec)["spec"]
        found[one["metadata"]["name"]] = spec.get("affinity")
    return found


def only(*terms: Any) -> dict[str, Any]:
    return {"nodeAffinity": {REQUIRED: {"nodeSelectorTerms": list(terms)}}}


def test_a_workload_that_cannot_run_everywhere_is_kept_where_it_can(bench: Bench, shop: Shop) -> None:
    cron = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cron, namespace: ns}\nspec: {jobTemplate: {spec: "
    cron += f"{{template: {{spec: {{containers: [{{name: c, image: '{shop.amd64}'}}]}}}}}}}}}}\n"
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: pod, namespace: ns}\n"
    pod += f"spec: {{containers: [{{name: c, image: '{shop.arm64}'}}]}}\n"
    bench.write(
        {
            "fine.yaml": deployment(shop.both, "fine"),
            "old.yaml": deployment(shop.both, "old", f"initContainers:\n- {{name: i, image: '{shop.amd64}'}}\n"),
            "wrong.yaml": deployment(shop.wrong, "wrong"),
            "cron.yaml": cron,
            "pod.yaml": pod,
        }
    )
    document = bench.document("--mixed-cluster")
    term = {"matchExpressions": [RULE]}
    arm = {"matchExpressions": [{**RULE, "values": ["arm64"]}]}
    assert affinities(bench) == {
        "fine": None,
        "old": only(term),
        "wrong": only(term),
        "cron": only(term),
        "pod": only(arm),
    }
    assert {one["why"] for one in document["changes"]} == {"affinity"}
    assert {one["b"] for one in document["changes"]} == {
        "kubernetes.io/arch In [amd64]",
        "kubernetes.io/arch In [arm64]",
    }


def test_the_rule_goes_into_every_alternative_that_is_there(bench: Bench, shop: Shop) -> None:
    zone = {"key": "zone", "operator": "In", "values": ["a"]}
    field = {"key": "metadata.name", "operator": "In", "values": ["n"]}
    terms = [{"matchExpressions": [zone]}, {"matchFields": [field]}, {}, {"matchExpressions": [RULE, zone]}]
    there = {
        "nodeAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 1, "preference": {"matchExpressions": [zone]}}
            ],
            REQUIRED: {"nodeSelectorTerms": terms},
        },
        "podAffinity": {},
    }
    bench.write({"web.yaml": deployment(shop.amd64, more=yaml.safe_dump({"affinity": there}))})
    assert not bench.document("--mixed-cluster")["unreached"]
    wanted = [
        {"matchExpressions": [zone, RULE]},
        {"matchFields": [field], "matchExpressions": [RULE]},
        {},
        {"matchExpressions": [RULE, zone]},
    ]
    there["nodeAffinity"][REQUIRED] = {"nodeSelectorTerms": wanted}
    assert affinities(bench)["web"] == there


def test_a_node_selector_is_enough_or_in_the_way(bench: Bench, shop: Shop) -> None:
    selector = "nodeSelector: {{kubernetes.io/arch: {}}}\n"
    bench.write(
        {
            "same.yaml": deployment(shop.amd64, "same", selector.format("amd64")),
            "other.yaml": deployment(shop.amd64, "other", selector.format("arm64")),
        }
    )
    document = bench.document("--mixed-cluster", code=1)
    assert affinities(bench) == {"same": None, "other": None}
    (one,) = document["unreached"]
    assert "nodeSelector asks for arm64" in one["why"]


def test_pods_whose_images_share_no_architecture_are_listed(bench: Bench, shop: Shop) -> None:
    both = f"initContainers:\n- {{name: i, image: '{shop.arm64}'}}\n"
    bench.write({"web.yaml": deployment(shop.amd64, more=both)})
    document = bench.document("--mixed-cluster", code=1)
    assert [one["image"] for one in document["unreached"]] == [shop.amd64, shop.arm64]
    assert affinities(bench) == {"web": None}


def test_what_an_operator_starts_is_not_reached(bench: Bench, shop: Shop) -> None:
    config = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c, namespace: ns}}\ndata: {{image: '{shop.amd64}'}}\n"
    bench.write({"web.yaml": deployment(shop.both), "config.yaml": config})
    document = bench.document("--mixed-cluster", code=1)
    (one,) = document["unreached"]
    assert one["object"] == "v1/ConfigMap/ns/c"
    assert (one["file"], one["line"]) == ("example/config.yaml", 4)
    assert "no affinity can be given" in one["why"]


def test_what_is_not_known_is_listed_and_not_pinned(bench: Bench, shop: Shop) -> None:
    bench.write({"web.yaml": deployment(shop.amd64)})
    document = bench.document("--mixed-cluster", "--offline", code=3)
    (one,) = document["unreached"]
    assert one["unknown"]
    assert "offline" in one["why"]
    assert affinities(bench) == {"web": None}


def test_an_image_that_is_put_in_is_the_one_that_is_judged(bench: Bench, shop: Shop) -> None:
    bench.write({"web.yaml": deployment(shop.amd64)})
    file = bench.folder / "substitutions.yaml"
    file.write_text(f"- {{image: '{shop.amd64}', use: '{shop.both}'}}\n")
    document = bench.document("--mixed-cluster", "--substitute", file, "--registry", "mirror.example/kf")
    assert affinities(bench) == {"web": None}
    assert [one["why"] for one in document["changes"]] == ["substitute"]


def test_a_mirror_and_affinity_go_together(bench: Bench, shop: Shop) -> None:
    bench.write({"web.yaml": deployment(shop.amd64)})
    document = bench.document("--mixed-cluster", "--registry", "mirror.example/kf")
    assert sorted(one["why"] for one in document["changes"]) == ["affinity", "registry"]
    assert affinities(bench) == {"web": only({"matchExpressions": [RULE]})}
