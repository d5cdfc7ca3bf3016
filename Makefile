# Two commands: `make lab` opens the notebooks, `make test` runs every check.
# All either needs is Python 3.11 or newer (with venv) and make.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: lab test check mermaid lock clean

# JupyterLab refuses to run as root unless told; in a container there is often nobody else.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

lab: $(READY)
	$(BIN)/jupyter lab $(AS_ROOT) --ServerApp.root_dir=. --LabApp.news_url= \
		notebooks/00_start_here.ipynb

# As many at once as there are cores; who is done early takes over from the others.
test: check
	$(BIN)/pytest -n auto --dist worksteal

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Mermaid's own parser, from npm. Without it `make test` skips what only it can check, and says so.
mermaid:
	cd tests/node && npm ci --ignore-scripts --no-audit --no-fund

# Programs in .venv remember where it stood: in a folder that was moved, it is made anew.
MOVED := $(if $(wildcard $(READY)),$(filter-out $(shell cat $(READY)),$(CURDIR)))
ifneq ($(MOVED),)
.PHONY: $(READY)
endif

# Made anew only when what is to be installed has changed.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed; say which: make PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
		|| { echo 'This Python lacks venv; on Debian and Ubuntu: apt install python3-venv'; exit 1; }
	$(PYTHON) -m venv $(if $(MOVED),--clear) .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@echo '$(CURDIR)' > $(READY)

# requirements.txt pins, for Linux, macOS and Windows, what pyproject.toml gives as ranges.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --extra test --extra postgresql --extra compare --extra bench \
		--no-annotate --no-header --no-emit-index-url --no-emit-find-links --upgrade \
		pyproject.toml --output-file requirements.txt

clean:
	rm -rf .venv
