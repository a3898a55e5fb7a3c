# make chat: set up, build the index if it is missing or stale, open the web chat.
# make test: set up and run the tests.  The other targets: setup index eval bench lint encoder clean.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# On Linux the plain torch package brings 3 GB of CUDA along; its CPU build has a
# version of its own, which only PyTorch's index holds. For a GPU build:
#   make setup TORCH=torch==2.13.0 TORCH_INDEX=
ifeq ($(shell uname -s)-$(shell uname -m),Linux-x86_64)
TORCH ?= torch==2.13.0+cpu
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
else
TORCH ?= torch==2.13.0
TORCH_INDEX ?=
endif

.PHONY: chat test setup index eval bench lint encoder clean

chat: index
	$(BIN)/rag chat

index: .venv/.setup
	$(BIN)/rag index --if-needed

setup: .venv/.setup

.venv/.setup: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; choose one with: make PYTHON=python3.11 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) "$(TORCH)"
	$(PIP) --constraint constraints.txt --editable .
	touch $@

.venv/.test: .venv/.setup
	$(PIP) --constraint constraints.txt --editable ".[test,lint]"
	touch $@

# Two processes: browser tests mostly wait. A file stays in one, so that it starts its server once.
test: .venv/.test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The news files ask about articles that are not in corpus/.
eval: index
	for file in $(filter-out %/news.jsonl %/news_second.jsonl,$(wildcard benchmarks/questions/*.jsonl)); do echo "$$file"; $(BIN)/rag eval "$$file" || exit; done

bench: index
	$(BIN)/python -m benchmarks.run

# Needs the training texts, see training/README.md; takes hours.
encoder: .venv/.setup
	$(PIP) --constraint constraints.txt --editable ".[train]"
	$(BIN)/python -m training.run

clean:
	rm -rf .venv build dist *.egg-info index/CURRENT index/generations index/.lock
