//! Invoices at dispatch, credit notes for refunds, what waits and why, numbers without gaps.

use chrono::Duration;
use ordersync_core::CoreError;
use ordersync_core::fulfilment::{DispatchWish, Pieces};
use ordersync_core::invoicing::{CreditParts, DocumentKind, InvoiceParty, ProductWish, TypedParty};
use ordersync_courier_api::Repeats;
use ordersync_order::{Amount, AmountKind, CollectedTax, FulfilledBy, OrderStatus, Programme, RawCode, Refund};
use ordersync_store::{AccountInvoicing, InvoiceIssuer};
use ordersync_testkit::SampleOrder;
use ordersync_types::{Country, Currency, FieldState, Money};
use ordersync_vat::GoodsNotListed;

use crate::invoicing::{Books, UNPRINTABLE, accountant, as_consumer, later, number_of, profile, settings, shipped};
use crate::setting::{SELLER, Setting, at, start};
use crate::shop::{Shop, of, packer};

fn pounds(minor: i64) -> Money {
    Money::new(minor, Currency::GBP)
}

fn refund(minor: i64, minutes: i64, reference: &str) -> Refund {
    Refund {
        money: pounds(minor),
        at: Some(start() + Duration::minutes(minutes)),
        reference: Some(RawCode::new(reference)),
        status: Some(RawCode::new("REFUNDED")),
    }
}

#[tokio::test]
async fn what_left_is_invoiced_once_to_the_penny_and_what_came_back_is_credited() {
    for books in Books::each().await {
        let order = shipped(4);
        let total = order.facts.grand_total.unwrap().minor;
        let unshipped = SampleOrder::new(5, start()).build();
        books.reads(vec![order.clone(), unshipped]).await;
        assert_eq!(books.booked().await, [("invoice".to_owned(), "INV-000001".to_owned(), total)]);
        // Every job may run twice, and every order may be read again.
        books.reads(vec![later(order.clone(), 10)]).await;
        assert_eq!(books.booked().await.len(), 1);

        let mut back = later(order.clone(), 20);
        back.facts.lines[0].refunds.push(refund(250, 15, "R1"));
        back.facts.refunds.push(refund(400, 15, "R1"));
        books.reads(vec![back.clone()]).await;
        books.reads(vec![later(back, 30)]).await;
        let booked = books.booked().await;
        assert_eq!(booked[1..], [("credit".to_owned(), "CN-000001".to_owned(), 400)]);
        let documents = books.documents().await;
        assert_eq!(documents[1].original, Some(documents[0].invoice_id));
        assert_eq!(documents[1].original_number.as_deref(), Some("INV-000001"));
        let rows = books.daybook().await;
        let sum: i64 = rows.iter().filter_map(|row| row.gross).sum();
        assert_eq!(sum, total - 400);
        for row in &rows {
            assert_eq!(row.net.unwrap() + row.vat.unwrap(), row.gross.unwrap());
        }
        assert!(books.uninvoiced().await.is_empty());
    }
}

#[tokio::test]
async fn each_dispatch_has_its_invoice_and_together_they_have_all_that_was_paid() {
    for setting in Setting::each().await {
        let mut order = SampleOrder::new(7, start()).lines(2).build();
        as_consumer(&mut order);
        order.facts.lines[0].quantity = 3;
        let total = order.facts.grand_total.unwrap().minor;
        let line = order.facts.lines[0].vendor_line_id.as_str().to_owned();
        let shop = Shop::with(setting, vec![order], Repeats::ByKey).await;
        let books = Books::new(shop.setting, profile()).await;
        let shop = Shop { setting: books.setting, courier: shop.courier };
        let id = shop.ids().await[0];
        let one = Pieces { vendor_line_id: line, quantity: 1 };
        let part = ordersync_core::fulfilment::LabelWish { pieces: Some(vec![one]), ..of(id) };
        let first = shop.label(part).await.unwrap().reference;
        let second = shop.made(id).await;
        let books = Books { setting: shop.setting };
        for reference in [first, second, first] {
            let wish = DispatchWish { target: reference.to_string(), carrier: None, service: None, tracking: None };
            books.core().dispatch(SELLER, &wish, &packer()).await.unwrap();
            books.issue().await;
        }
        let documents = books.documents().await;
        assert_eq!(documents.len(), 2);
        assert!(documents.iter().all(|row| row.kind == "invoice" && row.shipment.is_some()));
        let grosses: i64 = documents.iter().map(|row| row.gross_minor).sum();
        assert_eq!(grosses, total);
        // Delivery stands on the first alone.
        assert!(documents[0].content.contains("\"delivery\"") && !documents[1].content.contains("\"delivery\""));
    }
}

