"""Which images a selector's pods have."""

from __future__ import annotations

from buildkit.model.image import ImageUse
from buildkit.model.reference import parse_reference
from buildkit.pins.pin import Tie
from buildkit.pins.selectors import Selected
from buildkit.pins.uses import Named, Uses


def named(image: str, object_: str, kustomization: str, file: str = "base/x.yaml") -> Named:
    use = ImageUse(file=file, line=1, how="pod", object=object_, kustomizations=(kustomization,), sample=False)
    return Named(reference=parse_reference(image), use=use)


def selected(kind: str, name: str, file: str = "base/x.yaml") -> Selected:
    return Selected(tie=Tie(kind="selector", value="amd64", file=file, line=1, column=1), kind=kind, name=name)


def uses(kind: str, *several: Named) -> Uses:
    return Uses(digests={}, tags=(), kinds={kind: several})


def test_a_pod_that_an_overlay_renames_counts_beside_the_one_of_the_base() -> None:
    known = uses(
        "Deployment",
        named("quay.io/a/base", "Deployment/x/web", "base"),
        named("quay.io/a/other", "Deployment/x/my-web", "over"),
    )
    found = known.images_of(selected("Deployment", "web"), ("base", "over"))
    assert found == ("quay.io/a/base:latest", "quay.io/a/other:latest")


def test_a_pod_in_a_file_of_a_generator_has_the_images_of_that_file() -> None:
    known = uses(
        "ConfigMap",
        named("quay.io/a/pod", "ConfigMap/x/made", "base", "base/pod.yaml"),
        named("quay.io/a/other", "ConfigMap/x/made", "base", "base/other.yaml"),
    )
    assert known.images_of(selected("Pod", "web", "base/pod.yaml"), ("base",)) == ("quay.io/a/pod:latest",)
