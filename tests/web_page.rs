//! The wasm shell in a page.
#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]

mod web;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
