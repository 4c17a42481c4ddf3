//! A shop that issues invoices, with paper that is plain text.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Duration;
use ordersync_core::invoicing::{
    Business, DaybookHead, DaybookRow, DaybookWish, DaybookWriter, ExportError, ExportFormat, Exporter, InvoicePaper,
    InvoicingSettings, Supplier,
};
use ordersync_core::paper::{LabelJoiner, PackingSlip, PaperError, PaperRenderer, PerSheet, PickList};
use ordersync_core::{Actor, Core, LabelFormat};
use ordersync_order::{Order, OrderStatus, Territory};
use ordersync_store::{AccountInvoicing, InvoiceFilter, InvoiceIssuer, InvoiceRow};
use ordersync_testkit::{SampleOrder, last_page};
use ordersync_types::{Country, Pii, VendorOrderId};
use ordersync_vat::{AboveLimit, DiscountsNotStated, FinancialYears, GoodsNotListed, SellerTaxProfile, TaxPointRule};

use crate::setting::{SELLER, Setting, at, start};

/// Letters that no font has, for the tests' paper.
pub(crate) const UNPRINTABLE: &str = "\u{E000}";

struct PlainPaper;

impl PaperRenderer for PlainPaper {
    fn pick_list(&self, _: &PickList) -> Result<Vec<u8>, PaperError> {
        panic!("no pick list is asked for")
    }

    fn packing_slips(&self, _: &[PackingSlip]) -> Result<Pii<Vec<u8>>, PaperError> {
        panic!("no slip is asked for")
    }

    fn invoice(&self, paper: &InvoicePaper) -> Result<Pii<Vec<u8>>, PaperError> {
        let lines: Vec<&str> =
            paper.party.iter().flat_map(|party| &party.lines).map(|line| line.expose().as_str()).collect();
        let party = lines.join(" / ");
        if party.contains(UNPRINTABLE) {
            return Err(PaperError { field: "party".to_owned(), reason: "no font has it".to_owned() });
        }
        let InvoicePaper {
            kind, form, number, issued_on, tax_point, supplier, content, notes, original, reason, ..
        } = paper;
        let text = format!(
            "{kind:?} {form:?} {number} {issued_on} {tax_point} {supplier:?} to {party} {content:?} {notes:?} {original:?} \
             {reason:?} {} {}",
            paper.order_number, paper.duplicate
        );
        Ok(Pii::new(text.into_bytes()))
    }

    fn join_labels(&self, _: LabelFormat) -> Box<dyn LabelJoiner> {
        panic!("no labels are joined")
    }

    fn join_on_sheets(&self, _: PerSheet) -> Box<dyn LabelJoiner> {
        panic!("no labels are joined")
    }
}

struct NoExport;

impl Exporter for NoExport {
    fn daybook(&self, _: ExportFormat, _: &DaybookHead) -> Result<Box<dyn DaybookWriter>, ExportError> {
        Err(ExportError("not in these tests".to_owned()))
    }
}

pub(crate) fn profile() -> SellerTaxProfile {
    SellerTaxProfile {
        vat_number: Some("GB123456782".parse().unwrap()),
        territory: Territory::GREAT_BRITAIN,
        zone: chrono_tz::Europe::London,
        tax_point: TaxPointRule::Dispatch,
        goods_not_listed: GoodsNotListed::Standard,
        consumers_above_limit: AboveLimit::Full,
        marketplace_discounts_count: true,
        discounts_not_stated: DiscountsNotStated::Seller,
        years: FinancialYears::new(3, 31, Vec::new()).unwrap(),
    }
}

pub(crate) fn settings(tax: SellerTaxProfile) -> InvoicingSettings {
    let supplier = Supplier {
        name: "Example Goods Ltd".to_owned(),
        lines: vec!["1 Invented Street".to_owned(), "Wexcombe".to_owned()],
        postcode: "ZZ99 9ZZ".to_owned(),
        country: Country::GB,
        vat_number: tax.vat_number.as_ref().map(|number| number.printed()),
    };
    InvoicingSettings {
        business: Some(Business { supplier, tax }),
        paper: Arc::new(PlainPaper),
        exporter: Arc::new(NoExport),
        channels: BTreeMap::from([("scripted".to_owned(), "Scripted".to_owned())]),
    }
}

