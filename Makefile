# make demo   set everything up and run the main job on embedded defaults
# make test   set up what it needs and run the whole test suite
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
export BENTOML_DO_NOT_TRACK := True
export MLFLOW_DISABLE_TELEMETRY := true
export DVC_NO_ANALYTICS := 1
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM := false
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo up lab test check lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: $(VENV)/.ready ## virtual environment and locked dependencies

$(VENV)/.ready: requirements.lock pyproject.toml deploy/setup.sh
	@deploy/setup.sh $(VENV)
	@touch $@

demo: setup ## train, promote, serve, and send held-out mail through the gateway
	@python deploy/demo.py

up: setup ## model service, gateway and MLflow's pages, until Ctrl-C
	@python deploy/up.py

lab: setup ## JupyterLab on the notebooks
	@jupyter lab --notebook-dir=notebooks

test: setup ## the whole test suite
	@deploy/test-needs.sh
	@python -m pytest

check: setup ## lint, types, contracts
	@ruff check .
	@ruff format --check .
	@mypy
	@lint-imports

lock: ## resolve dependencies anew (needs uv)
	@deploy/lock.sh

clean: ## remove what runs left behind, and nothing else
	rm -rf var build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
