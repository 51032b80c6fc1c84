//! `ipc://`: sockets with a path in the file system, and those with one of Linux's abstract names.

use std::env::consts::OS;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf, absolute};
use std::task::{Context, Poll};

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::UnixListener;
pub(super) use tokio::net::{UnixStream, unix};

use crate::error::ApiMisuse;

/// Where streams come in, and its file where it has one: to be dropped in this order.
pub(super) struct Port {
    _file: Option<File>,
    listener: UnixListener,
}

impl Port {
    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<UnixStream>> {
        self.listener.poll_accept(cx).map_ok(|(stream, _)| stream)
    }
}

/// Refuses a name that no socket of this system can have.
pub(super) fn check(endpoint: &str, name: &str) -> Result<(), ApiMisuse> {
    if name.starts_with('@') && !matches!(OS, "linux" | "android") {
        let supported = "only Linux has abstract names; elsewhere give a path";
        return Err(ApiMisuse::UnsupportedScheme { endpoint: endpoint.to_owned(), supported });
    }
    let invalid = |reason| Err(ApiMisuse::InvalidEndpoint { endpoint: endpoint.to_owned(), reason });
    if name == "@" {
        return invalid("the name is missing");
    }
    match SockAddr::unix(system_name(name)) {
        Ok(_) => Ok(()),
        Err(_) => invalid("it is longer than the name of a socket can be, which is about 100 octets"),
    }
}

/// Connects to a name that was [checked](check).
pub(super) async fn connect(name: &str) -> io::Result<UnixStream> {
    UnixStream::connect(system_name(name)).await
}

/// Binds a name that was [checked](check), and gives it back; for `*`, one that was chosen.
pub(super) fn bind(name: String) -> io::Result<(Port, String)> {
    if name.starts_with('@') {
        let listener = UnixListener::bind(system_name(&name))?;
        return Ok((Port { _file: None, listener }, name));
    }
    let (name, folder) = if name == "*" {
        let folder = Folder::make()?;
        (folder.0.join("socket").into_os_string().into_string().map_err(not_utf8)?, Some(folder))
    } else {
        (name, None)
    };
    let listener = bind_path(Path::new(&name))?;
    let path = absolute(&name)?;
    let file = File { identity: identity(&path)?, path, _folder: folder };
    Ok((Port { _file: Some(file), listener }, name))
}

/// Who the peer is, as libzmq puts it: `:uid:gid:pid`.
pub(super) fn peer_address(stream: &UnixStream) -> String {
    let Ok(peer) = stream.peer_cred() else { return String::new() };
    format!(":{}:{}:{}", peer.uid(), peer.gid(), peer.pid().unwrap_or_default())
}

/// The file of a socket that is bound. It goes with the value, unless another has taken its place. To be
/// dropped before the socket, which keeps the inode's number from being given to another file.
struct File {
    path: PathBuf,
    identity: (u64, u64),
    /// Gone after the file in it.
    _folder: Option<Folder>,
}

impl Drop for File {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            // What can't be removed any more is replaced by who binds there next.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A folder for one socket that nobody but this user may enter.
struct Folder(PathBuf);

impl Folder {
    fn make() -> io::Result<Self> {
        let mut chance = [0; 8];
        getrandom::fill(&mut chance).expect("the system has a random number generator");
        let path = std::env::temp_dir().join(format!("zmq-{:016x}", u64::from_ne_bytes(chance)));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Somebody else's file in it keeps it.
        let _ = fs::remove_dir(&self.0);
    }
}

/// Binds a path, also where a process that ended without unbinding has left its file.
fn bind_path(path: &Path) -> io::Result<UnixListener> {
    let refused = match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => error,
        bound => return bound,
    };
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        return Err(io::Error::new(refused.kind(), "the file that is there is no socket"));
    }
    // Nothing is awaited from here on, so no other socket of this thread binds the path meanwhile.
    if is_served(path) {
        return Err(refused);
    }
    fs::remove_file(path)?;
    UnixListener::bind(path)
}

/// Whether somebody listens on a socket: only then it does not refuse at once. What can't be told counts.
fn is_served(path: &Path) -> bool {
    let refusal = Socket::new(Domain::UNIX, Type::STREAM, None).and_then(|probe| {
        probe.set_nonblocking(true)?;
        probe.connect(&SockAddr::unix(path)?)
    });
    refusal.map_or_else(|error| error.kind() != io::ErrorKind::ConnectionRefused, |()| true)
}

/// The name as the system has it: a zero in front of what is abstract.
fn system_name(name: &str) -> String {
    match name.strip_prefix('@') {
        Some(name) => format!("\0{name}"),
        None => name.to_owned(),
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let file = fs::symlink_metadata(path)?;
    Ok((file.dev(), file.ino()))
}

fn not_utf8(_: std::ffi::OsString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the path of the folder for temporary files is not UTF-8")
}
