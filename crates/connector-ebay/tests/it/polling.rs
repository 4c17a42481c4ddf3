//! Reading windows: closed, cut when crowded, by offset over a set that changes, by addresses of our own.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ordersync_connector_api::{ErrorKind, MarketplaceConnector, PageToken, Retry, Window, contract_suite as suite};
use ordersync_connector_ebay::EbayConfig;
use ordersync_types::{Timestamp, VendorOrderId};
use serde_json::json;

use crate::ebay::{JumpingClock, Scripted, Shop, json_answer, order, token_answer};

const NOW: &str = "2026-03-01T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn hour() -> Window {
    Window { from: at("2026-03-01T10:00:00Z"), to: at("2026-03-01T11:00:00Z") }
}

/// So many orders spread evenly over the window.
fn shop(count: usize, window: Window) -> Shop {
    let (from, to) = (window.from.timestamp_millis(), window.to.timestamp_millis());
    let step = (to - from) / count.max(2) as i64;
    Shop { orders: (0..count).map(|n| (format!("10-00000-{n:05}"), from + step * n as i64)).collect() }
}

fn ids(orders: &[(String, i64)]) -> Vec<VendorOrderId> {
    orders.iter().map(|(id, _)| id.parse().unwrap()).collect()
}

#[tokio::test]
async fn a_window_is_asked_for_by_addresses_of_our_own() {
    let shop = shop(450, hour());
    let expected = ids(&shop.orders);
    let ebay = Scripted::start(move |asked| shop.answer(asked)).await;
    let connector = ebay.connector(&JumpingClock::at(NOW));
    suite::a_window_holds_every_order(&connector, hour(), &expected).await;
    let filter = "filter=lastmodifieddate:%5B2026-03-01T10:00:00.000Z..2026-03-01T11:00:00.000Z%5D";
    let page =
        |offset| format!("/sell/fulfillment/v1/order?{filter}&fieldGroups=TAX_BREAKDOWN&limit=200&offset={offset}");
    assert_eq!(ebay.targets(), [page(0), page(200), page(400)]);
}

#[tokio::test]
async fn pages_are_well_formed_and_the_last_one_is_bound_by_the_window() {
    let shop = shop(201, hour());
    let ebay = Scripted::start(move |asked| shop.answer(asked)).await;
    let connector = ebay.connector(&JumpingClock::at(NOW));
    let pages = suite::read_window(&connector, hour()).await.unwrap();
    assert_eq!(pages.iter().map(|page| page.orders.len()).collect::<Vec<_>>(), [200, 1]);
    pages.iter().for_each(suite::a_page_is_well_formed);
    assert_eq!((pages[0].bound, pages[1].bound), (None, Some(hour().to)));
    assert!(pages[0].next.as_ref().unwrap().survives_restart);
}

#[tokio::test]
async fn an_empty_window_is_complete() {
    let ebay = Scripted::start(|asked| shop(0, hour()).answer(asked)).await;
    let connector = ebay.connector(&JumpingClock::at(NOW));
    suite::a_window_holds_every_order(&connector, hour(), &[]).await;
}

/// An order that is modified while its window is read leaves it, and every later one moves up by a place.
#[tokio::test]
async fn an_order_that_leaves_the_window_hides_no_other() {
    let shop = shop(600, hour());
    let all = ids(&shop.orders);
    // newest first: these stand on the first page, and leave once it was read
    let gone: Vec<VendorOrderId> = all[450..453].to_vec();
    let leaving = gone.clone();
    let mut shop = shop;
    let mut pages = 0;
    let ebay = Scripted::start(move |asked| {
        let answer = shop.answer(asked);
        if !asked.is_token() {
            pages += 1;
            if pages == 1 {
                shop.orders.retain(|(id, _)| !leaving.iter().any(|gone| gone.as_str() == id));
            }
        }
        answer
    })
    .await;
    let connector = ebay.connector(&JumpingClock::at(NOW));
    suite::a_window_holds_every_order(&connector, hour(), &all).await;
    let offsets: Vec<String> = ebay.targets().iter().map(|t| t.rsplit_once('=').unwrap().1.to_owned()).collect();
    assert_eq!(offsets, ["0", "200", "197", "397"]);
    assert_eq!(gone.len(), 3);
}

