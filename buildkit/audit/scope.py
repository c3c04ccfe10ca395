"""What counts towards the result of an audit (DESIGN.md, "Exit codes")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from buildkit.audit.past import PastImage
    from buildkit.audit.record import AuditedImage
    from buildkit.model.image import Image

Scope = Literal["default", "all"]


def counts(image: Image | AuditedImage | PastImage, scope: Scope) -> bool:
    """Whether an image changes the result: samples never do."""
    return image.default_install if scope == "default" else any(not use.sample for use in image.uses)
