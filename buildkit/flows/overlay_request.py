"""What `kfkit overlay` is asked for: its arguments, the prefix and the file among them read."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.files import read_text_file
from buildkit.edges.process import MIB
from buildkit.errors import UsageError
from buildkit.flows.images import ImagesRequest
from buildkit.model.inspection import Depth
from buildkit.model.platform import Platform
from buildkit.overlay.mirror import MirrorError, parse_mirror
from buildkit.overlay.substitutions import read_substitutions

if TYPE_CHECKING:
    from buildkit.overlay.mirror import Mirror
    from buildkit.overlay.substitutions import Substitution

_MAX_FILE: Final = 4 * MIB


@dataclass(frozen=True, kw_only=True, slots=True)
class OverlayRequest:
    """What to lay over which install.

    Attributes:
        images: the tree and the install.
        output: the folder to make.
        registry: prefix of the mirror that all images shall come from.
        substitute: a file of substitutions.
        mixed_cluster: whether workloads are to be kept on nodes that can run them.
        fix_pins: whether digests are to become those that serve every required platform.
        platforms: the required ones.
        check: write nothing.
        version: of kfkit.
    """

    images: ImagesRequest
    output: Path
    registry: str | None = None
    substitute: Path | None = None
    mixed_cluster: bool = False
    fix_pins: bool = False
    platforms: tuple[Platform, ...] = ()
    depth: Depth = "config"
    check: bool = False
    version: str = ""

    @property
    def command(self) -> str:
        """How to make the same overlay again."""
        words = ["kfkit", "overlay", self.images.manifests, "--output", str(self.output)]
        words += [word for one in self.images.installs for word in ("--install", one)]
        words += [word for one in self.images.remotes for word in ("--remotes", str(one))]
        words += [word for one in self.images.data for word in ("--data", str(one))]
        words += ["--registry", self.registry] if self.registry else []
        words += ["--substitute", str(self.substitute)] if self.substitute else []
        words += ["--mixed-cluster"] if self.mixed_cluster else []
        words += ["--fix-pins"] if self.fix_pins else []
        if self.mixed_cluster or self.fix_pins:
            words += ["--platform", ",".join(map(str, self.platforms))]
        return shlex.join(words)

    @property
    def head(self) -> tuple[str, ...]:
        return (
            f"Made by kfkit {self.version} from {self.images.manifests}; not to be edited. To make it again:",
            f"  {self.command}",
        )


def read_mirror(request: OverlayRequest) -> Mirror | None:
    """The mirror that is asked for.

    Raises:
        UsageError: a wrong prefix, or nothing at all is asked for.
    """
    if not (request.registry is not None or request.substitute or request.mixed_cluster or request.fix_pins):
        raise UsageError(
            "nothing is asked for", hint="give --registry, --substitute, --mixed-cluster or --fix-pins, or several"
        )
    try:
        return parse_mirror(request.registry) if request.registry is not None else None
    except MirrorError as error:
        raise UsageError(f"--registry: {error}") from error


def read_decisions(request: OverlayRequest) -> tuple[Substitution, ...]:
    """The substitutions that are asked for.

    Raises:
        UsageError: a wrong file.
    """
    if request.substitute is None:
        return ()
    return read_substitutions(read_text_file(request.substitute, _MAX_FILE), str(request.substitute))
