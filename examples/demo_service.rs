//! The service behind the demo page: HTTP and three ZeroMQ sockets on one port.
//!
//! ```sh
//! make demo                  # builds the package, then runs this
//! cargo run --release --features native --example demo_service -- --port 8080 --host 0.0.0.0
//! ```
//!
//! The protocol between the page and this service is written down in `www/service.js`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::convert::Infallible;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, LocalSet, spawn_local};
use zmq_wasm::native::{self, Body, Context, Message, Socket, SocketOption, SocketType};

type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

/// The page's own files and the built package, and what each is reached by.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:";
const CITIES: [&str; 6] = ["oslo", "lisbon", "nairobi", "tokyo", "lima", "sydney"];
const MAX_HEAD: usize = 16 * 1024;
const MAX_NICK: usize = 20;
const MAX_TEXT: usize = 500;
const LONGEST_CUT: u64 = 60_000;

fn main() -> Result {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(LocalSet::new().run_until(run()))
}

async fn run() -> Result {
    let (mut host, mut port) = ("127.0.0.1".to_owned(), 8080_u16);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--host" => host = value,
            "--port" => port = value.parse().map_err(|_| format!("{value} is no port"))?,
            _ => return Err(format!("unknown argument {name}; known: --host, --port").into()),
        }
    }

    let context = Context::new();
    let relay = Rc::new(Relay::default());
    let weather = socket(&context, &relay, SocketType::Pub, "weather").await?;
    let echo = socket(&context, &relay, SocketType::Rep, "echo").await?;
    let chat = socket(&context, &relay, SocketType::Router, "chat").await?;
    chat.set(SocketOption::RouterMandatory, true)?;
    chat.set(SocketOption::RouterHandover, true)?;
    spawn_local(publish_weather(weather));
    spawn_local(answer_requests(echo));
    spawn_local(Chat::new(chat, Rc::clone(&relay)).run());

    let listener = TcpListener::bind((host.as_str(), port)).await;
    let listener = listener.map_err(|error| format!("can't listen on {host}:{port}: {error}"))?;
    println!("zmq-wasm demo: open http://{}/ (Ctrl-C ends it)", listener.local_addr()?);
    tokio::select! {
        () = serve(listener, relay) => {}
        ended = until_told_to_stop() => ended?,
    }
    context.destroy(Some(Duration::ZERO)).await;
    Ok(())
}

/// A socket on a port of its own, which the public port passes WebSockets on to.
async fn socket(context: &Context, relay: &Relay, kind: SocketType, name: &'static str) -> Result<Socket> {
    let socket = context.socket(kind)?;
    // Whoever comes by the relay asks for the public port's host, which this one does not know.
    socket.set_string(SocketOption::Origins, "*")?;
    let endpoint = socket.bind("ws://127.0.0.1:*").await?;
    let inner = endpoint.trim_start_matches("ws://").trim_end_matches('/').to_owned();
    relay.inner.borrow_mut().insert(name, inner);
    Ok(socket)
}

