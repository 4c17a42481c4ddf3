//! Open facts as CSV: RFC 4180, a row a line, the order's columns repeated, streamed page by page.

use std::collections::VecDeque;
use std::io;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use ordersync_core::{OrderFilter, OrderSummary, StoredLine, StoredOrder};
use ordersync_order::{Amount, AmountKind};
use ordersync_types::{Money, Timestamp};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use crate::api::{Api, SELLER};
use crate::body::QueryOf;
use crate::dto::{Coded, ListQuery};
use crate::error::WebError;
use crate::handlers::orders::filter;
use crate::handlers::{Labels, money};

/// Orders held in memory at a time.
const PAGE: u64 = 500;

/// The columns; new ones go to the end.
const COLUMNS: [&str; 38] = [
    "order_id",
    "account",
    "marketplace",
    "order_number",
    "status",
    "status_code",
    "fulfilled_by",
    "payment",
    "history",
    "created_at",
    "updated_at",
    "ship_by",
    "deliver_by",
    "dispatched_at",
    "delivered_at",
    "country",
    "territory",
    "currency",
    "order_total",
    "shipping_reviews",
    "tax_reviews",
    "line_id",
    "sku",
    "item_id",
    "title",
    "quantity",
    "quantity_dispatched",
    "line_currency",
    "unit_price",
    "line_total",
    "line_goods",
    "line_delivery",
    "line_tax",
    "line_discount",
    "line_other",
    "line_tax_collected_by_marketplace",
    "line_refunded",
    "dispatched_from",
];

/// The query as it is described: a list's, without what says which page.
pub(crate) enum ExportFilter {}

impl IntoParams for ExportFilter {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = ListQuery::into_params(place);
        parameters.retain(|parameter| !["before", "limit"].contains(&parameter.name.as_str()));
        parameters
    }
}

/// `GET /v1/orders/export`. The first page is read before the answer begins, so that a failure there is an answer of
/// its own; a later one breaks the answer off, and the client sees that it is not whole.
pub(crate) async fn export(State(api): State<Api>, QueryOf(query): QueryOf<ListQuery>) -> Result<Response, WebError> {
    if query.limit.is_some() || query.before.is_some() {
        let message = "limit and before do not go with an export: it holds everything";
        return Err(WebError::unprocessable(message, "leave them out"));
    }
    let filter = OrderFilter { limit: PAGE, ..filter(&api, &query).await? };
    let labels = Labels::read(&api).await?;
    let mut pages = Pages { api, labels, filter, ready: VecDeque::new(), done: false };
    pages.ready.push_back(written(|csv| csv.write_record(COLUMNS)).map_err(unwritable)?);
    pages.read().await?;
    let body = Body::from_stream(stream::unfold(Some(pages), |pages| async move {
        let mut pages = pages?;
        match pages.next().await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some(pages))),
            Ok(None) => None,
            Err(broken) => Some((Err(broken), None)),
        }
    }));
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (CONTENT_DISPOSITION, "attachment; filename=\"orders.csv\""),
    ];
    Ok((headers, body).into_response())
}

/// Where an export stands.
struct Pages {
    api: Api,
    labels: Labels,
    filter: OrderFilter,
    ready: VecDeque<Bytes>,
    done: bool,
}

impl Pages {
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.ready.is_empty() && !self.done {
            let _busy = self.api.core.clock.busy();
            // Turning the failure into an answer logs it; the answer itself can no longer be sent.
            self.read().await.map_err(|error| {
                let _unsent = error.into_response();
                io::Error::other("the export broke off")
            })?;
        }
        Ok(self.ready.pop_front())
    }

    /// Reads a page and writes its rows.
    async fn read(&mut self) -> Result<(), WebError> {
        let page = self.api.core.store.full_orders(SELLER, &self.filter).await.map_err(WebError::database)?;
        let Some(last) = page.last() else {
            self.done = true;
            return Ok(());
        };
        self.filter.before = Some(last.summary.order_id);
        let labels = &self.labels;
        let bytes = written(|csv| page.iter().try_for_each(|order| write_order(csv, order, labels)));
        self.ready.push_back(bytes.map_err(unwritable)?);
        Ok(())
    }
}

type Csv = csv::Writer<Vec<u8>>;

