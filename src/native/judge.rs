//! Who decides about the peers of a context's sockets.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use super::context::Context;
use super::driver::Shell;
use crate::arena::PeerId;
use crate::engine::Verdict;
use crate::options::SocketOption;
use crate::wire::mechanism::Credentials;

/// A peer that wants to be let in.
///
/// ```
/// use zmq_wasm::Credentials;
/// use zmq_wasm::native::Applicant;
///
/// fn is_local(applicant: &Applicant) -> bool {
///     applicant.address.starts_with("127.0.0.1:") && applicant.credentials != Credentials::Null
/// }
/// # let _ = is_local;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applicant {
    /// The ZAP_DOMAIN of the socket that it has come to.
    pub domain: Vec<u8>,
    /// Its address, as the transport has it.
    pub address: String,
    /// Who it says it is.
    pub credentials: Credentials,
}

type Deciding = Pin<Box<dyn Future<Output = Verdict>>>;

/// What the application decides by.
#[derive(Clone)]
pub(super) struct Judge(Rc<dyn Fn(Applicant) -> Deciding>);

impl Context {
    /// Has this decide about peers that come to this context's sockets from now on: under PLAIN and CURVE about those of
    /// servers, under NULL about those of sockets with a ZAP_DOMAIN. It may take its time, of which HANDSHAKE_IVL is
    /// the limit. Before this is called, nobody gets in by PLAIN, and everybody by CURVE whose keys are right.
    ///
    /// ```
    /// # use zmq_wasm::Credentials;
    /// # use zmq_wasm::native::{Applicant, Context, SocketOption, SocketType, engine::Verdict};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let context = Context::new();
    /// context.authenticate(async |applicant: Applicant| match applicant.credentials {
    ///     Credentials::Plain { username, password } if username == b"admin" && password == b"secret" => {
    ///         Verdict::Allow { user_id: "admin".to_owned() }
    ///     }
    ///     _ => Verdict::Deny,
    /// });
    /// let (server, client) = (context.socket(SocketType::Rep)?, context.socket(SocketType::Req)?);
    /// server.set(SocketOption::PlainServer, true)?;
    /// client.set_string(SocketOption::PlainUsername, "admin")?;
    /// client.set_string(SocketOption::PlainPassword, "secret")?;
    /// client.connect(&server.bind("tcp://127.0.0.1:*").await?)?;
    /// client.send("hello").await?;
    /// assert_eq!(server.recv_string().await?, "hello");
    /// # Ok(())
    /// # }
    /// ```
    pub fn authenticate(&self, judge: impl AsyncFn(Applicant) -> Verdict + 'static) {
        let judge = Rc::new(judge);
        let boxed = move |applicant| {
            let judge = Rc::clone(&judge);
            Box::pin(async move { judge(applicant).await }) as Deciding
        };
        self.0.judge.replace(Some(Judge(Rc::new(boxed))));
    }
}

impl Shell {
    /// Asks about a peer, and tells the engine when there is an answer.
    pub(super) fn judge(self: &Rc<Self>, peer: PeerId, address: String, credentials: Credentials) {
        let judge = self.context.judge.borrow().clone();
        let Some(Judge(judge)) = judge else {
            let now = self.now();
            return self.engine(|engine| engine.handle_verdict(peer, Verdict::Nobody, now));
        };
        let domain = self.engine(|engine| engine.options().octets(SocketOption::ZapDomain).to_vec());
        let shell = Rc::downgrade(self);
        let deciding = judge(Applicant { domain, address, credentials });
        tokio::task::spawn_local(async move {
            let verdict = deciding.await;
            if let Some(shell) = shell.upgrade() {
                let now = shell.now();
                shell.engine(|engine| engine.handle_verdict(peer, verdict, now));
                shell.pump();
            }
        });
    }
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judge")
    }
}
