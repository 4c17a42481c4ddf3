//! Rows for tests.

use chrono::TimeZone;
use ordersync_store::{Account, AccountState, Databases, OrderRow, OrderWrite, PageWrite, SealedCredential};
use ordersync_types::{AccountId, KeyId, OrderId, SellerId, Timestamp};
use ordersync_vault::{KeyClass, KeyIdentity, KeyRow, KeyTree, RootSecret, ScopeId, Sealed};

pub(crate) const SELLER: SellerId = SellerId::new(1);

pub(crate) fn at(seconds: i64) -> Timestamp {
    chrono::Utc.timestamp_opt(1_790_000_000 + seconds, 0).unwrap()
}

pub(crate) fn tree() -> KeyTree {
    KeyTree::derive(&RootSecret::parse(&"0123456789abcdef".repeat(4)).unwrap())
}

pub(crate) fn key_row(tree: &KeyTree, class: KeyClass, scope: [u8; 16], key_id: KeyId) -> KeyRow {
    let scope = ScopeId::from_bytes(scope);
    let identity = KeyIdentity { key_id, class, scope, seller: SELLER, generation: 1 };
    tree.new_data_key(identity, at(0), None).unwrap().1
}

pub(crate) async fn account(databases: &Databases, label: &str) -> Account {
    let account = Account {
        seller: SELLER,
        account: AccountId::new(at(0)),
        label: label.to_owned(),
        connector: "amazon".to_owned(),
        settings: "{}".to_owned(),
        state: AccountState::Active,
        state_reason: None,
        go_live_at: at(0),
        first_window_days: 30,
        added_at: at(0),
        invoicing: ordersync_store::AccountInvoicing::default(),
    };
    let credential = SealedCredential {
        key_id: KeyId::new(at(0), 1),
        row_version: 1,
        sealed: Sealed::from_bytes(vec![1; 64]),
        written_at: at(0),
    };
    databases.add_account(&account, &credential, 0).await.unwrap();
    account
}

pub(crate) fn page(account: &Account) -> PageWrite {
    PageWrite {
        seller: SELLER,
        account: account.account,
        at: at(10),
        orders: Vec::new(),
        recipients: Vec::new(),
        recipient_purges: Vec::new(),
        buyers: Vec::new(),
        buyer_purges: Vec::new(),
        events: Vec::new(),
        jobs: Vec::new(),
        rejected: Vec::new(),
        accepted: Vec::new(),
        resume: None,
        watermark: Some(at(5)),
        moves_cursor: true,
        keys_sequence: 0,
        lease: None,
    }
}

pub(crate) fn order(number: u32) -> OrderWrite {
    let row = OrderRow {
        order_id: OrderId::new(at(i64::from(number))),
        vendor_order_id: format!("026-{number:07}-0000000").parse().unwrap(),
        marketplace: "A1F83G8C2ARO7P".to_owned(),
        status: "unshipped",
        status_code: None,
        fulfilled_by: "merchant",
        completeness: "full",
        created_at: at(0),
        updated_at: at(1),
        first_read_at: at(2),
        read_at: at(2),
        ship_by: None,
        deliver_by: None,
        dispatched_at: None,
        delivered_at: None,
        history: false,
        country: Some("GB"),
        territory: Some("GB"),
        currency: Some("GBP"),
        grand_total_minor: Some(1234),
        shipping_reviews: 0,
        tax_reviews: 0,
        buyer_id: None,
        facts_purge_after: None,
        digest: [7; 16],
        detail: "{}".to_owned(),
    };
    OrderWrite { row, lines: Vec::new(), known: false }
}
