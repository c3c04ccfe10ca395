"""What stands in for the actions of our workflows: folders for artifacts, a copy for a checkout, checks of inputs."""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.workflow import ActionFailed, Call, WorkflowError

if TYPE_CHECKING:
    from tests.support.workflow import Action

_MOST_SARIF_RESULTS = 25_000  # per run, GitHub's limit
_INVALID_NAME = set('":<>|*?\r\n\\/')


def _only(call: Call, *names: str) -> None:
    if unknown := set(call.inputs) - set(names):
        raise WorkflowError(f"{call.action}: {', '.join(sorted(unknown))} is not known here")


def checkout(call: Call) -> None:
    """Copy the repository's folder, or clone it where it has commits; credentials must not be left on the disk."""
    _only(call, "repository", "ref", "path", "persist-credentials", "fetch-depth")
    if call.inputs.get("persist-credentials") != "false":
        raise WorkflowError("checkout would leave the token on the disk")
    name = call.inputs.get("repository") or call.host.repository
    if name not in call.host.repositories:
        raise ActionFailed(f"there is no repository {name}")
    source, remote = call.host.repositories[name]
    target = call.workspace / call.inputs.get("path", ".")
    commands: tuple[tuple[str, ...], ...]
    if (source / ".git").is_dir():
        depth = call.inputs.get("fetch-depth", "1")
        shallow = () if depth == "0" else ("--depth", depth)
        commands = (("clone", "--quiet", *shallow, f"file://{source}", "."), ("remote", "set-url", "origin", remote))
        target.mkdir(parents=True, exist_ok=True)
    else:
        commands = (("init", "--quiet"), ("remote", "add", "origin", remote))
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
    for command in commands:
        subprocess.run(["git", "-C", str(target), "-c", "advice.detachedHead=false", *command], check=True)


def upload_artifact(call: Call) -> None:
    _only(call, "name", "path", "if-no-files-found", "overwrite", "retention-days")
    name, source = call.inputs["name"], call.workspace / call.inputs["path"]
    if not name or _INVALID_NAME & set(name):
        raise ActionFailed(f"{name!r} cannot be an artifact's name")
    target = call.artifacts / name
    if target.exists() and call.inputs.get("overwrite") != "true":
        raise ActionFailed(f"an artifact {name} is there already")
    shutil.rmtree(target, ignore_errors=True)
    files = [path for path in source.rglob("*") if path.is_file()]
    if not files and call.inputs.get("if-no-files-found") == "error":
        raise ActionFailed(f"no files in {call.inputs['path']}")
    for path in files:
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def download_artifact(call: Call) -> None:
    """One by name, which must be there, or all that match a pattern, each into a folder of its own or all into one."""
    _only(call, "name", "pattern", "path", "merge-multiple")
    target = call.workspace / call.inputs["path"]
    if "name" in call.inputs:
        if not (call.artifacts / call.inputs["name"]).is_dir():
            raise ActionFailed(f"there is no artifact {call.inputs['name']}")
        shutil.copytree(call.artifacts / call.inputs["name"], target, dirs_exist_ok=True)
        return
    found = [folder for folder in call.artifacts.iterdir() if fnmatch.fnmatch(folder.name, call.inputs["pattern"])]
    # One alone gets no folder of its own either (actions/download-artifact, src/download-artifact.ts).
    together = call.inputs.get("merge-multiple") == "true" or len(found) == 1
    for folder in found:
        shutil.copytree(folder, target if together else target / folder.name, dirs_exist_ok=together)


def upload_sarif(call: Call) -> None:
    """Refuse what GitHub's code scanning would refuse, as its documentation says."""
    _only(call, "sarif_file", "category")
    document = json.loads((call.workspace / call.inputs["sarif_file"]).read_text())
    if document["version"] != "2.1.0" or "2.1.0" not in document["$schema"]:
        raise ActionFailed("no SARIF 2.1.0")
    for run in document["runs"]:
        rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
        if len(run["results"]) > _MOST_SARIF_RESULTS:
            raise ActionFailed("too many results")
        for result in run["results"]:
            call.log.append(f"{_checked(result, rules)}: {result['message']['text']}")


def _checked(result: dict[str, Any], rules: set[str]) -> str:
    """Where a result is about: `file:line`, relative to the repository."""
    if result["ruleId"] not in rules or not result["message"]["text"]:
        raise ActionFailed(f"a result without rule or message: {result}")
    place = result["locations"][0]["physicalLocation"]
    uri, line = place["artifactLocation"]["uri"], place["region"]["startLine"]
    if uri.startswith("/") or ".." in Path(uri).parts or line < 1:
        raise ActionFailed(f"{uri}:{line} is no place in the repository")
    return f"{uri}:{line}"


def login(call: Call) -> None:
    """See who logs in where; a workflow's own token is for GitHub's registry, from jobs that may push."""
    _only(call, "registry", "username", "password")
    if not all(call.inputs.values()):
        raise ActionFailed("Username and password required")
    password = call.inputs["password"]
    if password in call.host.tokens and call.inputs["registry"] != "ghcr.io":
        raise WorkflowError(f"GitHub's token would be told to {call.inputs['registry']}")
    if password in call.host.tokens and call.host.tokens[password].get("packages") != "write":
        raise ActionFailed("this job may not push")
    call.log.append(f"{call.inputs['username']} to {call.inputs['registry']}")


def attest(call: Call) -> None:
    """See that an index is named as GitHub wants it."""
    _only(call, "subject-name", "subject-digest", "push-to-registry", "create-storage-record")
    name, digest = call.inputs["subject-name"], call.inputs["subject-digest"]
    if ":" in name.rpartition("/")[2] or not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
        raise ActionFailed(f"{name}@{digest} is no subject")
    call.log.append(f"{name}@{digest}")


def install_cosign(call: Call) -> None:
    """Install a cosign that says what it was asked."""
    _only(call)
    program = call.workspace.parent / "cosign" / "cosign"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "cosign %s\\n" "$*"\n')
    program.chmod(0o755)
    call.path.append(str(program.parent))


ACTIONS: dict[str, Action] = {
    "actions/checkout": checkout,
    "actions/upload-artifact": upload_artifact,
    "actions/download-artifact": download_artifact,
    "actions/attest": attest,
    "docker/login-action": login,
    "github/codeql-action/upload-sarif": upload_sarif,
    "sigstore/cosign-installer": install_cosign,
}
