"""Values of the sample's chart against what Kustomize itself makes of a tree that says the same."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from buildkit.charts.values_files import nest
from buildkit.compare.compare import compare_objects
from buildkit.compare.objects import Object, Text, read_objects
from buildkit.edges.tools import Program
from buildkit.flows.chart_scene import NotRenderedError, Scene, differences_of
from tests.integration.charts.yard import SAMPLE, part_of
from tests.support.tools import tool

pytestmark = pytest.mark.integration
TREE = Path(SAMPLE.manifests)
WRONG = {"string": ["no text"], "integer": "many", "boolean": "maybe", "array": "x", "object": "x"}


def kustomize(folder: Path, changes: Mapping[str, Mapping[str, str]], more: str = "") -> tuple[Object, ...]:
    """Render the default profile of a copy of the sample's tree, with texts replaced in its files."""
    tree = folder / "tree"
    shutil.copytree(TREE, tree)
    for path, texts in changes.items():
        text = (tree / path).read_text()
        for old, new in texts.items():
            assert old in text, (path, old)
            text = text.replace(old, new)
        (tree / path).write_text(text)
    place = tree / "example"
    if more:
        place = tree / "more"
        place.mkdir()
        (place / "kustomization.yaml").write_text(f"resources: [../example]\n{more}")
    argv = [tool("kustomize"), "build", str(place), "--load-restrictor", "LoadRestrictionsNone"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120)
    return read_objects(Text("kustomize", done.stdout))


def helm(scene: Scene, settings: Mapping[str, Any], namespace: str | None = None) -> list[Object]:
    """Both charts of the sample, as their default profile renders with these values."""
    inner = scene.render(part_of(scene, "quarry"), "multi-user", settings, namespace=namespace).objects
    return [*inner, *scene.render(part_of(scene, "quarry-crds"), "multi-user", namespace=namespace).objects]


def differences(a: tuple[Object, ...], b: list[Object]) -> list[str]:
    return [f"{one.object} {one.path}: {one.a!r} {one.b!r}" for one in differences_of(compare_objects(a, b))]


CONSOLE, DATABASE, RUNS = "apps/console/base", "common/database/base", "apps/runs/base"
SAME = [
    pytest.param(
        {"images": {"notebookBase": {"tag": "9.9"}}},
        {f"{CONSOLE}/config/spawner.yaml": {"quarry/notebook-base:1.1": "quarry/notebook-base:9.9"}},
        id="an image in a generated ConfigMap: its hash, and who refers to it",
    ),
    pytest.param(
        {"images": {"webTerminal": {"registry": "mirror.example:5000", "repository": "a/b"}}},
        {f"{CONSOLE}/settings.yaml": {"ghcr.io/quarry-example/web-terminal:": "mirror.example:5000/a/b:"}},
        id="an image in a plain ConfigMap",
    ),
    pytest.param(
        {"images": {"web": {"tag": "2.0", "digest": "sha256:" + "0f" * 32}}},
        {f"{CONSOLE}/kustomization.yaml": {"newTag: 1.1.0": f"newTag: '2.0'\n    digest: sha256:{'0f' * 32}"}},
        id="an image of a container",
    ),
    pytest.param(
        {"database": {"name": "other", "host": "db.example.org", "port": 3307}},
        {
            f"{DATABASE}/kustomization.yaml": {"MARIADB_DATABASE=quarry": "MARIADB_DATABASE=other"},
            f"{CONSOLE}/deployment.yaml": {"database.quarry.svc:3306/quarry": "db.example.org:3307/other"},
        },
        id="the database's name, which a generated ConfigMap has too, its host and port",
    ),
    pytest.param(
        {"database": {"existingSecret": "mine"}},
        {
            f"{DATABASE}/statefulset.yaml": {"name: database-credentials": "name: mine"},
            "common/database/components/backup/cronjob.yaml": {"database-credentials": "mine"},
        },
        id="the name of a Secret",
    ),
    pytest.param(
        {"storage": {"database": {"size": "77Gi", "className": "fast"}}},
        {f"{DATABASE}/volume.yaml": {"10Gi": "77Gi", "spec:\n": "spec:\n  storageClassName: fast\n"}},
        id="size and class of a claim",
    ),
    pytest.param(
        {"workloads": {"console": {"replicas": 0, "nodeSelector": {"a": "b"}, "env": [{"name": "X", "value": "y"}]}}},
        {
            "apps/console/overlays/multi-user/kustomization.yaml": {"replicas: 2": "replicas: 0"},
            f"{CONSOLE}/deployment.yaml": {
                "    spec:\n": "    spec:\n      nodeSelector: {a: b}\n",
                "          volumeMounts:\n": "            - {name: X, value: y}\n          volumeMounts:\n",
            },
        },
        id="replicas, nodeSelector and environment of a workload",
    ),
]


