# Two commands do everything: `make demo` (ASK="..." asks once) and `make test` (PYTEST_ARGS="..." narrows it).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

export ASK
export LANGSMITH_TRACING = false
export LANGGRAPH_STRICT_MSGPACK = true

.PHONY: demo demo-slack test lint types imports unit bench tokens lock clean

$(STAMP): requirements.lock pyproject.toml
	@echo "Installing into $(VENV) (once, about a minute) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: set PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q assistant tools evals
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/python -m evals.demo $(if $(ASK),--ask "$$ASK")

demo-slack: $(STAMP)
	@$(BIN)/python -m evals.demo_slack

test: lint types imports unit

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@$(BIN)/lint-imports --no-logo

unit: $(STAMP)
	@$(BIN)/pytest -n 2 --dist worksteal -q --cov --cov-report=term:skip-covered $(PYTEST_ARGS)

bench: $(STAMP)
	@$(BIN)/python -m evals.benchmarks

tokens: $(STAMP)
	@$(BIN)/python -m evals.tokens

lock:
	@uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev --no-header --no-emit-index-url -o requirements.lock pyproject.toml

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .demo