fn written(rows: impl FnOnce(&mut Csv) -> csv::Result<()>) -> csv::Result<Bytes> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    rows(&mut csv)?;
    csv.into_inner().map(Bytes::from).map_err(|error| csv::Error::from(error.into_error()))
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err` without a closure")]
fn unwritable(error: csv::Error) -> WebError {
    WebError::fault(format!("an export row could not be written: {:?}", error.kind()))
}

fn write_order(csv: &mut Csv, order: &StoredOrder, labels: &Labels) -> csv::Result<()> {
    let cells = order_cells(&order.summary, &Coded::of(&order.detail.payment).to_string(), labels);
    if order.lines.is_empty() {
        let empty = COLUMNS.len().saturating_sub(cells.len());
        return csv.write_record(cells.iter().map(String::as_str).chain(std::iter::repeat_n("", empty)));
    }
    order.lines.iter().try_for_each(|line| {
        let line = line_cells(line);
        csv.write_record(cells.iter().chain(&line))
    })
}

fn order_cells(order: &OrderSummary, payment: &str, labels: &Labels) -> [String; 21] {
    let total = money(order.grand_total_minor, order.currency.as_deref());
    [
        order.order_id.to_string(),
        text(Some(&labels.label(order.account))),
        text(Some(&order.marketplace)),
        text(Some(&order.vendor_order_id)),
        text(Some(&order.status)),
        text(order.status_code.as_deref()),
        text(Some(&order.fulfilled_by)),
        text(Some(payment)),
        if order.history { "yes" } else { "no" }.to_owned(),
        moment(Some(order.created_at)),
        moment(Some(order.updated_at)),
        moment(order.ship_by),
        moment(order.deliver_by),
        moment(order.dispatched_at),
        moment(order.delivered_at),
        text(order.country.as_deref()),
        text(order.territory.as_deref()),
        text(order.currency.as_deref()),
        amount(total),
        order.shipping_reviews.to_string(),
        order.tax_reviews.to_string(),
    ]
}

fn line_cells(line: &StoredLine) -> [String; 17] {
    let detail = &line.detail;
    let kinds = |wanted: fn(&AmountKind) -> bool| {
        sum(detail.amounts.iter().filter(|amount| wanted(&amount.kind)).map(|amount: &Amount| amount.money))
    };
    let currency = detail.total.or(detail.unit_price).map(|money| money.currency.code());
    [
        text(Some(&line.vendor_line_id)),
        text(line.sku.as_deref()),
        text(line.vendor_item_id.as_deref()),
        text(line.title.as_deref()),
        line.quantity.to_string(),
        line.quantity_dispatched.map(|pieces| pieces.to_string()).unwrap_or_default(),
        text(currency),
        amount(detail.unit_price),
        amount(detail.total),
        kinds(|kind| *kind == AmountKind::Goods),
        kinds(|kind| *kind == AmountKind::Delivery),
        kinds(|kind| *kind == AmountKind::Tax),
        kinds(|kind| *kind == AmountKind::Discount),
        kinds(is_other),
        sum(detail.collected_tax.iter().filter_map(|tax| tax.money)),
        sum(detail.refunds.iter().map(|refund| refund.money)),
        text(detail.dispatched_from.map(|country| country.code())),
    ]
}

fn is_other(kind: &AmountKind) -> bool {
    match kind {
        AmountKind::Goods | AmountKind::Delivery | AmountKind::Tax | AmountKind::Discount => false,
        AmountKind::Handling
        | AmountKind::GiftWrap
        | AmountKind::CashOnDelivery
        | AmountKind::DeliveryTip
        | AmountKind::ImportCharges
        | AmountKind::MarketplaceCharge
        | AmountKind::Adjustment
        | AmountKind::Fee
        | AmountKind::Other(_) => true,
    }
}

/// Amounts put together with their own signs; empty when there is none. Amounts that do not add up are named with
/// their currencies instead of guessed at.
fn sum(amounts: impl Iterator<Item = Money> + Clone) -> String {
    let Some(first) = amounts.clone().next() else { return String::new() };
    match Money::sum(first.currency, amounts.clone()) {
        Ok(total) => total.decimal(),
        Err(_) => text(Some(&amounts.map(|money| money.to_string()).collect::<Vec<_>>().join(" + "))),
    }
}

fn amount(money: Option<Money>) -> String {
    money.map(Money::decimal).unwrap_or_default()
}

fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default()
}

/// A text cell. A spreadsheet takes a cell that begins with one of these for a formula (OWASP, "CSV Injection", read
/// 2026-11); an apostrophe before it keeps it a text. Amounts are no text cells: `-3.50` stays a number.
fn text(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use ordersync_types::Currency;

    use super::*;

    #[test]
    fn formulas_become_texts_and_amounts_stay_numbers() {
        for hostile in ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(text(Some(hostile)), format!("'{hostile}"));
        }
        assert_eq!(text(Some("SKU-1=2")), "SKU-1=2");
        assert_eq!(amount(Some(Money::new(-350, Currency::GBP))), "-3.50");
    }

    #[test]
    fn amounts_that_do_not_add_up_are_named() {
        let (pound, euro) = (Money::new(100, Currency::GBP), Money::new(100, Currency::EUR));
        assert_eq!(sum([pound, pound].into_iter()), "2.00");
        assert_eq!(sum([].into_iter()), "");
        assert_eq!(sum([pound, euro].into_iter()), "1.00 GBP + 1.00 EUR");
    }
}
