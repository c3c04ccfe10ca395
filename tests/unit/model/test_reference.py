"""References by the distribution grammar."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.model.reference import Reference, ReferenceError, is_digest, parse_reference  # noqa: A004

SHA256 = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "name", "pinned"),
    [
        ("mysql", "docker.io/library/mysql:latest", "none"),
        ("mysql:8.4", "docker.io/library/mysql:8.4", "tag"),
        ("team/app", "docker.io/team/app:latest", "none"),
        ("docker.io/mysql", "docker.io/library/mysql:latest", "none"),
        ("index.docker.io/mysql:1", "docker.io/library/mysql:1", "tag"),
        ("index.docker.io/team/app:1", "docker.io/team/app:1", "tag"),
        ("registry-1.docker.io/library/x:1", "registry-1.docker.io/library/x:1", "tag"),
        ("localhost/app:1", "localhost/app:1", "tag"),
        ("localhost:5000/app", "localhost:5000/app:latest", "none"),
        ("host:5000/name:tag@" + SHA256, "host:5000/name:tag@" + SHA256, "digest"),
        ("mysql@" + SHA256, "docker.io/library/mysql@" + SHA256, "digest"),
        ("127.0.0.1:5000/a/b/c:v1.0_x-y", "127.0.0.1:5000/a/b/c:v1.0_x-y", "tag"),
        ("[::1]:5000/app:1", "[::1]:5000/app:1", "tag"),
        ("Registry/app", "Registry/app:latest", "none"),
        ("GHCR.io/app:V1", "GHCR.io/app:V1", "tag"),
        ("a--b/c__d/e.f", "docker.io/a--b/c__d/e.f:latest", "none"),
        ("foo:5000", "docker.io/library/foo:5000", "tag"),
        ("foo_bar.com:8080", "docker.io/library/foo_bar.com:8080", "tag"),
        ("0" * 63, "docker.io/library/" + "0" * 63 + ":latest", "none"),
        ("x/" + "0" * 64, "docker.io/x/" + "0" * 64 + ":latest", "none"),
        ("x:" + "t" * 128, "docker.io/library/x:" + "t" * 128, "tag"),
        ("app@sha512:" + "a" * 128, "docker.io/library/app@sha512:" + "a" * 128, "digest"),
        ("h.io/" + "a/" * 127 + "a", "h.io/" + "a/" * 127 + "a:latest", "none"),
    ],
)
def test_references(text: str, name: str, pinned: str) -> None:
    reference = parse_reference(text)
    assert (reference.name, reference.pinned) == (name, pinned)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "mysql ",
        "mysql\n",
        "my sql",
        "0" * 64,
        "team/App",
        "mysql:",
        "mysql:-1",
        "mysql:ä",
        "mysql:٣",
        "x:" + "t" * 129,
        "/mysql",
        "a//b",
        "a/",
        "a_/b",
        "a___b",
        "a..b",
        "-host.io/x",
        "host-.io/x",
        "host:port/x",
        "host:/x",
        "foo_bar.com/x",
        "[::1/x",
        "https://ghcr.io/x",
        "x@sha256:" + "A" * 64,
        "x@sha256:" + "a" * 63,
        "x@md5:" + "a" * 32,
        "x@" + SHA256 + "@" + SHA256,
        "x@sha256",
        ":8080/x",
        "h.io/" + "a/" * 128 + "a",
        "${IMAGE}",
        "{{ .Values.image }}",
        "a" * 5000,
    ],
)
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(ReferenceError):
        parse_reference(text)


@pytest.mark.parametrize("text", ["https://me:secret@ghcr.io/x", "me:secret@ghcr.io/x:1", "secret@ghcr.io/x"])
def test_credentials_are_never_quoted(text: str) -> None:
    with pytest.raises(ReferenceError) as caught:
        parse_reference(text)
    assert "secret" not in str(caught.value)


_component = st.from_regex(r"[a-z0-9]{1,6}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,6}){0,2}", fullmatch=True)
_label = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,6}[A-Za-z0-9])?", fullmatch=True)
_port = st.one_of(st.just(""), st.integers(0, 65535).map(lambda port: f":{port}"))
_dotted = st.builds(lambda labels, port: ".".join(labels) + port, st.lists(_label, min_size=2, max_size=4), _port)
_host = st.one_of(_dotted, _port.map(lambda port: f"localhost{port}")).filter(
    lambda host: host not in {"docker.io", "index.docker.io"}
)
_tag = st.one_of(st.none(), st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True))
_digest = st.one_of(st.none(), st.from_regex(r"[a-f0-9]{64}", fullmatch=True).map(lambda digits: f"sha256:{digits}"))
_references = st.builds(
    lambda host, path, tag, digest: Reference(registry=host, repository="/".join(path), tag=tag, digest=digest),
    _host,
    st.lists(_component, min_size=1, max_size=4),
    _tag,
    _digest,
)


@given(_references)
def test_every_reference_of_the_grammar_comes_back_as_it_was_written(reference: Reference) -> None:
    text = reference.repository_name
    text += f":{reference.tag}" if reference.tag else ""
    text += f"@{reference.digest}" if reference.digest else ""
    assert parse_reference(text) == reference


@given(_references)
def test_a_full_name_names_itself(reference: Reference) -> None:
    assert parse_reference(reference.name).name == reference.name


# distribution/reference's own expression, written out anew as the second opinion: one for the whole text.
_WHOLE = re.compile(
    r"(?:(?P<host>(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])(?:\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*"
    r"[A-Za-z0-9]))*(?::[0-9]+)?|\[[a-fA-F0-9:]+\](?::[0-9]+)?)/)?"
    r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?"
)


@given(st.text(alphabet="aZ09._-:/@ [\n", max_size=24))
def test_whatever_is_accepted_fits_the_grammar_as_a_whole(text: str) -> None:
    try:
        reference = parse_reference(text)
    except ReferenceError:
        return
    assert _WHOLE.fullmatch(text)
    assert _WHOLE.fullmatch(reference.name)


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_no_reference(text: str) -> None:
    with suppress(ReferenceError):
        assert parse_reference(text).name


def test_digests() -> None:
    assert is_digest(SHA256)
    assert not is_digest(SHA256[:-1])
    assert not is_digest("sha1:" + "a" * 40)
    assert not is_digest(SHA256 + "\n")
