//! As much of libzmq as the program needs.

use std::ffi::{CStr, CString, c_char, c_int, c_void};

pub const REQ: c_int = 3;
pub const REP: c_int = 4;
pub const ROUTER: c_int = 6;
pub const PULL: c_int = 7;
pub const PUSH: c_int = 8;

const LAST_ENDPOINT: c_int = 32;
const SNDMORE: c_int = 2;

/// `zmq_msg_t`, of which only its size is public.
#[repr(C, align(8))]
struct RawMessage([u8; 64]);

unsafe extern "C" {
    fn zmq_ctx_new() -> *mut c_void;
    fn zmq_socket(context: *mut c_void, socket_type: c_int) -> *mut c_void;
    fn zmq_bind(socket: *mut c_void, endpoint: *const c_char) -> c_int;
    fn zmq_connect(socket: *mut c_void, endpoint: *const c_char) -> c_int;
    fn zmq_getsockopt(socket: *mut c_void, option: c_int, value: *mut c_void, length: *mut usize) -> c_int;
    fn zmq_send(socket: *mut c_void, octets: *const c_void, length: usize, flags: c_int) -> c_int;
    fn zmq_msg_init(message: *mut RawMessage) -> c_int;
    fn zmq_msg_recv(message: *mut RawMessage, socket: *mut c_void, flags: c_int) -> c_int;
    fn zmq_msg_send(message: *mut RawMessage, socket: *mut c_void, flags: c_int) -> c_int;
    fn zmq_msg_size(message: *const RawMessage) -> usize;
    fn zmq_msg_more(message: *const RawMessage) -> c_int;
    fn zmq_errno() -> c_int;
    fn zmq_strerror(number: c_int) -> *const c_char;
    fn zmq_version(major: *mut c_int, minor: *mut c_int, patch: *mut c_int);
}

/// The version that was linked.
pub fn version() -> String {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: three valid places for three numbers.
    unsafe { zmq_version(&mut major, &mut minor, &mut patch) };
    format!("{major}.{minor}.{patch}")
}

/// A socket in a context of its own. Neither is ever closed: the process ends instead.
pub struct Socket {
    raw: *mut c_void,
    message: RawMessage,
}

impl Socket {
    pub fn new(socket_type: c_int) -> Self {
        // SAFETY: the context is checked by zmq_socket, and the message is initialised before anybody reads it.
        unsafe {
            let raw = zmq_socket(zmq_ctx_new(), socket_type);
            assert!(!raw.is_null(), "zmq_socket: {}", last_error());
            let mut message = RawMessage([0; 64]);
            check(zmq_msg_init(&mut message), "zmq_msg_init");
            Self { raw, message }
        }
    }

    /// Binds, and gives the endpoint with its port filled in.
    pub fn bind(&self, endpoint: &str) -> String {
        let endpoint = CString::new(endpoint).expect("an argument has no NUL");
        let (mut text, mut length) = ([0_u8; 256], 256);
        // SAFETY: the socket is open, and `length` is how long `text` is.
        unsafe {
            check(zmq_bind(self.raw, endpoint.as_ptr()), "zmq_bind");
            check(
                zmq_getsockopt(self.raw, LAST_ENDPOINT, text.as_mut_ptr().cast(), &mut length),
                "zmq_getsockopt",
            );
        }
        CStr::from_bytes_until_nul(&text).expect("libzmq ends it").to_string_lossy().into_owned()
    }

    pub fn connect(&self, endpoint: &str) {
        let endpoint = CString::new(endpoint).expect("an argument has no NUL");
        // SAFETY: the socket is open.
        check(unsafe { zmq_connect(self.raw, endpoint.as_ptr()) }, "zmq_connect");
    }

    /// Copies the octets into a message and sends it.
    #[inline]
    pub fn send(&self, octets: &[u8]) {
        // SAFETY: the socket is open, and libzmq copies the octets before it returns.
        check(unsafe { zmq_send(self.raw, octets.as_ptr().cast(), octets.len(), 0) }, "zmq_send");
    }

    /// Receives one part into the socket's message and gives its length.
    #[inline]
    pub fn recv(&mut self) -> usize {
        // SAFETY: the socket is open, and the message was initialised; libzmq releases what was in it.
        unsafe {
            check(zmq_msg_recv(&mut self.message, self.raw, 0), "zmq_msg_recv");
            zmq_msg_size(&self.message)
        }
    }

    /// Receives one message and sends it back as it came.
    pub fn echo(&mut self) {
        loop {
            self.recv();
            // SAFETY: as above; after it is sent, the message is an empty one.
            let more = unsafe { zmq_msg_more(&self.message) } != 0;
            let flags = if more { SNDMORE } else { 0 };
            // SAFETY: as above.
            check(unsafe { zmq_msg_send(&mut self.message, self.raw, flags) }, "zmq_msg_send");
            if !more {
                return;
            }
        }
    }
}

#[inline]
fn check(outcome: c_int, call: &str) {
    assert!(outcome >= 0, "{call}: {}", last_error());
}

fn last_error() -> String {
    // SAFETY: libzmq gives a text that is never freed.
    unsafe { CStr::from_ptr(zmq_strerror(zmq_errno())) }.to_string_lossy().into_owned()
}
