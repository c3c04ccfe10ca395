"""Which differences from Kustomize a specification accepts."""

from __future__ import annotations

import pytest

from buildkit.charts.spec import Accepted
from buildkit.compare.comparison import ABSENT, Difference
from buildkit.flows.chart_equality import accepts

ROLE = "rbac.authorization.k8s.io/v1/ClusterRole/-/system:team/a"


@pytest.mark.parametrize(
    ("rule", "object_", "path", "accepted"),
    [
        ("ConfigMap/a", "v1/ConfigMap/land/a", 'data["x.y"]', True),
        ("ConfigMap/a", "v1/ConfigMap/land/a", "metadata", False),
        ("apps/Deployment/*", "apps/v1/Deployment/land/web", 'data["x.y"]', True),
        ("Deployment/*", "apps/v1/Deployment/land/web", 'data["x.y"]', False),
        ("*/ClusterRole/system:team*", ROLE, 'data["x.y"]', True),
        ("*/ClusterRole/a", ROLE, 'data["x.y"]', False),
        ("**", "v1/ConfigMap/land/a", f'data["{"k" * 600}"]', False),
        ("**", "v1/ConfigMap/land/a", 'data["a\\\\"]', False),
        ("**", "v1/ConfigMap/land/a", "", False),
    ],
)
def test_a_rule_accepts_its_objects_and_paths(rule: str, object_: str, path: str, *, accepted: bool) -> None:
    accept = Accepted(object=rule, path="data.*", reason="meant")
    assert accepts(accept, Difference(object=object_, path=path, a=1, b=2), "one") is accepted


def test_a_rule_is_for_its_profiles_for_what_is_empty_and_for_whole_objects() -> None:
    whole = Difference(object=ROLE, path="", a=None, b=ABSENT)
    assert accepts(Accepted(object="**", path="", reason="meant"), whole, "one")
    assert not accepts(Accepted(object="**", path="", reason="meant", profiles=("two",)), whole, "one")
    drop = Accepted(object="**", path="rules", reason="meant", drop=True)
    assert accepts(drop, Difference(object=ROLE, path="rules", a=[], b=ABSENT), "one")
    assert not accepts(drop, Difference(object=ROLE, path="rules", a=[1], b=ABSENT), "one")