/// Seen nowhere yet, but the next page would begin one order too late.
#[tokio::test]
async fn an_order_listed_twice_moves_the_next_page_by_one_place_only() {
    let shop = shop(300, hour());
    let all = ids(&shop.orders);
    let ebay = Scripted::start(move |asked| {
        let (status, kind, body) = shop.answer(asked);
        if asked.is_token() {
            return (status, kind, body);
        }
        let mut page: serde_json::Value = serde_json::from_str(&body).unwrap();
        let orders = page["orders"].as_array_mut().unwrap();
        orders.push(orders[0].clone());
        json_answer(200, page)
    })
    .await;
    suite::a_window_holds_every_order(&ebay.connector(&JumpingClock::at(NOW)), hour(), &all).await;
}

#[tokio::test]
async fn a_crowded_window_is_cut_into_pieces() {
    let shop = shop(5_000, hour());
    let expected = ids(&shop.orders);
    let ebay = Scripted::start(move |asked| shop.answer(asked)).await;
    let connector = ebay.connector(&JumpingClock::at(NOW));
    let pages = suite::read_window(&connector, hour()).await.unwrap();
    let seen: BTreeSet<_> = pages.iter().flat_map(|page| &page.orders).map(|o| &o.facts.vendor_order_id).collect();
    assert_eq!(seen, expected.iter().collect());
    let listed: usize = pages.iter().map(|page| page.orders.len()).sum();
    assert!(listed < 5_020, "{listed} orders were given out for 5000");
    let deepest = ebay.targets().iter().map(|t| t.rsplit_once('=').unwrap().1.parse::<u32>().unwrap()).max();
    assert!(deepest.unwrap() <= 800, "a piece of more than 1,000 orders was read: offset {deepest:?}");
    assert_eq!(pages.last().unwrap().bound, Some(hour().to));
}

#[tokio::test]
async fn a_crowded_minute_is_read_as_it_is() {
    let minute = Window { from: at("2026-03-01T10:00:00Z"), to: at("2026-03-01T10:01:00Z") };
    let shop = shop(1_500, minute);
    let expected = ids(&shop.orders);
    let ebay = Scripted::start(move |asked| shop.answer(asked)).await;
    let connector = ebay.connector(&JumpingClock::at(NOW));
    suite::a_window_holds_every_order(&connector, minute, &expected).await;
    assert_eq!(ebay.targets().len(), 8);
}

/// The connector holds no progress: another process goes on from the token alone, and orders may have left meanwhile.
#[tokio::test]
async fn a_place_in_the_middle_of_a_window_survives_a_restart() {
    let shop = Arc::new(Mutex::new(shop(500, hour())));
    let stay = ids(&shop.lock().unwrap().orders[..480]);
    let served = shop.clone();
    let ebay = Scripted::start(move |asked| served.lock().unwrap().answer(asked)).await;
    let clock = JumpingClock::at(NOW);
    let first = ebay.connector(&clock).poll_orders(hour(), None).await.unwrap();
    let mut seen: BTreeSet<VendorOrderId> = first.orders.iter().map(|o| o.facts.vendor_order_id.clone()).collect();
    let mut place = first.next.map(|next| next.token.as_str().to_owned());

    shop.lock().unwrap().orders.truncate(480);
    clock.advance(Duration::from_secs(86_400));
    let restarted = ebay.connector(&clock);
    while let Some(text) = place {
        let page = restarted.poll_orders(hour(), Some(&PageToken::new(text))).await.unwrap();
        seen.extend(page.orders.iter().map(|o| o.facts.vendor_order_id.clone()));
        place = page.next.map(|next| next.token.as_str().to_owned());
    }
    assert!(stay.iter().all(|id| seen.contains(id)));
}

#[tokio::test]
async fn a_place_that_is_none_of_the_window_is_stale() {
    let ebay = Scripted::start(|asked| shop(1, hour()).answer(asked)).await;
    let connector = ebay.connector(&JumpingClock::at(NOW));
    for text in ["", "nonsense", "0..1@0", "1772359200000..1772366400001@0"] {
        let error = connector.poll_orders(hour(), Some(&PageToken::new(text))).await.unwrap_err();
        assert_eq!((error.kind, error.retry), (ErrorKind::StalePage, Retry::Never), "{text}");
    }
    assert_eq!(ebay.targets(), Vec::<String>::new(), "nothing was asked");
}

