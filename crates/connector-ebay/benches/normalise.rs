//! Microseconds an order, for pages of 100 ordinary orders: `cargo bench -p ordersync-connector-ebay`.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement prints its result")]

use ordersync_connector_ebay::normalise;
use ordersync_types::{Clock, SystemClock};
use serde_json::{Value, json};

fn main() {
    for name in ["click_and_collect", "two_lines_with_discounts"] {
        measure(name);
    }
}

fn measure(name: &str) {
    let path = format!("{}/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let order: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let numbered = |number: u32| {
        let mut order = order.clone();
        if let Some(id) = order.get_mut("orderId") {
            *id = json!(format!("12-34567-{number:05}"));
        }
        order
    };
    let orders: Vec<Value> = (0..100).map(numbered).collect();
    let body = json!({ "total": 100, "limit": 200, "offset": 0, "orders": orders }).to_string();
    let read_at = SystemClock.now();
    let pages = 200_u32;
    let mut best = u128::MAX;
    for _ in 0..10 {
        let start = SystemClock.monotonic();
        for _ in 0..pages {
            let read = normalise::page(std::hint::black_box(body.as_bytes()), read_at).unwrap();
            assert_eq!(std::hint::black_box(read).orders.len(), 100);
        }
        let took = SystemClock.monotonic().saturating_sub(start);
        best = best.min(took.as_nanos() / u128::from(pages * 100));
    }
    println!("{name}: {} bytes, {}.{:02} us an order", body.len() / 100, best / 1_000, best % 1_000 / 10);
}