pub(crate) fn us() -> AccountInvoicing {
    AccountInvoicing { issuer: Some(InvoiceIssuer::Us), from: None, stock: Vec::new() }
}

pub(crate) fn accountant() -> Actor {
    Actor::user("accountant")
}

/// A shop whose account issues its invoices here.
pub(crate) struct Books {
    pub(crate) setting: Setting,
}

impl Books {
    pub(crate) async fn new(setting: Setting, tax: SellerTaxProfile) -> Self {
        setting.core.set_invoicing(settings(tax));
        setting.core.set_account_invoicing(&setting.account, &us(), &accountant()).await.unwrap();
        Self { setting }
    }

    pub(crate) async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for setting in Setting::each().await {
            all.push(Self::new(setting, profile()).await);
        }
        all
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.setting.core
    }

    /// Reads these orders, then issues what is due.
    pub(crate) async fn reads(&self, orders: Vec<Order>) {
        self.setting.clock.advance_by(Duration::minutes(5).to_std().unwrap());
        self.setting.connector.push_page(last_page(orders, ordersync_types::Clock::now(&self.setting.clock)));
        self.setting.sync().await.unwrap();
        self.issue().await;
    }

    pub(crate) async fn issue(&self) {
        while self.core().issue_queued(10).await.unwrap() > 0 {}
    }

    /// All documents, in the order of their issue.
    pub(crate) async fn documents(&self) -> Vec<InvoiceRow> {
        let filter = InvoiceFilter { limit: 100_000, ..InvoiceFilter::default() };
        let mut all = self.core().store.invoices(SELLER, &filter).await.unwrap();
        all.sort_by_key(|row| (row.issued_at, row.order, row.sequence));
        all
    }

    /// (Kind, number, gross) of each.
    pub(crate) async fn booked(&self) -> Vec<(String, String, i64)> {
        let row = |row: InvoiceRow| (row.kind, row.number.unwrap_or_default(), row.gross_minor);
        self.documents().await.into_iter().map(row).collect()
    }

    /// (Order number, state, fact, gross) of what has no document.
    pub(crate) async fn uninvoiced(&self) -> Vec<(String, &'static str, String, Option<i64>)> {
        let ids: Vec<_> = self.setting.orders().await.into_iter().map(|order| order.order_id).collect();
        let mut all: Vec<_> = self
            .core()
            .store
            .uninvoiced(SELLER, &ids)
            .await
            .unwrap()
            .into_iter()
            .map(|one| (one.vendor_order_id, one.state.name(), one.fact.unwrap_or_default(), one.gross_minor))
            .collect();
        all.sort();
        all
    }

    pub(crate) async fn daybook(&self) -> Vec<DaybookRow> {
        let wish = DaybookWish { from: day("2020-01-01"), to: day("2040-01-01"), with_parties: false };
        let mut read = self.core().read_daybook(SELLER, &wish, ExportFormat::Csv, &accountant()).await.unwrap();
        let mut rows = Vec::new();
        while let Some(page) = self.core().daybook_rows(&mut read).await.unwrap() {
            rows.extend(page);
        }
        rows
    }
}

pub(crate) fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

/// Order `number`, shipped a minute before noon on the day of the tests, of a consumer whose address is held.
pub(crate) fn shipped(number: u64) -> Order {
    let mut order = SampleOrder::new(number, at("2026-06-20T12:00:00Z")).status(OrderStatus::Shipped).build();
    as_consumer(&mut order);
    order
}

/// Without what makes a buyer a business.
pub(crate) fn as_consumer(order: &mut Order) {
    if let Some(buyer) = &mut order.people.buyer {
        buyer.company = ordersync_types::FieldState::NotSent;
        buyer.tax_number = ordersync_types::FieldState::NotSent;
    }
    if let Some(recipient) = &mut order.people.recipient {
        recipient.company = ordersync_types::FieldState::NotSent;
        recipient.purchase_order_number = ordersync_types::FieldState::NotSent;
    }
}

/// Changed later, so that the reading counts.
pub(crate) fn later(mut order: Order, minutes: i64) -> Order {
    order.facts.updated_at = start() + Duration::minutes(minutes);
    order
}

pub(crate) fn number_of(order: &Order) -> VendorOrderId {
    order.facts.vendor_order_id.clone()
}
