//! A sealed cell: one record in one column of one row version.

use std::fmt;
use std::marker::PhantomData;

use ordersync_types::{KeyId, SealedRecord, SellerId};
use zeroize::Zeroizing;

use crate::cipher::{NONCE_BYTES, TAG_BYTES};
use crate::parts::Parts;
use crate::{DataKey, KeyClass, VaultError, encoding, random};

/// The format of a cell that holds a record.
pub(crate) const FORMAT_RECORD: u8 = 0x01;
/// The format of a cell that holds a document.
pub(crate) const FORMAT_DOCUMENT: u8 = 0x02;
/// AES-256-GCM, 96-bit random nonce, 128-bit tag.
pub(crate) const SUITE: u8 = 0x01;
/// Format, suite, key id.
pub(crate) const HEADER_BYTES: usize = 10;

/// A column that holds sealed cells. The store declares a type without fields for each, so that what is
/// authenticated with a cell cannot be mistyped where it is sealed or opened.
pub trait SealedColumn {
    /// The table's name. Never changed: cells are bound to it.
    const TABLE: &'static str;
    /// The column's name. Never changed: cells are bound to it.
    const COLUMN: &'static str;
    /// The class of the keys that seal it.
    const CLASS: KeyClass;
}

/// The bytes of a sealed cell of column `C`.
pub struct Sealed<C> {
    bytes: Vec<u8>,
    column: PhantomData<fn() -> C>,
}

impl<C> Sealed<C> {
    /// The cell with these bytes, for rows read back. They are looked at when the cell is opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes, column: PhantomData }
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes to store.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The one key that opens the cell.
    ///
    /// # Errors
    /// As in opening, when the first ten bytes are not those of a cell. Never repeat.
    pub fn key_id(&self) -> Result<KeyId, VaultError> {
        Header::read(&self.bytes).map(|(header, _)| header.key_id)
    }
}

impl<C> Clone for Sealed<C> {
    fn clone(&self) -> Self {
        Self::from_bytes(self.bytes.clone())
    }
}

impl<C> PartialEq for Sealed<C> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<C> Eq for Sealed<C> {}

impl<C> fmt::Debug for Sealed<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.bytes.len())
    }
}

/// Where a cell stands, apart from its column and its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CellPlace {
    /// Whose row.
    pub seller: SellerId,
    /// The row's id.
    pub primary_key: [u8; 16],
    /// The version of the row that holds the cell, raised whenever the cell is sealed again.
    pub row_version: i64,
}

/// The first ten bytes of a cell.
pub(crate) struct Header {
    pub(crate) format: u8,
    pub(crate) key_id: KeyId,
}

impl Header {
    /// Splits a cell into its header and the rest.
    pub(crate) fn read(bytes: &[u8]) -> Result<(Self, &[u8]), VaultError> {
        let truncated = || VaultError::Truncated { found: bytes.len() };
        let (&format, rest) = bytes.split_first().ok_or_else(truncated)?;
        match format {
            FORMAT_RECORD | FORMAT_DOCUMENT => {}
            0 => return Err(VaultError::UnknownFormat { found: format }),
            newer => return Err(VaultError::NewerFormat { found: newer }),
        }
        let (&suite, rest) = rest.split_first().ok_or_else(truncated)?;
        if suite != SUITE {
            return Err(VaultError::UnknownSuite { found: suite });
        }
        let (key_id, rest) = rest.split_first_chunk().ok_or_else(truncated)?;
        let key_id = KeyId::from_number(i64::from_be_bytes(*key_id)).map_err(|_| VaultError::BadKeyId)?;
        Ok((Self { format, key_id }, rest))
    }

    /// Appends the header to an empty cell.
    pub(crate) fn write(format: u8, key_id: KeyId, cell: &mut Vec<u8>) {
        cell.push(format);
        cell.push(SUITE);
        cell.extend_from_slice(&key_id.number().to_be_bytes());
    }
}

impl DataKey {
    /// Seals a record for one cell. One use of the key.
    ///
    /// # Errors
    /// [`VaultError::WrongClass`], [`VaultError::WrongSeller`], [`VaultError::RetiredKey`],
    /// [`VaultError::Encoding`] or [`VaultError::TooLong`]: never repeat. [`VaultError::NoRandom`]: may be
    /// repeated.
    pub fn seal<C: SealedColumn, R: SealedRecord>(
        &self,
        place: CellPlace,
        record: &R,
    ) -> Result<Sealed<C>, VaultError> {
        self.check_place::<C>(place)?;
        self.check_seals()?;
        let mut nonce = [0; NONCE_BYTES];
        random::fill(&mut nonce)?;
        self.seal_with_nonce(place, record, &nonce)
    }

