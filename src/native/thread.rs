//! A context on a thread of its own.

use std::io;
use std::thread;

use tokio::runtime::LocalRuntime;
use tokio::sync::oneshot;

use super::{Context, Error, Result};
use crate::error::{TransportError, TransportErrorKind};

impl Context {
    /// Starts a thread with a runtime and a context of its own, and gives what `setup` makes there: a
    /// [`Remote`](super::Remote), or several. For programs on a multi-thread runtime, and for one context per
    /// core.
    ///
    /// The thread ends when `setup` has returned and all the context's sockets are closed and have nothing
    /// left to send: when their handles are dropped. Tasks that `setup` spawned by
    /// [`spawn_local`](tokio::task::spawn_local) run until then.
    ///
    /// ```
    /// use zmq_wasm::native::{Context, SocketType};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let (push, pull) = Context::spawn_thread(async |context| {
    ///     let (push, pull) = (context.socket(SocketType::Push)?, context.socket(SocketType::Pull)?);
    ///     push.connect(&pull.bind("inproc://jobs").await?)?;
    ///     Ok((push.remote(), pull.remote()))
    /// })
    /// .await?;
    /// tokio::spawn(async move { push.send("a job").await });
    /// assert_eq!(pull.recv().await?.parts(), ["a job"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `setup`; [`Error::Transport`] when the system has no thread or no descriptors left;
    /// [`Error::Canceled`] when `setup` panicked.
    pub async fn spawn_thread<T: Send + 'static>(
        setup: impl AsyncFnOnce(Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (made, outcome) = oneshot::channel();
        let run = move || {
            let runtime = match LocalRuntime::new() {
                Ok(runtime) => runtime,
                Err(error) => return drop(made.send(Err(refused(&error)))),
            };
            runtime.block_on(async move {
                let context = Self::new();
                // Nobody to take it means that it is dropped, and its sockets are closed.
                drop(made.send(setup(context.clone()).await));
                context.emptied().await;
            });
        };
        thread::Builder::new().name("zmq-wasm".to_owned()).spawn(run).map_err(|error| refused(&error))?;
        outcome.await.unwrap_or(Err(Error::Canceled))
    }
}

fn refused(error: &io::Error) -> Error {
    Error::Transport(TransportError {
        kind: TransportErrorKind::Other,
        endpoint: "a thread for a context".to_owned(),
        reason: error.to_string(),
    })
}
