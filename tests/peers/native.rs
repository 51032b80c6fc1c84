//! A ZeroMQ peer of our own, the native shell (`tcp://`, `ws://`), as a child process of the JavaScript tests.
//!
//! The protocol on stdin and stdout is that of `zeromq.mjs`, where it is written down, and one command more:
//! `event {s, event}` waits for a monitor's event of this name, from now on, and answers with what it says.

mod messages;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{LocalSet, spawn_local};
use zmq_wasm::native::auth::{ANY_DOMAIN, Authenticator, CurveKeys};
use zmq_wasm::native::engine::EventValue;
use zmq_wasm::native::{
    Body, Context, Error, Message, OptionValue, Options, Socket, SocketOption, SocketType,
};

use self::messages::{Tally, numbered};

type Result<T = (), E = Failure> = std::result::Result<T, E>;

fn main() -> io::Result<()> {
    let (lines, mut commands) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lines().map_while(io::Result::ok) {
            let _ = lines.send(line);
        }
        // Without stdin nobody can drive this process: it goes at once, whatever its sockets still hold.
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(LocalSet::new().run_until(async {
        let driver = Rc::new(Driver::new());
        while let Some(line) = commands.recv().await {
            spawn_local(Rc::clone(&driver).answer(line));
        }
    }));
    Ok(())
}

/// What is wrong with a command, by libzmq's name.
struct Failure {
    code: &'static str,
    message: String,
}

impl Failure {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // A closed socket has no handle any more, so this command was under way when it was closed.
        let error = if error == Error::Closed { Error::Canceled } else { error };
        Self::new(error.code(), error.to_string())
    }
}

/// One socket; commands on it take turns per direction.
struct Peer {
    socket: Socket,
    reading: Mutex<()>,
    writing: Mutex<()>,
}

impl Peer {
    /// `None` when `timeout` milliseconds brought nothing.
    async fn recv(&self, timeout: i64) -> Result<Option<Message>> {
        let _turn = self.reading.lock().await;
        self.socket.set(SocketOption::RcvTimeo, timeout)?;
        match self.socket.recv().await {
            Err(Error::WouldBlock) => Ok(None),
            received => Ok(Some(received?)),
        }
    }

    async fn send(&self, message: impl Into<Message>, timeout: i64) -> Result {
        let _turn = self.writing.lock().await;
        self.socket.set(SocketOption::SndTimeo, timeout)?;
        Ok(self.socket.send(message).await?)
    }

    async fn echo(&self) -> Result {
        loop {
            if let Some(message) = self.recv(-1).await? {
                self.send(message, -1).await?;
            }
        }
    }

    async fn drain(&self, count: u64, timeout: i64) -> Result<Tally> {
        let mut tally = Tally::default();
        while tally.count < count {
            match self.recv(timeout).await? {
                Some(message) => tally.add(message.parts()),
                None => break,
            }
        }
        Ok(tally)
    }

    async fn flood(&self, count: u64, size: usize, from: u64, prefix: Vec<Body>) -> Result {
        for number in from..from + count {
            let mut parts = prefix.clone();
            parts.push(numbered(number as u32, size).into());
            self.send(parts, -1).await?;
        }
        Ok(())
    }

    async fn subscription(&self, topic: Vec<u8>, on: bool) -> Result {
        match (self.socket.socket_type(), on) {
            (SocketType::Xsub, _) => self.send([&[u8::from(on)], &topic[..]].concat(), -1).await?,
            (SocketType::Sub, true) => self.socket.subscribe(topic)?,
            (SocketType::Sub, false) => self.socket.unsubscribe(topic)?,
            (other, _) => return Err(Failure::new("EINVAL", format!("{} does not subscribe", other.name()))),
        }
        Ok(())
    }
}

struct Driver {
    context: Context,
    /// By name: `[number, kind]`.
    options: Value,
    peers: RefCell<HashMap<u64, Rc<Peer>>>,
    handles: Cell<u64>,
}

