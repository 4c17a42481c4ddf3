//! The canonical bytes of a record: one record has one encoding, and every other byte string is refused.

use std::borrow::Cow;

use ordersync_types::{FieldState, Pii, RecordField, SealedRecord, Withheld};
use zeroize::Zeroizing;

use crate::VaultError;

/// The most bytes that a record may have when encoded and padded: 1 MiB.
pub const RECORD_MAX_BYTES: usize = 1 << 20;

/// A record is padded to a multiple of this many bytes, so that a short name looks like a long one.
pub(crate) const BLOCK_BYTES: usize = 64;

const LENGTH_BYTES: usize = 4;
/// Index, length of `of`, state.
const FIELD_BYTES: usize = 2 + 2 + 1;

const STATE_WITHHELD_ROLE: u8 = 1;
const STATE_WITHHELD_AGE: u8 = 2;
const STATE_VALUE: u8 = 3;

/// Why bytes are not the encoding of a record, or fields cannot be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodingFault {
    /// The length in front does not fit the bytes that follow.
    #[error("length out of step with the bytes that follow")]
    Length,
    /// The padding holds something.
    #[error("padding that is not zero")]
    Padding,
    /// A field ends beyond the record.
    #[error("a field that goes beyond the record")]
    CutField,
    /// The fields are not in ascending order, or one occurs twice.
    #[error("fields out of order")]
    Order,
    /// A state that this program does not know.
    #[error("an unknown field state")]
    State,
    /// A text that is not UTF-8.
    #[error("a text that is not UTF-8")]
    Text,
    /// The record's own list of names does not have this field.
    #[error("a field that the record does not name")]
    Index,
    /// What a field belongs to is written in more than 65,535 bytes.
    #[error("an owner of a field longer than 65,535 bytes")]
    Owner,
}

fn fault<R: SealedRecord>(fault: EncodingFault) -> VaultError {
    VaultError::Encoding { record: R::NAME, fault }
}

pub(crate) fn too_long(found: usize) -> VaultError {
    VaultError::TooLong { found, limit: RECORD_MAX_BYTES }
}

/// Whether the field is written at all, and if so as which state and value.
fn written(state: &FieldState) -> Option<(u8, Option<&Pii<String>>)> {
    match state {
        FieldState::NotSent => None,
        FieldState::Withheld(Withheld::Role) => Some((STATE_WITHHELD_ROLE, None)),
        FieldState::Withheld(Withheld::Age) => Some((STATE_WITHHELD_AGE, None)),
        FieldState::Value(value) => Some((STATE_VALUE, Some(value))),
    }
}

