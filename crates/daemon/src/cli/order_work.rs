//! `ordersync orders address|hold|release|note`.

use ordersync_http_client::Method;
use ordersync_http_client::unix::escaped;
use ordersync_types::Pii;
use ordersync_web::dto::{OrderDone, OrderText, TypeAddress};
use serde::Serialize;

use super::client::Client;
use super::print::Printer;
use super::prompt;
use crate::failure::{Exit, Failure};

async fn send(
    client: &Client,
    printer: &Printer,
    (method, path): (Method, String),
    body: &impl Serialize,
) -> Result<Exit, Failure> {
    let body = serde_json::to_vec(body);
    let body = body.map_err(|_| Failure::new(Exit::Failed, "the text cannot be written as JSON"))?;
    let answer = client.ask(method, &path, Some(body)).await?;
    let done: OrderDone = answer.read()?;
    printer.answer(&answer.body, || format!("{}: {}", done.number, done.done))?;
    Ok(Exit::Done)
}

fn text(given: Option<String>, question: &str, option: &'static str) -> Result<OrderText, Failure> {
    let text = match given {
        Some(text) => text,
        None => prompt::line(question, "", option)?,
    };
    Ok(OrderText { text: Pii::new(text) })
}

pub(super) async fn hold(
    client: &Client,
    printer: &Printer,
    order: &str,
    reason: Option<String>,
) -> Result<Exit, Failure> {
    let body = text(reason, "Why is it held", "give --reason TEXT")?;
    send(client, printer, (Method::Post, format!("/v1/orders/{}/hold", escaped(order))), &body).await
}

pub(super) async fn release(client: &Client, printer: &Printer, order: &str) -> Result<Exit, Failure> {
    let path = format!("/v1/orders/{}/release", escaped(order));
    send(client, printer, (Method::Post, path), &serde_json::json!({})).await
}

pub(super) async fn note(
    client: &Client,
    printer: &Printer,
    order: &str,
    given: Option<String>,
) -> Result<Exit, Failure> {
    let body = text(given, "Note", "give --text TEXT")?;
    send(client, printer, (Method::Post, format!("/v1/orders/{}/notes", escaped(order))), &body).await
}

/// Asks for each part: an address in arguments would stand in the shell's history and the list of processes.
pub(super) async fn address(client: &Client, printer: &Printer, order: &str) -> Result<Exit, Failure> {
    const INSTEAD: &str = "an address is typed at a terminal, so that it stands in no history";
    let question = "A parcel that goes to another address than the marketplace's may lose its seller protection, and the \
                    old address is destroyed. Go on? yes or no";
    if !matches!(prompt::line(question, "no", INSTEAD)?.as_str(), "yes" | "y") {
        return Err(Failure::new(Exit::Failed, "not confirmed: nothing was changed"));
    }
    let ask = |question, usual: &str| prompt::line(question, usual, INSTEAD).map(Pii::new);
    let body = TypeAddress {
        name: ask("Name", "")?,
        company: ask("Company (may be empty)", "")?,
        line1: ask("First line", "")?,
        line2: ask("Second line (may be empty)", "")?,
        line3: ask("Third line (may be empty)", "")?,
        city: ask("Town", "")?,
        region: ask("County or state (may be empty)", "")?,
        postcode: ask("Postcode", "")?,
        country: prompt::line("Country, two letters", "GB", INSTEAD)?,
    };
    send(client, printer, (Method::Put, format!("/v1/orders/{}/address", escaped(order))), &body).await
}
