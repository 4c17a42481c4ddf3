//! The canary of each class of keys is opened at every start, and on demand.

use ordersync_core::{CoreError, KeyRing};

use crate::setting::Setting;

#[tokio::test]
async fn a_canary_that_does_not_open_stops_the_start_and_writes_nothing() {
    for setting in Setting::each().await {
        let store = &setting.core.store;
        setting.core.check_canaries().await.unwrap();
        assert_eq!(store.number(true, "SELECT COUNT(*) FROM data_key WHERE seller_id = 0").await, 5);
        let swapped = "UPDATE canary SET sealed = (SELECT c.sealed FROM canary c WHERE c.class = 3) WHERE class = 2";
        let gone = "DELETE FROM canary WHERE class = 6";
        for (damage, named) in [(gone, "none for channel keys"), (swapped, "key")] {
            let before = store.key_sequences().await.unwrap();
            store.run_raw(false, damage).await;
            let found = setting.core.check_canaries().await.unwrap_err();
            assert!(found.to_string().contains(named), "{}: {found}", setting.fresh.kind);
            assert!(setting.core.canary_fault().is_some_and(|fault| fault.contains(named)), "remembered for `today`");
            let refused = KeyRing::open(store, &setting.root).await.unwrap_err();
            assert!(matches!(refused, CoreError::Vault(_) | CoreError::Store(_)), "{refused}");
            assert_eq!(store.key_sequences().await.unwrap(), before);
        }
    }
}
