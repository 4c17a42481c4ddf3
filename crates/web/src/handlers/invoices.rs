//! Documents: listed, shown, handed out, issued, taken back, verified; and their numbers.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use ordersync_core::invoicing::{CreditParts, DocumentKind, InvoiceParty, StoredContent, TypedParty, printed_number};
use ordersync_core::{CoreError, InvoiceFilter, InvoiceRow, UninvoicedRow, UninvoicedState, WaitsFor};
use ordersync_types::{Country, Currency, FieldState, InvoiceId, Money, Pii};

use super::show::stored_order;
use super::{Labels, money};
use crate::api::{Api, SELLER};
use crate::body::{JsonBody, PathText, QueryOf};
use crate::dto::{
    CreditInvoice, InvoiceDetail, InvoiceLineView, InvoiceList, InvoiceQuery, InvoiceRateView, InvoiceView,
    InvoicesIssued, InvoicesVerified, IssueInvoice, MoneyView, SeriesList, SeriesView, SetSeries, TypeParty,
    VerifyInvoices, VoidNumber, VoidView, WaitingInvoice, WaitingInvoices,
};
use crate::error::WebError;
use crate::people_view::{characters, document_bytes};
use crate::role::Caller;

const USUAL_LIMIT: u32 = 100;
const MOST_LISTED: u32 = 500;
/// Longest field of a typed party.
const MOST_FIELD: usize = 200;

/// `GET /v1/invoices`.
pub(crate) async fn list(
    State(api): State<Api>,
    QueryOf(query): QueryOf<InvoiceQuery>,
) -> Result<Json<InvoiceList>, WebError> {
    let labels = every_label(&api).await?;
    if let Some(reference) = &query.order {
        let order = stored_order(&api, reference, None).await?.summary.order_id;
        let rows = api.core.store.invoices_of(SELLER, &[order]).await.map_err(WebError::database)?;
        let waiting = api.core.store.uninvoiced(SELLER, &[order]).await.map_err(WebError::database)?;
        let invoices = rows.iter().map(|row| view(row, &labels)).collect();
        let waiting = waiting.iter().map(|one| waiting_view(one, &labels)).collect();
        return Ok(Json(InvoiceList { invoices, waiting, next: None }));
    }
    let limit = query.limit.unwrap_or(USUAL_LIMIT);
    if !(1..=MOST_LISTED).contains(&limit) {
        let message = format!("limit: must be 1 to {MOST_LISTED}");
        return Err(WebError::unprocessable(message, "go on with `after` for more"));
    }
    let kind = query.kind.as_deref().map(kind_of).transpose()?;
    let account = match &query.account {
        Some(label) => Some(api.core.account(label).await.map_err(WebError::core)?.account),
        None => None,
    };
    let filter = InvoiceFilter {
        from: query.from,
        to: query.to,
        kind: kind.map(|kind| kind.name().to_owned()),
        account,
        after: query.after.as_deref().map(place).transpose()?,
        limit,
    };
    let rows = api.core.store.invoices(SELLER, &filter).await.map_err(WebError::database)?;
    let more = rows.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = rows.last().filter(|_| more).map(|row| format!("{}_{}", row.tax_point, row.invoice_id));
    let invoices = rows.iter().map(|row| view(row, &labels)).collect();
    Ok(Json(InvoiceList { invoices, waiting: Vec::new(), next }))
}

fn place(text: &str) -> Result<(chrono::NaiveDate, InvoiceId), WebError> {
    let parsed = text.split_once('_').and_then(|(day, id)| Some((day.parse().ok()?, id.parse().ok()?)));
    parsed.ok_or_else(|| WebError::unprocessable("after: is no place in the list", "take `next` of the answer before"))
}

fn kind_of(name: &str) -> Result<DocumentKind, WebError> {
    DocumentKind::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = DocumentKind::ALL.iter().map(|kind| kind.name()).collect();
        WebError::unprocessable(format!("kind: must be one of {}", names.join(", ")), "correct it")
    })
}

/// The labels of all accounts, those that were removed too: documents name them for six years.
pub(crate) async fn every_label(api: &Api) -> Result<Labels, WebError> {
    Ok(Labels::of(&api.core.store.every_account().await.map_err(WebError::database)?))
}

fn view(row: &InvoiceRow, labels: &Labels) -> InvoiceView {
    let money = |minor: i64| money(Some(minor), Some(&row.currency)).map(MoneyView::from);
    InvoiceView {
        number: row.number.clone(),
        kind: row.kind.clone(),
        form: row.form.clone(),
        issued_on: row.issue_date,
        tax_point: row.tax_point,
        tax_point_rule: row.tax_point_rule.clone(),
        account: labels.label(row.account),
        order: row.vendor_order_id.clone(),
        buyer: if row.business { "b2b" } else { "b2c" }.to_owned(),
        scheme: row.scheme.clone(),
        net: money(row.net_minor),
        vat: money(row.vat_minor),
        gross: money(row.gross_minor),
        original: row.original_number.clone(),
        kept_until: row.purge_after,
    }
}

