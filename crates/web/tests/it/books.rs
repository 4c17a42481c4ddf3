//! A world whose business writes invoices: paper is plain text, and exports are a line a row.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use ordersync_core::LabelFormat;
use ordersync_core::invoicing::{
    AboveLimit, Business, DaybookHead, DaybookRow, DaybookTotals, DaybookWriter, DiscountsNotStated, ExportError,
    ExportFormat, ExportRest, Exporter, FinancialYears, GoodsNotListed, InvoicePaper, InvoicingSettings,
    SellerTaxProfile, Supplier, TaxPointRule,
};
use ordersync_core::paper::{LabelJoiner, PackingSlip, PaperError, PaperRenderer, PerSheet, PickList};
use ordersync_order::{OrderStatus, Territory};
use ordersync_testkit::SampleOrder;
use ordersync_types::{Country, Pii};
use ordersync_web::Role;
use serde_json::json;

use crate::world::{World, account, now};

struct PlainPaper;

impl PaperRenderer for PlainPaper {
    fn pick_list(&self, _: &PickList) -> Result<Vec<u8>, PaperError> {
        Ok(Vec::new())
    }

    fn packing_slips(&self, _: &[PackingSlip]) -> Result<Pii<Vec<u8>>, PaperError> {
        Ok(Pii::new(Vec::new()))
    }

    fn invoice(&self, paper: &InvoicePaper) -> Result<Pii<Vec<u8>>, PaperError> {
        Ok(Pii::new(format!("%PDF-1.7 {} {:?} {}", paper.number, paper.content, paper.duplicate).into_bytes()))
    }

    fn join_labels(&self, _: LabelFormat) -> Box<dyn LabelJoiner> {
        unreachable!("no labels here")
    }

    fn join_on_sheets(&self, _: PerSheet) -> Box<dyn LabelJoiner> {
        unreachable!("no labels here")
    }
}

struct Lines(ExportFormat);

impl Exporter for Lines {
    fn daybook(&self, format: ExportFormat, _: &DaybookHead) -> Result<Box<dyn DaybookWriter>, ExportError> {
        Ok(Box::new(Lines(format)))
    }
}

impl DaybookWriter for Lines {
    fn add(&mut self, rows: &[DaybookRow]) -> Result<Vec<u8>, ExportError> {
        let mut text = Vec::new();
        for row in rows {
            let note = row.note.as_deref().unwrap_or_default();
            writeln!(text, "{:?} {:?} {note}", row.document_no, row.gross).unwrap();
        }
        Ok(text)
    }

    fn finish(self: Box<Self>, totals: &DaybookTotals) -> Result<ExportRest, ExportError> {
        if self.0 == ExportFormat::Xlsx {
            let mut file = tempfile::tempfile().unwrap();
            write!(file, "a workbook of {} sums", totals.sums.len()).unwrap();
            std::io::Seek::rewind(&mut file).unwrap();
            return Ok(ExportRest::File(file));
        }
        Ok(ExportRest::Bytes(b"end\n".to_vec()))
    }
}

impl World {
    /// The business issues invoices from now on.
    pub(crate) fn with_books(&self) {
        let supplier = Supplier {
            name: "Example Goods Ltd".to_owned(),
            lines: vec!["1 Invented Street".to_owned()],
            postcode: "ZZ99 9ZZ".to_owned(),
            country: Country::GB,
            vat_number: Some("GB 123 4567 82".to_owned()),
        };
        let tax = SellerTaxProfile {
            vat_number: Some("GB123456782".parse().unwrap()),
            territory: Territory::GREAT_BRITAIN,
            zone: chrono_tz::Europe::London,
            tax_point: TaxPointRule::Dispatch,
            goods_not_listed: GoodsNotListed::Ask,
            consumers_above_limit: AboveLimit::Full,
            marketplace_discounts_count: true,
            discounts_not_stated: DiscountsNotStated::Seller,
            years: FinancialYears::new(3, 31, Vec::new()).unwrap(),
        };
        self.core.set_invoicing(InvoicingSettings {
            business: Some(Business { supplier, tax }),
            paper: Arc::new(PlainPaper),
            exporter: Arc::new(Lines(ExportFormat::Csv)),
            channels: BTreeMap::new(),
        });
    }

    /// An order of an account that does not say who issues its invoices leaves, and waits.
    pub(crate) async fn leave_one_unsaid(&self) {
        let added = self.post(Role::Seller, "/v1/accounts", account("shop-uk")).await;
        assert_eq!(added.status, 201, "{}", added.text);
        self.leave(5).await;
    }

