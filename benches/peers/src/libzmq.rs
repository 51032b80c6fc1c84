//! As much of libzmq as its program needs.

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_short, c_void};

pub const PUB: c_int = 1;
pub const SUB: c_int = 2;
pub const REQ: c_int = 3;
pub const REP: c_int = 4;
pub const DEALER: c_int = 5;
pub const ROUTER: c_int = 6;
pub const PULL: c_int = 7;
pub const PUSH: c_int = 8;

const SUBSCRIBE: c_int = 6;
const LAST_ENDPOINT: c_int = 32;
const XPUB_NODROP: c_int = 69;
const CURVE_SERVER: c_int = 47;
const CURVE_PUBLICKEY: c_int = 48;
const CURVE_SECRETKEY: c_int = 49;
const CURVE_SERVERKEY: c_int = 50;
const DONTWAIT: c_int = 1;
const SNDMORE: c_int = 2;
const POLLIN: c_short = 1;
const EAGAIN: c_int = 11;

/// `zmq_msg_t`, of which only its size is public.
#[repr(C, align(8))]
struct RawMessage([u8; 64]);

/// `zmq_pollitem_t`.
#[repr(C)]
struct PollItem {
    socket: *mut c_void,
    fd: c_int,
    events: c_short,
    revents: c_short,
}

unsafe extern "C" {
    fn zmq_ctx_new() -> *mut c_void;
    fn zmq_socket(context: *mut c_void, socket_type: c_int) -> *mut c_void;
    fn zmq_bind(socket: *mut c_void, endpoint: *const c_char) -> c_int;
    fn zmq_connect(socket: *mut c_void, endpoint: *const c_char) -> c_int;
    fn zmq_getsockopt(socket: *mut c_void, option: c_int, value: *mut c_void, length: *mut usize) -> c_int;
    fn zmq_setsockopt(socket: *mut c_void, option: c_int, value: *const c_void, length: usize) -> c_int;
    fn zmq_poll(items: *mut PollItem, count: c_int, timeout: c_long) -> c_int;
    fn zmq_msg_init(message: *mut RawMessage) -> c_int;
    fn zmq_msg_init_size(message: *mut RawMessage, size: usize) -> c_int;
    fn zmq_msg_recv(message: *mut RawMessage, socket: *mut c_void, flags: c_int) -> c_int;
    fn zmq_msg_send(message: *mut RawMessage, socket: *mut c_void, flags: c_int) -> c_int;
    fn zmq_msg_size(message: *const RawMessage) -> usize;
    fn zmq_msg_more(message: *const RawMessage) -> c_int;
    fn zmq_errno() -> c_int;
    fn zmq_strerror(number: c_int) -> *const c_char;
}

/// Never ended, as its sockets are never closed: the process ends instead.
pub struct Context(*mut c_void);

impl Context {
    #[expect(clippy::new_without_default, reason = "each is one of its own")]
    pub fn new() -> Self {
        // SAFETY: no preconditions; zmq_socket checks what comes back.
        Self(unsafe { zmq_ctx_new() })
    }

    pub fn socket(&self, socket_type: c_int) -> Socket {
        // SAFETY: libzmq checks the context, and the message is initialised before anybody reads it.
        unsafe {
            let raw = zmq_socket(self.0, socket_type);
            assert!(!raw.is_null(), "zmq_socket: {}", last_error());
            let mut message = RawMessage([0; 64]);
            check(zmq_msg_init(&mut message), "zmq_msg_init");
            Socket { raw, message }
        }
    }
}

pub struct Socket {
    raw: *mut c_void,
    /// What is received into.
    message: RawMessage,
}

// SAFETY: a socket may go to another thread as long as no two use it, which ownership sees to.
unsafe impl Send for Socket {}

impl Socket {
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

    pub fn subscribe_all(&self) {
        // SAFETY: the socket is open, and a value of no octets is not read.
        check(unsafe { zmq_setsockopt(self.raw, SUBSCRIBE, [].as_ptr(), 0) }, "zmq_setsockopt");
    }

    /// Has sends wait for subscribers.
    pub fn drop_nothing(&self) {
        self.switch_on(XPUB_NODROP);
    }

    /// Has CURVE encrypt, as its server or as a client of one who has the same keys.
    pub fn encrypt(&self, is_server: bool, (public, secret): (&str, &str)) {
        self.set_text(CURVE_SECRETKEY, secret);
        if is_server {
            self.switch_on(CURVE_SERVER);
        } else {
            self.set_text(CURVE_PUBLICKEY, public);
            self.set_text(CURVE_SERVERKEY, public);
        }
    }

    fn switch_on(&self, option: c_int) {
        let yes: c_int = 1;
        // SAFETY: the socket is open, and the value is as long as said.
        let outcome = unsafe { zmq_setsockopt(self.raw, option, (&raw const yes).cast(), size_of::<c_int>()) };
        check(outcome, "zmq_setsockopt");
    }

    fn set_text(&self, option: c_int, text: &str) {
        // SAFETY: the socket is open, and the value is as long as said.
        let outcome = unsafe { zmq_setsockopt(self.raw, option, text.as_ptr().cast(), text.len()) };
        check(outcome, "zmq_setsockopt");
    }

    /// Sends a new message of that many octets, whatever they are, as libzmq's perf programs do.
    #[inline]
    pub fn send(&self, size: usize) {
        let mut message = RawMessage([0; 64]);
        // SAFETY: the socket is open; the message is initialised, and libzmq's own once it is sent.
        unsafe {
            check(zmq_msg_init_size(&mut message, size), "zmq_msg_init_size");
            check(zmq_msg_send(&mut message, self.raw, 0), "zmq_msg_send");
        }
    }

    /// Receives one part into the socket's message and gives its length.
    #[inline]
    pub fn recv(&mut self) -> usize {
        self.recv_flagged(0).expect("it waits until there is one")
    }

    /// As `recv`, if there is something now.
    #[inline]
    pub fn try_recv(&mut self) -> Option<usize> {
        self.recv_flagged(DONTWAIT)
    }

    #[inline]
    fn recv_flagged(&mut self, flags: c_int) -> Option<usize> {
        // SAFETY: the socket is open, and the message was initialised; libzmq releases what was in it.
        unsafe {
            let outcome = zmq_msg_recv(&mut self.message, self.raw, flags);
            if outcome < 0 && flags == DONTWAIT && zmq_errno() == EAGAIN {
                return None;
            }
            check(outcome, "zmq_msg_recv");
            Some(zmq_msg_size(&self.message))
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

/// Waits on many sockets and gives each that has something to `ready`, without end.
pub fn poll(sockets: &mut [Socket], mut ready: impl FnMut(&mut Socket)) -> ! {
    let item = |socket: &Socket| PollItem { socket: socket.raw, fd: 0, events: POLLIN, revents: 0 };
    let mut items: Vec<PollItem> = sockets.iter().map(item).collect();
    let count = c_int::try_from(items.len()).expect("as many as were asked for");
    loop {
        // SAFETY: as many items as said, each with an open socket.
        check(unsafe { zmq_poll(items.as_mut_ptr(), count, -1) }, "zmq_poll");
        for (item, socket) in items.iter().zip(&mut *sockets) {
            if item.revents & POLLIN != 0 {
                ready(socket);
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
