//! Orders in: from the stand-in marketplaces over HTTP into both kinds of databases.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use ordersync_core::fulfilment::{FulfilmentSettings, LabelWish};
use ordersync_core::{Actor, KeyRing, Opened, SenderProfile};
use ordersync_courier_local::{LocalConfig, LocalCourier};
use ordersync_store::testing::{FreshDatabases, root_secret};
use ordersync_store::{OrderFilter, OrderSummary};
use ordersync_tests::canary::Canary;
use ordersync_types::{Clock, Country, Pii};

use crate::setting::{SELLER, Setting};

const SHOPS: [&str; 2] = ["amazon", "ebay"];

async fn stored(setting: &Setting) -> Vec<OrderSummary> {
    let filter = OrderFilter { limit: 100_000, ..OrderFilter::default() };
    setting.core.store.list_orders(SELLER, &filter).await.expect("the orders")
}

#[tokio::test]
async fn every_order_arrives_once_and_a_second_sync_changes_nothing() {
    for fresh in FreshDatabases::each().await {
        let setting = Setting::new(fresh, 150).await;
        for shop in SHOPS {
            let account = setting.add(shop).await;
            let report = setting.sync(&account).await;
            assert_eq!(report.counts.rejected, 0, "{shop} on {}", setting.fresh.kind);
            let truth = setting.truth(shop);
            let mut expected: Vec<&str> = truth.orders.iter().map(|order| order.order.as_str()).collect();
            let orders = stored(&setting).await;
            let mut found: Vec<&str> = orders
                .iter()
                .filter(|order| order.account == account.account)
                .map(|order| order.vendor_order_id.as_str())
                .collect();
            expected.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, expected, "{shop} on {}", setting.fresh.kind);

            let before = setting.core.store.table_counts().await.expect("counts");
            let again = setting.sync(&account).await;
            let counts = again.counts;
            assert_eq!((counts.new, counts.changed, counts.rejected), (0, 0, 0), "{shop}: {counts:?}");
            assert!(counts.unchanged > 0, "{shop}: the overlap reads some orders again");
            assert_eq!(setting.core.store.table_counts().await.expect("counts"), before);
        }
    }
}

#[tokio::test]
async fn changes_at_the_marketplace_follow_and_statuses_agree() {
    for fresh in FreshDatabases::each().await {
        let setting = Setting::new(fresh, 80).await;
        let accounts = [setting.add("amazon").await, setting.add("ebay").await];
        for _ in 0..4 {
            for account in &accounts {
                setting.sync(account).await;
            }
            setting.clock.advance(Duration::days(5));
        }
        for account in &accounts {
            setting.sync(account).await;
        }
        let orders: BTreeMap<String, OrderSummary> =
            stored(&setting).await.into_iter().map(|order| (order.vendor_order_id.clone(), order)).collect();
        for shop in SHOPS {
            for truth in &setting.truth(shop).orders {
                let order = orders.get(&truth.order).expect("stored");
                assert_eq!(order.updated_at, truth.last_updated, "{} {}", truth.order, truth.status);
                if truth.cancelled.is_some() {
                    assert_eq!(order.status, "cancelled", "{} {}", truth.order, truth.status);
                }
            }
        }
    }
}

#[tokio::test]
async fn no_personal_value_and_no_token_is_in_any_file() {
    let setting = Setting::new(FreshDatabases::sqlite(), 120).await;
    let mut served = BTreeSet::new();
    for shop in SHOPS {
        let account = setting.add(shop).await;
        setting.sync(&account).await;
        let truth = setting.truth(shop);
        let values = truth.orders.into_iter().flat_map(|order| order.personal);
        served.extend(values.filter(|value| value.searchable).map(|value| value.value));
    }
    setting.core.fill_search_tags(10_000).await.expect("tags");
    served.extend(["simulated-refresh", "amzn1.oa2-cs.v1.simulated", "PRD-simulated-cert"].map(str::to_owned));
    assert!(served.len() > 1_000, "{} values", served.len());
    let canary = Canary::new(served.iter().map(String::as_str));
    let findings = canary.search_folder(setting.fresh.folder());
    assert!(findings.is_empty(), "{} found, first {:?}", findings.len(), findings.first());
    // Positive control: the same search finds what is there.
    let everything: String = served.iter().flat_map(|value| [value.as_str(), "\n"]).collect();
    let found = canary.found_in(everything.as_bytes());
    assert_eq!(found.iter().filter(|(_, form)| *form == "utf-8").count(), served.len());
}

