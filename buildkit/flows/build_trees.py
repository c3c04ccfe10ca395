"""Work trees of the builds: read once each, and what they say of a build's files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.builds.changed import IGNORE, Inputs, is_changed
from buildkit.edges.changes import merge_base
from buildkit.edges.context import digest_folder
from buildkit.edges.files import is_file, read_limited, real_path
from buildkit.edges.worktree import changed_between, find_root, object_names, read_work_tree
from buildkit.errors import UsageError
from buildkit.flows.build_sources import Place
from buildkit.model.worktree import WorkTree, touches

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_COMMIT: Final = "there is none yet, or the folder is another user's: `git config --global --add safe.directory DIR`"
_LARGEST_IGNORE: Final = 1024 * 1024


@dataclass(kw_only=True)
class Trees:
    """The repositories that these places lie in. Git is asked once for each, and folders are read once."""

    places: tuple[Place, ...]
    _known: dict[Path, Path | None] = field(default_factory=dict)
    _read: dict[Path, WorkTree | None] = field(default_factory=dict)
    _digests: dict[tuple[Path, tuple[Path, ...]], str | None] = field(default_factory=dict)

    def root_of(self, place: Place) -> Path | None:
        """The repository that holds both context and Dockerfile."""
        root = find_root(place.real_context, self._known)
        return root if root == find_root(place.real_dockerfile.parent, self._known) else None

    def tree_of(self, place: Place) -> WorkTree | None:
        """What git says of it; None where it is in no repository, or in one that git does not trust."""
        root = self.root_of(place)
        if root is None:
            return None
        if root not in self._read:
            inside = [one for one in self.places if self.root_of(one) == root]
            wanted = {path for one in inside for path in self._paths(one, root)}
            self._read[root] = read_work_tree(root, sorted(wanted))
        return self._read[root]

    def unread(self) -> tuple[Path, ...]:
        """Repositories that git told nothing of: it does not trust them, or they have no commit yet."""
        return tuple(sorted(root for root, tree in self._read.items() if tree is None))

    def inputs_of(self, place: Place, tree: WorkTree) -> Inputs:
        context, dockerfile, _ = self._paths(place, Path(tree.root))
        ignores = (_own_ignore(place), _reached(place.real_context, IGNORE))
        text = next((_read_ignore(path) for path in ignores if path), None)
        return Inputs(context=context, dockerfile=dockerfile, ignore=text)

    def is_dirty(self, place: Place, tree: WorkTree) -> bool:
        """Whether the build's files differ from the commit."""
        return is_changed(self.inputs_of(place, tree), tree.changed)

    def changed_since(self, revision: str) -> frozenset[Place]:
        """The places whose files changed since HEAD left a revision, uncommitted changes included.

        Raises:
            UsageError: a place in no repository, or a repository that does not know the revision.
        """
        paths: dict[str, tuple[str, ...]] = {}
        found: set[Place] = set()
        for place in self.places:
            tree = self.tree_of(place)
            if tree is None:
                raise self._unknown(place)
            if tree.root not in paths:
                paths[tree.root] = self._since(tree, revision)
            if is_changed(self.inputs_of(place, tree), paths[tree.root]):
                found.add(place)
        return frozenset(found)

    def _unknown(self, place: Place) -> UsageError:
        root = self.root_of(place)
        if root:
            return UsageError(f"--changed-since: git tells no commit of {root}", hint=NO_COMMIT)
        return UsageError(f"--changed-since: {place.context} is in no git repository", hint="it needs a clone's folder")

    def states(self) -> Mapping[Place, str | None]:
        """The state of each place's files as one word; None where it cannot be told.

        Where all is as committed these are git's own object names. Else every file is read.
        """
        found: dict[Place, str | None] = {}
        for root, places in self._clean().items():
            commit = places[0][1].commit
            names = [
                f"{commit}:{'' if path == '.' else path}" for place, _ in places for path in self._paths(place, root)
            ]
            objects = iter(object_names(root, names))
            for place, _ in places:
                three = tuple(next(objects) for _ in range(3))
                if three[0] and three[1]:
                    found[place] = "git:" + ",".join(one or "-" for one in three)
        return {place: found[place] if place in found else self._digest(place) for place in self.places}

    def _clean(self) -> Mapping[Path, list[tuple[Place, WorkTree]]]:
        """The places of which a commit says all, by repository.

        Nothing changed, and nothing lies there that git ignores: the builder would see it.
        """
        found: dict[Path, list[tuple[Place, WorkTree]]] = {}
        for place in self.places:
            tree = self.tree_of(place)
            if tree is None:
                continue
            paths = self._paths(place, Path(tree.root))
            if not any(touches(path, one) for path in (*tree.changed, *tree.ignored) for one in paths):
                found.setdefault(Path(tree.root), []).append((place, tree))
        return found

    def _since(self, tree: WorkTree, revision: str) -> tuple[str, ...]:
        root = Path(tree.root)
        inside = [one for one in self.places if self.root_of(one) == root]
        wanted = sorted({path for one in inside for path in self._paths(one, root)})
        base = merge_base(root, revision)
        return (*changed_between(root, base, tree.commit, wanted), *tree.changed)

    def _digest(self, place: Place) -> str | None:
        key = (place.real_context, _outside(place))
        if key not in self._digests:
            self._digests[key] = digest_folder(*key)
        digest = self._digests[key]
        return digest and f"files:{digest}"

    @staticmethod
    def _paths(place: Place, root: Path) -> tuple[str, str, str]:
        """Context, Dockerfile and its own ignore file, relative to the repository's root."""
        dockerfile = place.real_dockerfile.relative_to(root).as_posix()
        return place.real_context.relative_to(root).as_posix(), dockerfile, dockerfile + IGNORE


def _outside(place: Place) -> tuple[Path, ...]:
    """What is read from outside the context."""
    more = (place.real_dockerfile, _own_ignore(place))
    return tuple(one for one in more if one and not one.is_relative_to(place.real_context))


def _own_ignore(place: Place) -> Path | None:
    return _reached(place.real_dockerfile.parent, place.real_dockerfile.name + IGNORE)


def _reached(folder: Path, name: str) -> Path | None:
    """A file that is there, links followed; builders follow none out of the folder either."""
    real = real_path(folder / name)
    return real if real.is_relative_to(folder) and is_file(real) else None


def _read_ignore(path: Path) -> str:
    """An ignore file's text; one that cannot be read leaves nothing out."""
    try:
        return read_limited(path, _LARGEST_IGNORE).decode("utf-8", "replace")
    except UsageError:
        return ""
