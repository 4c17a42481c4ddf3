//! Rows of the key store: wrapped keys open from the row they were made for, and from no other.

use std::collections::HashSet;

use ordersync_types::KeyId;
use ordersync_vault::{
    DATA_KEY_USES_RESERVED, KeyIdentity, KeyRow, KeyState, KeyTree, RootSecret, ScopeId, Sealed, VaultError,
};

use super::*;

type Change = fn(&mut KeyRow);

fn damaged(row: &KeyRow, part: &'static str) -> Option<VaultError> {
    Some(VaultError::DamagedKeyRow { key_id: row.key_id, part })
}

#[test]
fn a_new_row_says_all_there_is_to_know_and_unwraps_to_the_same_key() {
    let created = Timestamp::from_timestamp_nanos(1_790_000_000_123_456_789);
    let expires = created + chrono::Duration::days(21);
    let (key, row) = tree().new_data_key(identity(KeyClass::Delivery), created, Some(expires)).unwrap();
    assert_eq!(row.identity(), identity(KeyClass::Delivery));
    assert_eq!(*key.identity(), row.identity());
    assert_eq!((row.kek_id, row.kek_generation), (tree().id(), 1));
    assert_eq!(row.wrapped.as_ref().map(Vec::len), Some(12 + 32 + 16));
    assert_eq!(row.uses_reserved, DATA_KEY_USES_RESERVED);
    assert_eq!((row.state, row.destroyed_at, row.reason.clone()), (KeyState::Active, None, None));
    assert_eq!(row.created_at.timestamp_nanos_opt(), Some(1_790_000_000_123_000_000), "whole milliseconds");
    assert_eq!(row.expires_at.unwrap() - row.created_at, chrono::Duration::days(21));

    let cell: Sealed<Recipient> = key.seal(PLACE, &ada()).unwrap();
    drop(key);
    let key = tree().unwrap(&row).unwrap();
    assert_eq!(key.open(PLACE, &cell), Ok(ada()));
}

#[test]
fn every_bound_field_of_a_row_is_guarded() {
    let (_, row) = delivery_key();
    let bound = "wrapped key or the fields bound to it";
    let changes: [(&str, Change); 6] = [
        ("key id", |row| row.key_id = KeyId::from_number(9).unwrap()),
        ("class", |row| row.class = KeyClass::Contact),
        ("scope", |row| row.scope = ScopeId::from_bytes([0x5D; 16])),
        ("seller", |row| row.seller = SellerId::new(8)),
        ("generation", |row| row.generation = 2),
        ("created at", |row| row.created_at += chrono::Duration::milliseconds(1)),
    ];
    for (name, change) in changes {
        let mut changed = row.clone();
        change(&mut changed);
        assert_eq!(tree().unwrap(&changed).err(), damaged(&changed, bound), "{name}");
    }
    for at in 0..60 {
        let mut changed = row.clone();
        changed.wrapped.as_mut().unwrap()[at] ^= 1;
        assert_eq!(tree().unwrap(&changed).err(), damaged(&changed, bound), "wrapped, byte {at}");
    }
    for at in 0..16 {
        let mut changed = row.clone();
        changed.check[at] ^= 1;
        assert_eq!(tree().unwrap(&changed).err(), damaged(&changed, "check value"), "check, byte {at}");
    }
    for length in (0..=80).filter(|length| *length != 60) {
        let mut changed = row.clone();
        changed.wrapped.as_mut().unwrap().resize(length, 0);
        assert_eq!(tree().unwrap(&changed).err(), damaged(&changed, "wrapped key of the wrong length"), "{length}");
    }
    let mut changed = row.clone();
    changed.kek_generation = 2;
    let unknown = VaultError::UnknownKekGeneration { key_id: row.key_id, found: 2 };
    assert_eq!(tree().unwrap(&changed).err(), Some(unknown));
    let mut changed = row.clone();
    changed.wrapped = None;
    let missing = damaged(&changed, "no wrapped key in a row that is not destroyed");
    assert_eq!(tree().unwrap(&changed).err(), missing, "a missing key is never taken for a destroyed one");
    assert!(tree().unwrap(&row).is_ok());
}

#[test]
fn what_changes_over_a_keys_life_is_not_bound() {
    let (key, mut row) = delivery_key();
    let cell: Sealed<Recipient> = key.seal(PLACE, &ada()).unwrap();
    row.expires_at = Some(now());
    row.uses_reserved += 256;
    assert_eq!(tree().unwrap(&row).unwrap().open(PLACE, &cell), Ok(ada()));
}

