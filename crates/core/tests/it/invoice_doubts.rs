//! Sales that two documents could have, or none: two accounts of one seller, the day from which invoices are written, parcels
//! that leave later, buyers whose data has gone, what cannot be printed.

use chrono::Duration;
use ordersync_connector_api::AccountCredential;
use ordersync_core::fulfilment::DispatchWish;
use ordersync_core::invoicing::DaybookSterling;
use ordersync_core::{AccountInvoicing, NewAccount, SyncSettings};
use ordersync_courier_api::Repeats;
use ordersync_order::{Amount, AmountKind, Discount, FundedBy, Order, OrderStatus, Programme};
use ordersync_testkit::{SampleOrder, last_page};
use ordersync_types::{Currency, FieldState, Money, Secret};
use ordersync_vat::{AboveLimit, GoodsNotListed, SellerTaxProfile};

use crate::invoicing::{Books, UNPRINTABLE, accountant, as_consumer, day, later, number_of, profile, shipped, us};
use crate::setting::{SELLER, Setting, at, start};
use crate::shop::{Shop, of, packer};

/// A second account of the same seller reads the same orders; its buyers get their invoices from here too.
async fn read_by_another(books: &Books, orders: Vec<Order>) -> ordersync_store::Account {
    let secret = || Secret::new("example".to_owned());
    let new = NewAccount {
        seller: SELLER,
        label: "second".to_owned(),
        connector: "scripted".to_owned(),
        settings: "{}".to_owned(),
        go_live_at: books.setting.account.go_live_at,
        first_window_days: 30,
        invoicing: us(),
        credential: AccountCredential { client_id: secret(), client_secret: secret(), refresh_token: secret() },
    };
    books.setting.clock.advance_by(std::time::Duration::from_secs(60));
    let account = books.core().add_account(new, &accountant()).await.unwrap();
    read_with(books, &account, orders).await;
    account
}

async fn read_with(books: &Books, account: &ordersync_store::Account, orders: Vec<Order>) {
    books.setting.connector.push_page(last_page(orders, ordersync_types::Clock::now(&books.setting.clock)));
    let connector: std::sync::Arc<dyn ordersync_connector_api::MarketplaceConnector> = books.setting.connector.clone();
    books.core().sync_account(account, &connector, SyncSettings::default()).await.unwrap();
    books.issue().await;
}

#[tokio::test]
async fn an_order_that_two_accounts_read_is_invoiced_once() {
    for books in Books::each().await {
        let order = shipped(4);
        books.reads(vec![order.clone()]).await;
        let second = read_by_another(&books, vec![order.clone()]).await;
        assert_eq!(books.setting.orders().await.len(), 2, "each account has its row");
        assert_eq!(books.documents().await.len(), 1, "{}", books.setting.fresh.kind);
        assert_eq!(books.daybook().await.len(), 1, "nor does it wait a second time");
        // The older account goes: its document stays the order's only one.
        books.core().remove_account(&books.setting.account, &accountant()).await.unwrap();
        books.setting.clock.advance_by(std::time::Duration::from_secs(600));
        read_with(&books, &second, vec![later(order, 30), shipped(8)]).await;
        let booked = books.documents().await;
        assert_eq!(booked.len(), 2);
        assert_eq!(booked[1].vendor_order_id, number_of(&shipped(8)).as_str());
        assert_eq!(books.daybook().await.len(), 2);
    }
}

/// An order of one line of two pieces, of which `left` have left, the newest at `moment`.
fn of_two(left: i64, moment: &str, minutes: i64) -> Order {
    let status = if left == 2 { OrderStatus::Shipped } else { OrderStatus::PartiallyShipped };
    let mut order = SampleOrder::new(3, at("2026-03-28T12:00:00Z")).lines(1).status(status).build();
    as_consumer(&mut order);
    let line = order.facts.lines.first_mut().unwrap();
    line.quantity = 2;
    line.quantity_dispatched = Some(u32::try_from(left).unwrap());
    order.facts.dispatched_at = Some(at(moment));
    order.facts.updated_at = start() + Duration::minutes(minutes);
    order
}