/// `GET /v1/invoices/waiting`.
pub(crate) async fn waiting(State(api): State<Api>) -> Result<Json<WaitingInvoices>, WebError> {
    let labels = every_label(&api).await?;
    let store = &api.core.store;
    // What a person can do something about comes first.
    let persons = store.waiting_invoices(SELLER, WaitsFor::Person, None, None, MOST_LISTED);
    let mut rows = persons.await.map_err(WebError::database)?;
    let all = store.waiting_invoices(SELLER, WaitsFor::Anybody, None, None, MOST_LISTED);
    let others = all.await.map_err(WebError::database)?;
    rows.extend(others.into_iter().filter(|one| one.state != UninvoicedState::Person));
    rows.truncate(MOST_LISTED as usize);
    let counts = store.waiting_invoice_counts(SELLER).await.map_err(WebError::database)?;
    Ok(Json(WaitingInvoices { waiting: rows.iter().map(|one| waiting_view(one, &labels)).collect(), counts }))
}

pub(crate) fn waiting_view(row: &UninvoicedRow, labels: &Labels) -> WaitingInvoice {
    WaitingInvoice {
        account: labels.label(row.account),
        order: row.vendor_order_id.clone(),
        state: row.state.name().to_owned(),
        fact: row.fact.clone(),
        reason: row.reason.clone(),
        dispatched_at: row.dispatched_at,
        business: row.business,
        gross: money(row.gross_minor, row.currency.as_deref()).map(MoneyView::from),
    }
}

/// `GET /v1/invoices/{number}`.
pub(crate) async fn show(State(api): State<Api>, PathText(number): PathText) -> Result<Json<InvoiceDetail>, WebError> {
    let row = api.core.invoice(SELLER, &number).await.map_err(WebError::core)?;
    let labels = every_label(&api).await?;
    let stored = StoredContent::parse(&row.content).map_err(|error| WebError::core(CoreError::Encode(error)))?;
    let of_order = api.core.store.invoices_of(SELLER, &[row.order]).await.map_err(WebError::database)?;
    let credited_by = of_order.iter().filter(|other| other.original == Some(row.invoice_id));
    let money = |minor: i64| MoneyView::from(Money::new(minor, stored.content.currency));
    let lines = stored.content.lines.iter().map(|line| InvoiceLineView {
        description: line.description.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity,
        rate: line.rate.to_string(),
        supply: line.supply.name().to_owned(),
        basis: line.basis.clone(),
        net: money(line.net),
        vat: money(line.vat),
        gross: money(line.gross),
    });
    let rates = stored.content.groups.iter().map(|group| InvoiceRateView {
        supply: group.supply.name().to_owned(),
        rate: group.rate.to_string(),
        net: money(group.net),
        vat: money(group.vat),
        gross: money(group.gross),
    });
    let hex = |hash: [u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Ok(Json(InvoiceDetail {
        invoice: view(&row, &labels),
        treatment: stored.treatment.reason.clone(),
        source: stored.treatment.source.clone(),
        lines: lines.collect(),
        rates: rates.collect(),
        notes: stored.notes.clone(),
        reason: stored.reason.clone(),
        credited_by: credited_by.filter_map(|other| other.number.clone()).collect(),
        sha256: row.sha256.map(hex),
        issued_by: row.issued_by.clone(),
    }))
}

/// The query of a document's PDF.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct PdfQuery {
    /// Laid out anew, and marked as a duplicate.
    #[serde(default)]
    duplicate: bool,
}

/// `GET /v1/invoices/{number}/pdf`.
pub(crate) async fn pdf(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(number): PathText,
    QueryOf(query): QueryOf<PdfQuery>,
) -> Result<Response, WebError> {
    let actor = caller.actor();
    let document = api.core.invoice_document(SELLER, &number, query.duplicate, &actor).await.map_err(WebError::core)?;
    let mut bytes = Vec::new();
    document_bytes(&document.pdf, &mut bytes);
    let mut response = Bytes::from(bytes).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    Ok(response)
}

/// `POST /v1/invoices/issue`.
pub(crate) async fn issue(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<IssueInvoice>,
) -> Result<Json<InvoicesIssued>, WebError> {
    let typed = body.party.map(party).transpose()?;
    let actor = caller.actor();
    if body.full {
        let numbers = api.core.reissue_in_full(SELLER, body.target.trim(), typed.as_ref(), &actor).await;
        let numbers = numbers.map_err(WebError::core)?;
        return Ok(Json(InvoicesIssued { numbers, records: 0, not_issued: Vec::new() }));
    }
    let order = stored_order(&api, body.target.trim(), None).await?.summary.order_id;
    let report = api.core.issue_by_hand(SELLER, order, typed.as_ref(), &actor).await.map_err(WebError::core)?;
    let not_issued = report.waiting.into_iter().chain(report.without).collect();
    Ok(Json(InvoicesIssued { numbers: report.numbers, records: report.records, not_issued }))
}