impl Driver {
    fn new() -> Self {
        let options = serde_json::from_str(include_str!("options.json")).expect("options.json is JSON");
        Self { context: Context::new(), options, peers: RefCell::default(), handles: Cell::new(0) }
    }

    async fn answer(self: Rc<Self>, line: String) {
        let command = Command(serde_json::from_str(&line).unwrap_or_default());
        let reply = match self.carry_out(&command).await {
            Ok(ok) => json!({ "id": command.0["id"], "ok": ok }),
            Err(Failure { code, message }) => {
                json!({ "id": command.0["id"], "error": { "code": code, "message": message } })
            }
        };
        println!("{reply}");
        if command.0["do"] == "exit" {
            std::process::exit(0);
        }
    }

    async fn carry_out(&self, command: &Command) -> Result<Value> {
        let name = command.text("do")?;
        match name {
            "version" => {
                return Ok(
                    json!({ "library": concat!("zmq-wasm ", env!("CARGO_PKG_VERSION")), "libzmq": null }),
                );
            }
            "socket" => return Ok(self.open(command)?.into()),
            "authenticate" => {
                self.authenticate(command);
                return Ok(Value::Null);
            }
            "exit" => return Ok(Value::Null),
            _ => {}
        }
        let peer = self.peer(command)?;
        let socket = &peer.socket;
        match name {
            "set" => {
                let (option, _) = self.option(command.text("option")?)?;
                socket.set(option, value(&command.0["value"])?)?;
            }
            "get" => return self.get(socket, command.text("option")?),
            "bind" => return Ok(socket.bind(command.text("endpoint")?).await?.into()),
            "unbind" => socket.unbind(command.text("endpoint")?)?,
            "connect" => socket.connect(command.text("endpoint")?)?,
            "disconnect" => socket.disconnect(command.text("endpoint")?)?,
            "subscribe" | "unsubscribe" => {
                peer.subscription(unpack(&command.0["topic"])?, name == "subscribe").await?;
            }
            "join" => socket.join(unpack(&command.0["group"])?)?,
            "leave" => socket.leave(unpack(&command.0["group"])?)?,
            "send" => peer.send(command.parts("parts")?, command.timeout()).await?,
            "recv" => {
                let received = peer.recv(command.timeout()).await?;
                let pack = |message: Message| {
                    message.parts().iter().map(|part| BASE64_STANDARD.encode(part)).collect()
                };
                return Ok(received.map_or(Value::Null, pack));
            }
            "echo" => {
                spawn_local(async move {
                    // Its end is the socket's close; a failure before that shows as a reply that never comes.
                    if let Err(Failure { code, message }) = peer.echo().await
                        && code != "ECANCELED"
                    {
                        eprintln!("echo: {message}");
                    }
                });
            }
            "drain" => return Ok(peer.drain(command.number("n")?, command.timeout()).await?.report()),
            "flood" => {
                let (count, size) = (command.number("n")?, command.number("size")? as usize);
                let from = command.0["from"].as_u64().unwrap_or(0);
                peer.flood(count, size, from, command.parts("prefix")?).await?;
            }
            "event" => {
                let (name, mut monitor) = (command.text("event")?, socket.monitor());
                while let Some(event) = monitor.recv().await {
                    if event.kind.name() == name {
                        return Ok(match event.value {
                            EventValue::Number(number) => number.to_string().into(),
                            EventValue::Text(text) => text.into(),
                        });
                    }
                }
                return Err(Failure::new("ECANCELED", "the socket was closed"));
            }
            "close" => {
                match command.0["linger"].as_i64() {
                    None => socket.close(),
                    Some(linger) => socket.close_with(u64::try_from(linger).ok().map(Duration::from_millis)),
                }
                self.peers.borrow_mut().remove(&command.number("s")?);
            }
            _ => return Err(Failure::new("EINVAL", format!("no command {name}"))),
        }
        Ok(Value::Null)
    }

