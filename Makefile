# Everything one does with a fresh clone. Works with GNU make 3.81 and any POSIX shell.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo serve test lint format bench drill translations clean browser apache packages

# The system's own first: distributions build it for speed, and it answers a fifth more than one built without that.
PYTHONS := /usr/bin/python3 python3.11 python3.12 python3.13 python3.14 python3
IN      := .venv/bin/
INSTALL := $(IN)python -m pip install --quiet --disable-pip-version-check --no-input
# H030 and H031 want descriptions and keywords for search engines: nobody searches for a page behind a sign-in.
# H043 wants type="submit" spelled out: here every button submits a form.
DJLINT  := $(IN)djlint wallet vendor_api --profile jinja --ignore H030,H031,H043 --indent 2 --max-line-length 120 \
           --max-attribute-length 120 --preserve-blank-lines --no-set-formatting --ignore-case --allow-empty-input

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: .venv/.runtime ## play the main job with a demo vendor, then keep both running (ONCE=1: then stop)
	@$(IN)python -m wallet demo $(if $(filter-out 0,$(ONCE)),--once)

serve: .venv/.runtime ## serve a wallet of your own on http://127.0.0.1:8420
	@$(IN)python -m wallet serve

# Three at once on two cores: tests wait for browsers, servers and programs of others.
test: .venv/.test browser apache packages ## run every test (ARGS="-k ledger" for some of them)
	@$(IN)python -m pytest -n 3 --dist worksteal $(ARGS)

lint: .venv/.test ## check style, types, layers and templates
	@$(IN)ruff check
	@$(IN)ruff format --check
	@$(IN)mypy
	@$(IN)lint-imports --no-logo
	@$(DJLINT) --check --lint

format: .venv/.test ## lay out code and templates the way lint wants them
	@$(IN)ruff check --fix --exit-zero --silent
	@$(IN)ruff format
	@$(DJLINT) --reformat --warn --quiet

bench: .venv/.test ## measure how fast vendors are served (ARGS=--growth: what grows, or parts of it; --steps 1000000: try promises)
	@$(IN)python tests/bench/run.py $(ARGS)

drill: .venv/.test ## kill a wallet a hundred times, lose its machine, and see that nothing is lost (KILLS=20 for fewer)
	@DRILL_KILLS=$(or $(KILLS),100) $(IN)python -m pytest -q tests/wallet/test_drill.py
	@DRILL_KILLS=60 $(IN)python -m pytest -q tests/wallet/test_deliveries.py -k killed
	@DRILL_ROWS=$(or $(ROWS),100000) DRILL_KILLS=20 $(IN)python -m pytest -q tests/wallet/test_recovery_drill.py

translations: .venv/.runtime ## gather the pages' sentences, merge them into each language, compile
	@printf '[python: **.py]\n[jinja2: **/templates/**.html]\n' > .venv/babel.cfg
	@$(IN)pybabel --quiet extract --mapping .venv/babel.cfg --output .venv/messages.pot \
	  --keyword _l --keyword lazy_gettext --keyword lazy_ngettext:1,2 --keyword lazy_pgettext:1c,2 \
	  --project hausrecht --copyright-holder 'the Hausrecht authors' --width 120 --add-location file --sort-by-file wallet vendor_api
	@$(IN)pybabel --quiet update --input-file .venv/messages.pot --output-dir wallet/translations \
	  --locale de --init-missing --width 120 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@$(IN)pybabel --quiet compile --directory wallet/translations --statistics

clean: ## remove everything make has made
	rm -rf .venv build dist hausrecht.egg-info tests/relying_parties/node_modules
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find wallet vendor_api consent keys tests docs -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are older than setup.cfg when it has changed, so the environment follows it.
.venv/.runtime: setup.cfg pyproject.toml | .venv/bin/python
	@echo "Installing what the wallet needs into .venv; this takes a minute, once."
	@$(INSTALL) --editable .
	@touch $@

.venv/.test: setup.cfg pyproject.toml | .venv/bin/python
	@echo "Installing what the wallet and its tests need into .venv; this takes a minute, once."
	@$(INSTALL) --editable '.[test,postgresql]'
	@touch .venv/.runtime $@

.venv/bin/python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    exec $$python -m venv --clear .venv; \
	  fi; \
	done; \
	echo "Hausrecht needs Python 3.11 or newer with its venv module, and none was found." >&2; \
	echo "On Debian and Ubuntu: apt install python3-venv. On macOS: brew install python." >&2; \
	exit 1

browser:
	@has() { command -v chromium || command -v google-chrome; }; \
	if has >/dev/null 2>&1; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && grep -qs '^ID=debian$$' /etc/os-release; then \
	  echo "Installing Chromium for the browser tests."; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get -qq update </dev/null && apt-get -qq -y --no-install-recommends install chromium </dev/null >/dev/null || \
	  echo "apt-get could not install it." >&2; \
	fi; \
	has >/dev/null 2>&1 || \
	echo "The browser tests will be skipped: there is neither chromium nor google-chrome on the PATH (Debian: apt install chromium)."

# The module brings Apache's program along, and not the service that would start by itself.
apache:
	@has() { [ -x /usr/sbin/apache2 ] && [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ]; }; \
	if has; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && grep -qs '^ID=debian$$' /etc/os-release; then \
	  echo "Installing Apache with mod_auth_openidc for the tests with relying parties."; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get -qq update </dev/null && \
	  apt-get -qq -y --no-install-recommends install libapache2-mod-auth-openidc </dev/null >/dev/null || \
	  echo "apt-get could not install it." >&2; \
	fi; \
	has || \
	echo "The tests with Apache will be skipped: there is no apache2 with mod_auth_openidc (Debian: apt install libapache2-mod-auth-openidc)."

packages: tests/relying_parties/node_modules/.package-lock.json

# Without them the tests that play vendors' libraries from npm are skipped, and say so.
tests/relying_parties/node_modules/.package-lock.json: tests/relying_parties/package-lock.json
	@if ! command -v npm >/dev/null 2>&1; then echo "Vendors' libraries will not be tested: there is no npm on the PATH."; exit 0; fi; \
	echo "Installing vendors' libraries for the tests."; \
	cd tests/relying_parties && npm ci --no-audit --no-fund --ignore-scripts --silent </dev/null && touch ../../$@ || \
	echo "npm could not install them; their tests will be skipped." >&2
