"""Configs, descriptors and statements with all that a verification asks of them; hostile ones too."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.edges.registry.details import config_contents, descriptor_of, parse_statement
from buildkit.edges.registry.documents import RawDescriptor, decode_document
from buildkit.edges.registry.failures import ExchangeError
from buildkit.model.contents import ConfigContents
from buildkit.model.platform import parse_platform

DIGEST = "sha256:" + "a" * 64


def test_a_config_with_everything() -> None:
    body = {
        "os": "linux",
        "architecture": "arm64",
        "variant": "v8",
        "config": {"Labels": {"b": "2", "a": "1", "n": None}},
        "rootfs": {"type": "layers", "diff_ids": [DIGEST]},
    }
    assert config_contents(json.dumps(body).encode()) == ConfigContents(
        platform=parse_platform("linux/arm64"),
        variant_said=True,
        labels=(("a", "1"), ("b", "2")),
        diff_ids=(DIGEST,),
    )


@pytest.mark.parametrize("labels", [None, [], "x", 3, {}])
def test_labels_of_another_kind_are_none(labels: object) -> None:
    assert config_contents(json.dumps({"config": {"Labels": labels}}).encode()).labels == ()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"rootfs": 3}', b"\xff", b"[" * 100_000])
def test_what_is_no_config_is_an_error(body: bytes) -> None:
    with pytest.raises(ExchangeError):
        config_contents(body)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_config_or_an_error_and_so_for_statements(body: bytes) -> None:
    for parse in (config_contents, parse_statement):
        try:
            parse(body)
        except ExchangeError:
            continue


def test_a_statement_and_what_it_is_about() -> None:
    body = {
        "predicateType": "t",
        "subject": [
            {"digest": {"sha256": "b" * 64}},
            {"digest": {"sha512": "c"}},
            {},
            {"digest": {"sha256": "b" * 64}},
        ],
        "predicate": {"x": [1]},
    }
    found = parse_statement(json.dumps(body).encode())
    assert (found.predicate_type, found.subjects) == ("t", ("sha256:" + "b" * 64,))


@pytest.mark.parametrize(
    "body", [b"sha256:abc", b"{}", b'{"predicateType": 1}', b'{"predicateType": "t", "subject": 1}']
)
def test_what_is_no_statement_is_an_error(body: bytes) -> None:
    with pytest.raises(ExchangeError):
        parse_statement(body)


def test_a_descriptor_keeps_its_annotations_and_what_is_no_text_is_passed_over() -> None:
    raw = RawDescriptor(digest=DIGEST, size=3, annotations={"b": "2", "a": "1", "c": 3})
    found = descriptor_of(raw)
    assert (found.digest, found.size, found.annotations) == (DIGEST, 3, (("a", "1"), ("b", "2")))
    assert (found.annotation("a"), found.annotation("c")) == ("1", None)


def test_a_descriptor_for_a_version_of_windows_says_so() -> None:
    body = {
        "manifests": [{"digest": DIGEST, "platform": {"os": "windows", "architecture": "amd64", "os.version": "10"}}]
    }
    raw = decode_document(json.dumps(body).encode()).manifests
    assert raw is not None
    assert descriptor_of(raw[0]).os_version == "10"


@pytest.mark.parametrize("raw", [RawDescriptor(digest="x"), RawDescriptor(digest=DIGEST, size=-1)])
def test_a_descriptor_that_cannot_be_verified_is_an_error(raw: RawDescriptor) -> None:
    with pytest.raises(ExchangeError):
        descriptor_of(raw)