@pytest.mark.parametrize(("settings", "changes"), SAME)
def test_a_value_renders_what_kustomize_renders_of_a_tree_that_says_so(
    sample: Scene, tmp_path: Path, settings: dict[str, Any], changes: dict[str, dict[str, str]]
) -> None:
    plain, moved = helm(sample, {}), helm(sample, settings)
    assert compare_objects(plain, moved).equal is False, "the value changes nothing"
    assert differences(kustomize(tmp_path, changes), moved) == []


def test_a_generated_name_follows_what_it_holds_and_goes_back_with_it(sample: Scene) -> None:
    def names(settings: dict[str, Any]) -> set[str]:
        return {one.id.name for one in helm(sample, settings) if one.id.name.startswith("console-spawner-")}

    (plain,), (other,) = names({}), names({"images": {"notebookBase": {"tag": "9.9"}}})
    assert plain != other
    assert names({"images": {"notebookBase": {"tag": "1.1"}}}) == {plain}


def test_a_registry_for_all_reaches_every_image_of_every_container(sample: Scene) -> None:
    found = [
        image
        for one in helm(sample, {"global": {"imageRegistry": "mirror.example:5000"}})
        if one.id.kind != "CustomResourceDefinition"
        for image in re.findall(r'"image": "([^"]+)"', json.dumps(one.body))
    ]
    assert len(found) > 20
    assert [one for one in found if not one.startswith("mirror.example:5000/")] == []
    assert "mirror.example:5000/library/mariadb:11.4" in found


def test_another_namespace_is_what_kustomize_makes_of_it_and_the_text_it_leaves_behind(
    sample: Scene, tmp_path: Path
) -> None:
    moved = kustomize(tmp_path, {}, "namespace: other\n")
    found = [
        one
        for one in differences_of(compare_objects(moved, helm(sample, {}, namespace="other")))
        if "quarry" in str(one.a) and str(one.b) == str(one.a).replace("quarry", "other", 1)
    ]
    assert found, "text follows the release's namespace, which kustomize leaves as it is"
    text = "\n".join(str(one.b) for one in found)
    for name in ("database.other.svc:3306/quarry", "other/injector-certificate"):
        assert name in text
    left = [one for one in helm(sample, {}, namespace="other") if one.id.namespace == "quarry"]
    assert left == []


def test_an_environment_variable_that_stands_there_is_not_added_again(sample: Scene) -> None:
    part = part_of(sample, "quarry")
    for names in (["CULLER_IMAGE"], ["A", "A"]):
        env = [{"name": name, "value": "x"} for name in names]
        with pytest.raises(NotRenderedError, match=rf"workloads\.console\.env: {names[-1]} stands there already"):
            sample.render(part, "multi-user", nest({"workloads.console.env": env}))


