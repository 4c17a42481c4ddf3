//! The recovery file: the root secret under a passphrase, readable by any `age` program.

use std::io::{Read, Write};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, Encryptor, scrypt};
use ordersync_types::Secret;
use zeroize::Zeroizing;

use crate::{KekId, RootSecret, VaultError};

/// scrypt with N = 2^18: about a second on a machine of 2026, for each guess as well.
const WORK_FACTOR: u8 = 18;
/// A file that asks for more is refused: 2^20 takes some seconds and 1 GiB.
const WORK_FACTOR_MAX: u8 = 20;
/// A recovery file has below 1 KiB; more than this is something else.
const FILE_MAX_BYTES: usize = 64 << 10;

/// The first line inside the file.
const TITLE: &str = "ordersync root secret";
const ARMOR_BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const BINARY_BEGIN: &[u8] = b"age-encryption.org/";

/// A recovery file could not be made or opened. Never holds a part of the secret or of the passphrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EscrowError {
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The passphrase does not fit. (Damage to the one line that holds the wrapped file key looks the same.)
    #[error("the passphrase does not open the recovery file")]
    WrongPassphrase,
    /// The bytes are not an `age` file.
    #[error("not an age file")]
    NotAgeFile,
    /// An `age` file, but for a key pair and not for a passphrase.
    #[error("the age file is not protected by a passphrase")]
    NotPassphrase,
    /// An `age` file with changed or missing bytes, or of a version of `age` that this program does not know.
    #[error("the age file is damaged, or of an unknown version of age")]
    Damaged,
    /// Opening the file would take more work than is reasonable.
    #[error("the age file asks for scrypt work factor {required}, more than {limit}")]
    TooMuchWork {
        /// The work factor in the file.
        required: u8,
        /// The most that is accepted.
        limit: u8,
    },
    /// The file opened, and holds something else than a root secret.
    #[error("the file holds no ordersync root secret")]
    NotOurContent,
    /// The root secret in the file is not the one that its own id line names.
    #[error("the file names root secret {named}, but holds {held}")]
    OtherSecret {
        /// The id in the file.
        named: KekId,
        /// The id of the secret in the file.
        held: KekId,
    },
    /// The file could not be written in memory.
    #[error("the recovery file could not be made")]
    NotMade,
}

/// Lines for a person to print and keep with the file. The file itself has no room for them: `age` allows no
/// text around its own. [`open_root`] skips them when they were pasted into one file.
pub fn explanation(id: KekId) -> String {
    format!(
        "This is a recovery file of ordersync. It holds root secret {id}, protected by a passphrase.\n\
         Without the root secret all personal data of the installation is lost for good.\n\
         Keep the file away from the machine and its backups, and the passphrase away from the file.\n\
         Any age program opens it: age --decrypt FILE\n"
    )
}

/// Makes a recovery file: ASCII-armoured `age`, below 1 KiB. Takes about a second.
///
/// # Errors
/// [`EscrowError::EmptyPassphrase`] or [`EscrowError::NotMade`].
pub fn seal_root(root: &RootSecret, passphrase: &Secret<String>) -> Result<Vec<u8>, EscrowError> {
    seal_with_work(root, passphrase, WORK_FACTOR)
}

fn seal_with_work(root: &RootSecret, passphrase: &Secret<String>, work_factor: u8) -> Result<Vec<u8>, EscrowError> {
    if passphrase.expose().is_empty() {
        return Err(EscrowError::EmptyPassphrase);
    }
    let hex = root.to_hex();
    let content = Zeroizing::new(format!("# {TITLE}\n# id {}\n{}\n", root.id(), hex.expose()));
    let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase.expose().as_str()));
    recipient.set_work_factor(work_factor);
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as _)).map_err(|_| EscrowError::NotMade)?;
    let write = || -> std::io::Result<Vec<u8>> {
        let armor = ArmoredWriter::wrap_output(Vec::with_capacity(1024), Format::AsciiArmor)?;
        let mut file = encryptor.wrap_output(armor)?;
        file.write_all(content.as_bytes())?;
        file.finish()?.finish()
    };
    write().map_err(|_| EscrowError::NotMade)
}

