//! A request to a ZeroMQ server and one to a web server, at the same time in one task.
//!
//! ```sh
//! cargo run --features native --example request_reply_server -- tcp://127.0.0.1:5555
//! cargo run --features native --example req_and_http -- tcp://127.0.0.1:5555 127.0.0.1:8000
//! ```

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use zmq_wasm::native::{Context, Error, Socket, SocketType};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "local")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let endpoint = arguments.next().unwrap_or("tcp://127.0.0.1:5555".to_owned());
    let web_server = arguments.next().unwrap_or("127.0.0.1:8000".to_owned());
    let context = Context::new();
    let socket = context.socket(SocketType::Req)?;
    socket.connect(&endpoint)?;

    let (reply, page) = tokio::join!(ask(&socket), fetch(&web_server));
    println!("ZeroMQ: {}", reply?);
    let (status, body) = page?;
    println!("HTTP: {status}, {} octets", body.len());
    Ok(())
}

async fn ask(socket: &Socket) -> Result<String, Error> {
    socket.send("hello").await?;
    socket.recv_string().await
}

async fn fetch(host: &str) -> Result<(StatusCode, Bytes), Failure> {
    let stream = TokioIo::new(TcpStream::connect(host).await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    tokio::task::spawn_local(connection);
    let request = Request::get("/").header("Host", host).body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    Ok((status, response.into_body().collect().await?.to_bytes()))
}
