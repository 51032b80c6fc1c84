//! `ipc://`: files that come and go, abstract names, and what a file system can have against it.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use zmq_wasm::native::engine::{EventKind, EventValue};
use zmq_wasm::native::{Context, Message, Socket, SocketOption, SocketType};

use crate::peer::{Library, Peer};
use crate::support::{run, unused_path, wait_for};

fn pair(context: &Context) -> (Socket, Socket) {
    (context.socket(SocketType::Pull).unwrap(), context.socket(SocketType::Push).unwrap())
}

fn is_socket(path: &str) -> bool {
    fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket())
}

/// What a process leaves that was killed while it was bound.
fn leave_a_stale_socket(path: &str) {
    drop(UnixListener::bind(path).unwrap());
    assert!(is_socket(path));
}

#[test]
fn a_wildcard_is_a_path_that_only_this_user_can_reach_and_that_goes_with_the_socket() {
    run(async {
        let context = Context::new();
        let (pull, push) = pair(&context);
        let endpoint = pull.bind("ipc://*").await.unwrap();
        assert_eq!(pull.last_endpoint(), endpoint);
        let path = endpoint.strip_prefix("ipc://").unwrap();
        let folder = Path::new(path).parent().unwrap();
        assert!(is_socket(path));
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        push.connect(&endpoint).unwrap();
        push.send("here").await.unwrap();
        assert_eq!(pull.recv_string().await.unwrap(), "here");
        pull.close();
        assert!(!folder.exists());
        for nameless in ["ipc://*", "ipc://@"] {
            assert_eq!(push.connect(nameless).unwrap_err().code(), "EINVAL");
        }
    });
}

#[test]
fn a_file_goes_when_the_endpoint_is_unbound_or_its_last_handle_is_dropped() {
    run(async {
        let context = Context::new();
        let path = unused_path();
        let endpoint = format!("ipc://{path}");
        let socket = context.socket(SocketType::Rep).unwrap();
        assert_eq!(socket.bind(&endpoint).await.unwrap(), endpoint);
        assert!(is_socket(&path));
        socket.unbind(&endpoint).unwrap();
        assert!(!Path::new(&path).exists());
        socket.bind(&endpoint).await.unwrap();
        assert!(is_socket(&path));
        drop(socket);
        assert!(!Path::new(&path).exists());
    });
}

#[test]
fn a_file_that_has_taken_the_place_of_ours_stays() {
    run(async {
        let context = Context::new();
        let path = unused_path();
        let endpoint = format!("ipc://{path}");
        let (first, second) =
            (context.socket(SocketType::Rep).unwrap(), context.socket(SocketType::Rep).unwrap());
        first.bind(&endpoint).await.unwrap();
        fs::remove_file(&path).unwrap();
        second.bind(&endpoint).await.unwrap();
        first.unbind(&endpoint).unwrap();
        assert!(is_socket(&path));
        second.unbind(&endpoint).unwrap();
        assert!(!Path::new(&path).exists());
    });
}

#[test]
fn a_stale_socket_is_replaced_but_no_other_file() {
    run(async {
        let context = Context::new();
        let (pull, push) = pair(&context);
        let path = unused_path();
        let endpoint = format!("ipc://{path}");
        fs::write(&path, "somebody's notes").unwrap();
        let error = pull.bind(&endpoint).await.unwrap_err();
        assert_eq!(error.code(), "EADDRINUSE");
        assert_eq!(error.to_string(), format!("{endpoint}: the file that is there is no socket"));
        assert_eq!(fs::read(&path).unwrap(), b"somebody's notes");
        fs::remove_file(&path).unwrap();

        leave_a_stale_socket(&path);
        pull.bind(&endpoint).await.unwrap();
        push.connect(&endpoint).unwrap();
        push.send("alive").await.unwrap();
        assert_eq!(pull.recv_string().await.unwrap(), "alive");
    });
}

#[test]
fn a_connect_waits_for_the_file_and_for_who_serves_it() {
    run(async {
        let context = Context::new();
        let (pull, push) = pair(&context);
        push.set(SocketOption::ReconnectIvl, 1).unwrap();
        let path = unused_path();
        let endpoint = format!("ipc://{path}");
        let mut monitor = push.monitor();
        push.connect(&endpoint).unwrap();
        let event = wait_for(&mut monitor, EventKind::Closed).await;
        assert!(matches!(&event.value, EventValue::Text(text) if text.contains("No such file")), "{event:?}");
        leave_a_stale_socket(&path);
        loop {
            let event = wait_for(&mut monitor, EventKind::Closed).await;
            if matches!(&event.value, EventValue::Text(text) if text.contains("refused")) {
                break;
            }
        }
        pull.bind(&endpoint).await.unwrap();
        push.send("at last").await.unwrap();
        assert_eq!(pull.recv_string().await.unwrap(), "at last");
    });
}

