# One virtual environment, made on first use and remade when pyproject.toml changes: with what the program needs for
# `make run`, and then with all extras and what the tests need.
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
READY := $(VENV)/.ready
# What the tests need; programs of others that judge our files are more: make test EXTRAS=dev,outside
EXTRAS := dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Compiled modules are kept, also where the environment says otherwise: tests start the program hundreds of times.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-lowest bench docs screenshots format clean scripts

help: ## Say what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/pyvenv.cfg: pyproject.toml
	@command -v python3 >/dev/null || { echo "Python 3.11 or later is needed"; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed"; exit 1; }
	python3 -m venv --clear $(VENV)

$(INSTALLED): $(VENV)/pyvenv.cfg
	$(PIP) --editable . 'hatchling>=1.27'
	@touch $@

# What tests do not import need not be compiled.
$(READY): $(VENV)/pyvenv.cfg
	$(PIP) --no-compile --editable '.[$(EXTRAS)]'
	@touch $(INSTALLED) $@

scripts: $(INSTALLED)
	@$(BIN)/python src/frontend/hatch_build.py

run: scripts ## Set up, then build the dossier and answer one question
	@$(BIN)/rejoinder build
	@echo
	@echo "What does each speaker claim, and what does the report set out about it? (rejoinder ask claims-by-speaker-and-evidence)"
	@$(BIN)/rejoinder ask claims-by-speaker-and-evidence report=kaz-upr-20

# The tests of a file share what is made once for each process. So each process gets neighbouring tests, and one that is
# done early takes over some of another's (worksteal).
MARKERS := not slow and not stores and not browser

# Types are checked beside the tests, and told after them.
test: $(READY) scripts ## Set up, then lint, types and the quick tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(BIN)/mypy >$(VENV)/types 2>&1 & types=$$!; \
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m "$(MARKERS)"; tests=$$?; \
	wait $$types; types=$$?; cat $(VENV)/types; exit $$((tests | types))

test-all: ## The same with all tests: slow ones, triple stores, browser
	@$(MAKE) --no-print-directory test MARKERS=

test-lowest: ## The tests with the lowest versions that pyproject.toml allows
	python3 tests/lowest.py

bench: $(READY) ## Measure for some hours, and write docs/benchmarks.md
	-$(PIP) --editable '.[bench]'  # where it has no wheel, TopBraid is left out
	$(BIN)/python benchmarks/run.py

docs: $(READY) ## Write the generated parts of docs/
	$(BIN)/python docs/make_reading.py
	$(BIN)/python docs/make_fair.py
	$(BIN)/python docs/make_dossier.py

screenshots: $(READY) ## Take the pictures of the site that README and docs show (needs Chromium)
	$(BIN)/python docs/make_screenshots.py

format: $(READY) ## Put the code into its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove what was built
	rm -rf build dist $(VENV) src/frontend/node_modules src/rejoinder/site/assets
