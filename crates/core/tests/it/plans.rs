//! No query of the daily work reads a table from end to end. `SQLite` has no figures about the tables to go by, so that
//! one more index may lead it to another one that every row of the seller matches.

use std::sync::Arc;

use chrono::Duration;
use ordersync_core::{Actor, Opened};
use ordersync_store::testing::FreshDatabases;
use ordersync_testkit::{SampleOrder, last_page};

use ordersync_core::OrderSummary;
use ordersync_core::fulfilment::{DispatchWish, LabelWish};
use ordersync_courier_api::Repeats;
use ordersync_testkit::ScriptedCourier;
use ordersync_types::{Pii, ShipmentRef};

use crate::setting::{SELLER, Setting, start};
use crate::shop::settings;

/// Hourly at most, from an index: the count of what is held, the few orders that somebody holds back, the few tombstones
/// whose rows are not all gone, and the few keys that replaced others; the few accounts and words on retention; and lists of orders and of
/// retention runs, which end at their limit.
const MAY_READ_ALL: [&str; 8] = [
    "sqlite_autoindex_retention_policy_1",
    " account USING INDEX sqlite_autoindex_account",
    "USING COVERING INDEX",
    "USING INDEX data_key_rows_left",
    "USING INDEX data_key_replacing",
    "sqlite_autoindex_orders_1",
    "sqlite_autoindex_order_hold_1",
    "sqlite_autoindex_retention_run_1",
];

#[tokio::test]
async fn no_query_of_intake_search_and_retention_reads_a_whole_table() {
    let mut setting = Setting::new(FreshDatabases::sqlite()).await;
    let noted = Arc::get_mut(&mut setting.core).unwrap().store.note_statements();
    let orders: Vec<_> = (1..=130).map(|number| SampleOrder::new(number, start()).build()).collect();
    setting.connector.push_page(last_page(orders.clone(), start()));
    setting.sync().await.unwrap();
    while setting.core.fill_search_tags(1).await.unwrap() > 0 {}
    let order = setting.orders().await.remove(0);
    let Opened::Present(recipient) = setting.core.open_recipient(&order, &Actor::user("seller")).await.unwrap() else {
        unreachable!("it has come just now")
    };
    let found = setting
        .core
        .find_orders(SELLER, recipient.name.get().unwrap(), &Actor::user("seller"), |_| true)
        .await
        .unwrap();
    assert!(!found.is_empty());
    setting.core.set_fulfilment(settings(&Arc::new(ScriptedCourier::new(Repeats::ByKey))));
    let actor = Actor::user("packer");
    let of = |order: &OrderSummary| LabelWish { orders: vec![order.order_id], parcels: 1, ..LabelWish::default() };
    let stored = setting.orders().await;
    let number = stored[3].vendor_order_id.as_str();
    assert_eq!(setting.core.stored_order(SELLER, number, None).await.unwrap().summary.vendor_order_id, number);
    let wishes: Vec<LabelWish> = stored.iter().map(of).collect();
    let made = setting.core.create_labels(SELLER, &wishes, &actor).await.unwrap();
    let references: Vec<ShipmentRef> = made.into_iter().flatten().map(|made| made.reference).collect();
    assert!(references.len() > 60, "{}", references.len());
    setting.core.unprintable_labels(SELLER, &references, &actor).await.unwrap();
    setting.core.print_labels(SELLER, &references, &actor).await.unwrap();
    let wish = |target| DispatchWish { target, carrier: None, service: None, tracking: None };
    setting.core.dispatch(SELLER, &wish(references[0].to_string()), &actor).await.unwrap();
    setting.core.void_label(SELLER, &references[1], &actor).await.unwrap();
    setting.core.recover_labels(SELLER).await.unwrap();
    use ordersync_core::ShipmentState as State;
    for state in [State::Draft, State::Requested, State::Unknown, State::Labelled] {
        setting.core.store.shipments_in(SELLER, state, None, 100).await.unwrap();
    }
    setting.core.store.shipment_count(SELLER, State::Labelled).await.unwrap();
    setting.core.follow_dispatches(SELLER).await.unwrap();
    setting.core.follow_deliveries(SELLER).await.unwrap();
    let reason = Pii::new("a reason".to_owned());
    setting.core.hold_order(&stored[2], &reason, &actor).await.unwrap();
    setting.core.open_notes(SELLER, &[stored[2].order_id], &actor).await.unwrap();
    let changed = orders.into_iter().map(|mut order| {
        order.facts.updated_at += Duration::minutes(1);
        order.facts.deliver_by.latest = Some(start() + Duration::days(3));
        order
    });
    setting.connector.push_page(last_page(changed.collect(), start()));
    setting.sync().await.unwrap();
    setting.clock.advance_to(start() + Duration::days(400));
    setting.core.run_retention().await.unwrap();

    let noted = noted.lock().unwrap().clone();
    assert!(noted.len() > 40, "only {} statements were noted", noted.len());
    let mut whole = Vec::new();
    for (in_keys, statement) in noted {
        for line in setting.core.store.plan(in_keys, &statement).await {
            let scans = line.starts_with("SCAN ") && !line.contains("CONSTANT ROW") && !line.contains("VALUES");
            let reads_all =
                scans || line.ends_with("(seller_id=?)") || line.ends_with("(seller_id=? AND shipment_id>?)");
            if statement.sql.contains("\"vendor_order_id\" = ") && line.contains(" orders ") {
                assert!(line.contains("orders_vendor"), "an order by its number: {line}");
            }
            if reads_all && !MAY_READ_ALL.iter().any(|index| line.contains(index)) {
                whole.push(format!("{line}: {}", statement.sql.chars().take(200).collect::<String>()));
            }
        }
    }
    assert_eq!(whole, Vec::<String>::new());
}
