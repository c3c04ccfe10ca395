"""Judged pins that reports are written of: one with something of everything, and a hostile one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from buildkit.compare.comparison import ABSENT
from buildkit.compare.proof import Change, Proof
from buildkit.model.finding import Owner
from buildkit.model.reference import Reference
from buildkit.pins.judged import JudgedPins, UpstreamPatch
from buildkit.pins.pin import Class, Outcome, Pin, Tie
from tests.unit.pins.judging import digest, digest_tie, selector, tag_tie
from tests.unit.report.audits import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Sequence

AMD64, BOTH = ("linux/amd64",), ("linux/amd64", "linux/arm64")
KATIB = Owner(repository="kubeflow/katib", path="manifests/v1beta1")
PATCH = "--- a/config/x.yaml\n+++ b/config/x.yaml\n@@ -1 +1 @@\n-old\n+new\n"


def tie_at(file: str, line: int, name: str = "amd64", **settings: Any) -> Tie:
    return digest_tie(name, file=file, line=line, kustomizations=("example",), **settings)


def judged(*pins: Pin, **settings: Any) -> JudgedPins:
    given: dict[str, Any] = {"source": "../manifests", "required": BOTH, "mode": "repin", "pins": pins}
    return JudgedPins(**{**given, **settings})


def every_class() -> tuple[Pin, ...]:
    index = digest("index")
    return (
        Pin(
            tie=tie_at("katib/a.yaml", 7),
            class_=Class.SINGLE_PLATFORM,
            platforms=AMD64,
            proposed=index,
            outcome="planned",
            why="the index of v1",
            component="Katib",
            owner=KATIB,
        ),
        Pin(
            tie=tie_at("katib/b.yaml", 8, blocked="an alias"),
            class_=Class.SINGLE_PLATFORM,
            platforms=AMD64,
            proposed=index,
            outcome="refused",
            why="an alias of line 2",
        ),
        Pin(
            tie=replace(tag_tie(), file="katib/c.yaml"),
            class_=Class.SINGLE_PLATFORM,
            platforms=AMD64,
            outcome="refused",
            why="example.com/team/app:v1 will not do: it is no index",
        ),
        Pin(
            tie=replace(selector("example.com/team/app:v1"), file="katib/d.yaml"),
            class_=Class.EXCLUDES_PLATFORM,
            platforms=AMD64,
            outcome="refused",
            why="its image example.com/team/app:v1 has no linux/arm64: the selector is right",
        ),
        Pin(tie=tie_at("stale.yaml", 3), class_=Class.STALE, outcome="refused", why="example.com has no team/app"),
        Pin(
            tie=tie_at("remote:github.com/lws/lws@v1/config/x.yaml", 4),
            class_=Class.INDEX_INCOMPLETE,
            platforms=AMD64,
            outcome="refused",
            why="linux/arm64 is missing (no linux/arm64, only linux/amd64)",
        ),
        Pin(tie=tie_at("z/unknown.yaml", 1), class_=Class.UNKNOWN, why="429 for ten minutes"),
        Pin(tie=tie_at("z/whole.yaml", 2), class_=Class.INDEX, platforms=BOTH),
        Pin(tie=tie_at("docs/x.yaml", 2, sample=True), class_=Class.SINGLE_PLATFORM, platforms=AMD64, why="a sample"),
        Pin(
            tie=Tie(kind="text", value="https://example.com/x-amd64.tgz", file="get.sh", line=2, column=6), class_=None
        ),
    )


def checked() -> JudgedPins:
    return judged(*every_class(), problems=("example: accumulating resources",))


def fixed() -> JudgedPins:
    """After a fix: what could be freed is, and a render shows it."""
    first, *rest = every_class()
    freed = replace(first, outcome="done")
    changed = Change(
        kustomizations=("example", "katib"),
        object="apps/v1/Deployment/kubeflow/katib",
        path="spec.template.spec.containers[0].image",
        a=f"example.com/team/app@{digest('amd64')}",
        b=f"example.com/team/app@{digest('index')}",
    )
    wrong = Change(kustomizations=(), object="v1/ConfigMap/kubeflow/x", path='data["a"]', a=ABSENT, b=None)
    proof = Proof(kustomizations=2, changed=(changed,), unintended=(wrong,), unproven=("spark: broken",))
    patch = UpstreamPatch(repository="kubeflow/katib", ref="v0.19", path="config/x.yaml", patch=PATCH)
    return judged(freed, *rest, proof=proof, upstream=(patch,), patch=PATCH)


def hostile(texts: Sequence[str] = HOSTILE) -> JudgedPins:
    """Give pins in which every text that comes from outside is an attack."""
    ends: tuple[tuple[Class, Outcome], ...] = (
        (Class.SINGLE_PLATFORM, "planned"),
        (Class.STALE, "refused"),
        (Class.UNKNOWN, "none"),
    )
    pins = [
        Pin(
            tie=Tie(
                kind="digest",
                value=text,
                file=f"a/{text}",
                line=1,
                column=1,
                reference=Reference(registry=text, repository=text),
                kustomizations=(text,),
            ),
            class_=class_,
            platforms=(text,),
            proposed=text,
            outcome=outcome,
            why=text,
            owner=Owner(repository=text, path=text),
        )
        for text in texts
        for class_, outcome in ends
    ]
    change = Change(kustomizations=(HOSTILE[0],), object=HOSTILE[1], path=HOSTILE[7], a=HOSTILE[7], b={"k": HOSTILE[4]})
    return judged(
        *pins,
        source="@source|`x`\n",
        since="@rev`",
        problems=tuple(texts),
        proof=Proof(kustomizations=1, changed=(change,), unintended=(change,), unproven=tuple(texts)),
        upstream=tuple(
            UpstreamPatch(repository=text, ref=text, path=text, patch=f"{text}\n```\n@kubeflow\n") for text in texts
        ),
    )
