# make demo    the dashboard on invented numbers, at http://127.0.0.1:8050
# make test    the whole suite, a real Chromium included, four tests at a time (WORKERS=4)
# make soak    the dashboard at work for an hour (MINUTES=60), which must leave nothing behind
# make lint    what `.ci/run` checks before it
# make format  let ruff put the code in order
# make plotly  fetch a plotly.js of a quarter the size, where npm is

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 4
MINUTES ?= 60

.PHONY: demo test soak lint format plotly browser servers databases proxies clean

demo: $(VENV)/.runtime
	$(BIN)/python app.py --demo

test: $(VENV)/.dev browser servers databases proxies
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not faults"
	$(BIN)/python -m pytest -n 2 --dist worksteal -m faults # how soon all is well again depends on the load

soak: $(VENV)/.dev
	$(BIN)/python benchmarks/soak.py --minutes $(MINUTES)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-logo

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

plotly:
	@sh tools/fetch-plotly.sh

browser:
	@sh tools/install-browser.sh

servers:
	@sh tools/install-node.sh

databases:
	@sh tools/install-postgres.sh

proxies:
	@sh tools/install-nginx.sh

clean:
	rm -rf $(VENV) tests/support/servers/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/pip:
	@sh tools/make-venv.sh $(PYTHON) $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt | $(BIN)/pip
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime
