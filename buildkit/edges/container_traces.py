"""What starting images leaves on an engine while it lasts: containers by name, images that were not there before."""

from __future__ import annotations

import contextlib
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Traces:
    """Notes everything before it is made, so that an interruption can remove it; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._images: set[str] = set()
        self._over = False

    def begin_container(self, name: str) -> bool:
        """Note a container that is about to be made; False where the run is over and none may be."""
        with self._lock:
            if not self._over:
                self._names.add(name)
            return not self._over

    def begin_image(self, image: str) -> None:
        """Note an image that is about to be pulled."""
        with self._lock:
            self._images.add(image)

    def remove_container(self, client: Any, name: str) -> None:
        quietly(partial(client.remove_container, name, v=True, force=True))
        with self._lock:
            self._names.discard(name)

    def remove_image(self, client: Any, image: str) -> None:
        """Remove an image; once the run is over `end` does, when no container holds it any more.

        An engine asked too early only takes its name, and the image stays without one.
        """
        with self._lock:
            if self._over:
                return
            self._images.discard(image)
        quietly(partial(client.remove_image, image))

    def end(self, open_client: Callable[[], Any]) -> None:
        """Remove what is there, containers first, and begin nothing more."""
        with self._lock:
            self._over = True
            names, images = sorted(self._names), sorted(self._images)
        if not names and not images:
            return
        client = open_client()
        for name in names:
            quietly(partial(client.remove_container, name, v=True, force=True))
        for image in images:
            quietly(partial(client.remove_image, image))
        client.close()


def quietly(call: Callable[[], object]) -> None:
    """Tidy up; what is gone already, or still in use elsewhere, is no matter."""
    with contextlib.suppress(Exception):
        call()
