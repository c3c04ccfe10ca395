"""Everything that `kfkit charts check` must catch, planted in small trees and their specifications."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from buildkit.charts.outcome import CheckOutcome
from buildkit.edges.tools import HELM, KUSTOMIZE, find_program
from buildkit.errors import UndeterminedError
from buildkit.report.charts_words import exit_of_check
from tests.integration.charts.yard import CLAIM, CONFIG, CRD, DEPLOYMENT, RULES, THING, Yard, said

pytestmark = pytest.mark.integration


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


def test_a_default_profile_that_does_not_render_is_not_known_whatever_others_do(yard: Yard) -> None:
    yard.write({"a.yaml": "a: [\n"}).write({"b.yaml": CONFIG}, at="other")
    outcome = yard.say(profiles={"plain": {"path": "app"}, "other": {"path": "other"}}).check(equal=True)
    assert "not known: the default profile plain is not there: no chart is made" in said(outcome)
    assert codes(outcome) == (3, [])


def test_one_object_twice_in_a_profile_is_told(yard: Yard) -> None:
    """Kustomize itself refuses most; of a generated name only the hash tells two apart."""
    one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: land}\ndata: {a: '%s'}\n"
    yard.write({"a.yaml": one % ("same", 1), "b.yaml": (one % ("same", 2)).replace("v1\n", "v1 # b\n", 1)}, at="base")
    outcome = yard.say(profiles={"plain": {"path": "base"}}).check(equal=True)
    assert "base: does not render" in said(outcome)
    assert "ConfigMap" in said(outcome)


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
