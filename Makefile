# What one can do here. `make` alone lists it.
PYTHON ?= python3
DURATION ?= 60s
PORT_A ?= 19777
PORT_B ?= 19778
DIST ?= dist
MINUTES ?= 30
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
INSTALL = $(UV) pip install --quiet --python $(BIN)/python --require-hashes --requirements

.DEFAULT_GOAL := help
.PHONY: help demo test check lab lab-tools bench soak bundle docs golden lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(VENV)/demo ## record two exporters on this machine for DURATION (60s) and show what came of it
	@trap : INT; trap 'exit 1' HUP TERM; trap 'kill $$a $$b 2>/dev/null; wait' EXIT; into=demo/$$(date +%Y-%m-%dT%H-%M-%S); \
	$(BIN)/driftscope-exporter --listen 127.0.0.1:$(PORT_A) --history.memory --log-level warning & a=$$!; \
	$(BIN)/driftscope-exporter --listen 127.0.0.1:$(PORT_B) --history.memory --log-level warning & b=$$!; \
	sleep 1; kill -0 $$a $$b && $(BIN)/driftscope-recorder record --target a=127.0.0.1:$(PORT_A) --target b=127.0.0.1:$(PORT_B) \
		--output $$into --duration $(DURATION) && $(BIN)/driftscope-recorder inspect $$into --example

test: $(VENV)/dev ## run the tests that need neither root nor more than Python packages
	$(BIN)/pytest -n auto -m "not lab"

check: $(VENV)/dev ## lint, formatting, types, Python 3.9, layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/pyright --pythonplatform Windows recorder
	$(BIN)/vermin --quiet --no-tips --violations -t=3.9- --eval-annotations exporter recorder/__init__.py recorder/__main__.py
	$(BIN)/lint-imports --no-cache

lab: $(VENV)/dev lab-tools ## run the tests with real instruments, installing those; needs root and Debian
	$(BIN)/pytest -m lab

# Some packages are unpacked, not installed: they would start their services, and chrony's replace the time daemon that the
# machine has.
lab-tools: $(VENV)/uv
	@test "$$(id -u)" = 0 || { echo "make lab needs root: it mounts file systems and installs packages"; exit 1; }
	apt-get update --quiet --quiet
	apt-get install --quiet --quiet --no-install-recommends --yes $(LAB_INSTALLED)
	cd $(VENV) && apt-get download --quiet --quiet $(LAB_UNPACKED)
	set -e; for package in $(VENV)/*.deb; do dpkg --extract "$$package" $(VENV)/lab && rm "$$package"; done

LAB_UNPACKED := chrony openipmi openssh-server prometheus prometheus-node-exporter
LAB_INSTALLED := acpica-tools debootstrap e2fsprogs gcc ipmitool iproute2 libc6-dev libedit2 libgnutls30 libnettle8 \
	libopenipmi0 libseccomp2 libwrap0 linux-cpupower openssh-client qemu-system-x86 stress-ng systemd util-linux

bench: $(VENV)/dev ## measure cost, size and speed, each beside what it is compared with
	$(BIN)/python -m tests.bench

soak: $(VENV)/dev ## do wrong to nodes and a recorder for MINUTES (30); nothing may be lost or doubled
	$(BIN)/python -m tests.faults --minutes $(MINUTES)

bundle: $(VENV)/dev ## build dist/driftscope-exporter.pyz: the exporter and all that it needs, in one file
	rm -rf $(DIST)/bundle
	$(UV) pip install --quiet --python $(BIN)/python --target $(DIST)/bundle --no-deps --no-build-isolation .
	rm -r $(DIST)/bundle/recorder $(DIST)/bundle/bin $(DIST)/bundle/driftscope-*/*.json
	set -e; for machine in x86_64 aarch64; do $(UV) pip install --quiet --target $(DIST)/bundle/$$machine \
		--python-version 3.9 --python-platform $$machine-manylinux2014 --only-binary :all: \
		--require-hashes --requirements requirements/exporter.txt; done
	$(BIN)/shiv --reproducible --preamble exporter/bundle.py --site-packages $(DIST)/bundle \
		--entry-point exporter.__main__:main --output-file $(DIST)/driftscope-exporter.pyz
	rm -r $(DIST)/bundle

docs: $(VENV)/dev ## build the documentation into dist/docs; a link that leads nowhere is an error
	$(BIN)/mkdocs build --strict --quiet

golden: $(VENV)/dev ## write tests/contract/*.prom anew; read the diff before you commit it
	$(BIN)/python -m tests.golden

lock: $(VENV)/uv ## lock the newest versions of all dependencies with their hashes
	echo uv | $(LOCK) --output-file requirements/uv.txt -
	$(LOCK) --output-file requirements/exporter.txt pyproject.toml
	$(LOCK) --extra recorder --output-file requirements/recorder.txt pyproject.toml
	$(LOCK) --extra recorder --group demo --output-file requirements/demo.txt pyproject.toml
	$(LOCK) --group node --output-file requirements/node.txt pyproject.toml
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
