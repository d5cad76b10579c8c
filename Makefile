# One word per task; `make` alone lists them. For example:
#
#   make demo ARGS=--once             arguments for the saycode command
#   make test ARGS="-k settings"      arguments for pytest
#   make locks ARGS=--upgrade         arguments for pip-compile
#   make demo PYTHON=python3.13       another Python (3.11 or newer)
#   make demo VENV=../try-venv       another place for the virtual environment

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
SECONDS ?= 60
SEEDS ?= 1000000
ROUNDS ?= 100
# All that touches a store, and no more: the rest has no other engine to run on.
STORE_TESTS ?= tests/saycode/storage tests/saycode/alerts tests/saycode/maintenance tests/saycode/events \
	tests/saycode/server tests/saycode/cli tests/saycode/reports tests/webhooks tests/verification/flow tests/verification/counters \
	$(wildcard tests/verification/test_*.py) $(filter-out %_mutants.py %_situations.py,$(wildcard tests/adversarial/test_*.py)) \
	tests/simulation tests/end_to_end/calls tests/end_to_end/test_whole_flow.py tests/end_to_end/test_api_clients.py \
	tests/end_to_end/test_proxies.py tests/end_to_end/test_slow_clients.py
CLUSTER_SECONDS ?= 120
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
# One more than there are processors: a third of the tests' time is spent waiting for servers and browsers.
TESTERS ?= $(shell echo $$(($(JOBS) + 1)))

BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The build backend is pinned as well, in a folder of its own: no part of it stays in the environment.
INSTALL_SAYCODE := $(INSTALL) --require-hashes --upgrade --target $(VENV)/build --requirement requirements-build.txt \
	&& PYTHONPATH=$(VENV)/build $(INSTALL) --no-deps --no-build-isolation --editable .
# The lock files name no index and no mirror.
LOCK := CUSTOM_COMPILE_COMMAND="make locks" $(BIN)/pip-compile --quiet --no-config --generate-hashes --allow-unsafe \
	--strip-extras --no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(ARGS)

# Twilio's Node library, for the tests of the API. Without npm they are left out, and the last lines say so.
NODE := tests/node/node_modules/.installed
CLIENTS_NODE := tests/clients/node_modules/.installed
HELM := tests/helm/node_modules/.installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: image programs test-postgresql mutants-postgresql cluster clients journeys help demo shop smoke docs pictures serve doctor test rehearse fuzz faults simulate-long simulate-bugs simulate-limits lint types format locks timing mutants audit documents listen site release

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.users ## a whole verification without an account; then the page, served
	$(BIN)/saycode demo $(ARGS)

shop: $(VENV)/.users ## a shop that asks for the phone, with everything around it
	$(BIN)/python -m examples.shop $(ARGS)

smoke: $(VENV)/.users ## the shop, the simulator and the demo once each, with the packages of users only
	$(BIN)/python -m tools.smoke

serve: $(VENV)/.users ## the service, with your settings
	$(BIN)/saycode serve $(ARGS)

doctor: $(VENV)/.users ## what is wrong with your settings, and how to fix it
	$(BIN)/saycode doctor $(ARGS)

test: lint types programs $(NODE) ## style, types and all tests
	$(BIN)/python -m pytest --numprocesses=$(TESTERS) --dist=loadfile --no-loadscope-reorder $(ARGS)

release: $(VENV)/.developers $(VENV)-release/.installed ## both distributions into dist/, with their bill of materials, and used as a new user would
	$(BIN)/python -m tools.release --tools $(VENV)-release/bin

# What makes and proves a release stays in an environment of its own.
$(VENV)-release/.installed: tools/release/requirements.txt | $(BIN)/python
	$(PYTHON) -m venv $(VENV)-release
	$(VENV)-release/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

faults: programs ## faults that take their time: locks, clocks, workers, and a hundred kills
	$(BIN)/python -m pytest -q tests/end_to_end/slow_failures.py
	$(BIN)/python -m tests.kills --rounds $(ROUNDS)

