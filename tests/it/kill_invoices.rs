//! SIGKILL of the real binary while parcels leave and their invoices are issued: no number twice, none missing, no sale
//! invoiced twice or forgotten.

use std::collections::BTreeSet;
use std::time::Duration;

use ordersync_store::testing::FreshDatabases;
use ordersync_store::{Databases, InvoiceFilter, JobKind, OrderFilter};
use serde_json::{Value, json};

use crate::kill_checks::Shops;
use crate::kill_installation::{Installation, leases_end, wait_until};
use crate::setting::SELLER;

const ORDERS: u64 = 240;

fn kills() -> u64 {
    if std::env::var_os("ORDERSYNC_LONG").is_some() { 100 } else { 10 }
}

/// Says in the configuration who the business is, and that goods not listed are standard-rated.
fn name_the_business(installation: &Installation) {
    let file = installation.path("etc/ordersync.toml");
    let config = std::fs::read_to_string(&file).expect("the configuration");
    let config = config.replace("goods_not_listed = \"ask\"", "goods_not_listed = \"standard\"");
    let business =
        "[business]\nname = \"Example Goods Ltd\"\nlines = [\"1 Invented Street\"]\nvat_number = \"GB123456782\"\n";
    std::fs::write(file, config + business).expect("the configuration");
}

/// Whether orders wait to be looked at.
async fn is_queued(store: &Databases) -> bool {
    store.next_job_due(JobKind::Invoice).await.expect("the queue").is_some()
}

/// What must hold at every moment: numbers run without a gap, and each document's rates add up to it.
async fn books_are_whole(store: &Databases, when: &str) {
    assert_eq!(store.missing_numbers(SELLER).await.expect("the numbers"), [], "{when}");
    let torn = "SELECT COUNT(*) FROM invoice i WHERE i.gross_minor <> \
                (SELECT COALESCE(SUM(r.gross_minor), 0) FROM invoice_rate r WHERE r.invoice_id = i.invoice_id)";
    assert_eq!(store.number(false, torn).await, 0, "{when}");
    let nameless = "SELECT COUNT(*) FROM invoice i WHERE i.form = 'full' AND i.kind IN ('invoice', 'credit') AND NOT EXISTS \
                    (SELECT 1 FROM invoice_party p WHERE p.invoice_id = i.invoice_id)";
    assert_eq!(store.number(false, nameless).await, 0, "{when}");
}

async fn kill_in_issuing(fresh: FreshDatabases) {
    let shops = Shops::open(29, ORDERS).await;
    let installation = Installation::new(fresh);
    name_the_business(&installation);
    let settings = ["bound_seconds=0", "page_size=200"];
    installation.add_account("ebay", shops.stand_in.base_url(), &settings);
    let daemon = installation.serve().await;
    daemon.read().await;
    let store = installation.look().await;
    daemon.stop().await;
    let filter = OrderFilter { limit: 10_000, status: Some("unshipped".to_owned()), ..OrderFilter::default() };
    let orders = store.list_orders(SELLER, &filter).await.expect("the orders");
    assert!(orders.len() > 100, "{} orders", orders.len());
    let parcels = |some: &[ordersync_store::OrderSummary]| {
        let each = some.iter().map(|order| json!({ "target": order.vendor_order_id }));
        json!({ "parcels": each.collect::<Vec<Value>>() })
    };
    let mut within = 0;
    for number in 0..kills() {
        let when = format!("kill {number}");
        let mut daemon = installation.serve().await;
        let at = usize::try_from(number * 11).expect("small") % (orders.len() - 30);
        daemon.ask_and_leave("/v1/dispatch", parcels(orders.get(at..at + 30).expect("thirty orders")));
        tokio::time::sleep(Duration::from_millis(number * 618 % 350)).await;
        daemon.kill();
        leases_end(&store).await;
        within += u64::from(is_queued(&store).await);
        books_are_whole(&store, &when).await;
    }
    assert!(within * 3 >= kills(), "only {within} of {} kills fell before all was issued", kills());
    let daemon = installation.serve().await;
    for some in orders.chunks(50) {
        daemon.ask("/v1/dispatch", parcels(some)).await;
    }
    // A claim that a killed daemon held is another's after two minutes.
    store.run_raw(false, "UPDATE job SET claimed_until = 1").await;
    daemon.ask("/v1/sync", json!({})).await;
    wait_until("everything is issued", async || !is_queued(&store).await).await;
    daemon.stop().await;
    books_are_whole(&store, "at the end").await;

    let all = InvoiceFilter { limit: 100_000, ..InvoiceFilter::default() };
    let documents = store.invoices(SELLER, &all).await.expect("the documents");
    let sold: BTreeSet<_> = documents.iter().map(|row| row.order).collect();
    assert_eq!(sold.len(), documents.len(), "each sale has one document");
    let left = "SELECT COUNT(DISTINCT l.order_id) FROM shipment_line l JOIN shipment s ON s.shipment_id = l.shipment_id \
                WHERE s.state = 'dispatched' AND NOT EXISTS (SELECT 1 FROM invoice i WHERE i.order_id = l.order_id) \
                AND NOT EXISTS (SELECT 1 FROM uninvoiced u WHERE u.order_id = l.order_id)";
    assert_eq!(store.number(false, left).await, 0, "every sale has a document or a reason");
    assert!(documents.len() > 100, "{} documents", documents.len());
    let (code, said, error) = installation.typed(&["invoice", "verify"]);
    assert!(code == 0 && said.contains("All are what was issued"), "{said}{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invoicing_that_is_killed_takes_no_number_twice_on_sqlite() {
    kill_in_issuing(FreshDatabases::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invoicing_that_is_killed_takes_no_number_twice_on_postgres() {
    if let Some(fresh) = FreshDatabases::postgres().await {
        kill_in_issuing(fresh).await;
    }
}