#[test]
#[cfg(target_os = "linux")]
fn abstract_names_need_no_file() {
    run(async {
        let context = Context::new();
        let (pull, push) = pair(&context);
        let endpoint = format!("ipc://@zmq-wasm test {}", std::process::id());
        assert_eq!(pull.bind(&endpoint).await.unwrap(), endpoint);
        let other = context.socket(SocketType::Pull).unwrap();
        assert_eq!(other.bind(&endpoint).await.unwrap_err().code(), "EADDRINUSE");
        push.connect(&endpoint).unwrap();
        push.send("nameless").await.unwrap();
        assert_eq!(pull.recv_string().await.unwrap(), "nameless");
        pull.unbind(&endpoint).unwrap();
        other.bind(&endpoint).await.unwrap();
    });
}

#[test]
#[cfg(target_os = "linux")]
fn abstract_names_and_wildcards_are_those_of_libzmq() {
    run(async {
        let Some(peer) = Peer::start(Library::Python).await else { return };
        for we_bind in [true, false] {
            for given in ["ipc://*".to_owned(), format!("ipc://@zmq-wasm-{}-{we_bind}", std::process::id())] {
                let context = Context::new();
                let ours = context.socket(SocketType::Pair).unwrap();
                let theirs = peer.socket(SocketType::Pair, json!({ "linger": 0 })).await;
                if we_bind {
                    theirs.connect(&ours.bind(&given).await.unwrap()).await;
                } else {
                    ours.connect(&theirs.bind(&given).await).unwrap();
                }
                ours.send("there").await.unwrap();
                assert_eq!(theirs.recv().await, Message::from("there"));
                theirs.send(&Message::from("and back")).await;
                assert_eq!(ours.recv_string().await.unwrap(), "and back");
                theirs.close().await;
            }
        }
    });
}

#[test]
fn events_tell_whose_process_came() {
    run(async {
        let context = Context::new();
        let (pull, push) = pair(&context);
        let mut monitor = pull.monitor();
        push.connect(&pull.bind("ipc://*").await.unwrap()).unwrap();
        let event = wait_for(&mut monitor, EventKind::HandshakeSucceeded).await;
        let address = event.peer.unwrap().address;
        assert!(address.ends_with(&format!(":{}", std::process::id())), "{address}");
    });
}

#[test]
fn what_the_file_system_refuses_is_told_with_the_endpoint() {
    run(async {
        let context = Context::new();
        let socket = context.socket(SocketType::Pull).unwrap();
        let mut monitor = socket.monitor();
        for (endpoint, code, why) in [
            ("ipc:///nowhere/at/all", "EIO", "No such file or directory"),
            ("ipc:///dev/null/socket", "EIO", "Not a directory"),
            #[cfg(target_os = "linux")]
            ("ipc:///sys/zmq-wasm", "EACCES", "permitted"),
        ] {
            let error = socket.bind(endpoint).await.unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().starts_with(endpoint) && error.to_string().contains(why), "{error}");
            assert_eq!(wait_for(&mut monitor, EventKind::BindFailed).await.endpoint, endpoint);
        }
        for name in ["/".repeat(200), format!("@{}", "x".repeat(200))] {
            let endpoint = format!("ipc://{name}");
            for error in [socket.bind(&endpoint).await.unwrap_err(), socket.connect(&endpoint).unwrap_err()] {
                assert_eq!(error.code(), "EINVAL");
                assert!(error.to_string().contains("longer"), "{error}");
            }
        }
    });
}

/// A file system with room for nothing, where this process may mount one.
struct FullDisk(String);

impl FullDisk {
    fn mount() -> Option<Self> {
        let folder = unused_path();
        fs::create_dir(&folder).unwrap();
        let disk = Self(folder);
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "nr_inodes=1", "none", &disk.0]).output();
        mount.is_ok_and(|mount| mount.status.success()).then_some(disk)
    }
}

impl Drop for FullDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
        fs::remove_dir(&self.0).unwrap();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_with_the_endpoint() {
    run(async {
        let Some(disk) = FullDisk::mount() else {
            println!("skipped: no file system can be mounted here");
            return;
        };
        let socket = Context::new().socket(SocketType::Pull).unwrap();
        let endpoint = format!("ipc://{}/socket", disk.0);
        let error = socket.bind(&endpoint).await.unwrap_err();
        assert_eq!(error.code(), "EIO");
        assert!(error.to_string().starts_with(&endpoint), "{error}");
        assert!(error.to_string().contains("No space left on device"), "{error}");
    });
}
