//! Pickles: exchanged with pyzmq, refused where they are no data, and harmless whatever they are.

use std::collections::{BTreeMap, HashMap};
use std::ops::{Bound, Range};
use std::time::Duration;

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use zmq_wasm::native::{Context, Socket, SocketType, pickle};

use crate::peer::{Handle, Library, Peer};
use crate::support::run;

const PROTOCOLS: [u8; 6] = [0, 1, 2, 3, 4, 5];

/// Two PAIRs, ours and pyzmq's.
async fn with_python(test: impl AsyncFnOnce(Socket, Handle)) {
    let Some(peer) = Peer::start(Library::Python).await else { return };
    let context = Context::new();
    let socket = context.socket(SocketType::Pair).unwrap();
    let python = peer.socket(SocketType::Pair, json!({ "linger": 0 })).await;
    socket.connect(&python.bind("tcp://127.0.0.1:*").await).unwrap();
    test(socket, python.clone()).await;
    python.close().await;
    context.destroy(Some(Duration::ZERO)).await;
}

#[test]
fn what_pyzmq_sends_at_each_protocol_is_received() {
    run(with_python(async |socket, python| {
        let table = [
            ("[None, True, False]", json!([null, true, false])),
            (
                "[0, 255, 256, 65535, 65536, -1, 2**31, -2**31 - 1]",
                json!([0, 255, 256, 65535, 65536, -1, 2_147_483_648_u64, -2_147_483_649_i64]),
            ),
            ("[2**63 - 1, -2**63, 2**64 - 1]", json!([i64::MAX, i64::MIN, u64::MAX])),
            ("[1.5, -0.1, 1e300, 5e-324, 2.0]", json!([1.5, -0.1, 1e300, 5e-324, 2.0])),
            ("['', 'grüße 漢字 😀', 'x' * 300]", json!(["", "grüße 漢字 😀", "x".repeat(300)])),
            (r"'\\ \n \r \0 \x1a \\u0041 \\\\u0041'", json!("\\ \n \r \0 \x1a \\u0041 \\\\u0041")),
            (
                "[b'', b'a\\xff\\n', bytearray(), bytearray(b'a\\xff')]",
                json!([[], [97, 255, 10], [], [97, 255]]),
            ),
            (
                "[(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, [4])]",
                json!([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, [4]]]),
            ),
            ("{'a': {'b': []}, '__proto__': 1}", json!({ "a": { "b": [] }, "__proto__": 1 })),
            ("[set(), {7}, frozenset({7})]", json!([[], [7], [7]])),
            ("list(range(3000))", Value::from((0..3000).collect::<Vec<u32>>())),
            ("[[0]] * 3", json!([[0], [0], [0]])),
            ("datetime.datetime(2026, 1, 2, 3, 4, 5, 6)", json!("2026-01-02T03:04:05.000006")),
            (
                "datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)",
                json!("2026-01-02T00:00:00+00:00"),
            ),
            (
                "datetime.datetime(1, 1, 1, tzinfo=datetime.timezone(-datetime.timedelta(hours=3, minutes=30, microseconds=5)))",
                json!("0001-01-01T00:00:00-03:30:00.000005"),
            ),
            (
                "[datetime.date.max, datetime.time(1, 2), datetime.time.max]",
                json!(["9999-12-31", "01:02:00", "23:59:59.999999"]),
            ),
            ("datetime.timedelta(days=-1, seconds=1, microseconds=500000)", json!(-86398.5)),
        ];
        for (expression, expected) in table {
            for protocol in PROTOCOLS {
                python.send_pyobj(expression, protocol).await;
                // serde_json asks its own type for octets as for anything, and has none.
                let received = match expression.starts_with("[b''") {
                    true => json!(socket.recv_pyobj::<Vec<Vec<u8>>>().await.unwrap()),
                    false => socket.recv_pyobj::<Value>().await.unwrap(),
                };
                assert_eq!(received, expected, "{expression}, protocol {protocol}");
            }
        }
        for protocol in PROTOCOLS {
            python.send_pyobj("[2**127 - 1, -2**127]", protocol).await;
            assert_eq!(socket.recv_pyobj::<[i128; 2]>().await.unwrap(), [i128::MAX, i128::MIN]);
            python.send_pyobj("[2**128 - 1, 0]", protocol).await;
            assert_eq!(socket.recv_pyobj::<[u128; 2]>().await.unwrap(), [u128::MAX, 0]);
            for larger in ["2**128", "-2**127 - 1", "2**2000"] {
                python.send_pyobj(larger, protocol).await;
                let error = socket.recv_pyobj::<i128>().await.unwrap_err();
                assert!(error.to_string().contains("more than 128 bits"), "{larger}: {error}");
            }
            python.send_pyobj("{(1, 2): None, (3, 4): 'x'}", protocol).await;
            let keyed: HashMap<(u8, u8), Option<String>> = socket.recv_pyobj().await.unwrap();
            assert_eq!(keyed, HashMap::from([((1, 2), None), ((3, 4), Some("x".to_owned()))]));
            python.send_pyobj("[float('inf'), float('-inf'), float('nan')]", protocol).await;
            let [high, low, none]: [f64; 3] = socket.recv_pyobj().await.unwrap();
            assert!(high == f64::INFINITY && low == f64::NEG_INFINITY && none.is_nan());
        }
    }));
}

