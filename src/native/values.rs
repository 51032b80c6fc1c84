//! Messages as text, as JSON, as pickles, and as whatever a function makes of them.

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::socket::Socket;
use super::{Body, Error, Message, Result, pickle};
use crate::error::ApiMisuse;

impl Socket {
    /// Sends text.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (one, other) = (context.socket(SocketType::Pair)?, context.socket(SocketType::Pair)?);
    /// one.connect(&other.bind("inproc://pair").await?)?;
    /// one.send_string("grüße").await?;
    /// assert_eq!(other.recv_string().await?, "grüße");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_string(&self, text: &str) -> Result<()> {
        self.send(Body::copy_from_slice(text.as_bytes())).await
    }

    /// Receives a message of one part, as text.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (one, other) = (context.socket(SocketType::Pair)?, context.socket(SocketType::Pair)?);
    /// one.connect(&other.bind("inproc://pair").await?)?;
    /// one.send("text").await?;
    /// assert_eq!(other.recv_string().await?, "text");
    /// one.send(vec![0xff]).await?;
    /// assert_eq!(other.recv_string().await.unwrap_err().code(), "EBADMSG");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn recv_string(&self) -> Result<String> {
        let part = self.recv_part().await?;
        String::from_utf8(part.into()).map_err(|error| Error::Undecodable(format!("not UTF-8: {error}")))
    }

    /// Sends a value as JSON.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// # let context = Context::new();
    /// let (one, other) = (context.socket(SocketType::Pair)?, context.socket(SocketType::Pair)?);
    /// one.connect(&other.bind("inproc://pair").await?)?;
    /// one.send_json(&("oslo", -3.5)).await?;
    /// assert_eq!(other.recv_json::<(String, f64)>().await?, ("oslo".to_owned(), -3.5));
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn send_json<T: Serialize + ?Sized>(&self, value: &T) -> Result<()> {
        let json = serde_json::to_vec(value);
        let json = json.map_err(|_| ApiMisuse::InvalidArgument("the value can't be written as JSON"))?;
        self.send(json).await
    }

    /// Receives a message of one part, as JSON.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (one, other) = (context.socket(SocketType::Pair)?, context.socket(SocketType::Pair)?);
    /// one.connect(&other.bind("inproc://pair").await?)?;
    /// one.send(r#"{"oslo": -3.5}"#).await?;
    /// let value: std::collections::HashMap<String, f64> = other.recv_json().await?;
    /// assert_eq!(value["oslo"], -3.5);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn recv_json<T: DeserializeOwned>(&self) -> Result<T> {
        let part = self.recv_part().await?;
        serde_json::from_slice(&part)
            .map_err(|error| Error::Undecodable(format!("not the JSON asked for: {error}")))
    }

    /// Sends a value as a Python pickle, which pyzmq's `recv_pyobj` reads; see [`pickle`].
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(
    /// # tokio::task::LocalSet::new().run_until(async {
    /// # let context = Context::new();
    /// let (one, other) = (context.socket(SocketType::Pair)?, context.socket(SocketType::Pair)?);
    /// one.connect(&other.bind("inproc://pair").await?)?;
    /// one.send_pyobj(&("oslo", -3.5)).await?; // ('oslo', -3.5)
    /// assert_eq!(other.recv_pyobj::<(String, f64)>().await?, ("oslo".to_owned(), -3.5));
    /// # Ok::<(), zmq_wasm::Error>(()) }))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn send_pyobj<T: Serialize + ?Sized>(&self, value: &T) -> Result<()> {
        self.send(pickle::dumps(value)?).await
    }

    /// Receives a message of one part, as what pyzmq's `send_pyobj` sent; see [`pickle`]. Data only: a pickle that names
    /// a class or function is refused ([`Error::Undecodable`]), and nothing in it is run. The message is gone then.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (one, other) = (context.socket(SocketType::Pair)?, context.socket(SocketType::Pair)?);
    /// one.connect(&other.bind("inproc://pair").await?)?;
    /// one.send(&b"I7\n."[..]).await?; // what pickle.dumps(7, protocol=0) gives
    /// assert_eq!(other.recv_pyobj::<i32>().await?, 7);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn recv_pyobj<T: DeserializeOwned>(&self) -> Result<T> {
        let part = self.recv_part().await?;
        pickle::loads(&part)
    }

    /// Receives a message and gives what a function makes of it. What that can't decode is an
    /// [`Error::Undecodable`] with its reason, and the message is gone. (For the other way, make a [`Message`] of the
    /// value and send that.)
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, SocketType};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// # let context = Context::new();
    /// let (push, pull) = (context.socket(SocketType::Push)?, context.socket(SocketType::Pull)?);
    /// push.connect(&pull.bind("inproc://numbers").await?)?;
    /// push.send(7_u32.to_be_bytes().to_vec()).await?;
    /// let number = pull.recv_serialized(|message| message.parts()[0].as_slice().try_into().map(u32::from_be_bytes));
    /// assert_eq!(number.await?, 7);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn recv_serialized<T, E: Display>(
        &self,
        deserialize: impl FnOnce(Message) -> Result<T, E>,
    ) -> Result<T> {
        deserialize(self.recv().await?).map_err(|error| Error::Undecodable(error.to_string()))
    }

    async fn recv_part(&self) -> Result<Body> {
        let mut message = self.recv().await?;
        match message.pop_front() {
            Some(part) if message.is_empty() => Ok(part),
            _ => Err(Error::Undecodable(format!(
                "a message of {} parts, where one was expected",
                message.len() + 1
            ))),
        }
    }
}
