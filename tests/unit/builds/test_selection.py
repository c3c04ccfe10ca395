"""Choosing components: by name, glob or repository."""

from __future__ import annotations

import pytest

from buildkit.builds.selection import select, with_related
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


CHAIN = """\
components:
  - {name: base, image: a}
  - {name: middle, image: b, needs: [base]}
  - {name: top, image: c, needs: [middle]}
  - {name: sibling, image: d, needs: [base]}
  - {name: other, image: e}
"""


@pytest.mark.parametrize(
    ("changed", "built"),
    [
        ([], []),
        (["other"], ["other"]),
        (["top"], ["base", "middle", "top"]),
        (["base"], ["base", "middle", "top", "sibling"]),
        (["middle"], ["base", "middle", "top"]),
    ],
)
def test_what_is_built_on_a_changed_image_changes_and_what_it_is_built_on_gets_its_tag(
    changed: list[str], built: list[str]
) -> None:
    components = catalogue(CHAIN).components
    assert [one.name for one in components if one.name in with_related(components, changed)] == built
