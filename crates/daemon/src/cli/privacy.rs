//! `ordersync privacy ...`.

use clap::{Args, Subcommand};
use ordersync_http_client::Method;
use ordersync_http_client::unix::with_query;
use ordersync_web::dto::DisclosureList;

use super::client::Client;
use super::print::{Printer, moment, table};
use crate::failure::{Exit, Failure};

/// Who was told what about whom.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List what was handed to couriers: to whom, what for, and which fields; never a value.
    Disclosures(DisclosureArguments),
}

#[derive(Debug, Args)]
pub(super) struct DisclosureArguments {
    /// Only of this order: our id, or the marketplace's number.
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// Only to this courier, for example local.
    #[arg(long, value_name = "COURIER")]
    courier: Option<String>,
    /// At most this many, newest first.
    #[arg(long, value_name = "COUNT")]
    limit: Option<u32>,
}

pub(super) async fn run(client: &Client, printer: &Printer, command: Command) -> Result<Exit, Failure> {
    let Command::Disclosures(DisclosureArguments { order, courier, limit }) = command;
    let limit = limit.map(|limit| limit.to_string());
    let given = [("order", order.as_deref()), ("courier", courier.as_deref()), ("limit", limit.as_deref())];
    let pairs: Vec<(&str, &str)> = given.iter().filter_map(|(name, value)| value.map(|value| (*name, value))).collect();
    let answer = client.ask(Method::Get, &with_query("/v1/disclosures", &pairs), None).await?;
    let list: DisclosureList = answer.read()?;
    printer.answer(&answer.body, || {
        if list.disclosures.is_empty() {
            return "Nothing was handed to anybody.".to_owned();
        }
        let rows = list.disclosures.iter().map(|one| {
            vec![moment(one.at), one.recipient.clone(), one.purpose.clone(), one.order.clone(), one.fields.join(" ")]
        });
        let mut text = table(&["WHEN", "TO", "FOR", "ORDER", "FIELDS"], &rows.collect::<Vec<_>>());
        if list.more {
            text.push_str(&format!(
                "The newest {}; there are more: --limit COUNT, 2000 at most\n",
                list.disclosures.len()
            ));
        }
        text
    })?;
    Ok(Exit::Done)
}
