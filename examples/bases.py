"""The two images that the sample's Dockerfiles build on: `build/base`, a shell for both platforms, and `build/go`.

Both are made here, of what this machine has: examples/base compiled for each platform, and the Go toolchain itself.
They are kept in .tools/sample and pushed as real layers; nothing is pulled.
"""

from __future__ import annotations

import gzip
import http.client
import io
import json
import os
import subprocess
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.push import (
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    Built,
    digest_of,
    platform_fields,
    push_over,
)
from tools.provide import provide_go

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / ".tools" / "sample"
BASE, GO = "build/base", "build/go"
PLATFORMS = ("linux/amd64", "linux/arm64")
COMMANDS = ("cat", "chmod", "mkdir", "sh", "sleep", "uname")
# Of the toolchain what a static program needs: no tests, no other tools, no archives of other platforms.
_GO_TOOLS = frozenset({"asm", "compile", "link", "buildid", "cgo", "pack"})
_GO_SETTINGS = {"Env": ["PATH=/usr/local/go/bin:/bin", "HOME=/root", "GOTOOLCHAIN=local", "GOFLAGS=-mod=mod"]}
_LEFT_OUT = ("testdata/", "_test.go", "src/cmd/vendor/", "/.git")


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer as it is pushed, and the digest of what it unpacks to."""

    compressed: bytes
    diff_id: str


def push_base(host: str, prefix: str = "") -> None:
    """Push `build/base:1` for both platforms to `host/prefix`."""
    _push(host, prefix + BASE, "1", {name: (base_layer(name),) for name in PLATFORMS}, {"Env": ["PATH=/bin"]})


def push_go(host: str, prefix: str = "") -> None:
    """Push `build/go:1.26`, for this machine's platform alone: it compiles for the others."""
    go = Path(provide_go())
    native = subprocess.run([str(go), "env", "GOHOSTARCH"], capture_output=True, text=True, check=True).stdout.strip()
    layers = (base_layer(f"linux/{native}"), go_layer(go, native))
    _push(host, prefix + GO, "1.26", {f"linux/{native}": layers}, _GO_SETTINGS)


def push_compilers(host: str, prefix: str = "") -> None:
    """Push `build/go:1.26` for both platforms, each with a compiler that runs on it: what nobody should build with."""
    go = Path(provide_go())
    images = {name: (base_layer(name), go_layer(go, name.rpartition("/")[2])) for name in PLATFORMS}
    _push(host, prefix + GO, "1.26", images, _GO_SETTINGS)


def push_files(
    host: str, name: str, *, platform: str, files: Mapping[str, Path], settings: Mapping[str, object]
) -> None:
    """Push `REPOSITORY:TAG` with one layer of these files, by their paths in it."""
    repository, _, tag = name.partition(":")
    members = ((path, file.read_bytes(), 0o755) for path, file in sorted(files.items()))
    _push(host, repository, tag, {platform: (_layer(members),)}, settings)


def base_layer(platform: str) -> Layer:
    """`/bin/sh` and its commands: one static program by several names."""
    program = compile_base(platform)
    return _layer(_base_members(program.read_bytes()))


def compile_base(platform: str) -> Path:
    """The sample's shell for a platform, compiled once."""
    system, architecture = platform.split("/")
    target = STORE / f"base-{architecture}"
    sources = [ROOT / "examples" / "base" / name for name in ("main.go", "go.mod", "go.sum")]
    if target.exists() and target.stat().st_mtime >= max(one.stat().st_mtime for one in sources):
        return target
    STORE.mkdir(parents=True, exist_ok=True)
    scratch = STORE / f".base-{architecture}.{os.getpid()}"
    settings = {"CGO_ENABLED": "0", "GOOS": system, "GOARCH": architecture, "GOFLAGS": "-mod=readonly"}
    command = [provide_go(), "build", "-trimpath", "-ldflags", "-s -w", "-o", str(scratch), "."]
    subprocess.run(command, cwd=sources[0].parent, env={**os.environ, **settings}, check=True)
    scratch.replace(target)
    return target


def go_layer(go: Path, architecture: str) -> Layer:
    """The toolchain at /usr/local/go, some 30 MB, packed once for each version and architecture."""
    said = subprocess.run([str(go), "env", "GOROOT", "GOVERSION"], capture_output=True, text=True, check=True).stdout
    root, version = said.split()
    kept = STORE / f"{version}-{architecture}.tar.gz"
    stated = kept.with_suffix(".diff-id")
    if not kept.exists():
        STORE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            programs = _go_programs(go, Path(root), architecture, Path(folder))
            layer = _layer(_go_members(Path(root), programs))
        stated.write_text(layer.diff_id)
        scratch = STORE / f".{kept.name}.{os.getpid()}"
        scratch.write_bytes(layer.compressed)
        scratch.replace(kept)
    return Layer(compressed=kept.read_bytes(), diff_id=stated.read_text())


