# make demo         run the dashboard on generated data, at http://127.0.0.1:8050
# make test         run the daily tests, with a real Chromium, four at a time (WORKERS=4)
# make test-long    run the long tests: faults, a million messages, 10,000 viewers, a soak, other engines
# make coverage     run the daily tests and report branch coverage, over all their processes
# make soak         run the dashboard under load for an hour (MINUTES=60) and check for leaks
# make lint         run ruff, mypy, the import contract and, if Node is installed, Biome
# make format       apply ruff's and Biome's fixes and formatting
# make docs         build the documentation in site/ and check its links
# make screenshots  take the pictures in docs/images again
# make plotly       fetch a plotly.js of a quarter of the size (needs npm)
# make font         fetch the font of the pages (needs npm)
# make assets       fetch both
# make wheel        build a wheel with both in dist/
# make lock         update the lock files from pyproject.toml (UPGRADE=plotly, UPGRADE=all)
# make test-lowest  run the fast tests with the lowest versions that pyproject.toml permits

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOWEST := $(VENV)-lowest
UV ?= $(BIN)/uv
WORKERS ?= 4
MINUTES ?= 60
# uv, like pip, trusts the certificates of the system, such as those of a company's proxy.
export UV_SYSTEM_CERTS = true

# The tests start dozens of programs, each of which would compile all modules.
test test-long test-lowest coverage: export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test test-long test-lowest coverage soak lint format docs screenshots plotly font assets wheel lock browser servers databases proxies engines clean

demo: $(VENV)/.runtime
	$(BIN)/python app.py --demo

test: $(VENV)/.dev browser servers databases proxies
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long"

test-long: $(VENV)/.dev browser servers databases proxies engines
	$(BIN)/python -m pytest -n 2 --dist worksteal -m long # fewer workers: recovery times depend on the load

test-lowest: $(LOWEST)/.dev servers databases proxies
	$(LOWEST)/bin/python -m pytest -n $(WORKERS) --dist worksteal -m "not long and not browser"

coverage: $(VENV)/.dev browser servers databases proxies
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(WORKERS) --dist worksteal -m "not long"
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

soak: $(VENV)/.dev
	$(BIN)/python benchmarks/soak.py --minutes $(MINUTES)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-logo
	@sh tools/check-js.sh

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@sh tools/check-js.sh --write

docs: $(VENV)/.dev
	$(BIN)/mkdocs build --strict

screenshots: $(VENV)/.dev browser
	$(BIN)/python tools/screenshots.py

plotly:
	@sh tools/fetch-plotly.sh

font:
	@sh tools/fetch-font.sh

assets: plotly font

wheel: $(VENV)/.dev assets
	$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls -l dist

# One lock for Python 3.11 and newer on every system. Each file is written with the versions of those before
# it, and keeps its own versions as far as pyproject.toml permits and UPGRADE does not name them.
COMPILE = $(UV) pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(if $(filter all,$(UPGRADE)),--upgrade,$(UPGRADE:%=--upgrade-package %))

lock: $(if $(filter $(BIN)/uv,$(UV)),$(VENV)/.dev)
	$(COMPILE) --output-file requirements.txt pyproject.toml
	$(COMPILE) --output-file requirements-dev.txt --constraint requirements.txt --group dev pyproject.toml
	$(COMPILE) --output-file requirements-build.txt --constraint requirements-dev.txt --group build
	$(COMPILE) --output-file requirements-font.txt --constraint requirements-dev.txt --group font

browser:
	@sh tools/install-browser.sh

servers:
	@sh tools/install-node.sh
	@sh tools/install-package.sh promtool prometheus "the tests of deploy/prometheus-rules.yml"
	@sh tools/install-package.sh faketime faketime "the tests of a wrong clock"

databases:
	@sh tools/install-postgres.sh

proxies:
	@sh tools/install-package.sh nginx nginx "the tests behind a proxy"
	@sh tools/install-package.sh haproxy haproxy "the tests of several instances behind a proxy"

engines:
	@sh tools/install-engines.sh

clean:
	rm -rf $(VENV) $(LOWEST) dist site tests/support/servers/node_modules tools/biome/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.*

$(BIN)/pip:
	@sh tools/make-venv.sh $(PYTHON) $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/pip
	@echo "Installing the dependencies into $(VENV): about 0.5 GB, half a minute to a few minutes …"
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/pip
	@echo "Installing the dependencies and test tools into $(VENV): about 0.7 GB, a few minutes …"
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime

$(LOWEST)/.dev: pyproject.toml | $(VENV)/.dev
	@echo "Installing the lowest versions into $(LOWEST): about 0.7 GB, a few minutes …"
	$(UV) venv --quiet --clear --seed --python $(BIN)/python $(LOWEST)
	$(UV) pip compile --quiet --resolution lowest-direct --group dev --output-file $(LOWEST)/lowest.txt pyproject.toml
	$(UV) pip install --quiet --compile-bytecode --python $(LOWEST) -r $(LOWEST)/lowest.txt
	@touch $@
