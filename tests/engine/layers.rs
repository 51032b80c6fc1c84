//! Who may know whom: the import directions of the design, read from the sources.
//!
//! `web`, `native` → `engine` → `pattern`, `wire` → `message` → `payload`; what is small and knows nobody
//! lies under all. Below the two shells nothing names a runtime, a clock or the platform, and only `lib.rs`
//! asks for the target, but for what `PLATFORM` lists. Any may ask whether there is security: what is only for it costs a
//! page nothing.

use std::fs;
use std::path::Path;

/// What lies under all.
const UNDER: [&str; 9] =
    ["arena", "endpoint", "error", "options", "socket_type", "sorted", "text", "time", "z85"];

/// The layers above: each may import itself, those named here, and what lies under all.
const LAYERS: [(&str, &[&str]); 7] = [
    ("web", &["engine", "message", "payload", "wire"]),
    ("native", &["engine", "message", "payload", "wire"]),
    ("engine", &["message", "pattern", "payload", "wire"]),
    ("pattern", &["message", "payload"]),
    ("wire", &["message", "payload"]),
    ("message", &["payload"]),
    ("payload", &[]),
];

const SHELLS: [&str; 2] = ["web", "native"];

/// Names that have no place below the shells: runtimes, shared ownership, wakers, clocks, I/O.
const FOREIGN: [&str; 9] = [
    "Rc",
    "SystemTime",
    "Waker",
    "js_sys",
    "tokio",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "web_sys",
    "serde",
];
const FOREIGN_OF_STD: [&str; 8] = ["fs", "io", "net", "rc", "sync", "task", "thread", "time"];

/// What a condition of `cfg` may name outside `lib.rs`.
const HARMLESS: [&str; 6] = ["all", "any", "debug_assertions", "not", "security", "test"];

/// The one feature that is no shell's, and the word of `HARMLESS` for it.
const SECURITY: (&str, &str) = ("feature = \"security\"", "security");

/// What a file may ask of the platform or the features, where a whole module hangs on it.
const PLATFORM: [(&str, &str); 4] = [
    ("native/mod.rs", "unix"),
    ("native/tcp/mod.rs", "target_os"),
    ("web/mod.rs", "feature"),
    ("wire/mechanism/secure/curve/mod.rs", "target_arch"),
];

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Mark(char),
}

