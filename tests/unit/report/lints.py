"""Lints for the tests of reports: one with everything in it, a hostile one, an empty one."""

from __future__ import annotations

from dataclasses import replace

from buildkit.builds.lint.bases import judge_base, unasked, without_names
from buildkit.builds.lint.check import Asked, check_dockerfile
from buildkit.builds.lint.context import Nothing
from buildkit.builds.lint.ignore import apply_ignores
from buildkit.builds.lint.result import AskedBase, Base, Ignored, Lint, LintFinding, Skipped
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.model.inspection import Inspection, PlatformRecord, Verdict
from buildkit.model.platform import parse_platform

AMD64, ARM64 = "linux/amd64", "linux/arm64"
DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG BASE
FROM golang:1.26 AS build
RUN GOARCH=amd64 go build -o /x .

FROM --platform=linux/amd64 example.org/base@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ARG ARCH=x86_64
# kfkit: ignore=fixed-download they have nothing for arm64
RUN curl -LO https://example.org/tool-x64
RUN curl -LO https://example.org/other-$ARCH && \\
    curl -LO https://example.org/more-$ARCH
# kfkit: ignore=fixed-path
# kfkit: ignore=cgo-cross once there was some
COPY --from=build /x /x
COPY --from=example.org/down:1 /y /y
"""


def linted() -> Lint:
    """What a run finds in two Dockerfiles, with a registry."""
    dockerfile = parse_dockerfile(
        DOCKERFILE.replace("${BASE:-example.org/down:1}", "example.org/down:1"), "a/Dockerfile"
    )
    platforms = (parse_platform(AMD64), parse_platform(ARM64))
    checked = check_dockerfile(dockerfile, Asked(platforms=platforms, context=Nothing()))
    judged = [judge_base(base, seen(base)) for base in checked.bases]
    no_value = Base(file="b/Dockerfile", line=2, use="from", written="${BASE}", name=None, platforms=(ARM64,))
    asked = (*(one for one, _ in judged), *([found] if (found := unasked(no_value)) else []))
    findings = without_names((*(one for _, said in judged for one in said), *checked.findings), asked)
    kept, ignored = apply_ignores(dockerfile, findings, asked=True)
    return Lint(
        required=(AMD64, ARM64),
        files=2,
        findings=kept,
        ignored=ignored,
        bases=asked,
        skipped=(Skipped(file="c/Dockerfile.s390x", reason="by its name it is for another platform alone"),),
        problems=("d/Dockerfile:3: unknown instruction: RUNN",),
        inside={"a/Dockerfile": "a/Dockerfile"},
    )


def seen(base: Base) -> Inspection:
    """The registry is down for one image and has another for amd64 alone."""
    if "down" in (base.name or ""):
        verdicts = dict.fromkeys((AMD64, ARM64), PlatformRecord(verdict=Verdict.UNKNOWN, reason="connection refused"))
    elif "@" in (base.name or ""):
        reason = "no linux/amd64, only linux/arm64"
        lacks = PlatformRecord(verdict=Verdict.MISSING, reason=reason, config_platform=ARM64)
        verdicts = {AMD64: lacks, ARM64: PlatformRecord(verdict=Verdict.SUPPORTED)}
    else:
        verdicts = dict.fromkeys((AMD64, ARM64), PlatformRecord(verdict=Verdict.SUPPORTED))
    worst = min((one.verdict for one in verdicts.values()), key=tuple(Verdict).index)
    return Inspection(name=base.name or "", verdict=worst, depth="config", platforms=verdicts)


def clean() -> Lint:
    return Lint(required=(AMD64, ARM64), files=3, findings=())


def hostile(texts: tuple[str, ...]) -> Lint:
    """Findings in which every text that comes from outside is an attack."""
    findings = tuple(
        LintFinding(
            file=f"a/{text}",
            line=1,
            rule="fixed-download",
            message=f"Fetches {text}.",
            fix=text,
            subject=text,
            platforms=(ARM64,),
        )
        for text in texts
    )
    base = Base(file=texts[0], line=1, use="from", written=texts[0], name=texts[0], platforms=(ARM64,))
    return replace(
        clean(),
        findings=findings,
        ignored=tuple(Ignored(finding=one, reason=one.subject) for one in findings),
        bases=(AskedBase(base=base, verdict="unknown", reason=texts[0]),),
        skipped=(Skipped(file=texts[0], reason="why"),),
        problems=texts,
        inside={f"a/{text}": f"a/{text}" for text in texts},
    )
