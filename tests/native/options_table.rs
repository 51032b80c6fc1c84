//! Every option of every type of socket, against what libzmq itself answers in this very run: what can be set and
//! to what, what is refused, what is read at first and afterwards. Where we differ, options_differences.json says
//! why.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;
use zmq_wasm::native::{Context, OptionValue, Socket, SocketOption, SocketType};

use crate::peer::do_without;
use crate::support::run;

/// What tests/peers/options.mjs tells.
#[derive(Deserialize)]
struct Told {
    numbers: Vec<i64>,
    octets: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    r#type: String,
    option: i32,
    first: Read,
    numbers: Vec<Answer>,
    octets: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    error: i32,
    then: Option<Read>,
}

#[derive(Debug, Deserialize)]
struct Read {
    error: Option<i32>,
    number: Option<i64>,
    text: Option<String>,
}

#[derive(Deserialize)]
struct Difference {
    options: Vec<i32>,
    types: Option<Vec<String>>,
    values: Option<Vec<Value>>,
    lengths: Option<Vec<usize>>,
    only: Option<String>,
    why: String,
    #[serde(skip)]
    is_seen: Cell<bool>,
}

struct Table {
    differences: Vec<Difference>,
    wrong: Vec<String>,
}

impl Table {
    /// Whether it is written down that we answer otherwise: to this value, or to what is read when there is none.
    fn is_known(&self, row: &Row, value: Option<&Value>) -> bool {
        let mut is_known = false;
        for difference in self.differences.iter().filter(|it| it.options.contains(&row.option)) {
            let is_of = |types: &Vec<String>| types.contains(&row.r#type);
            let is_value = match (&difference.values, &difference.lengths) {
                (None, None) => true,
                (values, lengths) => value.is_some_and(|value| {
                    let length = value.as_str().map(str::len);
                    values.as_ref().is_some_and(|values| values.contains(value))
                        || lengths
                            .as_ref()
                            .is_some_and(|lengths| length.is_some_and(|it| lengths.contains(&it)))
                }),
            };
            if difference.types.as_ref().is_none_or(is_of) && is_value {
                difference.is_seen.set(true);
                is_known = true;
            }
        }
        is_known
    }

    fn compare_read(&mut self, socket: &Socket, row: &Row, theirs: &Read, after: &Value) {
        let ours = option(row.option).and_then(|option| socket.get(option).map_err(|error| error.errno()));
        let is_same = match &ours {
            Ok(OptionValue::Int(number)) => theirs.number == Some(*number),
            Ok(OptionValue::Bytes(octets)) => {
                theirs.text.as_ref().is_some_and(|text| text.as_bytes() == octets)
            }
            Err(error) => theirs.error == Some(*error),
        };
        if !is_same && !self.is_known(row, None) {
            self.wrong
                .push(format!("{} {}, read after {after}: {ours:?}, not {theirs:?}", row.r#type, row.option));
        }
    }

    /// Sets one value after the other. `are_refused`: because libzmq takes the four octets of a number for octets.
    fn compare(
        &mut self,
        socket: &Socket,
        row: &Row,
        values: &[Value],
        answers: &[Answer],
        are_refused: bool,
    ) {
        // Whether both have the same value: not after one of them took a value that the other refused.
        let mut is_same = true;
        for (value, theirs) in values.iter().zip(answers) {
            let expected = if are_refused { EINVAL } else { theirs.error };
            let set = |option| match value {
                Value::String(text) => socket.set(option, text.as_str()),
                number => socket.set(option, number.as_i64().expect("it is a number or a string")),
            };
            let ours = option(row.option).and_then(|option| set(option).map_err(|error| error.errno()));
            let ours = ours.map_or_else(|error| error, |()| 0);
            if ours != expected {
                is_same = false;
                if !self.is_known(row, Some(value)) {
                    let what = format!("{} {} = {value}", row.r#type, row.option);
                    self.wrong.push(format!("{what}: {ours}, not {expected}"));
                }
            } else if ours == 0 {
                is_same = true;
            }
            if let Some(then) = theirs.then.as_ref().filter(|_| is_same && !are_refused) {
                self.compare_read(socket, row, then, value);
            }
        }
    }
}

const EINVAL: i32 = 22;

fn option(number: i32) -> Result<SocketOption, i32> {
    SocketOption::from_number(number).ok_or(EINVAL)
}

fn told() -> Option<Told> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/options.mjs");
    let output = match Command::new("node").arg("--no-warnings").arg(&script).output() {
        Ok(output) if output.status.success() => output,
        failed => {
            do_without(script, &format!("{failed:?}"));
            return None;
        }
    };
    Some(serde_json::from_slice(&output.stdout).expect("it tells JSON"))
}

#[test]
fn options_are_as_libzmq_has_them() {
    run(async {
        let Some(told) = told() else { return };
        let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/options_differences.json");
        let written = fs::read_to_string(written).unwrap();
        let mut differences: Vec<Difference> = serde_json::from_str(&written).unwrap();
        differences.retain(|difference| difference.only.as_deref() != Some("web"));
        let mut table = Table { differences, wrong: Vec::new() };
        let numbers: Vec<Value> = told.numbers.into_iter().map(Value::from).collect();
        let octets: Vec<Value> = told.octets.into_iter().map(Value::from).collect();
        for row in &told.rows {
            let Some(kind) = SocketType::from_name(row.r#type.as_bytes()) else { continue };
            let context = Context::new();
            let sockets = [(); 2].map(|()| context.socket(kind).unwrap());
            table.compare_read(&sockets[0], row, &row.first, &Value::Null);
            let takes_octets = row.octets.iter().any(|answer| answer.error == 0);
            table.compare(&sockets[0], row, &numbers, &row.numbers, takes_octets);
            table.compare(&sockets[1], row, &octets, &row.octets, false);
            context.destroy(Some(std::time::Duration::ZERO)).await;
        }
        assert!(table.wrong.is_empty(), "{}", table.wrong.join("\n"));
        let unseen = table.differences.iter().filter(|difference| !difference.is_seen.get());
        assert_eq!(unseen.map(|difference| &difference.why).collect::<Vec<_>>(), [] as [&String; 0]);
    });
}
