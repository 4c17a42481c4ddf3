//! Every way in which a sealed record can be changed, cut or moved is refused, by name.

use std::collections::{BTreeMap, HashSet};

use ordersync_types::{FieldState, KeyId, RecordError, RecordField, SellerId, Withheld};
use ordersync_vault::{
    CellPlace, DataKey, EncodingFault, KeyClass, KeyIdentity, RECORD_MAX_BYTES, ScopeId, Sealed, VaultError,
};
use proptest::prelude::*;

use super::*;

const TAMPERED: VaultError = VaultError::Tampered { table: "order_recipient", column: "sealed" };

fn sealed() -> (DataKey, Vec<u8>) {
    let (key, _) = delivery_key();
    let cell: Sealed<Recipient> = key.seal(PLACE, &ada()).unwrap();
    (key, cell.into_bytes())
}

fn open(key: &DataKey, bytes: &[u8]) -> Result<Person, VaultError> {
    key.open(PLACE, &Sealed::<Recipient>::from_bytes(bytes.to_vec()))
}

#[test]
fn a_record_comes_back_as_it_was() {
    let (key, bytes) = sealed();
    assert_eq!(open(&key, &bytes), Ok(ada()));
    assert_eq!(Sealed::<Recipient>::from_bytes(bytes).key_id(), Ok(key.key_id()));
}

#[test]
fn not_sent_withheld_and_empty_stay_three_values() {
    let field = |index, state| RecordField::owned(index, "", state);
    let person = Person(vec![
        field(0, FieldState::value("")),
        field(1, FieldState::NotSent),
        field(2, FieldState::Withheld(Withheld::Role)),
        field(3, FieldState::Withheld(Withheld::Age)),
        field(5, FieldState::value("line text")),
    ]);
    let (key, _) = delivery_key();
    let cell: Sealed<Recipient> = key.seal(PLACE, &person).unwrap();
    let opened: Person = key.open(PLACE, &cell).unwrap();
    let expected: Vec<RecordField<'_>> =
        person.0.into_iter().filter(|field| *field.state != FieldState::NotSent).collect();
    assert_eq!(opened.0, expected);
}

#[test]
fn each_flipped_bit_is_refused_and_named() {
    let (key, bytes) = sealed();
    for (at, bit) in (0..bytes.len()).flat_map(|at| (0..8).map(move |bit| (at, 1_u8 << bit))) {
        let mut changed = bytes.clone();
        changed[at] ^= bit;
        let error = open(&key, &changed).unwrap_err();
        let number = key.key_id().number() ^ (i64::from(bit) << (8 * (9_usize.saturating_sub(at)).min(7)));
        let expected = match at {
            0 if bit == 1 => VaultError::UnknownFormat { found: 0 },
            0 => VaultError::NewerFormat { found: 1 | bit },
            1 => VaultError::UnknownSuite { found: 1 ^ bit },
            2 if bit == 0x80 => VaultError::BadKeyId,
            2..10 => VaultError::WrongKey { cell: KeyId::from_number(number).unwrap(), key: key.key_id() },
            _ => TAMPERED,
        };
        assert_eq!(error, expected, "byte {at}, bit {bit:#04x}");
    }
}

#[test]
fn a_cell_cut_at_any_length_is_refused() {
    let (key, bytes) = sealed();
    assert!(bytes.len() >= 22 + 2 * 64 + 16, "several blocks, so that whole blocks can be cut off");
    for length in 0..bytes.len() {
        let error = open(&key, &bytes[..length]).unwrap_err();
        let whole_blocks = length >= 22 + 64 + 16 && (length - 22 - 16) % 64 == 0;
        let expected = if whole_blocks { TAMPERED } else { VaultError::Truncated { found: length } };
        assert_eq!(error, expected, "{length} bytes");
    }
}

#[test]
fn bytes_after_a_cell_are_refused_as_such() {
    let (key, bytes) = sealed();
    for extra in 1..64 {
        let longer = [bytes.clone(), vec![0; extra]].concat();
        assert_eq!(open(&key, &longer), Err(VaultError::TrailingBytes { extra }));
    }
    assert_eq!(open(&key, &[bytes, vec![0; 64]].concat()), Err(TAMPERED));
}

#[test]
fn newer_formats_and_unknown_suites_are_named_and_not_guessed() {
    let (key, bytes) = sealed();
    for found in 3..=u8::MAX {
        let newer = [&[found], &bytes[1..]].concat();
        assert_eq!(open(&key, &newer), Err(VaultError::NewerFormat { found }));
    }
    assert_eq!(open(&key, &[&[0], &bytes[1..]].concat()), Err(VaultError::UnknownFormat { found: 0 }));
    assert_eq!(open(&key, &[&[2], &bytes[1..]].concat()), Err(VaultError::OtherFormat { found: 2, wanted: 1 }));
    for found in (0..=u8::MAX).filter(|found| *found != 1) {
        let other = [&bytes[..1], &[found], &bytes[2..]].concat();
        assert_eq!(open(&key, &other), Err(VaultError::UnknownSuite { found }));
    }
    assert_eq!(VaultError::NewerFormat { found: 7 }.to_string(), "format 7 is newer than this program");
}

