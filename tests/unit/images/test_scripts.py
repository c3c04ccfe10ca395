"""Default images of mounted scripts: names in the script, versions in the environment of the pod that runs it."""

from __future__ import annotations

import pytest

from tests.unit.images.finding import config_map, deployment, found

SYNC = '''
import os
def settings(frontend_image=None, frontend_tag=None):
    """frontend_image: ghcr.io/kubeflow/old"""
    # frontend_image = "a/commented:1"
    settings = {}
    settings["frontend_image"] = \\
        frontend_image or \\
        os.environ.get("FRONTEND_IMAGE", "ghcr.io/kubeflow/kfp-frontend")
    settings["frontend_tag"] = \\
        frontend_tag or \\
        os.environ.get("FRONTEND_TAG") or \\
        os.environ["KFP_VERSION"]
    return {"image": f"{frontend_image}:{frontend_tag}"}
'''
MOUNT = "volumes:\n- name: hooks\n  configMap: {name: c}"


def running(env: str, volumes: str = MOUNT) -> str:
    return deployment(f"command: [python, /hooks/sync.py]\nenv:\n{env}", volumes)


def scripted(*documents: str) -> list[tuple[str, str]]:
    return [(one.path, one.text) for one in found(*documents) if one.how == "script"]


def test_a_default_gets_its_version_from_the_environment() -> None:
    (one,) = found(config_map(sync__py=SYNC), running("- {name: KFP_VERSION, value: '2.16'}"))
    assert (one.path, one.text, one.how) == ('data["sync.py"] | line 8', "ghcr.io/kubeflow/kfp-frontend:2.16", "script")
    assert one.parts == (
        (one.path, "ghcr.io/kubeflow/kfp-frontend"),
        ("spec.template.spec.containers[0].env[0].value", "2.16"),
    )
    assert one.holder == "apps/v1/Deployment/n/d"


def test_the_version_may_stand_in_another_config_map() -> None:
    other = config_map(appVersion="2.16.0").replace("name: c,", "name: install,")
    env = "- {name: KFP_VERSION, valueFrom: {configMapKeyRef: {name: install, key: appVersion}}}"
    (one,) = found(config_map(sync__py=SYNC), other, running(env))
    assert one.text == "ghcr.io/kubeflow/kfp-frontend:2.16.0"
    assert (one.parts[-1], one.holder) == (("data.appVersion", "2.16.0"), "v1/ConfigMap/n/install")


def test_its_own_tag_comes_before_the_common_version() -> None:
    env = "- {name: KFP_VERSION, value: '2.16'}\n- {name: FRONTEND_TAG, value: '9'}"
    assert scripted(config_map(sync__py=SYNC), running(env)) == [
        ('data["sync.py"] | line 8', "ghcr.io/kubeflow/kfp-frontend:9")
    ]


def test_a_variable_that_overrides_the_default_is_used_instead() -> None:
    env = "- {name: KFP_VERSION, value: '2.16'}\n- {name: FRONTEND_IMAGE, value: 'my/frontend:1'}"
    (one,) = found(config_map(sync__py=SYNC), running(env))
    assert (one.text, one.how) == ("my/frontend:1", "environment")


def test_projected_volumes_mount_too() -> None:
    volumes = "volumes:\n- name: x\n  projected: {sources: [{configMap: {name: c}}]}"
    assert scripted(config_map(sync__py=SYNC), running("- {name: KFP_VERSION, value: '1'}", volumes)) == [
        ('data["sync.py"] | line 8', "ghcr.io/kubeflow/kfp-frontend:1")
    ]


def test_without_a_version_the_name_alone_is_told() -> None:
    assert scripted(config_map(sync__py=SYNC)) == [('data["sync.py"] | line 8', "ghcr.io/kubeflow/kfp-frontend")]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('#!/bin/sh\nIMAGE="${IMAGE:-ghcr.io/a/b:1}"\n', "ghcr.io/a/b:1"),
        ("#!/bin/sh\nCLEANER_IMAGE=a/b:1\n", "a/b:1"),
        ("#!/bin/sh\ndocker pull ghcr.io/a/b:1\n", "ghcr.io/a/b:1"),
        ('#!/usr/bin/env python3\nx = Container(name="c", image="a/b:1")\n', "a/b:1"),
        ('#!/usr/bin/env python3\nimage = os.getenv("IMAGE", "a/b:1")\n', "a/b:1"),
        ('#!/usr/bin/env python3\nPOD = {\n  "image": "a/b:1",\n}\n', "a/b:1"),
        ("#!/bin/sh\nimage=a/b\nimage_tag=v3\n", "a/b:v3"),
    ],
)
def test_literals_of_scripts_are_found(script: str, expected: str) -> None:
    assert [text for _, text in scripted(config_map(run=script))] == [expected]


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/sh\n# IMAGE=a/b:1\necho $IMAGE\n",
        '#!/usr/bin/env python3\nimage = Image.open("photo.jpg")\nhost = "localhost:8080"\n',
        '#!/usr/bin/env python3\nimage = f"{name}:{tag}"\nimage = None\n',
        "#!/bin/sh\ncurl https://ghcr.io/a/b:1\n",
    ],
)
def test_scripts_without_images_have_none(script: str) -> None:
    assert scripted(config_map(run=script)) == []
