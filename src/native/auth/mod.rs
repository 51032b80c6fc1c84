//! Who may come, by the usual rules: what `zmq.auth` is in pyzmq.

mod certificate;

pub use self::certificate::load_certificate;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs;
use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;

use subtle::ConstantTimeEq;

use self::certificate::is_key;
use super::context::Context;
use super::judge::Applicant;
use crate::engine::Verdict;
use crate::error::{ApiMisuse, Error};
use crate::wire::mechanism::Credentials;
use crate::z85;

/// What applies to every domain that has no rules of its own.
///
/// ```
/// # use zmq_wasm::native::auth::{ANY_DOMAIN, Authenticator};
/// Authenticator::new().configure_plain(ANY_DOMAIN, [("admin", "secret")]);
/// ```
pub const ANY_DOMAIN: &str = "*";

/// Decides about peers by their addresses, then by name and password, or by their keys.
///
/// ```
/// use zmq_wasm::native::auth::{ANY_DOMAIN, Authenticator, CurveKeys};
/// use zmq_wasm::native::{Context, SocketOption, SocketType, curve_keypair};
///
/// # #[tokio::main(flavor = "local")]
/// # async fn main() -> Result<(), zmq_wasm::Error> {
/// let (context, authenticator) = (Context::new(), Authenticator::new());
/// authenticator.start(&context);
/// authenticator.allow("127.0.0.1");
/// let ((server_key, server_secret), (client_key, client_secret)) = (curve_keypair(), curve_keypair());
/// authenticator.configure_curve(ANY_DOMAIN, CurveKeys::these([client_key.as_str()])?);
///
/// let (server, client) = (context.socket(SocketType::Rep)?, context.socket(SocketType::Req)?);
/// server.set(SocketOption::CurveServer, true)?;
/// server.set_string(SocketOption::CurveSecretKey, &server_secret)?;
/// client.set_string(SocketOption::CurveServerKey, &server_key)?;
/// client.set_string(SocketOption::CurvePublicKey, &client_key)?;
/// client.set_string(SocketOption::CurveSecretKey, &client_secret)?;
/// client.connect(&server.bind("tcp://127.0.0.1:*").await?)?;
/// client.send("hello").await?;
/// assert_eq!(server.recv_string().await?, "hello");
/// # Ok(())
/// # }
/// ```
///
/// Clones share their rules, which may change at any time: those who come afterwards are judged by the new ones. Whoever gets in
/// has the property `User-Id`: under PLAIN the name, under CURVE the public key in Z85, under NULL `anonymous`.
#[derive(Clone, Debug, Default)]
pub struct Authenticator(Rc<RefCell<Rules>>);

#[derive(Debug, Default)]
struct Rules {
    allowed: HashSet<String>,
    denied: HashSet<String>,
    passwords: HashMap<String, HashMap<String, String>>,
    keys: HashMap<String, CurveKeys>,
}

type Deciding = Pin<Box<dyn Future<Output = bool>>>;
type Callback = dyn Fn(String, String) -> Deciding;

/// Which clients are let in under CURVE.
///
/// ```
/// # use zmq_wasm::native::auth::CurveKeys;
/// fn keys(directory: Option<&str>) -> std::io::Result<CurveKeys> {
///     directory.map_or(Ok(CurveKeys::any()), CurveKeys::in_directory)
/// }
/// # let _ = keys;
/// ```
#[derive(Clone)]
pub struct CurveKeys(Keys);

#[derive(Clone)]
enum Keys {
    Any,
    These(Rc<HashSet<String>>),
    AsTold(Rc<Callback>),
}

impl Authenticator {
    /// One without rules, which lets in everybody under NULL and nobody else.
    ///
    /// ```
    /// # use zmq_wasm::native::auth::Authenticator;
    /// let authenticator = Authenticator::new();
    /// authenticator.deny("10.0.0.1");
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Has it decide about the peers of this context's sockets from now on.
    ///
    /// ```
    /// # use zmq_wasm::native::{Context, auth::Authenticator};
    /// # let context = Context::new();
    /// Authenticator::new().start(&context);
    /// ```
    pub fn start(&self, context: &Context) {
        let this = self.clone();
        context.authenticate(async move |applicant| this.decide(applicant).await);
    }

    /// Lets in only who comes from the addresses that were given so, and then only if the rest is right, too.
    ///
    /// ```
    /// # use zmq_wasm::native::auth::Authenticator;
    /// # let authenticator = Authenticator::new();
    /// authenticator.allow("127.0.0.1");
    /// authenticator.allow("::1");
    /// ```
    pub fn allow(&self, address: &str) {
        self.0.borrow_mut().allowed.insert(address.to_owned());
    }

    /// Lets nobody in who comes from this address. Where some are [allowed](Self::allow), all others are denied anyway.
    ///
    /// ```
    /// # use zmq_wasm::native::auth::Authenticator;
    /// # let authenticator = Authenticator::new();
    /// authenticator.deny("203.0.113.7");
    /// ```
    pub fn deny(&self, address: &str) {
        self.0.borrow_mut().denied.insert(address.to_owned());
    }

    /// Sets the names and passwords that are good for the sockets of a ZAP_DOMAIN, in place of those before.
    ///
    /// ```
    /// # use zmq_wasm::native::auth::{ANY_DOMAIN, Authenticator};
    /// # let authenticator = Authenticator::new();
    /// authenticator.configure_plain(ANY_DOMAIN, [("admin", "secret")]);
    /// ```
    pub fn configure_plain<N: Into<String>, P: Into<String>>(
        &self,
        domain: &str,
        passwords: impl IntoIterator<Item = (N, P)>,
    ) {
        let passwords =
            passwords.into_iter().map(|(name, password)| (name.into(), password.into())).collect();
        self.0.borrow_mut().passwords.insert(domain.to_owned(), passwords);
    }

