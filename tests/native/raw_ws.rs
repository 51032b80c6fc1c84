//! A WebSocket client by hand, for what no sound client does.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct RawWs(pub(crate) TcpStream);

/// Host and port of an endpoint.
pub(crate) fn address(endpoint: &str) -> SocketAddr {
    let rest = endpoint.split_once("://").unwrap().1;
    rest.split('/').next().unwrap().parse().unwrap()
}

/// Sends a request for a WebSocket and gives the head of the answer.
pub(crate) async fn upgrade(endpoint: &str, path: &str, protocol: Option<&str>) -> (TcpStream, String) {
    let protocol = protocol.map(|names| format!("Sec-WebSocket-Protocol: {names}\r\n")).unwrap_or_default();
    ask(endpoint, path, &format!("Host: x\r\n{protocol}")).await
}

/// The same with these lines beside those that every such request has.
pub(crate) async fn ask(endpoint: &str, path: &str, lines: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address(endpoint)).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    (stream, String::from_utf8(head).unwrap())
}

impl RawWs {
    /// Connects and shakes hands as a PUSH socket over bare ZWS 2.0, up to where messages flow.
    pub(crate) async fn push(endpoint: &str) -> Self {
        let (stream, head) = upgrade(endpoint, "/", Some("ZWS2.0")).await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        let mut this = Self(stream);
        this.frame(0x82, &[0]).await;
        assert_eq!(this.read().await, (0x82, vec![0]));
        this
    }

    /// Sends a masked frame with this first octet.
    pub(crate) async fn frame(&mut self, first: u8, payload: &[u8]) {
        self.try_frame(first, payload).await.unwrap();
    }

    /// The same, as far as the other side still takes it.
    pub(crate) async fn try_frame(&mut self, first: u8, payload: &[u8]) -> std::io::Result<()> {
        let mut octets = vec![first];
        match payload.len() {
            length @ 0..=125 => octets.push(0x80 | length as u8),
            length => {
                octets.push(0x80 | 127);
                octets.extend((length as u64).to_be_bytes());
            }
        }
        let key = [0x12, 0x34, 0x56, 0x78];
        octets.extend(key);
        octets.extend(payload.iter().zip(key.iter().cycle()).map(|(octet, key)| octet ^ key));
        self.0.write_all(&octets).await
    }

    /// Reads a short frame.
    pub(crate) async fn read(&mut self) -> (u8, Vec<u8>) {
        let first = self.0.read_u8().await.unwrap();
        let length = self.0.read_u8().await.unwrap();
        assert!(length <= 125, "a short frame, and not masked");
        let mut payload = vec![0; length.into()];
        self.0.read_exact(&mut payload).await.unwrap();
        (first, payload)
    }

    /// Reads until the server's CLOSE frame and gives its code.
    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            if let (0x88, payload) = self.read().await {
                return u16::from_be_bytes([payload[0], payload[1]]);
            }
        }
    }
}
