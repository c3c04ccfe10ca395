"""Hashes at the end of generated names; tests/integration/charts/test_hashes.py holds them against kustomize."""

from __future__ import annotations

from typing import Any

import pytest

from buildkit.charts.hashes import hashed_name, stem_of

# As kustomize 5 built them.
EMPTY_MAP: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "empty-6ct58987ht"}}
BINARY: dict[str, Any] = {**EMPTY_MAP, "binaryData": {"bin.dat": "//4AYQ=="}, "metadata": {"name": "bin-k66422kdm5"}}
EMPTY_SECRET: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "type": "Opaque",
    "data": {},
    "metadata": {"name": "sempty-46f8b28mk5"},
}
TLS: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "type": "kubernetes.io/tls",
    "data": {"tls.crt": "YQ==", "tls.key": "Yg=="},
    "metadata": {"name": "tls-m6h7bkm2dg"},
}


@pytest.mark.parametrize(
    ("body", "stem"), [(EMPTY_MAP, "empty"), (BINARY, "bin"), (EMPTY_SECRET, "sempty"), (TLS, "tls")]
)
def test_a_generated_name_is_known_by_the_hash_of_what_the_object_holds(body: dict[str, Any], stem: str) -> None:
    assert stem_of(body) == stem


@pytest.mark.parametrize(
    "body",
    [
        {**EMPTY_MAP, "data": {"a": "b"}},
        {**EMPTY_MAP, "kind": "Service"},
        {**EMPTY_MAP, "apiVersion": "v2"},
        {**EMPTY_MAP, "metadata": {"name": "empty"}},
        {**EMPTY_MAP, "metadata": {"name": 1}},
        {**EMPTY_MAP, "metadata": None},
        {},
    ],
)
def test_what_is_not_named_so_has_no_stem(body: dict[str, Any]) -> None:
    assert stem_of(body) is None


def test_the_type_of_a_secret_counts_and_labels_do_not() -> None:
    assert hashed_name({**TLS, "type": "Opaque"}, "tls") != "tls-m6h7bkm2dg"
    assert hashed_name({**TLS, "metadata": {"labels": {"a": "b"}}}, "tls") == "tls-m6h7bkm2dg"
