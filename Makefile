# `make up` runs the system on this machine, `make test` tests it, `make help` lists all targets. Each target works by
# itself on a fresh clone: it depends on `setup` if it needs the web client, else on `setup-python` if it runs our Python.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.NOTPARALLEL:

# uv must not download a Python: only an installed one is used.
export UV_PYTHON_DOWNLOADS := never

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
  "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && { echo "$$name"; break; }; done)
PY := .venv/bin/python
COMPILE := compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate
GROUPS_OF_SERVICES := chat bots ingest agents analytics local

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9 -]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

python-found:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 to 3.14 is needed and none is on PATH (sudo apt-get install python3 python3-venv)" >&2; exit 1; }

setup: python-found ## install what is missing: Python packages, embedded AWS, the web client
	@"$(PYTHON)" -m infra.setup

setup-python: python-found
	@"$(PYTHON)" -m infra.setup python

up: setup ## run the system until Ctrl-C; PORT=8080 STATE=.state BEDROCK=aws AWS_PROFILE=…
	@exec $(PY) -m infra.local.up

down: setup-python ## end the running system, from another terminal
	@$(PY) -m infra.local.up.down

reset: setup-python ## end the running system and delete its data
	@$(PY) -m infra.local.up.down --forget

logs: ## follow the logs of the running system
	@ls "$${STATE:-.state}"/logs/*.log >/dev/null 2>&1 || { echo "make logs: no logs in $${STATE:-.state}; start with make up" >&2; exit 1; }
	@exec tail -n 20 -F "$${STATE:-.state}"/logs/*.log

token: setup-python ## print an ID token: make -s token USER=admin@example.com [PASSWORD=…]
	@$(PY) -m infra.local.up.token "$(if $(findstring @,$(USER)),$(USER),admin@example.com)" $(if $(PASSWORD),"$(PASSWORD)")

dlq: setup-python ## list dead letters with their reasons: QUEUE=chat-turns LIMIT=20, on AWS ENV=prod
	@QUEUE="$(QUEUE)" LIMIT="$(LIMIT)" ENV="$(ENV)" $(PY) -m infra.dlq list

redrive: setup-python ## put dead letters back: QUEUE=chat-turns (as in make dlq) LIMIT=10, on AWS ENV=prod
	@QUEUE="$(QUEUE)" LIMIT="$(LIMIT)" ENV="$(ENV)" $(PY) -m infra.dlq redrive

models: setup-python ## print which models are offered, which not and why: ALLOWED_MODELS='["…"]'
	@$(PY) -m infra.models

test: setup ## run all suites in order
	@$(PY) -m infra.local.suites

lint types imports unit contract integration: setup-python ## run one suite of make test
	@$(PY) -m infra.local.suites $@

validate: setup-python ## lint the SAM templates
	@$(PY) -m infra.local.suites validate

security: setup-python ## check the SAM templates with checkov
	@$(PY) -m infra.security

frontend e2e: setup ## run one suite of make test that needs the web client
	@$(PY) -m infra.local.suites $@

build: setup-python ## build one zip per function in build/functions: ARCH=arm64|x86_64|here RUNTIME=python3.13|here
	@$(PY) -m infra.packaging $(if $(ARCH),--arch $(ARCH)) $(if $(RUNTIME),--runtime $(RUNTIME))

deploy: setup ## deploy to AWS; shows the changes and asks: ENV=prod FILE=deploy.toml YES=1
	@ENV="$(ENV)" FILE="$(FILE)" YES="$(YES)" $(PY) -m infra.deploy deploy

destroy: setup-python ## delete a deployment: ENV=prod; with DATA=1 also people's data, after a second question
	@ENV="$(ENV)" FILE="$(FILE)" DATA="$(DATA)" $(PY) -m infra.deploy destroy

openapi: setup ## generate docs/openapi/ and the web client's API clients
	@$(PY) -m infra.docs.openapi
	@cd frontend && npm run --silent generate

docs: setup-python ## generate docs/events.md, docs/events/ and docs/deploy-options.md
	@$(PY) -m infra.docs.events.generate
	@$(PY) -m infra.docs.deploy_options

chaos: setup-python ## inject faults into a running system; continues after Ctrl-C: SEED=4 ONLY=kills,ledger AGAIN=1 KILLS=100
	@exec $(PY) -m tests.chaos

bench: setup ## measure the cost of durability, compared with a plain relay: ONLY=first_token,fifty PAIRS=50 AGAIN=1
	@exec $(PY) -m tests.bench

histories: setup-python ## play random histories, and check that a plain "hi" is answered after each: COUNT=10000
	@COLLOQUY_HISTORIES=$(or $(COUNT),10000) $(PY) -m pytest -q --timeout=3600 --show-capture=no tests/unit/services/chat/turns/test_usable_conversation_property.py

mutants: setup-python ## mutation tests: change the code, and check that a unit test fails: ONLY=relay,ledger CHILDREN=2 AGAIN=1
	@exec $(PY) -m tests.mutants

test-lambda: setup ## test the packages with the real web adapter; REQUIRE_LAMBDA=1 fails instead of skipping
	@exec $(PY) -m tests.lambdas

screenshots: setup ## take screenshots of every page, into build/screenshots/
	@$(PY) -m tests.e2e.screenshots

lock: setup-python ## update the lock files: locks/dev.txt first, the others with the same versions
	@uv=$$($(PY) -m infra.setup.uv) && \
	  $$uv pip $(COMPILE) --upgrade --group pyproject.toml:dev -o locks/dev.txt && \
	  for group in $(GROUPS_OF_SERVICES); do \
	    rm -f "locks/$$group.txt"; $$uv pip $(COMPILE) --group "pyproject.toml:$$group" -c locks/dev.txt -o "locks/$$group.txt" || exit 1; \
	  done && \
	  $$uv pip $(COMPILE) --upgrade infra/local/aws-requirements.in -o locks/embedded-aws.txt && \
  $$uv pip $(COMPILE) --upgrade infra/security/requirements.in -o locks/security.txt

.PHONY: help python-found setup setup-python up down reset logs token dlq redrive models test lint types imports unit contract integration \
  validate frontend e2e openapi docs screenshots lock chaos bench histories mutants build test-lambda \
  deploy destroy security