#[test]
fn a_cell_opens_in_its_own_place_only() {
    let (key, bytes) = sealed();
    let cell = || Sealed::<Recipient>::from_bytes(bytes.clone());
    for place in [
        CellPlace { primary_key: [0xA2; 16], ..PLACE },
        CellPlace { row_version: 2, ..PLACE },
        CellPlace { row_version: 4, ..PLACE },
        CellPlace { row_version: -3, ..PLACE },
    ] {
        assert_eq!(key.open::<Recipient, Person>(place, &cell()), Err(TAMPERED), "{place:?}");
    }
    let other_seller = CellPlace { seller: SellerId::new(8), ..PLACE };
    let wrong_seller = VaultError::WrongSeller { key_id: key.key_id() };
    assert_eq!(key.open::<Recipient, Person>(other_seller, &cell()), Err(wrong_seller.clone()));
    assert_eq!(key.seal::<Recipient, _>(other_seller, &ada()), Err(wrong_seller));
    assert!(open(&key, &bytes).is_ok());
}

#[test]
fn a_cell_opens_in_its_own_column_only() {
    let (key, bytes) = sealed();
    let moved = |table, column| Err(VaultError::Tampered { table, column });
    let other = Sealed::<OtherColumn>::from_bytes(bytes.clone());
    assert_eq!(key.open::<_, Person>(PLACE, &other), moved("order_recipient", "sealed_too"));
    let other = Sealed::<OtherTable>::from_bytes(bytes.clone());
    assert_eq!(key.open::<_, Person>(PLACE, &other), moved("order_recipients", "sealed"));
    let other = Sealed::<ShiftedName>::from_bytes(bytes.clone());
    assert_eq!(key.open::<_, Person>(PLACE, &other), moved("order_recipients", "ealed"));
    let wrong_class = VaultError::WrongClass {
        table: "buyer",
        column: "sealed",
        wanted: KeyClass::Contact,
        given: KeyClass::Delivery,
    };
    let other = Sealed::<BuyerContact>::from_bytes(bytes);
    assert_eq!(key.open::<_, Person>(PLACE, &other), Err(wrong_class.clone()));
    assert_eq!(key.seal::<BuyerContact, _>(PLACE, &ada()), Err(wrong_class));
}

#[test]
fn a_cell_opens_under_its_own_key_only() {
    let (key, bytes) = sealed();
    let other_id = KeyIdentity { key_id: KeyId::from_number(9).unwrap(), ..*key.identity() };
    let (other, _) = tree().new_data_key(other_id, now(), None).unwrap();
    assert_eq!(open(&other, &bytes), Err(VaultError::WrongKey { cell: key.key_id(), key: other.key_id() }));

    let (same_id, _) = tree().new_data_key(*key.identity(), now(), None).unwrap();
    assert_eq!(open(&same_id, &bytes), Err(TAMPERED), "same id, another key");

    // The cell's own key id rewritten to that of the key in hand.
    let mut renamed = bytes;
    renamed[2..10].copy_from_slice(&9_i64.to_be_bytes());
    assert_eq!(open(&other, &renamed), Err(TAMPERED));

    let other_scope = KeyIdentity { scope: ScopeId::from_bytes([1; 16]), ..*key.identity() };
    let (other, _) = tree().new_data_key(other_scope, now(), None).unwrap();
    assert_eq!(open(&other, &renamed), Err(VaultError::WrongKey { cell: other_id.key_id, key: key.key_id() }));
}

#[test]
fn sealing_twice_never_repeats_a_nonce() {
    let (key, _) = delivery_key();
    let nonces: HashSet<Vec<u8>> =
        (0..2_000).map(|_| key.seal::<Recipient, _>(PLACE, &ada()).unwrap().as_bytes()[10..22].to_vec()).collect();
    assert_eq!(nonces.len(), 2_000);
}

#[test]
fn the_length_of_a_cell_does_not_tell_the_length_of_a_name() {
    let (key, _) = delivery_key();
    let length = |name: &str| key.seal::<Recipient, _>(PLACE, &person(&[name])).unwrap().as_bytes().len();
    assert_eq!(length("Ng"), length("Alexandrina Featherstonehaugh-Example"));
    assert_eq!(length(""), 22 + 64 + 16);
    // 64 bytes hold 4 of length, 9 of one field's frame and a text of 51.
    assert_eq!(length(&"x".repeat(51)), 22 + 64 + 16);
    assert_eq!(length(&"x".repeat(52)), 22 + 128 + 16);
}

