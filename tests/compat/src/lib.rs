//! What the peers share: the commands on stdin and the answers on stdout, as `tests/peers/zeromq.mjs` has them
//! written down. Commands are carried out one after the other, which is how the tests give them.

#![expect(async_fn_in_trait, reason = "all that implements these traits is in this package")]

use std::collections::HashMap;
use std::io;
use std::process::exit;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::time::timeout;

pub type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// One socket of a library.
pub trait Socket: Sized {
    /// The name is as in the READY command.
    fn open(socket_type: &str) -> Result<Self>;

    /// Gives the endpoint to connect to.
    async fn bind(&mut self, endpoint: &str) -> Result<String>;

    async fn connect(&mut self, endpoint: &str) -> Result;

    async fn subscribe(&mut self, topic: &[u8]) -> Result;

    async fn send(&mut self, parts: Vec<Bytes>) -> Result;

    async fn recv(&mut self) -> Result<Vec<Bytes>>;
}

/// Does what stdin says until it ends.
pub fn run<S: Socket>(library: &str) {
    let (lines, mut commands) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lines().map_while(io::Result::ok) {
            let _ = lines.send(line);
        }
        exit(0);
    });
    let runtime =
        Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("there are threads");
    runtime.block_on(async {
        let mut sockets = Sockets::<S>::new();
        while let Some(line) = commands.recv().await {
            let command: Value = serde_json::from_str(&line).expect("commands are JSON");
            let answer = match sockets.carry_out(library, &command).await {
                Ok(ok) => json!({ "id": command["id"], "ok": ok }),
                Err(error) => {
                    json!({ "id": command["id"], "error": { "code": "EFAULT", "message": error.to_string() } })
                }
            };
            println!("{answer}");
        }
    });
}

struct Sockets<S> {
    open: HashMap<u64, S>,
    handles: u64,
}

impl<S: Socket> Sockets<S> {
    fn new() -> Self {
        Self { open: HashMap::new(), handles: 0 }
    }

    async fn carry_out(&mut self, library: &str, command: &Value) -> Result<Value> {
        let name = text(command, "do")?;
        match name {
            "version" => return Ok(json!({ "library": library, "libzmq": null })),
            "socket" => {
                self.handles += 1;
                self.open.insert(self.handles, S::open(text(command, "type")?)?);
                return Ok(self.handles.into());
            }
            _ => {}
        }
        let handle = command["s"].as_u64().ok_or("a command is about a socket")?;
        if name == "close" {
            self.open.remove(&handle);
            return Ok(Value::Null);
        }
        let socket = self.open.get_mut(&handle).ok_or("there is no such socket")?;
        match name {
            "bind" => return Ok(socket.bind(text(command, "endpoint")?).await?.into()),
            "connect" => socket.connect(text(command, "endpoint")?).await?,
            "subscribe" => socket.subscribe(&unpack(&command["topic"])?).await?,
            "send" => {
                let parts = command["parts"].as_array().ok_or("a message has parts")?;
                socket.send(parts.iter().map(unpack).collect::<Result<_>>()?).await?;
            }
            "recv" => {
                let received = match command["timeout"].as_u64() {
                    None => socket.recv().await?,
                    Some(limit) => match timeout(Duration::from_millis(limit), socket.recv()).await {
                        Ok(received) => received?,
                        Err(_) => return Ok(Value::Null),
                    },
                };
                return Ok(received.iter().map(|part| BASE64_STANDARD.encode(part)).collect());
            }
            other => return Err(format!("no command {other}").into()),
        }
        Ok(Value::Null)
    }
}

fn text<'a>(command: &'a Value, field: &str) -> Result<&'a str> {
    command[field].as_str().ok_or_else(|| format!("{field} is to be text").into())
}

fn unpack(base64: &Value) -> Result<Bytes> {
    Ok(BASE64_STANDARD.decode(base64.as_str().ok_or("octets are base64")?)?.into())
}
