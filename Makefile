# Each target sets up what it needs in .venv; a second call installs nothing.

# The first of these that is new enough makes .venv: make test PYTHON=/path/to/python
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
VENV := .venv
READY := $(VENV)/.ready
SERVE := $(VENV)/.serve
PIP := $(VENV)/bin/pip
RUN := $(VENV)/bin/python -m
FONT := docs/assets/fonts/stix-two-math.woff2
CHOOSER := .github/ISSUE_TEMPLATE/config.yml
FORMS := $(filter-out $(CHOOSER),$(wildcard .github/ISSUE_TEMPLATE/*.yml))
TOOLS := workshop/inspect/node_modules/.ready
# The tests of dlref, by subject: all folders but those of the machinery, and of the
# exercises, which draw thousands of inputs: under coverage they take four times as long.
SUBJECTS = $(filter-out $(addprefix tests/,benchmarks browser exercises workshop __pycache__),\
           $(patsubst %/,%,$(wildcard tests/*/)))
export NO_MKDOCS_2_WARNING := 1
# The date of a build is that of the last change, so that two builds are alike.
export SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>&-),315532800)

.PHONY: help serve test question site check rest lint workflows alone zensical build twice html browser \
        screenshots wheel links update-snippets format bench bench-site bench-verification lighthouse mutants mutants-practice constraints clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1: /p' Makefile

serve: $(FONT)  ## serve the site at http://127.0.0.1:8000, with live reload
	@echo "Drawing the figures that are not drawn yet (the first time about half a minute) ..."
	@$(RUN) workshop.verify.figures docs
	@echo "Building the site (some seconds) ..."
	@$(RUN) mkdocs serve --dirty --no-strict --livereload --dev-addr 127.0.0.1:8000

# Coverage is taken where dlref is judged: by the tests of its subjects. Of the rest the
# pages come first, in small shares: what they draw need not be drawn again by what follows.
test: $(READY)  ## run all tests, those in the pages included; ONLY=docs/….md: one page's
ifdef ONLY
	$(RUN) pytest --numprocesses auto --only $(ONLY)
else
	$(RUN) pytest --numprocesses auto $(SUBJECTS) --cov
	$(RUN) pytest --numprocesses auto --maxschedchunk 24 $(SUBJECTS:%=--ignore=%)
endif

# ONCE=1: its code is neither array nor tensor, and is written once.
question: $(READY)  ## lay out a new question: ID=DL0050 SUBJECT=attention NAME=self-attention
	@$(RUN) workshop.question "$(ID)" "$(SUBJECT)" "$(NAME)" "$(ONCE)"

site: test build  ## run the tests, then build the site into site/ and check what was built

check: test rest  ## all that CI runs

# The last that builds is MkDocs: what it leaves in site/ is what is published.
rest: lint workflows alone zensical twice wheel html browser

lint: $(READY)  ## check format, style and types
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy

workflows: $(READY)  ## check the files that hosts read
	$(RUN) check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(RUN) check_jsonschema --builtin-schema vendor.readthedocs .readthedocs.yaml
	$(RUN) check_jsonschema --builtin-schema vendor.github-issue-forms $(FORMS)
	$(RUN) check_jsonschema --builtin-schema vendor.github-issue-config $(CHOOSER)
	$(RUN) check_jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(VENV)/bin/zizmor --offline --quiet .github

alone: $(READY)  ## run every snippet in an interpreter of its own
	$(RUN) workshop.verify.alone

zensical: $(READY) $(FONT)  ## build and check the site with the successor of Material for MkDocs
	$(RUN) workshop.verify.figures docs
	$(RUN) zensical build --clean --strict
	$(RUN) workshop.render.scripts site
	$(RUN) workshop.render.policy site "'unsafe-inline'"
	$(RUN) workshop.takeaway site
	$(RUN) workshop.inspect.site site

# Never --quiet here: strict counts the warnings that are logged.
build: $(READY) $(FONT)
	$(RUN) workshop.verify.figures docs
	$(RUN) mkdocs build --clean --strict
	$(RUN) workshop.render.scripts site
	$(RUN) workshop.render.policy site
	$(RUN) workshop.takeaway site
	$(RUN) workshop.inspect.site site

# Another hash seed, another time zone: nothing may hang on them.
twice: build  ## build the site again, and compare every byte
	@rm -rf .verified/first && mv site .verified/first
	PYTHONHASHSEED=1 TZ=Pacific/Kiritimati $(MAKE) build
	diff --recursive --brief .verified/first site

