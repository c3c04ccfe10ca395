"""What a lint says of Dockerfiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from buildkit.builds.lint.found import Edit
from buildkit.errors import Exit

Level = Literal["error", "warning", "note"]
Use = Literal["from", "copy", "mount"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LintFinding:
    """One thing to report.

    Attributes:
        file: as the path leads to it.
        line: the one that has to change.
        rule: its id.
        level: `error` breaks a required platform; `warning` could not be found out; `note` is listed only.
        message: what happens, one sentence.
        fix: what to do, one sentence.
        subject: what it is about: an address, the name of an argument, an image.
        platforms: those of the stages that it breaks in, sorted.
        edits: what mends it for sure.
    """

    file: str
    line: int
    rule: str
    level: Level = "error"
    message: str
    fix: str
    subject: str
    platforms: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether an edit mends it for sure."""
        return bool(self.edits)


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """An image that a Dockerfile takes from a registry.

    Attributes:
        line: of the instruction that names it; `use` which kind of.
        written: as it is written; `name` with variables put in, None where one has no value.
        platforms: the platforms that it is needed for, sorted.
    """

    file: str
    line: int
    use: Use
    written: str
    name: str | None
    platforms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What one Dockerfile tells; `skipped` why it was not looked at."""

    findings: tuple[LintFinding, ...] = ()
    bases: tuple[Base, ...] = ()
    skipped: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignored:
    """A finding that a comment of the file takes back, and why."""

    finding: LintFinding
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedBase:
    """A base image and what was found out: a verdict, or none where no registry was asked, and why."""

    base: Base
    verdict: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """A file that was not looked at."""

    file: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lint:
    """One run.

    Attributes:
        required: platforms, sorted.
        files: how many Dockerfiles were read.
        findings: by file and line.
        ignored: findings that comments take back.
        bases: images that the files take from registries.
        skipped: files for other platforms.
        problems: what could not be read, one sentence each.
        inside: each file's path below the current directory, or below the folder that was named.
        patch: what mends what is certain.
    """

    required: tuple[str, ...]
    files: int
    findings: tuple[LintFinding, ...]
    ignored: tuple[Ignored, ...] = ()
    bases: tuple[AskedBase, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    problems: tuple[str, ...] = ()
    inside: Mapping[str, str] = field(default_factory=dict)
    patch: str = ""

    @property
    def exit(self) -> Exit:
        """Problems outrank what could not be found out."""
        levels = {one.level for one in self.findings}
        if "error" in levels:
            return Exit.PROBLEMS
        return Exit.UNDETERMINED if "warning" in levels or self.problems else Exit.OK

    @property
    def exit_once_applied(self) -> Exit:
        """The same once the patch is applied."""
        return replace(self, findings=tuple(one for one in self.findings if not one.certain)).exit