#[test]
fn keys_of_two_rows_cannot_be_swapped() {
    let (_, row) = delivery_key();
    let other = KeyIdentity { key_id: KeyId::from_number(9).unwrap(), ..row.identity() };
    let (_, mut swapped) = tree().new_data_key(other, now(), None).unwrap();
    swapped.wrapped.clone_from(&row.wrapped);
    swapped.check = row.check;
    assert_eq!(tree().unwrap(&swapped).err(), damaged(&swapped, "wrapped key or the fields bound to it"));
}

#[test]
fn another_root_secret_is_told_by_its_id() {
    let (_, row) = delivery_key();
    let other = KeyTree::derive(&RootSecret::parse(&"17".repeat(32)).unwrap());
    let wrong = VaultError::WrongRoot { expected: tree().id(), found: other.id() };
    assert_eq!(other.unwrap(&row).err(), Some(wrong.clone()));
    assert!(
        wrong.to_string().contains(&tree().id().to_string()) && wrong.to_string().contains(&other.id().to_string())
    );
    let mut renamed = row;
    renamed.kek_id = other.id();
    assert_eq!(other.unwrap(&renamed).err(), damaged(&renamed, "wrapped key or the fields bound to it"));
}

#[test]
fn a_destroyed_row_is_a_tombstone_that_says_when_and_why() {
    let (_, mut row) = delivery_key();
    row.destroy(now(), "retention");
    assert_eq!(row.wrapped, None);
    assert_eq!((row.state, row.destroyed_at), (KeyState::Destroyed, Some(now())));
    assert_eq!(row.reason.as_deref(), Some("retention"));
    assert_eq!(tree().unwrap(&row).err(), Some(VaultError::DestroyedKey { key_id: row.key_id }));

    let tombstone = row.clone();
    row.destroy(now() + chrono::Duration::days(1), "erasure");
    assert!(row == tombstone, "the first date and reason stay");

    row.wrapped = Some(vec![0; 60]);
    let overwritten = tree().unwrap(&row).err();
    assert_eq!(overwritten, Some(VaultError::DestroyedKey { key_id: row.key_id }), "overwritten, not yet null");
    row.destroy(now(), "erasure");
    assert_eq!(row.wrapped, None);
}

#[test]
fn a_retired_key_opens_and_seals_nothing() {
    let (key, mut row) = delivery_key();
    let cell: Sealed<Recipient> = key.seal(PLACE, &ada()).unwrap();
    row.state = KeyState::Retired;
    let retired = tree().unwrap(&row).unwrap();
    assert_eq!(retired.open(PLACE, &cell), Ok(ada()));
    let refused = VaultError::RetiredKey { key_id: row.key_id };
    assert_eq!(retired.seal::<Recipient, _>(PLACE, &ada()), Err(refused));
}

#[test]
fn new_keys_and_ids_are_drawn_and_never_repeat() {
    let rows: Vec<KeyRow> = (0..500).map(|_| delivery_key().1).collect();
    let nonces: HashSet<&[u8]> = rows.iter().map(|row| &row.wrapped.as_ref().unwrap()[..12]).collect();
    let checks: HashSet<[u8; 16]> = rows.iter().map(|row| row.check).collect();
    assert_eq!((nonces.len(), checks.len()), (500, 500), "check values differ because the keys do");
    let ids: HashSet<KeyId> = (0..500).map(|_| KeyTree::draw_key_id(now()).unwrap()).collect();
    assert!(ids.len() > 490, "22 random bits: {} of 500 differ", ids.len());
}

#[test]
fn codes_are_fixed_and_read_back() {
    let classes = KeyClass::ALL.map(|class| (class.code(), class.name()));
    let expected = [(1, "label"), (2, "delivery"), (3, "contact"), (4, "invoice"), (5, "staff"), (6, "channel")];
    assert_eq!(classes, expected);
    assert!(KeyClass::ALL.iter().all(|class| KeyClass::from_code(class.code()) == Some(*class)));
    let states = KeyState::ALL.map(|state| (state.code(), state.name()));
    assert_eq!(states, [(1, "active"), (2, "retired"), (3, "destroyed")]);
    assert!(KeyState::ALL.iter().all(|state| KeyState::from_code(state.code()) == Some(*state)));
    assert_eq!((KeyClass::from_code(0), KeyClass::from_code(7), KeyState::from_code(4)), (None, None, None));
}

#[test]
fn a_printed_row_shows_no_key() {
    let (key, row) = delivery_key();
    let printed = format!("{key:?} {row:?} {:?}", tree());
    assert!(!printed.contains("wrapped") && !printed.contains("cipher"), "{printed}");
}

#[test]
fn keys_can_be_held_across_threads() {
    fn is_shared<T: Send + Sync + 'static>() {}
    is_shared::<KeyTree>();
    is_shared::<ordersync_vault::DataKey>();
    is_shared::<Sealed<Recipient>>();
    is_shared::<VaultError>();
}
