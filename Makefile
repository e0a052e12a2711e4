# Each target sets up .venv first; a second call is quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: lab setup clean
.DEFAULT_GOAL := lab

# Nothing reinstalls while the two files that say what to install stay the same.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info[:2] < (3, 14); sys.exit(0 if ok else "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the course (several GB the first time, mostly PyTorch) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $(STAMP)

setup: $(STAMP)

lab: $(STAMP)
	$(BIN)/course lab

# <instructors>
.PHONY: test grade-demo build audit bench lint

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

# One line per step; the first that fails ends it.
test: lint
	$(BIN)/autograder build --check
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder --durations=12 -rs

grade-demo: $(STAMP)
	$(BIN)/autograder demo

build: $(STAMP)
	$(BIN)/autograder build

audit: $(STAMP)
	$(BIN)/autograder audit

bench: $(STAMP)
	$(BIN)/python -m benchmarks.confusion

# </instructors>
clean:
	rm -rf $(VENV) build class .cache
