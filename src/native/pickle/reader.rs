//! Reads pickles: a machine with a stack, as Python's, but one that can only make data. It never calls itself, and an
//! operation makes nothing larger than what it reads or takes.

use std::collections::HashMap;

use super::names::{Name, refuse};
use super::node::{Id, Node};
use super::source::{Int, Read, Source, unreadable};
use super::text::{ascii, unescaped, unquoted, utf8};

/// All values of a pickle, and which of them it holds.
pub(super) fn nodes(octets: &[u8]) -> Read<(Vec<Node<'_>>, Id)> {
    let machine = Machine {
        length: octets.len(),
        source: Source::new(octets),
        nodes: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        copied: 0,
    };
    machine.run()
}

struct Machine<'a> {
    length: usize,
    source: Source<'a>,
    nodes: Vec<Node<'a>>,
    stack: Vec<Id>,
    /// How high the stack was at each MARK: what lies below the last is out of reach.
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
    /// Items and octets that calls were given to copy.
    copied: usize,
}

impl<'a> Machine<'a> {
    fn run(mut self) -> Read<(Vec<Node<'a>>, Id)> {
        loop {
            let code = self.source.u8()?;
            if code == b'.' {
                let root = self.pop()?;
                return Ok((self.nodes, root));
            }
            self.operate(code)?;
        }
    }

