//! `ordersync token ...`.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::{Args, Subcommand, ValueEnum};
use ordersync_http_client::Method;
use ordersync_http_client::unix::escaped;
use ordersync_types::{Clock, SystemClock, Timestamp};
use ordersync_web::dto::{CreateToken, TokenCreated, TokenList};
use serde_json::json;

use super::client::Client;
use super::invoices::body;
use super::print::{Printer, moment, moment_or_dash, out, table};
use super::prompt;
use crate::failure::{Exit, Failure};

/// Tokens for programs that pull exports over the HTTP interface (`[http]` in the configuration).
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a token and print it: the only time that it can be seen.
    Create(CreateArguments),
    /// List tokens, and when each was last used.
    List,
    /// Revoke a token: it is refused from now on.
    Revoke {
        /// Its label.
        label: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TokenRole {
    /// Invoices, products and exports; nobody's address but on a full invoice.
    Accountant,
    /// Lists, labels and dispatch.
    Packer,
    /// All but keys.
    Seller,
    /// Everything.
    Admin,
}

#[derive(Debug, Args)]
#[command(after_help = "\
  ordersync token create --role accountant --expires 90d --label bookkeeping
  curl -H \"Authorization: Bearer $TOKEN\" \\
       \"https://orders.example:8443/v1/exports/daybook?from=2026-11-01&to=2026-11-30&format=csv\"")]
pub(super) struct CreateArguments {
    /// What it may do.
    #[arg(long, value_enum)]
    role: TokenRole,
    /// When it ends: a day such as 2027-01-31, or a time such as 90d; a year away at most.
    #[arg(long, value_name = "WHEN")]
    expires: String,
    /// What you call it: 1 to 40 of a-z 0-9 - [usual: the role and today's date].
    #[arg(long)]
    label: Option<String>,
}

pub(super) async fn run(client: &Client, printer: &Printer, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Create(arguments) => create(client, printer, arguments).await,
        Command::List => list(client, printer).await,
        Command::Revoke { label, yes } => revoke(client, printer, &label, yes).await,
    }
}

async fn create(client: &Client, printer: &Printer, arguments: CreateArguments) -> Result<Exit, Failure> {
    let role = match arguments.role {
        TokenRole::Accountant => "accountant",
        TokenRole::Packer => "packer",
        TokenRole::Seller => "seller",
        TokenRole::Admin => "admin",
    };
    let now = SystemClock.now();
    let expires_at = end_of(&arguments.expires, now)?;
    let label = arguments.label.unwrap_or_else(|| format!("{role}-{}", now.format("%Y-%m-%d")));
    let request = CreateToken { label, role: role.to_owned(), expires_at };
    let answer = client.ask(Method::Post, "/v1/tokens", Some(body(&request)?)).await?;
    if printer.json {
        printer.answer(&answer.body, String::new)?;
        return Ok(Exit::Done);
    }
    let created: TokenCreated = answer.read()?;
    // Alone on standard output, so that it can be piped to where it belongs.
    out(created.token.expose().as_bytes())?;
    out(b"\n")?;
    printer.aside(&format!(
        "{}: {} until {} UTC. Keep it now: it cannot be shown again.",
        created.label,
        created.role,
        moment(created.expires_at)
    ));
    Ok(Exit::Done)
}

/// The moment of a day (its end, UTC) or of a time from now on.
fn end_of(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let wrong = || Failure::new(Exit::Usage, format!("--expires {text}: must be a day such as 2027-01-31, or 90d"));
    if let Some(days) = text.strip_suffix('d') {
        let days: i64 = days.parse().map_err(|_| wrong())?;
        return TimeDelta::try_days(days).and_then(|days| now.checked_add_signed(days)).ok_or_else(wrong);
    }
    let day: NaiveDate = text.parse().map_err(|_| wrong())?;
    let next = day.succ_opt().and_then(|next| next.and_hms_opt(0, 0, 0)).ok_or_else(wrong)?;
    Ok(DateTime::<Utc>::from_naive_utc_and_offset(next, Utc))
}

async fn list(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, "/v1/tokens", None).await?;
    let list: TokenList = answer.read()?;
    printer.answer(&answer.body, || {
        if list.tokens.is_empty() {
            return "No token was made: `ordersync token create --role accountant --expires 90d`".to_owned();
        }
        let rows = list.tokens.iter().map(|token| {
            vec![
                token.label.clone(),
                token.role.clone(),
                token.state.clone(),
                moment(token.expires_at),
                moment_or_dash(token.used_at),
                token.created_by.clone(),
            ]
        });
        table(&["LABEL", "ROLE", "STATE", "ENDS", "LAST USED", "MADE BY"], &rows.collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

async fn revoke(client: &Client, printer: &Printer, label: &str, yes: bool) -> Result<Exit, Failure> {
    prompt::confirm(&format!("Revoke the token {label}? Whoever uses it is refused at once. yes or no"), yes)?;
    client.ask(Method::Delete, &format!("/v1/tokens/{}", escaped(label)), None).await?;
    printer.value(&json!({ "revoked": label }), &format!("{label} is revoked."))?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_day_or_a_time() {
        let now = "2026-11-28T10:00:00Z".parse().unwrap();
        assert_eq!(end_of("90d", now).unwrap(), "2027-02-26T10:00:00Z".parse::<Timestamp>().unwrap());
        assert_eq!(end_of("2027-01-31", now).unwrap(), "2027-02-01T00:00:00Z".parse::<Timestamp>().unwrap());
        for wrong in ["", "d", "90", "soon", "2027-02-30", "99999999999999d"] {
            assert!(end_of(wrong, now).is_err(), "{wrong}");
        }
    }
}
