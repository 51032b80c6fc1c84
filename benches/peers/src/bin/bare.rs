//! The program on nothing: a stream of tokio's, and the octets that ZMTP would put on it.
//!
//! PUSH writes a buffer of whole frames, 64 KiB of them or one, over and over; PULL reads into a buffer as large and
//! counts frames. REQ and REP write one frame and wait for one. Nobody looks at what comes: it is the ceiling.

use std::iter::repeat_n;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use zmq_wasm_bench_peers::{Contender, Kind, Result, Socket, run};

fn main() {
    run::<Bare>();
}

const BUFFER: usize = 64 * 1024;

struct Bare;

impl Contender for Bare {
    type Socket = Handle;

    fn new() -> Self {
        Self
    }

    async fn socket(&self, kind: Kind, size: usize) -> Result<Handle> {
        let frame = if size <= 255 { 2 } else { 9 } + size;
        let batch = match kind {
            Kind::Push => (BUFFER / frame).max(1),
            Kind::Pull | Kind::Req | Kind::Rep => 1,
            _ => return Err("the bare transport does not fan out".into()),
        };
        Ok(Handle {
            transport: Transport::None,
            frame,
            size,
            out: repeat_n(0, frame * batch).collect(),
            batch,
            queued: 0,
            buffer: vec![0; BUFFER.max(frame)],
            held: 0,
        })
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl Stream for TcpStream {}
impl Stream for UnixStream {}

enum Transport {
    None,
    Tcp(TcpListener),
    Ipc(UnixListener),
    Open(Box<dyn Stream>),
}

struct Handle {
    transport: Transport,
    /// Octets in a frame, and in its body.
    frame: usize,
    size: usize,
    /// What is written at once: so many frames.
    out: Vec<u8>,
    batch: usize,
    queued: usize,
    buffer: Vec<u8>,
    /// Octets read and not yet counted.
    held: usize,
}

impl Handle {
    async fn stream(&mut self) -> Result<&mut dyn Stream> {
        let accepted: Option<Box<dyn Stream>> = match &self.transport {
            Transport::Tcp(listener) => Some(Box::new(no_delay(listener.accept().await?.0)?)),
            Transport::Ipc(listener) => Some(Box::new(listener.accept().await?.0)),
            Transport::None | Transport::Open(_) => None,
        };
        if let Some(stream) = accepted {
            self.transport = Transport::Open(stream);
        }
        match &mut self.transport {
            Transport::Open(stream) => Ok(&mut **stream),
            _ => Err("neither bound nor connected".into()),
        }
    }
}

fn no_delay(stream: TcpStream) -> Result<TcpStream> {
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Socket for Handle {
    type Message = ();

    fn message(_octets: Vec<u8>) {}

    async fn bind(&mut self, endpoint: &str) -> Result<String> {
        if let Some(path) = endpoint.strip_prefix("ipc://") {
            self.transport = Transport::Ipc(UnixListener::bind(path)?);
            return Ok(endpoint.to_owned());
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("tcp://{}", listener.local_addr()?);
        self.transport = Transport::Tcp(listener);
        Ok(endpoint)
    }

    async fn connect(&mut self, endpoint: &str) -> Result {
        self.transport = Transport::Open(match endpoint.split_once("://") {
            Some(("ipc", path)) => Box::new(UnixStream::connect(path).await?),
            Some(("tcp", address)) => Box::new(no_delay(TcpStream::connect(address).await?)?),
            _ => return Err(format!("no bare transport for {endpoint}").into()),
        });
        Ok(())
    }

    async fn send(&mut self, _message: &()) -> Result {
        self.queued += 1;
        if self.queued == self.batch {
            self.queued = 0;
            let out = std::mem::take(&mut self.out);
            self.stream().await?.write_all(&out).await?;
            self.out = out;
        }
        Ok(())
    }

    async fn recv(&mut self) -> Result<usize> {
        while self.held < self.frame {
            let mut buffer = std::mem::take(&mut self.buffer);
            let held = self.held;
            let count = self.stream().await?.read(&mut buffer[held..]).await?;
            if count == 0 {
                // The other side is gone; who started us has what it wanted.
                std::future::pending().await
            }
            self.buffer = buffer;
            self.held += count;
        }
        self.held -= self.frame;
        Ok(self.size)
    }

    async fn echo(&mut self) -> Result {
        self.recv().await?;
        self.send(&()).await
    }
}