Member = tuple[str, bytes | str | None, int]  # name; bytes of a file, target of a link, None for a folder; mode


def _base_members(program: bytes) -> Iterator[Member]:
    yield from ((name, None, 0o755) for name in ("bin", "etc", "root"))
    yield "tmp", None, 0o1777
    yield "bin/base", program, 0o755
    yield from ((f"bin/{name}", "base", 0o777) for name in COMMANDS)
    yield "etc/passwd", b"root:x:0:0::/root:/bin/sh\n", 0o644


def _go_programs(go: Path, root: Path, architecture: str, folder: Path) -> dict[str, Path]:
    """The command and its tools by where they belong: the toolchain's own, or compiled for another architecture."""
    tools = f"pkg/tool/linux_{architecture}"
    if (root / tools).is_dir():
        found = [path for path in (root / tools).iterdir() if path.name in _GO_TOOLS]
        return {"bin/go": root / "bin" / "go", **{f"{tools}/{path.name}": path for path in found}}
    settings = {"CGO_ENABLED": "0", "GOOS": "linux", "GOARCH": architecture, "GOTOOLCHAIN": "local"}
    packages = ["cmd/go", *(f"cmd/{name}" for name in ("asm", "compile", "link"))]
    command = [str(go), "build", "-trimpath", "-ldflags", "-s -w", "-o", f"{folder}/", *packages]
    subprocess.run(command, cwd=root / "src" / "cmd", env={**os.environ, **settings}, check=True)
    return {("bin/go" if path.name == "go" else f"{tools}/{path.name}"): path for path in folder.iterdir()}


def _go_members(root: Path, programs: Mapping[str, Path]) -> Iterator[Member]:
    wanted = [root / name for name in ("VERSION", "go.env")]
    wanted += [path for path in (root / "pkg" / "include").rglob("*") if path.is_file()]
    for source in (one for one in (root / "src").iterdir() if one.name != "cmd"):
        wanted += [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    files = {**programs} | {path.relative_to(root).as_posix(): path for path in wanted}
    yield from ((name, None, 0o755) for name in ("usr", "usr/local"))
    for name, path in sorted(files.items()):
        if not any(part in name for part in _LEFT_OUT):
            yield f"usr/local/go/{name}", path.read_bytes(), 0o755 if os.access(path, os.X_OK) else 0o644


def _layer(members: Iterator[Member]) -> Layer:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content, mode in members:
            info = tarfile.TarInfo(name)
            info.mode = mode
            if isinstance(content, bytes):
                info.size = len(content)
            else:
                info.type = tarfile.DIRTYPE if content is None else tarfile.SYMTYPE
                info.linkname = content or ""
            tar.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else None)
    plain = buffer.getvalue()
    return Layer(compressed=gzip.compress(plain, 1, mtime=0), diff_id=digest_of(plain))


def _push(
    host: str, repository: str, tag: str, images: Mapping[str, tuple[Layer, ...]], settings: Mapping[str, object]
) -> None:
    """One index: `images` are layers by platform, `settings` those of a container."""
    built = Built()
    descriptors = []
    for platform, layers in images.items():
        config = {
            "created": "2026-01-01T00:00:00Z",
            **platform_fields(platform),
            "config": dict(settings),
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": _blob(built, OCI_CONFIG, json.dumps(config).encode()),
            "layers": [_blob(built, OCI_LAYER, layer.compressed) for layer in layers],
        }
        descriptors.append(_document(built, OCI_MANIFEST, manifest) | {"platform": platform_fields(platform)})
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": descriptors}
    built.digest = str(_document(built, OCI_INDEX, index)["digest"])
    with closing(http.client.HTTPConnection(host, timeout=60)) as connection:
        push_over(connection, repository, tag, built)


def _blob(built: Built, media_type: str, body: bytes) -> dict[str, object]:
    built.blobs[digest_of(body)] = body
    return {"mediaType": media_type, "digest": digest_of(body), "size": len(body)}


def _document(built: Built, media_type: str, document: object) -> dict[str, object]:
    body = json.dumps(document).encode()
    built.manifests[digest_of(body)] = (media_type, body)
    return {"mediaType": media_type, "digest": digest_of(body), "size": len(body)}