/// Opens a recovery file, armoured or not. Takes about a second.
///
/// # Errors
/// One [`EscrowError`] for each cause. Only [`EscrowError::WrongPassphrase`] is worth another try, with another
/// passphrase.
pub fn open_root(file: &[u8], passphrase: &Secret<String>) -> Result<RootSecret, EscrowError> {
    let age_file = find_age_file(file)?;
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(age_file)).map_err(read_error)?;
    if !decryptor.is_scrypt() {
        return Err(EscrowError::NotPassphrase);
    }
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase.expose().as_str()));
    identity.set_max_work_factor(WORK_FACTOR_MAX);
    let reader = decryptor.decrypt(std::iter::once(&identity as _)).map_err(read_error)?;
    // The buffer never grows, so the secret is not left behind in an outgrown one.
    let mut content = Zeroizing::new(Vec::with_capacity(FILE_MAX_BYTES));
    let limit = u64::try_from(FILE_MAX_BYTES).unwrap_or(u64::MAX);
    reader.take(limit).read_to_end(&mut content).map_err(|_| EscrowError::Damaged)?;
    read_content(&content)
}

/// The `age` file in the bytes: text in front of the armour is allowed.
fn find_age_file(file: &[u8]) -> Result<&[u8], EscrowError> {
    if file.len() > FILE_MAX_BYTES {
        return Err(EscrowError::NotAgeFile);
    }
    if file.starts_with(BINARY_BEGIN) {
        return Ok(file);
    }
    let at_line_start = |at: &usize| *at == 0 || file.get(at - 1) == Some(&b'\n');
    let begin = |at: &usize| file.get(*at..).is_some_and(|rest| rest.starts_with(ARMOR_BEGIN));
    let start = (0..file.len()).find(|at| at_line_start(at) && begin(at));
    start.and_then(|start| file.get(start..)).ok_or(EscrowError::NotAgeFile)
}

fn read_error(error: DecryptError) -> EscrowError {
    match error {
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => EscrowError::WrongPassphrase,
        DecryptError::ExcessiveWork { required, target: _ } => {
            EscrowError::TooMuchWork { required, limit: WORK_FACTOR_MAX }
        }
        // A damaged header is taken for that of an unknown version.
        DecryptError::UnknownFormat | DecryptError::InvalidHeader | DecryptError::InvalidMac | DecryptError::Io(_) => {
            EscrowError::Damaged
        }
        DecryptError::NoMatchingKeys => EscrowError::NotPassphrase,
        // The list of `age` is open: a cause that it adds later is about the file, not about the passphrase.
        _ => EscrowError::Damaged,
    }
}