    /// Order `number` leaves.
    pub(crate) async fn leave(&self, number: u64) {
        self.receive(vec![SampleOrder::new(number, now()).status(OrderStatus::Shipped).build()]).await;
        self.issue().await;
    }

    pub(crate) async fn issue(&self) {
        while self.core.issue_queued(10).await.unwrap() > 0 {}
    }
}

#[tokio::test]
async fn from_a_sale_that_waits_to_a_credit_note() {
    let world = World::new().await;
    world.with_books();
    world.leave_one_unsaid().await;
    let waiting = world.get(Role::Accountant, "/v1/invoices/waiting").await.json();
    assert_eq!(waiting["counts"], json!([["setting", 1]]));
    let today = world.get(Role::Seller, "/v1/status").await.json();
    assert_eq!(today["invoices_waiting"][0]["state"], "person");
    let said = world.ask(Role::Seller, "PUT", "/v1/accounts/shop-uk/invoices", bytes(json!({ "issuer": "us" }))).await;
    assert_eq!(said.json()["orders"], 1, "{}", said.text);
    world.issue().await;
    let missing = world.get(Role::Accountant, "/v1/products?missing=true").await.json();
    let products = missing["products"].as_array().unwrap();
    let filled: Vec<_> = products.iter().map(|product| json!({ "sku": product["sku"], "vat": "standard" })).collect();
    let imported = world.post(Role::Accountant, "/v1/products", json!({ "products": filled })).await;
    assert_eq!(imported.json()["imported"], products.len(), "{}", imported.text);
    world.issue().await;
    let list = world.get(Role::Accountant, "/v1/invoices").await.json();
    assert_eq!(list["invoices"][0]["number"], "INV-000001", "{list}");
    let shown = world.get(Role::Accountant, "/v1/invoices/INV-000001").await.json();
    assert_eq!(shown["rates"][0]["rate"], "20");
    let pdf = world.get(Role::Seller, "/v1/invoices/INV-000001/pdf?duplicate=true").await;
    assert!(pdf.text.starts_with("%PDF") && pdf.text.ends_with("true"));
    let credit = json!({ "delivery": "3.99", "reason": "Came late" });
    let credited = world.post(Role::Accountant, "/v1/invoices/INV-000001/credit", credit).await;
    assert_eq!(credited.json()["numbers"], json!(["CN-000001"]), "{}", credited.text);
    for wrong in
        [json!({ "delivery": "a lot", "reason": "x" }), json!({ "reason": "x" }), json!({ "all": true, "reason": "" })]
    {
        let refused = world.post(Role::Accountant, "/v1/invoices/INV-000001/credit", wrong).await;
        assert!(matches!(refused.status, 409 | 422), "{}", refused.text);
    }
    let verified = world.post(Role::Accountant, "/v1/invoices/verify", json!({})).await.json();
    assert_eq!(verified["ok"], true, "{verified}");
    assert_eq!(verified["documents"], 2);
    let void = json!({ "number": "INV-000002", "reason": "written on paper" });
    assert_eq!(world.post(Role::Seller, "/v1/invoices/void", void).await.status, 200);
    let series = world.get(Role::Accountant, "/v1/invoice-series").await.json();
    assert_eq!(series["voids"][0]["number"], "INV-000002");
    for (format, starts) in [("csv", "Some(\"INV-000001\")"), ("xlsx", "a workbook of 2 sums")] {
        let path = format!("/v1/exports/daybook?from=2026-11-01&to=2026-11-30&format={format}");
        let export = world.get(Role::Accountant, &path).await;
        assert!(export.text.contains(starts), "{}", export.text);
        let name = export.headers["content-disposition"].to_str().unwrap();
        assert!(name.contains(&format!("daybook_2026-11-01_2026-11-30.{format}")), "{name}");
    }
    let of_order = format!("/v1/invoices?order={}", SampleOrder::new(5, now()).vendor_order_id().as_str());
    assert_eq!(world.get(Role::Seller, &of_order).await.json()["invoices"].as_array().unwrap().len(), 2);
    for wrong in [
        "/v1/invoices?limit=0",
        "/v1/invoices?after=x",
        "/v1/invoices?kind=bill",
        "/v1/invoices/INV-9",
        "/v1/exports/daybook?from=2026-11-30&to=2026-11-01",
        "/v1/exports/daybook?from=2026-13-01&to=2026-11-01",
        "/v1/exports/daybook?from=2026-11-01&to=2026-11-30&format=pdf",
    ] {
        let refused = world.get(Role::Accountant, wrong).await;
        assert!((400..500).contains(&refused.status), "{wrong}: {}", refused.text);
    }
}

fn bytes(value: serde_json::Value) -> Option<Vec<u8>> {
    Some(value.to_string().into_bytes())
}
