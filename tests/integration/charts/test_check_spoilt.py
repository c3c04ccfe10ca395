"""Charts that are not what the generator wrote: a wrong template, schema or file, and `kfkit charts check` on them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from buildkit.charts.outcome import CheckOutcome
from buildkit.edges.tools import KUSTOMIZE, Program, find_program
from buildkit.flows.chart_equality import check_profiles
from buildkit.flows.chart_installs import check_installs
from buildkit.flows.chart_scene import Part, Scene
from buildkit.flows.chart_values import check_values
from buildkit.flows.watch import Watch
from tests.integration.charts.yard import CLAIM, CONFIG, DEPLOYMENT, RULES, Yard, said, scene_of

pytestmark = pytest.mark.integration


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