/// Bytes of the encoding, without length and padding.
pub(crate) fn length(fields: &[RecordField<'_>]) -> Result<usize, VaultError> {
    let mut total = 0_usize;
    for field in fields {
        if let Some((_, value)) = written(&field.state) {
            let value = value.map_or(0, |value| LENGTH_BYTES.saturating_add(value.expose().len()));
            total = total.saturating_add(FIELD_BYTES).saturating_add(field.of.len()).saturating_add(value);
        }
    }
    if total > RECORD_MAX_BYTES - LENGTH_BYTES {
        return Err(too_long(total));
    }
    Ok(total)
}

/// Bytes of length, encoding of `length` bytes, and padding.
pub(crate) fn padded(length: usize) -> usize {
    (LENGTH_BYTES + length).next_multiple_of(BLOCK_BYTES)
}

/// Appends the length (as [`length`] gave it) and the encoding to `out`.
pub(crate) fn write<R: SealedRecord>(
    fields: &[RecordField<'_>],
    length: usize,
    out: &mut Vec<u8>,
) -> Result<(), VaultError> {
    put_length(length, out)?;
    let mut before: Option<(u16, &str)> = None;
    for field in fields {
        let Some((state, value)) = written(&field.state) else { continue };
        let index = u16::try_from(field.index).ok().filter(|_| field.index < R::FIELDS.len());
        let index = index.ok_or(fault::<R>(EncodingFault::Index))?;
        let place = Some((index, field.of.as_ref()));
        if place <= before {
            return Err(fault::<R>(EncodingFault::Order));
        }
        before = place;
        let of = u16::try_from(field.of.len()).map_err(|_| fault::<R>(EncodingFault::Owner))?;
        out.extend_from_slice(&index.to_be_bytes());
        out.extend_from_slice(&of.to_be_bytes());
        out.extend_from_slice(field.of.as_bytes());
        out.push(state);
        if let Some(value) = value {
            put_length(value.expose().len(), out)?;
            out.extend_from_slice(value.expose().as_bytes());
        }
    }
    Ok(())
}

fn put_length(length: usize, out: &mut Vec<u8>) -> Result<(), VaultError> {
    let length = u32::try_from(length).map_err(|_| too_long(length))?;
    out.extend_from_slice(&length.to_be_bytes());
    Ok(())
}

/// Length and encoding on their own, without padding.
pub(crate) fn encoded<R: SealedRecord>(fields: &[RecordField<'_>]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let length = length(fields)?;
    let mut out = Zeroizing::new(Vec::with_capacity(LENGTH_BYTES + length));
    write::<R>(fields, length, &mut out)?;
    Ok(out)
}

/// The fields in padded bytes.
pub(crate) fn read<R: SealedRecord>(bytes: &[u8]) -> Result<Vec<RecordField<'_>>, VaultError> {
    read_fields(bytes).map_err(fault::<R>)
}

fn read_fields(bytes: &[u8]) -> Result<Vec<RecordField<'_>>, EncodingFault> {
    let mut all = Bytes(bytes);
    let length = all.length().ok_or(EncodingFault::Length)?;
    if length.checked_add(LENGTH_BYTES).map(|end| end.next_multiple_of(BLOCK_BYTES)) != Some(bytes.len()) {
        return Err(EncodingFault::Length);
    }
    let mut body = Bytes(all.take(length).ok_or(EncodingFault::Length)?);
    if all.0.iter().any(|byte| *byte != 0) {
        return Err(EncodingFault::Padding);
    }
    let mut fields: Vec<RecordField<'_>> = Vec::new();
    while !body.0.is_empty() {
        let field = body.field()?;
        if fields.last().is_some_and(|before| (before.index, &before.of) >= (field.index, &field.of)) {
            return Err(EncodingFault::Order);
        }
        fields.push(field);
    }
    Ok(fields)
}

/// Bytes that are taken off at the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn length(&mut self) -> Option<usize> {
        self.array().and_then(|length| usize::try_from(u32::from_be_bytes(length)).ok())
    }

    fn text(&mut self, length: usize) -> Result<&'a str, EncodingFault> {
        let bytes = self.take(length).ok_or(EncodingFault::CutField)?;
        std::str::from_utf8(bytes).map_err(|_| EncodingFault::Text)
    }

    fn field(&mut self) -> Result<RecordField<'a>, EncodingFault> {
        let index = u16::from_be_bytes(self.array().ok_or(EncodingFault::CutField)?);
        let of = u16::from_be_bytes(self.array().ok_or(EncodingFault::CutField)?);
        let of = Cow::Borrowed(self.text(usize::from(of))?);
        let [state] = self.array().ok_or(EncodingFault::CutField)?;
        let state = match state {
            STATE_WITHHELD_ROLE => FieldState::Withheld(Withheld::Role),
            STATE_WITHHELD_AGE => FieldState::Withheld(Withheld::Age),
            STATE_VALUE => {
                let length = self.length().ok_or(EncodingFault::CutField)?;
                FieldState::value(self.text(length)?)
            }
            0 | 4.. => return Err(EncodingFault::State),
        };
        Ok(RecordField { index: usize::from(index), of, state: Cow::Owned(state) })
    }
}

#[cfg(test)]
mod tests {
    use ordersync_types::RecordError;
    use proptest::prelude::*;

    use super::*;

    struct Note;

    impl SealedRecord for Note {
        const NAME: &'static str = "note";
        const FIELDS: &'static [&'static str] = &["text", "line"];