    /// Executes one operation. Their names are Python's, in the order of its pickletools.
    fn operate(&mut self, code: u8) -> Read<()> {
        match code {
            // INT, BININT, BININT1, BININT2, LONG, LONG1, LONG4
            b'I' => {
                let node = match self.source.line()? {
                    b"00" => Node::Bool(false),
                    b"01" => Node::Bool(true),
                    line => Source::decimal(line)?.into(),
                };
                self.push(node)
            }
            b'J' => self.int(|source| source.i32().map(i128::from)),
            b'K' => self.int(|source| source.u8().map(i128::from)),
            b'M' => self.int(|source| source.u16().map(i128::from)),
            b'L' => {
                let int = Source::decimal(self.source.line()?)?;
                self.push(int.into())
            }
            0x8a => {
                let length = self.source.u8()?;
                let int = self.source.long(length.into())?;
                self.push(int.into())
            }
            0x8b => {
                let Ok(length) = u64::try_from(self.source.i32()?) else {
                    return unreadable("the pickle has an int of negative length");
                };
                let int = self.source.long(length)?;
                self.push(int.into())
            }
            // STRING, BINSTRING, SHORT_BINSTRING
            b'S' => {
                let text = unquoted(self.source.line()?)?;
                self.push(Node::Str(text.into()))
            }
            b'T' => self.str(|source| source.u32().map(u64::from), ascii),
            b'U' => self.str(|source| source.u8().map(u64::from), ascii),
            // BINBYTES, SHORT_BINBYTES, BINBYTES8, BYTEARRAY8
            b'B' => self.bytes(|source| source.u32().map(u64::from)),
            b'C' => self.bytes(|source| source.u8().map(u64::from)),
            0x8e | 0x96 => self.bytes(Source::u64),
            // NEXT_BUFFER, READONLY_BUFFER
            0x97 | 0x98 => unreadable("the pickle refers to a buffer outside of it"),
            // NONE, NEWTRUE, NEWFALSE
            b'N' => self.push(Node::None),
            0x88 => self.push(Node::Bool(true)),
            0x89 => self.push(Node::Bool(false)),
            // UNICODE, SHORT_BINUNICODE, BINUNICODE, BINUNICODE8
            b'V' => {
                let text = unescaped(self.source.line()?)?;
                self.push(Node::Str(text.into()))
            }
            0x8c => self.str(|source| source.u8().map(u64::from), utf8),
            b'X' => self.str(|source| source.u32().map(u64::from), utf8),
            0x8d => self.str(Source::u64, utf8),
            // FLOAT, BINFLOAT
            b'F' => {
                let float = self.source.float()?;
                self.push(Node::Float(float))
            }
            b'G' => {
                let float = self.source.f64()?;
                self.push(Node::Float(float))
            }
            // EMPTY_LIST, APPEND, APPENDS, LIST
            b']' => self.push(Node::List(Vec::new())),
            b'a' => {
                let item = self.pop()?;
                self.add(vec![item])
            }
            b'e' | 0x90 => {
                let items = self.pop_mark()?;
                self.add(items)
            }
            b'l' => {
                let items = self.pop_mark()?;
                self.push(Node::List(items))
            }
            // EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3
            b')' => self.push(Node::Tuple(Vec::new())),
            b't' => {
                let items = self.pop_mark()?;
                self.push(Node::Tuple(items))
            }
            0x85..=0x87 => {
                let mut items = (0x85..=code).map(|_| self.pop()).collect::<Read<Vec<Id>>>()?;
                items.reverse();
                self.push(Node::Tuple(items))
            }
            // EMPTY_DICT, DICT, SETITEM, SETITEMS
            b'}' => self.push(Node::Dict(Vec::new())),
            b'd' => {
                let items = self.pop_mark()?;
                self.push(Node::Dict(pairs(&items)?))
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set(vec![(key, value)])
            }
            b'u' => {
                let items = self.pop_mark()?;
                self.set(pairs(&items)?)
            }
            // EMPTY_SET (ADDITEMS is with APPENDS), FROZENSET
            0x8f => self.push(Node::Set(Vec::new())),
            0x91 => {
                let items = self.pop_mark()?;
                self.push(Node::Set(items))
            }
            // POP, DUP, MARK, POP_MARK
            b'0' if self.is_bare() && !self.marks.is_empty() => self.pop_mark().map(drop),
            b'0' => self.pop().map(drop),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
                Ok(())
            }
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            b'1' => self.pop_mark().map(drop),
            // GET, BINGET, LONG_BINGET, PUT, BINPUT, LONG_BINPUT, MEMOIZE
            b'g' => {
                let place = self.place()?;
                self.get(place)
            }
            b'h' => {
                let place = self.source.u8()?;
                self.get(place.into())
            }
            b'j' => {
                let place = self.source.u32()?;
                self.get(place.into())
            }
            b'p' => {
                let place = self.place()?;
                self.put(place)
            }
            b'q' => {
                let place = self.source.u8()?;
                self.put(place.into())
            }
            b'r' => {
                let place = self.source.u32()?;
                self.put(place.into())
            }
            0x94 => self.put(self.memo.len() as u64),
            // EXT1, EXT2, EXT4
            0x82 => refuse(&format!("extension {}", self.source.u8()?)),
            0x83 => refuse(&format!("extension {}", self.source.u16()?)),
            0x84 => refuse(&format!("extension {}", self.source.i32()?)),
            // GLOBAL, STACK_GLOBAL, REDUCE, BUILD, INST, OBJ, NEWOBJ, NEWOBJ_EX
            b'c' => {
                let (module, name) = (utf8(self.source.line()?)?, utf8(self.source.line()?)?);
                self.push(Node::Name(Name::find(module, name)?))
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Node::Str(module), Node::Str(name)) = (self.node(module), self.node(name)) else {
                    return unreadable("the pickle names something by no text");
                };
                let name = Name::find(module, name)?;
                self.push(Node::Name(name))
            }
            b'R' => self.reduce(),
            b'i' => {
                let (module, name) = (utf8(self.source.line()?)?, utf8(self.source.line()?)?);
                refuse(&format!("{module}.{name}"))
            }
            b'b' | b'o' | 0x81 | 0x92 => {
                unreadable("the pickle makes an object of a class, which is not data")
            }
            // PROTO, FRAME
            0x80 => match self.source.u8()? {
                0..=5 => Ok(()),
                later => unreadable(format!("the pickle is of protocol {later}; known are 0 to 5")),
            },
            0x95 => self.source.u64().map(drop),
            // PERSID, BINPERSID
            b'P' => {
                refuse(&format!("the persistent object {}", String::from_utf8_lossy(self.source.line()?)))
            }
            b'Q' => refuse("a persistent object"),
            other => unreadable(format!("octet {other:#04x} of the pickle is no opcode")),
        }
    }

    fn node(&self, id: Id) -> &Node<'a> {
        &self.nodes[id as usize]
    }

    fn push(&mut self, node: Node<'a>) -> Read<()> {
        let Ok(id) = Id::try_from(self.nodes.len()) else {
            return unreadable("the pickle has too many values");
        };
        self.nodes.push(node);
        self.stack.push(id);
        Ok(())
    }

    fn int(&mut self, read: impl FnOnce(&mut Source<'a>) -> Read<i128>) -> Read<()> {
        let int = read(&mut self.source)?;
        self.push(Node::Int(int))
    }

    fn str(
        &mut self,
        length: impl FnOnce(&mut Source<'a>) -> Read<u64>,
        decode: fn(&[u8]) -> Read<&str>,
    ) -> Read<()> {
        let length = length(&mut self.source)?;
        let text = decode(self.source.take(length)?)?;
        self.push(Node::Str(text.into()))
    }

    fn bytes(&mut self, length: impl FnOnce(&mut Source<'a>) -> Read<u64>) -> Read<()> {
        let length = length(&mut self.source)?;
        let octets = self.source.take(length)?;
        self.push(Node::Bytes(octets.into()))
    }

    fn is_bare(&self) -> bool {
        self.stack.len() == self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Read<Id> {
        match self.stack.last() {
            Some(id) if !self.is_bare() => Ok(*id),
            _ => unreadable("the pickle takes from an empty stack"),
        }
    }

    fn pop(&mut self) -> Read<Id> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    /// All above the last MARK.
    fn pop_mark(&mut self) -> Read<Vec<Id>> {
        match self.marks.pop() {
            Some(mark) => Ok(self.stack.split_off(mark)),
            None => unreadable("the pickle ends a list that it has not begun"),
        }
    }

    /// Adds to the list or set on top.
    fn add(&mut self, items: Vec<Id>) -> Read<()> {
        let top = self.top()?;
        let (Node::List(known) | Node::Set(known)) = &mut self.nodes[top as usize] else {
            return unreadable("the pickle adds to something that takes no items");
        };
        known.extend(items);
        Ok(())
    }

    /// Adds to the dict on top.
    fn set(&mut self, items: Vec<(Id, Id)>) -> Read<()> {
        let top = self.top()?;
        let Node::Dict(known) = &mut self.nodes[top as usize] else {
            return unreadable("the pickle adds to something that takes no items");
        };
        known.extend(items);
        Ok(())
    }

    fn place(&mut self) -> Read<u64> {
        match Source::decimal(self.source.line()?)? {
            Int::Signed(place) => u64::try_from(place)
                .or_else(|_| unreadable("the pickle refers to something that it does not have")),
            _ => unreadable("the pickle refers to something that it does not have"),
        }
    }

    fn put(&mut self, place: u64) -> Read<()> {
        let top = self.top()?;
        self.memo.insert(place, top);
        Ok(())
    }

    fn get(&mut self, place: u64) -> Read<()> {
        match self.memo.get(&place) {
            Some(id) => {
                self.stack.push(*id);
                Ok(())
            }
            None => unreadable("the pickle refers to something that it does not have"),
        }
    }

    fn reduce(&mut self) -> Read<()> {
        let (args, callee) = (self.pop()?, self.pop()?);
        let (Node::Name(name), Node::Tuple(args)) = (self.node(callee), self.node(args)) else {
            return unreadable("the pickle calls something that is not data");
        };
        let args: Vec<&Node<'a>> = args.iter().take(4).map(|id| self.node(*id)).collect();
        // Who is honest makes something of an item once, or of bytes twice: first those and then a bytearray.
        let copied = self.copied
            + match args.first() {
                Some(Node::List(items)) => items.len(),
                Some(Node::Str(text)) => text.len(),
                Some(Node::Bytes(octets)) => octets.len(),
                _ => 0,
            };
        if copied > self.length * 2 {
            return unreadable("the pickle makes too much of the same");
        }
        let made = match name.call(&args) {
            Some(made) => made,
            None => return unreadable(format!("the pickle calls {} as no data is made", name.text())),
        };
        self.copied = copied;
        self.push(made)
    }
}

/// Each two as key and value.
fn pairs(items: &[Id]) -> Read<Vec<(Id, Id)>> {
    let (pairs, rest) = items.as_chunks::<2>();
    if !rest.is_empty() {
        return unreadable("the pickle has a key without a value");
    }
    Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
}
