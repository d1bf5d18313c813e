# Only Python 3.11 or newer, make and git are assumed. `make` alone lists the targets.
PYTHON ?= python3
RUN := .venv/bin/python
ARGS ?=
# A module stays with one worker; conftest.py puts the long ones first, xdist would put them last.
SHARED_OUT := -n auto --dist loadscope --no-loadscope-reorder
MAKEFLAGS += --no-print-directory

.NOTPARALLEL:
.PHONY: help setup run setup-tests system check format test bench shots chaos lock

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

setup: ## prepare .venv with the program and the built front end
	@$(PYTHON) -m tools.setup

run: setup ## start Rapport: make run ARGS="--port 8123"
	@exec .venv/bin/rapport serve $(ARGS)

setup-tests:
	@$(PYTHON) -m tools.setup --tests

system: ## install (as root) or name the Debian packages that the tests need
	@$(PYTHON) -m tools.system

check: setup-tests ## format, lint, types, floors, licences, words: seconds
	@$(RUN) -m tools.check

format: setup-tests ## put the code into its usual form
	@$(RUN) -m ruff check --fix-only --quiet .
	@$(RUN) -m ruff format --quiet .

test: system check ## everything: the checks, the tests on SQLite, then all but the browser's on PostgreSQL
	@$(RUN) -m pytest $(SHARED_OUT) $(ARGS)
	@$(RUN) -m tests.on_postgres $(SHARED_OUT) -m "not browser" $(ARGS)

bench: setup-tests ## measure: prints a table, writes bench/results/latest.json
	@$(RUN) -m bench $(ARGS)

shots: setup-tests ## take a picture of every screen
	@$(RUN) -m tools.shots $(ARGS)

chaos: setup-tests ## kill a server at work 20 times: nothing it has acknowledged is lost
	@CHAOS_ROUNDS=20 $(RUN) -m pytest -q -m chaos $(ARGS)

lock: setup ## pin dependencies anew; UPGRADE=1 takes newer versions
	@$(RUN) -m tools.lock $(if $(UPGRADE),--upgrade)
