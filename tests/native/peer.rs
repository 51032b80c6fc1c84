//! Peers as child processes: libzmq by `tests/peers/zeromq.mjs`, where is written what they understand, and
//! `tests/peers/pyzmq.py`; other libraries by `tests/compat`; ourselves by `tests/peers/native.rs`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::rc::Rc;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{Mutex, oneshot};
use zmq_wasm::native::{Body, Message, SocketType};

/// Which library the peer runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    Node,
    Python,
    Zeromq,
    Omq,
}

impl Library {
    fn command(self) -> Command {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let script = |program: PathBuf, script: &str| {
            let mut command = Command::new(program);
            command.arg(root.join(script));
            command
        };
        match self {
            Self::Node => script("node".into(), "tests/peers/zeromq.mjs"),
            Self::Python => {
                let python = std::env::var_os("ZMQ_WASM_PYTHON").map(Into::into);
                let python = python.unwrap_or_else(|| root.join(".cache/venv/bin/python"));
                script(python, "tests/peers/pyzmq.py")
            }
            Self::Zeromq => Command::new(compat("zeromq")),
            Self::Omq => Command::new(compat("omq")),
        }
    }
}

/// A program of the package in tests/compat, which `scripts/setup.sh compat` builds.
pub(crate) fn compat(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/compat/debug").join(name)
}

/// Where the program is that cargo makes of an example.
pub(crate) fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().unwrap().parent().unwrap();
    let program = profile.join("examples").join(name);
    // `cargo test` builds the examples with the tests; `cargo test --test native` does not.
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        if program.exists() {
            return;
        }
        let mut build = std::process::Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--features", "native", "--examples", "--target-dir"]);
        build.arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "the examples can't be built");
    });
    program
}

/// Says why a peer can't be had. Where peers are required, that fails.
pub(crate) fn do_without(what: impl std::fmt::Debug, reason: &str) {
    let required = std::env::var("ZMQ_WASM_REQUIRE_PEERS").is_ok_and(|value| value == "1");
    assert!(!required, "{what:?}: {reason}");
    println!("skipped, for want of a peer ({what:?}): {reason}");
}

/// A peer's process.
pub(crate) struct Peer {
    child: Mutex<Child>,
    stdin: Mutex<ChildStdin>,
    next_id: Cell<u64>,
    answers: Rc<RefCell<HashMap<u64, oneshot::Sender<Value>>>>,
}

/// One socket of a peer.
#[derive(Clone)]
pub(crate) struct Handle {
    peer: Rc<Peer>,
    number: u64,
}

impl Peer {
    /// Starts a peer, or says why that can't be done and gives `None`. Where peers are required, that fails.
    pub(crate) async fn start(library: Library) -> Option<Rc<Self>> {
        match Self::spawn(library.command()).await {
            Ok(peer) => Some(peer),
            Err(reason) => {
                do_without(library, &reason);
                None
            }
        }
    }

    /// A process of our own, as it is after these commands of the shell.
    pub(crate) async fn ours_after(preparation: &str) -> Rc<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{preparation}\nexec \"$0\"")]).arg(program("test_peer"));
        Self::spawn(command).await.unwrap()
    }

    async fn spawn(mut command: Command) -> Result<Rc<Self>, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{command:?} can't be run: {error}"))?;
        let stdin = child.stdin.take().expect("it is piped");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let answers = Rc::new(RefCell::new(HashMap::<u64, oneshot::Sender<Value>>::new()));
        let waiting = Rc::clone(&answers);
        tokio::task::spawn_local(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let answer: Value = serde_json::from_str(&line).expect("peers answer with JSON");
                let asked = answer["id"].as_u64().and_then(|id| waiting.borrow_mut().remove(&id));
                if let Some(asked) = asked {
                    // Whoever asked may have gone.
                    let _ = asked.send(answer);
                }
            }
            waiting.borrow_mut().clear();
        });
        let peer =
            Rc::new(Self { child: child.into(), stdin: Mutex::new(stdin), next_id: Cell::new(0), answers });
        let version = peer.ask(json!({ "do": "version" })).await;
        version.map(|_| Rc::clone(&peer)).map_err(|error| format!("it does not answer: {error}"))
    }

    pub(crate) async fn socket(self: &Rc<Self>, kind: SocketType, options: Value) -> Handle {
        let number = self.ask(json!({ "do": "socket", "type": kind.name(), "options": options })).await;
        Handle { peer: Rc::clone(self), number: number.unwrap().as_u64().unwrap() }
    }

    /// Has the peer's sockets let in who says one of these names and its password, and everybody by CURVE.
    pub(crate) async fn authenticate(&self, passwords: Value) {
        self.ask(json!({ "do": "authenticate", "passwords": passwords })).await.unwrap();
    }

    /// Has pyzmq write a certificate, and gives its public and its secret key.
    pub(crate) async fn certificate(&self, directory: &Path, name: &str) -> [String; 2] {
        let keys =
            self.ask(json!({ "do": "certificate", "directory": directory, "name": name })).await.unwrap();
        serde_json::from_value(keys).unwrap()
    }

    /// The process, as the system knows it.
    pub(crate) async fn id(&self) -> u32 {
        self.child.lock().await.id().expect("it runs")
    }

    /// Ends the process as `kill -9` does.
    pub(crate) async fn kill(&self) {
        self.child.lock().await.kill().await.unwrap();
    }

    async fn ask(&self, mut command: Value) -> Result<Value, String> {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        command["id"] = id.into();
        let (answered, answer) = oneshot::channel();
        self.answers.borrow_mut().insert(id, answered);
        let line = format!("{command}\n");
        let wrote = self.stdin.lock().await.write_all(line.as_bytes()).await;
        wrote.map_err(|error| error.to_string())?;
        let mut answer = answer.await.map_err(|_| "the process ended".to_owned())?;
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer["ok"].take()),
        }
    }
}

