//! Endpoints: what is parsed is written so that it is parsed to the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zmq_wasm::Endpoint;

fuzz_target!(|text: &str| {
    let Ok(endpoint) = text.parse::<Endpoint>() else { return };
    assert_eq!(endpoint.to_string().parse(), Ok(endpoint.clone()));
    if let Ok(endpoint) = endpoint.clone().for_connect() {
        assert_eq!(endpoint.to_string(), endpoint.to_string().parse::<Endpoint>().unwrap().to_string());
    }
});
