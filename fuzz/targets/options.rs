//! Options: what is refused changes nothing, and what can be read can be set to what was read.
#![no_main]

use arbitrary::Arbitrary;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use zmq_wasm::engine::Engine;
use zmq_wasm::{OptionValue, Options, SocketOption, SocketType};

#[derive(Arbitrary, Debug)]
enum Value {
    Int(i64),
    Small(i8),
    Octets(Vec<u8>),
}

impl From<Value> for OptionValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Int(number) => Self::Int(number),
            Value::Small(number) => Self::Int(number.into()),
            Value::Octets(octets) => Self::Bytes(octets),
        }
    }
}

fuzz_target!(|input: (u8, Vec<(u8, Value)>)| {
    let (kind, settings) = input;
    let kind = SocketType::ALL[usize::from(kind) % SocketType::ALL.len()];
    let mut engine: Engine<Bytes> = Engine::new(kind, Options::default(), 1);
    for (number, value) in settings {
        let Some(option) = SocketOption::from_number(number.into()) else { continue };
        let before = engine.option(option);
        if engine.set_option(option, &value.into()).is_err() {
            assert_eq!(engine.option(option), before, "{option:?} was refused and changed");
        } else if let Ok(kept) = engine.option(option) {
            engine.set_option(option, &kept).expect("it has this value");
            assert_eq!(engine.option(option), Ok(kept));
        }
    }
});
