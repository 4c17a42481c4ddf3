//! Documents in chunks: labels, invoices.

use ordersync_types::Pii;
use ordersync_vault::{DOCUMENT_MAX_BYTES, DataKey, KeyClass, Sealed, VaultError, document_uses};
use proptest::prelude::*;

use super::*;

const CHUNK: usize = 65_536;
const OVERHEAD: usize = 12 + 4 + 16;
const TAMPERED: VaultError = VaultError::Tampered { table: "label", column: "sealed" };

fn label_key() -> DataKey {
    tree().new_data_key(identity(KeyClass::Label), now(), None).unwrap().0
}

fn bytes_of(length: usize) -> Vec<u8> {
    (0..=250_u8).cycle().take(length).collect()
}

fn seal(key: &DataKey, document: &[u8]) -> Vec<u8> {
    key.seal_document::<LabelBytes>(PLACE, &Pii::new(document.to_vec())).unwrap().into_bytes()
}

fn open(key: &DataKey, bytes: &[u8]) -> Result<Vec<u8>, VaultError> {
    let opened = key.open_document(PLACE, &Sealed::<LabelBytes>::from_bytes(bytes.to_vec()));
    opened.map(|document| document.expose().clone())
}

#[test]
fn documents_of_every_edge_length_come_back() {
    let key = label_key();
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 77] {
        let document = bytes_of(length);
        let sealed = seal(&key, &document);
        assert_eq!(sealed.len(), 10 + length + document_uses(length) * OVERHEAD, "{length}");
        assert_eq!(open(&key, &sealed), Ok(document), "{length}");
    }
}

#[test]
fn the_uses_of_a_key_are_its_chunks() {
    for (length, uses) in [(0, 1), (1, 1), (CHUNK, 1), (CHUNK + 1, 2), (DOCUMENT_MAX_BYTES, 128)] {
        assert_eq!(document_uses(length), uses, "{length}");
    }
}

#[test]
fn the_longest_document_is_sealed_and_a_longer_one_refused() {
    let key = label_key();
    let longest = bytes_of(DOCUMENT_MAX_BYTES);
    assert!(open(&key, &seal(&key, &longest)) == Ok(longest));
    let too_long = key.seal_document::<LabelBytes>(PLACE, &Pii::new(bytes_of(DOCUMENT_MAX_BYTES + 1)));
    assert_eq!(too_long, Err(VaultError::TooLong { found: DOCUMENT_MAX_BYTES + 1, limit: DOCUMENT_MAX_BYTES }));
}

#[test]
fn each_flipped_byte_of_a_short_document_is_refused() {
    let key = label_key();
    let sealed = seal(&key, b"^XA^FDinvented label^FS^XZ");
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 0x10;
        let error = open(&key, &changed).unwrap_err();
        let as_expected = match at {
            0 => error == VaultError::NewerFormat { found: 0x12 },
            1 => error == VaultError::UnknownSuite { found: 0x11 },
            2..10 => matches!(error, VaultError::WrongKey { .. }),
            // A changed length reaches beyond the bytes, or takes the wrong ones for the tag.
            22..26 => matches!(error, VaultError::Truncated { .. } | VaultError::Tampered { .. }),
            _ => error == TAMPERED,
        };
        assert!(as_expected, "byte {at}: {error:?}");
    }
}

#[test]
fn chunks_cannot_be_cut_off_added_or_put_in_another_order() {
    let key = label_key();
    let sealed = seal(&key, &bytes_of(2 * CHUNK + 100));
    let chunk = CHUNK + OVERHEAD;
    let (header, first, second, last) =
        (&sealed[..10], &sealed[10..10 + chunk], &sealed[10 + chunk..10 + 2 * chunk], &sealed[10 + 2 * chunk..]);
    let joined = |parts: &[&[u8]]| open(&key, &[&[header], parts].concat().concat());
    assert!(joined(&[first, second, last]).is_ok());
    assert_eq!(joined(&[second, first, last]), Err(TAMPERED));
    assert_eq!(joined(&[first, last]), Err(TAMPERED));
    assert_eq!(joined(&[first, first, second, last]), Err(TAMPERED));
    assert_eq!(joined(&[first, second]), Err(VaultError::Truncated { found: 10 + 2 * chunk }));
    assert_eq!(joined(&[]), Err(VaultError::Truncated { found: 10 }));
    assert_eq!(joined(&[first, second, last, &[0]]), Err(VaultError::TrailingBytes { extra: 1 }));
    assert_eq!(joined(&[first, second, last, last]), Err(VaultError::TrailingBytes { extra: last.len() }));
    let whole = seal(&key, &bytes_of(2 * CHUNK));
    let longer = [&whole[..], last].concat();
    assert_eq!(open(&key, &longer), Err(VaultError::TrailingBytes { extra: last.len() }));
    let other = seal(&key, &bytes_of(2 * CHUNK + 100));
    assert!(joined(&[first, &other[10 + chunk..10 + 2 * chunk], last]).is_ok(), "chunks carry their own nonces");
}

#[test]
fn a_document_cut_at_any_length_is_refused() {
    let key = label_key();
    let sealed = seal(&key, b"short");
    for length in 0..sealed.len() {
        assert_eq!(open(&key, &sealed[..length]), Err(VaultError::Truncated { found: length }));
    }
}

#[test]
fn a_document_opens_in_its_own_place_and_as_a_document_only() {
    let key = label_key();
    let sealed = || Sealed::<LabelBytes>::from_bytes(seal(&key, b"label"));
    let other_row = CellPlace { primary_key: [0; 16], ..PLACE };
    assert_eq!(key.open_document(other_row, &sealed()).map(drop), Err(TAMPERED));
    let older = CellPlace { row_version: 2, ..PLACE };
    assert_eq!(key.open_document(older, &sealed()).map(drop), Err(TAMPERED));
    let as_record = key.open::<LabelBytes, Person>(PLACE, &sealed());
    assert_eq!(as_record, Err(VaultError::OtherFormat { found: 2, wanted: 1 }));
    let record: Sealed<LabelBytes> = key.seal(PLACE, &ada()).unwrap();
    let as_document = key.open_document(PLACE, &record).map(drop);
    assert_eq!(as_document, Err(VaultError::OtherFormat { found: 1, wanted: 2 }));
    let (delivery, _) = delivery_key();
    assert!(matches!(
        delivery.seal_document::<LabelBytes>(PLACE, &Pii::new(Vec::new())),
        Err(VaultError::WrongClass { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let key = label_key();
        prop_assert!(open(&key, &bytes).is_err());
        let header = [&[2, 1][..], &key.key_id().number().to_be_bytes(), &bytes].concat();
        prop_assert!(open(&key, &header).is_err());
    }

    #[test]
    fn any_document_comes_back(document in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let key = label_key();
        prop_assert_eq!(open(&key, &seal(&key, &document)), Ok(document));
    }
}
