#!/usr/bin/env bash
# Looks at pkg/ as its users' tools will: publint at the manifest, arethetypeswrong at what each import resolves to.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need node
"$NODE_TOOLS/publint" --strict pkg
# The slim entry is an ES module only, for CommonJS has no address of its own to find the module by. The modules have no types.
"$NODE_TOOLS/attw" --pack pkg --ignore-rules cjs-resolves-to-esm --exclude-entrypoints ./zmq_wasm.wasm ./zmq_wasm_server.wasm
