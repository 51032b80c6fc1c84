//! The JavaScript shell. Rust holds the sockets' state; JavaScript what must not enter wasm: the
//! bodies of messages (`js/bodies.js`), and the connections that they come by (`js/links.js`). Only numbers cross between the two while
//! messages flow, and text as bodies.
//!
//! The classes that users see are hand-written JavaScript (`js/*.js`) around the functions of [`calls`],
//! because promises are cheapest where they are resolved, and because only JavaScript can extend
//! `EventTarget` or be iterated by `for await`.

pub mod calls;
mod driver;
mod host;
mod inproc;
mod payload;
#[cfg(feature = "security")]
pub mod security;
#[cfg_attr(not(feature = "streams"), path = "no_streams.rs")]
pub mod streams;
#[cfg(feature = "security")]
mod zap;

/// Half the code of the standard library's allocator, which counts where the code is downloaded.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
