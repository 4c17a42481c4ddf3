//! Against the stand-in Amazon, which knows the truth of every order and refuses what the real one refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::Duration;
use ordersync_connector_amazon::{AmazonConfig, AmazonConnector, INFO, Region};
use ordersync_connector_api::contract_suite::{
    a_page_is_well_formed, a_window_holds_every_order, an_unknown_order_is_not_found, read_window,
};
use ordersync_connector_api::{AccountCredential, ErrorKind, MarketplaceConnector, OrderPage, Retry, Window};
use ordersync_http_client::InMemoryLedger;
use ordersync_order::{Aspect, Order, OrderStatus, People};
use ordersync_simulator::{AmazonSettings, AmazonShop, FaultRates, OrderTruth, Roles, Running, StandIn, WorldSettings};
use ordersync_types::{Clock, Secret, VendorOrderId};

use crate::requests::id;
use crate::server::{JumpingClock, TOKEN_PATH, at};

/// A stand-in with orders of the last weeks, and a connector to it.
struct Market {
    shop: Arc<AmazonShop>,
    connector: AmazonConnector,
    clock: Arc<JumpingClock>,
    _running: Running,
}

impl Market {
    async fn open(orders: u64, settings: AmazonSettings) -> Self {
        let now = at("2026-10-07T12:00:00Z");
        let clock = JumpingClock::starting(now);
        let world = WorldSettings::new(417, orders, now - Duration::days(8), now - Duration::minutes(3));
        let shop = AmazonShop::new(clock.clone(), world, settings.clone());
        let running = StandIn::new(clock.clone()).amazon(shop.clone()).start().await.unwrap();
        let config = AmazonConfig {
            api_url: Some(running.base_url().to_owned()),
            token_url: Some(format!("{}{TOKEN_PATH}", running.base_url())),
            ..AmazonConfig::new(Region::Eu)
        };
        let secret = |text: String| Secret::new(text);
        let credential = AccountCredential {
            client_id: secret(settings.client_id),
            client_secret: secret(settings.client_secret),
            refresh_token: secret(settings.refresh_token),
        };
        let ledger = Arc::new(InMemoryLedger::new());
        let connector = AmazonConnector::new(&config, "account-417", credential, ledger, clock.clone()).unwrap();
        Self { shop, connector, clock, _running: running }
    }

    /// Everything that has changed so far.
    fn window(&self) -> Window {
        let now = self.clock.now();
        let lag = Duration::seconds(i64::from(INFO.windows.lag_seconds));
        Window { from: now - Duration::days(60), to: now - lag }
    }

    fn truth_within(&self, window: Window) -> BTreeMap<VendorOrderId, OrderTruth> {
        let orders = self.shop.ground_truth().orders.into_iter();
        let within = orders.filter(|order| (window.from..=window.to).contains(&order.last_updated));
        within.map(|order| (id(&order.order), order)).collect()
    }
}

fn orders_of(pages: Vec<OrderPage>) -> BTreeMap<VendorOrderId, Order> {
    let orders = pages.into_iter().flat_map(|page| page.orders);
    orders.map(|order| (order.facts.vendor_order_id.clone(), order)).collect()
}

#[tokio::test]
async fn every_order_is_read_as_it_truly_is() {
    let market = Market::open(350, AmazonSettings::default()).await;
    let window = market.window();
    let truth = market.truth_within(window);
    let expected: Vec<VendorOrderId> = truth.keys().cloned().collect();
    assert!(expected.len() > 200, "only {} orders", expected.len());
    a_window_holds_every_order(&market.connector, window, &expected).await;
    let pages = read_window(&market.connector, window).await.unwrap();
    assert!(pages.len() > 2, "more than one page");
    for page in &pages {
        a_page_is_well_formed(page);
        assert!(page.rejected.is_empty(), "{:?}", page.rejected);
    }
    assert_eq!(market.shop.requests_above_plan(), 0);
    let orders = orders_of(pages);
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, truth) in &truth {
        let order = &orders[id];
        *states.entry(order.facts.status.name()).or_default() += 1;
        tells_the_truth(order, truth);
        brings_in_no_person_too_many(order, truth);
    }
    println!("{} orders: {states:?}", orders.len());
    for state in ["pending", "unshipped", "partially_shipped", "shipped", "delivered", "cancelled"] {
        assert!(states.contains_key(state), "no order is {state}: {states:?}");
    }
    an_unknown_order_is_not_found(&market.connector, &id("026-1234567-0000000")).await;
}

fn tells_the_truth(order: &Order, truth: &OrderTruth) {
    let facts = &order.facts;
    let told = (facts.marketplace.as_str(), facts.created_at, facts.updated_at, facts.is_merchant_fulfilled());
    let true_ones = (truth.marketplace.as_str(), truth.created, truth.last_updated, truth.merchant_fulfilled);
    assert_eq!(told, true_ones, "{}", truth.order);
    assert_eq!(facts.delivered_at.is_some(), truth.delivered_reported.is_some(), "{}", truth.order);
    let status = if facts.status == OrderStatus::Delivered { "SHIPPED" } else { truth.status.as_str() };
    assert_eq!(truth.status, status, "{}", truth.order);
    assert_eq!(
        facts.status.name().to_uppercase().replace("PRE_ORDER", "PENDING_AVAILABILITY"),
        match facts.status {
            OrderStatus::Delivered => "DELIVERED",
            _ => truth.status.as_str(),
        }
    );
    // the stand-in also sends values that the contract does not list, here and nowhere else
    let unlisted = |field: &str| field.ends_with("reportingScheme") || field.starts_with("programs[");
    for review in &facts.reviews {
        assert!(review.code.is_none() || unlisted(&review.field), "{}: {review:?}", truth.order);
        assert!(review.aspect != Aspect::Shipping || review.code.is_some(), "{}: {review:?}", truth.order);
    }
}

