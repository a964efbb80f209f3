# Everything that a user or a developer does has a target here; `make help` lists them.
PORT ?= 3000
SERVICES ?=
CLI := .venv/bin/ops-pipelines
.DEFAULT_GOAL := help
.PHONY: help install run test check drills snapshots benchmarks messages lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

install: .venv/installed ## create .venv and install the locked dependencies and the package

.venv/installed: requirements.lock pyproject.toml scripts/install.sh
	@scripts/install.sh requirements.lock && touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@scripts/install.sh requirements-dev.lock && touch $@

run: install ## start the demo service and Dagster (SERVICES=dir: your services; PORT=3000)
	@exec $(CLI) $(if $(SERVICES),--services $(SERVICES)) up $(if $(SERVICES),,--demo) --port $(PORT)

test: .venv/installed-dev ## run all tests
	@exec .venv/bin/pytest $(ARGS)

check: .venv/installed-dev ## formatter, linter, types, import rules
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

drills: .venv/installed-dev ## the long counts (kills, full disks) in full
	@OPS_DRILLS=full exec .venv/bin/pytest -s -m drill

benchmarks: .venv/installed-dev ## measure each speed that we claim, beside a peer
	@for script in benchmarks/*.py; do .venv/bin/python $$script || exit 1; done

snapshots: .venv/installed-dev ## renew the golden files (review the diff)
	@OPS_SNAPSHOTS=renew exec .venv/bin/pytest -m snapshot

messages: .venv/installed-dev ## renew the message catalogs from the source
	@scripts/messages.sh

lock: .venv/installed-dev ## resolve the dependencies again
	@scripts/lock.sh

clean: ## remove .venv and what `make run` left
	rm -rf .venv .dagster .demo
