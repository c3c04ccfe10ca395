"""Contexts: paths and git URLs as BuildKit takes them."""

from __future__ import annotations

import pytest

from buildkit.builds.contexts import (
    from_folder,
    git_address,
    git_context,
    is_remote,
    join,
    split_git_context,
    web_address,
)


@pytest.mark.parametrize(
    ("repository", "folder", "wanted"),
    [
        ("kubeflow/katib", ".", "https://github.com/kubeflow/katib.git#v1"),
        ("kubeflow/katib", "cmd/ui", "https://github.com/kubeflow/katib.git#v1:cmd/ui"),
        ("https://git.example/x/y", ".", "https://git.example/x/y.git#v1"),
        ("https://git.example/x/y.git", "a", "https://git.example/x/y.git#v1:a"),
    ],
)
def test_a_repository_is_a_git_url(repository: str, folder: str, wanted: str) -> None:
    assert git_context(repository, "v1", folder) == wanted
    assert is_remote(wanted)
    assert split_git_context(wanted) == (git_address(repository), "v1")
    assert web_address(repository) in {"https://github.com/kubeflow/katib", repository}


@pytest.mark.parametrize(
    ("root", "path", "wanted"),
    [
        (".", ".", "."),
        ("", ".", "."),
        (".", "a/b", "a/b"),
        ("src", ".", "src"),
        ("src/", "a", "src/a"),
        ("../src", "a", "../src/a"),
        ("/", "a", "/a"),
        ("/src", ".", "/src"),
        (".", "-x", "./-x"),
        (".", "github.com/x", "./github.com/x"),
        ("a:b", "c", "./a:b/c"),
        ("git@host", ".", "./git@host"),
        ("https:/x", "y", "./https:/x/y"),
    ],
)
def test_a_folder_is_never_taken_for_an_option_or_an_address(root: str, path: str, wanted: str) -> None:
    assert join(root, path) == wanted
    assert not is_remote(wanted)


@pytest.mark.parametrize(
    ("path", "folder", "wanted"),
    [
        ("src/Dockerfile", "src", "Dockerfile"),
        ("src/a/Dockerfile", "src", "a/Dockerfile"),
        ("src/b/Dockerfile", "src/a/c", "../../b/Dockerfile"),
        ("./x/Dockerfile", "x", "Dockerfile"),
        ("../s/Dockerfile", "../s/a", "../Dockerfile"),
        ("/s/Dockerfile", "/s", "Dockerfile"),
        ("Dockerfile", ".", "Dockerfile"),
    ],
)
def test_the_way_from_a_context_to_its_dockerfile(path: str, folder: str, wanted: str) -> None:
    assert from_folder(path, folder) == wanted
