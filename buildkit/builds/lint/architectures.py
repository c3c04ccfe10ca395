"""Words that name an architecture, in file names, addresses and options, and what a machine calls itself."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.model.platform import Platform

# Spellings by the architecture's name in a platform; each stands between what is no letter and no digit.
_SPELLINGS: Final[Mapping[str, str]] = {
    "amd64": r"amd64|x86[_-]64|x64|linux[_-]?64(?:[_-]?bit)?",
    "arm64": r"arm64(?:v8)?|aarch64|armv8|linux[_-]arm[_-]?64|sbsa",
    "386": r"i[3-6]86|linux[_/-](?:386|x86(?![_-]?64)|32)",
    "arm": r"armhf|armel|armv[5-7]l?|arm32v[5-7]|linux[_/-]arm(?![_/-]?(?:64|v8))",
    "ppc64le": r"ppc64le|ppc64el|powerpc64le",
    "s390x": r"s390x",
    "riscv64": r"riscv64(?:gc)?",
    "loong64": r"loong64|loongarch64",
    "mips64le": r"mips64le|mips64el",
}
_NAMES: Final = tuple(_SPELLINGS)
_ANY: Final = re.compile(
    "(?<![a-z0-9])(?:" + "|".join(f"({spelling})" for spelling in _SPELLINGS.values()) + ")(?![a-z0-9])",
    re.IGNORECASE,
)
# As `uname -m`, Debian (`dpkg --print-architecture`) and GNU triples name them.
_MACHINE: Final[Mapping[str, str]] = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l"}
_DEBIAN: Final[Mapping[str, str]] = {"386": "i386", "arm": "armhf", "ppc64le": "ppc64el"}
_TRIPLE: Final[Mapping[str, str]] = {"arm": "arm-linux-gnueabihf", "ppc64le": "powerpc64le-linux-gnu"}


@lru_cache(maxsize=4096)
def architectures(text: str) -> frozenset[str]:
    """The architectures that a text names."""
    return frozenset(_NAMES[(match.lastindex or 1) - 1] for match in _ANY.finditer(text))


def shape(text: str) -> str:
    """A text with every architecture's name left open: equal for names that differ in nothing else."""
    return _ANY.sub("*", text)


def machine_name(platform: Platform) -> str:
    """As `uname -m` prints it."""
    return _MACHINE.get(platform.architecture, platform.architecture)


def debian_name(platform: Platform) -> str:
    """As `dpkg --print-architecture` prints it."""
    return _DEBIAN.get(platform.architecture, platform.architecture)


def triple(platform: Platform) -> str:
    """As `gcc -dumpmachine` prints it."""
    return _TRIPLE.get(platform.architecture, f"{machine_name(platform)}-linux-gnu")
