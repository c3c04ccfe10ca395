from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.model.remote import RemoteError, is_remote, parse_remote


@pytest.mark.parametrize(
    ("text", "place", "path", "url"),
    [
        # The forms of kustomize's own examples (examples/remoteBuild.md) and of the releases.
        ("https://github.com/o/r/a/b?ref=v1", "github.com/o/r@v1", "a/b", "https://github.com/o/r"),
        ("https://github.com/o/r//a/b?ref=v1", "github.com/o/r@v1", "a/b", "https://github.com/o/r"),
        ("github.com/o/r?ref=v1", "github.com/o/r@v1", ".", "https://github.com/o/r"),
        ("github.com/o/r/a", "github.com/o/r@HEAD", "a", "https://github.com/o/r"),
        ("GitHub.com/o/r/a", "github.com/o/r@HEAD", "a", "https://GitHub.com/o/r"),
        ("git@github.com:o/r.git//a?ref=x", "github.com/o/r@x", "a", "https://github.com/o/r.git"),
        ("ssh://git@github.com/o/r.git/a?ref=x", "github.com/o/r@x", "a", "https://github.com/o/r.git"),
        ("git::https://github.com/o/r//a?ref=x", "github.com/o/r@x", "a", "https://github.com/o/r"),
        (
            "https://gitlab.example/g/s/r.git/a?version=x",
            "gitlab.example/g/s/r@x",
            "a",
            "https://gitlab.example/g/s/r.git",
        ),
        (
            "https://u@dev.azure.example/o/p/_git/r/a?ref=x",
            "dev.azure.example/o/p/_git/r@x",
            "a",
            "https://dev.azure.example/o/p/_git/r",
        ),
        (
            "https://github.com/o/r?submodules=0&ref=release/v1&timeout=9s",
            "github.com/o/r@release/v1",
            ".",
            "https://github.com/o/r",
        ),
    ],
)
def test_repositories(text: str, place: str, path: str, url: str) -> None:
    remote = parse_remote(text)
    assert is_remote(text)
    assert (remote.kind, remote.place, remote.path, remote.url) == ("git", place, path, url)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "https://github.com/o/r/releases/download/v1/manifests.yaml",
            "https/github.com/o/r/releases/download/v1/manifests.yaml",
        ),
        ("https://raw.example/o/r/main/a.yml", "https/raw.example/o/r/main/a.yml"),
        ("http://user:pw@h.example:8080/a.json", "https/h.example:8080/a.json"),
    ],
)
def test_files(text: str, place: str) -> None:
    remote = parse_remote(text)
    assert (remote.kind, remote.place) == ("file", place)
    assert "pw" not in remote.url


@pytest.mark.parametrize(
    "text", ["../base", "base", "a.yaml", "./github.com", "a/github.com/b", "name:tag", "/abs", ""]
)
def test_local_paths_are_none(text: str) -> None:
    assert not is_remote(text)


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc",
        "https://github.com/o/r//../../x",
        "https://github.com/../r",
        "https://github.com/o/r?ref=--upload-pack=x",
        "https://github.com/o/r?ref=a/../b",
        "https://github.com/o/r?ref=a b",
        "https://-h/o/r$(id)",
        "https://h.example/a/../../b.yaml",
        "https://",
        "github.com/o",
    ],
)
def test_what_is_not_taken(text: str) -> None:
    assert is_remote(text)
    with pytest.raises(RemoteError):
        parse_remote(text)


@given(
    st.text(max_size=80), st.sampled_from(["https://h.example/", "github.com/", "git@h.example:", "git::", "ssh://"])
)
def test_no_address_leads_out_of_the_folder_or_into_an_option(text: str, start: str) -> None:
    try:
        remote = parse_remote(start + text)
    except RemoteError:
        return
    steps = remote.place.split("/")
    assert not {"", ".", ".."} & set(steps)
    assert ".." not in remote.path.split("/")
    assert not remote.ref.startswith("-")
    assert not remote.path.startswith("/")
    assert remote.url.startswith(("https://", "http://"))
