//! A sealed document: bytes in chunks of 64 KiB.

use ordersync_types::Pii;
use zeroize::Zeroizing;

use crate::cell::{FORMAT_DOCUMENT, HEADER_BYTES, Header};
use crate::cipher::{NONCE_BYTES, TAG_BYTES};
use crate::parts::Parts;
use crate::{CellPlace, DataKey, Sealed, SealedColumn, VaultError, random};

/// The most bytes that a document may have: 8 MiB.
pub const DOCUMENT_MAX_BYTES: usize = 8 << 20;

/// Clear bytes in every chunk but the last.
const CHUNK_BYTES: usize = 64 << 10;
/// Nonce, length, tag.
const CHUNK_OVERHEAD: usize = NONCE_BYTES + 4 + TAG_BYTES;

/// Chunks of a document of `length` bytes, and so uses of its key: at least 1, at most 128.
pub const fn document_uses(length: usize) -> usize {
    if length == 0 { 1 } else { length.div_ceil(CHUNK_BYTES) }
}

impl DataKey {
    /// Seals a document for one cell. [`document_uses`] uses of the key.
    ///
    /// # Errors
    /// As [`DataKey::seal`]; [`VaultError::TooLong`] above [`DOCUMENT_MAX_BYTES`].
    pub fn seal_document<C: SealedColumn>(
        &self,
        place: CellPlace,
        document: &Pii<Vec<u8>>,
    ) -> Result<Sealed<C>, VaultError> {
        let document = document.expose().as_slice();
        self.check_place::<C>(place)?;
        self.check_seals()?;
        let too_long = VaultError::TooLong { found: document.len(), limit: DOCUMENT_MAX_BYTES };
        if document.len() > DOCUMENT_MAX_BYTES {
            return Err(too_long);
        }
        let chunks = document_uses(document.len());
        let mut nonces = vec![[0; NONCE_BYTES]; chunks];
        random::fill(nonces.as_flattened_mut())?;

        let size = HEADER_BYTES + chunks * CHUNK_OVERHEAD + document.len();
        let mut cell = Zeroizing::new(Vec::with_capacity(size));
        Header::write(FORMAT_DOCUMENT, self.key_id(), &mut cell);
        let mut aad = ChunkAad::new(self.cell_aad::<C>(place));
        let mut rest = document;
        for (index, nonce) in (0_i64..).zip(&nonces) {
            let (chunk, after) = rest.split_at_checked(CHUNK_BYTES).unwrap_or((rest, &[]));
            rest = after;
            let length = u32::try_from(chunk.len()).map_err(|_| too_long.clone())?;
            cell.extend_from_slice(nonce);
            cell.extend_from_slice(&length.to_be_bytes());
            let start = cell.len();
            cell.extend_from_slice(chunk);
            let clear = cell.get_mut(start..).unwrap_or_default();
            let aad = aad.of(index, rest.is_empty());
            let tag = self.cipher.seal(nonce, aad, clear).map_err(|_| too_long.clone())?;
            cell.extend_from_slice(&tag);
        }
        Ok(Sealed::from_bytes(std::mem::take(&mut *cell)))
    }

    /// Opens a document.
    ///
    /// # Errors
    /// As [`DataKey::open`] without the record. Nothing of the document is given out unless all of it is good.
    pub fn open_document<C: SealedColumn>(
        &self,
        place: CellPlace,
        sealed: &Sealed<C>,
    ) -> Result<Pii<Vec<u8>>, VaultError> {
        self.check_place::<C>(place)?;
        let found = sealed.as_bytes().len();
        let mut rest = self.body_of(FORMAT_DOCUMENT, sealed.as_bytes())?;
        let mut aad = ChunkAad::new(self.cell_aad::<C>(place));
        // Never grows, so no clear bytes are left behind in an outgrown buffer.
        let mut document = Zeroizing::new(Vec::with_capacity(rest.len().min(DOCUMENT_MAX_BYTES)));
        for index in 0_i64.. {
            let (chunk, after) = Chunk::split_off(rest).ok_or(VaultError::Truncated { found })?;
            let start = document.len();
            if start + chunk.ciphertext.len() > DOCUMENT_MAX_BYTES {
                return Err(VaultError::TooLong { found: start + chunk.ciphertext.len(), limit: DOCUMENT_MAX_BYTES });
            }
            document.extend_from_slice(chunk.ciphertext);
            let mut opens_as = |last| {
                let buffer = document.get_mut(start..).unwrap_or_default();
                self.cipher.open(chunk.nonce, aad.of(index, last), buffer, chunk.tag).is_ok()
            };
            // Which chunk is the last is said by its tag, not by where the bytes end: so a document that was cut,
            // or goes on, between two chunks is told from a changed one.
            let looks_last = after.is_empty() || chunk.ciphertext.len() != CHUNK_BYTES;
            let last = if opens_as(looks_last) {
                looks_last
            } else if opens_as(!looks_last) {
                !looks_last
            } else {
                return Err(VaultError::Tampered { table: C::TABLE, column: C::COLUMN });
            };
            match (last, after.is_empty()) {
                (true, true) => break,
                (true, false) => return Err(VaultError::TrailingBytes { extra: after.len() }),
                (false, true) => return Err(VaultError::Truncated { found }),
                (false, false) => {}
            }
            rest = after;
        }
        Ok(Pii::new(std::mem::take(&mut *document)))
    }
}

/// One chunk as stored.
struct Chunk<'a> {
    nonce: &'a [u8; NONCE_BYTES],
    ciphertext: &'a [u8],
    tag: &'a [u8; TAG_BYTES],
}

impl<'a> Chunk<'a> {
    /// The first chunk and what follows it; `None` when it ends beyond the bytes.
    fn split_off(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (nonce, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (ciphertext, rest) = rest.split_at_checked(length)?;
        let (tag, rest) = rest.split_first_chunk()?;
        Some((Self { nonce, ciphertext, tag }, rest))
    }
}

/// The cell's authenticated parts, followed by those of one chunk after the other.
struct ChunkAad {
    parts: Parts,
    cell: usize,
}

impl ChunkAad {
    fn new(parts: Parts) -> Self {
        Self { cell: parts.len(), parts }
    }

    fn of(&mut self, index: i64, last: bool) -> &[u8] {
        self.parts.cut_back(self.cell);
        self.parts.add_number(index);
        self.parts.add(&[u8::from(last)]);
        self.parts.as_bytes()
    }
}