#[cfg(unix)]
async fn until_told_to_stop() -> Result {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn until_told_to_stop() -> Result {
    Ok(tokio::signal::ctrl_c().await?)
}

// ---- the ZeroMQ sockets ---------------------------------------------------------------------------

/// PUB: ten times a second a figure for each city.
async fn publish_weather(socket: Socket) -> native::Result<()> {
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    for round in 0_u64.. {
        ticks.tick().await;
        for (index, city) in CITIES.into_iter().enumerate() {
            let (at, index) = (round as f64 / 10.0, index as f64);
            let slow = (at / (17.0 + 3.0 * index) + index).sin();
            let quick = (at / (2.0 + 0.7 * index)).sin();
            let celsius = ((8.0 + 4.0 * index + 7.0 * slow + 1.5 * quick) * 100.0).round() / 100.0;
            let body = json!({ "celsius": celsius, "n": round }).to_string();
            socket.send([format!("weather.{city}"), body]).await?;
        }
    }
    Ok(())
}

/// REP: what each request says is done, and how many were answered so far.
async fn answer_requests(socket: Socket) -> native::Result<()> {
    let started = Instant::now();
    for answered in 1_u64.. {
        let request = socket.recv().await?;
        let body = request.parts()[0].clone();
        let answer = match std::str::from_utf8(&body) {
            Ok("uptime") => {
                format!("up {} s, {answered} requests answered", started.elapsed().as_secs()).into()
            }
            Ok(text) if text.starts_with("reverse ") => {
                text["reverse ".len()..].chars().rev().collect::<String>().into()
            }
            _ => body,
        };
        socket.send([answer, answered.to_string().into()]).await?;
    }
    Ok(())
}

/// ROUTER: passes the lines of a chat on to all who are in it.
struct Chat {
    socket: Socket,
    relay: Rc<Relay>,
    /// Who is there, by routing id.
    present: RefCell<HashMap<Body, String>>,
}

impl Chat {
    fn new(socket: Socket, relay: Rc<Relay>) -> Self {
        Self { socket, relay, present: RefCell::default() }
    }

    async fn run(self) -> native::Result<()> {
        let mut ticks = tokio::time::interval(Duration::from_secs(2));
        loop {
            tokio::select! {
                received = self.socket.recv() => {
                    let received = received?;
                    if let [page, line] = received.parts()
                        && let Ok(line) = serde_json::from_slice(line)
                    {
                        self.hear(page, &line);
                    }
                }
                _ = ticks.tick() => self.tell_all(&json!({ "type": "who", "nicks": self.nicks() })),
            }
        }
    }

    fn hear(&self, page: &Body, line: &Value) {
        match line["type"].as_str() {
            Some("join") => self.join(page, line),
            Some("say") => {
                if !self.present.borrow().contains_key(page) {
                    self.join(page, line);
                }
                let text: String = line["text"].as_str().unwrap_or_default().chars().take(MAX_TEXT).collect();
                let nick = self.present.borrow().get(page).cloned();
                self.tell_all(&json!({ "type": "say", "nick": nick, "text": text }));
            }
            Some("leave") => self.left(page),
            Some("cut") => {
                let ms = line["ms"].as_u64().unwrap_or(0).min(LONGEST_CUT);
                self.relay.cut(&String::from_utf8_lossy(page), Duration::from_millis(ms));
            }
            _ => {}
        }
    }

    fn join(&self, page: &Body, line: &Value) {
        let before = self.present.borrow_mut().remove(page);
        let nick = self.unique(line["nick"].as_str().unwrap_or_default());
        self.present.borrow_mut().insert(page.clone(), nick.clone());
        let nicks = self.nicks();
        self.tell(page, &json!({ "type": "welcome", "nick": nick, "nicks": nicks }));
        match before {
            Some(before) if before == nick => {}
            Some(before) => {
                self.tell_all(&json!({ "type": "renamed", "from": before, "nick": nick, "nicks": nicks }));
            }
            None => self.tell_all(&json!({ "type": "joined", "nick": nick, "nicks": nicks })),
        }
    }

    fn left(&self, page: &Body) {
        let nick = self.present.borrow_mut().remove(page);
        if let Some(nick) = nick {
            self.tell_all(&json!({ "type": "left", "nick": nick, "nicks": self.nicks() }));
        }
    }

    fn unique(&self, wanted: &str) -> String {
        let wanted: String = wanted.trim().chars().take(MAX_NICK).collect();
        let wanted = if wanted.is_empty() { "Somebody".to_owned() } else { wanted };
        let taken = self.nicks();
        let numbered = |n: u32| {
            let suffix = format!(" {n}");
            let kept: String = wanted.chars().take(MAX_NICK - suffix.len()).collect();
            kept + &suffix
        };
        std::iter::once(wanted.clone())
            .chain((2..).map(numbered))
            .find(|nick| !taken.contains(nick))
            .expect("there are more numbers than tabs")
    }

    fn nicks(&self) -> Vec<String> {
        let mut nicks: Vec<String> = self.present.borrow().values().cloned().collect();
        nicks.sort();
        nicks
    }

    fn tell_all(&self, line: &Value) {
        let pages: Vec<Body> = self.present.borrow().keys().cloned().collect();
        for page in pages {
            self.tell(&page, line);
        }
    }

    /// Whom ROUTER_MANDATORY says it can't reach has left. Who only reads slowly misses a line.
    fn tell(&self, page: &Body, line: &Value) {
        let message = Message::from([page.clone(), line.to_string().into()]);
        if let Err(refused) = self.socket.try_send(message)
            && matches!(refused.error, native::Error::HostUnreachable(_))
        {
            self.left(page);
        }
    }
}

// ---- the public port ------------------------------------------------------------------------------

/// Passes WebSockets on to the sockets' own ports, and cuts them when it is asked to.
#[derive(Default)]
struct Relay {
    inner: RefCell<HashMap<&'static str, String>>,
    pages: RefCell<HashMap<String, Page>>,
    number: Cell<u64>,
}

#[derive(Default)]
struct Page {
    barred_until: Option<Instant>,
    connections: HashMap<u64, AbortHandle>,
}

impl Relay {
    /// Drops the connections of a page, and for a while each new one.
    fn cut(&self, page: &str, bar: Duration) {
        let mut pages = self.pages.borrow_mut();
        let page = pages.entry(page.to_owned()).or_default();
        page.barred_until = Some(Instant::now() + bar);
        for (_, connection) in page.connections.drain() {
            connection.abort();
        }
    }

    /// `/zmq/<socket>/<page>` as the socket's own address and the page.
    fn route(&self, path: &str) -> Option<(String, String)> {
        let (socket, page) = path.strip_prefix("/zmq/")?.split_once('/')?;
        let inner = self.inner.borrow().get(socket)?.clone();
        Some((inner, page.to_owned()))
    }

    fn relay(self: &Rc<Self>, mut outer: TcpStream, head: Vec<u8>, inner: String, name: String) {
        let mut pages = self.pages.borrow_mut();
        let now = Instant::now();
        // Pages come and go; only those that are connected or barred are kept.
        pages.retain(|_, page| {
            !page.connections.is_empty() || page.barred_until.is_some_and(|until| until > now)
        });
        let page = pages.entry(name.clone()).or_default();
        if page.barred_until.is_some_and(|until| until > now) {
            return;
        }
        let number = self.number.get();
        self.number.set(number + 1);
        let relay = Rc::clone(self);
        let task = spawn_local(async move {
            // Either side's end is the other's, whatever it was.
            let copied = async {
                let mut inner = TcpStream::connect(inner).await?;
                inner.set_nodelay(true)?;
                inner.write_all(&head).await?;
                tokio::io::copy_bidirectional(&mut outer, &mut inner).await
            };
            let _ = copied.await;
            if let Some(page) = relay.pages.borrow_mut().get_mut(&name) {
                page.connections.remove(&number);
            }
        });
        page.connections.insert(number, task.abort_handle());
    }
}

async fn serve(listener: TcpListener, relay: Rc<Relay>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let relay = Rc::clone(&relay);
                spawn_local(async move {
                    // A client that goes away is nothing to report.
                    let _ = tokio::time::timeout(Duration::from_secs(3600), serve_one(stream, relay)).await;
                });
            }
            Err(error) => {
                eprintln!("can't accept: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve_one(mut stream: TcpStream, relay: Rc<Relay>) -> Result {
    stream.set_nodelay(true)?;
    let head = tokio::time::timeout(Duration::from_secs(30), read_head(&mut stream)).await??;
    let text = String::from_utf8_lossy(&head);
    let path = text.split(' ').nth(1).unwrap_or("/");
    let is_upgrade = text.to_ascii_lowercase().contains("\r\nupgrade: websocket\r\n");
    if is_upgrade && let Some((inner, page)) = relay.route(path) {
        drop(text);
        relay.relay(stream, head, inner, page);
        return Ok(());
    }
    drop(text);
    let (reader, writer) = stream.into_split();
    let replayed = tokio::io::join(std::io::Cursor::new(head).chain(reader), writer);
    let service = service_fn(async |request: Request<_>| Ok::<_, Infallible>(answer(&request)));
    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(replayed), service).await?;
    Ok(())
}

async fn read_head(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 || head.len() > MAX_HEAD {
            return Err("no HTTP request".into());
        }
    }
    Ok(head)
}