#[tokio::test]
async fn an_answer_that_contradicts_the_question_is_no_page() {
    for answer in [
        json!({ "total": 400, "offset": 200, "orders": [order("1", 1_772_359_200_000)] }),
        json!({ "total": 7, "offset": 0, "orders": [] }),
        json!({ "offset": 0, "orders": [order("1", 1_772_359_200_000)] }),
    ] {
        let ebay = Scripted::start(
            move |asked| {
                if asked.is_token() { token_answer() } else { json_answer(200, answer.clone()) }
            },
        )
        .await;
        let error = ebay.connector(&JumpingClock::at(NOW)).poll_orders(hour(), None).await.unwrap_err();
        assert_eq!((error.kind, error.retry), (ErrorKind::Malformed, Retry::Backoff));
    }
}

#[tokio::test]
async fn one_bad_order_does_not_block_the_page() {
    let ebay = Scripted::start(|asked| {
        if asked.is_token() {
            return token_answer();
        }
        let mut bad = order("10-00000-00002", 1_772_359_300_000);
        bad["lineItems"][0]["quantity"] = json!("two");
        let orders = json!([order("10-00000-00001", 1_772_359_200_000), bad]);
        json_answer(200, json!({ "total": 2, "offset": 0, "orders": orders }))
    })
    .await;
    let page = ebay.connector(&JumpingClock::at(NOW)).poll_orders(hour(), None).await.unwrap();
    suite::a_page_is_well_formed(&page);
    assert_eq!((page.orders.len(), page.rejected.len()), (1, 1));
    assert_eq!(page.rejected[0].field, "lineItems[0].quantity");
    assert_eq!(page.bound, Some(hour().to));
}

#[tokio::test]
async fn a_single_order_is_fetched_with_its_tax_breakdown() {
    let shop = shop(3, hour());
    let id = ids(&shop.orders)[1].clone();
    let ebay = Scripted::start(move |asked| shop.answer(asked)).await;
    let connector = ebay.connector(&JumpingClock::at(NOW));
    let order = connector.fetch_order(&id).await.unwrap().unwrap();
    assert_eq!(order.facts.vendor_order_id, id);
    assert_eq!(ebay.targets(), ["/sell/fulfillment/v1/order/10-00000-00001?fieldGroups=TAX_BREAKDOWN"]);
    suite::an_unknown_order_is_not_found(&connector, &"99-99999-99999".parse().unwrap()).await;
    suite::an_unknown_order_is_not_found(&connector, &"110123456789-200123456789!1".parse().unwrap()).await;
    assert!(ebay.targets()[2].contains("/order/110123456789-200123456789%211?"));
}

#[tokio::test]
async fn the_page_size_is_configurable() {
    let shop = shop(5, hour());
    let ebay = Scripted::start(move |asked| shop.answer(asked)).await;
    let config = EbayConfig { page_size: 2, ..ebay.config() };
    let connector = ebay.connector_with(&config, &JumpingClock::at(NOW));
    assert_eq!(suite::read_window(&connector, hour()).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_check_asks_for_one_order_and_tells_what_it_finds() {
    let window = Window { from: at("2026-02-20T00:00:00Z"), to: at("2026-02-21T00:00:00Z") };
    let full = shop(5, window);
    let ebay = Scripted::start(move |asked| full.answer(asked)).await;
    let found = ebay.connector(&JumpingClock::at(NOW)).check().await.unwrap();
    assert_eq!((found.orders_seen, found.findings), (1, Vec::new()));
    assert!(ebay.targets()[0].ends_with("&limit=1&offset=0"));

    let ebay = Scripted::start(|asked| {
        if asked.is_token() {
            let ends_soon = 20 * 86_400;
            let answer = json!({ "access_token": "a", "expires_in": 7200, "refresh_token_expires_in": ends_soon });
            return json_answer(200, answer);
        }
        shop(0, hour()).answer(asked)
    })
    .await;
    let found = ebay.connector(&JumpingClock::at(NOW)).check().await.unwrap();
    assert_eq!(found.orders_seen, 0);
    assert!(found.findings[0].starts_with("eBay shows no order"), "{found:?}");
    assert!(found.findings[1].contains("2026-03-21"), "{found:?}");
}
