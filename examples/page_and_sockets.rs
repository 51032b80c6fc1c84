//! One process, one port: a page, and the two sockets that it talks to. `make package` builds what the page
//! loads.
//!
//! ```sh
//! cargo run --features native --example page_and_sockets -- ws://127.0.0.1:8080
//! ```

use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use tokio::task::spawn_local;
use tokio::time::interval;
use zmq_wasm::native::http::TowerToHyperService;
use zmq_wasm::native::{Context, Error, SocketType};

const PAGE: &str = r#"<!doctype html>
<title>One port</title>
<p>The server has ticked <b id="ticks">?</b> times and says: <b id="answer">nothing yet</b>
<script type="module">
  import { Context, REQ, SUB } from './zmq-wasm.js';

  const context = new Context();
  const show = (id, text) => (document.getElementById(id).textContent = text);
  const ticks = context.socket(SUB);
  ticks.connect(`ws://${location.host}/ticks`);
  ticks.subscribe('');
  const echo = context.socket(REQ);
  echo.connect(`ws://${location.host}/echo`);
  await echo.sendString('hello');
  show('answer', await echo.recvString());
  while (true) show('ticks', await ticks.recvString());
</script>
"#;

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Error> {
    let endpoint = std::env::args().nth(1).unwrap_or("ws://127.0.0.1:8080".to_owned());
    let context = Context::new();
    let app = Router::new().route("/", get(Html(PAGE))).route("/zmq-wasm.js", get(package));
    let page = context.mount(&endpoint, TowerToHyperService::new(app)).await?;
    println!("open http://{}/", page.local_addr());

    let ticks = context.socket(SocketType::Pub)?;
    ticks.bind(&format!("ws://{}/ticks", page.local_addr())).await?;
    let echo = context.socket(SocketType::Rep)?;
    echo.bind(&format!("ws://{}/echo", page.local_addr())).await?;
    spawn_local(async move {
        while let Ok(request) = echo.recv().await {
            if echo.send(request).await.is_err() {
                break;
            }
        }
    });
    let mut every_second = interval(Duration::from_secs(1));
    for number in 0_u64.. {
        every_second.tick().await;
        ticks.send(number.to_string()).await?;
    }
    Ok(())
}

/// The package for JavaScript, where it was built.
async fn package() -> impl IntoResponse {
    match std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/pkg/zmq-wasm.js")) {
        Ok(module) => ([(header::CONTENT_TYPE, "text/javascript")], module).into_response(),
        Err(error) => (StatusCode::NOT_FOUND, format!("run `make package` first: {error}\n")).into_response(),
    }
}
