"""`kfkit inspect` against crane and bare sockets, on a real registry behind a delay (issue 3, "Speed and memory").

    .venv/bin/python benchmarks/inspect_bench.py [ROUNDS]

120 references of two platforms each, 30 ms added to every answer. Measured in turns, ROUNDS times: kfkit with an
empty cache (whole process, and the network part of --timings), kfkit again with that cache, crane (`crane config
--platform P` for each platform, 16 processes at a time), and its requests over 64 connections of bare sockets and of
urllib3. Figures are medians; a ratio is the median of the rounds' own ratios, so a noisy machine moves both sides.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.push import build, index, push_over  # noqa: E402
from tests.support.registry_process import run_registry  # noqa: E402
from tests.support.tools import tool  # noqa: E402

REFERENCES = 120
PLATFORMS = ("linux/amd64", "linux/arm64")
DELAY = 0.03
CRANES = 16
CONNECTIONS = 64
_NETWORK = re.compile(r"timing network: ([\d.]+) s")


def fill(host: str) -> list[str]:
    """Push the images; gives the request targets that reading them takes."""
    connection = http.client.HTTPConnection(host)
    targets = []
    for number in range(REFERENCES):
        repository = f"bench/image-{number}"
        built = build(index(*PLATFORMS, salt=str(number)))
        push_over(connection, repository, "v1", built)
        children = [digest for digest in built.manifests if digest != built.digest]
        configs = [digest for digest, body in built.blobs.items() if body.startswith(b"{")]
        targets.append(f"/v2/{repository}/manifests/v1")
        targets += [f"/v2/{repository}/manifests/{digest}" for digest in children]
        targets += [f"/v2/{repository}/blobs/{digest}" for digest in configs]
    return targets


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


def run_kfkit(host: str, cache: Path) -> tuple[float, float]:
    """Seconds of the whole process and of its network part."""
    names = "\n".join(f"{host}/bench/image-{number}:v1" for number in range(REFERENCES))
    command = [sys.executable, "-m", "buildkit.cli", "inspect", "-", "--timings"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "HOME": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed has its bytecode
    start = time.perf_counter()
    done = subprocess.run(command, input=names, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    whole = time.perf_counter() - start
    found = _NETWORK.search(done.stderr)
    if done.returncode or found is None or f"{REFERENCES} supported" not in done.stdout:
        raise SystemExit(f"kfkit: {done.returncode}\n{done.stdout[-500:]}{done.stderr}")
    return whole, float(found[1])


def run_crane(host: str) -> float:
    def ask(number: int, platform: str) -> None:
        command = [tool("crane"), "config", "--platform", platform, f"{host}/bench/image-{number}:v1"]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)

    start = time.perf_counter()
    with ThreadPoolExecutor(CRANES) as pool:
        jobs = [pool.submit(ask, number, platform) for number in range(REFERENCES) for platform in PLATFORMS]
        for job in jobs:
            job.result()
    return time.perf_counter() - start


def run_script(file: str, host: str, targets: list[str]) -> float:
    name, _, port = host.partition(":")
    script = str(ROOT / "benchmarks" / file)
    command = [sys.executable, script, name, port, str(CONNECTIONS)]
    done = subprocess.run(command, input="\n".join(targets), capture_output=True, text=True, check=True)
    return float(done.stdout)


def ratio(figures: dict[str, list[float]], above: str, below: str) -> float:
    return statistics.median(a / b for a, b in zip(figures[above], figures[below], strict=True))


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    figures: dict[str, list[float]] = {name: [] for name in ("cold", "network", "warm", "crane", "raw", "urllib3")}
    with tempfile.TemporaryDirectory() as folder, run_registry(Path(folder)) as registry:
        targets = fill(registry.host)
        with delayed(registry.host) as host:
            run_kfkit(host, Path(folder) / "before")  # bytecode, and the files of both programs in memory
            run_crane(host)
            for number in range(rounds):
                cache = Path(folder) / f"cache-{number}"
                cache.mkdir()
                whole, network = run_kfkit(host, cache)
                figures["cold"].append(whole)
                figures["network"].append(network)
                figures["raw"].append(run_script("inspect_raw_sockets.py", host, targets))
                figures["urllib3"].append(run_script("inspect_urllib3.py", host, targets))
                figures["warm"].append(run_kfkit(host, cache)[1])
                figures["crane"].append(run_crane(host))
                shutil.rmtree(cache)
    median = {name: statistics.median(values) for name, values in figures.items()}
    print(f"{REFERENCES} references, {len(targets)} requests, {DELAY * 1000:.0f} ms delay, median of {rounds} rounds")
    print(f"kfkit cold, whole process    {median['cold']:.3f} s")
    print(f"kfkit cold, network part     {median['network']:.3f} s")
    print(f"kfkit warm, network part     {median['warm']:.3f} s")
    print(f"crane, {CRANES} at a time          {median['crane']:.3f} s")
    print(f"bare sockets                 {median['raw']:.3f} s")
    print(f"urllib3, {CONNECTIONS} threads         {median['urllib3']:.3f} s")
    print(f"crane / kfkit cold           {ratio(figures, 'crane', 'cold'):.2f}  (at least 3)")
    print(f"network part / bare sockets  {ratio(figures, 'network', 'raw'):.2f}  (at most 1.5)")
    print(f"urllib3 / bare sockets       {ratio(figures, 'urllib3', 'raw'):.2f}  (no verdicts, no order)")
    print(f"network part cold / warm     {ratio(figures, 'network', 'warm'):.2f}  (at least 3)")


if __name__ == "__main__":
    main()
