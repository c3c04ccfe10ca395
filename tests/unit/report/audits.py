"""Audits that reports are written of: one with something of everything, hostile ones, and large ones.

They are judged as real ones are (`make_audit`), so that no report is tested on what cannot be.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from buildkit.audit.exceptions import AuditException
from buildkit.audit.judge import Owned
from buildkit.audit.past import past_of
from buildkit.audit.policy import PROBLEMS, ComponentRule, Policy
from buildkit.audit.record import Excepted, OnArm64, Replacement, Suggestion
from buildkit.audit.settle import Found, Rules, make_audit
from buildkit.model.finding import Finding, Owner, Place
from buildkit.model.image import Image, ImageUse
from buildkit.model.inspection import Inspection, PlatformRecord, Verdict
from buildkit.model.kustomization import Kustomization
from tests.support.tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from buildkit.audit.judge import Audit
    from buildkit.audit.past import PastAudit

AMD64, ARM64 = "linux/amd64", "linux/arm64"
TODAY = date(2026, 11, 22)
GOLDEN = ROOT / "tests" / "golden" / "report"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))

Known = tuple[Image, Inspection]
OWNERS = {
    "katib": Owned(component="Katib", owner=Owner(repository="kubeflow/katib", path="manifests/v1beta1")),
    "pipeline": Owned(
        component="Pipelines",
        owner=Owner(repository="kubeflow/pipelines", path="manifests/kustomize"),
        upstream=Owner(repository="kubeflow/pipelines", path="manifests/kustomize/base/mysql.yaml"),
    ),
    "spark": Owned(component="Spark Operator", owner=Owner(repository="kubeflow/spark-operator")),
}


def check_golden(name: str, content: bytes) -> None:
    """Compare with the file of that name; `UPDATE_GOLDEN=1` writes it: then read the difference."""
    file = GOLDEN / name
    if UPDATE:
        file.write_bytes(content)
    assert content == file.read_bytes(), f"{name} differs: UPDATE_GOLDEN=1 pytest tests/unit/report, and read git diff"


def owner_of(use: ImageUse) -> Owned | None:
    """By the first folder; a remote base is the spark operator's."""
    return OWNERS["spark"] if use.file.startswith("remote:") else OWNERS.get(use.file.partition("/")[0])


def place(file: str, line: int = 7, *more: str, sample: bool = False) -> ImageUse:
    kustomizations = () if sample else tuple(sorted(("example", *more)))
    name = file.rpartition("/")[2].partition(".")[0]
    return ImageUse(
        file=file,
        line=line,
        kustomizations=kustomizations,
        object=f"apps/v1/Deployment/kubeflow/{name}",
        path="spec.template.spec.containers[0].image",
        how="pod",
        sample=sample,
    )


def known(
    name: str, verdicts: Sequence[Verdict], *uses: ImageUse, reason: str | None = None, counted: bool = True
) -> Known:
    """Give an image and its verdicts for amd64 and arm64; the reason is the failing ones'."""
    records = {
        platform: PlatformRecord(
            verdict=verdict,
            reason=reason if verdict is not Verdict.SUPPORTED else None,
            config_platform=AMD64 if verdict is Verdict.MISLABELLED else None,
        )
        for platform, verdict in zip((AMD64, ARM64), verdicts, strict=True)
    }
    worst = min(verdicts, key=tuple(Verdict).index)
    places = uses or (place("katib/base/controller.yaml"),)
    return (
        Image(reference=name, name=name, pinned="tag", default_install=counted, uses=places),
        Inspection(name=name, verdict=worst, reason=reason, depth="config", platforms=records),
    )


def judged(
    *images: Known,
    rules: Rules | None = None,
    source: str = "../manifests",
    problems: tuple[str, ...] = (),
    kustomizations: tuple[Kustomization, ...] = (),
) -> Audit:
    found = Found(
        source=source,
        installs=frozenset({"example"}),
        images=tuple(image for image, _ in images),
        kustomizations=kustomizations,
        problems=problems,
    )
    inspections = {image.name: facts for image, facts in images}
    return make_audit(found, inspections, owner_of, rules or Rules(today=TODAY), "default")


MEANS = {
    Verdict.SUPPORTED: OnArm64(outcome="native"),
    Verdict.MISSING: OnArm64(outcome="emulated", error="no matching manifest"),
    Verdict.MISLABELLED: OnArm64(outcome="emulated", error="exec format error"),
}


