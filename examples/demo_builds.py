"""The demo's last steps: the image that lost arm64 is built for both platforms, and the audit of it turns green.

As root on Linux kfkit's own builder does it; elsewhere one in a container of the engine at hand. Where there is neither
the steps are left out, and the demo ends with 3.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit.edges.engine import ask_engine
from buildkit.errors import UndeterminedError
from examples.bases import push_base

if TYPE_CHECKING:
    from examples.demo import Demo
    from tests.support.registry_process import Registry

ROOT = Path(__file__).resolve().parents[1]
HOST = "registry.quarry.example"
DOCKERFILE = "apps/runs/image/Dockerfile"
CONTROLLER = "apps/runs/base/controller.yaml"
OLD, NEW = "runs/controller:1.1.0", "runs/controller:1.1.2"


def own_builder() -> bool:
    """Whether kfkit's own builder can run: root on Linux."""
    return sys.platform == "linux" and os.geteuid() == 0


def builder_at_hand() -> bool:
    if own_builder():
        return True
    try:
        ask_engine(seconds=3)
    except UndeterminedError:
        return False
    return True


def builds(demo: Demo, registry: Registry) -> None:
    """Lint, mend, build, verify, audit."""
    tree = demo.out / "platform"
    lint(demo, tree)
    before(demo, tree)
    if not builder_at_hand():
        print("\n  !! no builder: run `make demo` as root on Linux, or start Docker; the steps that build are left out")
        demo.left_out = True
        return
    build(demo, registry)
    after(demo, tree)


def lint(demo: Demo, tree: Path) -> None:
    demo.say(
        "12. Why that release lost arm64 for one image: what in the sample's Dockerfiles breaks on another platform.\n"
        "    The mend that is certain, as a patch for the copy."
    )
    demo.kfkit("build", "lint", demo.shown(tree / "apps"), "--offline", codes=(1,))
    patch = demo.kfkit("build", "lint", demo.shown(tree / DOCKERFILE), "--offline", "--patch", codes=(0, 1))
    print("\n$ … | git apply")
    # The patch names the file as it was named, if that is below here; else by itself.
    where = ROOT if (tree / DOCKERFILE).is_relative_to(ROOT) else (tree / DOCKERFILE).parent
    subprocess.run(["git", "apply", "-"], cwd=where, input=patch, text=True, check=False)
    demo.expect("--platform" not in (tree / DOCKERFILE).read_text(), "the patch does not mend the Dockerfile")


def before(demo: Demo, tree: Path) -> None:
    demo.say("13. The audit of that component, with what release 1.0 lacked too as known: no-go.")
    demo.kfkit("audit", demo.shown(tree), *_audited(demo), codes=(1,), show=7)


def build(demo: Demo, registry: Registry) -> None:
    demo.say(
        "14. A new tag, built for both platforms: each by itself and by digest, the one that is not this machine's\n"
        "    under emulation; then merged, read back from the registry, and only then tagged."
    )
    push_base(registry.host, f"{HOST}/")
    shutil.copy(ROOT / "examples" / "builds.yaml", demo.out)
    results = demo.out / "builds"
    shutil.rmtree(results, ignore_errors=True)
    where = ("--registry", f"{registry.host}/{HOST}", "--registries-conf", demo.conf)
    catalogue = ("--catalogue", demo.shown(demo.out / "builds.yaml"))
    demo.kfkit(
        *("build", "run", "runs", "--version", "1.1.2", *catalogue, *where, "--results", demo.shown(results)),
        codes=(0,),
    )
    demo.say("15. What the registry has under that tag, read back once more.")
    demo.kfkit(*("build", "verify", "--result", demo.shown(results), "--registries-conf", demo.conf), codes=(0,))


def after(demo: Demo, tree: Path) -> None:
    demo.say("16. The copy takes the new tag, and the audit of the component is green.")
    print(f"\n$ sed -i s#{OLD}#{NEW}# {demo.shown(tree / CONTROLLER)}")
    file = tree / CONTROLLER
    file.write_text(file.read_text().replace(OLD, NEW))
    demo.kfkit("audit", demo.shown(tree), *_audited(demo), codes=(0,), show=3)


def _audited(demo: Demo) -> tuple[str, ...]:
    """The component by itself, held against release 1.0."""
    return (
        *("--install", "apps/runs/overlays/multi-user", "--baseline", demo.shown(demo.out / "baseline.json")),
        *("--data", "examples/quarry.yaml", "--registries-conf", demo.conf, "--today", "2026-11-23"),
    )