#[test]
fn what_is_sent_is_received_by_pyzmq() {
    async fn arrives<T: Serialize + ?Sized>((socket, python): (&Socket, &Handle), value: &T, expected: &str) {
        socket.send_pyobj(value).await.unwrap();
        assert_eq!(python.recv_pyobj().await, expected);
    }
    run(with_python(async |socket, python| {
        let both = (&socket, &python);
        arrives(both, &((), true, false, 'ü'), "(None, True, False, 'ü')").await;
        arrives(both, &[0, 1, 255, 256, 65535, 65536], "(0, 1, 255, 256, 65535, 65536)").await;
        arrives(
            both,
            &vec![-1, -128, -129, -32769, i32::MIN, i32::MAX],
            "[-1, -128, -129, -32769, -2147483648, 2147483647]",
        )
        .await;
        arrives(
            both,
            &vec![i64::MIN, i64::MAX, i64::from(i32::MIN) - 1, 1 << 31],
            "[-9223372036854775808, 9223372036854775807, -2147483649, 2147483648]",
        )
        .await;
        arrives(
            both,
            &(u64::MAX, i128::MIN, i128::MAX, u128::MAX),
            &format!("({}, {}, {}, {})", u64::MAX, i128::MIN, i128::MAX, u128::MAX),
        )
        .await;
        arrives(both, &(1.5_f32, -0.0, f64::INFINITY), "(1.5, -0.0, inf)").await;
        arrives(both, &"x".repeat(300), &format!("'{}'", "x".repeat(300))).await;
        arrives(both, &(serde_json::to_value([1]).unwrap(), None::<u8>, Some(2)), "([1], None, 2)").await;
        arrives(both, &BTreeMap::from([("a", vec![1]), ("b", vec![])]), "{'a': [1], 'b': []}").await;
        // In a key a sequence is a tuple, a dict in it is refused.
        arrives(both, &BTreeMap::from([(vec![vec![1], vec![]], 1)]), "{((1,), ()): 1}").await;
        arrives(both, &(Range { start: 1, end: 2 }), "{'start': 1, 'end': 2}").await;
        arrives(both, &vec![Bound::Unbounded, Bound::Included(1)], "['Unbounded', {'Included': 1}]").await;
        arrives(both, &vec![Ok((1, 2)), Err("no")], "[{'Ok': (1, 2)}, {'Err': 'no'}]").await;
        arrives(both, &Octets(b"a\xff"), "b'a\\xff'").await;
        arrives(both, &(0..3000).collect::<Vec<u32>>(), &format!("{:?}", (0..3000).collect::<Vec<u32>>()))
            .await;
    }));
    let error = pickle::dumps(&BTreeMap::from([(BTreeMap::from([(1, 2)]), 1)])).unwrap_err();
    assert_eq!((error.code(), error.to_string().contains("can't be a key")), ("EINVAL", true), "{error}");
}

