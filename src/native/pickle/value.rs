//! A pickle's values for serde.

use std::cell::Cell;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::names::refuse;
use super::node::{Id, Node};
use super::reader::nodes;
use super::source::{Read, Unreadable, unreadable};

/// As deep as serde_json goes.
const DEEPEST: u8 = 128;

/// What a value costs beside its octets, roughly.
const VALUE: usize = 16;
const SMALLEST_BUDGET: usize = 16 << 20;

pub(super) fn read<T: DeserializeOwned>(octets: &[u8]) -> Read<T> {
    let (nodes, root) = nodes(octets)?;
    let budget = Cell::new(SMALLEST_BUDGET.saturating_add(octets.len().saturating_mul(VALUE)));
    T::deserialize(Value { nodes: &nodes, budget: &budget, id: root, depth: 0 })
}

#[derive(Clone, Copy)]
struct Value<'a> {
    nodes: &'a [Node<'a>],
    /// What may still be handed out: values that are referred to often count as often.
    budget: &'a Cell<usize>,
    id: Id,
    depth: u8,
}

impl<'a> Value<'a> {
    fn node(self) -> &'a Node<'a> {
        &self.nodes[self.id as usize]
    }

    /// The value, paid for.
    fn take(self) -> Read<&'a Node<'a>> {
        let node = self.node();
        let octets = match node {
            Node::Str(text) => text.len(),
            Node::Bytes(octets) => octets.len(),
            _ => 0,
        };
        match self.budget.get().checked_sub(octets.saturating_add(VALUE)) {
            Some(left) => self.budget.set(left),
            None => return unreadable("the pickle makes too much of the same"),
        }
        Ok(node)
    }

    /// What is inside of this value.
    fn inner(self) -> Read<impl Fn(&'a Id) -> Self> {
        if self.depth == DEEPEST {
            return unreadable(format!(
                "the pickle is nested deeper than {DEEPEST} times, or contains itself"
            ));
        }
        Ok(move |id: &'a Id| Value { id: *id, depth: self.depth + 1, ..self })
    }

    fn seq<'de, V: Visitor<'de>>(self, items: &'a [Id], visitor: V) -> Read<V::Value> {
        let mut items = SeqDeserializer::new(items.iter().map(self.inner()?));
        let value = visitor.visit_seq(&mut items)?;
        items.end()?;
        Ok(value)
    }

    fn map<'de>(
        self,
        items: &'a [(Id, Id)],
    ) -> Read<MapDeserializer<'de, impl Iterator<Item = (Self, Self)>, Unreadable>> {
        let inner = self.inner()?;
        Ok(MapDeserializer::new(items.iter().map(move |(key, value)| (inner(key), inner(value)))))
    }
}

impl<'de> IntoDeserializer<'de, Unreadable> for Value<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Unreadable;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.take()? {
            Node::None => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(*value),
            Node::Int(value) => match (i64::try_from(*value), u64::try_from(*value)) {
                (Ok(value), _) => visitor.visit_i64(value),
                (_, Ok(value)) => visitor.visit_u64(value),
                _ => visitor.visit_i128(*value),
            },
            Node::Unsigned(value) => visitor.visit_u128(*value),
            Node::Larger => Err(Unreadable::custom("an int of more than 128 bits")),
            Node::Float(value) => visitor.visit_f64(*value),
            Node::Str(text) => visitor.visit_str(text),
            Node::Bytes(octets) => visitor.visit_bytes(octets),
            Node::List(items) | Node::Tuple(items) | Node::Set(items) => self.seq(items, visitor),
            Node::Dict(items) => visitor.visit_map(self.map(items)?),
            Node::Delta(microseconds) => visitor.visit_f64(*microseconds as f64 / 1e6),
            Node::Zone(_) => refuse("datetime.timezone"),
            Node::Name(name) => refuse(&name.text()),
        }
    }

    /// Octets are a sequence too, for who asks for one.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.node() {
            Node::Bytes(octets) => {
                self.take()?;
                visitor.visit_seq(SeqDeserializer::new(octets.iter().copied()))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Read<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        match self.node() {
            Node::None => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        match self.take()? {
            Node::Str(variant) => visitor.visit_enum((**variant).into_deserializer()),
            Node::Dict(items) if items.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(self.map(items)?))
            }
            _ => Err(Unreadable::custom("an enum is a str, or a dict of one item")),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple_struct map
        struct identifier
    }
}
