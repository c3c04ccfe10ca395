"""Catalogues and the folders that components are built from: which file, which checkout, which files in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.builds.catalogue import parse_catalogue
from buildkit.builds.contexts import join
from buildkit.builds.words import WordError, check_ref, check_repository
from buildkit.edges.files import is_file, is_folder, lies_inside, read_text_file, real_path
from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.builds.component import Catalogue, Component, Source
    from buildkit.flows.watch import Watch

DEFAULT: Final = Path("builds.yaml")
BUILT_IN: Final = "buildkit/data/builds.yaml"
KUBEFLOW: Final = Path("kubeflow")  # the built-in one by name, where there is no such file
_LARGEST: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkout:
    """`--source OWNER/REPO[@BRANCH]=DIR`: the folder that stands for a repository."""

    repository: str
    branch: str | None
    folder: str

    @property
    def name(self) -> str:
        return f"{self.repository}@{self.branch}" if self.branch else self.repository


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A component's files on disk: `context` and `dockerfile` as the plan has them, and their real paths."""

    context: str
    dockerfile: str
    real_context: Path
    real_dockerfile: Path


def read_catalogue(named: Path | None, checkouts: Sequence[Checkout], watch: Watch) -> Catalogue:
    """The catalogue that is named, else `builds.yaml` of the current directory, else the built-in one.

    Raises:
        UsageError: there is no such file, or it is wrong.
    """
    if named is None and is_file(DEFAULT):
        # A checkout must not say of itself how it is built.
        around = next((one.folder for one in checkouts if lies_inside(one.folder)), None)
        if around is None:
            named = DEFAULT
        else:
            watch.tell(f"{DEFAULT} lies inside {around} and is not read unless --catalogue names it")
    if named is None or (named == KUBEFLOW and not named.exists()):
        text = files("buildkit").joinpath("data", "builds.yaml").read_text("utf-8")
        return parse_catalogue(text, BUILT_IN)
    check_printable(str(named), "--catalogue")
    return parse_catalogue(read_text_file(named, _LARGEST), str(named))


def parse_checkouts(texts: Iterable[str]) -> tuple[Checkout, ...]:
    """Read `OWNER/REPO[@BRANCH]=DIR`.

    Raises:
        UsageError: one is not of that form, stands there twice, or there is no such folder.
    """
    found: dict[str, Checkout] = {}
    for text in texts:
        name, equals, folder = text.partition("=")
        repository, at, branch = name.rpartition("@") if "@" in name.removeprefix("https://") else (name, "", "")
        try:
            checkout = Checkout(
                repository=check_repository(repository), branch=check_ref(branch) if at else None, folder=folder
            )
        except WordError as error:
            raise UsageError(f"--source {text}: {error}", hint="OWNER/REPO=DIR or OWNER/REPO@BRANCH=DIR") from None
        check_printable(folder, "--source")
        if not equals or not is_folder(folder):
            raise UsageError(f"--source {text}: there is no folder '{folder}'", hint="OWNER/REPO=DIR")
        if checkout.name in found:
            raise UsageError(f"--source: {checkout.name} stands there twice")
        found[checkout.name] = checkout
    return tuple(found.values())


def check_printable(path: str, option: str) -> None:
    """See that a path can stand in a report and a bake file.

    Raises:
        UsageError: bytes that are no text, or characters that no one sees.
    """
    if not path.isprintable():
        raise UsageError(f"{option} {path!a}: a path that cannot be printed")


def checkout_of(source: Source, checkouts: Sequence[Checkout], catalogue: Catalogue) -> Checkout | None:
    """The checkout that stands for a source; None for one that has none.

    Raises:
        UsageError: a repository of which the catalogue knows several branches, and the checkout does not say which.
    """
    exact = [one for one in checkouts if one.repository == source.repository and one.branch == source.branch]
    plain = [one for one in checkouts if one.repository == source.repository and one.branch is None]
    if exact or not plain:
        return exact[0] if exact else None
    branches = {one.source.branch for one in catalogue.components if one.source.repository == source.repository} - {
        one.branch for one in checkouts if one.repository == source.repository
    }
    if len(branches) > 1:
        known = ", ".join(f"{source.repository}@{branch}" for branch in sorted(filter(None, branches)))
        raise UsageError(
            f"--source {plain[0].name}={plain[0].folder}: of which branch is it? The catalogue has {known}",
            hint=f"--source {source.name}={plain[0].folder}",
        )
    return plain[0]


def check_used(checkouts: Sequence[Checkout], catalogue: Catalogue) -> None:
    """See that each checkout is of a repository, and a branch of it, that the catalogue knows."""
    sources = {one.source for one in catalogue.components}
    for checkout in checkouts:
        branches = {one.branch for one in sources if one.repository == checkout.repository}
        if not branches:
            raise UsageError(f"--source {checkout.name}: {catalogue.file} has no component of that repository")
        if checkout.branch and checkout.branch not in branches:
            known = ", ".join(sorted(filter(None, branches))) or "no branch by name"
            raise UsageError(f"--source {checkout.name}: {catalogue.file} has no component of that branch, but {known}")


def source_folder(source: Source, checkout: Checkout | None, catalogue: Catalogue) -> str | None:
    """The folder of a source as text; None where it is a repository without a checkout."""
    if source.repository is not None:
        return checkout.folder if checkout else None
    return join(os.path.dirname(catalogue.file), source.directory or ".")  # noqa: PTH120  (text stays as it was given)


def place_of(component: Component, folder: str) -> Place:
    """A component's files in its source's folder.

    Raises:
        UsageError: context or Dockerfile are not there, or lead out of the source.
    """
    root = real_path(folder)
    context, dockerfile = join(folder, component.context), join(folder, component.dockerfile)
    real_context, real_dockerfile = real_path(context), real_path(dockerfile)
    for key, path, real, there in (
        ("context", component.context, real_context, is_folder(real_context)),
        ("dockerfile", component.dockerfile, real_dockerfile, is_file(real_dockerfile)),
    ):
        where = f"{component.file}:{component.line}: {key}: {component.name}"
        if not there:
            kind = "folder" if key == "context" else "file"
            raise UsageError(
                f"{where}: there is no {kind} '{path}' in {folder}",
                hint="`kfkit build catalogue --source …` checks all of a checkout",
            )
        if not real.is_relative_to(root):
            raise UsageError(f"{where}: leads out of {folder}, to {real}")
    return Place(context=context, dockerfile=dockerfile, real_context=real_context, real_dockerfile=real_dockerfile)