def refused(program: Program, chart: Path, settings: Mapping[str, Any], folder: Path) -> str:
    values = folder / "values.json"
    values.write_text(json.dumps(settings))
    argv = [str(program.path), "template", "quarry", str(chart), "--values", str(values)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={"HOME": str(folder)}, timeout=120)
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize("name", ["quarry", "quarry-crds"])
def test_a_wrong_type_of_each_value_is_refused_with_its_place(
    sample: Scene, program: Program, tmp_path: Path, name: str
) -> None:
    part = part_of(sample, name)
    said = refused(program, part.folder, nest({one.path: WRONG[one.kind] for one in part.chart.values}), tmp_path)
    for one in part.chart.values:
        assert f"at '/{one.path.replace('.', '/')}': got" in said, one.path


@pytest.mark.parametrize("name", ["quarry", "quarry-crds"])
def test_an_unknown_key_in_each_section_is_refused_with_its_place(
    sample: Scene, program: Program, tmp_path: Path, name: str
) -> None:
    part = part_of(sample, name)
    sections = {"", *("/".join(one.path.split(".")[:depth]) for one in part.chart.values for depth in range(1, 5))}
    sections -= {one.path.replace(".", "/") for one in part.chart.values}
    assert len(sections) > 40 or name == "quarry-crds"
    settings = nest({f"{section}/unknown".lstrip("/").replace("/", "."): 1 for section in sorted(sections)})
    said = refused(program, part.folder, settings, tmp_path)
    assert "at '/global'" not in said  # helm hands that one to all charts
    for section in sections - {"global"}:
        at = f"/{section}" if section else ""
        assert f"at '{at}': additional properties 'unknown' not allowed" in said, section


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"profile": "nothing"}, "/profile"),
        ({"profile": None}, ""),
        ({"global": {"imagePullPolicy": "Sometimes"}}, "/global/imagePullPolicy"),
        ({"global": {"imageRegistry": "https://mirror.example"}}, "/global/imageRegistry"),
        ({"global": {"imagePullSecrets": [""]}}, "/global/imagePullSecrets/0"),
        ({"images": {"web": {"tag": 1.1}}}, "/images/web/tag"),
        ({"images": {"web": {"tag": "a b"}}}, "/images/web/tag"),
        ({"images": {"web": {"digest": "sha256:12"}}}, "/images/web/digest"),
        ({"images": {"web": {"repository": "../x"}}}, "/images/web/repository"),
        ({"images": {"web": "x:1"}}, "/images/web"),
        ({"workloads": {"console": {"replicas": -1}}}, "/workloads/console/replicas"),
        ({"workloads": {"console": {"replicas": 1.5}}}, "/workloads/console/replicas"),
        ({"workloads": {"console": {"env": [{"value": "x"}]}}}, "/workloads/console/env/0"),
        ({"workloads": {"console": {"resources": {"limit": {}}}}}, "/workloads/console/resources"),
        ({"storage": {"database": {"size": "10 GB"}}}, "/storage/database/size"),
        ({"database": {"host": "a b"}}, "/database/host"),
        ({"database": {"host": "x\n- y"}}, "/database/host"),
        ({"database": {"port": "3306"}}, "/database/port"),
        ({"database": None}, ""),
    ],
)
def test_what_does_not_fit_is_refused(
    sample: Scene, tmp_path: Path, settings: dict[str, Any], place: str, program: Program
) -> None:
    assert f"at '{place}'" in refused(program, part_of(sample, "quarry").folder, settings, tmp_path)


@pytest.mark.parametrize("unset", ["", [], {}, None])
def test_what_is_not_set_renders_as_kustomize_has_it(sample: Scene, tmp_path: Path, unset: Any) -> None:
    """Each value that may be set to this, all of them at once."""
    part = part_of(sample, "quarry")
    kinds = {"": "string", "[]": "array", "{}": "object"}
    settings = {
        one.path: unset
        for one in part.chart.values
        if (one.kind == kinds.get(json.dumps(unset).strip('"')) if unset is not None else one.default is None)
    }
    assert settings
    assert differences(kustomize(tmp_path, {}), helm(sample, nest(settings))) == []
