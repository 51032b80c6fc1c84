//! A stream within TLS, in two halves that share one session.
//!
//! The halves are for one thread, and the writing one works through `&self` as those of plain streams do:
//! that is what tokio-rustls, which is used until the halves are parted, does not offer.

use std::cell::RefCell;
use std::io::{self, BufRead, IoSlice, Read, Write};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};
use tokio_rustls::TlsStream;
use tokio_rustls::rustls::Connection as Session;

use crate::native::stream::{self, Stream};

/// What a connection's task reads.
pub(in crate::native) struct ReadHalf {
    io: stream::ReadHalf,
    session: Rc<RefCell<Session>>,
}

/// What is written from wherever there is something to write.
pub(in crate::native) struct WriteHalf {
    io: stream::WriteHalf,
    session: Rc<RefCell<Session>>,
}

pub(in crate::native) fn into_split(stream: TlsStream<Stream>) -> (ReadHalf, WriteHalf) {
    let (io, session) = match stream {
        TlsStream::Client(stream) => {
            let (io, session) = stream.into_inner();
            (io, Session::Client(session))
        }
        TlsStream::Server(stream) => {
            let (io, session) = stream.into_inner();
            (io, Session::Server(session))
        }
    };
    let session = Rc::new(RefCell::new(session));
    let (reader, writer) = io.into_split();
    (ReadHalf { io: reader, session: Rc::clone(&session) }, WriteHalf { io: writer, session })
}

impl AsyncRead for ReadHalf {
    /// Reads as much as there is and fits, of as many records as that are.
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { io, session } = self.get_mut();
        let session = &mut *session.borrow_mut();
        let before = into.filled().len();
        let outcome = loop {
            match take(session, into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                outcome => break outcome,
            }
            let mut io = Reading { io: Pin::new(io), cx };
            if let Err(error) = session.read_tls(&mut io) {
                break Err(error);
            }
            if let Err(error) = session.process_new_packets() {
                break Err(io::Error::new(io::ErrorKind::InvalidData, error));
            }
        };
        match outcome {
            // What ends the stream shows again after what came before it was used.
            _ if into.filled().len() > before => Poll::Ready(Ok(())),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            // A WebSocket says itself where it ends, so that TLS need not.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            outcome => Poll::Ready(outcome),
        }
    }
}

/// Takes what is deciphered until `into` is full or the stream has ended; `WouldBlock` asks for more.
fn take(session: &mut Session, into: &mut ReadBuf<'_>) -> io::Result<()> {
    let mut reader = session.reader();
    while into.remaining() > 0 {
        let octets = reader.fill_buf()?;
        if octets.is_empty() {
            break;
        }
        let count = octets.len().min(into.remaining());
        into.put_slice(&octets[..count]);
        reader.consume(count);
    }
    Ok(())
}

impl WriteHalf {
    /// Writes what is taken now. The session keeps up to 64 kB that the stream below does not take yet.
    pub(in crate::native) fn try_write_vectored(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.try_flush()?;
        let taken = self.session.borrow_mut().writer().write_vectored(pieces)?;
        match self.try_flush() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(taken),
        }
    }

    /// Writes what the session has kept.
    pub(in crate::native) fn try_flush(&self) -> io::Result<()> {
        let session = &mut *self.session.borrow_mut();
        while session.wants_write() {
            session.write_tls(&mut Writing(&self.io))?;
        }
        Ok(())
    }

    pub(in crate::native) fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_write_ready(cx)
    }

    /// Tells the peer that nothing else will come.
    pub(in crate::native) fn finish(&self) -> io::Result<()> {
        self.session.borrow_mut().send_close_notify();
        let flushed = self.try_flush();
        self.io.finish();
        flushed
    }
}

/// The stream below, as rustls reads it.
struct Reading<'a, 'b> {
    io: Pin<&'a mut stream::ReadHalf>,
    cx: &'a mut Context<'b>,
}

impl Read for Reading<'_, '_> {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        let mut octets = ReadBuf::new(octets);
        match self.io.as_mut().poll_read(self.cx, &mut octets) {
            Poll::Ready(outcome) => outcome.map(|()| octets.filled().len()),
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }
}

/// The stream below, as rustls writes to it.
struct Writing<'a>(&'a stream::WriteHalf);

impl Write for Writing<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.try_write_vectored(&[IoSlice::new(octets)])
    }

    fn write_vectored(&mut self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
