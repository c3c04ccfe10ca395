"""Configs, descriptors and in-toto statements with all that a verification asks of them.

`documents.py` reads what an audit needs, hundreds of times a run; here is the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from buildkit.edges.registry.documents import RawDescriptor, checked, normalised_platform, parse_config
from buildkit.edges.registry.failures import ExchangeError
from buildkit.model.contents import ConfigContents, Descriptor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.model.contents import Pairs


class _Settings(msgspec.Struct):
    labels: object = msgspec.field(name="Labels", default=None)


class _Rootfs(msgspec.Struct):
    diff_ids: list[str] | None = None


class _Config(msgspec.Struct):
    config: _Settings | None = None
    rootfs: _Rootfs | None = None


class _Subject(msgspec.Struct):
    digest: dict[str, str] | None = None


class _Statement(msgspec.Struct, rename="camel"):
    predicate_type: str
    subject: list[_Subject] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """An in-toto statement: the type of what it states, and the sha256 digests of what it is about."""

    predicate_type: str
    subjects: tuple[str, ...]


_config = msgspec.json.Decoder(_Config)
_statement = msgspec.json.Decoder(_Statement)


def descriptor_of(raw: RawDescriptor) -> Descriptor:
    """A descriptor as a value.

    Raises:
        ExchangeError: without a digest that can be verified, of negative size, or of an endless platform.
    """
    version = raw.platform.os_version if raw.platform else None
    return Descriptor(
        digest=checked(raw).digest,
        size=raw.size,
        media_type=raw.media_type or "",
        platform=normalised_platform(raw.platform),
        os_version=version if isinstance(version, str) else "",
        annotations=_pairs(raw.annotations),
    )


def config_contents(body: bytes) -> ConfigContents:
    """An image's config.

    Raises:
        ExchangeError: not a config.
    """
    platform = parse_config(body)
    try:
        config = _config.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ExchangeError("the config cannot be read") from None
    return ConfigContents(
        platform=platform.platform,
        variant_said=platform.variant_said,
        labels=_pairs(config.config.labels if config.config else None),
        diff_ids=tuple((config.rootfs.diff_ids if config.rootfs else None) or ()),
    )


def parse_statement(body: bytes) -> Statement:
    """Read an in-toto statement (in-toto/attestation spec, `statement.md`), versions 0.1 and 1 alike.

    Raises:
        ExchangeError: none.
    """
    try:
        statement = _statement.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise ExchangeError("it is no in-toto statement") from None
    digests = [one.digest.get("sha256", "") for one in statement.subject or [] if one.digest]
    return Statement(
        predicate_type=statement.predicate_type,
        subjects=tuple(f"sha256:{digest}" for digest in dict.fromkeys(digests) if digest),
    )


def _pairs(values: object) -> Pairs:
    """Sorted names and values of a mapping of texts; what is no text is passed over."""
    if not isinstance(values, dict):
        return ()
    pairs: Mapping[object, object] = values
    texts = ((name, value) for name, value in pairs.items() if isinstance(name, str) and isinstance(value, str))
    return tuple(sorted(texts))
