//! The shell in wasm, driven as `src/web/js` drives it, without the classes around it: in a page by
//! `web_page.rs`, in a dedicated worker by `web_worker.rs`.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use zmq_wasm::SocketType;
use zmq_wasm::web::{ContextCore, SocketCore};

#[wasm_bindgen(module = "/src/web/js/host.js")]
extern "C" {
    fn put(image: js_sys::Uint8Array) -> u32;
    fn take(body: u32) -> js_sys::Uint8Array;
    #[wasm_bindgen(js_name = bodiesHeld)]
    fn bodies_held() -> u32;
}

const WOULD_BLOCK: i32 = -1;
const REPLY_PENDING: i32 = -2;
const FAILED: i32 = -3;

/// A socket's core. The number is one that `register` never gives, so JavaScript hears nothing of it.
fn socket(context: &ContextCore, socket_type: SocketType) -> SocketCore {
    SocketCore::new(context, socket_type.number().into(), 0, 0.5).expect("the type exists")
}

/// Stores a body behind a place for its flag octet.
fn body(octets: &[u8]) -> (u32, u32) {
    let image = [&[0], octets].concat();
    (put(js_sys::Uint8Array::from(&image[..])), octets.len() as u32)
}

fn send(socket: &SocketCore, parts: &[&[u8]]) -> i32 {
    let (last, before) = parts.split_last().expect("a message has parts");
    for part in before {
        let (number, length) = body(part);
        socket.part(number, length);
    }
    let (number, length) = body(last);
    socket.send(number, length)
}

fn recv(socket: &SocketCore) -> Result<Vec<Vec<u8>>, i32> {
    let mut status = socket.recv();
    let mut parts = Vec::new();
    loop {
        if status < 0 {
            return Err(status);
        }
        parts.push(take(status as u32 >> 1).to_vec());
        if status & 1 == 0 {
            return Ok(parts);
        }
        status = socket.next_part();
    }
}

fn joined(one: SocketType, other: SocketType) -> (SocketCore, SocketCore) {
    let context = ContextCore::new();
    let (one, other) = (socket(&context, one), socket(&context, other));
    let endpoint = one.bind("inproc://x").expect("the name is free");
    other.connect(&endpoint, JsValue::UNDEFINED, JsValue::UNDEFINED).expect("the endpoint is sound");
    (one, other)
}

fn code(error: &JsValue) -> String {
    js_sys::Reflect::get(error, &"code".into()).ok().and_then(|code| code.as_string()).unwrap_or_default()
}

#[wasm_bindgen_test]
fn a_request_and_its_reply_pass_and_leave_no_body_behind() {
    let before = bodies_held();
    let (rep, req) = joined(SocketType::Rep, SocketType::Req);
    assert_eq!(recv(&req), Err(FAILED));
    assert_eq!(code(&req.take_error()), "EFSM");
    assert_eq!(send(&req, &[b"question", b"", b"part"]), 0);
    assert_eq!(send(&req, &[b"too early"]), REPLY_PENDING);
    assert_eq!(recv(&rep), Ok(vec![b"question".to_vec(), vec![], b"part".to_vec()]));
    assert_eq!(recv(&req), Err(WOULD_BLOCK));
    assert_eq!(send(&rep, &[b"answer"]), 0);
    assert_eq!(recv(&req), Ok(vec![b"answer".to_vec()]));
    assert_eq!(bodies_held(), before);
}

#[wasm_bindgen_test]
fn a_body_stays_in_javascript_and_is_not_copied() {
    let (pull, push) = joined(SocketType::Pull, SocketType::Push);
    let image = js_sys::Uint8Array::new_with_length(1 << 20);
    let length = image.length() - 1;
    assert_eq!(push.send(put(image.clone()), length), 0);
    let status = pull.recv();
    assert!(status >= 0);
    let received = take(status as u32 >> 1);
    assert_eq!(received.length(), length);
    assert!(js_sys::Object::is(&received.buffer(), &image.buffer()));
}

