"""The harness itself: it runs what GitHub would run, and what it does not know fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.expressions import ExpressionError, Lax, Scope
from tests.support.workflow import Host, WorkflowError, WorkflowRun, run_workflow
from tests.support.workflow_actions import ACTIONS

HEAD = """on: {schedule: []}
permissions: {}
defaults: {run: {shell: bash}}
jobs:
"""
STATUS = {"success": True, "always": True, "failure": False, "cancelled": False}
SCOPE = Scope(
    contexts={"inputs": {"flag": True, "text": "it's", "none": ""}, "github": {"event": Lax(a={"b": 1})}},
    status=STATUS,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("inputs.text", "it's"),
        ("inputs.none || 'other'", "other"),
        ("inputs.flag && inputs.text == 'IT''S'", True),
        ("!github.event.missing.deeper", True),
        ("github.event.a.b != 2", True),
        ("!cancelled() && (failure() || success())", True),
        ("fromJSON('[1, 2]')", [1, 2]),
        ("false || inputs.none", ""),
    ],
)
def test_expressions_mean_what_they_mean_on_github(text: str, value: object) -> None:
    assert SCOPE.value(text) == value


@pytest.mark.parametrize(
    "text", ["inputs.typo", "nowhere.x", "contains('a', 'b')", "inputs.flag inputs.flag", "a[0]", ""]
)
def test_what_is_not_known_fails(text: str) -> None:
    with pytest.raises(ExpressionError):
        SCOPE.value(text)


def run(folder: Path, jobs: str, **actions: Any) -> WorkflowRun:
    file = folder / "workflow.yml"
    file.write_text(HEAD + jobs)
    host = Host(
        folder=folder / "runs",
        repositories={},
        repository="x/y",
        own=("x/y", "0" * 40),
        env={"PATH": "/usr/bin:/bin"},
        actions={**ACTIONS, **actions},
    )
    return run_workflow(file, host)


def test_steps_after_a_red_one_run_only_when_they_ask_to(tmp_path: Path) -> None:
    jobs = """
  one:
    permissions: {}
    steps:
      - {id: red, run: "false | cat; echo not reached"}
      - {run: echo plain}
      - {if: always(), run: echo always}
      - {if: "${{ failure() && steps.red.outcome == 'failure' }}", run: echo failed}
  two: {needs: one, permissions: {}, steps: [{run: echo two}]}
  three: {needs: [one, two], if: "!cancelled()", permissions: {}, steps: [{run: echo three}]}
"""
    done = run(tmp_path, jobs)
    assert [step.outcome for step in done.job("one").steps] == ["failure", "skipped", "success", "success"]
    assert [(job.id, job.result) for job in done.jobs] == [("one", "failure"), ("two", "skipped"), ("three", "success")]
    assert done.job("one").steps[0].log == "", "a failure in a pipe ends the step"


def test_outputs_environment_path_and_summary_go_where_they_belong(tmp_path: Path) -> None:
    jobs = """
  one:
    permissions: {}
    outputs: {list: "${{ steps.made.outputs.list }}"}
    steps:
      - id: made
        run: |
          echo 'list=[{"who":"a"},{"who":"b"}]' >> "$GITHUB_OUTPUT"
          echo "told=$RUNNER_TEMP" >> "$GITHUB_ENV"
          printf '#!/bin/sh\\necho found\\n' > "$RUNNER_TEMP/tool"; chmod +x "$RUNNER_TEMP/tool"
          echo "$RUNNER_TEMP" >> "$GITHUB_PATH"
          echo summed >> "$GITHUB_STEP_SUMMARY"
      - {run: "test $told = $RUNNER_TEMP && tool && test -z \\"${GITHUB_TOKEN-}\\""}
  each:
    needs: one
    strategy: {matrix: {include: "${{ fromJSON(needs.one.outputs.list) }}"}}
    permissions: {}
    steps: [{run: "echo this is ${{ matrix.who }}"}]
"""
    done = run(tmp_path, jobs)
    assert done.job("one").result == "success", done.logs()
    assert done.job("one").summary == "summed\n"
    assert [done.job("each", who=who).steps[0].log for who in "ab"] == ["this is a\n", "this is b\n"]


@pytest.mark.parametrize(
    "step",
    [
        "{uses: someone/unknown@v1}",
        "{run: echo, shell: sh}",
        "{uses: actions/checkout@v1}",
        "{uses: actions/checkout@v1, with: {persist-credentials: false, submodules: true}}",
        "{run: 'echo x<<END >> $GITHUB_OUTPUT; echo x >> $GITHUB_OUTPUT'}",
    ],
)
def test_a_step_that_it_cannot_run_fails_the_test(tmp_path: Path, step: str) -> None:
    with pytest.raises(WorkflowError):
        run(tmp_path, f"  one: {{permissions: {{}}, steps: [{step}]}}\n")
