"""Whose an image is."""

from __future__ import annotations

from buildkit.flows.owners import owner_by
from buildkit.images.knowledge import Knowledge, parse_knowledge
from buildkit.model.finding import Owner
from buildkit.model.image import How, Image, ImageUse

DATA = """\
owners:
  - folders: [applications/katib]
    component: Katib
    repository: kubeflow/katib
    path: manifests/v1beta1
    source: https://github.com/kubeflow/katib
  - folders: ["remote:github.com/argoproj/argo-workflows@*"]
    component: Kubeflow Pipelines
    repository: argoproj/argo-workflows
    path: manifests
    source: https://github.com/argoproj/argo-workflows
"""


def knowledge() -> Knowledge:
    return parse_knowledge(DATA, "data.yaml")


def use(file: str, *, how: How = "pod", obj: str | None = "apps/v1/Deployment/kubeflow/katib") -> ImageUse:
    return ImageUse(file=file, line=1, kustomizations=("example",), object=obj, how=how, sample=False)


def image(*uses: ImageUse) -> Image:
    return Image(reference="x", name="docker.io/library/x:1", pinned="tag", default_install=True, uses=uses)


def test_a_folder_belongs_to_whom_the_data_file_says() -> None:
    owned = owner_by(knowledge(), ())(use("applications/katib/upstream/x.yaml"))
    assert owned is not None
    assert owned.component == "Katib"
    assert owned.owner is not None
    assert owned.owner.repository == "kubeflow/katib"


def test_a_remote_base_belongs_to_its_own_repository_and_path() -> None:
    owned = owner_by(knowledge(), ())(use("remote:github.com/argoproj/argo-workflows@v3.7.3/manifests/base/x.yaml"))
    assert owned is not None
    assert owned.component == "Kubeflow Pipelines"
    assert owned.owner is not None
    assert (owned.owner.repository, owned.owner.path) == ("argoproj/argo-workflows", "manifests/base")


def test_what_the_data_file_declares_belongs_to_the_object_that_brings_it() -> None:
    brings = image(use("applications/katib/upstream/x.yaml"))
    owned = owner_by(knowledge(), [brings])(use("buildkit/data/kubeflow.yaml", how="declared"))
    assert owned is not None
    assert owned.component == "Katib"


def test_an_unknown_folder_belongs_to_nobody() -> None:
    assert owner_by(knowledge(), ())(use("elsewhere/x.yaml")) is None


def test_a_remote_base_at_the_root_of_its_repository_has_no_path() -> None:
    owned = owner_by(knowledge(), ())(use("remote:github.com/argoproj/argo-workflows@v3.7.3/x.yaml"))
    assert owned is not None
    assert owned.owner == Owner(repository="argoproj/argo-workflows")
    assert owned.upstream == Owner(repository="argoproj/argo-workflows", path="x.yaml")


def test_a_vendored_file_names_the_very_file_upstream() -> None:
    owned = owner_by(knowledge(), ())(use("applications/katib/upstream/installs/x.yaml"))
    assert owned is not None
    assert owned.upstream == Owner(repository="kubeflow/katib", path="manifests/v1beta1/installs/x.yaml")


def test_what_is_not_vendored_has_no_file_upstream() -> None:
    for file in ("applications/katib/overlays/x.yaml", "elsewhere/upstream/x.yaml"):
        owned = owner_by(knowledge(), ())(use(file))
        assert owned is None or owned.upstream is None


def test_what_moved_is_asked_of_its_new_repository_and_was_copied_from_the_old_one() -> None:
    data = """\
owners:
  - folders: [applications/jupyter]
    component: Notebook Controller
    repository: kubeflow/kubeflow
    moved: kubeflow/notebooks
    path: components/notebook-controller/config
    source: https://github.com/kubeflow/notebooks
"""
    owned = owner_by(parse_knowledge(data, "data.yaml"), ())(use("applications/jupyter/upstream/base/x.yaml"))
    assert owned is not None
    assert owned.owner == Owner(repository="kubeflow/notebooks")
    assert owned.upstream == Owner(
        repository="kubeflow/kubeflow", path="components/notebook-controller/config/base/x.yaml"
    )


def test_one_folder_upstream_may_hold_several_components() -> None:
    data = """\
owners:
  - folders: [applications/dashboard/upstream/centraldashboard]
    component: Central Dashboard
    repository: kubeflow/dashboard
    path: components/centraldashboard/manifests/kustomize
    source: https://github.com/kubeflow/dashboard
  - folders: [applications]
    component: Kubeflow Platform
    repository: kubeflow/manifests
    source: https://github.com/kubeflow/manifests
"""
    file = "applications/dashboard/upstream/centraldashboard/base/x.yaml"
    owned = owner_by(parse_knowledge(data, "data.yaml"), ())(use(file))
    assert owned is not None
    assert owned.upstream == Owner(
        repository="kubeflow/dashboard", path="components/centraldashboard/manifests/kustomize/base/x.yaml"
    )
