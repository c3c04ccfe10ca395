# What a person or a workflow runs. The virtual environment (.venv) and the pinned programs (.tools/bin) that a target
# needs come up by themselves and stay until their pins change. Needs GNU make 3.81 or newer (macOS has that one).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.venv/bin:$(PATH)

# Programs by their path: make 3.81 starts a simple command by its own PATH, not by the exported one.
BIN := .venv/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input --quiet install
RUNTIME := .venv/runtime.stamp
DEV := .venv/dev.stamp
KUSTOMIZE := .tools/bin/kustomize
REGISTRY := .tools/bin/registry
CRANE := .tools/bin/crane
HELM := .tools/bin/helm
HELM3 := .tools/bin/helm3
DYFF := .tools/bin/dyff
ACTIONLINT := .tools/bin/actionlint
BUILDX := .tools/bin/buildx
BUILDKITD := .tools/bin/buildkitd
RUNC := .tools/bin/runc
# What builds: buildx, and where root on Linux has kfkit's own builder, that one; elsewhere an engine's serves.
BUILDER := $(BUILDX) $(if $(filter Linux-0,$(shell uname -s)-$(shell id -u)),$(BUILDKITD) $(RUNC))

# Downloads and compilers side by side: a cold start is mostly waiting for one or the other.
TOGETHER := $(MAKE) --no-print-directory --silent -j3

RELEASES := $(or $(KFKIT_RELEASES),../shared/manifests)
MANIFESTS ?= $(RELEASES)/26.03

.PHONY: help
help: ## What there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: ## Every verb on the sample platform, against a real local registry
	@tools/system demo
	@$(TOGETHER) $(KUSTOMIZE) $(RUNTIME)
	@$(PY) examples/demo.py # brings the registry itself, while the first report is read

.PHONY: test
test: ## All tests: unit, with real programs, on the releases (KFKIT_RELEASES)
	@tools/system test
	@$(TOGETHER) $(DEV) $(KUSTOMIZE) $(REGISTRY) $(CRANE) $(HELM) $(HELM3) $(BUILDER)
ifdef ARGS
	@$(PY) -m pytest $(ARGS)
else # what needs nothing but Python on all processors; real programs one test at a time, for they share the machine
	@$(PY) -m pytest -q tests/unit --numprocesses auto
	@$(PY) -m pytest --ignore=tests/unit
endif

.PHONY: test-unit
test-unit: $(DEV) ## The tests that need nothing but Python
	@HYPOTHESIS_PROFILE=quick $(PY) -m pytest -q tests/unit -m "not integration and not release" --numprocesses auto $(ARGS)

.PHONY: lint
lint: $(DEV) $(ACTIONLINT) ## Style, types, import layers, module sizes, workflows
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(PY) tools/sizes.py
	@$(ACTIONLINT)
	@$(BIN)/zizmor --offline --quiet --persona pedantic .github

.PHONY: format
format: $(DEV) ## Let ruff mend what it can
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

.PHONY: reference
reference: $(RUNTIME) ## Write docs/reference/cli.md anew, from --help
	@$(PY) tools/cli_reference.py

.PHONY: hooks
hooks: $(DEV) ## Run the checks before each commit (pre-commit)
	@$(BIN)/pre-commit install

.PHONY: audit
audit: $(RUNTIME) $(KUSTOMIZE) ## Audit a release: MANIFESTS=…, REMOTES=…, ARGS="--scope all"
	@tools/on-manifests audit "$(MANIFESTS)" "$(REMOTES)" $(ARGS)

.PHONY: pins
pins: $(RUNTIME) $(KUSTOMIZE) ## What ties a release to one architecture: MANIFESTS=…, REMOTES=…, ARGS="--mode strip"
	@tools/on-manifests "pins check" "$(MANIFESTS)" "$(REMOTES)" $(ARGS)

.PHONY: charts
charts: $(RUNTIME) $(KUSTOMIZE) ## Helm charts of a release: MANIFESTS=…, REMOTES=…, CHARTS="katib", ARGS="--output DIR"
	@tools/on-manifests "charts generate" "$(MANIFESTS)" "$(REMOTES)" $(CHARTS) $(ARGS)

.PHONY: charts-check
charts-check: $(RUNTIME) $(KUSTOMIZE) $(HELM) $(HELM3) ## Prove them: MANIFESTS=…, REMOTES=…, CHARTS="katib", ARGS=--equality-only
	@tools/on-manifests "charts check" "$(MANIFESTS)" "$(REMOTES)" $(CHARTS) $(ARGS)

.PHONY: build
build: $(RUNTIME) $(BUILDER) ## Build images, verify, tag: VERSION=…, CATALOGUE=…, ARGS="console --registry HOST/PREFIX"
	@$(BIN)/kfkit build run $(if $(CATALOGUE),--catalogue "$(CATALOGUE)") --version "$(VERSION)" $(ARGS)

.PHONY: build-lint
build-lint: $(RUNTIME) ## What in Dockerfiles breaks on another platform: DOCKERFILES="FILE-OR-FOLDER…", ARGS=--offline
	@$(BIN)/kfkit build lint $(or $(DOCKERFILES),examples/platform) $(ARGS)

.PHONY: audit-simulated
audit-simulated: $(DEV) $(KUSTOMIZE) $(REGISTRY) ## Audit MANIFESTS against a simulation of the public registries
	@$(PY) -m tests.simulation "$(MANIFESTS)" $(if $(REMOTES),--remotes "$(REMOTES)") $(ARGS)

.PHONY: bench
bench: $(DEV) $(KUSTOMIZE) $(REGISTRY) $(CRANE) $(HELM) $(DYFF) $(BUILDER) ## Speed and memory, as ratios against other ways to do the same
	@code=0; for file in benchmarks/*_bench.py; do echo "$$file"; $(PY) $$file $(ARGS) || code=1; done; exit $$code

.PHONY: tools
tools: $(KUSTOMIZE) $(REGISTRY) $(CRANE) $(HELM) $(HELM3) $(DYFF) $(ACTIONLINT) $(BUILDER) ## Every pinned program that serves here, into .tools/bin

.PHONY: system
system: ## What only a system package gives (as root on Debian or Ubuntu)
	@tools/system

.PHONY: emulators
emulators: ## Let this machine run programs of the other architecture (as root on Linux)
	@tools/emulators

.PHONY: releases
releases: ## Clone the Kubeflow releases that tests read: DIR=…, then set KFKIT_RELEASES=DIR/manifests
	@tools/releases "$(or $(DIR),.tools/releases)"

.PHONY: pins-update
pins-update: $(RUNTIME) ## Pin the newest Python dependencies (requirements/*.txt)
	@$(PY) tools/pins.py

.PHONY: clean
clean: ## Remove what make has made here; caches in the home directory stay
	@rm -rf .venv .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/pip:
	@tools/venv

$(RUNTIME): requirements/build.txt requirements/runtime.txt pyproject.toml | $(BIN)/pip
	@$(PIP) --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(PY) -m compileall -q buildkit # as an installed package is; where PYTHONDONTWRITEBYTECODE is set nothing else would
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME)
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

.tools/bin/%: tools/%/go.mod tools/%/go.sum tools/provide.py
	@tools/python tools/provide.py $*
.tools/bin/registry: tools/registry/main.go $(wildcard tools/registry/notelemetry/*)
