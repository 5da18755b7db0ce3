# What one can do here. `make` alone lists it.
PYTHON ?= python3
DURATION ?= 60s
PORT_A ?= 19777
PORT_B ?= 19778
MINUTES ?= 30
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
INSTALL = $(UV) pip install --quiet --python $(BIN)/python --require-hashes --requirements

.DEFAULT_GOAL := help
.PHONY: help demo test check lab lab-tools bench soak golden lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(VENV)/demo ## record two exporters on this machine for DURATION (60s) and show what came of it
	@trap : INT; trap 'exit 1' HUP TERM; trap 'kill $$a $$b 2>/dev/null; wait' EXIT; into=demo/$$(date +%Y-%m-%dT%H-%M-%S); \
	$(BIN)/driftscope-exporter --listen 127.0.0.1:$(PORT_A) --log-level warning & a=$$!; \
	$(BIN)/driftscope-exporter --listen 127.0.0.1:$(PORT_B) --log-level warning & b=$$!; \
	sleep 1; kill -0 $$a $$b && $(BIN)/driftscope-recorder record --target a=127.0.0.1:$(PORT_A) --target b=127.0.0.1:$(PORT_B) \
		--output $$into --duration $(DURATION) && $(BIN)/driftscope-recorder inspect $$into --example

test: $(VENV)/dev ## run the tests that need neither root nor more than Python packages
	$(BIN)/pytest -n auto -m "not lab"

check: $(VENV)/dev ## lint, formatting, types, Python 3.9, layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/vermin --quiet --no-tips --violations -t=3.9- --eval-annotations exporter recorder/__init__.py recorder/__main__.py
	$(BIN)/lint-imports --no-cache

lab: $(VENV)/dev lab-tools ## run the tests with real instruments, installing those; needs root and Debian
	$(BIN)/pytest -m lab

lab-tools:
	@test "$$(id -u)" = 0 || { echo "make lab needs root: it mounts file systems and installs packages"; exit 1; }
	apt-get update --quiet --quiet
	apt-get install --quiet --quiet --no-install-recommends --yes $(LAB_TOOLS)

LAB_TOOLS := acpica-tools debootstrap e2fsprogs gcc iproute2 libc6-dev linux-cpupower prometheus prometheus-node-exporter \
	qemu-system-x86 util-linux

bench: $(VENV)/dev ## measure cost, size and speed, each beside what it is compared with
	$(BIN)/python -m tests.bench

soak: $(VENV)/dev ## do wrong to nodes and a recorder for MINUTES (30); nothing may be lost or doubled
	$(BIN)/python -m tests.faults --minutes $(MINUTES)

golden: $(VENV)/dev ## write tests/contract/*.prom anew; read the diff before you commit it
	$(BIN)/python -m tests.golden

lock: $(VENV)/uv ## lock the newest versions of all dependencies with their hashes
	echo uv | $(LOCK) --output-file requirements/uv.txt -
	$(LOCK) --output-file requirements/exporter.txt pyproject.toml
	$(LOCK) --extra recorder --output-file requirements/recorder.txt pyproject.toml
	$(LOCK) --extra recorder --group demo --output-file requirements/demo.txt pyproject.toml
	$(LOCK) --extra recorder --group dev --output-file requirements/dev.txt pyproject.toml

LOCK = $(UV) pip compile --quiet --upgrade --universal --python-version 3.9.2 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"

clean: ## remove what the other targets made, but no recorded data
	rm -rf $(VENV) dist .pytest_cache .ruff_cache .hypothesis

# uv comes from the package registry, as everything does; its version and hash are locked as well.
$(VENV)/uv: requirements/uv.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt
	@touch $@

$(VENV)/demo $(VENV)/dev: $(VENV)/%: requirements/%.txt $(VENV)/uv pyproject.toml
	$(INSTALL) requirements/$*.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@
