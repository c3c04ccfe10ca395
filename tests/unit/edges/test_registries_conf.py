"""containers-registries.conf(5): where references go, and what is wrong with a file."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.edges.registries_conf import parse_registries_conf, read_registries_conf
from buildkit.edges.toml import parse_toml
from buildkit.errors import UsageError
from buildkit.model.reference import parse_reference

if TYPE_CHECKING:
    from pathlib import Path

CONF = """
unqualified-search-registries = ["docker.io"]
short-name-mode = "enforcing"

[[registry]]
prefix = "docker.io"
location = "127.0.0.1:5000/docker.io"
insecure = true

[[registry]]
prefix = "docker.io/library"
location = "mirror.example.com/hub"
unknown = "key"

[[registry]]
prefix = "*.example.org"
blocked = true

[[registry]]
prefix = "*.wild.net"

[[registry.mirror]]
location = "cache.local/wild"
insecure = true

[[registry]]
location = "quay.io"
mirror-by-digest-only = true

[[registry.mirror]]
location = "quay-cache.local"

[[registry.mirror]]
location = "tags.local"
pull-from-mirror = "tag-only"

[aliases]
"x" = "y"
"""
DIGEST = "@sha256:" + "a" * 64
MIRRORED = """
[[registry]]
location = "x.io"
[[registry.mirror]]
location = "m/a"
[[registry.mirror]]
location = "m/a"
insecure = true
[[registry.mirror]]
location = "x.io"
"""


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("team/app:1", ["127.0.0.1:5000/docker.io/team/app!"]),
        ("mysql:8", ["mirror.example.com/hub/mysql"]),
        ("docker.io.evil.com/x:1", ["docker.io.evil.com/x"]),
        ("docker.io/librarything:1", ["mirror.example.com/hub/librarything"]),
        ("docker.io/librarything/x:1", ["127.0.0.1:5000/docker.io/librarything/x!"]),
        ("a.example.org/x", []),
        ("a.b.example.org/x", []),
        ("example.org/x", ["example.org/x"]),
        ("one.wild.net/a/b:1", ["cache.local/wild/a/b!", "one.wild.net/a/b"]),
        ("quay.io/a:1", ["tags.local/a", "quay.io/a"]),
        ("quay.io/a" + DIGEST, ["quay-cache.local/a", "quay.io/a"]),
        ("ghcr.io/a:1", ["ghcr.io/a"]),
    ],
)
def test_places(name: str, places: list[str]) -> None:
    conf = parse_registries_conf(parse_toml(CONF, "x"), "x")
    found = conf.places(parse_reference(name))
    assert [f"{place.host}/{place.repository}{'!' * place.insecure}" for place in found] == places


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[[registry]\n", "my.conf:1: "),
        ('[[registry]]\nlocation = "a"\nlocation = "b"\n', "my.conf:3: "),
        ('[[registry]]\nprefix = [\n"x"\n\n\n', "my.conf:3: "),
        ('a = 1\r\nprefix = """x\r\n', "my.conf:2: "),
        ('[[registry]]\nlocation = "me:secret@x.io"\n', "registry[0].location: want host"),
        ("[[registry]]\ninsecure = true\n", "registry[0].location"),
        ('[[registry]]\nprefix = "x.io"\n', "registry[0].location"),
        ('[[registry]]\nlocation = "https://x.io"\n', "registry[0].location"),
        ('[[registry]]\nlocation = "x.io"\ninsecure = "yes"\n', "registry[0].insecure"),
        ('[[registry]]\nlocation = "x.io"\nblocked = 1\n', "registry[0].blocked"),
        ('[[registry]]\nlocation = ["x.io"]\n', "registry[0].location"),
        ('[[registry]]\nlocation = "x.io"\n[[registry.mirror]]\ninsecure = true\n', "registry[0].mirror[0].location"),
        (
            '[[registry]]\nlocation = "x"\n[[registry.mirror]]\nlocation = "m"\npull-from-mirror = "never"\n',
            "registry[0].mirror[0].pull-from-mirror",
        ),
        ('[[registry]]\nprefix = "*x.io"\nlocation = "y.io"\n', "registry[0].prefix"),
        ('registry = "x"\n', "registry: want tables"),
        ('[registries.search]\nregistries = ["x"]\n', "version 1"),
        ('[[registry]]\nlocation = "x"\n[[registry]]\nlocation = "x"\nblocked = true\n', "registry.prefix: x"),
    ],
)
def test_what_is_wrong_is_named(text: str, names: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_registries_conf(parse_toml(text, "my.conf"), "my.conf")
    assert "my.conf" in str(caught.value)
    assert names in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_same_rule_twice_is_no_contradiction() -> None:
    parse_registries_conf(parse_toml('[[registry]]\nlocation = "x"\n' * 2, "x"), "x")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(UsageError):
        parse_registries_conf(parse_toml(text, "x"), "x")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b'[[registry]]\nlocation = "\xff"\n')
    for path in (tmp_path / "none", tmp_path, tmp_path / "latin"):
        with pytest.raises(UsageError):
            read_registries_conf(path)


def test_a_builder_hears_of_whole_hosts_alone() -> None:
    """BuildKit has no rule for a part of a host, none for patterns, and none that blocks."""
    conf = parse_registries_conf(parse_toml(CONF, "x"), "x")
    assert conf.mirrors() == {
        "docker.io": ("127.0.0.1:5000/docker.io",),
        "quay.io": ("quay-cache.local", "tags.local"),
    }
    assert conf.insecure_hosts() == ("127.0.0.1:5000", "cache.local")


@pytest.mark.parametrize(
    ("text", "mirrors", "insecure"),
    [
        ("", {}, ()),
        ('[[registry]]\nlocation = "x.io"\n', {}, ()),
        ('[[registry]]\nlocation = "x.io"\ninsecure = true\n', {}, ("x.io",)),
        ('[[registry]]\nprefix = "x.io"\nlocation = "x.io"\n', {}, ()),
        ('[[registry]]\nprefix = "x.io:5000"\nlocation = "y.io/x"\n', {"x.io:5000": ("y.io/x",)}, ()),
        ('[[registry]]\nprefix = "x.io"\nlocation = "y.io"\nblocked = true\n', {}, ()),
        ('[[registry]]\nprefix = "x.io/part"\nlocation = "y.io"\ninsecure = true\n', {}, ("y.io",)),
        ('[[registry]]\nprefix = "*.x.io"\nlocation = "y.io"\ninsecure = true\n', {}, ("y.io",)),
        ('[[registry]]\nprefix = "*.x.io"\ninsecure = true\n', {}, ()),
        (
            MIRRORED,
            {"x.io": ("m/a",)},
            ("m",),
        ),
    ],
)
def test_what_a_builder_hears(text: str, mirrors: dict[str, tuple[str, ...]], insecure: tuple[str, ...]) -> None:
    conf = parse_registries_conf(parse_toml(text, "x"), "x")
    assert (conf.mirrors(), conf.insecure_hosts()) == (mirrors, insecure)
