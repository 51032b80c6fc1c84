# Every target is one short script in scripts/, and each script sets up what it needs by itself.
.DEFAULT_GOAL := help
.PHONY: help setup demo test package bench fuzz faults docs fmt lint clean

help: ## say what can be made (default)
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install every tool that is missing; all other targets do this for the parts they need
	@scripts/setup.sh

demo: ## build and serve the demo; PORT=8080 chooses the port, CHECK=1 drives it in headless Chromium and exits
	@PORT='$(PORT)' CHECK='$(CHECK)' scripts/demo.sh

test: ## run every check and test: format, lints, docs, native, browser, package, demo
	@scripts/test.sh

package: ## build the npm package and the wheel for Pyodide into pkg/ and weigh them
	@scripts/package.sh

bench: ## measure size and speed, native and in Chromium, against the alternatives; QUICK=1 for a short look, ONLY="native" for a part
	@QUICK='$(QUICK)' ONLY='$(ONLY)' scripts/bench.sh

fuzz: ## fuzz the parsers and the engine, five minutes each; FOR=20 for another number of seconds, ONLY="peer" for a part
	@FOR='$(FOR)' ONLY='$(ONLY)' scripts/fuzz.sh

faults: ## cut, corrupt, stall and kill between our sockets and libzmq's, and count what is lost; MESSAGES=1000000 CUTS=1000 SEED=1
	@MESSAGES='$(MESSAGES)' CUTS='$(CUTS)' SEED='$(SEED)' scripts/faults.sh

docs: ## build the Rust documentation into target/doc
	@scripts/docs.sh

fmt: ## format the Rust code
	@scripts/setup.sh rust
	@cargo fmt --all

lint: ## only the checks of `make test` that run nothing: format, clippy for both targets, docs
	@scripts/test.sh fmt clippy clippy-wasm docs

clean: ## remove what was built; installed tools stay in .cache
	@rm -rf target pkg .cache/bindgen .cache/logs .cache/runtimes .cache/screenshots