def enriched(audit: Audit, suggestions: Mapping[str, Suggestion]) -> Audit:
    """What an arm64 node makes of each image, and what to use instead."""
    images = tuple(
        replace(
            image,
            on_arm64=MEANS.get(image.platforms[ARM64].verdict, OnArm64(outcome="unknown", reason="nobody knows")),
            suggestion=suggestions.get(image.name),
        )
        for image in audit.images
    )
    return replace(audit, images=images)


OK, MISSING, UNKNOWN = Verdict.SUPPORTED, Verdict.MISSING, Verdict.UNKNOWN
ONLY_AMD64 = "no linux/arm64, only linux/amd64"
MYSQL = "docker.io/library/mysql"
METADATA = "gcr.io/tfx-oss-public/ml_metadata_store_server:1.14.0"
REMOTE = "remote:github.com/kubeflow/spark-operator@v2.3.0/config/manager.yaml"


def then() -> PastAudit:
    """Give the baseline of `rich`."""
    audit = judged(
        known("ghcr.io/kubeflow/katib/katib-ui:v0.18.0", (OK, OK), place("katib/base/ui.yaml")),
        known(f"{MYSQL}:8.0", (OK, MISSING), place("pipeline/base/mysql.yaml"), reason=ONLY_AMD64),
        known("docker.io/library/busybox:1.36", (OK, MISSING), place("pipeline/base/init.yaml"), reason=ONLY_AMD64),
        known("docker.io/library/old:1", (OK, OK), place("katib/base/old.yaml")),
        rules=Rules(release="26.03", today=date(2026, 11, 21)),
    )
    return past_of(audit)


def exception(image: str, line: int, expires: date, reason: str = "no tag has it") -> AuditException:
    return AuditException(
        image=image,
        platform=ARM64,
        reason=reason,
        link="https://github.com/kubeflow/pipelines/pull/14030",
        owner="Kubeflow Pipelines working group",
        expires=expires,
        releases=(),
        file="audits/exceptions.yaml",
        line=line,
    )


RICH = (
    known(
        "ghcr.io/kubeflow/katib/katib-ui:v0.19.0",
        (OK, MISSING),
        place("katib/base/ui.yaml", 21),
        place("katib/installs/ui.yaml", 9),
        reason=ONLY_AMD64,
    ),
    known("ghcr.io/kubeflow/katib/katib-db:v0.19.0", (OK, OK), place("katib/base/db.yaml")),
    known(f"{MYSQL}:8.0", (OK, MISSING), place("pipeline/base/mysql.yaml", 30), reason=ONLY_AMD64),
    known("docker.io/library/busybox:1.37", (OK, OK), place("pipeline/base/init.yaml", 12)),
    known(METADATA, (OK, MISSING), place("pipeline/metadata/store.yaml", 5), reason=ONLY_AMD64),
    known(
        "ghcr.io/kubeflow/kfp-viewer:2.5",
        (OK, Verdict.MISLABELLED),
        place("pipeline/viewer/deployment.yaml", 18),
        reason="the index says linux/arm64, the config linux/amd64",
    ),
    known(
        "ghcr.io/kubeflow/spark-operator:2.3.0",
        (OK, Verdict.SUSPECT),
        place(REMOTE, 44, "spark/base", "spark/overlays/kubeflow"),
        reason="the same layers as linux/amd64",
    ),
    known("quay.io/other/proxy:1", (UNKNOWN, UNKNOWN), place("common/proxy.yaml"), reason="429 for ten minutes"),
    known("docker.io/library/sample:1", (OK, MISSING), place("docs/a.yaml", sample=True), counted=False),
)


def rich() -> Audit:
    """Give an audit with an image of every status and change, exceptions in force and stale, and what broke."""
    rules = Rules(
        release="26.03",
        today=TODAY,
        policy=Policy(components={"Spark Operator": ComponentRule(fail=PROBLEMS - {Verdict.SUSPECT}, line=3)}),
        exceptions=(
            exception("gcr.io/tfx-oss-public/*", 2, date(2027, 3, 31), "Pipelines drops the metadata store"),
            exception("ghcr.io/kubeflow/kfp-*", 9, date(2026, 11, 1)),
            exception("docker.io/library/busybox*", 16, date(2027, 3, 31)),
        ),
        exceptions_source="audits/exceptions.yaml",
        past=then(),
        against="audits/baselines/26.03.json",
    )
    audit = judged(
        *RICH,
        rules=rules,
        problems=("example: spark/crds: no such folder",),
        kustomizations=(Kustomization(path="spark/crds", status="broken", why="accumulating resources", warnings=()),),
    )
    fails = OnArm64(
        outcome="fails",
        error="no matching manifest",
        reason="its programs crash under QEMU",
        source="https://github.com/google/ml-metadata/issues/219",
    )
    whole = enriched(
        audit,
        {
            "ghcr.io/kubeflow/katib/katib-ui:v0.19.0": Suggestion(
                text="v0.19.1 is the nearest newer tag with linux/arm64",
                name="ghcr.io/kubeflow/katib/katib-ui:v0.19.1",
                newer=3,
                asked=2,
            ),
            METADATA: Suggestion(
                text="none of 4 newer tags has linux/arm64",
                newer=4,
                asked=4,
                replacement=Replacement(
                    text="Pipelines 2.16 needs no metadata store.",
                    since="2.16.0",
                    source="https://github.com/kubeflow/pipelines/pull/14030",
                ),
            ),
        },
    )
    images = (replace(image, on_arm64=fails) if image.name == METADATA else image for image in whole.images)
    return replace(whole, images=tuple(images))