simulate-long: $(VENV)/.developers ## the simulation of the rules, a million lives; fewer with SEEDS=100000
	$(BIN)/python -m tests.simulation --seeds $(SEEDS) --jobs $(JOBS)

simulate-bugs: $(VENV)/.developers ## seeded bugs in a copy of the rules, and how many lives it takes to find each
	$(BIN)/python -m tests.simulation.bugs

simulate-limits: $(VENV)/.developers ## honest traffic and pumping against the limits of each size: the table of docs/limits.md
	$(BIN)/python -m tests.simulation.limits

programs: $(VENV)/.developers ## a browser, Node, PostgreSQL, Prometheus and faketime for the tests, where they can be had
	@$(BIN)/python -m tools.programs

documents: $(VENV)/.developers ## every TwiML document of every language, read as XML; two minutes
	$(BIN)/python -m tests.twiml.documents

$(NODE): tests/node/package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --prefix tests/node && touch $@; fi

fuzz: $(VENV)/.developers ## unusual requests to the API, made from its description; longer with SECONDS=600
	$(BIN)/python -m tests.adversarial.fuzz --max-time=$(SECONDS) $(ARGS)

rehearse: $(VENV)/.developers $(HELM) ## the shipped proxies and a rotation without a stop, alert rules in a Prometheus; needs nginx, caddy, openssl, prometheus, npm
	$(BIN)/python -m pytest tests/end_to_end/deployment_rehearsal.py tests/end_to_end/guard_rehearsal.py \
		tests/end_to_end/cluster_rehearsal.py tests/cluster/proxy_rehearsal.py \
		tests/end_to_end/prometheus_rehearsal.py tests/end_to_end/upgrade_rehearsal.py \
		tests/end_to_end/restore_rehearsal.py tests/end_to_end/systemd_rehearsal.py $(ARGS)

image: $(VENV)/.developers ## the container image: built on a stand-in for its base, measured, and run; needs root, buildah and debootstrap
	@$(BIN)/python -m tools.programs --image
	$(BIN)/python -m pytest -q -s tests/end_to_end/image_rehearsal.py $(ARGS)

test-postgresql: programs ## all tests that touch a store, and 1,000 seeds of the simulation, on PostgreSQL
	TEST_STORE=postgresql $(BIN)/python -m pytest --numprocesses=$(TESTERS) --dist=loadfile $(STORE_TESTS) $(ARGS)

cluster: programs ## three nodes on one PostgreSQL, two minutes of kills under load, and the ledgers compared
	$(BIN)/python -m tests.cluster --seconds $(CLUSTER_SECONDS) $(ARGS)