    fn seal_with_nonce<C: SealedColumn, R: SealedRecord>(
        &self,
        place: CellPlace,
        record: &R,
        nonce: &[u8; NONCE_BYTES],
    ) -> Result<Sealed<C>, VaultError> {
        let fields = record.fields();
        let length = encoding::length(&fields)?;
        let padded = encoding::padded(length);
        let start = HEADER_BYTES + NONCE_BYTES;
        // One allocation: the clear bytes are written where their ciphertext will stand.
        let mut cell = Zeroizing::new(Vec::with_capacity(start + padded + TAG_BYTES));
        Header::write(FORMAT_RECORD, self.key_id(), &mut cell);
        cell.extend_from_slice(nonce);
        encoding::write::<R>(&fields, length, &mut cell)?;
        cell.resize(start + padded, 0);
        let aad = self.cell_aad::<C>(place);
        let clear = cell.get_mut(start..).unwrap_or_default();
        let tag = self.cipher.seal(nonce, aad.as_bytes(), clear).map_err(|_| encoding::too_long(padded))?;
        cell.extend_from_slice(&tag);
        Ok(Sealed::from_bytes(std::mem::take(&mut *cell)))
    }

    /// Opens a cell and rebuilds its record.
    ///
    /// # Errors
    /// Everything that [`VaultError`] says of cells, by the check that failed first: place, header, key, length,
    /// tag, encoding, record. Never repeat.
    pub fn open<C: SealedColumn, R: SealedRecord>(
        &self,
        place: CellPlace,
        sealed: &Sealed<C>,
    ) -> Result<R, VaultError> {
        self.check_place::<C>(place)?;
        let body = self.body_of(FORMAT_RECORD, sealed.as_bytes())?;
        let found = sealed.as_bytes().len();
        let whole = body.split_first_chunk::<NONCE_BYTES>().and_then(|(nonce, rest)| {
            let least = encoding::BLOCK_BYTES + TAG_BYTES;
            (rest.len() >= least).then_some((nonce, rest))
        });
        let (nonce, rest) = whole.ok_or(VaultError::Truncated { found })?;
        let aad = self.cell_aad::<C>(place);
        // The length is a whole number of blocks. If it is not, bytes follow a whole cell, or some are missing:
        // only the tag can tell which.
        let extra = (rest.len() - TAG_BYTES) % encoding::BLOCK_BYTES;
        let cell = rest.get(..rest.len() - extra).unwrap_or_default();
        let clear = self.decrypt(nonce, aad.as_bytes(), cell);
        if extra > 0 {
            let error =
                if clear.is_some() { VaultError::TrailingBytes { extra } } else { VaultError::Truncated { found } };
            return Err(error);
        }
        let clear = clear.ok_or(VaultError::Tampered { table: C::TABLE, column: C::COLUMN })?;
        Ok(R::rebuild(encoding::read::<R>(&clear)?)?)
    }

    /// The clear bytes, or `None` when the tag does not fit.
    fn decrypt(&self, nonce: &[u8; NONCE_BYTES], aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_BYTES>()?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        self.cipher.open(nonce, aad, &mut buffer, tag).ok().map(|()| buffer)
    }

    /// What follows the header, once the header says that this key opens a cell of this format.
    pub(crate) fn body_of<'a>(&self, wanted: u8, bytes: &'a [u8]) -> Result<&'a [u8], VaultError> {
        let (header, body) = Header::read(bytes)?;
        if header.format != wanted {
            return Err(VaultError::OtherFormat { found: header.format, wanted });
        }
        if header.key_id != self.key_id() {
            return Err(VaultError::WrongKey { cell: header.key_id, key: self.key_id() });
        }
        Ok(body)
    }

    /// What is authenticated with a cell besides its bytes: everything that says where it belongs.
    pub(crate) fn cell_aad<C: SealedColumn>(&self, place: CellPlace) -> Parts {
        let mut parts = Parts::new("fieldseal/1");
        parts.add_seller(place.seller);
        parts.add(C::TABLE.as_bytes());
        parts.add(C::COLUMN.as_bytes());
        parts.add(&place.primary_key);
        parts.add(self.scope().as_bytes());
        parts.add_number(self.class().code());
        parts.add_number(self.key_id().number());
        parts.add_number(place.row_version);
        parts
    }
}

