"""A repository that calls the workflows of pins, as far as it has a past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.workflows.conftest import git

if TYPE_CHECKING:
    from pathlib import Path

CALLER = "someone/platform"
BACKUP = "quay.io/quarry-example/database-backup:1.1-amd64"
AMD64 = "sha256:6c4d696de6c5baa04430b97018038b6f45d254a8de870512add9f02a10e6de39"
PROXY = f"registry.quarry.example/gateway/proxy:1.4.0@{AMD64}"
_WHO = ("-c", "user.name=x", "-c", "user.email=x@example.com")


def pod(name: str, *images: str) -> str:
    """Write a pod; its first image stands in line 6, the next one two lines below."""
    containers = "".join(f"    - name: c{number}\n      image: {image}\n" for number, image in enumerate(images))
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n{containers}"


class Repository:
    """A caller's repository: `deploy` has an old tie on `main`; a pull request comes, and others are merged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "deploy" / "example").mkdir(parents=True)
        git(folder, "init", "--quiet", "--initial-branch=main")
        self.write("deploy/example/kustomization.yaml", "resources: [old.yaml]\n")
        self.begin = self.write("deploy/example/old.yaml", pod("old", BACKUP))

    def write(self, path: str, content: str) -> str:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(content)
        git(self.folder, "add", "--all")
        git(self.folder, *_WHO, "commit", "--quiet", "-m", f"write {path}")
        return git(self.folder, "rev-parse", "HEAD").strip()

    def pull_request(self, *files: tuple[str, str]) -> None:
        """Leave HEAD as GitHub's checkout of a pull request has it: merged into what `main` is by now."""
        git(self.folder, "checkout", "--quiet", "-B", "topic", self.begin)
        for path, content in files:
            self.write(path, content)
        git(self.folder, "checkout", "--quiet", "--detach", "main")
        git(self.folder, *_WHO, "merge", "--quiet", "--no-ff", "-m", "merge", "topic")
