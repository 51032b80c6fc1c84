//! The wasm shell in a dedicated worker.
#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]

mod web;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
