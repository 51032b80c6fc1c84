//! The shell in wasm, driven as `src/web/js` drives it, without the classes around it: in a page by
//! `web_page.rs`, in a dedicated worker by `web_worker.rs`.

use std::sync::atomic::{AtomicU32, Ordering};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use zmq_wasm::SocketType;
use zmq_wasm::web::calls;

#[wasm_bindgen(module = "/src/web/js/bodies.js")]
extern "C" {
    fn put(image: js_sys::Uint8Array) -> u32;
    fn take(body: u32) -> js_sys::Uint8Array;
    #[wasm_bindgen(js_name = bodiesHeld)]
    fn bodies_held() -> u32;
}

#[wasm_bindgen(module = "/src/web/js/words.js")]
extern "C" {
    fn heard() -> Vec<js_sys::Uint8Array>;
}

#[wasm_bindgen(module = "/src/web/js/errors.js")]
extern "C" {
    #[wasm_bindgen(js_name = takeFailure)]
    fn take_failure() -> JsValue;
}

const WOULD_BLOCK: i32 = -1;
const REPLY_PENDING: i32 = -2;
const FAILED: i32 = -3;

static NUMBERS: AtomicU32 = AtomicU32::new(1 << 20);

/// A number for a socket or a context. `register` never gives it, so JavaScript hears nothing of the socket.
fn number() -> u32 {
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

fn socket(context: u32, socket_type: SocketType) -> u32 {
    let socket = number();
    calls::create(socket, context, socket_type.number().into(), 5, 0);
    assert_eq!(failure(), "");
    socket
}

/// Stores a body behind a place for its flag octet.
fn body(octets: &[u8]) -> (u32, u32) {
    let image = [&[0], octets].concat();
    (put(js_sys::Uint8Array::from(&image[..])), octets.len() as u32)
}

fn send(socket: u32, parts: &[&[u8]]) -> i32 {
    let (last, before) = parts.split_last().expect("a message has parts");
    for part in before {
        let (body, length) = body(part);
        calls::part(socket, body, length);
    }
    let (body, length) = body(last);
    calls::send(socket, body, length)
}

fn recv(socket: u32) -> Result<Vec<Vec<u8>>, i32> {
    let mut status = calls::recv(socket);
    let mut parts = Vec::new();
    loop {
        if status < 0 {
            return Err(status);
        }
        parts.push(take(status as u32 >> 1).to_vec());
        if status & 1 == 0 {
            return Ok(parts);
        }
        status = calls::next_part(socket);
    }
}

/// Binds, and gives the endpoint in full.
fn bind(socket: u32, endpoint: &str) -> Vec<u8> {
    let (body, length) = body(endpoint.as_bytes());
    calls::bind(socket, body, length, 0);
    assert_eq!(failure(), "");
    heard()[0].to_vec()
}

fn connect(socket: u32, endpoint: &[u8]) {
    let (body, length) = body(endpoint);
    calls::connect(socket, body, length, 0);
    assert_eq!(failure(), "");
}

fn joined(one: SocketType, other: SocketType) -> (u32, u32) {
    let context = number();
    let (one, other) = (socket(context, one), socket(context, other));
    connect(other, &bind(one, "inproc://x"));
    (one, other)
}

/// The code of the error that the last call has failed with.
fn failure() -> String {
    js_sys::Reflect::get(&take_failure(), &"code".into())
        .ok()
        .and_then(|code| code.as_string())
        .unwrap_or_default()
}

#[wasm_bindgen_test]
fn a_request_and_its_reply_pass_and_leave_no_body_behind() {
    let before = bodies_held();
    let (rep, req) = joined(SocketType::Rep, SocketType::Req);
    assert_eq!(recv(req), Err(FAILED));
    assert_eq!(failure(), "EFSM");
    assert_eq!(send(req, &[b"question", b"", b"part"]), 0);
    assert_eq!(send(req, &[b"too early"]), REPLY_PENDING);
    assert_eq!(recv(rep), Ok(vec![b"question".to_vec(), vec![], b"part".to_vec()]));
    assert_eq!(recv(req), Err(WOULD_BLOCK));
    assert_eq!(send(rep, &[b"answer"]), 0);
    assert_eq!(recv(req), Ok(vec![b"answer".to_vec()]));
    assert_eq!(bodies_held(), before);
}

#[wasm_bindgen_test]
fn a_body_stays_in_javascript_and_is_not_copied() {
    let (pull, push) = joined(SocketType::Pull, SocketType::Push);
    let image = js_sys::Uint8Array::new_with_length(1 << 20);
    let length = image.length() - 1;
    assert_eq!(calls::send(push, put(image.clone()), length), 0);
    let status = calls::recv(pull);
    assert!(status >= 0);
    let received = take(status as u32 >> 1);
    assert_eq!(received.length(), length);
    assert!(js_sys::Object::is(&received.buffer(), &image.buffer()));
}

#[wasm_bindgen_test]
fn a_publisher_shares_one_body_among_its_subscribers() {
    let before = bodies_held();
    let context = number();
    let publisher = socket(context, SocketType::Pub);
    let endpoint = bind(publisher, "inproc://news");
    let subscribers: Vec<_> = (0..3).map(|_| socket(context, SocketType::Sub)).collect();
    for &subscriber in &subscribers {
        connect(subscriber, &endpoint);
        let (topic, length) = body(b"weather");
        calls::subscribe(subscriber, topic, length, 1);
    }
    assert_eq!(send(publisher, &[b"weather.oslo"]), 0);
    assert_eq!(send(publisher, &[b"sports"]), 0);
    assert_eq!(bodies_held(), before + 1);
    for subscriber in subscribers {
        assert_eq!(recv(subscriber), Ok(vec![b"weather.oslo".to_vec()]));
        assert_eq!(recv(subscriber), Err(WOULD_BLOCK));
    }
    assert_eq!(bodies_held(), before);
}

#[wasm_bindgen_test]
fn the_high_water_marks_of_both_sides_hold_a_sender_back_and_receiving_lets_it_go_on() {
    let context = number();
    let (pull, push) = (socket(context, SocketType::Pull), socket(context, SocketType::Push));
    for (socket, option) in [(pull, 24), (push, 23)] {
        calls::set_number(socket, option, 2.0);
    }
    connect(push, &bind(pull, "inproc://slow"));
    let mut sent = 0_u8;
    while send(push, &[&[sent]]) == 0 {
        sent += 1;
        assert!(sent < 10, "nothing holds the sender back");
    }
    assert_eq!(calls::events(push) & 2, 0);
    for number in 0..sent {
        assert_eq!(recv(pull), Ok(vec![vec![number]]));
    }
    assert_eq!(send(push, &[b"again"]), 0);
    assert_eq!(recv(pull), Ok(vec![b"again".to_vec()]));
}

#[wasm_bindgen_test]
fn mistakes_are_errors_with_a_code_and_never_a_trap() {
    let context = number();
    calls::create(number(), context, 99, 5, 0);
    assert_eq!(failure(), "EINVAL");
    let sub = socket(context, SocketType::Sub);
    type Call = fn(u32, u32, u32);
    let refused: [(Call, &str, &str); 3] = [
        (|sub, body, length| _ = calls::bind(sub, body, length, 0), "udp://127.0.0.1:1", "EPROTONOSUPPORT"),
        (|sub, body, length| _ = calls::connect(sub, body, length, 0), "ws://", "EINVAL"),
        (calls::disconnect, "ws://127.0.0.1:1/", "ENOENT"),
    ];
    for (call, endpoint, expected) in refused {
        let (body, length) = body(endpoint.as_bytes());
        call(sub, body, length);
        assert_eq!(failure(), expected);
    }
    for (socket, option, value) in [(sub, 17, -2.0), (sub, 4242, 1.0), (0, 17, -2.0), (number(), 17, 1.0)] {
        calls::set_number(socket, option, value);
        assert_ne!(failure(), "");
    }
    calls::get(sub, 33);
    assert_eq!(failure(), "EINVAL");
    assert_eq!(send(sub, &[b"x"]), FAILED);
    assert_eq!(failure(), "ENOTSUP");
    calls::close(sub);
    assert_eq!(recv(sub), Err(FAILED));
    assert_eq!(failure(), "ENOTSOCK");
}

/// In a page and in a worker bodies come from other APIs of the web too, by promises.
#[wasm_bindgen_test]
async fn what_a_response_brought_is_sent_as_it_is() {
    let response =
        web_sys::Response::new_with_opt_str(Some("from a response")).expect("a Response is made of text");
    let buffer = response.array_buffer().expect("its body is not read yet");
    let octets = js_sys::Uint8Array::new(&JsFuture::from(buffer).await.expect("it is read")).to_vec();
    let (dealer, router) = joined(SocketType::Dealer, SocketType::Router);
    assert_eq!(send(dealer, &[&octets]), 0);
    let received = recv(router).expect("a message came");
    assert_eq!(received[1], b"from a response");
}