fn party(typed: TypeParty) -> Result<TypedParty, WebError> {
    let country: Country = typed
        .country
        .trim()
        .parse()
        .map_err(|error| WebError::unprocessable(format!("country: {error}"), "for example GB"))?;
    let TypeParty { name, company, line1, line2, city, postcode, vat_number, purchase_order, .. } = typed;
    let field = |label: &str, text: Pii<String>| {
        let length = characters(&text);
        if length > MOST_FIELD {
            let message = format!("{label}: must have at most {MOST_FIELD} characters");
            return Err(WebError::unprocessable(message, "shorten it"));
        }
        Ok(if length == 0 { FieldState::NotSent } else { FieldState::Value(text) })
    };
    let party = InvoiceParty {
        name: field("name", name)?,
        company: field("company", company)?,
        address_line1: field("line1", line1)?,
        address_line2: field("line2", line2)?,
        city: field("city", city)?,
        postcode: field("postcode", postcode)?,
        vat_number: field("vat_number", vat_number)?,
        purchase_order_number: field("purchase_order", purchase_order)?,
        ..InvoiceParty::default()
    };
    Ok(TypedParty { party, country })
}

/// `POST /v1/invoices/{number}/credit`.
pub(crate) async fn credit(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(number): PathText,
    JsonBody(body): JsonBody<CreditInvoice>,
) -> Result<Json<InvoicesIssued>, WebError> {
    let row = api.core.invoice(SELLER, &number).await.map_err(WebError::core)?;
    let currency: Currency = row.currency.parse().map_err(|_| WebError::fault("an invoice in an unknown currency"))?;
    let amount = |field: &str, text: &str| {
        let parsed = Money::parse(text.trim(), currency).map(|money| money.minor);
        parsed.map_err(|error| {
            let message = format!("{field}: {error}");
            WebError::unprocessable(message, "give a decimal number in the document's currency, for example 12.50")
        })
    };
    let optional = |field: &str, text: &Option<String>| text.as_deref().map_or(Ok(0), |text| amount(field, text));
    let lines = body.lines.iter().map(|(name, text)| Ok((name.clone(), amount(&format!("line {name}"), text)?)));
    let parts = CreditParts {
        lines: lines.collect::<Result<_, WebError>>()?,
        delivery: optional("delivery", &body.delivery)?,
        goodwill: optional("goodwill", &body.goodwill)?,
        all: body.all,
        reason: body.reason,
    };
    let numbers = api.core.credit_by_hand(SELLER, &number, &parts, &caller.actor()).await.map_err(WebError::core)?;
    Ok(Json(InvoicesIssued { numbers, records: 0, not_issued: Vec::new() }))
}

/// `GET /v1/invoice-series`.
pub(crate) async fn series(State(api): State<Api>) -> Result<Json<SeriesList>, WebError> {
    let series = api.core.invoice_series(SELLER).await.map_err(WebError::core)?;
    let voids = api.core.store.invoice_voids(SELLER).await.map_err(WebError::database)?;
    Ok(Json(SeriesList {
        series: series
            .into_iter()
            .map(|one| SeriesView {
                next: printed_number(&one.prefix, one.next),
                taken: one.next - one.first,
                kind: one.kind,
                prefix: one.prefix,
            })
            .collect(),
        voids: voids
            .into_iter()
            .map(|void| VoidView { number: void.number, at: void.at, by: void.voided_by, reason: void.reason })
            .collect(),
    }))
}

/// `PUT /v1/invoice-series/{kind}`.
pub(crate) async fn set_series(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(kind): PathText,
    JsonBody(body): JsonBody<SetSeries>,
) -> Result<Json<SeriesList>, WebError> {
    let kind = kind_of(&kind)?;
    let set = api.core.set_invoice_series(SELLER, kind, body.prefix.trim(), body.next, &caller.actor()).await;
    set.map_err(WebError::core)?;
    series(State(api)).await
}

/// `POST /v1/invoices/void`.
pub(crate) async fn void(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<VoidNumber>,
) -> Result<Json<VoidView>, WebError> {
    let void = api.core.void_invoice_number(SELLER, body.number.trim(), &body.reason, &caller.actor()).await;
    let void = void.map_err(WebError::core)?;
    Ok(Json(VoidView { number: void.number, at: void.at, by: void.voided_by, reason: void.reason }))
}

/// `POST /v1/invoices/verify`.
pub(crate) async fn verify(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<VerifyInvoices>,
) -> Result<Json<InvoicesVerified>, WebError> {
    let report = api.core.verify_invoices(SELLER, (body.from, body.to), &caller.actor(), |_| ()).await;
    let report = report.map_err(WebError::core)?;
    Ok(Json(InvoicesVerified {
        ok: report.faults.is_empty() && report.missing.is_empty(),
        documents: report.documents,
        records: report.records,
        faults: report.faults.into_iter().map(|fault| (fault.number, fault.reason)).collect(),
        missing: report.missing,
    }))
}
