//! A stream of octets to a peer, whatever it runs over.
//!
//! The kinds are a closed set: what carries each message has no vtable in its way.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, tcp};

use super::ipc::{self, UnixStream, unix};

/// Where streams come in.
pub(super) enum Port {
    Tcp(TcpListener),
    Unix(ipc::Port),
}

/// A stream that was made and is not used yet: one task has it whole, to shake hands on.
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// What a connection's task reads.
pub(super) enum ReadHalf {
    Tcp(tcp::OwnedReadHalf),
    Unix(unix::OwnedReadHalf),
}

/// What is written from wherever there is something to write: nothing here takes `&mut self`.
pub(super) enum WriteHalf {
    Tcp(tcp::OwnedWriteHalf),
    Unix(unix::OwnedWriteHalf),
}

macro_rules! each {
    ($of:expr, $stream:ident => $what:expr) => {
        match $of {
            Self::Tcp($stream) => $what,
            Self::Unix($stream) => $what,
        }
    };
}

impl Port {
    /// The next stream, and its peer's address as events tell it.
    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Stream, String)>> {
        match self {
            Self::Tcp(port) => {
                let (stream, address) = ready!(port.poll_accept(cx))?;
                // Without it, a connection is slower and as sound.
                let _ = stream.set_nodelay(true);
                Poll::Ready(Ok((Stream::Tcp(stream), address.to_string())))
            }
            Self::Unix(port) => {
                let stream = ready!(port.poll_accept(cx))?;
                let address = ipc::peer_address(&stream);
                Poll::Ready(Ok((Stream::Unix(stream), address)))
            }
        }
    }
}

impl Stream {
    pub(super) fn into_split(self) -> (ReadHalf, WriteHalf) {
        match self {
            Self::Tcp(stream) => {
                let (reader, writer) = stream.into_split();
                (ReadHalf::Tcp(reader), WriteHalf::Tcp(writer))
            }
            Self::Unix(stream) => {
                let (reader, writer) = stream.into_split();
                (ReadHalf::Unix(reader), WriteHalf::Unix(writer))
            }
        }
    }

    /// The peer's address as events tell it; empty when it is gone already.
    pub(super) fn peer_address(&self) -> String {
        match self {
            Self::Tcp(stream) => stream.peer_addr().map(|address| address.to_string()).unwrap_or_default(),
            Self::Unix(stream) => ipc::peer_address(stream),
        }
    }
}

impl WriteHalf {
    /// Writes what is taken now.
    #[inline]
    pub(super) fn try_write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        each!(self, stream => stream.try_write_vectored(pieces))
    }

    /// Ready when more may be taken, or an error would show when writing.
    pub(super) fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => stream.as_ref().poll_write_ready(cx))
    }

    /// Tells the peer that nothing else will come.
    pub(super) fn finish(&self) {
        // An error means that there is nobody to say it to.
        let _ = each!(self, stream => SockRef::from(stream.as_ref()).shutdown(Shutdown::Write));
    }
}

impl AsyncRead for ReadHalf {
    #[inline]
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_read(cx, into))
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_read(cx, into))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_write(cx, octets))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }
}
