from __future__ import annotations

import pytest

from buildkit.errors import UsageError
from buildkit.flows.charts_publish import tag_of


@pytest.mark.parametrize(
    ("registry", "name"),
    [
        ("oci://ghcr.io/kubeflow/charts", "ghcr.io/kubeflow/charts/demo:1.0.0_a"),
        ("oci://ghcr.io/kubeflow/charts/", "ghcr.io/kubeflow/charts/demo:1.0.0_a"),
        ("oci://localhost:5000", "localhost:5000/demo:1.0.0_a"),
        ("oci://docker.io/me", "docker.io/me/demo:1.0.0_a"),
    ],
)
def test_a_chart_gets_the_tag_that_helm_gives_it(registry: str, name: str) -> None:
    assert tag_of(registry, "demo", "1.0.0+a").name == name


@pytest.mark.parametrize(
    ("registry", "why"),
    [
        ("ghcr.io/kubeflow", "want oci://HOST"),
        ("https://ghcr.io/kubeflow", "want oci://HOST"),
        ("oci://", "want oci://HOST"),
        ("oci://me:secret@ghcr.io/x", "without credentials"),
        ("oci://kubeflow/charts", "is no host"),
        ("oci://docker.io", "is no host"),
        ("oci://ghcr.io/Kubeflow", "lower case"),
        ("oci://ghcr.io/a:b", "no image reference"),
        ("oci://--help", "is no host|no image reference"),
    ],
)
def test_a_registry_that_is_none_is_the_users_error(registry: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as error:
        tag_of(registry, "demo", "1.0.0")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(("name", "version"), [("Demo", "1.0.0"), ("demo", "1 0"), ("demo", "1.0.0/../x"), ("", "1")])
def test_a_chart_that_no_tag_can_name(name: str, version: str) -> None:
    with pytest.raises(UsageError, match=r"cannot go to|no host"):
        tag_of("oci://ghcr.io/x", name, version)
