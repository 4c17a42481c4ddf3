//! The CSV of open facts.

use ordersync_testkit::SampleOrder;
use ordersync_web::Role;

use crate::world::{World, mixed_orders, now};

#[tokio::test]
async fn an_export_is_a_row_a_line_with_nobody_in_it() {
    let mut orders = mixed_orders();
    let line = &mut orders[1].facts.lines[0];
    line.title = Some("=HYPERLINK(\"http://evil.example\",\"a, b\")".to_owned());
    line.sku = Some("-SKU".to_owned());
    let lines: usize = orders.iter().map(|order| order.facts.lines.len()).sum();
    let world = World::with_orders(orders).await;
    let answer = world.get(Role::Accountant, "/v1/orders/export").await;
    assert_eq!(answer.status, 200);
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(answer.text.ends_with("\r\n") && answer.text.matches('\n').count() == lines + 1, "CRLF after each row");
    assert!(answer.text.contains("\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"a, b\"\")\""));
    assert!(answer.text.contains(",'-SKU,"));
    for sample in 1..10 {
        for value in SampleOrder::new(sample, now()).personal_values() {
            assert!(!answer.text.contains(&value), "order {sample}");
        }
    }
    // Orders that came in one page have ids of one moment, in no certain order.
    let mut rows: Vec<String> = answer.text.lines().map(without_id).collect();
    rows[1..].sort_by_key(|row| row.split(',').nth(3).unwrap().to_owned());
    insta::assert_json_snapshot!("export", rows);
}

fn without_id(row: &str) -> String {
    let (id, rest) = row.split_once(',').unwrap();
    if id == "order_id" { row.to_owned() } else { format!("[id],{rest}") }
}

#[tokio::test]
async fn an_export_of_several_pages_holds_every_order_once() {
    let orders: Vec<_> = (0..1203).map(|number| SampleOrder::new(number, now()).lines(1).build()).collect();
    let world = World::with_orders(orders).await;
    let answer = world.get(Role::Seller, "/v1/orders/export?status=unshipped").await;
    let mut ids: Vec<&str> = answer.text.lines().skip(1).map(|row| row.split(',').next().unwrap()).collect();
    assert_eq!(ids.len(), 1203);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 1203);
    world.get(Role::Seller, "/v1/orders/export?limit=3").await.failure(422);
    world.get(Role::Seller, "/v1/orders/export?account=nobody").await.failure(404);
}