#[tokio::test]
async fn a_recipient_opens_again_as_the_marketplace_wrote_it() {
    for fresh in FreshDatabases::each().await {
        let setting = Setting::new(fresh, 150).await;
        let account = setting.add("amazon").await;
        setting.sync(&account).await;
        let truth = setting.truth("amazon");
        let actor = Actor::user("packer");
        let mut compared = 0;
        for order in stored(&setting).await {
            let Opened::Present(recipient) = setting.core.open_recipient(&order, &actor).await.expect("opens") else {
                continue;
            };
            let personal = &truth.order(&order.vendor_order_id).expect("known").personal;
            let names: Vec<Pii<String>> = personal
                .iter()
                .filter(|value| value.path == "recipient.deliveryAddress.name")
                .map(|value| Pii::new(value.value.clone()))
                .collect();
            let name = recipient.name.get().expect("a recipient has a name");
            assert!(names.contains(name), "order {}", order.vendor_order_id);
            compared += 1;
        }
        assert!(compared > 5, "{compared} recipients compared on {}", setting.fresh.kind);
        let audited =
            setting.core.store.number(false, "SELECT COUNT(*) FROM audit_entry WHERE action = 'recipient.open'").await;
        assert_eq!(audited, compared, "every opening is in the audit");
    }
}

#[tokio::test]
async fn an_order_is_found_by_words_of_its_name_and_by_postcode() {
    let setting = Setting::new(FreshDatabases::sqlite(), 150).await;
    let account = setting.add("amazon").await;
    setting.sync(&account).await;
    setting.core.fill_search_tags(10_000).await.expect("tags");
    let actor = Actor::user("packer");
    let mut searched = 0;
    for order in stored(&setting).await {
        let Opened::Present(recipient) = setting.core.open_recipient(&order, &actor).await.expect("opens") else {
            continue;
        };
        for typed in [recipient.name.get(), recipient.postcode.get()].into_iter().flatten() {
            let found = setting.core.find_orders(SELLER, typed, &actor, |_| true).await.expect("a search");
            assert!(found.iter().any(|one| one.order_id == order.order_id), "{}", order.vendor_order_id);
            searched += 1;
        }
    }
    assert!(searched > 10, "{searched} searches");
    let nobody = Pii::new("Nobody Atall".to_owned());
    assert!(setting.core.find_orders(SELLER, &nobody, &actor, |_| true).await.expect("a search").is_empty());
}

#[tokio::test]
async fn the_wrong_root_secret_and_an_old_key_store_are_refused() {
    for fresh in FreshDatabases::each().await {
        let setting = Setting::new(fresh, 20).await;
        let account = setting.add("ebay").await;
        setting.sync(&account).await;
        let store = &setting.core.store;
        let error = KeyRing::open(store, &root_secret()).await.expect_err("another secret");
        assert!(error.to_string().contains(&setting.root.id().to_string()), "{error}");
        store.run_raw(true, "UPDATE key_store_state SET value = 1 WHERE name = 'sequence'").await;
        let error = KeyRing::open(store, &setting.root).await.expect_err("an old key store");
        assert!(error.to_string().contains("old copy"), "{error}");
    }
}

#[tokio::test]
async fn a_missing_key_row_is_an_error_and_never_reads_as_purged() {
    for fresh in FreshDatabases::each().await {
        let setting = Setting::new(fresh, 20).await;
        let account = setting.add("ebay").await;
        setting.sync(&account).await;
        let orders = stored(&setting).await;
        setting.core.store.run_raw(true, "DELETE FROM data_key WHERE class = 2").await;
        let actor = Actor::user("packer");
        let mut errors = 0;
        for order in &orders {
            match setting.core.open_recipient(order, &actor).await {
                Err(error) => {
                    assert!(error.to_string().contains("not in the key store"), "{error}");
                    errors += 1;
                }
                Ok(opened) => assert_eq!(opened, Opened::Never),
            }
        }
        assert!(errors > 0, "no recipient was held on {}", setting.fresh.kind);
    }
}

