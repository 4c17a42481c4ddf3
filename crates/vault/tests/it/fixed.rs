//! Bytes that were sealed once and must open in every later version. Never regenerate them: when one of these tests
//! fails, data at rest has become unreadable.
//!
//! They were made by a second implementation, written from this crate's README alone.

use ordersync_types::{FieldState, RecordField, Withheld};
use ordersync_vault::{KeyRow, KeyState, Sealed};

use super::*;

const WRAPPED: &str = "
    c0c1c2c3c4c5c6c7c8c9cacbe7a8b294ea723d2b26cda1b682659f02b4070cbdc39e6a9d6038083fb441a6e71f9e7b74
    0689d9b02e9d989f674a5015";

const CHECK: &str = "eac20b6f40071d511e91612e23dfcc74";

const CELL: &str = "
    01010102030405060708d0d1d2d3d4d5d6d7d8d9dadbdfccd6bbf657e553f24b2a8fac0c811b8ce4a475e04c4a87b942
    834c874dc67b6488091965ed458a85a331dfa06804c00382e01fbfd83e0324b753a3c730e62af2ed2fa85d925e6446f6
    3ad984e9ecffebec474be2957b7f7448763f98cc6e6f76d9c57563a5641e3df26e6dae6299620c9a27cc005886f1d237
    131f7abcd10250a32843f8efae4c9654f2b7a5ea2e03";

const DOCUMENT: &str = "
    02010102030405060708e0e0e0e0e0e0e0e0e0e0e0e0000000135e1553df6ef5508938d3db90c676eb8b80baabf6da3b
    021971341e8911e957ce251055";

fn fixed_row() -> KeyRow {
    KeyRow {
        key_id: KeyId::from_number(0x0102_0304_0506_0708).unwrap(),
        class: KeyClass::Delivery,
        scope: ScopeId::from_bytes([0x5C; 16]),
        seller: SellerId::new(7),
        generation: 1,
        kek_id: "1eb40cd9".parse().unwrap(),
        kek_generation: 1,
        wrapped: Some(unhex(WRAPPED)),
        check: unhex(CHECK).try_into().unwrap(),
        uses_reserved: 256,
        created_at: Timestamp::from_timestamp_millis(1_790_000_000_123).unwrap(),
        expires_at: None,
        state: KeyState::Active,
        destroyed_at: None,
        reason: None,
    }
}

#[test]
fn the_first_key_row_and_its_record_open() {
    let field = |index, of: &str, state| RecordField::owned(index, of, state);
    let key = tree().unwrap(&fixed_row()).unwrap();
    let person: Person = key.open(PLACE, &Sealed::<Recipient>::from_bytes(unhex(CELL))).unwrap();
    let expected = Person(vec![
        field(0, "", FieldState::value("Ada Exämple")),
        field(1, "", FieldState::value("12 Sample Street")),
        field(2, "", FieldState::value("Exampleton")),
        field(3, "", FieldState::Withheld(Withheld::Role)),
        field(4, "", FieldState::Withheld(Withheld::Age)),
        field(5, "L-1", FieldState::value("With love")),
        field(5, "L-2", FieldState::value("")),
    ]);
    assert!(person == expected);
}

#[test]
fn the_first_document_opens() {
    let key = tree().unwrap(&fixed_row()).unwrap();
    let document = key.open_document(PLACE, &Sealed::<Recipient>::from_bytes(unhex(DOCUMENT))).unwrap();
    assert_eq!(document.expose(), b"an invented invoice");
}

#[test]
fn the_first_root_check_holds() {
    let check = unhex("b44f4dafa75c80a5d62f130f212c5656").try_into().unwrap();
    assert_eq!(tree().verify_root("1eb40cd9".parse().unwrap(), &check), Ok(()));
}