/// What an order that waits for the seller holds is what was shown; every other holds nobody; no fact holds anybody.
fn brings_in_no_person_too_many(order: &Order, truth: &OrderTruth) {
    let waits = truth.merchant_fulfilled && ["UNSHIPPED", "PARTIALLY_SHIPPED"].contains(&truth.status.as_str());
    if waits {
        let recipient = order.people.recipient.as_ref().unwrap_or_else(|| panic!("{} has no recipient", truth.order));
        assert!(recipient.name.is_given() && recipient.country.is_given(), "{}", truth.order);
        assert!(order.people.buyer_key.is_some(), "{}", truth.order);
    } else {
        assert_eq!(order.people, People::default(), "{} {}", truth.order, truth.status);
    }
    let facts = serde_json::to_string(&order.facts).unwrap();
    for person in truth.personal.iter().filter(|person| person.searchable) {
        assert!(!facts.contains(&person.value), "{} of {} is in the facts", person.path, truth.order);
    }
}

/// Reads a window as core does, through whatever goes wrong, and hands over all that came.
async fn read_stubbornly(market: &Market, window: Window) -> (Vec<OrderPage>, BTreeSet<KindName>) {
    let (mut pages, mut place, mut errors) = (Vec::new(), None, BTreeSet::new());
    for _ in 0..400 {
        match market.connector.poll_orders(window, place.as_ref()).await {
            Ok(page) => {
                a_page_is_well_formed(&page);
                place = page.next.as_ref().map(|next| next.token.clone());
                pages.push(page);
                if place.is_none() {
                    return (pages, errors);
                }
            }
            Err(error) => {
                errors.insert(KindName(format!("{:?}", error.kind)));
                assert!(error.kind == ErrorKind::StalePage || error.retry != Retry::Never, "{error:?}");
                if error.kind == ErrorKind::StalePage {
                    place = None;
                }
                let wait = match error.retry {
                    Retry::After(wait) => Duration::from_std(wait).unwrap(),
                    Retry::Never | Retry::Backoff | Retry::Exhausted => Duration::minutes(1),
                };
                market.clock.sleep_until(market.clock.now() + wait).await;
            }
        }
    }
    panic!("the window never ended; errors: {errors:?}");
}

/// An error kind by name, which can be put in order.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct KindName(String);

/// About half of all requests go wrong.
fn very_rough_day(seed: u64) -> FaultRates {
    FaultRates {
        internal_failure: 60,
        bad_gateway: 40,
        unavailable: 60,
        reset: 60,
        cut_length: 60,
        cut_chunked: 40,
        slow_body: 40,
        expired_tokens: 40,
        repeated_page: 40,
        reordered_update: 60,
        malformed_order: 60,
        ..FaultRates::rough_day(seed)
    }
}

#[tokio::test]
async fn a_rough_day_loses_no_order() {
    let market = Market::open(210, AmazonSettings::default()).await;
    let window = market.window();
    let before = market.truth_within(window);
    let mut seen_errors = BTreeSet::new();
    for seed in 0..5 {
        market.shop.faults().set(very_rough_day(seed));
        let (pages, errors) = read_stubbornly(&market, window).await;
        let after = market.truth_within(window);
        let rejected = pages.iter().flat_map(|page| &page.rejected).filter_map(|order| order.vendor_order_id.clone());
        let mut seen: BTreeSet<VendorOrderId> = rejected.collect();
        seen.extend(orders_of(pages).into_keys());
        // an order that changed while the window was read belongs to the next one
        let missing: Vec<_> = before.keys().filter(|id| after.contains_key(*id) && !seen.contains(*id)).collect();
        assert!(missing.is_empty(), "seed {seed}: {missing:?}");
        seen_errors.extend(errors);
    }
    assert!(market.shop.faults().injected() > 5, "things did go wrong");
    println!("faults: {}, errors that core saw: {seen_errors:?}", market.shop.faults().injected());
}

#[tokio::test]
async fn while_a_part_is_out_nothing_moves_on_and_afterwards_all_is_there() {
    let market = Market::open(60, AmazonSettings::default()).await;
    let window = market.window();
    market.shop.faults().set(FaultRates { outage: Some("FULFILLMENT".to_owned()), ..FaultRates::default() });
    let error = market.connector.poll_orders(window, None).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (ErrorKind::Transport, Retry::Backoff), "{error}");
    assert!(error.message.contains("FULFILLMENT"), "{error}");
    market.shop.faults().set(FaultRates::default());
    let expected: Vec<VendorOrderId> = market.truth_within(window).into_keys().collect();
    a_window_holds_every_order(&market.connector, window, &expected).await;
}

#[tokio::test]
async fn without_the_delivery_role_the_check_says_so() {
    let roles = Roles { delivery: false, ..Roles::ALL };
    let market = Market::open(200, AmazonSettings { roles, ..AmazonSettings::default() }).await;
    let check = market.connector.check().await.unwrap();
    assert!(check.findings.iter().any(|finding| finding.contains("Direct-to-Consumer")), "{check:?}");
    market.shop.change_settings(|settings| settings.roles = Roles::ALL);
    let check = market.connector.check().await.unwrap();
    // the stand-in's Date header is the real one, this clock is not
    let of_orders: Vec<_> = check.findings.iter().filter(|finding| !finding.contains("clock")).collect();
    assert!(check.orders_seen > 0 && of_orders.is_empty(), "{check:?}");
    market.shop.change_settings(|settings| settings.roles = Roles { orders: false, delivery: false, tax: false });
    assert_eq!(market.connector.check().await.unwrap_err().kind, ErrorKind::Auth);
}