    /// Lets peers in by PLAIN with these passwords, and by CURVE with any key.
    fn authenticate(&self, command: &Command) {
        let passwords = command.0["passwords"].as_object().into_iter().flatten();
        let authenticator = Authenticator::new();
        authenticator.configure_plain(
            ANY_DOMAIN,
            passwords.filter_map(|(name, password)| Some((name, password.as_str()?))),
        );
        authenticator.configure_curve(ANY_DOMAIN, CurveKeys::any());
        authenticator.start(&self.context);
    }

    fn open(&self, command: &Command) -> Result<u64> {
        let name = command.text("type")?;
        let socket_type = SocketType::from_name(name.as_bytes())
            .ok_or_else(|| Failure::new("EINVAL", format!("no socket type {name}")))?;
        let mut options = Options::default();
        for (name, given) in command.0["options"].as_object().into_iter().flatten() {
            options.set(self.option(name)?.0, &value(given)?).map_err(Error::from)?;
        }
        let socket = self.context.socket_with(socket_type, options)?;
        let handle = self.handles.get() + 1;
        self.handles.set(handle);
        let peer = Peer { socket, reading: Mutex::default(), writing: Mutex::default() };
        self.peers.borrow_mut().insert(handle, Rc::new(peer));
        Ok(handle)
    }

    fn get(&self, socket: &Socket, name: &str) -> Result<Value> {
        let (option, kind) = self.option(name)?;
        Ok(match socket.get(option)? {
            OptionValue::Int(number) if kind == "bool" => (number != 0).into(),
            OptionValue::Int(number) => number.into(),
            OptionValue::Bytes(octets) => String::from_utf8_lossy(&octets).into(),
        })
    }

    fn peer(&self, command: &Command) -> Result<Rc<Peer>> {
        let Some(handle) = command.0["s"].as_u64() else {
            return Err(Failure::new("EINVAL", format!("no command {} without a socket", command.0["do"])));
        };
        let found = self.peers.borrow().get(&handle).cloned();
        found.ok_or_else(|| Failure::new("ENOTSOCK", format!("no socket {handle}")))
    }

    /// The option of this name, and what kind of value it has.
    fn option(&self, name: &str) -> Result<(SocketOption, &str)> {
        let [number, kind] = [0, 1].map(|at| &self.options[name][at]);
        let option = number.as_i64().and_then(|number| SocketOption::from_number(number as i32));
        option.zip(kind.as_str()).ok_or_else(|| Failure::new("EINVAL", format!("no option {name}")))
    }
}

/// A command's fields.
struct Command(Value);

impl Command {
    fn text(&self, field: &str) -> Result<&str> {
        self.0[field].as_str().ok_or_else(|| Failure::new("EPROTO", format!("{field} is to be text")))
    }

    fn number(&self, field: &str) -> Result<u64> {
        self.0[field].as_u64().ok_or_else(|| Failure::new("EPROTO", format!("{field} is to be a number")))
    }

    fn timeout(&self) -> i64 {
        self.0["timeout"].as_i64().unwrap_or(-1)
    }

    /// None when the field is missing.
    fn parts(&self, field: &str) -> Result<Vec<Body>> {
        self.0[field].as_array().into_iter().flatten().map(|part| Ok(unpack(part)?.into())).collect()
    }
}

fn value(given: &Value) -> Result<OptionValue> {
    match given {
        Value::Bool(flag) => Ok((*flag).into()),
        Value::String(text) => Ok(text.as_str().into()),
        other => other
            .as_i64()
            .map(OptionValue::from)
            .ok_or_else(|| Failure::new("EINVAL", format!("no value {other}"))),
    }
}

fn unpack(base64: &Value) -> Result<Vec<u8>> {
    let octets = BASE64_STANDARD.decode(base64.as_str().unwrap_or("?"));
    octets.map_err(|error| Failure::new("EPROTO", format!("no base64: {error}")))
}
