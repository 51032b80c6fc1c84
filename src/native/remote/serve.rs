//! The socket's side of its handles: what they ask for is done here, on the socket's own thread.

use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use futures_core::Stream;
use futures_sink::Sink;
use tokio::sync::{mpsc, watch};

use super::{BATCH, Command, Job, is_mute};
use crate::native::socket::{Socket, within};
use crate::native::{Message, Result};

/// Serves the handles until they are all gone, or the socket is.
pub(super) async fn serve(
    socket: Socket,
    mut commands: mpsc::Receiver<Command>,
    mut jobs: mpsc::Receiver<Job>,
    inbox: mpsc::Sender<Result<Message>>,
    mut closing: watch::Receiver<bool>,
) {
    let mut sending = socket.clone();
    let mut batch = VecDeque::new();
    let receiving = receive(socket.clone(), inbox);
    let serving = async {
        tokio::select! {
            () = carry_out(&mut sending, &mut commands, &mut batch, true) => {}
            // An error means that the last handle was dropped.
            _ = closing.changed() => {}
        }
        commands.close();
        let linger = socket.shell().engine(|engine| engine.options().linger());
        let rest = async {
            carry_out(&mut sending, &mut commands, &mut batch, false).await;
            poll_fn(|cx| Pin::new(&mut sending).poll_flush(cx)).await
        };
        // What could not be sent in time, or at all, was given its time.
        let _ = within(linger, rest).await;
        if *closing.borrow() {
            socket.close();
        }
    };
    let working = async {
        while let Some(run) = jobs.recv().await {
            run(socket.clone());
        }
        pending().await
    };
    tokio::select! {
        () = serving => {}
        () = receiving => {}
        () = working => {}
    }
}

/// Does what the handles ask for, until there is nothing more or the socket is closed. What was not begun is
/// left in `batch`.
async fn carry_out(
    socket: &mut Socket,
    commands: &mut mpsc::Receiver<Command>,
    batch: &mut VecDeque<Command>,
    is_open: bool,
) {
    let mut fresh = Vec::new();
    loop {
        while let Some(command) = batch.front() {
            if let Command::Send(_) = command
                && poll_fn(|cx| Pin::new(&mut *socket).poll_ready(cx)).await.is_err()
            {
                return;
            }
            match batch.pop_front() {
                Some(Command::Send(message)) => {
                    // The one error there is here is that the socket is closed, which shows again.
                    let _ = Pin::new(&mut *socket).start_send(message);
                }
                // Nobody waits for an outcome whose future was dropped.
                Some(Command::Confirm(message, done)) => drop(done.send(socket.send(message).await)),
                Some(Command::Request(message, done)) if is_open => {
                    drop(done.send(socket.request(message).await))
                }
                Some(Command::Request(..)) | None => {}
            }
        }
        if commands.recv_many(&mut fresh, BATCH).await == 0 {
            return;
        }
        batch.extend(fresh.drain(..));
    }
}

/// Hands over what the socket receives, until it is closed.
async fn receive(mut socket: Socket, inbox: mpsc::Sender<Result<Message>>) {
    if is_mute(socket.socket_type()) {
        return socket.closed().await;
    }
    while let Ok(permit) = inbox.reserve().await {
        let mut permit = Some(permit);
        let hand_over = poll_fn(|cx| {
            while let Some(room) = permit.take() {
                match Pin::new(&mut socket).poll_next(cx) {
                    Poll::Ready(Some(item)) => room.send(item),
                    Poll::Ready(None) => return Poll::Ready(false),
                    Poll::Pending => {
                        permit = Some(room);
                        return Poll::Pending;
                    }
                }
                permit = inbox.try_reserve().ok();
            }
            Poll::Ready(true)
        });
        tokio::select! {
            is_open = hand_over => if !is_open { return },
            () = inbox.closed() => break,
        }
    }
    // The handles are gone, and what they gave is still to be sent.
    pending().await
}