#[tokio::test]
async fn a_later_parcel_has_its_own_tax_point() {
    for books in Books::each().await {
        books.reads(vec![of_two(1, "2026-03-30T10:00:00Z", 1)]).await;
        books.reads(vec![of_two(2, "2026-04-03T10:00:00Z", 9)]).await;
        let documents = books.documents().await;
        let days: Vec<_> = documents.iter().map(|row| row.tax_point).collect();
        assert_eq!(days, [day("2026-03-30"), day("2026-04-03")]);
        let gross: i64 = documents.iter().map(|row| row.gross_minor).sum();
        assert_eq!(gross, of_two(2, "2026-04-03T10:00:00Z", 9).facts.grand_total.unwrap().minor);
    }
}

#[tokio::test]
async fn what_left_after_invoices_began_is_invoiced_though_a_part_left_before() {
    for setting in Setting::each().await {
        let mut order = SampleOrder::new(7, start()).lines(1).build();
        as_consumer(&mut order);
        order.facts.lines[0].quantity = 3;
        let total = order.facts.grand_total.unwrap().minor;
        let line = order.facts.lines[0].vendor_line_id.as_str().to_owned();
        let shop = Shop::with(setting, vec![order], Repeats::ByKey).await;
        let id = shop.ids().await[0];
        let one = ordersync_core::fulfilment::Pieces { vendor_line_id: line, quantity: 1 };
        let first = shop
            .label(ordersync_core::fulfilment::LabelWish { pieces: Some(vec![one]), ..of(id) })
            .await
            .unwrap()
            .reference;
        let second = shop.made(id).await;
        let books = Books::new(shop.setting, profile()).await;
        let send = |reference: ordersync_types::ShipmentRef| {
            let wish = DispatchWish { target: reference.to_string(), carrier: None, service: None, tracking: None };
            let core = books.core().clone();
            async move { core.dispatch(SELLER, &wish, &packer()).await.unwrap() }
        };
        let between = ordersync_types::Clock::now(&books.setting.clock) + Duration::minutes(30);
        let from = AccountInvoicing { from: Some(between), ..us() };
        books.core().set_account_invoicing(&books.setting.account, &from, &accountant()).await.unwrap();
        send(first).await;
        books.issue().await;
        assert_eq!(books.uninvoiced().await[0].1, "none", "another program's document has it");
        books.setting.clock.advance_by(std::time::Duration::from_secs(3600));
        send(second).await;
        for _ in 0..2 {
            books.core().set_account_invoicing(&books.setting.account, &from, &accountant()).await.unwrap();
            books.issue().await;
        }
        let booked = books.booked().await;
        assert_eq!(booked.len(), 1, "{booked:?}");
        // The first parcel had a third of the goods and the delivery.
        assert!(booked[0].2 > 0 && booked[0].2 < total * 2 / 3 + 1, "{booked:?} of {total}");
        assert!(!books.documents().await[0].content.contains("\"delivery\""));
        assert!(books.uninvoiced().await.is_empty());
    }
}

#[tokio::test]
async fn a_parcel_that_the_marketplace_says_has_left_left_when_it_says() {
    for setting in Setting::each().await {
        let mut order = SampleOrder::new(5, start()).build();
        as_consumer(&mut order);
        let shop = Shop::with(setting, vec![order.clone()], Repeats::ByKey).await;
        let id = shop.ids().await[0];
        shop.made(id).await;
        let books = Books::new(shop.setting, profile()).await;
        let now = ordersync_types::Clock::now(&books.setting.clock);
        order.facts.status = OrderStatus::Shipped;
        order.facts.dispatched_at = Some(now + Duration::minutes(1));
        order.facts.updated_at = now + Duration::minutes(2);
        books.setting.clock.advance_by(std::time::Duration::from_secs(2 * 86_400));
        books.setting.connector.push_page(last_page(vec![order], ordersync_types::Clock::now(&books.setting.clock)));
        books.setting.sync().await.unwrap();
        // The follow-up runs before the job: the tax point is the same whichever is first.
        books.core().follow_dispatches(SELLER).await.unwrap();
        books.issue().await;
        let documents = books.documents().await;
        assert_eq!(documents.len(), 1);
        assert_eq!(documents[0].tax_point, now.date_naive());
        assert!(documents[0].issue_date > documents[0].tax_point);
    }
}

