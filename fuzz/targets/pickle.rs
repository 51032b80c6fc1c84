//! Python's pickles: whatever the octets, reading them ends, in no more memory than there may be; and what was read is written so
//! that it is read to the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use zmq_wasm::native::pickle;

fuzz_target!(|octets: &[u8]| {
    // Other types ask for other things: numbers of many bits, maps in order, octets.
    let _ = pickle::loads::<(u128, String)>(octets);
    let _ = pickle::loads::<Vec<u8>>(octets);
    let Ok(value) = pickle::loads::<Value>(octets) else { return };
    let written = pickle::dumps(&value).expect("JSON's values are Python's");
    assert_eq!(pickle::loads::<Value>(&written).expect("it was written by us"), value);
});
