"""Names of images in a mirror: `PREFIX/<registry host>/<repository>`, tag and digest kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004  # the field's word


class MirrorError(ValueError):
    """A prefix that is none, or a name that a mirror cannot hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """A registry, and the path in it that all mirrored images have in common."""

    prefix: str

    @property
    def host(self) -> str:
        return self.prefix.partition("/")[0]

    def holds(self, reference: Reference) -> bool:
        """Whether an image is of this mirror already."""
        return reference.repository_name.startswith(self.prefix + "/")

    def name_of(self, reference: Reference) -> Reference:
        """The image's name in the mirror; of one that is there already its own.

        A port's `:` becomes `-` and letters small: a repository's path has neither `:` nor capitals.

        Raises:
            MirrorError: no valid name comes of it (an IPv6 host, more than 255 characters).
        """
        if self.holds(reference):
            return reference
        text = f"{self.prefix}/{reference.registry.replace(':', '-').lower()}/{reference.repository}"
        try:
            name = parse_reference(text)
        except ReferenceError as error:
            raise MirrorError(f"no name in the mirror: {error}") from error
        return replace(name, tag=reference.tag, digest=reference.digest)


def parse_mirror(text: str) -> Mirror:
    """Read `HOST[:PORT][/PATH]`.

    Raises:
        MirrorError: a scheme, a tag, no host, capitals in the path.
    """
    prefix = text.rstrip("/")
    try:
        found = parse_reference(f"{prefix}/x").repository_name
    except ReferenceError:
        found = ""
    if found != f"{prefix}/x":
        raise MirrorError(f"{text[:80]!r}: want HOST[:PORT][/PATH], small letters, with neither scheme nor tag")
    return Mirror(prefix=prefix)


def text_of(reference: Reference) -> str:
    """A reference as it is written into a place: tag and digest as they are, `:latest` not written out."""
    tag = f":{reference.tag}" if reference.tag else ""
    return f"{reference.repository_name}{tag}" + (f"@{reference.digest}" if reference.digest else "")