#[tokio::test]
async fn what_cannot_be_printed_waits_with_what_is_open_and_holds_up_no_other() {
    for books in Books::each().await {
        let waits = |number| {
            let mut order = shipped(number);
            order.facts.programmes.push(Programme::Business);
            order
        };
        let mut unprintable = waits(6);
        unprintable.people.recipient.as_mut().unwrap().company = FieldState::value(UNPRINTABLE);
        let total = unprintable.facts.grand_total.unwrap().minor;
        books.reads(vec![unprintable]).await;
        let late = books.core().store.late_business_invoices(SELLER, at("2030-01-01T00:00:00Z")).await.unwrap();
        assert_eq!(late.len(), 1, "a business order that waits for its text is late like any other");
        assert_eq!(late[0].gross_minor, Some(total));
    }
}

#[tokio::test]
async fn a_business_whose_address_has_gone_is_not_taken_for_a_consumer() {
    for setting in Setting::each().await {
        let tax = SellerTaxProfile { goods_not_listed: GoodsNotListed::Ask, ..profile() };
        let books = Books::new(setting, tax).await;
        // What makes it a business is its company's name alone.
        let mut order = shipped(4);
        order.people.recipient.as_mut().unwrap().company = FieldState::value("Invented Works Ltd");
        books.reads(vec![order]).await;
        assert_eq!(books.uninvoiced().await[0].2, "product");
        books.setting.clock.advance_to(at("2026-12-01T00:00:00Z"));
        books.core().run_retention_at_this_clock().await.unwrap();
        books.core().set_invoicing(crate::invoicing::settings(profile()));
        books.core().look_at_waiting(SELLER).await.unwrap();
        books.issue().await;
        assert!(books.documents().await.is_empty());
        assert_eq!(books.uninvoiced().await[0].2, "party");
    }
}

#[tokio::test]
async fn what_the_marketplace_paid_whole_is_a_sale() {
    for books in Books::each().await {
        let mut order = shipped(3);
        let facts = &mut order.facts;
        let goods: i64 = facts.grand_total.unwrap().minor;
        facts.lines.truncate(1);
        let money = Money::new(goods, Currency::GBP);
        facts.lines[0].amounts = vec![Amount::new(AmountKind::Goods, money)];
        facts.lines[0].discounts =
            vec![Discount { funded_by: FundedBy::Marketplace, money: Some(money), promotion: None }];
        facts.grand_total = Some(Money::new(0, Currency::GBP));
        books.reads(vec![order]).await;
        let states: Vec<_> = books.uninvoiced().await.into_iter().map(|one| one.1).collect();
        assert!(!states.contains(&"none"), "it is invoiced or waits, and is not taken for nothing");
        assert_eq!(books.daybook().await.len(), 1);
    }
}

#[tokio::test]
async fn a_receipt_of_a_registered_seller_becomes_a_full_invoice_when_asked() {
    for setting in Setting::each().await {
        let tax = SellerTaxProfile { consumers_above_limit: AboveLimit::Receipt, ..profile() };
        let books = Books::new(setting, tax).await;
        let mut order = shipped(3);
        let line = &mut order.facts.lines[0];
        line.amounts[0].money.minor += 30_000;
        line.total.iter_mut().for_each(|total| total.minor += 30_000);
        line.unit_price = None;
        let total = order.facts.grand_total.unwrap().minor + 30_000;
        order.facts.grand_total = Some(Money::new(total, Currency::GBP));
        books.reads(vec![order]).await;
        assert_eq!(books.booked().await, [("receipt".to_owned(), "R-000001".to_owned(), total)]);
        let numbers = books.core().reissue_in_full(SELLER, "R-000001", None, &accountant()).await.unwrap();
        assert_eq!(numbers, ["CN-000001", "INV-000001"]);
        assert_eq!(books.documents().await[2].form, "full");
        assert_eq!(books.daybook().await.iter().filter_map(|row| row.gross).sum::<i64>(), total);
    }
}