/// The words and marks of a source, without comments, strings and characters.
fn tokens(source: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let hashes = rest.trim_start_matches(['b', 'r']).chars().take_while(|&c| c == '#').count();
        let raw = ["r", "br"].iter().any(|p| rest.starts_with(&[p, &"#".repeat(hashes)[..], "\""].concat()));
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if raw {
            let end = ["\"", &"#".repeat(hashes)].concat();
            let open = rest.find('"').expect("a raw string begins so") + 1;
            rest[open..].find(&end).map_or(rest.len(), |at| open + at + end.len())
        } else if first == '"' {
            quoted(rest, '"')
        } else if first == '\'' {
            let is_char = rest[1..].starts_with('\\') || rest[1..].chars().nth(1) == Some('\'');
            if is_char { quoted(rest, '\'') } else { 1 }
        } else if is_word(first) {
            let word: String = rest.chars().take_while(|&c| is_word(c)).collect();
            let length = word.len();
            found.push(Token::Word(word));
            length
        } else {
            if !first.is_whitespace() {
                found.push(Token::Mark(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

/// The length of what is quoted, quotes and all.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

fn word(token: Option<&Token>) -> Option<&str> {
    if let Some(Token::Word(word)) = token { Some(word) } else { None }
}

fn is_path(tokens: &[Token], at: usize) -> bool {
    tokens.get(at..at + 2) == Some(&[Token::Mark(':'), Token::Mark(':')])
}

/// What a path goes on with behind its `::`: one name, or those of a group in braces.
fn heads(tokens: &[Token], at: usize) -> Vec<String> {
    match tokens.get(at) {
        Some(Token::Word(word)) => vec![word.clone()],
        Some(Token::Mark('{')) => {
            let (mut depth, mut begins, mut found) = (0, true, Vec::new());
            for token in &tokens[at..] {
                match token {
                    Token::Mark('{') => (depth, begins) = (depth + 1, depth == 0),
                    Token::Mark('}') if depth == 1 => break,
                    Token::Mark('}') => depth -= 1,
                    Token::Mark(',') => begins = depth == 1,
                    Token::Word(word) if begins => {
                        found.push(word.clone());
                        begins = false;
                    }
                    _ => begins = false,
                }
            }
            found
        }
        _ => vec!["*".to_owned()],
    }
}

/// The idents in the parentheses that open at `at`: all, or those before the first comma.
fn in_parentheses(tokens: &[Token], at: usize, all: bool) -> Vec<String> {
    let (mut depth, mut found) = (0, Vec::new());
    for token in tokens.get(at..).unwrap_or_default() {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') if depth == 1 => break,
            Token::Mark(')') => depth -= 1,
            Token::Mark(',') if depth == 1 && !all => break,
            Token::Word(word) if depth > 0 => found.push(word.clone()),
            _ if depth == 0 => break,
            _ => {}
        }
    }
    found
}

/// What is wrong with a source, by its path under `src/`.
fn violations(path: &str, source: &str) -> Vec<String> {
    let module: Vec<&str> = path.trim_end_matches(".rs").split('/').filter(|&name| name != "mod").collect();
    let layer = module[0];
    let is_root = path == "lib.rs";
    let known = LAYERS.iter().find(|(name, _)| *name == layer);
    if !is_root && known.is_none() && !UNDER.contains(&layer) {
        return vec![format!("{path}: the design knows no module `{layer}`")];
    }
    let may_import = |target: &str| {
        target == layer || UNDER.contains(&target) || known.is_some_and(|(_, below)| below.contains(&target))
    };
    let tokens = tokens(&source.replace(SECURITY.0, SECURITY.1));
    let mut found = Vec::new();
    // The modules within the file that are open here, and how deep their braces are.
    let (mut depth, mut inner) = (0, Vec::new());
    let mut at = 0;
    while at < tokens.len() {
        let mut imports = Vec::new();
        match &tokens[at] {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => {
                depth -= 1;
                inner.retain(|&opened| opened <= depth);
            }
            Token::Word(name) if name == "mod" && tokens.get(at + 2) == Some(&Token::Mark('{')) => {
                inner.push(depth + 1);
            }
            Token::Word(name) if name == "crate" && is_path(&tokens, at + 1) => {
                imports = heads(&tokens, at + 3)
            }
            Token::Word(name) if name == "super" && is_path(&tokens, at + 1) => {
                let mut up = 1;
                while word(tokens.get(at + 3)) == Some("super") && is_path(&tokens, at + 4) {
                    (up, at) = (up + 1, at + 3);
                }
                match (module.len() + inner.len()).checked_sub(up) {
                    None | Some(0) => imports = heads(&tokens, at + 3),
                    Some(_) => {}
                }
            }
            Token::Word(name) if name.starts_with("cfg") && !is_root => {
                let open = at + 1 + usize::from(tokens.get(at + 1) == Some(&Token::Mark('!')));
                let asked = in_parentheses(&tokens, open, name != "cfg_attr");
                let may_ask = |name: &str| HARMLESS.contains(&name) || PLATFORM.contains(&(path, name));
                let gates = asked.into_iter().filter(|name| !may_ask(name));
                found.extend(gates.map(|name| format!("{path}: only lib.rs may ask for `{name}`")));
            }
            Token::Word(name) if !is_root && !SHELLS.contains(&layer) => {
                if FOREIGN.contains(&&name[..]) {
                    found.push(format!("{path}: `{name}` has no place below the shells"));
                }
                if name == "std" && is_path(&tokens, at + 1) {
                    let foreign =
                        heads(&tokens, at + 3).into_iter().filter(|n| FOREIGN_OF_STD.contains(&&n[..]));
                    found
                        .extend(foreign.map(|n| format!("{path}: `std::{n}` has no place below the shells")));
                }
            }
            _ => {}
        }
        if !is_root {
            // The shells may name what the crate's root exports: it is what their users see.
            let is_export = |name: &str| SHELLS.contains(&layer) && name.starts_with(char::is_uppercase);
            let wrong = imports.into_iter().filter(|target| !may_import(target) && !is_export(target));
            found.extend(wrong.map(|target| format!("{path}: `{layer}` may not import `{target}`")));
        }
        at += 1;
    }
    found
}

/// Calls `visit` with the path and the text of every Rust source under `folder`.
fn for_each_source(folder: &Path, root: &Path, visit: &mut dyn FnMut(&str, &str)) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            for_each_source(&path, root, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).expect("it is below").to_str().expect("it is UTF-8");
            visit(&name.replace('\\', "/"), &fs::read_to_string(&path).expect("it can be read"));
        }
    }
}

#[test]
fn no_import_goes_the_wrong_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut layers) = (Vec::new(), std::collections::BTreeSet::new());
    for_each_source(&root, &root, &mut |path, source| {
        found.extend(violations(path, source));
        layers.insert(path.split(['/', '.']).next().unwrap_or_default().to_owned());
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
    for layer in ["engine", "message", "pattern", "payload", "wire"] {
        assert!(layers.contains(layer), "there is no `{layer}` to check");
    }
}

#[test]
fn the_checker_finds_every_wrong_arrow() {
    let wrong = [
        ("pattern/req.rs", "use crate::wire::zmtp;", "may not import `wire`"),
        ("pattern/req.rs", "use crate::{arena::PipeId, engine::Engine};", "may not import `engine`"),
        ("pattern/mod.rs", "use super::engine::Engine;", "may not import `engine`"),
        ("pattern/req.rs", "use super::super::wire;", "may not import `wire`"),
        ("pattern/req.rs", "mod tests { use super::super::super::wire; }", "may not import `wire`"),
        ("wire/zmtp.rs", "fn f(_: crate::engine::Engine) {}", "may not import `engine`"),
        ("wire/mechanism/null.rs", "use crate::pattern::Core;", "may not import `pattern`"),
        ("message.rs", "use crate::wire;", "may not import `wire`"),
        ("payload.rs", "use crate::message::Frame;", "may not import `message`"),
        ("error.rs", "use crate::payload::Payload;", "may not import `payload`"),
        ("engine/mod.rs", "use crate::native::Socket;", "may not import `native`"),
        ("engine/mod.rs", "use crate::Frame;", "may not import `Frame`"),
        ("engine/mod.rs", "use crate::*;", "may not import `*`"),
        ("web/mod.rs", "use crate::native::Socket;", "may not import `native`"),
        ("native/mod.rs", "use crate::{Frame, pattern::Core};", "may not import `pattern`"),
        ("engine/mod.rs", "use std::rc::Rc;", "`Rc` has no place"),
        ("engine/mod.rs", "use std::{time::Duration, vec};", "`std::time` has no place"),
        ("wire/zmtp.rs", "let now = std::time::Instant::now();", "`std::time` has no place"),
        ("pattern/pair.rs", "use core::task::Waker;", "`Waker` has no place"),
        ("time.rs", "use web_sys::Performance;", "`web_sys` has no place"),
        ("options.rs", "tokio::spawn(f);", "`tokio` has no place"),
        (
            "engine/mod.rs",
            "#[cfg(target_arch = \"wasm32\")] fn f() {}",
            "only lib.rs may ask for `target_arch`",
        ),
        ("web/mod.rs", "if cfg!(unix) {}", "only lib.rs may ask for `unix`"),
        ("native/mod.rs", "#[cfg(all(test, feature = \"native\"))]", "only lib.rs may ask for `feature`"),
        ("wire/zws.rs", "#[cfg(feature = \"native\")]", "only lib.rs may ask for `feature`"),
        ("wire/zws.rs", "#[cfg_attr(windows, inline)]", "only lib.rs may ask for `windows`"),
        ("wire/zws.rs", "#[cfg_attr(not(windows), inline)]", "only lib.rs may ask for `windows`"),
        ("extra.rs", "", "knows no module `extra`"),
    ];
    for (path, source, expected) in wrong {
        let found = violations(path, source);
        assert!(found.iter().any(|one| one.contains(expected)), "{path}: {source}: {found:?}");
    }
}

#[test]
fn the_checker_leaves_what_is_right() {
    let right = [
        ("engine/mod.rs", "use crate::pattern::{Core, Pattern}; use crate::wire::zmtp::Greeting;"),
        ("engine/close.rs", "use super::{Engine, link::Phase}; pub(crate) fn f() {} pub(super) fn g() {}"),
        ("pattern/pair.rs", "use super::core::Core; use crate::message::Message; use core::time::Duration;"),
        ("wire/mechanism/null.rs", "use crate::wire::command::Command; mod tests { use super::*; }"),
        ("message.rs", "use crate::payload::Payload; #[cfg(test)] mod tests { use super::*; }"),
        ("error.rs", "// use crate::engine;\n/* tokio */ const A: &str = \"crate::engine \\\" Rc\";"),
        (
            "error.rs",
            "const B: char = '\"'; const C: char = '\\''; // use crate::engine;\nuse crate::time::Instant;",
        ),
        ("error.rs", "const A: &str = r#\"tokio \" Rc\"#; fn f<'a>(_: &'a str) {} // crate::wire"),
        ("web/mod.rs", "use crate::{Frame, Message}; use std::rc::Rc; use wasm_bindgen::prelude::*;"),
        ("native/mod.rs", "use crate::engine::Engine; use tokio::net::TcpStream; use super::Instant;"),
        ("native/mod.rs", "#[cfg_attr(not(unix), path = \"elsewhere.rs\")] mod ipc;"),
        ("lib.rs", "#[cfg(feature = \"native\")] pub mod native; pub use crate::engine::Engine;"),
        ("wire/zws.rs", "#[cfg_attr(test, derive(Debug))] #[cfg(not(test))]"),
    ];
    for (path, source) in right {
        assert_eq!(violations(path, source), Vec::<String>::new(), "{path}: {source}");
    }
}
