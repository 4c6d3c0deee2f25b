# Everything that a developer runs. Needs make and Python 3.10 to 3.13; the rest installs itself.

PYTHON ?= python3
# Handed to `poetry lock`; LOCK_FLAGS=--regenerate looks for newer versions of everything.
LOCK_FLAGS ?=

# More than there are cores, for some of the integration tests only wait.
TEST_PROCESSES ?= 4

# What the image is built on, where it is not the one that the Dockerfile names.
BASE_IMAGE ?=
IMAGE := airbyte/source-confluence:dev

VENV := .venv
VENV_BENCH := .venv-bench
VENV_LOCK := .venv-lock
VENV_PYAIRBYTE := .venv-pyairbyte
VENV_QA := .venv-qa
PACKAGES := source_confluence unit_tests integration_tests benchmarks requirements docs conftest.py examples

REQUIRE_PYTHON := $(PYTHON) -c 'import sys; v = sys.version_info; \
	sys.exit(not (3, 10) <= v < (3, 14) and "Python 3.10 to 3.13 is needed and $(PYTHON) is \
	%d.%d: name another one with make PYTHON=python3.11" % v[:2])'
# The exported requirements are complete: no need to resolve.
INSTALL := bin/python -m pip install -qq --disable-pip-version-check
INSTALL_LOCKED := $(INSTALL) --require-hashes --no-deps -r

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-10s %s\n", $$1, $$2 }'

.PHONY: venv
venv: $(VENV)/.installed ## Install the connector and its tools in .venv (the others do so by themselves)

.PHONY: demo
demo: $(VENV)/.installed ## See a whole sync of an emulated Confluence, without an account
	$(VENV)/bin/python -m integration_tests.demo

.PHONY: check
check: $(VENV)/.installed ## Lint, formatting, types, the Dockerfile, and whether the lock is fresh
	$(VENV)/bin/ruff check $(PACKAGES)
	$(VENV)/bin/ruff format --check $(PACKAGES)
	$(VENV)/bin/mypy
	$(VENV)/bin/hadolint Dockerfile
	$(VENV)/bin/python requirements/freshness.py

.PHONY: unit
unit: $(VENV)/.installed ## The unit tests alone, without coverage
	$(VENV)/bin/python -m pytest unit_tests

# Coverage is that of the unit tests: tracing would double the time of the connector's processes.
.PHONY: test
test: $(VENV)/.installed ## All tests, and the coverage of the unit tests
	$(VENV)/bin/python -m pytest unit_tests --cov
	$(VENV)/bin/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadgroup integration_tests

.PHONY: dist
dist: $(VENV)/.installed ## Build the wheel and the sdist in dist/
	$(VENV)/bin/python -m build --no-isolation --outdir dist .

.PHONY: format
format: $(VENV)/.installed ## Mend what ruff can mend
	$(VENV)/bin/ruff check --fix $(PACKAGES)
	$(VENV)/bin/ruff format $(PACKAGES)

.PHONY: docs
docs: $(VENV)/.installed ## Write the generated parts of docs/streams.md and README.md anew
	$(VENV)/bin/python -m docs.streams
	$(VENV)/bin/python -m docs.configuration

.PHONY: bench
bench: $(VENV)/.installed $(VENV_BENCH)/.installed ## Measure against other extractors, side by side
	$(VENV)/bin/python -m benchmarks

.PHONY: image
image: ## Build the container image airbyte/source-confluence:dev (needs an engine)
	docker build --network host $(if $(BASE_IMAGE),--build-arg BASE_IMAGE=$(BASE_IMAGE)) -t $(IMAGE) .

# Backward compatibility is a comparison with the published image, which would have to be pulled.
.PHONY: image-test
image-test: $(VENV)/.installed ## Run spec, check, discover and read from that image
	CONNECTOR_IMAGE=$(IMAGE) $(VENV)/bin/python -m pytest integration_tests/test_image.py
	$(VENV)/bin/python -m pytest -m image_tests --connector-image $(IMAGE) \
		--read-from-streams=all -k 'not backward_compatibility' integration_tests/test_standard.py

# PyAirbyte and the connector each have an environment of their own, as they do where they are used.
.PHONY: pyairbyte
pyairbyte: $(VENV)/.installed $(VENV_PYAIRBYTE)/.installed ## Have PyAirbyte read an emulated Confluence into DuckDB, twice
	$(VENV)/bin/python -m integration_tests.pyairbyte_demo --python $(VENV_PYAIRBYTE)/bin/python \
		--connector $(VENV_PYAIRBYTE)/connector/bin/source-confluence

.PHONY: qa
qa: $(VENV_QA)/.installed ## Run Airbyte's own QA checks, without the network (needs Python 3.11 or 3.12)
	DO_NOT_TRACK=1 AIRBYTE_OFFLINE_MODE=1 $(VENV_QA)/bin/python -W ignore::FutureWarning requirements/qa.py

.PHONY: lock
lock: export POETRY_VIRTUALENVS_CREATE := false
lock: $(VENV_LOCK)/.installed ## Write poetry.lock and requirements/ anew from pyproject.toml
	$(VENV_LOCK)/bin/poetry lock --no-interaction $(LOCK_FLAGS)
	$(VENV_LOCK)/bin/poetry export --without-urls --output requirements/runtime.txt
	$(VENV_LOCK)/bin/poetry export --without-urls --with dev --output requirements/dev.txt
	$(VENV_LOCK)/bin/poetry export --without-urls --only bench --output requirements/bench.txt

.PHONY: clean
clean: ## Remove all that these commands made
	rm -rf $(VENV) $(VENV_BENCH) $(VENV_LOCK) $(VENV_PYAIRBYTE) $(VENV_QA) \
		.mypy_cache .pytest_cache .ruff_cache .coverage* .tmp build dist demo-output bench-output pyairbyte-output
	find $(PACKAGES) -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment is made anew when its requirements change, so that nothing stale stays in it.
$(VENV)/.requirements: requirements/dev.txt
	@$(REQUIRE_PYTHON)
	@echo "Installing what the connector and its tests need in $(VENV) (about a minute)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(VENV)/$(INSTALL_LOCKED) requirements/dev.txt
	@touch $@

# poetry-core is among the requirements: a build environment of pip's own would be without hashes.
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

# The connector is installed from its wheel, as a user does it, and not as an editable install.
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
	@$(PYTHON) -m venv $(VENV_PYAIRBYTE)/connector
	@$(VENV_PYAIRBYTE)/connector/$(INSTALL_LOCKED) requirements/runtime.txt
	@touch $@

$(VENV_QA)/.installed: requirements/qa.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)) and \
		"Airbyte'"'"'s QA checks need Python 3.11 or 3.12: name one with make qa PYTHON=python3.12")'
	@echo "Installing Airbyte's QA checks in $(VENV_QA) (850 MB)"
	@$(PYTHON) -m venv --clear $(VENV_QA)
	@$(VENV_QA)/$(INSTALL) --no-deps -r requirements/qa.txt
	@touch $@

# The mirror plug-in does nothing unless the shell names a mirror for it.
$(VENV_LOCK)/.installed:
	@$(REQUIRE_PYTHON)
	@echo "Installing Poetry in $(VENV_LOCK)"
	@$(PYTHON) -m venv --clear $(VENV_LOCK)
	@$(VENV_LOCK)/$(INSTALL) 'poetry>=2.5,<3' 'poetry-plugin-export>=1.10,<2' \
		'poetry-plugin-pypi-mirror>=0.6,<1'
	@touch $@
