//! What each role does, for all contenders alike.

use std::process::exit;
use std::thread::park;
use std::time::Duration;

use tokio::task::LocalSet;
use tokio::time::sleep;

use crate::contender::{Beside, Contender, Kind, Result, Socket, work_on};
use crate::task::{Role, Side, Task, tell};

/// So many connect before their connections are waited for, lest a listener's backlog overflows.
const LOT: usize = 64;
/// Between the messages of a publisher whose subscribers are still on their way.
const TRICKLE: Duration = Duration::from_millis(40);

/// Does what the command line says, and then stays, lest the other side sees it go, until stdin ends.
pub fn run<C: Contender>() {
    let task = Task::begin();
    let outcome = C::runtime().block_on(LocalSet::new().run_until(play::<C>(&task)));
    if let Err(error) = outcome {
        eprintln!("error: {error}");
        exit(1);
    }
    loop {
        park();
    }
}

async fn play<C: Contender>(task: &Task) -> Result {
    let contender = C::new();
    let body = C::Socket::message(task.body());
    match task.role {
        Role::Push => {
            let socket = open(&contender, task, Kind::Push).await?;
            work_on(socket, Beside::Push(body)).await
        }
        Role::Rep => work_on(open(&contender, task, Kind::Rep).await?, Beside::Echo).await,
        Role::Echo => work_on(open(&contender, task, Kind::Router).await?, Beside::Echo).await,
        Role::Pull => {
            let mut socket = open(&contender, task, Kind::Pull).await?;
            beside(&contender, task, Kind::Push, Beside::Push(body)).await?;
            let mut throughput = task.throughput();
            while !throughput.hear(socket.recv().await?) {}
            Ok(())
        }
        Role::Sink => {
            let mut socket = open(&contender, task, Kind::Pull).await?;
            let mut lots = task.lots();
            loop {
                lots.hear(socket.recv().await?);
            }
        }
        Role::Req => {
            let mut socket = open(&contender, task, Kind::Req).await?;
            beside(&contender, task, Kind::Rep, Beside::Echo).await?;
            let mut round_trips = task.round_trips();
            loop {
                round_trips.ask();
                socket.send(&body).await?;
                if round_trips.hear(socket.recv().await?) {
                    return Ok(());
                }
            }
        }
        Role::Pub => {
            let mut socket = open(&contender, task, Kind::Pub).await?;
            let hush = C::Socket::message(Vec::new());
            while !task.is_told_to_go() {
                socket.send(&hush).await?;
                sleep(TRICKLE).await;
            }
            work_on(socket, Beside::Push(body)).await
        }
        Role::Sub => crowd(&contender, task, Kind::Sub, None).await,
        Role::Dealers => crowd(&contender, task, Kind::Dealer, Some(body)).await,
    }
}

/// The task's one socket, bound or connected.
async fn open<C: Contender>(contender: &C, task: &Task, kind: Kind) -> Result<C::Socket> {
    let mut socket = contender.socket(kind, task.size).await?;
    if task.side == Side::Connect {
        socket.connect(&task.endpoint).await?;
    } else {
        let endpoint = socket.bind(&task.endpoint).await?;
        tell(&format!(r#"{{"endpoint":"{endpoint}"}}"#));
    }
    Ok(socket)
}

/// The other side, if it is to be in this process.
async fn beside<C: Contender>(
    contender: &C,
    task: &Task,
    kind: Kind,
    work: Beside<<C::Socket as Socket>::Message>,
) -> Result {
    if task.side == Side::Both {
        let mut socket = contender.socket(kind, task.size).await?;
        socket.connect(&task.endpoint).await?;
        socket.work_beside(work);
    }
    Ok(())
}

/// Connects many sockets, hears each of them once, says so, and measures what comes to all.
async fn crowd<C: Contender>(
    contender: &C,
    task: &Task,
    kind: Kind,
    request: Option<<C::Socket as Socket>::Message>,
) -> Result {
    let mut sockets = Vec::with_capacity(task.sockets);
    while sockets.len() < task.sockets {
        let before = sockets.len();
        for _ in 0..LOT.min(task.sockets - before) {
            let mut socket = contender.socket(kind, task.size).await?;
            socket.connect(&task.endpoint).await?;
            sockets.push(socket);
        }
        for socket in &mut sockets[before..] {
            if let Some(request) = &request {
                socket.send(request).await?;
            }
            socket.recv().await?;
        }
    }
    tell(r#"{"ready":true}"#);
    // From here on each has one request under way.
    for socket in &mut sockets {
        if let Some(request) = &request {
            socket.send(request).await?;
        }
    }
    let mut throughput = Some(task.throughput());
    C::Socket::hear_all(sockets, request, move |length| {
        // The empty messages are a publisher's that waits for us.
        throughput.take_if(|throughput| length > 0 && throughput.hear(length));
    })
    .await;
    Ok(())
}
