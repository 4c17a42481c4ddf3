//! Objects as PDF writes them (ISO 32000-1, 7.3), with references turned to the numbers of the joined document.

use std::collections::HashMap;
use std::io::Write;

use lopdf::{Dictionary, Object, ObjectId};

use super::keeping;

/// The numbers, in the joined document, of a label's objects. An object without one is written as `null`.
pub(super) type Numbers = HashMap<ObjectId, u32>;

/// Writes an object: what a reference stands for is not written, only its number.
pub(super) fn write(out: &mut Vec<u8>, object: &Object, numbers: &Numbers) {
    match object {
        Object::Null => out.extend_from_slice(b"null"),
        Object::Boolean(value) => put(out, format_args!("{value}")),
        Object::Integer(value) => put(out, format_args!("{value}")),
        // Display writes no exponent, which PDF does not know
        Object::Real(value) if value.is_finite() => put(out, format_args!("{value}")),
        Object::Real(_) => out.push(b'0'),
        Object::Name(name) => write_name(out, name),
        Object::String(text, _) => write_string(out, text),
        Object::Array(elements) => {
            out.push(b'[');
            for (place, element) in elements.iter().enumerate() {
                if place > 0 {
                    out.push(b' ');
                }
                write(out, element, numbers);
            }
            out.push(b']');
        }
        Object::Dictionary(dictionary) if keeping::is_kept(object) => {
            out.extend_from_slice(b"<<");
            write_entries(out, dictionary, numbers);
            out.extend_from_slice(b">>");
        }
        Object::Stream(stream) if keeping::is_kept(object) => {
            out.extend_from_slice(b"<<");
            for (key, value) in keeping::stream_entries(stream) {
                write_entry(out, key, value, numbers);
            }
            put(out, format_args!("/Length {}>>\nstream\n", stream.content.len()));
            out.extend_from_slice(&stream.content);
            out.extend_from_slice(b"\nendstream");
        }
        Object::Dictionary(_) | Object::Stream(_) => out.extend_from_slice(b"null"),
        Object::Reference(id) => match numbers.get(id) {
            Some(number) => put(out, format_args!("{number} 0 R")),
            None => out.extend_from_slice(b"null"),
        },
    }
}

/// Writes what stands between `<<` and `>>`.
pub(super) fn write_entries(out: &mut Vec<u8>, dictionary: &Dictionary, numbers: &Numbers) {
    for (key, value) in dictionary {
        write_entry(out, key, value, numbers);
    }
}

fn write_entry(out: &mut Vec<u8>, key: &[u8], value: &Object, numbers: &Numbers) {
    write_name(out, key);
    out.push(b' ');
    write(out, value, numbers);
}

/// Writes our own words; writing into memory cannot fail.
pub(super) fn put(out: &mut Vec<u8>, words: std::fmt::Arguments<'_>) {
    let _written = out.write_fmt(words).is_ok();
}

fn write_name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'/');
    for byte in name {
        if byte.is_ascii_graphic() && !b"#%()/<>[]{}".contains(byte) {
            out.push(*byte);
        } else {
            put(out, format_args!("#{byte:02X}"));
        }
    }
}

/// In hexadecimal, which needs no escapes.
fn write_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'<');
    for byte in text {
        put(out, format_args!("{byte:02X}"));
    }
    out.push(b'>');
}

#[cfg(test)]
mod tests {
    use lopdf::{Stream, StringFormat};

    use super::*;

    fn written(object: &Object) -> String {
        let mut out = Vec::new();
        write(&mut out, object, &Numbers::from([((7, 0), 12)]));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_kind_of_object_is_written() {
        for (object, expected) in [
            (Object::Null, "null"),
            (Object::Boolean(true), "true"),
            (Object::Integer(-3), "-3"),
            (Object::Real(595.28), "595.28"),
            (Object::Real(1e-7), "0.0000001"),
            (Object::Real(f32::NAN), "0"),
            (Object::Name(b"A B#\xE9".to_vec()), "/A#20B#23#E9"),
            (Object::String(b"(\\\n".to_vec(), StringFormat::Literal), "<285C0A>"),
            (Object::Array(vec![1.into(), Object::Reference((7, 0)), Object::Reference((8, 0))]), "[1 12 0 R null]"),
        ] {
            assert_eq!(written(&object), expected);
        }
        let mut dictionary = Dictionary::new();
        dictionary.set("Length", Object::Reference((9, 0)));
        dictionary.set("Filter", Object::Name(b"FlateDecode".to_vec()));
        assert_eq!(written(&dictionary.clone().into()), "<</Length null/Filter /FlateDecode>>");
        let mut stream = Stream::new(dictionary, b"abc".to_vec());
        stream.dict.set("Length", Object::Reference((9, 0)));
        assert_eq!(written(&stream.into()), "<</Filter /FlateDecode/Length 3>>\nstream\nabc\nendstream");
    }
}
