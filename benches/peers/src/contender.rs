//! What each library is asked for. Its program in src/bin/ answers with its own idioms.

use std::cell::RefCell;
use std::process::exit;
use std::rc::Rc;

use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_local;

pub type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Push,
    Pull,
    Req,
    Rep,
    Pub,
    Sub,
    Dealer,
    Router,
}

/// Whether CURVE is to encrypt what is measured. Then a PULL is the server, and a PUSH its client; both have [`KEYS`].
pub fn is_by_curve() -> bool {
    std::env::var_os("BENCH_CURVE").is_some()
}

/// The public and the secret key of libzmq's manual, which are everybody's.
pub const KEYS: (&str, &str) =
    ("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID", "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs");

/// What the other side does where both are in one process.
#[derive(Clone)]
pub enum Beside<M> {
    /// Sends this without end.
    Push(M),
    /// Sends back what comes.
    Echo,
}

/// A library, and its context where it has one.
pub trait Contender: Sized + 'static {
    type Socket: Socket;

    /// What the library's own benchmarks run on; one thread unless said otherwise.
    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().expect("the system has epoll")
    }

    fn new() -> Self;

    /// A socket with the library's default options, and by CURVE where [`is_by_curve`] says so, except that a PUB waits for its subscribers where it can
    /// (XPUB_NODROP). A SUB subscribes to everything. `size` is that of all messages to come.
    async fn socket(&self, kind: Kind, size: usize) -> Result<Self::Socket>;
}

/// A socket of it.
pub trait Socket: Sized + 'static {
    /// A message that can be sent over and over, without copying its octets each time if the library can do so.
    type Message: Clone + 'static;

    fn message(octets: Vec<u8>) -> Self::Message;

    /// Gives the endpoint to connect to.
    async fn bind(&mut self, endpoint: &str) -> Result<String>;

    async fn connect(&mut self, endpoint: &str) -> Result;

    async fn send(&mut self, message: &Self::Message) -> Result;

    /// Receives one message and gives its length.
    async fn recv(&mut self) -> Result<usize>;

    /// Receives one message and sends it back.
    async fn echo(&mut self) -> Result;

    /// Works on its own from now on.
    fn work_beside(self, work: Beside<Self::Message>) {
        spawn_local(or_exit(work_on(self, work)));
    }

    /// Hears whatever comes to any of the sockets, and answers each message with `request` if there is one.
    async fn hear_all(sockets: Vec<Self>, request: Option<Self::Message>, hear: impl FnMut(usize) + 'static) {
        let hear = Rc::new(RefCell::new(hear));
        for socket in sockets {
            spawn_local(or_exit(hear_one(socket, request.clone(), Rc::clone(&hear))));
        }
        std::future::pending().await
    }
}

pub async fn work_on<S: Socket>(mut socket: S, work: Beside<S::Message>) -> Result {
    match work {
        Beside::Push(message) => loop {
            socket.send(&message).await?;
        },
        Beside::Echo => loop {
            socket.echo().await?;
        },
    }
}

async fn hear_one<S: Socket>(
    mut socket: S,
    request: Option<S::Message>,
    hear: Rc<RefCell<impl FnMut(usize)>>,
) -> Result {
    loop {
        let length = socket.recv().await?;
        hear.borrow_mut()(length);
        if let Some(request) = &request {
            socket.send(request).await?;
        }
    }
}

async fn or_exit(task: impl Future<Output = Result>) {
    if let Err(error) = task.await {
        eprintln!("error: {error}");
        exit(1);
    }
}
