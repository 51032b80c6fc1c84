//! Writes what serde serialises as a pickle of protocol 4.

use std::fmt;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// Why Python has no such value.
#[derive(Debug)]
pub(super) struct Unwritable(pub(super) &'static str);

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Unwritable {}

impl Error for Unwritable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self("the value can't be written as a pickle")
    }
}

type Written<T = ()> = Result<T, Unwritable>;

pub(super) fn write<T: Serialize + ?Sized>(value: &T) -> Written<Vec<u8>> {
    let mut writer = Writer { octets: vec![PROTO, 4], keys: 0 };
    value.serialize(&mut writer)?;
    writer.octets.push(b'.'); // STOP
    Ok(writer.octets)
}

const PROTO: u8 = 0x80;
const MARK: u8 = b'(';
const EMPTY_DICT: u8 = b'}';
const EMPTY_LIST: u8 = b']';

// How what begins with MARK ends: APPENDS, TUPLE, SETITEMS; and as the only item of a dict, with SETITEM.
const LIST: &[u8] = b"e";
const TUPLE: &[u8] = b"t";
const DICT: &[u8] = b"u";
const TUPLE_OF_VARIANT: &[u8] = b"ts";
const DICT_OF_VARIANT: &[u8] = b"us";

struct Writer {
    octets: Vec<u8>,
    /// In how many keys this is, one in the other: there, Python needs what it can hash.
    keys: usize,
}

impl Writer {
    /// An int of up to 128 bits, in two's complement with its sign in an octet more.
    fn int(&mut self, image: [u8; 17]) -> Written {
        let sign = image[16];
        let mut length = 17;
        // An octet is needed as long as it differs from the sign, or hides it.
        while length > 1 && image[length - 1] == sign && (image[length - 2] ^ sign) < 0x80 {
            length -= 1;
        }
        match (length, sign, image) {
            (1, 0, [value, ..]) | (2, 0, [value, 0, ..]) => self.octets.extend([b'K', value]),
            (2 | 3, 0, [low, high, 0, ..]) => self.octets.extend([b'M', low, high]),
            (1..=4, ..) => {
                self.octets.push(b'J');
                self.octets.extend_from_slice(&image[..4]);
            }
            _ => {
                self.octets.extend([0x8a, length as u8]);
                self.octets.extend_from_slice(&image[..length]);
            }
        }
        Ok(())
    }

    /// Opcodes for lengths of one, four and eight octets, and what is so long.
    fn sized(&mut self, [short, middle, long]: [u8; 3], octets: &[u8]) {
        if let Ok(length) = u8::try_from(octets.len()) {
            self.octets.extend([short, length]);
        } else if let Ok(length) = u32::try_from(octets.len()) {
            self.octets.push(middle);
            self.octets.extend(length.to_le_bytes());
        } else {
            self.octets.push(long);
            self.octets.extend((octets.len() as u64).to_le_bytes());
        }
        self.octets.extend_from_slice(octets);
    }

    fn text(&mut self, text: &str) {
        self.sized([0x8c, b'X', 0x8d], text.as_bytes());
    }