#[test]
fn a_record_of_a_mebibyte_is_sealed_and_a_longer_one_refused() {
    let (key, _) = delivery_key();
    let longest = RECORD_MAX_BYTES - 4 - 9;
    let record = person(&[&"x".repeat(longest)]);
    let cell: Sealed<Recipient> = key.seal(PLACE, &record).unwrap();
    assert_eq!(cell.as_bytes().len(), 22 + RECORD_MAX_BYTES + 16);
    assert_eq!(key.open(PLACE, &cell), Ok(record));
    let error = key.seal::<Recipient, _>(PLACE, &person(&[&"x".repeat(longest + 1)])).unwrap_err();
    assert_eq!(error, VaultError::TooLong { found: RECORD_MAX_BYTES - 4 + 1, limit: RECORD_MAX_BYTES });
}

#[test]
fn fields_that_are_not_canonical_are_not_sealed() {
    let field = |index, of: &str| RecordField::owned(index, of, FieldState::value("x"));
    let (key, _) = delivery_key();
    for (fields, fault) in [
        (vec![field(1, ""), field(0, "")], EncodingFault::Order),
        (vec![field(1, ""), field(1, "")], EncodingFault::Order),
        (vec![field(5, "b"), field(5, "a")], EncodingFault::Order),
        (vec![field(6, "")], EncodingFault::Index),
        (vec![field(usize::MAX, "")], EncodingFault::Index),
        (vec![field(5, &"x".repeat(65_536))], EncodingFault::Owner),
    ] {
        let error = key.seal::<Recipient, _>(PLACE, &Person(fields)).unwrap_err();
        assert_eq!(error, VaultError::Encoding { record: "person", fault });
    }
}

/// The same record as an older program knows it.
#[derive(Debug, PartialEq, Eq)]
struct OlderPerson;

impl SealedRecord for OlderPerson {
    const NAME: &'static str = "person";
    const FIELDS: &'static [&'static str] = &["name"];

    fn fields(&self) -> Vec<RecordField<'_>> {
        Vec::new()
    }

    fn rebuild(fields: Vec<RecordField<'_>>) -> Result<Self, RecordError> {
        match fields.iter().find(|field| field.index >= 1) {
            Some(newer) => Err(RecordError::NewerField { record: Self::NAME, index: newer.index }),
            None => Ok(Self),
        }
    }
}

#[test]
fn a_field_of_a_newer_program_is_named() {
    let (key, bytes) = sealed();
    let opened = key.open::<Recipient, OlderPerson>(PLACE, &Sealed::from_bytes(bytes));
    assert_eq!(opened, Err(VaultError::Record(RecordError::NewerField { record: "person", index: 1 })));
}

#[test]
fn nothing_that_is_printed_shows_a_value() {
    let (key, bytes) = sealed();
    let cell = Sealed::<Recipient>::from_bytes(bytes.clone());
    let printed = format!("{key:?} {cell:?} {:?}", ada());
    for secret in ["Ada", "Sample", "07700"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    assert!(!printed.contains(&hex(&bytes[22..40])));
    assert!(!bytes.windows(7).any(|window| window == b"Example"), "the clear text is not in the cell");
}

fn any_person() -> impl Strategy<Value = Person> {
    let state = prop_oneof![
        4 => "\\PC{0,80}".prop_map(FieldState::value),
        1 => any::<String>().prop_map(FieldState::value),
        1 => Just(FieldState::Withheld(Withheld::Role)),
        1 => Just(FieldState::Withheld(Withheld::Age)),
    ];
    let owner = prop_oneof![Just(String::new()), "\\PC{0,20}"];
    prop::collection::btree_map((0..6_usize, owner), state, 0..12).prop_map(
        |fields: BTreeMap<(usize, String), FieldState>| {
            Person(fields.into_iter().map(|((index, of), state)| RecordField::owned(index, of, state)).collect())
        },
    )
}

proptest! {
    #[test]
    fn any_record_comes_back(person in any_person(), row_version in any::<i64>(), primary_key in any::<[u8; 16]>()) {
        let (key, row) = delivery_key();
        let place = CellPlace { primary_key, row_version, ..PLACE };
        let cell: Sealed<Recipient> = key.seal(place, &person).unwrap();
        prop_assert_eq!((cell.as_bytes().len() - 38) % 64, 0);
        let key = tree().unwrap(&row).unwrap();
        prop_assert_eq!(key.open::<Recipient, Person>(place, &cell).unwrap(), person);
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let (key, _) = delivery_key();
        prop_assert!(open(&key, &bytes).is_err());
        drop(Sealed::<Recipient>::from_bytes(bytes.clone()).key_id());
        let header = [&[1, 1][..], &key.key_id().number().to_be_bytes(), &bytes].concat();
        prop_assert!(open(&key, &header).is_err());
    }

    #[test]
    fn any_change_of_any_length_is_refused(at in 0..300_usize, put in prop::collection::vec(any::<u8>(), 0..80), gone in 0..80_usize) {
        let (key, bytes) = sealed();
        let at = at.min(bytes.len());
        let end = (at + gone).min(bytes.len());
        let changed = [&bytes[..at], &put, &bytes[end..]].concat();
        prop_assert_eq!(open(&key, &changed).is_ok(), changed == bytes);
    }
}
