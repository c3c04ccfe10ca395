"""`kfkit build verify` against what else reads a tag back, on a real registry behind a delay (issue 6, "Speed").

    .venv/bin/python benchmarks/build_verify_bench.py [ROUNDS]

15 tags of two platforms with provenance, four layers each, 30 ms added to every answer. In turns, ROUNDS times: kfkit
(whole process; --timings tells its network part), the same requests over 64 connections of bare sockets, and of each
tag, 16 processes at a time, `crane validate --fast --remote` (every manifest, config and layer of the index is there;
nothing about platforms, attestations or labels) and `buildx imagetools inspect --raw` (the root alone). Figures are
medians; a ratio is the median of the rounds' own ratios, so a noisy machine moves both sides.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.push import Entry, Image, build, push_over  # noqa: E402
from tests.support.registry_process import run_registry  # noqa: E402
from tests.support.tools import tool  # noqa: E402
from tests.support.verified import attested  # noqa: E402

TAGS = 15
LAYERS = 4
PLATFORMS = ("linux/amd64", "linux/arm64")
DELAY = 0.03
PROCESSES = 16
CONNECTIONS = 64
MOST_SECONDS = 1.0
_NETWORK = re.compile(r"timing network: ([\d.]+) s")


def fill(host: str) -> list[str]:
    """Push the images; gives the targets of the requests that proving them takes."""
    connection = http.client.HTTPConnection(host)
    targets = []
    for number in range(TAGS):
        repository = f"bench/image-{number}"
        entries = [image(platform, number) for platform in PLATFORMS]
        built = build(attested(*entries))
        push_over(connection, repository, "v1", built)
        targets.append(f"/v2/{repository}/manifests/v1")
        targets += [f"/v2/{repository}/manifests/{digest}" for digest in built.manifests if digest != built.digest]
        targets += [f"/v2/{repository}/blobs/{digest}" for digest in built.blobs]
    return targets


def image(platform: str, number: int) -> Entry:
    layers = tuple(f"{platform} {number} {layer}".encode() for layer in range(LAYERS))
    return Entry(content=Image(platform=platform, layers=layers), platform=platform)


@contextlib.contextmanager
def delayed(host: str) -> Iterator[str]:
    name, _, port = host.partition(":")
    script = str(ROOT / "benchmarks" / "inspect_delay_proxy.py")
    command = [sys.executable, script, name, port, str(DELAY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101
        try:
            yield f"127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def names(host: str) -> list[str]:
    return [f"{host}/bench/image-{number}" for number in range(TAGS)]


def run_kfkit(host: str, home: Path) -> tuple[float, float]:
    """Seconds of the whole process and of its network part."""
    tags = [f"{name}:v1" for name in names(host)]
    command = [sys.executable, "-m", "buildkit.cli", "build", "verify", *tags, "--timings", "--format", "json"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(home), "HOME": str(home)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    whole = time.perf_counter() - start
    found = _NETWORK.search(done.stderr)
    if done.returncode or found is None or json.loads(done.stdout)["result"] != "ok":
        raise SystemExit(f"kfkit: {done.returncode}\n{done.stdout[-500:]}{done.stderr}")
    return whole, float(found[1])


def run_all(commands: Sequence[Sequence[str]], home: Path) -> float:
    environment = {**os.environ, "HOME": str(home)}

    def run(command: Sequence[str]) -> None:
        subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=True)

    start = time.perf_counter()
    with ThreadPoolExecutor(PROCESSES) as pool:
        list(pool.map(run, commands))
    return time.perf_counter() - start


def run_crane(host: str, home: Path) -> float:
    return run_all([[tool("crane"), "validate", "--fast", "--remote", f"{name}:v1"] for name in names(host)], home)


def run_buildx(host: str, home: Path) -> float:
    buildx = tool("buildx")
    return run_all([[buildx, "imagetools", "inspect", "--raw", f"{name}:v1"] for name in names(host)], home)


def run_sockets(host: str, targets: list[str]) -> float:
    name, _, port = host.partition(":")
    script = str(ROOT / "benchmarks" / "inspect_raw_sockets.py")
    command = [sys.executable, script, name, port, str(CONNECTIONS)]
    done = subprocess.run(command, input="\n".join(targets), capture_output=True, text=True, check=True)
    return float(done.stdout)


def ratio(figures: dict[str, list[float]], above: str, below: str) -> float:
    return statistics.median(a / b for a, b in zip(figures[above], figures[below], strict=True))


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    figures: dict[str, list[float]] = {name: [] for name in ("whole", "network", "raw", "crane", "buildx")}
    with tempfile.TemporaryDirectory() as folder, run_registry(Path(folder)) as registry:
        targets, home = fill(registry.host), Path(folder)
        with delayed(registry.host) as host:
            run_kfkit(host, home)  # bytecode, and the files of all programs in memory
            run_crane(host, home)
            run_buildx(host, home)
            for _ in range(rounds):
                whole, network = run_kfkit(host, home)
                figures["whole"].append(whole)
                figures["network"].append(network)
                figures["raw"].append(run_sockets(host, targets))
                figures["crane"].append(run_crane(host, home))
                figures["buildx"].append(run_buildx(host, home))
    median = {name: statistics.median(values) for name, values in figures.items()}
    print(f"{TAGS} tags, {len(targets)} requests, {DELAY * 1000:.0f} ms delay, median of {rounds} rounds")
    print(f"kfkit, whole process                {median['whole']:.3f} s  (under {MOST_SECONDS:.0f} s)")
    print(f"kfkit, network part                 {median['network']:.3f} s")
    print(f"bare sockets, the same requests     {median['raw']:.3f} s")
    print(f"crane validate --fast --remote      {median['crane']:.3f} s")
    print(f"buildx imagetools inspect --raw     {median['buildx']:.3f} s")
    print(f"crane / kfkit                       {ratio(figures, 'crane', 'whole'):.2f}  (what is there, no more)")
    print(f"buildx imagetools / kfkit           {ratio(figures, 'buildx', 'whole'):.2f}  (reads the roots alone)")
    print(f"network part / bare sockets         {ratio(figures, 'network', 'raw'):.2f}")
    return 0 if median["whole"] < MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
