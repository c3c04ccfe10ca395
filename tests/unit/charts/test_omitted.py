"""A value that leaves objects out has to be put somewhere else, in each profile where it does."""

from __future__ import annotations

from buildkit.charts.marks import Condition, Extended, MarkedObject, Setting, Text, Tree, When, Word
from buildkit.charts.omitted import bare_omissions, dangling
from buildkit.charts.spec import About, ChartSpec, Profile, SpecValue, Spot
from tests.support.chart_parts import read

SPOT = Spot(object="apps/Deployment/web", path="spec.host")
HOST = Text(("tcp:", Word("db.host", "string", "db")))
GONE = (Condition("db.host", "unless"),)


def spec(*, at: tuple[Spot, ...] = (SPOT,), omits: tuple[str, ...] = ("Service/db",)) -> ChartSpec:
    value = SpecValue(name="db.host", kind="string", description="-", sample="x", at=at, omits=omits, line=7)
    return ChartSpec(
        about=About(name="app", description="-", home="https://app.example"),
        app_version="x",
        component="x",
        namespace="land",
        release="app",
        profiles=(Profile(name="plain", path="app"), Profile(name="more", path="more")),
        default="plain",
        values=(value,),
    )


def one(kind: str, tree: Tree, conditions: tuple[Condition, ...] = ()) -> MarkedObject:
    return MarkedObject(key=("", kind, "land", "db"), body={"spec": tree}, conditions=conditions)


DB = one("Service", {}, GONE)


def told(*objects: MarkedObject, said: ChartSpec | None = None) -> list[tuple[str, int]]:
    plain = (DB, one("ConfigMap", {"host": HOST}))
    return list(bare_omissions({"plain": plain, "more": objects, "last": objects}, said or spec()))


def test_it_is_told_by_profile() -> None:
    assert told(DB, one("ConfigMap", {"host": ["db", {"a": 1}]})) == [
        ("db.host: leaves out Service/db in more, last, and is put nowhere there; name a place", 7)
    ]


def test_what_stands_in_an_object_that_is_left_out_counts_for_nothing() -> None:
    assert told(one("Service", {"host": HOST}, GONE))


def test_a_value_that_is_put_anywhere_is_right() -> None:
    whole = Setting(("db.other", "db.host"), "string", "db")
    for tree in (
        HOST,
        whole,
        [HOST],
        When("data.keep", {"a": whole}),
        Extended("env", ({"a": HOST},)),
        {"a": [[whole]]},
    ):
        assert told(DB, one("ConfigMap", tree)) == []


def test_profiles_that_lose_nothing_and_values_without_places_are_right() -> None:
    assert told(one("Service", {})) == []
    assert told(DB, said=spec(at=())) == []
    assert told(DB, said=spec(omits=())) == []


POD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: kubeflow}
spec:
  template:
    spec:
      serviceAccountName: web
      initContainers:
        - {name: a, env: [{name: X, valueFrom: {secretKeyRef: {name: key, key: k}}}]}
      volumes:
        - {name: v, secret: {secretName: key}}
        - {name: w, projected: {sources: [{configMap: {name: other}}]}}
"""
SECRET = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: key, namespace: kubeflow}\n"


def test_a_pod_that_names_what_is_left_out_is_found_wherever_it_names_it() -> None:
    before, after = read(POD + SECRET), read(POD)
    assert list(dangling(before, after)) == [("apps/Deployment/web", "Secret/key")]


def test_what_is_of_another_namespace_or_was_never_there_is_no_matter() -> None:
    elsewhere = SECRET.replace("kubeflow", "other")
    assert list(dangling(read(POD + elsewhere), read(POD))) == []
    assert list(dangling(read(POD), read(POD))) == []
