//! Products, exchange rates, and who issues an account's invoices.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::{Extension, Json};
use ordersync_core::invoicing::{ProductWish, RateWish};
use ordersync_core::{AccountInvoicing, InvoiceIssuer, ProductRow};
use ordersync_types::{Country, Money};

use crate::api::{Api, SELLER};
use crate::body::{JsonBody, PathText, QueryOf};
use crate::dto::{
    AccountInvoices, AccountInvoicesSet, ImportProducts, ImportRates, Imported, ProductEntry, ProductList,
    ProductQuery, RateEntry, RateList,
};
use crate::error::WebError;
use crate::role::Caller;

/// `GET /v1/products`.
pub(crate) async fn list(
    State(api): State<Api>,
    QueryOf(query): QueryOf<ProductQuery>,
) -> Result<Json<ProductList>, WebError> {
    let mut products: BTreeMap<String, ProductEntry> = BTreeMap::new();
    if !query.missing {
        for row in api.core.store.every_product(SELLER).await.map_err(WebError::database)? {
            products.insert(row.key.clone(), entry(&row.key, Some(&row)));
        }
    }
    for sold in api.core.sold_products(SELLER, query.missing).await.map_err(WebError::core)? {
        let mut product = entry(&sold.key, sold.declared.as_ref());
        if product.title.is_empty() {
            product.title = sold.item.title.unwrap_or_default();
        }
        let price = sold.last_price.and_then(|(minor, code)| Some(Money::new(minor, code.parse().ok()?)));
        product.last_price = price.map(|price| price.to_string()).unwrap_or_default();
        products.insert(sold.key, product);
    }
    Ok(Json(ProductList { products: products.into_values().collect() }))
}

fn entry(key: &str, declared: Option<&ProductRow>) -> ProductEntry {
    let text =
        |field: fn(&ProductRow) -> &Option<String>| declared.and_then(|row| field(row).clone()).unwrap_or_default();
    ProductEntry {
        sku: key.strip_prefix("sku:").unwrap_or_default().to_owned(),
        item: key.strip_prefix("item:").unwrap_or_default().to_owned(),
        title: text(|row| &row.title),
        last_price: String::new(),
        vat: text(|row| &row.vat),
        weight_g: declared.and_then(|row| row.weight_g).map(|grams| grams.to_string()).unwrap_or_default(),
        commodity_code: text(|row| &row.commodity_code),
        origin: text(|row| &row.origin),
        customs_description: text(|row| &row.customs_description),
    }
}

/// `POST /v1/products`.
pub(crate) async fn import(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<ImportProducts>,
) -> Result<Json<Imported>, WebError> {
    within("products", body.products.len(), ImportProducts::MOST)?;
    let wishes: Vec<ProductWish> = body
        .products
        .into_iter()
        .map(|product| ProductWish {
            sku: product.sku,
            item: product.item,
            title: product.title,
            vat: product.vat,
            weight_g: product.weight_g,
            commodity_code: product.commodity_code,
            origin: product.origin,
            customs_description: product.customs_description,
        })
        .collect();
    let imported = api.core.import_products(SELLER, &wishes, &caller.actor()).await.map_err(WebError::core)?;
    Ok(Json(Imported { imported: u64::try_from(imported).unwrap_or(u64::MAX) }))
}

fn within(field: &str, count: usize, most: usize) -> Result<(), WebError> {
    if (1..=most).contains(&count) {
        return Ok(());
    }
    Err(WebError::unprocessable(format!("{field}: must be 1 to {most}"), "send fewer at a time"))
}

/// `GET /v1/exchange-rates`.
pub(crate) async fn rates(State(api): State<Api>) -> Result<Json<RateList>, WebError> {
    let rows = api.core.store.exchange_rates().await.map_err(WebError::database)?;
    let rates = rows
        .into_iter()
        .map(|row| (RateEntry { currency: row.currency, month: row.month, rate: row.rate }, row.source));
    Ok(Json(RateList { rates: rates.collect() }))
}

/// `POST /v1/exchange-rates`.
pub(crate) async fn import_rates(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<ImportRates>,
) -> Result<Json<Imported>, WebError> {
    within("rates", body.rates.len(), ImportRates::MOST)?;
    let source = body.source.trim();
    if !(1..=20).contains(&source.chars().count()) || source.chars().any(char::is_control) {
        return Err(WebError::unprocessable("source: must have 1 to 20 characters", "for example HMRC"));
    }
    let wishes: Vec<RateWish> = body
        .rates
        .into_iter()
        .map(|rate| RateWish { currency: rate.currency, month: rate.month, rate: rate.rate })
        .collect();
    let imported = api.core.import_rates(SELLER, source, &wishes, &caller.actor()).await.map_err(WebError::core)?;
    Ok(Json(Imported { imported: u64::try_from(imported).unwrap_or(u64::MAX) }))
}

/// `PUT /v1/accounts/{label}/invoices`.
pub(crate) async fn account_invoices(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(label): PathText,
    JsonBody(body): JsonBody<AccountInvoices>,
) -> Result<Json<AccountInvoicesSet>, WebError> {
    let account = api.core.account(&label).await.map_err(WebError::core)?;
    let invoicing = invoicing(&body)?;
    let orders = api.core.set_account_invoicing(&account, &invoicing, &caller.actor()).await.map_err(WebError::core)?;
    Ok(Json(AccountInvoicesSet { account: account.label, invoices: body, orders }))
}

/// What was said, checked.
pub(crate) fn invoicing(body: &AccountInvoices) -> Result<AccountInvoicing, WebError> {
    let issuer = InvoiceIssuer::from_name(&body.issuer).ok_or_else(|| {
        let hint = "us: this program; marketplace: Amazon's VAT Calculation Service; none: nobody here";
        WebError::unprocessable("issuer: must be us, marketplace or none", hint)
    })?;
    let country = |code: &String| {
        let parsed: Result<Country, _> = code.trim().parse();
        parsed.map_err(|error| WebError::unprocessable(format!("stock: {code}: {error}"), "for example GB"))
    };
    let stock = body.stock.iter().map(country).collect::<Result<_, _>>()?;
    Ok(AccountInvoicing { issuer: Some(issuer), from: body.from, stock })
}
