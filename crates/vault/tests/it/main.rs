//! The vault from outside: what a store and a use case see of it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the functions around the tests are test code too")]

mod cells;
mod documents;
mod fixed;
mod key_rows;
mod roots;
mod search;
mod tags;
mod uses;

use ordersync_types::{FieldState, KeyId, RecordError, RecordField, SealedRecord, SellerId, Timestamp};
use ordersync_vault::{CellPlace, DataKey, KeyClass, KeyIdentity, KeyRow, KeyTree, RootSecret, ScopeId, SealedColumn};

/// A root secret that is only ever used here.
const ROOT: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn tree() -> KeyTree {
    KeyTree::derive(&RootSecret::parse(ROOT).unwrap())
}

fn now() -> Timestamp {
    Timestamp::from_timestamp_millis(1_790_000_000_123).unwrap()
}

fn identity(class: KeyClass) -> KeyIdentity {
    KeyIdentity {
        key_id: KeyId::from_number(0x0102_0304_0506_0708).unwrap(),
        class,
        scope: ScopeId::from_bytes([0x5C; 16]),
        seller: SellerId::new(7),
        generation: 1,
    }
}

fn delivery_key() -> (DataKey, KeyRow) {
    tree().new_data_key(identity(KeyClass::Delivery), now(), None).unwrap()
}

const PLACE: CellPlace = CellPlace { seller: SellerId::new(7), primary_key: [0xA1; 16], row_version: 3 };

macro_rules! columns {
    ($($name:ident = $table:literal, $column:literal, $class:ident;)+) => {$(
        #[derive(Debug)]
        struct $name;

        impl SealedColumn for $name {
            const TABLE: &'static str = $table;
            const COLUMN: &'static str = $column;
            const CLASS: KeyClass = KeyClass::$class;
        }
    )+};
}

columns! {
    Recipient = "order_recipient", "sealed", Delivery;
    OtherColumn = "order_recipient", "sealed_too", Delivery;
    OtherTable = "order_recipients", "sealed", Delivery;
    // The same letters as `Recipient` when the two names are run together.
    ShiftedName = "order_recipients", "ealed", Delivery;
    BuyerContact = "buyer", "sealed", Contact;
    LabelBytes = "label", "sealed", Label;
}

/// A record that is nothing but its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Person(Vec<RecordField<'static>>);

impl SealedRecord for Person {
    const NAME: &'static str = "person";
    const FIELDS: &'static [&'static str] = &["name", "street", "town", "postcode", "phone", "gift_messages"];

    fn fields(&self) -> Vec<RecordField<'_>> {
        self.0.clone()
    }

    fn rebuild(fields: Vec<RecordField<'_>>) -> Result<Self, RecordError> {
        match fields.iter().find(|field| field.index >= Self::FIELDS.len()) {
            Some(newer) => Err(RecordError::NewerField { record: Self::NAME, index: newer.index }),
            None => Ok(Self(fields.into_iter().map(RecordField::into_owned).collect())),
        }
    }
}

/// A person of whom only some texts are known, in the order of [`Person::FIELDS`].
fn person(texts: &[&str]) -> Person {
    let field = |(index, text): (usize, &&str)| RecordField::owned(index, "", FieldState::value(*text));
    Person(texts.iter().enumerate().map(field).collect())
}

fn ada() -> Person {
    person(&["Ada Example", "12 Sample Street", "Exampleton", "EX1 2MP", "07700 900123"])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| u8::try_from(c.to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4) | pair[1]).collect()
}
