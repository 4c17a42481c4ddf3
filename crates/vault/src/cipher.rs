//! AES-256-GCM with 96-bit nonces and 128-bit tags, in place and with no other sizes.

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{AeadInOut, Aes256Gcm, KeyInit};

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a nonce.
pub(crate) const NONCE_BYTES: usize = 12;
/// Bytes of a tag.
pub(crate) const TAG_BYTES: usize = 16;

/// The input is longer than AES-GCM allows, or the tag does not fit.
pub(crate) struct CipherRefused;

/// One key, expanded once and wiped when dropped.
pub(crate) struct Cipher(Aes256Gcm);

impl Cipher {
    pub(crate) fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Encrypts `buffer` where it stands and returns the tag.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        buffer: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], CipherRefused> {
        let sealed = self.0.encrypt_inout_detached(nonce.into(), aad, InOutBuf::from(buffer));
        sealed.map(Into::into).map_err(|_| CipherRefused)
    }

    /// Decrypts `buffer` where it stands; leaves it unchanged when the tag does not fit.
    pub(crate) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        aad: &[u8],
        buffer: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), CipherRefused> {
        let opened = self.0.decrypt_inout_detached(nonce.into(), aad, InOutBuf::from(buffer), tag.into());
        opened.map_err(|_| CipherRefused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex<const N: usize>(text: &str) -> [u8; N] {
        bytes(text).try_into().unwrap()
    }

    fn bytes(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.chars().map(|c| u8::try_from(c.to_digit(16).unwrap()).unwrap()).collect();
        digits.chunks(2).map(|pair| (pair[0] << 4) | pair[1]).collect()
    }

    /// Key, nonce, associated data, plaintext, ciphertext, tag.
    ///
    /// The first three are test cases 13, 14 and 16 of McGrew and Viega, "The Galois/Counter Mode of Operation
    /// (GCM)", appendix B, submitted to NIST; the last is the first case of NIST's CAVP file
    /// `gcmEncryptExtIV256.rsp` (96-bit nonce, nothing to encrypt).
    const KNOWN_ANSWERS: [[&str; 6]; 4] = [
        [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "000000000000000000000000",
            "",
            "",
            "",
            "530f8afbc74536b9a963b4f1c4cb738b",
        ],
        [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "000000000000000000000000",
            "",
            "00000000000000000000000000000000",
            "cea7403d4d606b6e074ec5d3baf39d18",
            "d0d1c8a799996bf0265b98b5d48ab919",
        ],
        [
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            "cafebabefacedbaddecaf888",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525\
             b16aedf5aa0de657ba637b39",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838\
             c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b",
        ],
        [
            "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
            "516c33929df5a3284ff463d7",
            "",
            "",
            "",
            "bdc1ac884d332457a1d2664f168c76f0",
        ],
    ];

    #[test]
    fn published_vectors_are_met_in_both_directions() {
        for [key, nonce, aad, plain, sealed, tag] in KNOWN_ANSWERS {
            let cipher = Cipher::new(&unhex(key));
            let mut buffer = bytes(plain);
            let made = cipher.seal(&unhex(nonce), &bytes(aad), &mut buffer).ok().unwrap();
            assert_eq!((buffer.as_slice(), made), (bytes(sealed).as_slice(), unhex(tag)), "{tag}");
            assert!(cipher.open(&unhex(nonce), &bytes(aad), &mut buffer, &unhex(tag)).is_ok(), "{tag}");
            assert_eq!(buffer, bytes(plain), "{tag}");
        }
    }

    #[test]
    fn a_changed_input_is_refused_and_nothing_is_decrypted() {
        let [key, nonce, aad, _, sealed, tag] = KNOWN_ANSWERS[2];
        let (key, nonce, aad, sealed, tag) = (unhex(key), unhex(nonce), bytes(aad), bytes(sealed), unhex(tag));
        let refused = |key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8], tag: &[u8; 16]| {
            let mut buffer = sealed.to_vec();
            let result = Cipher::new(key).open(nonce, aad, &mut buffer, tag);
            result.is_err() && buffer == sealed
        };
        assert!(!refused(&key, &nonce, &aad, &sealed, &tag));
        for bit in 0..8 {
            let flipped = |bytes: &[u8], at: usize| {
                let mut changed = bytes.to_vec();
                changed[at] ^= 1 << bit;
                changed
            };
            assert!((0..32).all(|at| refused(&flipped(&key, at).try_into().unwrap(), &nonce, &aad, &sealed, &tag)));
            assert!((0..12).all(|at| refused(&key, &flipped(&nonce, at).try_into().unwrap(), &aad, &sealed, &tag)));
            assert!((0..aad.len()).all(|at| refused(&key, &nonce, &flipped(&aad, at), &sealed, &tag)));
            assert!((0..sealed.len()).all(|at| refused(&key, &nonce, &aad, &flipped(&sealed, at), &tag)));
            assert!((0..16).all(|at| refused(&key, &nonce, &aad, &sealed, &flipped(&tag, at).try_into().unwrap())));
        }
    }
}
