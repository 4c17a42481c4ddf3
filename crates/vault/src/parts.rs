//! Unambiguous joining of byte strings, for everything that is authenticated.

use ordersync_types::SellerId;

/// Byte strings joined so that no two different lists give the same bytes: each part follows its length in
/// 4 bytes, big-endian.
pub(crate) struct Parts(Vec<u8>);

impl Parts {
    pub(crate) fn new(domain: &str) -> Self {
        let mut parts = Self(Vec::with_capacity(256));
        parts.add(domain.as_bytes());
        parts
    }

    pub(crate) fn add(&mut self, part: &[u8]) {
        // Every part is a name or an id of ours or a number, far below 4 GiB.
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(part);
    }

    pub(crate) fn add_number(&mut self, number: i64) {
        self.add(&number.to_be_bytes());
    }

    pub(crate) fn add_seller(&mut self, seller: SellerId) {
        self.add(&seller.number().to_be_bytes());
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Drops what was added after the length was `length`.
    pub(crate) fn cut_back(&mut self, length: usize) {
        self.0.truncate(length);
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