/// Every label that can be made, by the courier that needs nobody; tells how many.
async fn label_everything(setting: &Setting, actor: &Actor) -> i64 {
    let fonts = std::sync::Arc::new(ordersync_render::Fonts::dejavu());
    let courier = LocalCourier::new(&LocalConfig::default(), fonts).expect("the local courier");
    setting.core.set_fulfilment(FulfilmentSettings {
        couriers: vec![std::sync::Arc::new(courier)],
        sender: Some(SenderProfile {
            name: "Example Goods".to_owned(),
            lines: vec!["1 Invented Street".to_owned()],
            postcode: "ZZ99 9ZZ".to_owned(),
            country: Country::GB,
        }),
        paper: None,
        media: "pdf/a6".parse().expect("a size"),
        label_days: 21,
    });
    let ready = setting.core.ready_orders(SELLER).await.expect("orders");
    let wish = |id| LabelWish { orders: vec![id], parcels: 1, ..LabelWish::default() };
    let wishes: Vec<LabelWish> = ready.iter().map(|(order, _)| wish(order.summary.order_id)).collect();
    let made = setting.core.create_labels(SELLER, &wishes, actor).await.expect("labels");
    let made = made.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(made >= 3, "{made} labels on {}", setting.fresh.kind);
    i64::try_from(made).expect("few")
}

#[tokio::test]
async fn invariant_6_after_a_purge_no_value_that_was_due_can_be_found_or_opened() {
    for fresh in FreshDatabases::each().await {
        let setting = Setting::new(fresh, 100).await;
        for shop in SHOPS {
            let account = setting.add(shop).await;
            setting.sync(&account).await;
        }
        let actor = Actor::user("packer");
        let labels = label_everything(&setting, &actor).await;
        setting.clock.advance(Duration::days(21) + Duration::minutes(1));
        let report = setting.core.run_retention().await.expect("a run").expect("the only leader");
        let gone = report.classes.iter().find(|class| class.class.name() == "label").expect("labels were due");
        assert_eq!((gone.due, gone.destroyed), (labels, labels), "{}", setting.fresh.kind);
        assert_eq!(setting.core.store.number(false, "SELECT COUNT(*) FROM label").await, 0);
        let held = setting.core.store.number(false, "SELECT COUNT(*) FROM recipient").await;
        setting.clock.advance(Duration::days(69));
        for order in stored(&setting).await {
            // Before the purge has run: the date alone makes it unreadable.
            let opened = setting.core.open_recipient(&order, &actor).await.expect("no error");
            assert!(!matches!(opened, Opened::Present(_)), "{}", order.vendor_order_id);
        }
        let report = setting.core.run_retention().await.expect("a run").expect("the only leader");
        assert!(report.clean, "{report:?}");
        let delivery = report.classes.iter().find(|class| class.class.name() == "delivery").expect("some were due");
        assert_eq!((delivery.due, delivery.destroyed), (held, held), "{}", setting.fresh.kind);
        for table in ["recipient", "buyer", "search_tag"] {
            assert_eq!(setting.core.store.number(false, &format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        let wrapped =
            "SELECT COUNT(*) FROM data_key WHERE class IN (1, 2, 3) AND wrapped IS NOT NULL AND seller_id <> 0";
        assert_eq!(setting.core.store.number(true, wrapped).await, 0);
        let again = setting.core.run_retention().await.expect("a run").expect("the only leader");
        assert!(again.classes.is_empty(), "nothing is due twice: {again:?}");

        // What the marketplace still sends does not come back in.
        for account in setting.core.store.accounts().await.expect("accounts") {
            setting.sync(&account).await;
        }
        let due = setting.core.plan_retention().await.expect("a plan");
        assert!(due.iter().all(|class| class.due == 0), "{due:?}");
        for shop in SHOPS {
            let truth = setting.truth(shop);
            let gone = truth.values_gone_by(setting.clock.now());
            let canary = Canary::new(gone.into_iter());
            let mut folders = setting.core.store.cluster_folders().await;
            folders.push(setting.fresh.folder().to_owned());
            for folder in &folders {
                let findings = canary.search_folder(folder);
                assert!(findings.is_empty(), "{shop} on {}: {:?}", setting.fresh.kind, findings.first());
            }
            // Positive control: the same search finds what is open in the same files.
            let number = stored(&setting).await.remove(0).vendor_order_id;
            let open = Canary::new([number.as_str()]);
            assert!(folders.iter().any(|folder| !open.search_folder(folder).is_empty()), "{}", setting.fresh.kind);
        }
    }
}
