//! Keyed digests: who a buyer is, and whether a record has changed.

use ordersync_types::{AccountId, FieldState, Pii, RecordField, Withheld};
use ordersync_vault::{ScopeId, SubjectKey};

use super::*;

fn account(last: u8) -> AccountId {
    AccountId::from_uuid(ScopeId::from_bytes([last; 16]).as_uuid())
}

#[test]
fn a_buyer_is_known_again_on_one_account_of_one_seller_only() {
    let subject =
        |seller, last, buyer: &str| tree().subject(SellerId::new(seller), account(last), &Pii::new(buyer.to_owned()));
    let known = subject(7, 1, "buyer-1@relay.example");
    assert_eq!(hex(known.as_bytes()), "56eb37c90dd14ffcda9ca76c7af4c4c8", "never changes");
    assert_eq!(subject(7, 1, "buyer-1@relay.example"), known);
    for other in [
        subject(8, 1, "buyer-1@relay.example"),
        subject(7, 2, "buyer-1@relay.example"),
        subject(7, 1, "buyer-2@relay.example"),
        subject(7, 1, "Buyer-1@relay.example"),
        subject(7, 1, ""),
    ] {
        assert_ne!(other, known);
    }
    assert_eq!(SubjectKey::from_bytes(*known.as_bytes()), known);
}

#[test]
fn a_digest_changes_with_every_part_of_the_content() {
    let scope = ScopeId::from_bytes([1; 16]);
    let digest = |person: &Person| tree().record_digest(scope, person).unwrap();
    let field = |index, of: &str, state| RecordField::owned(index, of, state);
    let people = [
        ada(),
        person(&[]),
        person(&["Ada Example"]),
        person(&["Ada Example", ""]),
        person(&["Ada", " Example"]),
        Person(vec![field(0, "", FieldState::Withheld(Withheld::Age))]),
        Person(vec![field(0, "", FieldState::Withheld(Withheld::Role))]),
        Person(vec![field(1, "", FieldState::Withheld(Withheld::Role))]),
        Person(vec![field(5, "a", FieldState::value("x"))]),
        Person(vec![field(5, "b", FieldState::value("x"))]),
        Person(vec![field(5, "ax", FieldState::value(""))]),
    ];
    for (at, one) in people.iter().enumerate() {
        assert_eq!(digest(one), digest(&one.clone()));
        for other in &people[at + 1..] {
            assert_ne!(digest(one), digest(other), "{one:?} {other:?}");
        }
    }
    let elsewhere = tree().record_digest(ScopeId::from_bytes([2; 16]), &ada()).unwrap();
    assert_ne!(elsewhere, digest(&ada()), "equal content of two orders does not show");
    assert_eq!(hex(&digest(&ada())), "42d9309efeb54b5bbf7028d4fe472f78", "never changes");
}

#[test]
fn a_field_that_was_not_sent_is_no_content() {
    let scope = ScopeId::from_bytes([1; 16]);
    let mut with_gap = ada();
    with_gap.0.push(RecordField::owned(5, "", FieldState::NotSent));
    assert_eq!(tree().record_digest(scope, &with_gap), tree().record_digest(scope, &ada()));
}
