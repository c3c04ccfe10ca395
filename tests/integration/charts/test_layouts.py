"""Releases that have a kustomization elsewhere, or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from buildkit.flows.chart_renders import Documents, read_specs
from buildkit.flows.charts import make
from buildkit.flows.watch import Watch
from tests.integration.charts.yard import CONFIG, Yard, said


def test_a_profile_is_taken_from_the_first_of_its_folders_that_the_release_has(yard: Yard) -> None:
    yard.write({"a.yaml": CONFIG}, at="apps/x").say(
        component=["applications/x", "apps/x"],
        profiles={"plain": {"path": ["applications/x", "apps/x", "other/x"]}},
        watched=["apps"],
    )
    found = yard.generate()
    assert said(found) == ""
    (chart,) = found.charts
    readme = (Path(chart.folder) / "README.md").read_text()
    assert "manifests of apps/x:" in readme
    assert "| `plain` (default) | `apps/x` |" in readme
    assert said(yard.check(equal=True)) == ""


def test_no_second_folder_of_a_profile_is_reported_as_a_kustomization_of_none(yard: Yard) -> None:
    yard.write({"a.yaml": CONFIG}, at="apps/x").write({"a.yaml": "not YAML: ["}, at="apps/y")
    yard.say(profiles={"plain": {"path": ["apps/x", "apps/y"]}}, watched=["apps"])
    assert said(yard.check(equal=True)) == ""


def test_a_chart_goes_to_the_folder_of_the_component_that_a_tree_has(yard: Yard) -> None:
    yard.write({"a.yaml": CONFIG}, at="apps/x").say(
        component=["applications/x", "apps/x"], profiles={"plain": {"path": "apps/x"}}
    )
    (chart,) = yard.generate(into=yard.tree).charts
    assert chart.folder == str(yard.tree / "apps/x/helm/app")
    assert not yard.generate(into=yard.tree, check=True).stale


def test_a_kustomization_that_was_moved_is_pointed_at(yard: Yard) -> None:
    yard.write({"a.yaml": CONFIG}, at="apps/x/upstream/base")
    yard.say(profiles={"plain": {"path": "applications/x/upstream/base"}})
    assert said(yard.check(equal=True)) == (
        "spec.yaml:0 [plain] applications/x/upstream/base: is no kustomization of this release; "
        "apps/x/upstream/base may be it: list it in `path` too"
    )


def test_one_that_is_not_there_may_be_optional_unless_it_is_the_default(yard: Yard) -> None:
    yard.write({"a.yaml": CONFIG})
    profiles: dict[str, dict[str, object]] = {
        "plain": {"path": "app"},
        "more": {"path": ["other", "third"]},
        "much": {"path": ["1", "2", "3"]},
    }
    assert said(yard.say(profiles=profiles).check(equal=True)) == (
        "spec.yaml:0 [more] other (or 1 other): is no kustomization of this release; "
        "`optional: true` lets a release lack it\n"
        "spec.yaml:0 [much] 1 (or 2 others): is no kustomization of this release; "
        "`optional: true` lets a release lack it"
    )
    profiles["more"]["optional"] = profiles["much"]["optional"] = True
    found = yard.say(profiles=profiles).check(equal=True)
    assert said(found) == ""
    assert found.notes[:1] == ("app: this release has no other (or 1 other): no profile more",)
    assert "it is the default profile" in said(yard.say(profiles={"plain": {"path": "none"}}).check(equal=True))


WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: land}
spec: {selector: {}, template: {spec: {containers: [{name: web, image: "registry.example/new/web:v1.2.3"}]}}}
"""


@pytest.mark.parametrize(
    ("images", "version", "says"),
    [
        (["registry.example/web"], "0.0.0", "registry.example/new/web may be it: list it in `appVersion` too, or give"),
        (["registry.example/console"], "0.0.0", "list what took its place, or give --version"),
        (["registry.example/console", "registry.example/new/web"], "1.2.3", ""),
    ],
)
def test_a_chart_without_a_version_is_told(yard: Yard, images: list[str], version: str, says: str) -> None:
    yard.write({"a.yaml": WEB}).say(appVersion=images)
    request = replace(yard.request(), version="")
    made = make(request, read_specs(request.specs, ()), Documents(), Watch())
    assert made.made[0].release.version == version
    assert [one.message.startswith("appVersion: this release has no tagged image of") for one in made.problems] == [
        True for _ in says[:1]
    ]
    assert says in "".join(one.message for one in made.problems)
    named = make(yard.request(), read_specs(request.specs, ()), Documents(), Watch())
    assert (named.problems, named.made[0].release.version) == ((), "1.0.0")
