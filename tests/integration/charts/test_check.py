"""Everything that `kfkit charts check` must catch, planted in small trees and their specifications."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from buildkit.charts.outcome import CheckOutcome
from buildkit.edges.tools import HELM, KUSTOMIZE, Program, find_program
from buildkit.errors import UndeterminedError
from buildkit.flows.chart_equality import check_profiles
from buildkit.flows.chart_installs import check_installs
from buildkit.flows.chart_scene import Part, Scene
from buildkit.flows.chart_values import check_values
from buildkit.flows.watch import Watch
from buildkit.report.charts_words import exit_of_check
from tests.integration.charts.yard import CLAIM, CONFIG, CRD, THING, Yard, said, scene_of

pytestmark = pytest.mark.integration
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: land}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: images.example/web:1.0.0
        args: ["--url=http://store.land.svc:80/land", --port=8080]
"""
RULES = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}
rules: []
"""


def value(name: str, sample: Any, *at: dict[str, str], kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": kind, "description": "-", "sample": sample, "at": list(at), **more}


def codes(outcome: CheckOutcome) -> tuple[int, list[int]]:
    return exit_of_check(outcome), [one.differences for one in outcome.profiles]


def test_a_small_chart_is_right_in_every_way_with_both_helms(yard: Yard) -> None:
    yard.write({"a.yaml": DEPLOYMENT, "b.yaml": CONFIG, "c.yaml": CLAIM})
    follow = [{"follow": "store.{namespace}.svc"}, {"keep": "/{namespace}", "reason": "a folder"}]
    port = value("port", 9090, {"object": "apps/Deployment/web", "text": "8080"}, kind="integer")
    outcome = yard.say(namespaceText=follow, values=[port]).check(helms=("3", "4"))
    assert (said(outcome), codes(outcome)) == ("", (0, [0]))
    assert [one.split(".")[0] for one in outcome.helms] == ["4", "3"]
    assert {one.differences for one in outcome.values} == {0}
    assert {"port", "images.web.tag", "workloads.web.env", "storage.store.size", "covering array", "namespace"} <= {
        one.value for one in outcome.values
    }
    (profile,) = outcome.profiles
    assert profile.objects == 3
    assert 1000 < (profile.release_bytes or 0) < 20_000


# Faults of specifications and trees.


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> CheckOutcome:
    """Many at once, so that each is told whatever the others are."""
    yard = Yard(tmp_path_factory.mktemp("faulty"))
    large = (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: large, namespace: land}}\ndata: {{a: {'x' * 1_048_577}}}\n"
    )
    files = {"a.yaml": DEPLOYMENT, "crd.yaml": CRD, "thing.yaml": THING, "rules.yaml": RULES, "large.yaml": large}
    yard.write(files)
    yard.write({"b.yaml": CONFIG}, at="more/known").write({"b.yaml": CONFIG}, at="more/unknown")
    yard.write({"b.yaml": "kind: {"}, at="broken")
    profiles = {
        "plain": {"path": "app"},
        "broken": {"path": "broken"},
        "gone": {"path": "gone"},
        "elsewhere": {"path": "elsewhere", "optional": True},
    }
    values = [
        value("nowhere", "x", {"object": "Service/web", "path": "spec.type"}),
        value("same", 8080, {"object": "apps/Deployment/web", "text": "8080"}, kind="integer"),
        {**value("leaves.out", "x"), "omits": ["Secret/none"]},
    ]
    accepted = [
        {"object": "rbac.authorization.k8s.io/ClusterRole/*", "path": "rules", "drop": True, "reason": "the cluster's"},
        {"object": "ConfigMap/*", "path": "data.color", "reason": "there once was a reason"},
    ]
    yard.say(
        profiles=profiles,
        values=values,
        accepted=accepted,
        watched=["more"],
        ignored=[{"path": "more/known", "reason": "not ours"}],
        namespaceText=[{"follow": "store.{namespace}.svc"}],
    )
    return yard.check()


def test_problems_end_with_1(faulty: CheckOutcome) -> None:
    assert codes(faulty) == (1, [0])


@pytest.mark.parametrize(
    "message",
    [
        "[gone] gone: is no kustomization of this release; `optional: true` lets a release lack it",
        "more/unknown: a kustomization that is no profile: add it to `profiles`, or to `ignored`",
        "nowhere: no profile has spec.type in Service/web",
        "leaves.out: no profile has an object Secret/none",
        "the value same changes nothing in any profile",
        "accepted difference ConfigMap/* data.color: is not there: stale; take it out",
        "apps/Deployment/web: spec.template.spec.containers[0].args[0]: `-url=http://store.land.svc:80/land` names",
        "app.example/v1/Thing/land/one is in one release with its definition",
        "holds 1048577 bytes, and Kubernetes takes no more than 1048576",
        "broken: does not render",
    ],
)
def test_it_is_told(faulty: CheckOutcome, message: str) -> None:
    assert message in said(faulty)


def test_what_a_specification_says_wrong_is_told_with_its_line(faulty: CheckOutcome) -> None:
    lines = {one.message.partition(":")[0]: one.line for one in faulty.problems if one.line}
    assert lines.keys() == {"nowhere", "leaves.out", "accepted difference ConfigMap/* data.color"}
    assert len(set(lines.values())) == 3


def test_nothing_else_is_told(faulty: CheckOutcome) -> None:
    assert len(faulty.problems) == 10, said(faulty)


def test_a_profile_that_a_release_may_lack_is_a_note(faulty: CheckOutcome) -> None:
    assert faulty.notes == ("app: this release has no elsewhere: no profile elsewhere",)


def test_a_declared_transform_is_shown_with_its_reason(faulty: CheckOutcome) -> None:
    (profile,) = faulty.profiles
    assert [(one.object, one.path, one.reason) for one in profile.accepted] == [
        ("rbac.authorization.k8s.io/v1/ClusterRole/-/all", "rules", "the cluster's")
    ]


def test_a_transform_leaves_out_nothing_that_holds_something(yard: Yard) -> None:
    yard.write({"rules.yaml": RULES.replace("rules: []", "rules: [{apiGroups: [a], resources: [b], verbs: [c]}]")})
    drop = {"object": "**", "path": "rules", "drop": True, "reason": "-"}
    outcome = yard.say(accepted=[drop]).check(equal=True)
    assert said(outcome).endswith("accepted difference ** rules: is not there: stale; take it out")
    assert codes(outcome) == (1, [0])


def test_a_specification_without_its_default_profile_makes_no_chart(yard: Yard) -> None:
    yard.write({"a.yaml": CONFIG}).write({"b.yaml": CONFIG}, at="other")
    outcome = yard.say(profiles={"plain": {"path": "gone"}, "other": {"path": "other"}}).check(equal=True)
    assert "the default profile plain is not there: no chart is made" in said(outcome)
    assert codes(outcome) == (1, [])


def test_one_object_twice_in_a_profile_is_told(yard: Yard) -> None:
    """Kustomize itself refuses most; of a generated name only the hash tells two apart."""
    one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: land}\ndata: {a: '%s'}\n"
    yard.write({"a.yaml": one % ("same", 1), "b.yaml": (one % ("same", 2)).replace("v1\n", "v1 # b\n", 1)}, at="base")
    outcome = yard.say(profiles={"plain": {"path": "base"}}).check(equal=True)
    assert "base: does not render" in said(outcome)
    assert "ConfigMap" in said(outcome)


# Faults of charts: a wrong template, schema or file in the place of what the generator wrote.


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    yard = Yard(tmp_path_factory.mktemp("right"))
    yard.write({"a.yaml": DEPLOYMENT, "b.yaml": CONFIG, "c.yaml": CLAIM, "rules.yaml": RULES})
    follow = [{"follow": "store.{namespace}.svc"}, {"keep": "/{namespace}", "reason": "a folder"}]
    accepted = [{"object": "ConfigMap/settings", "path": "data.color", "reason": "taste"}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(yard.folder / "cache"))
        with scene_of(yard.say(namespaceText=follow, accepted=accepted).request()) as made:
            yield made


@dataclasses.dataclass
class Spoiler:
    """Changes a chart on disk and as it is held against files; what it had is put back."""

    scene: Scene
    before: dict[Path, str] = dataclasses.field(default_factory=dict)

    @property
    def part(self) -> Part:
        (part,) = self.scene.parts
        return part

    def change(self, path: str, old: str, new: str) -> None:
        file = self.part.folder / path
        text = self.before.setdefault(file, file.read_text())
        assert old in text, text
        file.write_text(text.replace(old, new))

    def equal(self) -> CheckOutcome:
        profiles, problems = check_profiles(self.scene, Watch())
        return CheckOutcome(profiles=tuple(profiles), values=(), problems=tuple(problems), notes=(), helms=())

    def values(self) -> CheckOutcome:
        values, problems = check_values(self.scene, find_program(KUSTOMIZE), Watch())
        return CheckOutcome(profiles=(), values=tuple(values), problems=tuple(problems), notes=(), helms=())

    def install(self, other: Program | None = None, previous: Path | None = None) -> CheckOutcome:
        profiles, problems = check_installs(self.scene, [], other, previous, Watch())
        return CheckOutcome(profiles=tuple(profiles), values=(), problems=tuple(problems), notes=(), helms=())


@pytest.fixture
def spoil(scene: Scene) -> Iterator[Spoiler]:
    spoiler = Spoiler(scene)
    yield spoiler
    for file, text in spoiler.before.items():
        file.write_text(text)


def test_a_difference_from_kustomize_is_shown_with_object_and_path(spoil: Spoiler) -> None:
    spoil.change("templates/web.yaml", "app: web", "app: wep")
    (profile,) = spoil.equal().profiles
    assert [(one.object, one.path, one.a, one.b) for one in profile.shown] == [
        ("apps/v1/Deployment/land/web", "spec.selector.matchLabels.app", "web", "wep"),
        ("apps/v1/Deployment/land/web", "spec.template.metadata.labels.app", "web", "wep"),
    ]
    assert "2 differences from app: first apps/v1/Deployment/land/web spec.selector" in said(spoil.equal())


def test_an_object_too_few_and_one_too_many_are_differences(spoil: Spoiler) -> None:
    spoil.change("templates/web.yaml", "kind: Deployment", "kind: DaemonSet")
    (profile,) = spoil.equal().profiles
    assert [one.object for one in profile.shown] == ["apps/v1/Deployment/land/web", "apps/v1/DaemonSet/land/web"]


def test_an_accepted_difference_is_shown_and_is_no_difference(spoil: Spoiler) -> None:
    assert "accepted difference ConfigMap/settings data.color: is not there: stale" in said(spoil.equal())
    spoil.change("templates/configmap.yaml", "red", "blue")
    outcome = spoil.equal()
    (profile,) = outcome.profiles
    assert (profile.differences, said(outcome)) == (0, "")
    assert [(one.object, one.path, one.reason) for one in profile.accepted] == [
        ("v1/ConfigMap/land/settings", "data.color", "taste")
    ]


def test_a_template_that_helm_rejects_is_told_with_the_object_it_came_from(spoil: Spoiler) -> None:
    spoil.change("templates/web.yaml", "args:", "args: {{ nothing }}")
    text = said(spoil.equal())
    assert "app/templates/web.yaml:" in text
    assert 'function "nothing" not defined' in text
    assert "(templates/web.yaml holds apps/Deployment/land/web)" in text


def test_a_value_that_reaches_elsewhere_or_not_everywhere_is_told(spoil: Spoiler) -> None:
    spoil.change(
        "templates/web.yaml",
        "kind: Deployment\n",
        'kind: Deployment\n{{- $_ := set .Values.global "imagePullPolicy" "" }}\n',
    )
    outcome = spoil.values()
    wrong = {one.value for one in outcome.values if one.differences}
    assert wrong == {"global.imagePullPolicy", "covering array"}
    assert (
        "global.imagePullPolicy: 1 places are not what the specification says, first apps/v1/Deployment/land/web"
        in (said(outcome))
    )


def test_a_namespace_that_stays_is_told(spoil: Spoiler) -> None:
    spoil.change("templates/configmap.yaml", "{{ .Release.Namespace | quote }}", "land")
    text = said(spoil.values())
    assert "in another namespace: " in text
    assert "ConfigMap" in text


def test_a_schema_that_takes_a_wrong_type_of_one_value_or_an_unknown_key_in_one_section_is_told(spoil: Spoiler) -> None:
    schema = "values.schema.json"
    assert said(spoil.values()) == ""
    text = (spoil.part.folder / schema).read_text()
    at = text.index('"replicas"')
    spoil.change(schema, text[at:], text[at:].replace('"integer"', '"integer", "string"', 1))
    assert "workloads.web.replicas: a value of a wrong type is not refused by values.schema.json" in said(
        spoil.values()
    )
    at = text.index('"web": {')
    spoil.change(
        schema, text[at:], text[at:].replace('"additionalProperties": false', '"additionalProperties": true', 1)
    )
    assert "images.web: an unknown key is not refused by values.schema.json" in said(spoil.values())


def test_what_helm_lints_is_told(spoil: Spoiler) -> None:
    spoil.change("Chart.yaml", "apiVersion: v2", "apiVersion: v1")
    assert "helm lint --strict:" in said(spoil.install())


def test_what_the_other_helm_renders_otherwise_is_told(spoil: Spoiler, helm3: Program) -> None:
    spoil.change("templates/configmap.yaml", "red", "red{{ .Capabilities.HelmVersion.Version }}")
    assert "renders 1 places otherwise" in said(spoil.install(helm3))


@pytest.mark.parametrize("lost", [True, False])
def test_an_upgrade_that_fails_or_loses_data_is_told(spoil: Spoiler, tmp_path: Path, *, lost: bool) -> None:
    previous = tmp_path / "app"
    for path, text in spoil.part.chart.files.items():
        (previous / path).parent.mkdir(parents=True, exist_ok=True)
        (previous / path).write_text(text)
    assert said(spoil.install(previous=tmp_path)) == ""
    if lost:
        spoil.change("templates/persistentvolumeclaim.yaml", "kind: Persistent", "kind: Other")
        said_now = said(spoil.install(previous=tmp_path))
        assert "upgrade: v1/PersistentVolumeClaim/land/store is deleted, and what is stored in it" in said_now
    else:
        spoil.change("templates/web.yaml", "app: web", "app: other")
        assert "upgrade: apps/v1/Deployment/land/web spec.selector" in said(spoil.install(previous=tmp_path))


def test_a_profile_that_the_previous_chart_lacks_is_no_upgrade_and_one_that_breaks_is_told(
    spoil: Spoiler, tmp_path: Path
) -> None:
    part = spoil.part
    for path, text in part.chart.files.items():
        (tmp_path / "app" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "app" / path).write_text(
            text.replace('"plain"', '"other"').replace("profile: plain", "profile: other")
        )
    assert said(spoil.install(previous=tmp_path)) == ""
    broken = tmp_path / "app" / "templates" / "configmap.yaml"
    (tmp_path / "app" / "values.schema.json").unlink()
    broken.write_text("{{ fail .Values.profile }}")
    assert "the previous chart does not render" in said(spoil.install(previous=tmp_path))


# Sizes.


def noise(number: int, size: int) -> str:
    """Text that does not get smaller, the same each time."""
    blocks = (hashlib.sha512(f"{number} {at}".encode()).hexdigest() for at in range(size // 128))
    return base64.b64encode(bytes.fromhex("".join(blocks))).decode()


def noisy(count: int) -> dict[str, str]:
    one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m%d, namespace: land}\ndata:\n  a: '%s'\n"
    return {f"{number}.yaml": one % (number, noise(number, 1_400_000)) for number in range(count)}


def test_a_release_that_no_secret_holds_is_told(yard: Yard) -> None:
    outcome = yard.write(noisy(2)).say().check()
    assert "it cannot be installed" in said(outcome)
    assert codes(outcome) == (1, [0])
    assert (outcome.profiles[0].release_bytes or 0) > 1024 * 1024


def test_a_file_that_helm_takes_no_more_is_told(yard: Yard) -> None:
    outcome = yard.write(noisy(6)).say().check()
    text = said(outcome)
    assert "configmap.yaml:0 [] templates/configmap.yaml has" in text
    assert exit_of_check(outcome) == 1


def test_definitions_too_large_for_a_release_get_a_chart_of_their_own(yard: Yard) -> None:
    yard.write({"crd.yaml": CRD, "thing.yaml": THING})
    assert "is in one release with its definition" in said(yard.say().check())
    outcome = yard.say(crds="chart").check()
    assert (said(outcome), codes(outcome)) == ("", (0, [0]))
    (profile,) = outcome.profiles
    assert profile.objects == 2


# Programs.


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, **found: str) -> None:
    """A PATH with just these: scripts of a version, or `real` ones; and no checkout beside it."""
    folder.mkdir()
    for name, version in found.items():
        if version == "real":
            (folder / name).symlink_to(find_program(KUSTOMIZE if name == "kustomize" else HELM).path)
        else:
            (folder / name).write_text(f"#!/bin/sh\necho {version}\n")
            (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("buildkit.edges.tools.checkout_tools", lambda: None)


@pytest.mark.parametrize(
    ("found", "helms", "message"),
    [
        ({}, (), r"no helm >= 4\.2: none on PATH"),
        ({"helm": "v3.9.0"}, (), r"no helm >= 4\.2: .* is v3\.9\.0"),
        ({"helm": "real"}, ("3",), r"no helm3 3\.18 or a newer 3\.x: "),
        ({"helm": "v4.1.0"}, ("4",), r"no helm >= 4\.2: .* is v4\.1\.0"),
    ],
)
def test_a_helm_that_is_not_there_or_too_old_ends_before_anything_is_rendered(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, found: dict[str, str], helms: tuple[str, ...], message: str
) -> None:
    yard.write({"a.yaml": CONFIG}).say()
    programs(yard.folder / "bin", monkeypatch, kustomize="real", **found)
    with pytest.raises(UndeterminedError, match=message):
        yard.check(helms=helms)


def test_without_the_other_helm_a_note_says_that_it_did_not_render(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.write({"a.yaml": CONFIG}).say()
    programs(yard.folder / "bin", monkeypatch, kustomize="real", helm="real")
    outcome = yard.check()
    assert exit_of_check(outcome) == 0
    assert [note for note in outcome.notes if note.startswith("not rendered with Helm 3: no helm3")]
    assert os.environ["PATH"] == str(yard.folder / "bin")
