# Every action of this project. Each target is one command; `make` alone lists them.

VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
READY := $(VENV)/.ready
PACKAGES := provider simulator tools tests
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-cache-dir
LOCKED := --quiet --universal --generate-hashes --no-header

# The first Python that is recent enough; another one: `make setup PYTHON=/path/to/python`.
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
RECENT := 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON = $(or $(firstword $(foreach name,$(CANDIDATES),$(shell \
	$(name) -c $(RECENT) 2>/dev/null && echo $(name)))),$(error Python 3.11 or later is needed))

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint type security generated cover e2e apart smoke slow \
	soak matrix format proto docs bench build mirror release install uninstall sim lock audit clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with the locked dependencies

$(READY): requirements-dev.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r $<
	touch $@

demo: $(READY) ## create, grow, replace and destroy a drive, against the simulator
	@$(BIN)/python -m tools.demo

test: $(READY) ## all tests but the slow ones, in parallel and in random order
	$(BIN)/python -m pytest -n auto --dist worksteal --durations 10 -m "not slow"

check: lint type security audit generated test ## what has to pass before a change is shared

lint: $(READY) ## style, formatting, spelling
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell

type: $(READY) ## strict types
	$(BIN)/mypy

# Lesser findings are ruff's, where each exception carries its reason.
security: $(READY) ## known dangerous patterns in the code that ships
	$(BIN)/bandit --quiet --recursive --severity-level medium --confidence-level high provider

generated: $(READY) ## fail when committed generated files are not what their sources give
	$(BIN)/python -m tools.generate --check
	$(BIN)/python -m tools.docs --check

cover: $(READY) ## branch coverage, child processes included
	$(BIN)/coverage run -m pytest -n auto --dist worksteal -m "not slow"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --show-missing

e2e: $(READY) ## only the tests with the real Terraform
	$(BIN)/python -m pytest -n auto --dist worksteal -m "e2e and not slow"

apart: $(READY) ## the tests with the real Terraform and with faults, each read by itself
	CLOUDSIGMA_READ_WINDOW=0 $(BIN)/python -m pytest -n auto --dist worksteal -m "not slow" \
		tests/e2e tests/faults tests/property

smoke: $(READY) ## only the built package, installed and used where nothing else is
	$(BIN)/python -m pytest tests/product/test_use.py -k all_that_is_needed

slow: $(READY) ## only the tests that take long
	$(BIN)/python -m pytest -m slow

soak: $(READY) ## random histories through the real Terraform: `make soak RUNS=1000 SEED=1`
	$(BIN)/python -m tools.soak $(or $(RUNS),100) $(or $(SEED),1) $(if $(ONLY),--only $(ONLY))

matrix: $(READY) ## write the tables of docs/reliability.md, made by the real Terraform
	$(BIN)/python -m tests.faults.tables

format: $(READY) ## format the code and repair what can be repaired
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

proto: $(READY) ## write the messages of provider/bridge/pb from proto/
	$(BIN)/python -m tools.generate

docs: $(READY) ## write the registry's pages below docs/ from the schema and examples/
	$(BIN)/python -m tools.docs

build: $(READY) ## the package for this platform, for each way to install it; GPG_KEY=… signs
	$(BIN)/python -m tools.build

bench: $(READY) ## measure speed, beside a provider made with tf; needs PyPI once
	$(BIN)/python -m tools.bench

mirror: build ## the same, unpacked in build/mirror for Terraform's filesystem mirror

release: $(READY) ## describe and sign the zips of all platforms in build/release
	$(BIN)/python -m tools.release

install: build ## put the package where Terraform finds it without any settings
	$(BIN)/python -m tools.install

uninstall: $(READY) ## take it away from there
	$(BIN)/python -m tools.install --remove

sim: $(READY) ## serve the simulated CloudSigma API until interrupted
	$(BIN)/python -m simulator

lock: $(READY) ## write both lock files from pyproject.toml, keeping versions that still fit
	$(PIP) uv
	$(BIN)/uv pip compile $(LOCKED) -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile $(LOCKED) -o requirements-dev.lock pyproject.toml --group dev

audit: $(READY) ## known vulnerabilities of what ships, where PyPI's advisory service answers
	$(BIN)/python -m tools.audit

clean: ## remove what the other targets made
	rm -rf $(VENV) build .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find $(PACKAGES) -name __pycache__ -prune -exec rm -rf {} +
