"""Whether bytes are what a digest says, signed schema 1 included."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode


def digest_of(body: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"


def matches(body: bytes, digest: str) -> bool:
    """Whether the digest is that of the bytes, or of the payload inside a signed schema 1 manifest."""
    algorithm = digest.partition(":")[0]
    if digest_of(body, algorithm) == digest:
        return True
    payload = signed_payload(body)
    return payload is not None and digest_of(payload, algorithm) == digest


def own_digest(body: bytes) -> str:
    """Sha256 digest of a manifest that a registry gave no digest for."""
    payload = signed_payload(body)
    return digest_of(body if payload is None else payload)


def signed_payload(body: bytes) -> bytes | None:
    """What a schema 1 signature covers (docker/libtrust jsonsign.go): a head of the body and a given tail.

    None for everything that is not signed so. What else the body says is covered by no digest: read the payload.
    """
    if b'"signatures"' not in body:
        return None
    try:
        protected = json.loads(_decode(json.loads(body)["signatures"][0]["protected"]))
        length, tail = protected["formatLength"], _decode(protected["formatTail"])
        payload = body[: _between(length, len(body))] + tail
        signed = json.loads(payload)["schemaVersion"] == 1
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None
    return payload if signed else None


def _between(length: int, most: int) -> int:
    if not 0 < length <= most:
        raise ValueError(length)
    return length


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
