"""Choosing components: by name, glob or repository."""

from __future__ import annotations

import pytest

from buildkit.builds.selection import select
from buildkit.errors import UsageError
from tests.unit.builds.components import catalogue


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], ["ui", "suggestion.gpu", "base", "jupyter"]),
        (["ui"], ["ui"]),
        (["jupyter", "ui", "ui"], ["ui", "jupyter"]),
        (["*u*"], ["ui", "suggestion.gpu", "jupyter"]),
        (["kubeflow/katib"], ["ui", "suggestion.gpu"]),
        (["kubeflow/notebooks"], ["base", "jupyter"]),
        (["kubeflow/notebooks@notebooks-v1"], ["base", "jupyter"]),
    ],
)
def test_components_stand_in_the_catalogues_order(words: list[str], names: list[str]) -> None:
    assert [one.name for one in select(catalogue(), words)] == names


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("jupiter", "did you mean jupyter?"),
        ("kubeflow/katb", "did you mean kubeflow/katib?"),
        ("zzz", "a name, a glob such as 'katib-*', or OWNER/REPO; `kfkit build catalogue` lists them"),
        ("x" * 10_000, "a name, a glob such as 'katib-*', or OWNER/REPO; `kfkit build catalogue` lists them"),
    ],
)
def test_a_word_that_names_nothing_is_refused(word: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        select(catalogue(), ["ui", word])
    assert str(caught.value) == f"b.yaml: no component is called '{word[:100]}'"
    assert caught.value.hint == hint