#[tokio::test]
async fn a_replacing_insert_takes_no_documents_place() {
    for books in Books::each().await {
        books.reads(vec![shipped(4)]).await;
        let store = &books.core().store;
        if store.data.kind() != "sqlite" {
            continue;
        }
        for sql in [
            "INSERT OR REPLACE INTO invoice SELECT * FROM invoice",
            "INSERT INTO invoice_purge SELECT seller_id, invoice_id, 0 FROM invoice; DELETE FROM invoice_rate",
        ] {
            assert!(store.try_raw(sql).await.is_err(), "{sql}");
        }
        assert_eq!(books.setting.count("invoice_rate").await, 1);
    }
}

#[tokio::test]
async fn a_product_is_known_though_its_sku_has_spaces_around_it() {
    for setting in Setting::each().await {
        let tax = SellerTaxProfile { goods_not_listed: GoodsNotListed::Ask, ..profile() };
        let books = Books::new(setting, tax).await;
        let mut order = SampleOrder::new(3, start()).lines(1).status(OrderStatus::Shipped).build();
        as_consumer(&mut order);
        order.facts.lines[0].sku = Some("BLUE-MUG ".to_owned());
        books.reads(vec![order]).await;
        assert_eq!(books.uninvoiced().await[0].2, "product");
        let wish = ordersync_core::invoicing::ProductWish {
            sku: "BLUE-MUG".to_owned(),
            vat: "standard".to_owned(),
            ..Default::default()
        };
        books.core().import_products(SELLER, &[wish], &accountant()).await.unwrap();
        books.issue().await;
        assert_eq!(books.documents().await.len(), 1);
        assert!(books.core().sold_products(SELLER, true).await.unwrap().is_empty());
    }
}

/// An order whose amounts are all euros.
fn in_euros(mut order: Order) -> Order {
    let facts = &mut order.facts;
    let euros = |money: &mut Money| *money = Money::new(money.minor, Currency::EUR);
    facts.currency = Some(Currency::EUR);
    facts.grand_total.iter_mut().for_each(euros);
    facts.amounts.iter_mut().for_each(|amount| euros(&mut amount.money));
    for line in &mut facts.lines {
        line.amounts.iter_mut().for_each(|amount| euros(&mut amount.money));
        line.discounts.iter_mut().filter_map(|discount| discount.money.as_mut()).for_each(euros);
        line.unit_price.iter_mut().chain(&mut line.total).for_each(euros);
    }
    order
}

#[tokio::test]
async fn a_rate_that_is_imported_again_changes_no_month_that_was_declared() {
    for books in Books::each().await {
        let rates = |june: &str| {
            [("2026-06", june), ("2026-07", "1.25")].map(|(month, rate)| ordersync_core::invoicing::RateWish {
                currency: "EUR".to_owned(),
                month: month.to_owned(),
                rate: rate.to_owned(),
            })
        };
        books.core().import_rates(SELLER, "HMRC", &rates("1.10"), &accountant()).await.unwrap();
        let order = in_euros(shipped(4));
        books.reads(vec![order.clone()]).await;
        assert_eq!(books.documents().await.len(), 1, "{:?}", books.uninvoiced().await);
        let before = books.daybook().await;
        books.core().import_rates(SELLER, "HMRC", &rates("1.20"), &accountant()).await.unwrap();
        assert_eq!(books.daybook().await, before, "{}", books.setting.fresh.kind);
        // What goes back in July goes back at June's rate, in the daybook as on paper.
        let mut back = later(order, 60);
        let refund = ordersync_order::Refund {
            money: back.facts.grand_total.unwrap(),
            at: Some(at("2026-07-05T12:00:00Z")),
            reference: Some(ordersync_order::RawCode::new("R1")),
            status: Some(ordersync_order::RawCode::new("REFUNDED")),
        };
        back.facts.refunds.push(refund);
        books.reads(vec![back]).await;
        let rows = books.daybook().await;
        let pence: Vec<i64> = rows
            .iter()
            .filter_map(|row| match &row.sterling {
                DaybookSterling::Converted { vat, .. } => Some(*vat),
                DaybookSterling::Same | DaybookSterling::Unknown(_) => None,
            })
            .collect();
        assert_eq!(pence.len(), rows.len());
        assert!(pence.len() >= 2 && pence.iter().sum::<i64>() == 0, "{pence:?}");
        assert_ne!(pence.first(), Some(&0));
    }
}