def stale(text: str) -> Finding:
    return Finding(
        rule="unused-exception",
        level="error",
        subject=text,
        message=f"the exception for {text} on {ARM64} covers nothing",
        fix=f"Remove {text}.",
        places=(Place(file=text, line=3),),
    )


def excepted(text: str) -> Excepted:
    return Excepted(platform=ARM64, reason=text, link=f"https://{text}", owner=text, expires=TODAY, file=text, line=1)


# A name is text between two slashes at worst: whatever a tree can write into a value.
HOSTILE = (
    "a|b",
    "`x`",
    "``",
    "a\\|b",
    "</code><img src=x onerror=alert(1)>",
    "@kubeflow/maintainers",
    "see #123 and GH-7 and kubeflow/katib#1",
    "line\nbreak\r\n| a | b |",
    "[x](javascript:alert(1))",
    "**bold** _it_ ~~no~~ $x$",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\x1b[31mred\u202e",
    "www.evil.example https://evil.example/",
    "&lt;b&gt; &#64;someone",
    " padded ",
    "\ud800",
    "日本|語`",
    "x" * 5000,
)


def hostile() -> Audit:
    """Give an audit in which every text that comes from outside is an attack."""
    images = [
        known(
            f"{text}/{number}:1",
            (OK, MISSING),
            replace(place(f"katib/{text}.yaml"), object=f"v1/ConfigMap/-/{text}", path=text),
            reason=f"no {text}",
        )
        for number, text in enumerate(HOSTILE)
    ]
    broken = tuple(Kustomization(path=text, status="broken", why=text, warnings=()) for text in HOSTILE)
    rules = Rules(
        release="r",
        today=TODAY,
        past=past_of(judged(known("@all/gone:1|2", (OK, OK), place("katib/gone.yaml")))),
        against="@base|`line`",
    )
    audit = judged(*images, rules=rules, source="@source|`x`\n", kustomizations=broken, problems=HOSTILE)
    audit = replace(
        audit,
        stale=tuple(map(stale, HOSTILE)),
        images=tuple(
            replace(image, status="excepted", exceptions=(excepted(text),)) if index % 3 == 0 else image
            for index, (image, text) in enumerate(zip(audit.images, HOSTILE, strict=True))
        ),
    )
    return enriched(audit, {image.name: Suggestion(text=image.name, name=image.name) for image in audit.images})


@cache
def large(number: int = 5000) -> Audit:
    """Give an audit of thousands of images that all lack arm64, changed and broken things as many."""
    images = [
        known(
            f"registry-{index % 97}.example/group-{index % 313}/a-rather-long-repository-name-{index}:v1.2.{index}",
            (OK, MISSING),
            place(
                f"{('katib', 'pipeline', 'spark', 'other')[index % 4]}/folder-{index % 500}/deployment.yaml", index + 1
            ),
            place(f"katib/more-{index}/deployment.yaml", index + 1),
            reason=ONLY_AMD64,
        )
        for index in range(number)
    ]
    before = past_of(judged(*images[: number // 3], *(known(f"gone.example/{one}:1", (OK, OK)) for one in range(2000))))
    broken = tuple(
        Kustomization(path=f"folder-{one}", status="broken", why="no such file " * 20, warnings=())
        for one in range(1000)
    )
    rules = Rules(
        release="26.03",
        today=TODAY,
        past=before,
        against="26.02",
    )
    audit = judged(*images, rules=rules, kustomizations=broken, problems=("a problem " * 30,) * 300)
    return enriched(replace(audit, stale=tuple(stale(f"none.example/{one}") for one in range(500))), {})