#[cfg(test)]
mod tests {
    use ordersync_types::{FieldState, RecordError, RecordField};

    use super::*;
    use crate::{KeyIdentity, KeyState, ScopeId};

    struct Column;

    impl SealedColumn for Column {
        const TABLE: &'static str = "order_recipient";
        const COLUMN: &'static str = "sealed";
        const CLASS: KeyClass = KeyClass::Delivery;
    }

    struct ContactColumn;

    impl SealedColumn for ContactColumn {
        const TABLE: &'static str = "order_recipient";
        const COLUMN: &'static str = "sealed";
        const CLASS: KeyClass = KeyClass::Contact;
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Name(String);

    impl SealedRecord for Name {
        const NAME: &'static str = "name";
        const FIELDS: &'static [&'static str] = &["name"];

        fn fields(&self) -> Vec<RecordField<'_>> {
            vec![RecordField::owned(0, "", FieldState::value(&self.0))]
        }

        fn rebuild(fields: Vec<RecordField<'_>>) -> Result<Self, RecordError> {
            let name = fields.first().and_then(|field| field.state.get()).map(|name| name.expose().clone());
            Ok(Self(name.unwrap_or_default()))
        }
    }

    const PLACE: CellPlace = CellPlace { seller: SellerId::new(7), primary_key: [1; 16], row_version: 1 };

    fn identity() -> KeyIdentity {
        KeyIdentity {
            key_id: KeyId::from_number(5).unwrap(),
            class: KeyClass::Delivery,
            scope: ScopeId::from_bytes([2; 16]),
            seller: SellerId::new(7),
            generation: 1,
        }
    }

    /// The same key bytes under any identity: what an unwrapped key row can never give.
    fn key(identity: KeyIdentity) -> DataKey {
        DataKey::new(identity, KeyState::Active, &[9; 32])
    }

    #[test]
    fn seller_scope_and_class_are_bound_by_the_tag_itself() {
        let cell: Sealed<Column> = key(identity()).seal(PLACE, &Name("Ada Example".to_owned())).unwrap();
        let opened = |identity, place| key(identity).open::<Column, Name>(place, &cell);
        assert_eq!(opened(identity(), PLACE), Ok(Name("Ada Example".to_owned())));
        let tampered = VaultError::Tampered { table: "order_recipient", column: "sealed" };

        let other_seller = KeyIdentity { seller: SellerId::new(8), ..identity() };
        let other_place = CellPlace { seller: SellerId::new(8), ..PLACE };
        assert_eq!(opened(other_seller, other_place), Err(tampered.clone()));

        let other_scope = KeyIdentity { scope: ScopeId::from_bytes([3; 16]), ..identity() };
        assert_eq!(opened(other_scope, PLACE), Err(tampered.clone()));

        let contact = key(KeyIdentity { class: KeyClass::Contact, ..identity() });
        let moved = Sealed::<ContactColumn>::from_bytes(cell.as_bytes().to_vec());
        assert_eq!(contact.open::<ContactColumn, Name>(PLACE, &moved), Err(tampered));
    }

    #[test]
    fn what_is_authenticated_is_spelled_out_part_by_part() {
        let aad = key(identity()).cell_aad::<Column>(CellPlace { row_version: -2, ..PLACE });
        let mut expected = Vec::new();
        for part in [
            b"fieldseal/1".as_slice(),
            &[0, 0, 0, 7],
            b"order_recipient",
            b"sealed",
            &[1; 16],
            &[2; 16],
            &[0, 0, 0, 0, 0, 0, 0, 2],
            &[0, 0, 0, 0, 0, 0, 0, 5],
            &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE],
        ] {
            expected.extend_from_slice(&u32::try_from(part.len()).unwrap().to_be_bytes());
            expected.extend_from_slice(part);
        }
        assert_eq!(aad.as_bytes(), expected);
    }

    #[test]
    fn sealing_takes_one_allocation_of_the_right_size() {
        let cell: Sealed<Column> = key(identity()).seal(PLACE, &Name("Ada Example".to_owned())).unwrap();
        assert_eq!(cell.bytes.capacity(), cell.bytes.len());
    }
}
