//! Replacing an account's credential: under a key of its own, the old one destroyed, whatever crashes.

use ordersync_connector_api::AccountCredential;
use ordersync_core::{AccountState, Actor};
use ordersync_types::Secret;

use crate::setting::{SELLER, Setting};

fn credential(token: &str) -> AccountCredential {
    let secret = |text: &str| Secret::new(text.to_owned());
    AccountCredential { client_id: secret("id"), client_secret: secret("secret"), refresh_token: secret(token) }
}

async fn keys(setting: &Setting, state: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM data_key WHERE class = 6 AND seller_id <> 0 AND state = '{state}'");
    setting.core.store.number(true, &sql).await
}

#[tokio::test]
async fn a_replaced_credential_opens_and_the_old_key_is_destroyed() {
    for setting in Setting::each().await {
        let (core, account) = (&setting.core, &setting.account);
        let stop = core.store.set_account_state(SELLER, account.account, AccountState::NeedsConsent, Some("refused"));
        stop.await.unwrap();
        let stopped = core.account("scripted").await.unwrap();
        core.replace_credential(&stopped, &credential("second"), &Actor::user("seller")).await.unwrap();
        let held = core.credential(account).await.unwrap();
        assert_eq!(held.refresh_token.expose(), "second");
        assert_eq!((keys(&setting, "active").await, keys(&setting, "destroyed").await), (1, 1));
        assert_eq!(core.account("scripted").await.unwrap().state, AccountState::Active, "it goes on");
        core.replace_credential(account, &credential("third"), &Actor::user("seller")).await.unwrap();
        assert_eq!(core.credential(account).await.unwrap().refresh_token.expose(), "third");
        assert_eq!((keys(&setting, "active").await, keys(&setting, "destroyed").await), (1, 2));
    }
}

#[tokio::test]
async fn an_old_key_that_a_crash_left_goes_with_the_next_retention_run() {
    for setting in Setting::each().await {
        let (core, account) = (&setting.core, &setting.account);
        core.replace_credential(account, &credential("second"), &Actor::user("seller")).await.unwrap();
        // As if the process had died before the old key was destroyed.
        core.store.run_raw(true, "UPDATE data_key SET state = 'active' WHERE reason = 'credential replaced'").await;
        assert_eq!(keys(&setting, "active").await, 2);
        core.run_retention().await.unwrap();
        assert_eq!(keys(&setting, "active").await, 1);
        assert_eq!(core.credential(account).await.unwrap().refresh_token.expose(), "second");
    }
}

#[tokio::test]
async fn a_removal_destroys_nothing_while_the_data_cannot_be_written_and_can_be_repeated() {
    let setting = Setting::new(ordersync_store::testing::FreshDatabases::sqlite()).await;
    let (core, account, seller) = (&setting.core, &setting.account, Actor::user("seller"));
    let refuse = |when: &str| {
        format!("CREATE TRIGGER refused BEFORE UPDATE ON account {when} BEGIN SELECT RAISE(ABORT, 'no'); END")
    };
    core.store.run_raw(false, &refuse("")).await;
    assert!(core.remove_account(account, &seller).await.is_err());
    assert_eq!(core.credential(account).await.unwrap().refresh_token.expose(), "example");
    core.store.run_raw(false, "DROP TRIGGER refused").await;
    core.store.run_raw(false, &refuse("WHEN NEW.state = 'removed'")).await;
    assert!(core.remove_account(account, &seller).await.is_err());
    assert!(core.credential(account).await.is_err(), "its key went first");
    let stopped = core.account("scripted").await.unwrap();
    assert!(stopped.state_reason.unwrap().contains("account remove scripted"));
    core.store.run_raw(false, "DROP TRIGGER refused").await;
    core.remove_account(account, &seller).await.unwrap();
    assert!(core.account("scripted").await.is_err());
}
