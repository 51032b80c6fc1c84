//! The context: the names of `inproc://` endpoints, and what its sockets begin with.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::host::error_to_js;
use super::inproc::Names;
use super::socket::known;
use crate::error::Error;
use crate::options::{OptionValue, Options};

/// What the JavaScript class `Context` is made around.
#[wasm_bindgen]
#[derive(Default)]
pub struct ContextCore {
    names: Rc<RefCell<Names>>,
    defaults: RefCell<Options>,
}

#[wasm_bindgen]
impl ContextCore {
    /// A context without sockets.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an option of every socket made later to a number.
    #[wasm_bindgen(js_name = setNumber)]
    pub fn set_number(&self, option: i32, value: f64) -> Result<(), JsValue> {
        self.set(option, &OptionValue::Int(value as i64)).map_err(|error| error_to_js(&error))
    }

    /// Sets an option of every socket made later to octets.
    #[wasm_bindgen(js_name = setBytes)]
    pub fn set_bytes(&self, option: i32, value: Vec<u8>) -> Result<(), JsValue> {
        self.set(option, &OptionValue::Bytes(value)).map_err(|error| error_to_js(&error))
    }
}

impl ContextCore {
    fn set(&self, option: i32, value: &OptionValue) -> Result<(), Error> {
        Ok(self.defaults.borrow_mut().set_named(known(option)?, "", value)?)
    }

    pub(super) fn defaults(&self) -> Options {
        self.defaults.borrow().clone()
    }

    pub(super) fn names(&self) -> Rc<RefCell<Names>> {
        self.names.clone()
    }
}
