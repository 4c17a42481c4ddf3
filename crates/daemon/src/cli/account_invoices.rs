//! `ordersync account invoices`: who gives an account's buyers their invoices.

use clap::{Args, ValueEnum};
use ordersync_http_client::Method;
use ordersync_http_client::unix::escaped;
use ordersync_types::Timestamp;
use ordersync_web::dto::{AccountInvoices, AccountInvoicesSet};

use super::client::Client;
use super::invoices::body;
use super::print::Printer;
use crate::failure::{Exit, Failure};

/// Who gives an account's buyers their invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Issuer {
    /// This program.
    Us,
    /// The marketplace, in your name: Amazon's VAT Calculation Service. Nothing is numbered here.
    Marketplace,
    /// Nobody here: another program does.
    None,
}

impl Issuer {
    /// The word that the API knows.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Marketplace => "marketplace",
            Self::None => "none",
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
  ordersync account invoices amazon-uk --by us --stock GB --from 2026-11-01T00:00:00Z")]
pub(super) struct InvoicesArguments {
    /// The account's label.
    label: String,
    /// Who.
    #[arg(long, value_enum, value_name = "WHO")]
    by: Issuer,
    /// Sales dispatched before this moment are invoiced elsewhere (RFC 3339). Without it: none is.
    #[arg(long, value_name = "MOMENT")]
    from: Option<Timestamp>,
    /// Countries where the marketplace's warehouses hold your stock. Its own orders wait unless it is one.
    #[arg(long, value_delimiter = ',', value_name = "COUNTRIES")]
    stock: Vec<String>,
}

pub(super) async fn set(client: &Client, printer: &Printer, arguments: InvoicesArguments) -> Result<Exit, Failure> {
    let InvoicesArguments { label, by, from, stock } = arguments;
    let request = AccountInvoices { issuer: by.name().to_owned(), from, stock };
    let path = format!("/v1/accounts/{}/invoices", escaped(&label));
    let answer = client.ask(Method::Put, &path, Some(body(&request)?)).await?;
    let set: AccountInvoicesSet = answer.read()?;
    printer.answer(&answer.body, || {
        let AccountInvoicesSet { account, invoices, orders } = &set;
        format!("Invoices of {account} are issued by: {}. {orders} orders are looked at again.", invoices.issuer)
    })?;
    Ok(Exit::Done)
}
