# The two commands are `make site` and `make test`; `make help` lists the rest.
PYTHON ?= python3
ARTICLE ?=
WEIGHTS ?=
FRESH ?=
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help site test quick lint precompute clean chromium

help: ## Show this list.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

# InceptionV1's pictures are made on this machine, which takes more than building pages does.
COMPUTED := $(WEIGHTS)$(filter early-vision-2020 content/early-vision-2020,$(ARTICLE))

site: $(VENV)/$(if $(COMPUTED),.compute,.site) ## Build the site, and say how to open it; WEIGHTS=1 fetches InceptionV1 and completes its article.
	@$(BIN)/python build.py build $(ARTICLE) $(if $(WEIGHTS),--with-weights)

test: $(VENV)/.full chromium lint ## Look the code over and run all tests.
	$(BIN)/python -m pytest

quick: $(VENV)/.full lint ## Look the code over and run the tests without browser, TensorFlow and PyTorch: under a minute.
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow and not browser and not tensorflow and not torch"

lint: $(VENV)/.full ## Look the code over: ruff's rules, its format, and types.
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy

precompute: $(VENV)/.compute ## Render what is missing; FRESH=1 renders everything again.
	$(BIN)/python build.py precompute $(if $(FRESH),--fresh)

clean: ## Remove the environment and the built site.
	rm -rf $(VENV) site .cache

# Each mark stands for an installed set of packages, and is newer than the list of what belongs in it.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 10) <= v <= (3, 13) else "Python 3.10 to 3.13 is needed; this is %d.%d. Try: make PYTHON=python3.12 ..." % v)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.site: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable . 2>&1 | grep -v '^WARNING: Location' || true
	@$(BIN)/python -c 'import early_vision.cli' && touch $@

$(VENV)/.compute: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable '.[compute]' 2>&1 | grep -v '^WARNING: Location' || true
	@$(BIN)/python -c 'import early_vision.cli, tensorflow' && touch $@

$(VENV)/.full: pyproject.toml tests/constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --constraint tests/constraints.txt --editable '.[compute,train,test]' 2>&1 | grep -v '^WARNING: Location' || true
	@$(BIN)/python -c 'import early_vision.cli, tensorflow, torch, pytest' && touch $@ $(VENV)/.site $(VENV)/.compute

# Tests drive a real browser; Debian's package is the one that is known to work.
chromium:
	@command -v chromium >/dev/null || { \
	  echo "Installing Debian's chromium for the tests in a browser"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } \
	  || { echo "The tests need Chromium: install it, or put it on the PATH as chromium" >&2; exit 2; }