#[tokio::test]
async fn what_cannot_be_invoiced_waits_with_its_reason_and_keeps_no_other_from_it() {
    for books in Books::each().await {
        let mut eur = shipped(1);
        eur.facts.reviews.push(ordersync_order::Review::new(ordersync_order::Aspect::Tax, "proceeds", "in doubt"));
        let mut fba = SampleOrder::new(2, start()).fba().status(OrderStatus::Shipped).build();
        as_consumer(&mut fba);
        let mut odd = shipped(3);
        odd.facts.lines[0].amounts[0].money = pounds(1);
        let mut free = shipped(4);
        free.facts.grand_total = Some(pounds(0));
        let mut unprintable = shipped(6);
        unprintable.facts.programmes.push(Programme::Business);
        unprintable.people.recipient.as_mut().unwrap().company = FieldState::value(UNPRINTABLE);
        let fine = shipped(8);
        let numbers: Vec<String> =
            [&eur, &fba, &odd, &free, &unprintable].map(|order| number_of(order).as_str().to_owned()).into();
        let paid = |order: &ordersync_order::Order| order.facts.grand_total.map(|total| total.minor);
        let grosses = [paid(&eur), paid(&fba), paid(&odd), paid(&free), paid(&unprintable)];
        books.reads(vec![eur, fba, odd, free, unprintable, fine.clone()]).await;
        assert_eq!(books.booked().await, [("invoice".to_owned(), "INV-000001".to_owned(), paid(&fine).unwrap())]);
        let states =
            [("person", "order"), ("person", "stock"), ("person", "amounts"), ("none", ""), ("person", "party")];
        let expected: Vec<_> = numbers
            .iter()
            .zip(states)
            .zip(grosses)
            .map(|((number, (state, fact)), gross)| (number.clone(), state, fact.to_owned(), gross))
            .collect();
        assert_eq!(books.uninvoiced().await, expected, "{}", books.setting.fresh.kind);
        // Nothing is left out of the daybook: what waits stands there with its gross.
        let awaiting: Vec<_> = books.daybook().await.into_iter().filter(|row| !row.is_final()).collect();
        assert_eq!(awaiting.len(), 4);
        assert!(awaiting.iter().all(|row| row.gross.is_some() && row.note.is_some()));
        let counts = books.core().store.waiting_invoice_counts(SELLER).await.unwrap();
        assert_eq!(counts.iter().map(|(_, count)| count).sum::<i64>(), 4);
    }
}

#[tokio::test]
async fn the_marketplace_or_nobody_may_issue_and_until_somebody_says_who_all_waits() {
    for setting in Setting::each().await {
        setting.core.set_invoicing(settings(profile()));
        let books = Books { setting };
        books.reads(vec![shipped(4)]).await;
        assert_eq!(books.uninvoiced().await[0].1, "person");
        let say = |issuer| AccountInvoicing { issuer: Some(issuer), from: None, stock: Vec::new() };
        for (issuer, state, rows) in
            [(InvoiceIssuer::Marketplace, "marketplace", 1), (InvoiceIssuer::Nobody, "none", 0)]
        {
            let account = &books.setting.account;
            books.core().set_account_invoicing(account, &say(issuer), &accountant()).await.unwrap();
            books.issue().await;
            assert_eq!(books.uninvoiced().await[0].1, state);
            assert_eq!(books.daybook().await.len(), rows);
        }
        let from = AccountInvoicing { from: Some(at("2026-06-20T12:00:00Z")), ..say(InvoiceIssuer::Us) };
        books.core().set_account_invoicing(&books.setting.account, &from, &accountant()).await.unwrap();
        books.issue().await;
        assert_eq!(books.uninvoiced().await[0].1, "none", "it left a minute before invoices are written here");
        books
            .core()
            .set_account_invoicing(&books.setting.account, &say(InvoiceIssuer::Us), &accountant())
            .await
            .unwrap();
        books.issue().await;
        assert_eq!(books.booked().await.len(), 1);
        assert!(books.uninvoiced().await.is_empty());
    }
}

