//! Who decides about the peers of a context's sockets.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use tokio::task::spawn_local;
use tokio::time::{Duration, timeout};

use super::context::Context;
use super::driver::Shell;
use super::{Message, Options, Result};
use crate::arena::PeerId;
use crate::engine::{Verdict, zap};
use crate::options::SocketOption;
use crate::socket_type::SocketType;
use crate::wire::mechanism::Credentials;

/// How long a handler may take where HANDSHAKE_IVL sets no limit.
const PATIENCE: Duration = Duration::from_secs(30);

/// A peer that wants to be let in.
///
/// ```
/// use zmq_wasm::Credentials;
/// use zmq_wasm::native::Applicant;
///
/// fn is_nobody(applicant: &Applicant) -> bool {
///     applicant.domain.is_empty() && applicant.credentials == Credentials::Null
/// }
/// # let _ = is_nobody;
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

impl Applicant {
    /// The host of its address, without the port: what ZAP has for an address.
    ///
    /// ```
    /// # use zmq_wasm::native::Applicant;
    /// fn is_local(applicant: &Applicant) -> bool {
    ///     ["127.0.0.1", "::1"].contains(&applicant.host())
    /// }
    /// # let _ = is_local;
    /// ```
    pub fn host(&self) -> &str {
        zap::host(&self.address)
    }
}

type Deciding = Pin<Box<dyn Future<Output = Verdict>>>;

/// What the application decides by.
#[derive(Clone)]
pub(super) struct Judge(Rc<dyn Fn(Applicant) -> Deciding>);

impl Context {
    /// Has this decide about peers that come to this context's sockets from now on: under PLAIN and CURVE about those of
    /// servers, under NULL about those of sockets with a ZAP_DOMAIN. It may take its time, of which HANDSHAKE_IVL is
    /// the limit. [`auth::Authenticator`](super::auth::Authenticator) is such a judge, for the usual rules.
    ///
    /// Where nothing was given here, a REP or ROUTER socket of this context that is bound to `inproc://zeromq.zap.01` is asked by
    /// ZAP 1.0 (RFC 27), as libzmq does. Where there is none, nobody gets in by PLAIN, and everybody by CURVE whose
    /// keys are right.
    ///
    /// ```
    /// # use zmq_wasm::Credentials;
    /// # use zmq_wasm::native::{Applicant, Context, SocketOption, SocketType, engine::Verdict};
    /// # #[tokio::main(flavor = "local")]
    /// # async fn main() -> Result<(), zmq_wasm::Error> {
    /// let context = Context::new();
    /// context.authenticate(async |applicant: Applicant| match applicant.credentials {
    ///     Credentials::Plain { username, password } if username == b"admin" && password == b"secret" => {
    ///         Verdict::allow("admin")
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
        let deciding = if let Some(Judge(judge)) = judge {
            let domain = self.engine(|engine| engine.options().octets(SocketOption::ZapDomain).to_vec());
            judge(Applicant { domain, address, credentials })
        } else if self.context.inproc.is_taken(zap::HANDLER) {
            let request = self.engine(|engine| engine.zap_request(&address, &credentials));
            let limit = self.engine(|engine| engine.options().handshake_ivl());
            let asking = ask(Context::of(&self.context), request);
            Box::pin(async move {
                let answer = timeout(limit.unwrap_or(PATIENCE), asking).await;
                answer.ok().and_then(Result::ok).map_or(Verdict::Fail, |reply| Verdict::from_zap(&reply))
            })
        } else {
            let now = self.now();
            return self.engine(|engine| engine.handle_verdict(peer, Verdict::Nobody, now));
        };
        let shell = Rc::downgrade(self);
        spawn_local(async move {
            let verdict = deciding.await;
            if let Some(shell) = shell.upgrade() {
                let now = shell.now();
                shell.engine(|engine| engine.handle_verdict(peer, verdict, now));
                shell.pump();
            }
        });
    }
}

/// Asks the handler in this context.
async fn ask(context: Context, request: Message) -> Result<Message> {
    let dealer = context.socket_with(SocketType::Dealer, Options::default())?;
    dealer.set(SocketOption::Linger, 0)?;
    dealer.connect(&format!("inproc://{}", zap::HANDLER))?;
    dealer.send(request).await?;
    dealer.recv().await
}

impl fmt::Debug for Judge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judge")
    }
}