fn answer<T>(request: &Request<T>) -> Response<Full<Bytes>> {
    let found = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/endpoints.json") => Ok(("application/json", endpoints())),
        (&Method::GET | &Method::HEAD, path) => file(path).ok_or(StatusCode::NOT_FOUND),
        _ => Err(StatusCode::METHOD_NOT_ALLOWED),
    };
    let (status, kind, body) = match found {
        Ok((kind, body)) => (StatusCode::OK, kind, body),
        Err(status) => (status, "text/plain; charset=utf-8", format!("{status}\n").into_bytes()),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn endpoints() -> Vec<u8> {
    let service = concat!("zmq-wasm ", env!("CARGO_PKG_VERSION"), ", tokio");
    let paths =
        json!({ "service": service, "weather": "/zmq/weather", "echo": "/zmq/echo", "chat": "/zmq/chat" });
    paths.to_string().into_bytes()
}

/// A file of the page or of the package, with its type. Paths are taken as they are, so nothing that is
/// encoded in one leads anywhere.
fn file(path: &str) -> Option<(&'static str, Vec<u8>)> {
    let path = if path == "/" { "/index.html" } else { path };
    let relative = Path::new(path.strip_prefix('/')?);
    let is_plain = |part: std::path::Component<'_>| matches!(part, std::path::Component::Normal(_));
    if !relative.components().all(is_plain) || path.contains("/.") || path.contains('\\') {
        return None;
    }
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let full = if let Ok(file) = relative.strip_prefix("pyodide") {
        root.join("tests/node_modules/pyodide").join(file)
    } else if relative.starts_with("pkg") || relative.starts_with("examples/python") {
        root.join(relative)
    } else {
        root.join("www").join(relative)
    };
    let kind = match full.extension()?.to_str()? {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript",
        "css" => "text/css",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "py" => "text/x-python; charset=utf-8",
        _ => "application/octet-stream",
    };
    Some((kind, std::fs::read(full).ok()?))
}