    fn begin(&mut self, codes: &[u8], end: &'static [u8]) -> Items<'_> {
        self.octets.extend_from_slice(codes);
        Items { writer: self, end }
    }

    fn begin_dict(&mut self, end: &'static [u8]) -> Written<Items<'_>> {
        if self.keys > 0 {
            return Err(Unwritable("a map can't be a key in Python"));
        }
        Ok(self.begin(&[EMPTY_DICT, MARK], end))
    }

    /// `{variant: …`, to be ended by SETITEM.
    fn variant(&mut self, variant: &str) -> Written {
        if self.keys > 0 {
            return Err(Unwritable("an enum with a value can't be a key in Python"));
        }
        self.octets.push(EMPTY_DICT);
        self.text(variant);
        Ok(())
    }
}

impl<'w> Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Items<'w>;
    type SerializeTuple = Items<'w>;
    type SerializeTupleStruct = Items<'w>;
    type SerializeTupleVariant = Items<'w>;
    type SerializeMap = Items<'w>;
    type SerializeStruct = Items<'w>;
    type SerializeStructVariant = Items<'w>;

    fn serialize_bool(self, value: bool) -> Written {
        self.octets.push(if value { 0x88 } else { 0x89 });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Written {
        self.serialize_i128(value.into())
    }

    fn serialize_i16(self, value: i16) -> Written {
        self.serialize_i128(value.into())
    }

    fn serialize_i32(self, value: i32) -> Written {
        self.serialize_i128(value.into())
    }

    fn serialize_i64(self, value: i64) -> Written {
        self.serialize_i128(value.into())
    }

    fn serialize_i128(self, value: i128) -> Written {
        let mut image = [if value < 0 { 0xff } else { 0 }; 17];
        image[..16].copy_from_slice(&value.to_le_bytes());
        self.int(image)
    }

    fn serialize_u8(self, value: u8) -> Written {
        self.serialize_u128(value.into())
    }

    fn serialize_u16(self, value: u16) -> Written {
        self.serialize_u128(value.into())
    }

    fn serialize_u32(self, value: u32) -> Written {
        self.serialize_u128(value.into())
    }

    fn serialize_u64(self, value: u64) -> Written {
        self.serialize_u128(value.into())
    }

    fn serialize_u128(self, value: u128) -> Written {
        let mut image = [0; 17];
        image[..16].copy_from_slice(&value.to_le_bytes());
        self.int(image)
    }

    fn serialize_f32(self, value: f32) -> Written {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Written {
        self.octets.push(b'G');
        self.octets.extend(value.to_be_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Written {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Written {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        self.sized([b'C', b'B', 0x8e], value);
        Ok(())
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.octets.push(b'N');
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.octets.push(b's');
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Written<Items<'w>> {
        Ok(if self.keys > 0 { self.begin(&[MARK], TUPLE) } else { self.begin(&[EMPTY_LIST, MARK], LIST) })
    }

    fn serialize_tuple(self, _len: usize) -> Written<Items<'w>> {
        Ok(self.begin(&[MARK], TUPLE))
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Written<Items<'w>> {
        Ok(self.begin(&[MARK], TUPLE))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Written<Items<'w>> {
        self.variant(variant)?;
        Ok(self.begin(&[MARK], TUPLE_OF_VARIANT))
    }

    fn serialize_map(self, _len: Option<usize>) -> Written<Items<'w>> {
        self.begin_dict(DICT)
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Written<Items<'w>> {
        self.begin_dict(DICT)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Written<Items<'w>> {
        self.variant(variant)?;
        self.begin_dict(DICT_OF_VARIANT)
    }
}

/// What comes between MARK and the opcodes that end it.
struct Items<'w> {
    writer: &'w mut Writer,
    end: &'static [u8],
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut *self.writer)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Written {
        self.writer.text(name);
        self.item(value)
    }

    fn finish(self) -> Written {
        self.writer.octets.extend_from_slice(self.end);
        Ok(())
    }
}

impl SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.writer.keys += 1;
        self.item(key)?;
        self.writer.keys -= 1;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.item(value)
    }

    fn end(self) -> Written {
        self.finish()
    }
}

/// Traits that differ in nothing but the name of the method that takes an item.
macro_rules! takes_items {
    ($($name:ident $method:ident,)*) => {$(
        impl $name for Items<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                self.item(value)
            }

            fn end(self) -> Written {
                self.finish()
            }
        }
    )*};
}

takes_items! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field,
}

macro_rules! takes_fields {
    ($($name:ident)*) => {$(
        impl $name for Items<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Written {
                self.field(name, value)
            }

            fn end(self) -> Written {
                self.finish()
            }
        }
    )*};
}

takes_fields! { SerializeStruct SerializeStructVariant }
