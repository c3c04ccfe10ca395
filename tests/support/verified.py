"""What `kfkit build verify` is held against: images that really start, labels, provenance as BuildKit attaches it."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Final

from tests.support.elf import program
from tests.support.push import Entry, Image, Index, build

if TYPE_CHECKING:
    from collections.abc import Mapping

TAR: Final = "application/vnd.oci.image.layer.v1.tar"
STATEMENT: Final = "application/vnd.in-toto+json"
PROVENANCE: Final = "https://slsa.dev/provenance/v1"
PLATFORMS: Final = ("linux/amd64", "linux/arm64")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told of an image, where that is not the truth: which image the manifest is about, and its statement."""

    about: str | None = None
    subject: str | None = None
    predicate: str = PROVENANCE
    stated: str | None = None
    body: bytes | None = None
    media_type: str = STATEMENT
    annotations: Mapping[str, str] = field(default_factory=dict)


def labelled(platform: str, *, salt: str = "", **labels: str) -> Entry:
    """Build an image entry whose config has labels; `_` in their names stands for the OCI's prefix."""
    named = {name.replace("_", "org.opencontainers.image.", 1): value for name, value in labels.items()}
    return Entry(content=Image(platform=platform, salt=salt, settings={"Labels": named}), platform=platform)


def proof(entry: Entry, told: Told | None = None) -> Entry:
    """Build the provenance entry of an image entry."""
    told = told or Told()
    digest = build(entry.content).digest
    subject = (told.subject or told.about or digest).removeprefix("sha256:")
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": told.stated or told.predicate,
        "subject": [{"name": "pkg:docker/x", "digest": {"sha256": subject}}],
        "predicate": {},
    }
    content = Image(
        platform="unknown/unknown",
        layers=(json.dumps(statement).encode() if told.body is None else told.body,),
        layer_type=told.media_type,
        layer_annotations={"in-toto.io/predicate-type": told.predicate},
    )
    about = {"vnd.docker.reference.digest": told.about or digest}
    kind = {"vnd.docker.reference.type": "attestation-manifest"}
    return Entry(content=content, platform="unknown/unknown", annotations=kind | about | dict(told.annotations))


def attested(*entries: Entry) -> Index:
    """Build an index of image entries and the provenance of each."""
    return Index(entries=(*entries, *map(proof, entries)))


def startable(platform: str, files: Mapping[str, bytes] | None = None, **settings: object) -> Entry:
    """Build an image entry that an engine can start; by default `/ok`, `/no` and `/hang` of its own architecture."""
    code = platform.split("/")[1]
    default = {
        "ok": program(code, text=f"{code} is fine\n"),
        "no": program(code, code=3, text="no such luck\n"),
        "hang": program(code, hang=True, text="waiting\n"),
    }
    image = Image(
        platform=platform, layers=(archive(files or default),), layer_type=TAR, settings={"Cmd": ["/ok"], **settings}
    )
    return Entry(content=image, platform=platform)


def archive(files: Mapping[str, bytes]) -> bytes:
    """Pack executables, always the same bytes for the same files; `b"-> x"` becomes a link to x."""
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, body in files.items():
            member = tarfile.TarInfo(name)
            member.mode, member.size = 0o755, len(body)
            if body.startswith(b"-> "):
                member.type, member.linkname, member.size = tarfile.SYMTYPE, body[3:].decode(), 0
            tar.addfile(member, BytesIO(body))
    return packed.getvalue()
