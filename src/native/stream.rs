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
use tokio_rustls::TlsStream;

use super::ipc::{self, UnixStream, unix};
use super::options::TransportOptions;
use super::tcp::tune;
use super::tls;

/// Where streams come in.
pub(super) enum Port {
    Tcp(TcpListener),
    Unix(ipc::Port),
}

/// A stream that was made and is not used yet: one task has it whole, to shake hands on.
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(Box<TlsStream<Stream>>),
}

/// What a connection's task reads.
pub(super) enum ReadHalf {
    Tcp(tcp::OwnedReadHalf),
    Unix(unix::OwnedReadHalf),
    Tls(Box<tls::stream::ReadHalf>),
}

/// What is written from wherever there is something to write: nothing here takes `&mut self`.
pub(super) enum WriteHalf {
    Tcp(tcp::OwnedWriteHalf),
    Unix(unix::OwnedWriteHalf),
    Tls(Box<tls::stream::WriteHalf>),
}

macro_rules! each {
    ($of:expr, $stream:ident => $what:expr) => {
        match $of {
            Self::Tcp($stream) => $what,
            Self::Unix($stream) => $what,
            Self::Tls($stream) => $what,
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
            Self::Tls(stream) => {
                let (reader, writer) = tls::stream::into_split(*stream);
                (ReadHalf::Tls(Box::new(reader)), WriteHalf::Tls(Box::new(writer)))
            }
        }
    }

    /// Gives the stream the options that connections have.
    pub(super) fn tune(&self, options: &TransportOptions) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => tune(stream, options),
            Self::Unix(_) => Ok(()),
            Self::Tls(stream) => stream.get_ref().0.tune(options),
        }
    }

    /// The peer's address as events tell it; empty when it is gone already.
    pub(super) fn peer_address(&self) -> String {
        match self {
            Self::Tcp(stream) => stream.peer_addr().map(|address| address.to_string()).unwrap_or_default(),
            Self::Unix(stream) => ipc::peer_address(stream),
            Self::Tls(stream) => stream.get_ref().0.peer_address(),
        }
    }

    /// Whether it has come in at an address that only this machine reaches.
    pub(super) fn is_at_loopback(&self) -> bool {
        match self {
            // Who is gone already is not let in for it.
            Self::Tcp(stream) => {
                stream.local_addr().map_or(true, |address| address.ip().to_canonical().is_loopback())
            }
            Self::Unix(_) => true,
            Self::Tls(stream) => stream.get_ref().0.is_at_loopback(),
        }
    }
}

impl WriteHalf {
    /// Writes what is taken now.
    #[inline]
    pub(super) fn try_write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        each!(self, stream => stream.try_write_vectored(pieces))
    }

    /// Writes what was taken and is still to be written.
    #[inline]
    pub(super) fn try_flush(&self) -> io::Result<()> {
        match self {
            Self::Tcp(_) | Self::Unix(_) => Ok(()),
            Self::Tls(stream) => stream.try_flush(),
        }
    }

    /// Ready when more may be taken, or an error would show when writing.
    pub(super) fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.as_ref().poll_write_ready(cx),
            Self::Unix(stream) => stream.as_ref().poll_write_ready(cx),
            Self::Tls(stream) => stream.poll_write_ready(cx),
        }
    }

    /// Tells the peer that nothing else will come.
    pub(super) fn finish(&self) {
        let told = match self {
            Self::Tcp(stream) => SockRef::from(stream.as_ref()).shutdown(Shutdown::Write),
            Self::Unix(stream) => SockRef::from(stream.as_ref()).shutdown(Shutdown::Write),
            Self::Tls(stream) => stream.finish(),
        };
        // An error means that there is nobody to tell.
        let _ = told;
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

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(cx, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        each!(self, stream => stream.is_write_vectored())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }
}
