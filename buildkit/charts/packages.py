"""Charts as archives, and what became of them in a registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from buildkit.errors import Exit

PackageState = Literal["written", "unchanged", "missing", "differs"]
PublishState = Literal["pushed", "there", "absent", "refused", "failed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """One chart's archive.

    Attributes:
        chart: its name.
        version: of the chart.
        file: the archive, as the user would name it.
        bytes: its size.
        sha256: of its content, which is the digest of the layer in a registry.
        state: `written`, or `unchanged` where it was there; of a run that only looks, `missing` and `differs` too.
    """

    chart: str
    version: str
    file: str
    bytes: int
    sha256: str
    state: PackageState


@dataclass(frozen=True, kw_only=True, slots=True)
class Packages:
    """`kfkit charts package`: every archive, by chart and version; `epoch` is the time of the files in them."""

    epoch: int
    packages: tuple[Package, ...]

    @property
    def exit(self) -> Exit:
        """Problems: a run that only looks found what it would write."""
        wanting = any(one.state in {"missing", "differs"} for one in self.packages)
        return Exit.PROBLEMS if wanting else Exit.OK


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """One archive in a registry.

    Attributes:
        chart: its name.
        version: of the chart.
        file: the archive, as the user named it.
        reference: `oci://HOST/PREFIX/NAME:TAG`; what a tag cannot hold (`+`) is `_` there.
        sha256: of the archive.
        digest: of the manifest that the tag stands for; None where that is not known, or there is none.
        state: `pushed`, read back and equal; `there`: it was, with these very bytes; `absent`, of a run that only
            looks; `refused`: the tag stands for something else; `failed`: not pushed, or not as it was pushed.
        reason: why it was refused, or failed.
        unknown: whether that could not be found out, rather than being a problem.
    """

    chart: str
    version: str
    file: str
    reference: str
    sha256: str
    digest: str | None = None
    state: PublishState
    reason: str | None = None
    unknown: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """`kfkit charts publish`: every archive, by chart and version."""

    registry: str
    charts: tuple[Published, ...]

    @property
    def exit(self) -> Exit:
        """Problems before what could not be found out."""
        if any(one.state in {"absent", "refused", "failed"} and not one.unknown for one in self.charts):
            return Exit.PROBLEMS
        return Exit.UNDETERMINED if any(one.unknown for one in self.charts) else Exit.OK
