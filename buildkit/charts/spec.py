"""A chart's specification, as `helm-charts/<name>/spec.yaml` gives it: everything that is particular to one chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "integer", "boolean", "array", "object"]
CrdPolicy = Literal["templates", "chart"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A kustomization that the chart can render as.

    Attributes:
        name: what `profile` is set to.
        path: the kustomization's folder, relative to the tree's root.
        elsewhere: where releases have it that lack `path`, the first that is there.
        optional: releases may lack it; elsewhere a missing one is an error.
        description: one line for readers of `values.yaml`.
    """

    name: str
    path: str
    elsewhere: tuple[str, ...] = ()
    optional: bool = False
    description: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path, *self.elsewhere)


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where something stands in objects.

    Attributes:
        object: glob over `group/Kind/name`, core group left out, a content hash at the name's end too.
        path: glob over paths (`spec.template.spec.containers[*].env[*].value`); `*` stays within a step, `**` crosses
            steps; `[name=x]` picks an element by one of its fields. Empty: anywhere in the object. With `?` behind its
            last key that key is added once the value is set.
        text: the part of the string there that is meant, each occurrence as a word of its own; empty: the whole value.
        before: what stands right before `text`; `after` likewise.
    """

    object: str
    path: str = ""
    text: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecValue:
    """A value that the specification names, beyond those that every chart has.

    Attributes:
        name: its path in `values.yaml`, steps in lower camel case, parted by dots.
        kind: what it holds.
        description: one line.
        sample: what the checks set it to; fits `kind` and `pattern`.
        pattern: a regular expression that a string has to match as a whole; empty for the usual one.
        at: where it is put once it is set.
        omits: globs of objects that are left out once it is set (a Secret that exists already).
        optional: releases may lack some of its places, though not all.
    """

    name: str
    kind: Kind
    description: str
    sample: object
    pattern: str = ""
    at: tuple[Spot, ...] = ()
    omits: tuple[str, ...] = ()
    optional: bool = False
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class NamespaceText:
    """How text that holds the namespace's name is to be read.

    Attributes:
        text: a piece of text with `{namespace}` where the name stands.
        object: glob of the objects that it is for; `**` for all.
        path: glob of the paths, as in `Spot`; empty for all.
        follow: whether it follows the release's namespace; where not, `reason` says why.
        reason: why it stays.
    """

    text: str
    object: str = "**"
    path: str = ""
    follow: bool
    reason: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A difference between chart and Kustomize that is meant, with its reason; one that is not there is stale.

    Attributes:
        object: glob over `group/Kind/name`.
        path: glob of the path that differs; empty for the whole object.
        reason: why.
        drop: a declared transform: the chart leaves out an empty list or mapping that stands there.
        profiles: the profiles that it is for; empty for all.
    """

    object: str
    path: str
    reason: str
    drop: bool = False
    profiles: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Ignored:
    """A kustomization below the watched folders that is no profile, and why."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What Chart.yaml says of the chart.

    Attributes:
        name: the chart's, and its folder's.
        description: one line.
        home: a link.
        sources: links.
        keywords: for searches.
        maintainers: `(name, link)`.
        kube_version: the constraint of Kubernetes versions.
        icon: a link; empty for none.
        license: its SPDX name; empty: the chart says none.
    """

    name: str
    description: str
    home: str
    sources: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    maintainers: tuple[tuple[str, str], ...] = ()
    kube_version: str = ">=1.29.0-0"
    icon: str = ""
    license: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartSpec:
    """One chart.

    Attributes:
        about: for Chart.yaml.
        app_version: the repository of the image whose tag is the appVersion.
        versioned_by: more of them, for releases that have no image of the first.
        component: the component's folder in the manifests: where `--into` puts the chart, as `<component>/helm`.
        elsewhere: its folder in trees that lack `component`, the first that is there.
        namespace: the namespace that the renders stand in; the release's by default.
        release: the release's name.
        profiles: at least one.
        default: the profile of a chart with no values set.
        watched: folders below which each kustomization is a profile or ignored: others are reported.
        ignored: those that are not taken, with reasons.
        crds: as templates of the chart, or in a chart of their own, `<name>-crds`.
        values: those beyond the usual ones.
        namespace_text: how text with the namespace's name is read.
        image_names: names in `images:` by repository, where its last part will not do.
        accepted: differences that are meant.
        tested: Services that the `helm test` hook connects to, by name.
        source: the file's name, for errors.
        readme: what people wrote beside it (README.md); empty where nothing lies there.
    """

    about: About
    app_version: str
    component: str
    namespace: str
    release: str
    profiles: tuple[Profile, ...]
    default: str
    watched: tuple[str, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    crds: CrdPolicy = "templates"
    values: tuple[SpecValue, ...] = ()
    namespace_text: tuple[NamespaceText, ...] = ()
    image_names: tuple[tuple[str, str], ...] = ()
    accepted: tuple[Accepted, ...] = ()
    tested: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    versioned_by: tuple[str, ...] = ()
    source: str = ""
    readme: str = ""

    @property
    def components(self) -> tuple[str, ...]:
        return (self.component, *self.elsewhere)
