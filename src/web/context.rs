//! The context: the names of `inproc://` endpoints, and the count of sockets that are not done yet.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

use super::inproc::Names;

/// What the JavaScript class `Context` is made around.
#[wasm_bindgen]
#[derive(Default)]
pub struct ContextCore {
    shared: Rc<Shared>,
}

#[derive(Default)]
pub(super) struct Shared {
    pub(super) names: RefCell<Names>,
    unfinished: RefCell<Unfinished>,
}

/// Sockets that are open, or closed with something left to send, and who waits for their end.
#[derive(Default)]
struct Unfinished {
    count: usize,
    waiting: Vec<Waker>,
}

#[wasm_bindgen]
impl ContextCore {
    /// A context without sockets.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Resolves when every socket is closed and has sent what it had to send.
    pub fn drained(&self) -> Promise {
        let shared = self.shared.clone();
        future_to_promise(async move {
            std::future::poll_fn(|task| {
                let mut unfinished = shared.unfinished.borrow_mut();
                if unfinished.count == 0 {
                    return Poll::Ready(());
                }
                unfinished.waiting.push(task.waker().clone());
                Poll::Pending
            })
            .await;
            Ok(JsValue::UNDEFINED)
        })
    }
}

impl ContextCore {
    pub(super) fn shared(&self) -> Rc<Shared> {
        self.shared.clone()
    }
}

impl Shared {
    pub(super) fn socket_opened(&self) {
        self.unfinished.borrow_mut().count += 1;
    }

    pub(super) fn socket_finished(&self) {
        let waiting = {
            let mut unfinished = self.unfinished.borrow_mut();
            unfinished.count -= 1;
            if unfinished.count > 0 {
                return;
            }
            core::mem::take(&mut unfinished.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}
