//! How long an answer of 100 orders takes to become orders: prints microseconds per order. `cargo bench -p
//! ordersync-connector-amazon`.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measurement prints, and stops when it cannot run")]

use std::time::Duration;

use ordersync_connector_amazon::read_search_answer;
use ordersync_types::{Clock, SystemClock};

const ORDERS: u32 = 100;
const ROUNDS: u32 = 200;

fn main() {
    for name in ["import_scheme_ie", "consumer_unshipped", "fba_shipped", "pending"] {
        let page = page_of(name);
        let mut rounds: Vec<Duration> = (0..ROUNDS).map(|_| timed(&page)).collect();
        rounds.sort();
        let median = rounds.get(rounds.len() / 2).copied().unwrap_or_default();
        let nanos_per_order = median.as_nanos() / u128::from(ORDERS);
        let bytes_per_order = page.len() / 100;
        println!(
            "{name}: {}.{:02} us per order of {bytes_per_order} bytes, {} us a page",
            nanos_per_order / 1000,
            nanos_per_order % 1000 / 10,
            median.as_micros()
        );
    }
}

fn timed(page: &[u8]) -> Duration {
    let clock = SystemClock;
    let start = clock.monotonic();
    let answer = read_search_answer(page).expect("a whole page");
    let took = clock.monotonic() - start;
    assert_eq!(u32::try_from(answer.read.len()), Ok(ORDERS));
    took
}

/// A page of the fixture, each time with another number.
fn page_of(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a fixture");
    let mut order: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut orders = Vec::new();
    for number in 0..ORDERS {
        if let Some(id) = order.get_mut("orderId") {
            *id = serde_json::Value::String(format!("203-{number:07}-0000417"));
        }
        orders.push(order.clone());
    }
    serde_json::json!({"orders": orders, "lastUpdatedBefore": "2026-10-07T00:00:00Z"}).to_string().into_bytes()
}
