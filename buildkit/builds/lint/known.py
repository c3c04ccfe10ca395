"""The rules, what each of them finds and what to do about it: for reports and for the comments that ignore one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.result import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

WITHOUT_REASON: Final = "ignore-without-reason"
UNUSED: Final = "unused-ignore"
BASE_IMAGE: Final = "base-image"
BASE_UNKNOWN: Final = "base-image-unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRule:
    """`short`: what it finds, a few words; `full`: why that breaks; `help`: what to do."""

    short: str
    full: str
    help: str
    level: Level = "error"


KNOWN: Final[Mapping[str, KnownRule]] = {
    BASE_IMAGE: KnownRule(
        short="The registry has no such image for a platform",
        full="FROM, COPY --from or a mount takes an image that the registry does not serve for a platform that the "
        "stage is built for: a digest of one platform's image, a tag without the platform, a wrong label.",
        help="Use a tag or the digest of an index that has the platform (`kfkit inspect` shows what there is).",
    ),
    BASE_UNKNOWN: KnownRule(
        short="It could not be found out what an image serves",
        full="The registry gave no answer that tells: it was down, asked for credentials, limited the rate.",
        help="Run it again when the registry answers, with credentials where the image is private.",
        level="warning",
    ),
    "base-image-name": KnownRule(
        short="An image's name says one architecture",
        full="The repository or tag that a stage begins from is for one architecture by its name.",
        help="Use the repository or tag that serves every platform.",
    ),
    "build-platform": KnownRule(
        short="The final stage follows the machine that builds",
        full="`FROM --platform=$BUILDPLATFORM` makes an image for the building machine, whatever it is built for.",
        help="Drop `--platform` from the final stage; it is for stages that compile.",
    ),
    "cgo-cross": KnownRule(
        short="Cross-compiling with cgo without a C compiler for the target",
        full="With CGO_ENABLED=1 Go calls a C compiler; that of the building machine cannot compile for another.",
        help="Install a cross compiler and set CC, or compile in a stage of the target's platform.",
    ),
    "fixed-architecture": KnownRule(
        short="A command is told one architecture",
        full="An option or a variable says the architecture instead of following the platform.",
        help="Take the architecture from `ARG TARGETARCH`, or from `uname -m`.",
    ),
    "fixed-argument": KnownRule(
        short="A default names one architecture and is used",
        full="ARG or ENV has an architecture as its value, and an address, a path or an option is made of it; or a "
        "default hides TARGETARCH, which every build is given.",
        help="Take it from `ARG TARGETARCH`, declared without a default.",
    ),
    "fixed-checksum": KnownRule(
        short="One checksum for what is another file on every platform",
        full="The address of a download follows the platform, the checksum that it is held against does not.",
        help="Keep a checksum for each platform, and choose it as the file is chosen.",
    ),
    "fixed-download": KnownRule(
        short="A download for one architecture",
        full="An address names an architecture, and there is no branch for the others.",
        help="Declare `ARG TARGETARCH` and choose the file by it, with a `case` where names differ.",
    ),
    "fixed-goarch": KnownRule(
        short="GOARCH is fixed",
        full="Go compiles for one architecture whatever the image is built for.",
        help="Declare `ARG TARGETARCH` and write `GOARCH=$TARGETARCH`.",
    ),
    "fixed-package": KnownRule(
        short="A package or package source of one architecture",
        full="A package file, a package or a source of packages names an architecture.",
        help="Install by the package's name alone; leave `arch=` out or ask `dpkg --print-architecture`.",
    ),
    "fixed-path": KnownRule(
        short="A folder that only one architecture has",
        full="Debian's library folders, Java homes and CUDA's targets have the machine in their names.",
        help="Ask for the folder (`gcc -print-multiarch`, `uname -m`), or link it to one name everywhere.",
    ),
    "fixed-platform": KnownRule(
        short="The final stage is tied to one platform",
        full="`FROM --platform=linux/amd64` makes an amd64 image, also when it is built for linux/arm64.",
        help="Drop `--platform` from the final stage.",
    ),
    "foreign-binary": KnownRule(
        short="A program of the building machine gets into the image",
        full="A stage of the building machine's platform compiles or fetches a program for itself, and the image of "
        "another platform copies it.",
        help="Declare `ARG TARGETARCH` and compile for it (GOARCH), or drop `--platform` from the stage.",
    ),
    "no-wheel": KnownRule(
        short="A Python package that cannot be installed on arm64",
        full="It publishes wheels for amd64 alone, and nothing that could be built.",
        help="Use a version or a package that publishes aarch64 wheels, or leave it out there.",
    ),
    "prebuilt-binary": KnownRule(
        short="A file of the context is for one architecture",
        full="COPY or ADD takes a file that is machine code for one architecture, by its name or by its content.",
        help="Build it in a stage, or keep one per platform and copy `…/${TARGETARCH}/…`.",
    ),
    "refuses-platform": KnownRule(
        short="A script ends with an error on a platform",
        full="A condition on the architecture leads to `exit`: the build is not meant to work there.",
        help="Give the platform a branch; where there is nothing for it, it is not one to build for.",
    ),
    "undeclared-argument": KnownRule(
        short="TARGETARCH is used in a stage that does not declare it",
        full="Every build is given TARGETARCH, BUILDPLATFORM and the like, but in a stage they are empty until an ARG "
        "declares them there; an ARG before the first FROM is in scope in FROM lines only.",
        help="Write `ARG TARGETARCH` behind the stage's FROM.",
    ),
    "unread-script": KnownRule(
        short="A script that could not be followed",
        full="It names an architecture and could not be read as shell text, so nobody knows whether that matters.",
        help="Look at it yourself.",
        level="warning",
    ),
    WITHOUT_REASON: KnownRule(
        short="A comment ignores a rule without a reason",
        full="`# kfkit: ignore=RULE` needs a reason behind it, for those who come after; else it ignores nothing.",
        help="Write the reason behind the rule.",
    ),
    UNUSED: KnownRule(
        short="A comment ignores what is not found",
        full="Nothing is found where the comment stands: it has been mended, or the comment stands in the wrong place.",
        help="Take the comment away, or put it on the line above the instruction.",
        level="note",
    ),
}