wheel: $(READY)  ## check the wheel beside the built site, as the package index does
	$(RUN) pip install --quiet --constraint constraints.txt --editable '.[wheel]'
	$(RUN) twine check --strict site/*.whl

html: $(TOOLS)  ## validate the HTML of the built site; needs Node and Java
	java -jar workshop/inspect/node_modules/vnu-jar/build/dist/vnu.jar --errors-only \
	    --filterfile workshop/inspect/html-faults.txt --skip-non-html site

browser: $(READY)  ## use the built site in Chromium, as a reader does
	$(RUN) pytest --numprocesses auto tests/browser

screenshots: $(READY)  ## take the pictures of README.md from the built site
	$(RUN) workshop.inspect.screenshots site .github/screenshots

# Not part of `make check`: it needs the network, and hosts that are up.
links: $(READY) $(FONT)  ## visit the links to other hosts
	$(RUN) pip install --quiet --constraint constraints.txt --editable '.[links]'
	$(RUN) workshop.verify.figures docs
	$(RUN) mkdocs build --clean --strict
	$(RUN) workshop.inspect.links site > .verified/links
	$(VENV)/bin/linkchecker --stdin --recursion-level 0 --no-robots --no-status < .verified/links

update-snippets: $(READY)  ## write what the snippets print into the pages
	$(RUN) pytest --update-snippets

format: $(READY)  ## put the code, also that in the pages, into the house's format
	$(RUN) ruff format
	$(RUN) ruff check --fix

bench: $(READY)  ## print what verification costs and how fast the code is, as ratios
	$(RUN) benchmarks.snippets
	$(RUN) benchmarks.speed

bench-verification: $(READY) $(TOOLS) $(FONT)  ## print how `make check` grows (hours)
	$(RUN) benchmarks.verification

bench-site: $(READY)  ## print how the build grows with the number of pages (some minutes)
	$(RUN) workshop.verify.figures docs
	$(RUN) benchmarks.site

lighthouse: $(READY) $(TOOLS)  ## score every page of the built site (half an hour); needs Node
	$(RUN) workshop.inspect.lighthouse site
	$(RUN) workshop.inspect.site_weight site

mutants: $(READY)  ## plant faults in dlref, and list those that no test sees (half an hour)
	$(RUN) pip install --quiet --constraint constraints.txt --editable '.[mutants]'
	OMP_NUM_THREADS=1 $(RUN) workshop.inspect.mutants run
	$(VENV)/bin/mutmut results

mutants-practice: $(READY)  ## plant faults in the solutions of the exercises, and list those that pass
	$(RUN) pip install --quiet --constraint constraints.txt --editable '.[mutants]'
	OMP_NUM_THREADS=1 $(RUN) workshop.inspect.mutants_of_solutions

constraints: $(READY)  ## take the newest versions within the caps, and pin them
	$(RUN) pip install --upgrade --upgrade-strategy eager --editable '.[dev,links,mutants,wheel]'
	$(RUN) pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt
	@touch $(READY)

clean:  ## remove all that the targets made
	rm -rf $(VENV) .cache .verified mutants site docs/assets/fonts workshop/inspect/node_modules

$(READY): pyproject.toml constraints.txt | $(PIP)
	@echo "Installing what the tests and the site need into $(VENV) (a minute or more) ..."
	@$(RUN) pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(SERVE) $@

$(SERVE): pyproject.toml constraints.txt | $(PIP)
	@echo "Installing what the site needs into $(VENV) (a minute or more) ..."
	@$(RUN) pip install --quiet --constraint constraints.txt --editable '.[serve]'
	@touch $@

$(PIP):
	@for python in $(PYTHON); do \
	    command -v $$python >/dev/null || continue; \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        exec $$python -m venv $(VENV); \
	    fi; \
	    got="$${got:+$$got, }$$($$python --version 2>&1 | head -n 1)"; \
	done; \
	echo "dlref needs Python 3.11 or newer; got $${got:-none}." \
	     "Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; \
	exit 1

$(TOOLS): workshop/inspect/package.json
	npm install --prefix workshop/inspect --no-package-lock --no-audit --no-fund --silent
	@touch $@

$(FONT): workshop/render/font.py $(SERVE)
	@$(RUN) workshop.render.font $@
