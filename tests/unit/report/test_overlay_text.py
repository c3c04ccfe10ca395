"""The overlay as text: what changed, what was not reached, the proof, the next commands."""

from __future__ import annotations

from dataclasses import replace

from buildkit.compare.comparison import ABSENT
from buildkit.compare.proof import Change, Proof
from buildkit.overlay.overlay import Changed, Copy, Overlay, OverlayFile, Unreached
from buildkit.report.overlay_text import overlay_text

GOOD = Proof(kustomizations=1, changed=(), unintended=(), unproven=())
OVERLAY = Overlay(
    source="tree",
    install="example",
    output="my overlay",
    changes=(
        Changed(object="apps/v1/Deployment/ns/a", path="spec.x", a="a:1", b="m.example/a:1", why="registry"),
        Changed(object="v1/ConfigMap/ns/b", path="data.x", a="a:1", b="m.example/a:1", why="registry"),
        Changed(object="apps/v1/Deployment/ns/a", path="spec.affinity", b="arch In [amd64]", why="affinity"),
    ),
    copies=(Copy(source="a", target="b"),),
    unreached=(
        Unreached(image="x:1", object="v1/ConfigMap/ns/c", path="data.y", file="f.yaml", line=3, why="is so"),
        Unreached(image="a:1", object="v1/Pod/ns/c", path="spec", why="is unknown", unknown=True),
    ),
    proof=GOOD,
    files=(OverlayFile(path="patches/a.yaml", text=""),),
    outcome="written",
)


def text(overlay: Overlay) -> str:
    return overlay_text(overlay).decode()


def test_changes_are_counted_by_kind_and_listed_once() -> None:
    shown = text(OVERLAY)
    assert "2 places from the mirror: 1 in ConfigMap, 1 in Deployment" in shown
    assert "  a:1 -> m.example/a:1 (2 times)\n" in shown
    assert "1 place kept on nodes that run them: 1 in Deployment" in shown


def test_what_is_known_not_to_be_reached_comes_before_what_is_not_known() -> None:
    shown = text(OVERLAY)
    assert "Not reached: 2 places\n  x:1: is so\n    f.yaml:3: v1/ConfigMap/ns/c data.y\n  a:1: is unknown" in shown
    assert OVERLAY.exit == 1
    assert replace(OVERLAY, unreached=OVERLAY.unreached[1:]).exit == 3
    assert replace(OVERLAY, unreached=()).exit == 0


def test_the_next_commands_are_ready_for_a_shell() -> None:
    shown = text(OVERLAY)
    assert "Written: my overlay (1 patch)" in shown
    assert "  sh 'my overlay/copy.sh'" in shown
    assert "  kustomize build 'my overlay' | kubectl apply" in shown


def test_a_proof_that_fails_shows_what_differs_and_no_command() -> None:
    lost = Change(kustomizations=("example",), object="v1/X/ns/y\x1b", path="a", a=ABSENT, b={"k": "v"})
    bad = replace(OVERLAY, proof=replace(GOOD, unintended=(lost,)), outcome="refused")
    shown = text(bad)
    assert '    - (nothing)\n    + {"k": "v"}' in shown
    assert "Nothing was written to my overlay." in shown
    assert "kubectl" not in shown
    assert "\x1b" not in shown
    assert bad.exit == 1


def test_long_lists_are_cut_and_say_so() -> None:
    many = tuple(
        Changed(object="v1/ConfigMap/ns/b", path="data.x", a=f"a:{number}", b="b", why="registry")
        for number in range(50)
    )
    assert "… and 30 more: --format json lists all" in text(replace(OVERLAY, changes=many))
