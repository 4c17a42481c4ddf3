//! Numbers: none twice, none missing without a record that explains it; documents that never change, for six years.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Duration;
use ordersync_core::invoicing::DocumentKind;
use ordersync_core::{Core, CoreError, KeyRing, Opened};
use ordersync_order::Programme;
use ordersync_store::{Databases, InvoiceFilter};
use ordersync_types::{Clock, OrderId};

use crate::invoicing::{Books, accountant, day, profile, settings, shipped, us};
use crate::setting::{SELLER, at};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn invariant_7_eight_writers_at_once_take_no_number_twice_and_leave_no_gap() {
    for books in Books::each().await {
        let orders: Vec<_> = (1..=160).map(|number| shipped(number * 4)).collect();
        let total: i64 = orders.iter().filter_map(|order| order.facts.grand_total).map(|total| total.minor).sum();
        for page in orders.chunks(40) {
            books.setting.clock.advance_by(Duration::minutes(5).to_std().unwrap());
            let now = books.setting.clock.now();
            books.setting.connector.push_page(ordersync_testkit::last_page(page.to_vec(), now));
            books.setting.sync().await.unwrap();
        }
        let ids: Vec<OrderId> = books.setting.orders().await.into_iter().map(|order| order.order_id).collect();
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..8 {
            // Daemons of their own on the same databases; all want all orders.
            let store = books.setting.fresh.open().await;
            let keys = KeyRing::open(&store, &books.setting.root).await.unwrap();
            let core = Arc::new(Core::new(store, books.setting.clock.shared(), keys, "0.1.0"));
            core.set_invoicing(settings(profile()));
            let mut ids = ids.clone();
            ids.rotate_left(writer * 20);
            writers.spawn(async move {
                for chunk in ids.chunks(10) {
                    core.issue_due(SELLER, chunk, &accountant()).await.unwrap();
                }
                core.store.clone().close().await.unwrap();
            });
        }
        while let Some(done) = writers.join_next().await {
            done.unwrap();
        }
        let documents = books.documents().await;
        let numbers: BTreeSet<i64> = documents.iter().filter_map(|row| row.series_number).collect();
        assert_eq!(documents.len(), 160, "{}", books.setting.fresh.kind);
        assert_eq!(numbers, (1..=160).collect());
        assert_eq!(documents.iter().map(|row| row.gross_minor).sum::<i64>(), total);
        assert!(books.core().store.missing_numbers(SELLER).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn invariant_7_an_issued_invoice_never_changes_and_stays() {
    for books in Books::each().await {
        let mut business = shipped(4);
        business.facts.programmes.push(Programme::Business);
        books.reads(vec![business]).await;
        books.core().void_invoice_number(SELLER, "INV-000002", "written on paper", &accountant()).await.unwrap();
        let store = &books.core().store;
        for sql in [
            "UPDATE invoice SET gross_minor = 1",
            "UPDATE invoice_rate SET vat_minor = 0",
            "UPDATE invoice_party SET key_id = 1",
            "UPDATE invoice_void SET reason = 'x'",
            "DELETE FROM invoice",
            "DELETE FROM invoice_rate",
            "DELETE FROM invoice_party",
            "DELETE FROM invoice_void",
        ] {
            let error = store.try_raw(sql).await.expect_err(sql);
            assert!(error.contains("what was issued"), "{sql}: {error}");
        }
        // Naming a row is not enough: it must be due.
        let named = "INSERT INTO invoice_purge SELECT seller_id, invoice_id, 0 FROM invoice";
        store.run_raw(false, named).await;
        store.try_raw("DELETE FROM invoice").await.expect_err("not due");
        assert!(
            books.core().verify_invoices(SELLER, (None, None), &accountant(), |_| ()).await.unwrap().faults.is_empty()
        );
    }
}

#[tokio::test]
async fn series_are_set_once_and_numbers_without_a_document_have_a_record() {
    for books in Books::each().await {
        let core = books.core();
        core.set_invoice_series(SELLER, DocumentKind::Credit, "CN-", 1, &accountant()).await.unwrap();
        for (prefix, next) in
            [("inv-", 1), ("", 1), ("INV1", 1), ("9-", 1), ("INV-", 0), ("WAYTOOLONGPREFIX-", 1), ("CN-", 7)]
        {
            assert!(
                core.set_invoice_series(SELLER, DocumentKind::Invoice, prefix, next, &accountant()).await.is_err(),
                "{prefix}"
            );
        }
        core.set_invoice_series(SELLER, DocumentKind::Invoice, "A26/", 101, &accountant()).await.unwrap();
        core.set_invoice_series(SELLER, DocumentKind::Invoice, "EX-", 500, &accountant()).await.unwrap();
        books.reads(vec![shipped(4)]).await;
        assert_eq!(books.booked().await[0].1, "EX-000500");
        let late = core.set_invoice_series(SELLER, DocumentKind::Invoice, "B-", 1, &accountant()).await;
        assert!(matches!(late, Err(CoreError::Refused { .. })));
        assert!(core.void_invoice_number(SELLER, "EX-000500", "x", &accountant()).await.is_err());
        assert!(core.void_invoice_number(SELLER, "EX-000502", "x", &accountant()).await.is_err());
        assert!(core.void_invoice_number(SELLER, "EX-000501", "", &accountant()).await.is_err());
        core.void_invoice_number(SELLER, "EX-000501", "written on paper", &accountant()).await.unwrap();
        books.reads(vec![shipped(8)]).await;
        assert_eq!(books.booked().await[1].1, "EX-000502");
        assert!(core.store.missing_numbers(SELLER).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_byte_that_sql_changed_is_found() {
    for books in Books::each().await {
        books.reads(vec![shipped(4), shipped(8)]).await;
        let store = &books.core().store;
        let verify = || async {
            let mut seen = 0;
            let report =
                books.core().verify_invoices(SELLER, (None, None), &accountant(), |count| seen = count).await.unwrap();
            (report.documents, report.faults.into_iter().map(|fault| fault.number).collect::<Vec<_>>(), report.missing)
        };
        assert_eq!(verify().await, (2, Vec::new(), Vec::new()));
        drop_guards(store, "invoice").await;
        store
            .run_raw(false, "UPDATE invoice SET content = REPLACE(content, 'Oak', 'Elm') WHERE number = 'INV-000002'")
            .await;
        assert_eq!(verify().await.1, ["INV-000002"]);
        let refused = books.core().invoice_document(SELLER, "INV-000002", false, &accountant()).await;
        assert!(matches!(refused, Err(CoreError::Refused { .. })), "what is not the document is not handed out");
        drop_guards(store, "invoice_rate").await;
        store.run_raw(false, "UPDATE invoice_rate SET vat_minor = vat_minor + 1, net_minor = net_minor - 1").await;
        assert_eq!(verify().await.1.len(), 2);
        store.run_raw(false, "DELETE FROM invoice_rate").await;
        store.run_raw(false, "DELETE FROM invoice WHERE number = 'INV-000001'").await;
        store.run_raw(false, "UPDATE invoice_series SET next_number = 5 WHERE kind = 'invoice'").await;
        assert_eq!(verify().await.2, [("invoice".to_owned(), 3, 4)]);
    }
}

async fn drop_guards(store: &Databases, table: &str) {
    for guard in ["never_changes", "stays"] {
        let on = if store.data.kind() == "postgres" { format!(" ON {table}") } else { String::new() };
        store.run_raw(false, &format!("DROP TRIGGER {table}_{guard}{on}")).await;
    }
}

#[tokio::test]
async fn the_day_before_the_six_years_are_over_all_is_there_and_the_day_after_it_is_gone_with_its_keys() {
    for books in Books::each().await {
        let mut business = shipped(4);
        business.facts.programmes.push(Programme::Business);
        let values = ordersync_testkit::SampleOrder::new(4, at("2026-06-20T12:00:00Z")).personal_values();
        books.reads(vec![business, shipped(8)]).await;
        assert_eq!(books.documents().await.len(), 2);
        let key = books.core().store.number(false, "SELECT key_id FROM invoice_party").await;
        // The year of a supply in June 2026 ends on 31 March 2027; six years later is 31 March 2033 (summer time).
        books.setting.clock.advance_to(at("2033-03-31T22:00:00Z"));
        books.core().run_retention_at_this_clock().await.unwrap();
        assert_eq!((books.setting.count("invoice").await, books.setting.count("invoice_party").await), (2, 1));
        let pdf = books.core().invoice_document(SELLER, "INV-000001", false, &accountant()).await.unwrap().pdf;
        assert!(!pdf.expose().is_empty());
        let order = books.setting.orders().await.into_iter().find(|order| order.buyer_id.is_some());
        assert!(order.is_none(), "buyers went long ago: {values:?} stand on the invoice alone");
        books.setting.clock.advance_to(at("2033-03-31T23:00:01Z"));
        books.core().run_retention_at_this_clock().await.unwrap();
        for table in ["invoice", "invoice_rate", "invoice_party", "invoice_purge"] {
            assert_eq!(books.setting.count(table).await, 0, "{table}");
        }
        let state = format!("SELECT COUNT(*) FROM data_key WHERE key_id = {key} AND state <> 'destroyed'");
        assert_eq!(books.core().store.number(true, &state).await, 0);
        // What left so long ago is not issued anew.
        let ids: Vec<OrderId> = books.setting.orders().await.into_iter().map(|order| order.order_id).collect();
        books.core().issue_due(SELLER, &ids, &accountant()).await.unwrap();
        assert_eq!(books.setting.count("invoice").await, 0);
    }
}

#[tokio::test]
async fn a_sale_of_which_the_marketplace_writes_the_invoice_is_told_for_six_years() {
    for books in Books::each().await {
        let by_marketplace =
            ordersync_store::AccountInvoicing { issuer: Some(ordersync_store::InvoiceIssuer::Marketplace), ..us() };
        books.core().set_account_invoicing(&books.setting.account, &by_marketplace, &accountant()).await.unwrap();
        books.reads(vec![shipped(4)]).await;
        let before = books.daybook().await;
        assert_eq!(before.len(), 1);
        // The order's own facts go long before: Amazon's 18 months after its last change.
        books.core().store.run_raw(false, "UPDATE orders SET facts_purge_after = 1").await;
        books.setting.clock.advance_to(at("2033-03-31T22:00:00Z"));
        books.core().run_retention_at_this_clock().await.unwrap();
        assert!(books.setting.orders().await.is_empty());
        assert_eq!(books.daybook().await, before, "{}", books.setting.fresh.kind);
        books.setting.clock.advance_to(at("2033-03-31T23:00:01Z"));
        books.core().run_retention_at_this_clock().await.unwrap();
        assert_eq!(books.setting.count("uninvoiced").await, 0);
    }
}

#[tokio::test]
async fn after_a_month_nobody_is_told_by_a_simplified_invoice() {
    for books in Books::each().await {
        books.reads(vec![shipped(4)]).await;
        books.setting.clock.advance_to(at("2026-12-01T00:00:00Z"));
        books.core().run_retention_at_this_clock().await.unwrap();
        let order = books.setting.only_order().await;
        let opened = books.core().open_recipient(&order, &accountant()).await.unwrap();
        assert!(matches!(opened, Opened::Purged));
        let pdf = books.core().invoice_document(SELLER, "INV-000001", false, &accountant()).await.unwrap().pdf;
        let values = ordersync_testkit::SampleOrder::new(4, at("2026-06-20T12:00:00Z")).personal_values();
        let text = String::from_utf8(pdf.expose().clone()).unwrap();
        assert!(values.iter().all(|value| !text.contains(value.as_str())));
        let filter = InvoiceFilter {
            from: Some(day("2026-06-20")),
            to: Some(day("2026-06-20")),
            limit: 10,
            ..InvoiceFilter::default()
        };
        assert_eq!(books.core().store.invoices(SELLER, &filter).await.unwrap().len(), 1);
    }
}
