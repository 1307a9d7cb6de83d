# Yiwang: plain `make` prints this help.
SHELL := /bin/bash
PYTHON ?= python3
PLACE ?= siyang
PORT ?= 8000
DATA ?= var/$(PLACE)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PYTHONDONTWRITEBYTECODE = # every start would compile anew

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test test-postgres check lint bench docs lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(READY) ## Make .venv with the command `yiwang` in it

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Yiwang needs Python 3.11 or newer; set PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

demo: setup ## Build the demo county, run the main job on it, serve it (PLACE, PORT, DATA)
	$(BIN)/yiwang demo --place $(PLACE) --data $(DATA) --port $(PORT)

serve: setup ## Serve what DATA holds, without building anything (PLACE, PORT, DATA)
	$(BIN)/yiwang serve --place $(PLACE) --data $(DATA) --port $(PORT)

test: setup ## Run the tests
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

test-postgres: setup ## Run the tests with PostgreSQL as the store (YIWANG_TEST_POSTGRES)
	YIWANG_TEST_STORE=postgres $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

check: lint ## Format, lint, types, import contracts, house tests
	$(BIN)/pytest tests/house -q

lint: setup ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --show-timings

bench: setup ## Measure the bars of docs/reference/performance.md and print ratios
	$(BIN)/python -m bench

docs: setup ## Print the generated reference pages into docs/reference
	$(BIN)/yiwang docs

lock: setup ## Renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --extra dev pyproject.toml --output-file requirements.lock

clean: ## Remove .venv and caches; var/ (your data) stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
