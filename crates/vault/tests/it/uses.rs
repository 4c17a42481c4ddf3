//! Counting uses: never too few, whatever is interrupted.

use ordersync_vault::{
    DATA_KEY_USES_RESERVED, KEK_USE_ALARM, KEK_USE_BLOCK, KEK_USE_LIMIT, KekUses, VaultError, document_uses,
};
use proptest::prelude::*;

#[test]
fn nothing_may_be_taken_before_a_block_is_granted() {
    let mut uses = KekUses::none();
    assert!(!uses.covers(1) && uses.covers(0));
    assert_eq!(uses.take(1), Err(VaultError::UsesNotReserved { wanted: 1, left: 0 }));
}

#[test]
fn a_block_is_used_up_and_then_the_next_is_needed() {
    let mut uses = KekUses::granted(KEK_USE_BLOCK).unwrap();
    assert_eq!(uses.left(), KEK_USE_BLOCK);
    assert_eq!(uses.take(KEK_USE_BLOCK - 1), Ok(()));
    assert!(uses.covers(1) && !uses.covers(2));
    assert_eq!(uses.take(2), Err(VaultError::UsesNotReserved { wanted: 2, left: 1 }));
    assert_eq!(uses.left(), 1, "a refused take takes nothing");
    assert_eq!(uses.take(1), Ok(()));
    assert!(!uses.covers(1));
    assert_eq!(KekUses::granted(2 * KEK_USE_BLOCK).unwrap().left(), KEK_USE_BLOCK, "never more than a block");
}

#[test]
fn a_negative_number_of_uses_gives_none_back() {
    let mut uses = KekUses::granted(KEK_USE_BLOCK).unwrap();
    uses.take(10).unwrap();
    uses.take(-5).unwrap();
    assert_eq!(uses.left(), KEK_USE_BLOCK - 10);
    assert_eq!(KekUses::granted(-1).unwrap().left(), 0);
    assert_eq!(KekUses::granted(i64::MIN).unwrap().left(), 0);
}

#[test]
fn the_alarm_comes_long_before_the_end() {
    assert!(!KekUses::granted(KEK_USE_ALARM - KEK_USE_BLOCK).unwrap().alarm());
    assert!(KekUses::granted(KEK_USE_ALARM).unwrap().alarm());
    assert!(KekUses::granted(KEK_USE_LIMIT).is_ok());
    let total = KEK_USE_LIMIT + KEK_USE_BLOCK;
    assert_eq!(KekUses::granted(total), Err(VaultError::UseLimit { total, limit: KEK_USE_LIMIT }));
}

#[test]
fn one_document_never_needs_more_uses_than_a_new_key_has() {
    let most = document_uses(ordersync_vault::DOCUMENT_MAX_BYTES);
    assert!(i64::try_from(most).unwrap() < DATA_KEY_USES_RESERVED);
}

proptest! {
    /// Several processes share one stored total; each may crash after any step.
    #[test]
    fn the_stored_total_is_never_below_what_was_taken(steps in prop::collection::vec((0..3_usize, 0..50_000_i64, any::<bool>()), 1..60)) {
        let mut stored = 0;
        let mut taken = 0;
        let mut processes = [KekUses::none(), KekUses::none(), KekUses::none()];
        for (which, wanted, crashes) in steps {
            if !processes[which].covers(wanted) {
                stored += KEK_USE_BLOCK;
                processes[which] = KekUses::granted(stored).unwrap();
            }
            processes[which].take(wanted).unwrap();
            taken += wanted;
            if crashes {
                processes[which] = KekUses::none();
            }
            prop_assert!(taken <= stored);
        }
    }
}
