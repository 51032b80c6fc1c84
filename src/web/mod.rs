//! The JavaScript shell. Rust holds the sockets' state; `js/host.js` holds what must not enter wasm: the
//! bodies of messages, and the WebSockets that they come by. Only numbers cross between the two while
//! messages flow.
//!
//! The classes that users see are hand-written JavaScript around [`SocketCore`] and [`ContextCore`]
//! (`js/*.js`), because promises are cheapest where they are resolved, and because only JavaScript can
//! extend `EventTarget` or be iterated by `for await`.
#![expect(missing_debug_implementations, reason = "nobody prints what only JavaScript has")]

mod context;
mod driver;
mod host;
mod inproc;
mod payload;
mod socket;

pub use self::context::ContextCore;
pub use self::socket::SocketCore;

/// Half the code of the standard library's allocator, which counts where the code is downloaded.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
