//! `wss://`: what to show and whom to trust, by rustls.

pub(super) mod stream;

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use tokio_rustls::rustls::client::ClientConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, TrustAnchor};
use tokio_rustls::rustls::server::ServerConfig;
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey, SingleCertAndKey};
use tokio_rustls::rustls::{CertificateError, Error as TlsError, InconsistentKeys, RootCertStore};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::stream::Stream;
use super::{OptionValue, SocketOption};
use crate::arena::DialerId;
use crate::endpoint::Address;
use crate::error::{ApiMisuse, Error, TransportError, TransportErrorKind};
use crate::options::Checked;

/// What the options about certificates say.
#[derive(Clone, Debug, Default)]
pub(super) struct TlsOptions {
    key: Option<Arc<dyn SigningKey>>,
    /// The one to show, and those between it and one that clients know.
    certificates: Vec<CertificateDer<'static>>,
    trusted: Vec<TrustAnchor<'static>>,
    is_system_trusted: bool,
    /// Whom a server has to be; the endpoint's host where there is none.
    host: Option<ServerName<'static>>,
    /// Made when it is needed, and used until an option changes.
    config: OnceCell<Arc<ClientConfig>>,
}

impl TlsOptions {
    /// Sets an option; empty octets take it back.
    pub(super) fn set(&mut self, value: &Checked<'_>) -> Result<(), ApiMisuse> {
        use SocketOption as O;
        match value.option {
            O::WssKeyPem => {
                self.key = parse(value, "a private key in PEM: RSA, ECDSA or Ed25519", |pem| {
                    let key = PrivateKeyDer::from_pem_slice(pem).ok()?;
                    Some(Some(ring::sign::any_supported_type(&key).ok()?))
                })?;
            }
            O::WssCertPem => {
                self.certificates = parse(value, "certificates in PEM, the one to show first", certificates)?;
            }
            O::WssTrustPem => {
                self.trusted = parse(value, "certificates in PEM", |pem| {
                    let mut trusted = RootCertStore::empty();
                    certificates(pem)?.into_iter().try_for_each(|one| trusted.add(one)).ok()?;
                    Some(trusted.roots)
                })?;
            }
            O::WssHostname => {
                self.host = parse(value, "a host name or an IP address", |text| {
                    let name = str::from_utf8(text).ok()?.to_owned();
                    Some(Some(ServerName::try_from(name).ok()?))
                })?;
            }
            O::WssTrustSystem => match value.value {
                OptionValue::Int(on @ (0 | 1)) => self.is_system_trusted = *on == 1,
                _ => return Err(value.refuse("true or false")),
            },
            option => unreachable!("{option:?} is not about certificates"),
        }
        self.config.take();
        Ok(())
    }

    /// What lets clients in by the certificate and key that are set now.
    pub(super) fn acceptor(&self) -> Result<Acceptor, ApiMisuse> {
        let Some(key) = self.key.as_ref().filter(|_| !self.certificates.is_empty()) else {
            return Err(ApiMisuse::InvalidArgument("wss:// is bound with WSS_CERT_PEM and WSS_KEY_PEM set"));
        };
        let shown = CertifiedKey::new(self.certificates.clone(), Arc::clone(key));
        match shown.keys_match() {
            Ok(()) | Err(TlsError::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(TlsError::InconsistentKeys(_)) => {
                let reason = "WSS_KEY_PEM is not the key of the first certificate in WSS_CERT_PEM";
                return Err(ApiMisuse::InvalidArgument(reason));
            }
            Err(_) => return Err(ApiMisuse::InvalidArgument("WSS_CERT_PEM has no certificate for TLS")),
        }
        let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect(VERSIONS)
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Acceptor { certificates: self.certificates.as_slice().into(), tls: Arc::new(config).into() })
    }

