"""What several commands are asked for: options that belong together, as the flows take them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteOptions:
    """Folders of remote bases, whether the network may be asked, and the lock; as the options of that name."""

    remotes: tuple[Path, ...] = ()
    offline: bool = False
    lock: Path = Path("kfkit.lock")
    update_lock: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ChartOptions:
    """What a chart is rendered with: `--values-a`, `--set-a`, `--release-name`, `--namespace`."""

    values: tuple[Path, ...] = ()
    sets: tuple[str, ...] = ()
    name: str = "release-name"
    namespace: str = "default"
