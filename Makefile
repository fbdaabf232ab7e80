# Five targets, each complete on a fresh clone: Python 3.11+ (with venv) and make are all they need.
# Only a changed requirements file sends one of them back to the package index.

VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
DEMO ?= 1
ARGS ?=

.PHONY: run test check fix bench
.DELETE_ON_ERROR:

run: $(VENV)/.base
	@DEMO=$(DEMO) $(BIN)/python run.py

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --lint --quiet templates
	@DEMO=1 SECRET_KEY=only-reading-the-code $(BIN)/python manage.py makemigrations --check --dry-run
	@DEMO=1 SECRET_KEY=only-reading-the-code $(BIN)/python manage.py check
	@SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		SITE_URL=https://help.example ALLOWED_HOSTS=help.example DATABASE_URL=sqlite://:memory: \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

fix: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks $(ARGS)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Askwell needs Python 3.11 or newer; none was found."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "This Python has no venv module; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: requirements/base.txt | $(BIN)/python
	@echo "Installing what Askwell needs; the first time this takes a minute or two …"
	@$(PIP) -r $<
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(BIN)/python
	@echo "Installing what the tests need; the first time this takes a minute or two …"
	@$(PIP) -r $<
	@touch $@ $(VENV)/.base
