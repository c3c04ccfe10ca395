"""Templates against the real helm: for any content, any profiles and any values they render to what was meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from buildkit.charts.about_files import Release
from buildkit.charts.chart import make_charts
from buildkit.charts.evaluation import RefusedError, evaluate
from buildkit.charts.expressions import Expressions
from buildkit.charts.marking import Marked
from buildkit.charts.marks import Extended, MarkedObject
from buildkit.charts.union import unite
from buildkit.charts.writing import write_object
from buildkit.compare.scalars import read_number
from buildkit.compare.values import differ
from tests.integration.charts import marked
from tests.integration.charts.helm_chart import render
from tests.integration.charts.hostile import bodies
from tests.support.chart_parts import NAMESPACE, spec, thing

pytestmark = pytest.mark.integration
SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))
HELMS = ("helm", "helm3")


def plain(tree: Any) -> Any:
    """Numbers as JSON has them once Go has read them."""
    if isinstance(tree, dict):
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plain(one) for one in tree]
    return read_number(tree) if isinstance(tree, float) else tree


def templates(profiles: dict[str, list[MarkedObject]]) -> dict[str, str]:
    written = Expressions(chart="chart")
    every = frozenset(profiles)
    text = "".join(write_object(one, every, written) for one in unite(profiles))
    return {"templates/things.yaml": text}


def assert_renders(files: dict[str, str], profile: str, objects: list[MarkedObject], helm: str) -> None:
    found = {one.id.name: one.body for one in render(files, {"profile": profile}, helm=helm)}
    wanted = {one.key[3]: one.body for one in objects}
    assert found.keys() == wanted.keys()
    for name, body in wanted.items():
        assert list(differ(plain(body), found[name], "")) == [], files["templates/things.yaml"]


@pytest.mark.parametrize("helm", HELMS)
@given(data=st.data(), count=st.integers(1, 4))
@settings(SLOW, max_examples=12, phases=[Phase.generate])
def test_every_profile_renders_to_its_own_objects_whatever_they_hold(
    helm: str, data: st.DataObject, count: int
) -> None:
    names = [f"p{number}" for number in range(count)]
    held = data.draw(st.lists(bodies(count), min_size=1, max_size=12))
    profiles = {
        profile: [thing(f"o{at}", one[number]) for at, one in enumerate(held) if one[number] is not None]
        for number, profile in enumerate(names)
    }
    files = templates(profiles)
    for profile, objects in profiles.items():
        assert_renders(files, profile, objects, helm)


def chart_of(profiles: dict[str, list[MarkedObject]]) -> dict[str, str]:
    """The chart's files but for its schema, which knows no value of these."""
    objects = {name: tuple(ones) for name, ones in profiles.items()}
    whole = Marked(profiles=objects, images={}, references={}, names={}, mains={}, problems=())
    (chart,) = make_charts(spec(*profiles), whole, Release(version="1.0.0", app_version="1", source="", platforms={}))
    return {name: text for name, text in chart.files.items() if name != "values.schema.json"}


@pytest.mark.parametrize("helm", HELMS)
@given(profiles=marked.profiles(), values=marked.values(), namespace=st.sampled_from(("kubeflow", "elsewhere")))
@settings(SLOW, max_examples=12, phases=[Phase.generate])
def test_helm_renders_what_the_marks_mean_for_any_values(
    helm: str, profiles: dict[str, list[MarkedObject]], values: dict[str, Any], namespace: str
) -> None:
    files = chart_of(profiles)
    for profile, objects in profiles.items():
        rendered = render(files, {**values, "profile": profile}, namespace=namespace, helm=helm)
        found = by_name([one.body for one in rendered])
        wanted = by_name(evaluate(objects, values, namespace))
        assert found.keys() == wanted.keys()
        different = [(name, one) for name, body in wanted.items() for one in differ(plain(body), found[name], "")]
        assert different == [], explain(files, different)


def explain(files: dict[str, str], different: Any) -> str:
    (_, _, name), (path, wanted, got) = different[0]
    shown = "\n".join(text for path, text in files.items() if path.startswith("templates/"))
    at = shown.find(f"name: {name}\n")
    return f"{name} {path}: wanted {wanted!r}, got {got!r}; template:\n{shown[max(0, at - 100) : at + 3000]}"


def by_name(objects: list[Any]) -> dict[tuple[str, str, str], Any]:
    return {(one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"]): one for one in objects}


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize("added", [[{"name": "A"}], [{"name": "B"}, {"name": "B"}]])
def test_a_variable_that_stands_there_already_is_refused_by_name(helm: str, added: list[dict[str, str]]) -> None:
    objects = [thing("x", Extended("own.env", ({"name": "A", "value": "1"},)))]
    values = {"own": {"env": added}, "profile": "one"}
    with pytest.raises(RefusedError, match=r"own\.env: [AB] stands there already"):
        evaluate(objects, values, NAMESPACE)
    with pytest.raises(RuntimeError, match=r"own\.env: [AB] stands there already"):
        render(chart_of({"one": objects}), values, helm=helm)