    /// Sets which keys are good for the sockets of a ZAP_DOMAIN, in place of those before.
    ///
    /// ```
    /// # use zmq_wasm::native::auth::{ANY_DOMAIN, Authenticator, CurveKeys};
    /// # let authenticator = Authenticator::new();
    /// authenticator.configure_curve(ANY_DOMAIN, CurveKeys::any());
    /// authenticator.configure_curve("staff", CurveKeys::these([])?);
    /// # Ok::<(), zmq_wasm::Error>(())
    /// ```
    pub fn configure_curve(&self, domain: &str, keys: CurveKeys) {
        self.0.borrow_mut().keys.insert(domain.to_owned(), keys);
    }

    async fn decide(&self, applicant: Applicant) -> Verdict {
        let domain = String::from_utf8_lossy(&applicant.domain).into_owned();
        if !self.0.borrow().lets_in_from(applicant.host()) {
            return Verdict::Deny;
        }
        let (is_good, user) = match applicant.credentials {
            Credentials::Null => (true, "anonymous".to_owned()),
            Credentials::Plain { username, password } => {
                let is_good = self.0.borrow().has_password(&domain, &username, &password);
                (is_good, String::from_utf8_lossy(&username).into_owned())
            }
            Credentials::Curve { public_key } => {
                let text = z85::encode(&public_key).expect("32 octets are a multiple of four");
                let keys = of_domain(&self.0.borrow().keys, &domain).cloned();
                let is_good = match keys {
                    Some(CurveKeys(keys)) => keys.has(&domain, &text).await,
                    None => false,
                };
                (is_good, text)
            }
        };
        if is_good { Verdict::allow(&user) } else { Verdict::Deny }
    }
}

impl Rules {
    fn lets_in_from(&self, host: &str) -> bool {
        if self.allowed.is_empty() { !self.denied.contains(host) } else { self.allowed.contains(host) }
    }

    fn has_password(&self, domain: &str, name: &[u8], password: &[u8]) -> bool {
        let known = of_domain(&self.passwords, domain)
            .and_then(|passwords| passwords.get(std::str::from_utf8(name).ok()?));
        known.is_some_and(|known| known.as_bytes().ct_eq(password).into())
    }
}

/// The rules of a domain, or those for any.
fn of_domain<'a, T>(rules: &'a HashMap<String, T>, domain: &str) -> Option<&'a T> {
    rules.get(domain).or_else(|| rules.get(ANY_DOMAIN))
}

impl CurveKeys {
    /// Whoever has a key: what is said is secret, but who says it may be anybody.
    ///
    /// ```
    /// # use zmq_wasm::native::auth::{ANY_DOMAIN, Authenticator, CurveKeys};
    /// Authenticator::new().configure_curve(ANY_DOMAIN, CurveKeys::any());
    /// ```
    pub fn any() -> Self {
        Self(Keys::Any)
    }

    /// Who has the secret key of one of these public ones, in Z85.
    ///
    /// ```
    /// # use zmq_wasm::native::{auth::CurveKeys, curve_keypair};
    /// let (public, _secret) = curve_keypair();
    /// CurveKeys::these([public.as_str()])?;
    /// assert!(CurveKeys::these(["no key"]).is_err());
    /// # Ok::<(), zmq_wasm::Error>(())
    /// ```
    pub fn these<'a>(public_keys: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let keys: HashSet<String> = public_keys.into_iter().map(str::to_owned).collect();
        if !keys.iter().all(|key| is_key(key)) {
            return Err(ApiMisuse::InvalidArgument("a public key of CURVE has 40 characters of Z85").into());
        }
        Ok(Self(Keys::These(Rc::new(keys))))
    }

    /// Who has the secret key of a public one in the certificates (`*.key`) of this directory, as they are now. That is what
    /// pyzmq's `zmq.auth.create_certificates` and CZMQ write (RFC 4, ZPL).
    ///
    /// ```no_run
    /// # use zmq_wasm::native::auth::{ANY_DOMAIN, Authenticator, CurveKeys};
    /// Authenticator::new().configure_curve(ANY_DOMAIN, CurveKeys::in_directory("public_keys")?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What the system says about the directory or a file there, and `InvalidData` for a certificate without a public key.
    pub fn in_directory(directory: impl AsRef<Path>) -> io::Result<Self> {
        let mut keys = HashSet::new();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "key") {
                keys.insert(load_certificate(&path)?.0);
            }
        }
        Ok(Self(Keys::These(Rc::new(keys))))
    }

    /// Whom this lets in: it is told the ZAP_DOMAIN and the public key in Z85. It may take its time.
    ///
    /// ```
    /// # use zmq_wasm::native::auth::{ANY_DOMAIN, Authenticator, CurveKeys};
    /// let keys = CurveKeys::asking(async |_domain, public_key| public_key.starts_with('a'));
    /// Authenticator::new().configure_curve(ANY_DOMAIN, keys);
    /// ```
    pub fn asking(callback: impl AsyncFn(String, String) -> bool + 'static) -> Self {
        let callback = Rc::new(callback);
        Self(Keys::AsTold(Rc::new(move |domain, key| {
            let callback = Rc::clone(&callback);
            Box::pin(async move { callback(domain, key).await })
        })))
    }
}

impl Keys {
    async fn has(&self, domain: &str, key: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(keys) => keys.contains(key),
            Self::AsTold(callback) => callback(domain.to_owned(), key.to_owned()).await,
        }
    }
}

impl fmt::Debug for CurveKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Keys::Any => "CurveKeys::any()",
            Keys::These(_) => "CurveKeys::these(…)",
            Keys::AsTold(_) => "CurveKeys::asking(…)",
        })
    }
}