#[tokio::test]
async fn a_product_that_is_not_listed_holds_the_invoice_until_it_is() {
    for setting in Setting::each().await {
        let tax = ordersync_vat::SellerTaxProfile { goods_not_listed: GoodsNotListed::Ask, ..profile() };
        let books = Books::new(setting, tax).await;
        let order = shipped(4);
        let skus: Vec<String> = order.facts.lines.iter().filter_map(|line| line.sku.clone()).collect();
        books.reads(vec![order]).await;
        assert_eq!(books.uninvoiced().await[0].2, "product");
        let missing = books.core().sold_products(SELLER, true).await.unwrap();
        assert_eq!(missing.len(), skus.len());
        assert!(missing.iter().all(|product| product.last_price.is_some()));
        let wish = |sku: &String| ProductWish { sku: sku.clone(), vat: "zero".to_owned(), ..ProductWish::default() };
        let wishes: Vec<ProductWish> = skus.iter().map(wish).collect();
        let wrong = ProductWish { sku: "X".to_owned(), vat: "20".to_owned(), ..ProductWish::default() };
        let refused = books.core().import_products(SELLER, &[wishes[0].clone(), wrong], &accountant()).await;
        let Err(CoreError::Refused { message, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(message, "product 2: vat: 20 is none of standard, reduced, zero and exempt");
        assert_eq!(books.core().sold_products(SELLER, true).await.unwrap().len(), skus.len(), "nothing was stored");
        books.core().import_products(SELLER, &wishes, &accountant()).await.unwrap();
        books.issue().await;
        let documents = books.documents().await;
        assert_eq!((documents.len(), documents[0].vat_minor), (1, 0));
        assert!(books.core().sold_products(SELLER, true).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_business_gets_a_full_invoice_made_out_to_it_and_fba_waits_for_its_party() {
    for setting in Setting::each().await {
        let gb_stock = AccountInvoicing { issuer: Some(InvoiceIssuer::Us), from: None, stock: vec![Country::GB] };
        let books = Books::new(setting, profile()).await;
        books.core().set_account_invoicing(&books.setting.account, &gb_stock, &accountant()).await.unwrap();
        let mut business = shipped(4);
        business.people.recipient.as_mut().unwrap().purchase_order_number = FieldState::value("PO-77");
        let mut fba = SampleOrder::new(6, start()).fba().status(OrderStatus::Shipped).without_people().build();
        fba.facts.programmes.push(Programme::Business);
        let fba_number = number_of(&fba).as_str().to_owned();
        books.reads(vec![business, fba]).await;
        let documents = books.documents().await;
        assert_eq!(documents.len(), 1);
        assert_eq!((documents[0].form.as_str(), documents[0].business), ("full", true));
        let pdf = books.core().invoice_document(SELLER, "INV-000001", false, &accountant()).await.unwrap().pdf;
        let text = String::from_utf8(pdf.expose().clone()).unwrap();
        assert!(text.contains("to ") && !text.contains("to  Content"), "it is made out to somebody");
        assert_eq!(books.uninvoiced().await, [(fba_number, "person", "party".to_owned(), Some(fba_total(6)))]);

        let order = books.setting.orders().await.into_iter().find(|order| order.fulfilled_by == "fba").unwrap();
        let empty = TypedParty { party: InvoiceParty::default(), country: Country::GB };
        let refused = books.core().issue_by_hand(SELLER, order.order_id, Some(&empty), &accountant()).await;
        assert!(matches!(refused, Err(CoreError::Refused { .. })));
        let party = InvoiceParty {
            company: FieldState::value("Invented Works"),
            address_line1: FieldState::value("2 Made-up Road"),
            ..InvoiceParty::default()
        };
        let typed = TypedParty { party, country: Country::GB };
        let issued = books.core().issue_by_hand(SELLER, order.order_id, Some(&typed), &accountant()).await.unwrap();
        assert_eq!(issued.numbers, ["INV-000002"]);
        assert!(books.uninvoiced().await.is_empty());
        assert_eq!(books.setting.count("invoice_party").await, 2);
    }
}

fn fba_total(number: u64) -> i64 {
    SampleOrder::new(number, start()).build().facts.grand_total.unwrap().minor
}

#[tokio::test]
async fn a_simplified_invoice_is_issued_in_full_by_a_credit_note_and_a_new_number() {
    for books in Books::each().await {
        let order = shipped(4);
        let total = order.facts.grand_total.unwrap().minor;
        books.reads(vec![order]).await;
        assert_eq!(books.documents().await[0].form, "simplified");
        assert_eq!(books.setting.count("invoice_party").await, 0, "no party is kept with a simplified invoice");
        let numbers = books.core().reissue_in_full(SELLER, "INV-000001", None, &accountant()).await.unwrap();
        assert_eq!(numbers, ["CN-000001", "INV-000002"]);
        let again = books.core().reissue_in_full(SELLER, "INV-000001", None, &accountant()).await;
        assert!(matches!(again, Err(CoreError::Refused { .. })));
        let documents = books.documents().await;
        assert_eq!(documents.iter().map(|row| row.tax_point).collect::<std::collections::BTreeSet<_>>().len(), 1);
        let sum: i64 = books.daybook().await.iter().filter_map(|row| row.gross).sum();
        assert_eq!(sum, total);
        // A refund that comes now is taken back from the document that holds.
        let mut back = later(shipped(4), 60);
        back.facts.refunds.push(refund(total, 50, "R9"));
        books.reads(vec![back]).await;
        let documents = books.documents().await;
        assert_eq!(documents[3].original_number.as_deref(), Some("INV-000002"));
        assert_eq!(documents[3].vat_minor, documents[2].vat_minor, "all VAT goes back with all money");
        assert_eq!(books.setting.count("invoice_party").await, 2, "the credit note names whom the invoice names");
    }
}

#[tokio::test]
async fn credits_by_hand_are_refused_beyond_what_is_left() {
    for books in Books::each().await {
        let order = shipped(4);
        let sku = order.facts.lines[0].sku.clone().unwrap();
        books.reads(vec![order]).await;
        let parts = CreditParts { reason: "Arrived broken".to_owned(), ..CreditParts::default() };
        let credit = |parts: CreditParts| {
            let core = books.core().clone();
            async move { core.credit_by_hand(SELLER, "INV-000001", &parts, &accountant()).await }
        };
        for (wrong, says) in [
            (
                CreditParts { delivery: 1, reason: " ".to_owned(), ..parts.clone() },
                "reason: must have 1 to 200 characters",
            ),
            (parts.clone(), "nothing is to be taken back"),
            (
                CreditParts { lines: vec![("NO-SUCH".to_owned(), 5)], ..parts.clone() },
                "line: NO-SUCH is not on the document",
            ),
            (
                CreditParts { delivery: 400, ..parts.clone() },
                "0.01 GBP more went back than is left on the documents for it: compensation is no credit note",
            ),
        ] {
            let Err(CoreError::Refused { message, .. }) = credit(wrong).await else { panic!("{says}") };
            assert_eq!(message, says);
        }
        assert_eq!(credit(CreditParts { lines: vec![(sku, 100)], ..parts.clone() }).await.unwrap(), ["CN-000001"]);
        assert_eq!(credit(CreditParts { delivery: 399, ..parts.clone() }).await.unwrap(), ["CN-000002"]);
        assert_eq!(credit(CreditParts { all: true, ..parts.clone() }).await.unwrap(), ["CN-000003"]);
        assert!(credit(CreditParts { goodwill: 1, ..parts }).await.is_err());
        let rows = books.daybook().await;
        assert_eq!(rows.iter().filter_map(|row| row.gross).sum::<i64>(), 0);
        assert_eq!(rows.iter().filter_map(|row| row.vat).sum::<i64>(), 0);
    }
}

#[tokio::test]
async fn a_sale_whose_tax_the_marketplace_remits_is_a_record_without_a_number() {
    for books in Books::each().await {
        let mut order = shipped(4);
        let total = order.facts.grand_total.unwrap().minor;
        for line in &mut order.facts.lines {
            line.collected_tax.push(CollectedTax {
                kind: Some(RawCode::new("VAT")),
                money: None,
                remitted_by: Some(RawCode::new("EBAY")),
                model: Some(RawCode::new("NET")),
                scheme: None,
            });
        }
        books.reads(vec![order.clone()]).await;
        assert_eq!(books.booked().await, [("none".to_owned(), String::new(), total)]);
        let mut back = later(order, 20);
        back.facts.refunds.push(refund(300, 10, "R1"));
        books.reads(vec![back]).await;
        let rows = books.daybook().await;
        assert_eq!(rows.iter().map(|row| row.gross.unwrap()).collect::<Vec<_>>(), [total, -300]);
        assert!(rows.iter().all(|row| row.vat == Some(0) && row.kind == DocumentKind::Record));
        assert_eq!(
            books.core().store.invoice_series(SELLER).await.unwrap().iter().map(|s| s.next - s.first).sum::<i64>(),
            0
        );
    }
}

#[tokio::test]
async fn the_whole_refund_of_a_line_takes_its_delivery_back_too() {
    for books in Books::each().await {
        let order = SampleOrder::new(3, start()).lines(1).status(OrderStatus::Shipped).build();
        let total = order.facts.grand_total.unwrap().minor;
        books.reads(vec![order.clone()]).await;
        let mut back = later(order, 20);
        back.facts.lines[0].refunds.push(refund(total, 10, "R1"));
        books.reads(vec![back]).await;
        let rows = books.daybook().await;
        assert_eq!(rows.iter().map(|row| row.gross.unwrap()).collect::<Vec<_>>(), [total, -total]);
        assert!(books.uninvoiced().await.is_empty());
    }
}

#[tokio::test]
async fn a_seller_without_a_vat_number_gives_receipts() {
    for setting in Setting::each().await {
        let tax = ordersync_vat::SellerTaxProfile { vat_number: None, ..profile() };
        let books = Books::new(setting, tax).await;
        let mut business = shipped(4);
        business.facts.programmes.push(Programme::Business);
        books.reads(vec![business]).await;
        let documents = books.documents().await;
        assert_eq!((documents[0].kind.as_str(), documents[0].form.as_str()), ("receipt", "receipt"));
        assert_eq!((documents[0].number.as_deref(), documents[0].vat_minor), (Some("R-000001"), 0));
        assert_eq!(books.setting.count("invoice_party").await, 0);
    }
}

#[tokio::test]
async fn an_order_of_an_unknown_fulfilment_and_one_with_a_strange_fee_wait() {
    for books in Books::each().await {
        let mut unknown = shipped(4);
        unknown.facts.fulfilled_by = FulfilledBy::Unknown(RawCode::new("DRONE"));
        let mut fee = shipped(6);
        fee.facts.lines[0].amounts.push(Amount::new(AmountKind::Fee, pounds(5)));
        books.reads(vec![unknown, fee]).await;
        let facts: Vec<String> = books.uninvoiced().await.into_iter().map(|one| one.2).collect();
        assert_eq!(facts, ["stock", "amounts"]);
    }
}
