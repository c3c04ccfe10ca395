"""`kfkit audit`: tree -> images -> registry facts -> verdicts -> what was decided and what was before -> one audit."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from buildkit.audit.meaning import on_arm64
from buildkit.audit.past import past_of
from buildkit.audit.policy import PROBLEMS
from buildkit.audit.scope import Scope
from buildkit.audit.settle import Found, make_audit
from buildkit.errors import UsageError
from buildkit.flows.decisions import DecisionFiles, read_rules, release_name
from buildkit.flows.images import DEFAULT_INSTALL, ImagesRequest, collect_images, read_knowledge
from buildkit.flows.inspect import inspect_references
from buildkit.flows.owners import owner_by
from buildkit.flows.suggest import suggest
from buildkit.model.inspection import Depth
from buildkit.model.platform import parse_platform
from buildkit.model.reference import parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildkit.audit.judge import Audit
    from buildkit.audit.settle import Rules
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.images import ImagesResult
    from buildkit.flows.watch import Watch
    from buildkit.images.knowledge import Knowledge
    from buildkit.model.inspection import Inspection


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditRequest:
    """What to audit, and how.

    Attributes:
        images: the tree, and what counts in it.
        files: policy, exceptions, baseline; required platforms where the user names them.
        against: an older release to compare with, instead of a baseline.
        suggest: whether to ask registries for newer tags of what lacks a platform.
    """

    images: ImagesRequest
    files: DecisionFiles
    today: date
    depth: Depth = "config"
    scope: Scope = "default"
    against: str | None = None
    suggest: bool = True


def run_audit(request: AuditRequest, registry: RegistryClient | None, watch: Watch) -> Audit:
    """Audit what `request` names; without a registry (offline) every image is unknown.

    Raises:
        UsageError, UndeterminedError: as `collect_images` and `read_rules`.
    """
    _check(request)
    known = read_knowledge(request.images.data)
    files = replace(request.files, against=request.against)
    rules = read_rules(files, request.images.manifests, request.today, known[0].components, watch)
    tree = request.images
    if not tree.installs and rules.policy.installs:
        tree = replace(tree, installs=rules.policy.installs, asked_by=rules.policy.installs_at)
    found = collect_images(tree, watch, known)
    before = collect_images(replace(tree, manifests=request.against), watch, known) if request.against else None
    inspections = _inspect([found, *([before] if before else [])], rules, request, registry, watch)
    if before is not None and request.against:
        past = past_of(_judge(before, tree, inspections, replace(rules, exceptions=(), past=None), request.scope))
        rules = replace(rules, past=replace(past, date=None), against=release_name(request.against))
    audit = _judge(found, tree, inspections, rules, request.scope)
    return _enriched(audit, known[0], request, registry, watch)


def _check(request: AuditRequest) -> None:
    if request.against is None:
        return
    if request.files.baseline is not None or request.files.update_baseline:
        raise UsageError("--against compares with a release, --baseline with a file: give one of them")
    if request.against == request.images.manifests == "-":
        raise UsageError("standard input can be read once: MANIFESTS or --against may be -, not both")


def _inspect(
    trees: Iterable[ImagesResult], rules: Rules, request: AuditRequest, registry: RegistryClient | None, watch: Watch
) -> Mapping[str, Inspection]:
    references = [parse_reference(image.name) for tree in trees for image in tree.images]
    platforms = [parse_platform(name) for name in rules.policy.all_platforms()]
    inspections = inspect_references(references, platforms, registry, watch, depth=request.depth)
    return {one.name: one for one in inspections}


def _judge(
    result: ImagesResult, tree: ImagesRequest, inspections: Mapping[str, Inspection], rules: Rules, scope: Scope
) -> Audit:
    named = frozenset(posixpath.normpath(one) for one in tree.installs or (DEFAULT_INSTALL,))
    found = Found(
        source=result.source,
        installs=named & {item.path for item in result.kustomizations},
        images=result.images,
        kustomizations=result.kustomizations,
        problems=result.problems,
    )
    return make_audit(found, inspections, owner_by(result.knowledge, result.images), rules, scope)


def _enriched(
    audit: Audit, knowledge: Knowledge, request: AuditRequest, registry: RegistryClient | None, watch: Watch
) -> Audit:
    """What an arm64 node makes of each image, and what to use instead of those that lack a platform."""
    problems = [image for image in audit.counted if any(r.verdict in PROBLEMS for r in image.platforms.values())]
    asked = registry if request.suggest else None
    found = suggest(problems, registry=asked, knowledge=knowledge, watch=watch, depth=request.depth)
    images = tuple(
        replace(
            image,
            on_arm64=on_arm64(image.platforms, knowledge.emulation_of(parse_reference(image.name))),
            suggestion=found.get(image.name),
        )
        for image in audit.images
    )
    return replace(audit, images=images)
