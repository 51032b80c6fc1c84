//! Readers who don't read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Duration, Sleep, sleep};

use crate::native::stream::Stream;

/// A stream whose peer may leave what is written to it unread for so long, and no longer.
pub(super) struct Stall {
    stream: Stream,
    limit: Duration,
    /// Runs while the stream takes nothing.
    clock: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    pub(super) fn new(stream: Stream, limit: Duration) -> Self {
        Self { stream, limit, clock: None }
    }

    pub(super) fn into_inner(self) -> Stream {
        self.stream
    }

    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: impl FnOnce(Pin<&mut Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let written = written(Pin::new(&mut self.stream), cx);
        if written.is_ready() {
            self.clock = None;
            return written;
        }
        let clock = self.clock.get_or_insert_with(|| Box::pin(sleep(self.limit)));
        ready!(clock.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Stall {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Stall {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().watch(cx, |stream, cx| stream.poll_write(cx, octets))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().watch(cx, |stream, cx| stream.poll_write_vectored(cx, pieces))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().watch(cx, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().watch(cx, |stream, cx| stream.poll_shutdown(cx))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::runtime::Builder;
    use tokio::time::timeout;

    use super::*;

    #[test]
    fn a_peer_that_does_not_read_is_given_up_and_one_that_reads_is_not() {
        Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a port");
            let mut peer =
                TcpStream::connect(listener.local_addr().expect("it is bound")).await.expect("it listens");
            let (stream, _) = listener.accept().await.expect("somebody came");
            let mut stall = Stall::new(Stream::Tcp(stream), Duration::from_millis(200));
            let octets = vec![7; 1 << 20];
            let (mut sent, mut read) = (0, vec![0; 1 << 20]);
            // Far more than the system takes for who does not read.
            while sent < 64 << 20 {
                let (written, _) = tokio::join!(stall.write(&octets), peer.read(&mut read));
                sent += written.expect("the peer reads");
            }
            let refused = loop {
                if let Err(error) =
                    timeout(Duration::from_secs(60), stall.write(&octets)).await.expect("a limit")
                {
                    break error;
                }
            };
            assert_eq!(refused.kind(), io::ErrorKind::TimedOut);
        });
    }
}