        fn fields(&self) -> Vec<RecordField<'_>> {
            Vec::new()
        }

        fn rebuild(_: Vec<RecordField<'_>>) -> Result<Self, RecordError> {
            Ok(Self)
        }
    }

    fn field(index: usize, of: &str, text: &str) -> RecordField<'static> {
        RecordField::owned(index, of, FieldState::value(text))
    }

    fn encode(fields: &[RecordField<'_>]) -> Vec<u8> {
        let mut bytes = encoded::<Note>(fields).unwrap().to_vec();
        bytes.resize(padded(bytes.len() - 4), 0);
        bytes
    }

    /// A record of these bytes, with the right length and padding around them.
    fn framed(body: &[u8]) -> Vec<u8> {
        let mut bytes = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend_from_slice(body);
        bytes.resize(bytes.len().next_multiple_of(64), 0);
        bytes
    }

    #[test]
    fn the_bytes_are_those_of_the_readme() {
        let mut withheld = field(1, "L", "");
        withheld.state = Cow::Owned(FieldState::Withheld(Withheld::Age));
        let bytes = encode(&[field(0, "", "Hi"), withheld]);
        let expected =
            [&[0, 0, 0, 17][..], &[0, 0, 0, 0, 3, 0, 0, 0, 2], b"Hi", &[0, 1, 0, 1], b"L", &[2], &[0; 43]].concat();
        assert_eq!(bytes, expected);
        assert_eq!(encode(&[]), [0; 64]);
    }

    #[test]
    fn everything_but_the_one_encoding_is_refused() {
        let ok = [0, 0, 0, 0, 3, 0, 0, 0, 1, b'x'];
        assert_eq!(read_fields(&framed(&ok)), Ok(vec![field(0, "", "x")]));
        let next = [0, 1, 0, 1, b'L', 1];
        let mut long_padding = framed(&ok);
        long_padding.resize(128, 0);
        let mut marked = framed(&ok);
        marked[63] = 1;
        let mut too_short = framed(&ok);
        too_short[3] = 9;
        let mut too_long = framed(&ok);
        too_long[3] = 61;
        for (name, bytes, fault) in [
            ("nothing", Vec::new(), EncodingFault::Length),
            ("cut length", vec![0, 0, 0], EncodingFault::Length),
            ("no padding", [&[0, 0, 0, 10][..], &ok].concat(), EncodingFault::Length),
            ("a block too many", long_padding, EncodingFault::Length),
            ("length beyond the bytes", too_long, EncodingFault::Length),
            ("the longest length", vec![0xFF; 64], EncodingFault::Length),
            ("a byte in the padding", marked, EncodingFault::Padding),
            ("length before the end", too_short, EncodingFault::Padding),
            ("the same field twice", framed(&[ok, ok].concat()), EncodingFault::Order),
            ("descending", framed(&[&next[..], &ok].concat()), EncodingFault::Order),
            ("not sent", framed(&[0, 0, 0, 0, 0]), EncodingFault::State),
            ("state 4", framed(&[0, 0, 0, 0, 4]), EncodingFault::State),
            ("not UTF-8", framed(&[0, 0, 0, 0, 3, 0, 0, 0, 1, 0xFF]), EncodingFault::Text),
            ("owner not UTF-8", framed(&[0, 0, 0, 1, 0xFF, 1]), EncodingFault::Text),
            ("bytes after the last field", framed(&[&ok[..], &[0]].concat()), EncodingFault::CutField),
            ("value beyond the record", framed(&[0, 0, 0, 0, 3, 0, 0, 0, 2, b'x']), EncodingFault::CutField),
            ("owner beyond the record", framed(&[0, 0, 0, 2, b'x']), EncodingFault::CutField),
        ] {
            assert_eq!(read_fields(&bytes), Err(fault), "{name}");
        }
        for length in 1..ok.len() {
            assert_eq!(read_fields(&framed(&ok[..length])), Err(EncodingFault::CutField), "cut after {length}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_back_to_the_same_bytes(
            texts in prop::collection::btree_map((0..2_usize, "[a-z]{0,3}"), "\\PC{0,9}", 0..6),
            at in 0..200_usize,
            put in any::<u8>(),
        ) {
            let fields: Vec<RecordField> = texts.iter().map(|((index, of), text)| field(*index, of, text)).collect();
            let mut bytes = encode(&fields);
            prop_assert_eq!(read_fields(&bytes).unwrap(), fields);
            let at = at % bytes.len();
            bytes[at] = put;
            // A changed byte gives another record or an error, never a second spelling of a record.
            if let Ok(fields) = read_fields(&bytes)
                && fields.iter().all(|field| field.index < 2)
            {
                prop_assert_eq!(encode(&fields), bytes);
            }
        }

        #[test]
        fn any_body_is_read_or_refused(body in prop::collection::vec(0..4_u8, 0..60), raw in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(read_fields(&raw));
            if let Ok(fields) = read_fields(&framed(&body))
                && fields.iter().all(|field| field.index < 2)
            {
                prop_assert_eq!(encode(&fields), framed(&body));
            }
        }
    }
}