impl Handle {
    /// Any command on this socket, with what belongs to it, and its answer.
    pub(crate) async fn ask(&self, what: &str, mut command: Value) -> Value {
        command["do"] = what.into();
        command["s"] = self.number.into();
        self.peer.ask(command).await.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    /// Binds, also where a process that was killed has just been bound.
    pub(crate) async fn bind(&self, endpoint: &str) -> String {
        self.ask("bind", json!({ "endpoint": endpoint })).await.as_str().unwrap().to_owned()
    }

    pub(crate) async fn connect(&self, endpoint: &str) {
        self.ask("connect", json!({ "endpoint": endpoint })).await;
    }

    pub(crate) async fn subscribe(&self, topic: &str) {
        self.ask("subscribe", json!({ "topic": BASE64_STANDARD.encode(topic) })).await;
    }

    pub(crate) async fn join(&self, group: &str) {
        self.ask("join", json!({ "group": BASE64_STANDARD.encode(group) })).await;
    }

    pub(crate) async fn send(&self, message: &Message) {
        let parts: Vec<String> = message.parts().iter().map(|part| BASE64_STANDARD.encode(part)).collect();
        self.ask("send", json!({ "parts": parts })).await;
    }

    pub(crate) async fn recv(&self) -> Message {
        self.recv_within(-1).await.expect("without a time-out there is a message")
    }

    /// A message, or `None` when none came in so many milliseconds.
    pub(crate) async fn recv_within(&self, timeout: i32) -> Option<Message> {
        let parts = self.ask("recv", json!({ "timeout": timeout })).await;
        let decode = |part: &Value| Body::from(BASE64_STANDARD.decode(part.as_str().unwrap()).unwrap());
        Some(parts.as_array()?.iter().map(decode).collect())
    }

    /// pyzmq only: sends the value of a Python expression as a pickle.
    pub(crate) async fn send_pyobj(&self, expression: &str, protocol: u8) {
        self.ask("sendPyobj", json!({ "expression": expression, "protocol": protocol })).await;
    }

    /// pyzmq only: the `repr` of what a pickle holds.
    pub(crate) async fn recv_pyobj(&self) -> String {
        self.ask("recvPyobj", json!({})).await.as_str().unwrap().to_owned()
    }

    pub(crate) async fn echo(&self) {
        self.ask("echo", json!({})).await;
    }

    /// Sends `count` numbered messages of `size` octets.
    pub(crate) async fn flood(&self, count: u32, size: usize) {
        self.ask("flood", json!({ "n": count, "size": size })).await;
    }

    /// Receives `count` messages and gives their tally.
    pub(crate) async fn drain(&self, count: u32) -> Value {
        self.ask("drain", json!({ "n": count })).await
    }

    /// Waits for an event of this name and gives what it says.
    pub(crate) async fn event(&self, name: &str) -> String {
        self.ask("event", json!({ "event": name })).await.as_str().unwrap().to_owned()
    }

    pub(crate) async fn close(&self) {
        self.ask("close", json!({ "linger": 0 })).await;
    }
}