#[wasm_bindgen_test]
fn a_publisher_shares_one_body_among_its_subscribers() {
    let before = bodies_held();
    let context = ContextCore::new();
    let publisher = socket(&context, SocketType::Pub);
    let endpoint = publisher.bind("inproc://news").expect("the name is free");
    let subscribers: Vec<_> = (0..3).map(|_| socket(&context, SocketType::Sub)).collect();
    for subscriber in &subscribers {
        subscriber.connect(&endpoint, JsValue::UNDEFINED, JsValue::UNDEFINED).expect("the endpoint is sound");
        subscriber.subscribe(b"weather", true).expect("a SUB subscribes");
    }
    assert_eq!(send(&publisher, &[b"weather.oslo"]), 0);
    assert_eq!(send(&publisher, &[b"sports"]), 0);
    assert_eq!(bodies_held(), before + 1);
    for subscriber in &subscribers {
        assert_eq!(recv(subscriber), Ok(vec![b"weather.oslo".to_vec()]));
        assert_eq!(recv(subscriber), Err(WOULD_BLOCK));
    }
    assert_eq!(bodies_held(), before);
}

#[wasm_bindgen_test]
fn the_high_water_marks_of_both_sides_hold_a_sender_back_and_receiving_lets_it_go_on() {
    let context = ContextCore::new();
    let (pull, push) = (socket(&context, SocketType::Pull), socket(&context, SocketType::Push));
    for (core, option) in [(&pull, 24), (&push, 23)] {
        core.set_number(option, 2.0).expect("in range");
    }
    let endpoint = pull.bind("inproc://slow").expect("the name is free");
    push.connect(&endpoint, JsValue::UNDEFINED, JsValue::UNDEFINED).expect("the endpoint is sound");
    let mut sent = 0_u8;
    while send(&push, &[&[sent]]) == 0 {
        sent += 1;
        assert!(sent < 10, "nothing holds the sender back");
    }
    assert_eq!(push.events() & 2, 0);
    for number in 0..sent {
        assert_eq!(recv(&pull), Ok(vec![vec![number]]));
    }
    assert_eq!(send(&push, &[b"again"]), 0);
    assert_eq!(recv(&pull), Ok(vec![b"again".to_vec()]));
}

#[wasm_bindgen_test]
fn mistakes_are_errors_with_a_code_and_never_a_trap() {
    let context = ContextCore::new();
    assert_eq!(code(&SocketCore::new(&context, 99, 0, 0.5).err().expect("no such type")), "EINVAL");
    let core = socket(&context, SocketType::Sub);
    let refused = [
        (core.bind("tcp://127.0.0.1:1").err(), "EPROTONOSUPPORT"),
        (core.connect("ws://", JsValue::UNDEFINED, JsValue::UNDEFINED).err(), "EINVAL"),
        (core.set_number(17, -2.0).err(), "EINVAL"),
        (core.set_number(4242, 1.0).err(), "EINVAL"),
        (core.get(33).err(), "EINVAL"),
        (core.disconnect("ws://127.0.0.1:1/").err(), "ENOENT"),
    ];
    for (error, expected) in refused {
        assert_eq!(code(&error.expect("it is refused")), expected);
    }
    assert_eq!(send(&core, &[b"x"]), FAILED);
    assert_eq!(code(&core.take_error()), "ENOTSUP");
    core.close(None).expect("closes");
    assert_eq!(recv(&core), Err(FAILED));
    assert_eq!(code(&core.take_error()), "ENOTSOCK");
}

/// In a page and in a worker bodies come from other APIs of the web too, by promises.
#[wasm_bindgen_test]
async fn what_a_response_brought_is_sent_as_it_is() {
    let response =
        web_sys::Response::new_with_opt_str(Some("from a response")).expect("a Response is made of text");
    let buffer = response.array_buffer().expect("its body is not read yet");
    let octets = js_sys::Uint8Array::new(&JsFuture::from(buffer).await.expect("it is read")).to_vec();
    let (dealer, router) = joined(SocketType::Dealer, SocketType::Router);
    assert_eq!(send(&dealer, &[&octets]), 0);
    let received = recv(&router).expect("a message came");
    assert_eq!(received[1], b"from a response");
}
