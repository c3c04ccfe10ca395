"""Where a release may have what it does not have where a specification says: one folder, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.charts.moved import find_moved

OLDER = (
    "apps/katib/upstream/installs/alone",
    "apps/katib/upstream/base",
    "apps/web/upstream/base",
    "contrib/serve/serve",
)
NEWER = (
    "applications/katib/upstream/base",
    "applications/dashboard/upstream/center/base",
    "applications/dashboard/upstream/center/overlays/istio",
    "applications/dashboard/upstream/profiles/base",
    "applications/hub/upstream/options/ui/base",
    "applications/hub/upstream/options/ui/overlays/istio",
)


@pytest.mark.parametrize(
    ("path", "folders", "moved"),
    [
        ("applications/katib/upstream/installs/alone", OLDER, "apps/katib/upstream/installs/alone"),
        ("applications/web/upstream/base", OLDER, "apps/web/upstream/base"),
        ("applications/serve/serve", OLDER, "contrib/serve/serve"),
        ("applications/center/upstream/overlays/istio", NEWER, "applications/dashboard/upstream/center/overlays/istio"),
        ("applications/center/upstream/base", NEWER, "applications/dashboard/upstream/center/base"),
        ("applications/registry/upstream/options/ui/base", NEWER, "applications/hub/upstream/options/ui/base"),
    ],
)
def test_a_folder_that_was_moved_or_renamed_is_found(path: str, folders: tuple[str, ...], moved: str) -> None:
    assert find_moved(path, folders) == moved


@pytest.mark.parametrize(
    ("path", "folders"),
    [
        ("applications/hub/upstream/options/catalog/base", NEWER),  # lacking: ui/base is another's
        ("applications/hub/upstream/options/ui/overlays/alone", NEWER),
        ("applications/web/upstream/base", NEWER),  # as likely three
        ("applications/katib", NEWER),
        ("installs", ()),
    ],
)
def test_what_is_lacking_or_may_be_several_is_not_guessed(path: str, folders: tuple[str, ...]) -> None:
    assert find_moved(path, folders) == ""


@given(
    st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map("/".join), max_size=8),
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map("/".join),
)
def test_what_is_found_is_a_folder_of_the_release_with_the_same_last_part(folders: list[str], path: str) -> None:
    found = find_moved(path, folders)
    assert found == "" or (found in folders and found.split("/")[-1] == path.rsplit("/", maxsplit=1)[-1])
