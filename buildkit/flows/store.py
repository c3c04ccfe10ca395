"""Remote bases of a run: where they are looked for, and the lock that says what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit.edges.files import cache_folder
from buildkit.edges.remotes import RemoteStore, read_lock, write_lock

if TYPE_CHECKING:
    from buildkit.flows.options import RemoteOptions
    from buildkit.flows.watch import Watch


def open_store(options: RemoteOptions) -> RemoteStore:
    """Where a run's remote bases come from.

    Raises:
        UsageError: the lock cannot be read, or is none.
    """
    lock = read_lock(options.lock)
    return RemoteStore(
        options.remotes, cache_folder("remotes"), offline=options.offline, lock=lock, refresh=options.update_lock
    )


def keep_lock(options: RemoteOptions, store: RemoteStore, watch: Watch) -> None:
    """Write the lock where one is due, and say what it does not hold.

    Raises:
        UsageError: it cannot be written.
    """
    if write_lock(options.lock, store):
        watch.tell(f"wrote {options.lock}: {len(store.fetched)} remote bases")
    elif store.lock is not None:
        for place in sorted(store.fetched.keys() - store.lock.remotes.keys()):
            watch.tell(f"{place} is not in {options.lock}; --update-lock records it")