/// What `serde_bytes` makes of octets.
struct Octets(&'static [u8]);

impl Serialize for Octets {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

#[test]
fn what_is_written_is_read() {
    fn same<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T) {
        assert_eq!(pickle::loads::<T>(&pickle::dumps(&value).unwrap()).unwrap(), value);
    }
    same(((), true, -1_i8, u128::MAX, i128::MIN, 'x', "text".to_owned()));
    same(vec![Ok::<_, String>((1_u8, 2_u16)), Err("no".to_owned())]);
    same(vec![Bound::Unbounded, Bound::Excluded(Some(vec![1.5_f64]))]);
    same(BTreeMap::from([(vec![1, 2], Range { start: 1, end: 2 })]));
    same(json!({ "a": [1, -1, 1.5, null, { "b": "ü" }], "c": u64::MAX }));
    for shift in 0..127 {
        same([1_i128 << shift, -(1 << shift), (1 << shift) - 1, -(1 << shift) - 1]);
    }
}

#[test]
fn names_of_classes_and_functions_are_refused_by_name() {
    run(with_python(async |socket, python| {
        for (expression, name) in [
            ("os.system", "system"),
            ("eval", "eval"),
            ("functools.partial(print)", "functools.partial"),
            ("collections.OrderedDict()", "collections.OrderedDict"),
            ("[decimal.Decimal(1)]", "decimal.Decimal"),
            ("1j", "complex"),
            ("datetime.timezone.utc", "datetime.timezone"),
            ("{'type': set}", "builtins.set"),
        ] {
            for protocol in PROTOCOLS {
                python.send_pyobj(expression, protocol).await;
                let error = socket.recv_pyobj::<Value>().await.unwrap_err();
                let text = error.to_string();
                assert!(text.starts_with("the pickle names ") && text.contains(name), "{expression}: {text}");
                assert_eq!(error.code(), "EBADMSG");
            }
        }
        python.send_pyobj("'the next'", 4).await;
        assert_eq!(socket.recv_pyobj::<String>().await.unwrap(), "the next");
    }));
}

#[test]
fn what_is_no_pickle_or_no_data_is_refused_with_its_reason() {
    let table: &[(&[u8], &str)] = &[
        (b"cos\nsystem\n(S'true'\ntR.", "names os.system, which is not data"),
        (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94h\0h\x01\x93.", "names os.system"),
        (b"(S'true'\nios\nsystem\n.", "names os.system"),
        (b"(cbuiltins\nset\no.", "an object of a class"),
        (b"cbuiltins\nset\n)\x81.", "an object of a class"),
        (b"cbuiltins\nset\n)}\x92.", "an object of a class"),
        (b"}}b.", "an object of a class"),
        (b"\x82\x07.", "extension 7"),
        (b"\x83\x07\x01.", "extension 263"),
        (b"\x84\x07\0\0\0.", "extension 7"),
        (b"Pmine\n.", "persistent object mine"),
        (b"NQ.", "persistent object"),
        (b"\x97.", "buffer outside"),
        (b"K\x01)R.", "calls something"),
        (b"cbuiltins\nbytearray\n(I2000000000\ntR.", "calls builtins.bytearray as no data"),
        (b"c_codecs\nencode\n(Va\nVutf-7\ntR.", "calls _codecs.encode as no data"),
        (b"cdatetime\ndate\n(C\x04\x07\xe4\x0d\x01tR.", "calls datetime.date as no data"),
        (
            b"cdatetime\ntimedelta\n(L9999999999999999999999999999999999999L\nI0\nI0\ntR.",
            "calls datetime.timedelta",
        ),
        (b"(Nd.", "without a value"),
        (b")Na.", "takes no items"),
        (b"", "cut short"),
        (b".", "empty stack"),
        (b"N(a.", "empty stack"),
        (b"Nt.", "not begun"),
        (b"h\x07.", "does not have"),
        (b"Ng-1\n.", "does not have"),
        (b"N\xff.", "no opcode"),
        (b"\x80\x06N.", "protocol 6"),
        (b"X\xff\xff\xff\xffab.", "cut short"),
        (b"\x8e\xff\xff\xff\xff\xff\xff\xff\xffab.", "cut short"),
        (b"\x8b\xff\xff\xff\xff.", "negative length"),
        (b"\x8b\xff\xff\xff\x7f\x01.", "cut short"),
        (b"Ione\n.", "no number"),
        (b"F0x1\n.", "no number"),
        (b"X\x03\0\0\0\xed\xa0\x80.", "lone surrogates"),
        (b"V\\ud800\n.", "broken escape"),
        (b"V\\u+041\n.", "broken escape"),
        (b"S'\\x4'\n.", "broken escape"),
        (b"S'\\xff'\n.", "not ASCII"),
        (b"Sabc\n.", "quotes"),
        (b"S'\n.", "quotes"),
        (b"]q\0h\0a.", "contains itself"),
    ];
    for (octets, reason) in table.iter().copied() {
        let error = pickle::loads::<Value>(octets).unwrap_err();
        assert!(error.to_string().contains(reason), "{}: {error}", octets.escape_ascii());
        assert_eq!(error.code(), "EBADMSG");
    }
    let error = pickle::loads::<u8>(b"X\x01\0\0\0a.").unwrap_err().to_string();
    assert!(error.contains("does not hold what is asked for: invalid type: string"), "{error}");
}

#[test]
fn what_python_would_read_is_read() {
    assert_eq!(pickle::loads::<Option<u8>>(b"N.trailing"), Ok(None));
    assert_eq!(pickle::loads::<Vec<Vec<u8>>>(b"]2\x86."), Ok(vec![vec![], vec![]]));
    assert_eq!(pickle::loads::<u8>(b"K\x01(0."), Ok(1));
    assert_eq!(pickle::loads::<u8>(b"K\x01(NN1."), Ok(1));
    assert_eq!(
        pickle::loads::<String>(b"S'it\\'s \\x41\\t\\101\\\\\\q'\n."),
        Ok("it's A\tA\\\\q".to_owned())
    );
    assert_eq!(
        pickle::loads::<HashMap<String, u8>>(b"}(U\x01aK\x01U\x01aK\x02u."),
        Ok([("a".to_owned(), 2)].into())
    );
    assert_eq!(pickle::loads::<[i64; 3]>(b"\x8a\0\x8a\x03\xff\xff\xff\x8a\x20\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x87."), Ok([0, -1, 1]));
}

/// What is small must stay small, and what is deep must not end the process.
#[test]
fn bombs_are_refused() {
    let nested = |depth: usize| [b"]".repeat(depth), b"a".repeat(depth - 1), b".".to_vec()].concat();
    assert!(pickle::loads::<Value>(&nested(128)).is_ok());
    for depth in [130, 1_000_000] {
        let error = pickle::loads::<Value>(&nested(depth)).unwrap_err().to_string();
        assert!(error.contains("nested deeper than 128"), "{error}");
    }

    // 2 to the 100th times the same text.
    let mut shared = b"X\x01\0\0\0x".to_vec();
    for _ in 0..100 {
        shared.extend(b"2\x86");
    }
    shared.push(b'.');
    let error = pickle::loads::<Value>(&shared).unwrap_err().to_string();
    assert!(error.contains("too much of the same"), "{error}");

    // A gigabyte from copies, which calls make, and from references.
    for call in ["c_codecs\nencode\n(g0\nVlatin1\ntR", "g0\n"] {
        let pickle = format!("X\u{10}'\0\0{}p0\n({}t.", "x".repeat(10_000), call.repeat(100_000));
        let error = pickle::loads::<Vec<Value>>(pickle.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("too much of the same"), "{error}");
    }
}

proptest! {
    #[test]
    fn no_octets_harm(octets in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = pickle::loads::<Value>(&octets);
    }

    #[test]
    fn no_program_harms(codes in proptest::collection::vec(
        proptest::sample::select(b"(.012FGIJKLMNPRSTUVXabcdeghilopqrstu}])BC\0\x01\x02\n'\\\x8a\x8f\x85\x86\x87\x90\x91\x93\x94".to_vec()), 0..60)
    ) {
        let _ = pickle::loads::<Value>(&codes);
    }

    #[test]
    fn values_come_back(value: Chance) {
        prop_assert_eq!(pickle::loads::<Chance>(&pickle::dumps(&value).unwrap()).unwrap(), value);
    }
}

/// Something of everything.
type Chance =
    (i128, u128, f64, String, Vec<(bool, Option<i64>)>, BTreeMap<(char, Vec<u8>), Result<i8, String>>);
