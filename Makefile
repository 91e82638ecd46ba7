# Everything a newcomer types. `make help` lists it.

# --- Where things are --------------------------------------------------------
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
# Tried with uv's own certificates first, which even a bare machine has, and then with the
# machine's, which a company's proxy needs. Compiled at once: tests start many processes, and some
# machines keep no bytecode by themselves.
UV_SYNC := $(BIN)/uv sync --quiet --frozen --inexact --compile-bytecode
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# uv must use the interpreter that is here, whatever .python-version says, and fetch none.
export UV_PYTHON := $(CURDIR)/$(BIN)/python
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/$(VENV)
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help setup test check format faults bench sandbox pictures run doctor clean

help: ## Show this list
	@echo 'make …'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Set-up ------------------------------------------------------------------
setup: $(VENV)/.ready ## Make the virtual environment with everything in it
	@:

$(VENV)/.ready: pyproject.toml uv.lock Makefile .ci/find-python
	@echo 'Setting up $(VENV) …'
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  python=$$(PYTHON='$(PYTHON)' sh .ci/find-python) && "$$python" -m venv --clear $(VENV); }
	@$(PIP) install 'uv==$(UV_VERSION)'
	@$(UV_SYNC) 2>/dev/null || $(UV_SYNC) --system-certs
	@touch $@

# --- Checks ------------------------------------------------------------------
# The slow tests stand together: a worker that is through takes over from the one that has them.
# Crashes keep the machine so busy that other tests, some with Slack's seconds in them, go first.
test: check ## Check everything and run all tests
	@$(BIN)/python -m pytest -q -n auto --dist worksteal --ignore tests/faults
	@$(BIN)/python -m pytest -q -n auto --dist worksteal tests/faults

# `test` runs these too, with one seed and a tenth of the fuzz.
faults: setup ## Kill workers, and attack with fresh seeds and ten times the fuzz
	@FAULTS=all $(BIN)/python -m pytest -q -n auto --dist worksteal tests/faults tests/security

check: setup ## Formatting, lint, types and import rules
	@$(BIN)/ruff format --quiet --check --output-format concise . || { echo 'Run: make format'; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports

format: setup ## Format the code and mend what lint can mend
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: setup ## Measure, into docs/benchmarks.md (ONLY=name for one, SMALL=1 to try it out)
	@$(BIN)/python -m bench $(if $(SMALL),--small) $(ONLY)

# --- Running -----------------------------------------------------------------
sandbox: setup ## Try it in a browser, with a made-up Slack and Salesforce (ONCE=1: in the terminal)
	@$(BIN)/python -m bot sandbox $(if $(ONCE),--once)

pictures: setup ## Take the pictures in docs/pictures anew (needs Chromium)
	@$(BIN)/python -m tests.browser.pictures

run: setup .env ## Run it in a real workspace, set up in .env
	@$(BIN)/python -m bot --env-file .env all

doctor: setup .env ## Check each setting in .env against the live services
	@$(BIN)/python -m bot --env-file .env doctor

.env:
	@echo 'There is no .env yet. Copy .env.example to .env and fill it in.'
	@exit 1

clean: ## Remove what was built; .data and .env stay
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