fn read_content(content: &[u8]) -> Result<RootSecret, EscrowError> {
    let not_ours = |_: VaultError| EscrowError::NotOurContent;
    let text = std::str::from_utf8(content).map_err(|_| EscrowError::NotOurContent)?;
    let mut lines = text.lines();
    let comment = |line: Option<&'_ str>| line.and_then(|line| line.strip_prefix("# ")).map(str::to_owned);
    if comment(lines.next()).as_deref() != Some(TITLE) {
        return Err(EscrowError::NotOurContent);
    }
    let named = comment(lines.next()).and_then(|line| line.strip_prefix("id ")?.parse::<KekId>().ok());
    let named = named.ok_or(EscrowError::NotOurContent)?;
    let root = RootSecret::parse(lines.next().unwrap_or_default()).map_err(not_ours)?;
    if lines.next().is_some() {
        return Err(EscrowError::NotOurContent);
    }
    if root.id() != named {
        return Err(EscrowError::OtherSecret { named, held: root.id() });
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Some milliseconds instead of a second.
    const LIGHT_WORK: u8 = 2;

    fn root() -> RootSecret {
        RootSecret::parse(&"4b".repeat(32)).unwrap()
    }

    fn passphrase(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    fn recovery_file() -> Vec<u8> {
        seal_with_work(&root(), &passphrase("an invented passphrase"), LIGHT_WORK).unwrap()
    }

    fn open(file: &[u8]) -> Result<String, EscrowError> {
        open_root(file, &passphrase("an invented passphrase")).map(|root| root.to_hex().expose().clone())
    }

    /// A file of ours in every respect but its content.
    fn file_holding(content: &str) -> Vec<u8> {
        let mut recipient = scrypt::Recipient::new(SecretString::from("an invented passphrase"));
        recipient.set_work_factor(LIGHT_WORK);
        age::encrypt_and_armor(&recipient, content.as_bytes()).unwrap().into_bytes()
    }

    #[test]
    fn a_recovery_file_gives_the_secret_back() {
        let file = recovery_file();
        assert!(file.starts_with(ARMOR_BEGIN) && file.len() < 1024, "{} bytes", file.len());
        assert_eq!(open(&file), Ok("4b".repeat(32)));
        let explained = [explanation(root().id()).as_bytes(), &file].concat();
        assert_eq!(open(&explained), Ok("4b".repeat(32)), "the explanation pasted in front");
        assert!(explanation(root().id()).contains(&root().id().to_string()));
    }

    /// Made once by a second implementation, written from the `age` format's specification (c2sp.org/age) and this
    /// crate's README. Never regenerate it: a recovery file is opened years later.
    const FIRST_FILE: &str = "-----BEGIN AGE ENCRYPTED FILE-----\n\
         YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBNREV5TXpRMU5qYzRPVG83\n\
         UEQwK1B3IDIKMHhOVURNWGs5UzdCMVBqNXZXNngwNndTZGttUzRuQ0RIUEtORzBL\n\
         NzkzcwotLS0gejlidHk0LzQ4RGNLQjZSWGxyNHRsajRjdUsyUURQcjRhcnhwRjF3\n\
         WUxwTQpwcXJzdHV2d3h5ent8fX5/EP4M6MjNsWecN2kXObnMsTcKlgN1XAdbUu47\n\
         PLG5ed0eHfJDPgXVqx6mDGtDe2lB/ZyRzcKHahMkxY+0v1Eumd863TzCOhhMFyR4\n\
         qQXhu4tjjXIW30ImkD+a7tnVb1jPQY8lX+Z0DdywLiPuIw4n8jLsQo7+O5M=\n\
         -----END AGE ENCRYPTED FILE-----\n";

    #[test]
    fn the_first_recovery_file_opens() {
        assert_eq!(open(FIRST_FILE.as_bytes()), Ok("4b".repeat(32)));
        let windows = FIRST_FILE.replace('\n', "\r\n");
        assert_eq!(open(windows.as_bytes()), Ok("4b".repeat(32)), "copied through a Windows machine");
    }

    #[test]
    fn the_real_work_factor_is_within_what_is_opened() {
        const { assert!(WORK_FACTOR <= WORK_FACTOR_MAX) }
        let file = seal_root(&root(), &passphrase("an invented passphrase")).unwrap();
        let decryptor = Decryptor::new_buffered(ArmoredReader::new(file.as_slice())).unwrap();
        assert!(decryptor.is_scrypt());
        assert_eq!(open(&file), Ok("4b".repeat(32)));
    }

    #[test]
    fn each_cause_has_its_own_error() {
        let file = recovery_file();
        let wrong = open_root(&file, &passphrase("another passphrase")).err();
        assert_eq!(wrong, Some(EscrowError::WrongPassphrase));
        assert_eq!(open_root(&file, &passphrase("")).err(), Some(EscrowError::WrongPassphrase));
        assert_eq!(seal_root(&root(), &passphrase("")), Err(EscrowError::EmptyPassphrase));

        assert_eq!(open(b""), Err(EscrowError::NotAgeFile));
        assert_eq!(open(root().to_hex().expose().as_bytes()), Err(EscrowError::NotAgeFile));
        assert_eq!(open(&[b" ", file.as_slice()].concat()), Err(EscrowError::NotAgeFile));
        assert_eq!(open(&[file.as_slice(), &[b' '; FILE_MAX_BYTES]].concat()), Err(EscrowError::NotAgeFile));

        let text = String::from_utf8(file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let without = |gone: usize| {
            let kept = lines.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, line)| format!("{line}\n"));
            open(kept.collect::<String>().as_bytes())
        };
        assert_eq!(without(0), Err(EscrowError::NotAgeFile));
        for gone in 1..lines.len() {
            assert_eq!(without(gone), Err(EscrowError::Damaged), "line {gone}");
        }
    }

    #[test]
    fn other_contents_and_other_recipients_are_told() {
        let (id, hex) = (root().id(), "4b".repeat(32));
        assert_eq!(open(&file_holding(&format!("# {TITLE}\n# id {id}\n{hex}\n"))), Ok(hex.clone()));
        for content in [
            String::new(),
            "an invented diary".to_owned(),
            format!("{hex}\n"),
            format!("# {TITLE}\n{hex}\n"),
            format!("# {TITLE}\n# id {id}\n"),
            format!("# {TITLE}\n# id {id}\n{}\n", &hex[2..]),
            format!("# {TITLE}\n# id {id}\n{hex}\nmore\n"),
        ] {
            assert_eq!(open(&file_holding(&content)), Err(EscrowError::NotOurContent), "{content:?}");
        }
        let other = RootSecret::parse(&"17".repeat(32)).unwrap().id();
        let mixed = open(&file_holding(&format!("# {TITLE}\n# id {other}\n{hex}\n")));
        assert_eq!(mixed, Err(EscrowError::OtherSecret { named: other, held: id }));

        let to_key = age::x25519::Identity::generate().to_public();
        let file = age::encrypt_and_armor(&to_key, b"x").unwrap();
        assert_eq!(open(file.as_bytes()), Err(EscrowError::NotPassphrase));
    }

    #[test]
    fn a_file_that_asks_for_endless_work_is_refused_at_once() {
        let file = file_holding("x");
        let mut binary = Vec::new();
        ArmoredReader::new(file.as_slice()).read_to_end(&mut binary).unwrap();
        let heavy = String::from_utf8_lossy(&binary).find(" 2\n").unwrap();
        binary.splice(heavy..heavy + 3, b" 40\n".iter().copied());
        assert_eq!(open(&binary), Err(EscrowError::TooMuchWork { required: 40, limit: WORK_FACTOR_MAX }));
    }

    #[test]
    fn a_changed_byte_never_gives_another_secret() {
        let file = recovery_file();
        let mut binary = Vec::new();
        ArmoredReader::new(file.as_slice()).read_to_end(&mut binary).unwrap();
        assert_eq!(open(&binary), Ok("4b".repeat(32)), "without armour as well");
        for at in (0..binary.len()).step_by(5) {
            let mut changed = binary.clone();
            changed[at] ^= 0x04;
            assert!(open(&changed).is_err(), "byte {at}");
        }
        for length in (0..binary.len()).step_by(7) {
            assert!(open(&binary[..length]).is_err(), "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(open(&bytes), Err(EscrowError::NotAgeFile));
            for start in [ARMOR_BEGIN, BINARY_BEGIN, b"age-encryption.org/v1\n-> scrypt "] {
                prop_assert!(open(&[start, b"\n", &bytes].concat()).is_err());
                prop_assert!(open(&[start, &bytes].concat()).is_err());
            }
        }

        #[test]
        fn any_content_is_read_or_refused(content in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(read_content(&content).err(), Some(EscrowError::NotOurContent));
        }
    }
}
