//! The root secret and what is derived from it.

use ordersync_vault::{KekId, KekIdError, KeyTree, RootSecret, VaultError};
use proptest::prelude::*;

use super::*;

#[test]
fn a_secret_is_64_hexadecimal_digits() {
    let upper = ROOT.to_uppercase();
    for text in [ROOT, &upper, &format!("{ROOT}\n"), &format!("{ROOT}\r\n")] {
        assert_eq!(RootSecret::parse(text).unwrap().to_hex().expose(), ROOT, "{text:?}");
    }
    for (text, error) in [
        (String::new(), VaultError::RootLength { found: 0 }),
        ("\n".to_owned(), VaultError::RootLength { found: 0 }),
        (ROOT[1..].to_owned(), VaultError::RootLength { found: 63 }),
        (format!("{ROOT}0"), VaultError::RootLength { found: 65 }),
        (format!("{ROOT}\n\n"), VaultError::RootLength { found: 65 }),
        (format!(" {ROOT}"), VaultError::RootLength { found: 65 }),
        (format!("g{}", &ROOT[1..]), VaultError::RootCharacter { position: 1 }),
        (format!("{}é", &ROOT[1..]), VaultError::RootCharacter { position: 64 }),
        (format!("{}\n{}", &ROOT[..9], &ROOT[10..]), VaultError::RootCharacter { position: 10 }),
        ("0".repeat(64), VaultError::RootAllZero),
    ] {
        assert_eq!(RootSecret::parse(&text).err(), Some(error), "{text:?}");
    }
}

#[test]
fn a_secrets_id_is_a_hash_of_it() {
    // printf 'kid' and the 32 bytes | sha256sum
    let root = RootSecret::parse(ROOT).unwrap();
    assert_eq!(root.id().to_string(), "1eb40cd9");
    assert_eq!(root.id(), tree().id());
    assert_eq!("1eb40cd9".parse(), Ok(root.id()));
    for wrong in ["", "0123456", "012345678", "ABCDEF01", "+1234567", "0123456g", "é123456"] {
        assert_eq!(wrong.parse::<KekId>(), Err(KekIdError), "{wrong:?}");
    }
}

#[test]
fn generated_secrets_differ_and_print_only_their_id() {
    let (one, other) = (RootSecret::generate().unwrap(), RootSecret::generate().unwrap());
    assert_ne!(one.to_hex().expose(), other.to_hex().expose());
    assert_eq!(format!("{one:?}"), format!("RootSecret({})", one.id()));
    assert_eq!(RootSecret::parse(one.to_hex().expose()).unwrap().id(), one.id());
}

#[test]
fn a_wrong_secret_is_told_before_anything_is_written() {
    let tree = tree();
    let check = tree.root_check();
    assert_eq!(tree.verify_root(tree.id(), &check), Ok(()));
    let other = KeyTree::derive(&RootSecret::generate().unwrap());
    let wrong = VaultError::WrongRoot { expected: tree.id(), found: other.id() };
    assert_eq!(other.verify_root(tree.id(), &check), Err(wrong));
    let failed = VaultError::RootCheckFailed { id: tree.id() };
    assert_eq!(tree.verify_root(tree.id(), &other.root_check()), Err(failed), "same id, another secret");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        prop_assert!(RootSecret::parse(&text).is_err());
        prop_assert!(text.parse::<KekId>().is_err() || text.len() == 8);
    }

    #[test]
    fn any_secret_reads_back(text in "[0-9a-f]{63}[1-9a-f]") {
        let read_back = RootSecret::parse(&text).unwrap().to_hex();
        prop_assert_eq!(read_back.expose(), &text);
    }
}
