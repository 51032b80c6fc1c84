//! The context: the names of `inproc://` endpoints.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::inproc::Names;

/// What the JavaScript class `Context` is made around.
#[wasm_bindgen]
#[derive(Default)]
pub struct ContextCore {
    names: Rc<RefCell<Names>>,
}

#[wasm_bindgen]
impl ContextCore {
    /// A context without sockets.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }
}

impl ContextCore {
    pub(super) fn names(&self) -> Rc<RefCell<Names>> {
        self.names.clone()
    }
}
