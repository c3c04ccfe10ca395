"""`python -m examples.serve`: the sample's registry, until Ctrl-C. What the tutorial's commands ask."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from examples.bases import push_base
from examples.demo_builds import HOST
from examples.images import IMAGES
from tests.support.mirror import fill, hosts_of, write_registries_conf
from tests.support.registry_process import run_registry


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m examples.serve", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("dist/serve"), help="where registries.conf goes")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="kfkit-serve-") as work, run_registry(Path(work)) as registry:
        fill(registry.host, IMAGES)
        push_base(registry.host, f"{HOST}/")
        write_registries_conf(out / "registries.conf", registry.host, hosts_of(IMAGES))
        print(
            f"{len(IMAGES)} images on {registry.host}; --registries-conf {out / 'registries.conf'}; Ctrl-C ends it",
            flush=True,
        )
        try:
            signal.pause()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
