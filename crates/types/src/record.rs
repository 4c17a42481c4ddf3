//! The shape the vault seals: a record is a list of named text fields.

use std::borrow::Cow;

use crate::Pii;

/// Why a marketplace did not give a field that it otherwise gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Withheld {
    /// The seller's application lacks the role that would show it.
    Role,
    /// The order is too old: the marketplace removes the field after some days.
    Age,
}

/// What is known of one field. *Not sent*, *withheld* and *empty* are three different values: a gap never
/// overwrites a value that an earlier answer carried.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FieldState {
    /// The answer did not carry the field.
    #[default]
    NotSent,
    /// The marketplace keeps it from us.
    Withheld(Withheld),
    /// The value, possibly empty.
    Value(Pii<String>),
}

impl FieldState {
    /// Wraps a value in clear.
    pub fn value(text: impl Into<String>) -> Self {
        Self::Value(Pii::new(text.into()))
    }

    /// `Value` when there is one, else `NotSent`.
    pub fn from_option(text: Option<String>) -> Self {
        text.map_or(Self::NotSent, Self::value)
    }

    /// The value, when there is one.
    pub fn get(&self) -> Option<&Pii<String>> {
        match self {
            Self::Value(value) => Some(value),
            Self::NotSent | Self::Withheld(_) => None,
        }
    }

    /// True when there is a value with at least one visible character.
    pub fn is_given(&self) -> bool {
        self.get().is_some_and(|value| !value.expose().trim().is_empty())
    }

    /// `newer`, unless it is a gap where this holds a value.
    #[must_use]
    pub fn updated_by(&self, newer: &Self) -> Self {
        match (self, newer) {
            (Self::Value(_), Self::NotSent | Self::Withheld(_)) | (Self::Withheld(_), Self::NotSent) => self.clone(),
            (_, newer) => newer.clone(),
        }
    }
}

/// One field of a record on its way into or out of the vault. On the way in it lends the record's own texts, so that
/// they are not copied once more in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordField<'a> {
    /// Position of the field's name in [`SealedRecord::FIELDS`].
    pub index: usize,
    /// What a repeated field belongs to, for example the marketplace's id of an order line; empty otherwise.
    pub of: Cow<'a, str>,
    /// What is known of it.
    pub state: Cow<'a, FieldState>,
}

impl<'a> RecordField<'a> {
    /// A field that lends what the record holds.
    pub fn borrowed(index: usize, of: &'a str, state: &'a FieldState) -> Self {
        Self { index, of: Cow::Borrowed(of), state: Cow::Borrowed(state) }
    }

    /// A field with texts of its own.
    pub fn owned(index: usize, of: impl Into<String>, state: FieldState) -> Self {
        Self { index, of: Cow::Owned(of.into()), state: Cow::Owned(state) }
    }

    /// The same field with texts of its own.
    pub fn into_owned(self) -> RecordField<'static> {
        RecordField::owned(self.index, self.of, self.state.into_owned())
    }
}

/// A record that only the vault encodes, seals, opens and decodes.
pub trait SealedRecord: Sized {
    /// The record's name in errors and in the column registry, for example `recipient`.
    const NAME: &'static str;

    /// The field names in their stored order. Append only: a field's position is its name at rest.
    const FIELDS: &'static [&'static str];

    /// All fields that are not simply *not sent*, in ascending order of (`index`, `of`).
    fn fields(&self) -> Vec<RecordField<'_>>;

    /// The record rebuilt from its fields; a field that is missing was *not sent*.
    ///
    /// # Errors
    /// [`RecordError`] when a field does not belong here. Never repeat: the stored bytes will not change.
    fn rebuild(fields: Vec<RecordField<'_>>) -> Result<Self, RecordError>;
}

/// A record could not be rebuilt from the fields in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The record was written by a newer program that knows more fields.
    #[error("record {record} has field number {index}, which is newer than this program")]
    NewerField {
        /// [`SealedRecord::NAME`].
        record: &'static str,
        /// The unknown position.
        index: usize,
    },
    /// The field may stand there only once, or only for an order line.
    #[error("record {record}, field {field}: {reason}")]
    Misplaced {
        /// [`SealedRecord::NAME`].
        record: &'static str,
        /// The field's name.
        field: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_never_overwrites_a_value() {
        let value = FieldState::value("12 Example Street");
        let empty = FieldState::value("");
        let role = FieldState::Withheld(Withheld::Role);
        for (old, new, kept) in [
            (&value, &FieldState::NotSent, &value),
            (&value, &role, &value),
            (&value, &empty, &empty),
            (&role, &FieldState::NotSent, &role),
            (&role, &value, &value),
            (&FieldState::NotSent, &role, &role),
        ] {
            assert_eq!(&old.updated_by(new), kept, "{old:?} then {new:?}");
        }
        assert!(!empty.is_given() && value.is_given() && !role.is_given());
    }
}
