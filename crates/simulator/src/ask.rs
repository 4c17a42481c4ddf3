//! A request as the stand-ins see it, and the strict reading of its query.

use bytes::Bytes;
use http::{HeaderMap, Method};

/// One request, its body read.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Ask {
    /// A header's value, when it is there and plain text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the body is said to be a form.
    pub(crate) fn is_form(&self) -> bool {
        let said = self.header("content-type").unwrap_or_default();
        let kind = said.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }
}

/// The pairs of a form or query, in the order sent; `+` is a space and `%XX` a byte, as every server reads them.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

/// The first value under `name`.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                match (ahead.next().and_then(hex), ahead.next().and_then(hex)) {
                    (Some(high), Some(low)) => {
                        bytes.push(high * 16 + low);
                        rest = ahead;
                    }
                    (None | Some(_), None) | (None, Some(_)) => bytes.push(byte),
                }
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_is_a_space_and_an_encoded_one_a_plus() {
        let read = pairs("a=x+y&b=x%2By&c=&d=%zz%4&b=2&%C3%A9=%c3%a9");
        assert_eq!(value(&read, "a"), Some("x y"));
        assert_eq!(value(&read, "b"), Some("x+y"));
        assert_eq!(value(&read, "c"), Some(""));
        assert_eq!(value(&read, "d"), Some("%zz%4"));
        assert_eq!(value(&read, "é"), Some("é"));
        assert_eq!(value(&read, "e"), None);
        assert_eq!(read.len(), 6);
    }
}