clients: $(VENV)/.developers $(VENV)-clients/.installed $(CLIENTS_NODE) $(HELM) ## other people's programs against Saycode and its simulator; needs Node and npm
	@$(BIN)/python -m tools.programs --apache
	CLIENTS=$(abspath $(VENV)-clients) $(BIN)/python -m pytest $(filter-out %/conftest.py,$(wildcard tests/clients/*.py)) $(ARGS)

# Their packages are pinned and stay in an environment of their own.
$(VENV)-clients/.installed: tests/clients/requirements.txt | $(BIN)/python
	$(PYTHON) -m venv $(VENV)-clients
	$(VENV)-clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

listen: $(VENV)-listen/.installed ## a machine listens to the call, in every language that has a voice; hours, fewer with ARGS="--codes 40"
	$(VENV)-listen/bin/python -m tools.listen $(ARGS)

# Voices and models are large, and stay in an environment of their own. From the npm package only the voices are taken.
$(VENV)-listen/.installed: requirements.txt tools/listen/requirements.txt | $(BIN)/python
	$(PYTHON) -m venv $(VENV)-listen
	$(VENV)-listen/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement requirements.txt --requirement tools/listen/requirements.txt
	cd $(VENV)-listen && npm pack --silent kokoro-js@1.2.1 >/dev/null && tools=$(CURDIR)/tools/listen \
		&& sha256sum --check --quiet $$tools/kokoro-js.sha256 && tar --extract --file=kokoro-js-1.2.1.tgz \
		--one-top-level=kokoro-js --strip-components=1 package/voices
	@touch $@

$(CLIENTS_NODE) $(HELM): tests/%/node_modules/.installed: tests/%/package-lock.json
	npm ci --silent --prefix tests/$*
	@touch $@

lint: $(VENV)/.developers ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.developers ## types
	$(BIN)/mypy

mutants: $(VENV)/.developers ## every protection taken out, one by one: its test has to be red. A few minutes
	$(BIN)/python -m tests.adversarial.run_mutants $(ARGS)

mutants-postgresql: programs ## the same for the tests of a store, on PostgreSQL
	TEST_STORE=postgresql $(BIN)/python -m tests.adversarial.run_mutants $(ARGS)

audit: $(BIN)/python ## known advisories against what is pinned; needs the internet
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(VENV)-audit/bin/pip-audit --disable-pip --require-hashes --requirement requirements-dev.txt $(ARGS)

timing: $(VENV)/.developers ## whether a failed check, or a user name, tells anything by its time: 500 samples, some minutes
	$(BIN)/python -m tests.adversarial.timing $(ARGS)

docs: $(VENV)/.developers ## the pages that the program writes itself
	$(BIN)/python -m tools.call_flow > docs/call-flow.md
	$(BIN)/python -m tools.languages > docs/languages.md
	$(BIN)/python -m tools.listen.report
	$(BIN)/python -m tests.adversarial

site: $(VENV)/.developers $(VENV)-site/.installed ## the documents as pages, in build/site; a broken link or an orphan page fails
	$(VENV)-site/bin/sphinx-build --fail-on-warning --keep-going --quiet --fresh-env --builder html -c tools/site . build/site
	SITE=$(abspath build/site) $(BIN)/python -m pytest -q tests/tools/site_pages.py $(ARGS)

$(VENV)-site/.installed: tools/site/requirements.txt | $(BIN)/python
	$(PYTHON) -m venv $(VENV)-site
	$(VENV)-site/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

journeys: $(VENV)/.developers ## the files that a request passes, written into docs/architecture.md
	$(BIN)/python -m tools.journeys

pictures: $(VENV)/.developers ## the pictures in the documents, from the real pages
	$(BIN)/python -m tests.support.screenshots

format: $(VENV)/.developers ## fix style, as far as a tool can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

locks: $(VENV)/.developers ## the lock files, from pyproject.toml
	$(LOCK) --output-file=requirements.txt pyproject.toml
	$(LOCK) --output-file=requirements-alerts.txt --extra=alerts --constraint=requirements.txt pyproject.toml
	$(LOCK) --output-file=requirements-build.txt --only-build-deps --build-deps-for=editable --build-deps-for=wheel \
		pyproject.toml
	$(LOCK) --output-file=requirements-dev.txt --extra=dev --build-deps-for=editable --constraint=requirements.txt \
		--constraint=requirements-build.txt pyproject.toml
	$(LOCK) --no-annotate --output-file=tests/clients/requirements.txt tests/clients/requirements.in
	$(LOCK) --no-annotate --output-file=tools/listen/requirements.txt --constraint=requirements.txt \
		tools/listen/requirements.in
	$(LOCK) --no-annotate --output-file=tools/site/requirements.txt --constraint=requirements.txt \
		tools/site/requirements.in
	$(LOCK) --no-annotate --output-file=tools/release/requirements.txt tools/release/requirements.in

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Saycode needs Python 3.11 or newer; choose one with: make PYTHON=python3.13 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo 'This Python cannot make virtual environments; on Debian or Ubuntu: sudo apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp for each set of packages, so that a second run installs nothing.
$(VENV)/.users: requirements.txt pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes --requirement requirements.txt
	$(INSTALL_SAYCODE)
	@touch $@

$(VENV)/.developers: requirements-dev.txt pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes --requirement requirements-dev.txt
	$(INSTALL_SAYCODE)
	@touch $@
