"""A lint as JSON: every finding, what comments ignore, and what registries said of the base images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from buildkit.builds.lint.result import AskedBase, Lint, LintFinding


@dataclass(frozen=True, kw_only=True, slots=True)
class LintRecord:
    """One finding; `certain` where `--patch` mends it, `platforms` those of the stages that it breaks in."""

    file: str
    line: int
    rule: str
    level: Literal["error", "warning", "note"]
    message: str
    fix: str
    certain: bool
    platforms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class IgnoredRecord:
    """A finding that a comment takes back, and the reason that it gives."""

    file: str
    line: int
    rule: str
    message: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseRecord:
    """An image that an instruction takes from a registry, for these platforms; no verdict where none was asked."""

    file: str
    line: int
    use: Literal["from", "copy", "mount"]
    image: str
    platforms: tuple[str, ...]
    verdict: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SkippedRecord:
    """A Dockerfile that was not looked at, and why."""

    file: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LintDocument:
    """`kfkit build lint`: findings in the order of file and line; `files` is how many Dockerfiles were looked at."""

    required: tuple[str, ...]
    files: int
    findings: tuple[LintRecord, ...]
    ignored: tuple[IgnoredRecord, ...]
    bases: tuple[BaseRecord, ...]
    skipped: tuple[SkippedRecord, ...]
    problems: tuple[str, ...]


def lint_document(lint: Lint) -> LintDocument:
    """The document of a lint."""
    return LintDocument(
        required=lint.required,
        files=lint.files,
        findings=tuple(map(_finding, lint.findings)),
        ignored=tuple(
            IgnoredRecord(
                file=_sound(one.finding.file),
                line=one.finding.line,
                rule=one.finding.rule,
                message=_sound(one.finding.message),
                reason=_sound(one.reason),
            )
            for one in lint.ignored
        ),
        bases=tuple(map(_base, lint.bases)),
        skipped=tuple(SkippedRecord(file=_sound(one.file), reason=one.reason) for one in lint.skipped),
        problems=tuple(map(_sound, lint.problems)),
    )


def _finding(one: LintFinding) -> LintRecord:
    return LintRecord(
        file=_sound(one.file),
        line=one.line,
        rule=one.rule,
        level=one.level,
        message=_sound(one.message),
        fix=_sound(one.fix),
        certain=one.certain,
        platforms=one.platforms,
    )


def _base(one: AskedBase) -> BaseRecord:
    base = one.base
    return BaseRecord(
        file=_sound(base.file),
        line=base.line,
        use=base.use,
        image=_sound(base.name if base.name is not None else base.written),
        platforms=base.platforms,
        verdict=one.verdict,
        reason=_sound(one.reason) if one.reason else None,
    )


def _sound(text: str) -> str:
    """A text that JSON can hold: bytes that were no UTF-8 are replaced."""
    return text.encode("utf-8", "replace").decode()
