# Everything a person or CI calls. `make run` serves the product, `make test` proves it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

TOOLS := target/tools
SITE := target/site
WASM_BINDGEN_VERSION := $(shell sed -n 's/^wasm-bindgen = .*"=\([0-9.]*\)".*/\1/p' Cargo.toml)
WASM_BINDGEN := $(TOOLS)/wasm-bindgen-$(WASM_BINDGEN_VERSION)
NODE_MODULES := end2end/node_modules/.package-lock.json
PYTHON := $(TOOLS)/python/.ready
CONFORMANCE := end2end/conformance
SUITES := $(TOOLS)/conformance/.ready
RUST := $(TOOLS)/.rust
APP_SOURCES := $(shell find app Cargo.toml Cargo.lock end2end/bundle.sh -type f)
STYLES := $(shell find style -type f)

.PHONY: run test watch bench conformance setup bundle keyslot lint unit end2end screenshots clean

## Serve the product on http://keyslot.localhost:3000 with an embedded database; the first start prints a sign-in link.
run: bundle
	end2end/need.sh git
	end2end/need.sh bwrap || echo "Going on without bubblewrap: git and commands in workspaces are refused." >&2
	cargo build --release -p server --bin keyslot-server
	$(MAKE) keyslot
	./target/release/keyslot-server

## Formatting, lints, unit, property, integration (SQLite and PostgreSQL) and end-to-end tests.
test: setup lint unit end2end

## Rebuild and restart on every change.
watch: $(RUST) $(WASM_BINDGEN) $(NODE_MODULES)
	end2end/watch.sh

## Measure; prints ratios against a baseline of the same run.
bench: setup bundle
	cargo build --release -p server -p sandbox --bins
	end2end/with-postgres.sh cargo bench -p server
	end2end/bench/latency.mjs
	end2end/bench/soak.mjs
	end2end/bench/lighthouse.mjs
	end2end/sizes.mjs $(SITE)/pkg

## Suites that others wrote, against the running server; bounded to 15 minutes.
conformance: setup bundle $(SUITES)
	cargo build -p server -p sandbox --bins
	$(CONFORMANCE)/run.mjs

## The small static sandbox program alone.
keyslot:
	cargo build --release -p sandbox

setup: $(RUST) $(WASM_BINDGEN) $(NODE_MODULES) $(PYTHON)
	end2end/need.sh git bwrap chromium postgres strace

lint: | $(RUST)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy -p browser --target wasm32-unknown-unknown -- -D warnings

unit: $(NODE_MODULES) $(PYTHON)
	end2end/with-postgres.sh cargo test --workspace --no-fail-fast

end2end: setup bundle
	cargo build -p server -p sandbox --bins
	end2end/with-postgres.sh node --test --test-concurrency=2 end2end/tests/*.test.mjs

## Screenshots of every screen, in both themes and two widths, into end2end/results.
screenshots: setup bundle
	cargo build -p server -p sandbox --bins
	node end2end/screenshots.mjs

bundle: $(SITE)/pkg/keyslot_bg.wasm.br $(SITE)/style/.copied

$(SITE)/pkg/keyslot_bg.wasm.br: $(APP_SOURCES) $(WASM_BINDGEN) $(NODE_MODULES) | $(RUST)
	end2end/bundle.sh $(SITE)/pkg wasm

$(SITE)/style/.copied: $(STYLES)
	rm -rf $(SITE)/style && mkdir -p $(SITE) && cp -R style $(SITE)/style && touch $@

# rustup installs what rust-toolchain.toml lists only together with the toolchain, not into one that is there already.
$(RUST): rust-toolchain.toml
	end2end/need.sh cc rustup
	rustup target add wasm32-unknown-unknown
	rustup component add clippy rustfmt
	mkdir -p $(TOOLS) && touch $@

$(WASM_BINDGEN): | $(RUST)
	cargo install wasm-bindgen-cli --version $(WASM_BINDGEN_VERSION) --root $(TOOLS) --target-dir $(TOOLS)/build
	mv $(TOOLS)/bin/wasm-bindgen $@
	rm -rf $(TOOLS)/build

$(NODE_MODULES): end2end/package.json end2end/package-lock.json
	end2end/need.sh node npm
	cd end2end && npm ci --no-audit --no-fund
	touch $@

$(PYTHON): end2end/requirements.txt
	end2end/need.sh python3
	python3 -m venv $(TOOLS)/python
	$(TOOLS)/python/bin/pip install --quiet --disable-pip-version-check -r end2end/requirements.txt
	touch $@

$(SUITES): $(addprefix $(CONFORMANCE)/,package.json package-lock.json requirements.txt)
	end2end/need.sh node npm python3
	# Not `npm ci`: it wants an optional package for Windows in the lock file, which is not to be had.
	cd $(CONFORMANCE) && npm install --no-save --no-audit --no-fund --ignore-scripts
	python3 -m venv $(TOOLS)/conformance
	$(TOOLS)/conformance/bin/pip install --quiet --disable-pip-version-check -r $(CONFORMANCE)/requirements.txt
	touch $@

clean:
	rm -rf target end2end/node_modules $(CONFORMANCE)/node_modules end2end/results