    /// What connects to an endpoint, trusting whom is trusted now.
    pub(super) fn client(&self, endpoint: &str, address: &Address) -> Result<Client, Error> {
        let host = match &self.host {
            Some(host) => host.clone(),
            None => ServerName::try_from(address.host.clone()).map_err(|_| ApiMisuse::InvalidEndpoint {
                endpoint: endpoint.to_owned(),
                reason: "no certificate is for such a host: WSS_HOSTNAME is to say for whom it is",
            })?,
        };
        if let Some(config) = self.config.get() {
            return Ok(Client { config: Arc::clone(config), host });
        }
        let mut roots = RootCertStore { roots: self.trusted.clone() };
        if self.is_system_trusted {
            roots.add_parsable_certificates(certificates_of_system(endpoint)?);
        }
        if roots.is_empty() {
            let reason = "wss:// is connected with WSS_TRUST_PEM or WSS_TRUST_SYSTEM set";
            return Err(ApiMisuse::InvalidArgument(reason).into());
        }
        let mut config = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect(VERSIONS)
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Client { config: Arc::clone(self.config.get_or_init(|| config.into())), host })
    }
}

/// Its absence is a mistake of this file's.
const VERSIONS: &str = "ring speaks the versions of TLS that are used by default";

/// The one of HTTP's protocols that turns into a WebSocket here.
const PROTOCOL: &[u8] = b"http/1.1";

/// What lets clients in.
#[derive(Clone)]
pub(super) struct Acceptor {
    certificates: Arc<[CertificateDer<'static>]>,
    tls: TlsAcceptor,
}

impl Acceptor {
    /// Lets a client in, or tells why not.
    pub(super) async fn accept(self, stream: Stream) -> Result<Stream, String> {
        let accepted = self.tls.accept(stream).await;
        accepted.map(|stream| Stream::Tls(Box::new(stream.into()))).map_err(explain)
    }
}

/// Whether clients see the same.
impl PartialEq for Acceptor {
    fn eq(&self, other: &Self) -> bool {
        self.certificates == other.certificates
    }
}

/// What a dialler connects with.
#[derive(Clone)]
pub(super) struct Client {
    config: Arc<ClientConfig>,
    host: ServerName<'static>,
}

impl Client {
    pub(super) async fn connect(self, stream: Stream) -> Result<Stream, String> {
        let connected = TlsConnector::from(self.config).connect(self.host, stream).await;
        connected.map(|stream| Stream::Tls(Box::new(stream.into()))).map_err(explain)
    }
}

/// What each dialler was given when it was made: it may connect again when the options are others.
#[derive(Default)]
pub(super) struct Clients(RefCell<HashMap<DialerId, Client>>);

impl Clients {
    /// Those that are not `known` any more go when there is no room for another.
    pub(super) fn insert(&self, dialer: DialerId, client: Client, is_known: impl Fn(DialerId) -> bool) {
        let mut clients = self.0.borrow_mut();
        if clients.len() == clients.capacity() {
            clients.retain(|dialer, _| is_known(*dialer));
        }
        clients.insert(dialer, client);
    }

    pub(super) fn find(&self, dialer: DialerId) -> Option<Client> {
        self.0.borrow().get(&dialer).cloned()
    }
}

fn explain(error: io::Error) -> String {
    let tls = error.get_ref().and_then(|error| error.downcast_ref::<TlsError>());
    match tls {
        Some(TlsError::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            "the peer's certificate is of an issuer that is not trusted".to_owned()
        }
        Some(TlsError::InvalidMessage(_)) => format!("the peer does not speak TLS: {error}"),
        Some(_) => error.to_string(),
        None => format!("the TLS handshake broke off: {error}"),
    }
}

/// What an option's octets mean; nothing when there are none.
fn parse<T: Default>(
    value: &Checked<'_>,
    expected: &'static str,
    parse: impl FnOnce(&[u8]) -> Option<T>,
) -> Result<T, ApiMisuse> {
    match value.value {
        OptionValue::Bytes(octets) if octets.is_empty() => Ok(T::default()),
        OptionValue::Bytes(octets) => parse(octets).ok_or_else(|| value.refuse(expected)),
        OptionValue::Int(_) => Err(value.refuse(expected)),
    }
}

/// All certificates in a text in PEM; at least one.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
    (!found.is_empty()).then_some(found)
}

fn certificates_of_system(endpoint: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found = rustls_native_certs::load_native_certs();
    if !found.certs.is_empty() {
        return Ok(found.certs);
    }
    let errors: String = found.errors.iter().map(|error| format!(": {error}")).collect();
    let reason = format!("no certificates that the system trusts are found{errors}");
    let kind = TransportErrorKind::Other;
    Err(Error::Transport(TransportError { kind, endpoint: endpoint.to_owned(), reason }))
}
