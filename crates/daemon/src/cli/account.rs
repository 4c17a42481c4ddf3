//! `ordersync account ...`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use ordersync_http_client::Method;
use ordersync_http_client::unix::escaped;
use ordersync_types::{Secret, Timestamp};
use ordersync_web::dto::{
    AccountAdded, AccountCheckView, AccountInvoices, AccountList, AddAccount, ReplaceCredentials,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::account_invoices::{self, InvoicesArguments, Issuer};
use super::client::Client;
use super::print::{Printer, moment, moment_or_dash, table};
use super::prompt;
use crate::failure::{Exit, Failure};

/// Marketplace accounts.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add an account. It only reads: nothing is ever changed at the marketplace.
    ///
    /// The marketplace is asked first whether the credentials work. A real account is refused until
    /// `ordersync keys escrow test` has passed once.
    Add(Box<AddArguments>),
    /// List accounts and how far they have been read.
    List,
    /// Ask the marketplace whether an account works; one that had stopped goes on.
    Check {
        /// The account's label.
        label: String,
    },
    /// Replace an account's credentials after a new consent or a rotated secret. The old ones are destroyed.
    ///
    /// The marketplace is asked first whether the new ones work; an account that had stopped goes on.
    Credentials {
        /// The account's label.
        label: String,
        /// Read them from this JSON file (as for `account add`), or from standard input for `-`, instead of asking.
        #[arg(long, value_name = "FILE")]
        credentials_file: Option<PathBuf>,
    },
    /// Say who gives the account's buyers their invoices. What has left before waits until this is said.
    Invoices(InvoicesArguments),
    /// Remove an account: its credentials are destroyed, its orders stay until their time.
    ///
    /// Added again, under whatever label, it goes on with those of its orders that the marketplace still shows.
    Remove {
        /// The account's label.
        label: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
        /// Only say what would be removed.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Marketplace {
    /// Selling Partner API: one account a region.
    Amazon,
    /// Sell Fulfillment API.
    Ebay,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A credentials file is JSON, mode 0600: {\"client_id\": \"...\", \"client_secret\": \"...\", \"refresh_token\": \"...\"}
  Amazon: LWA client id and secret, and the refresh token of your own authorisation.
  eBay:   App ID, Cert ID, and the user's refresh token.

  ordersync account add amazon --label amazon-uk --region eu --marketplaces GB,DE
  ordersync account add ebay --label ebay-uk --credentials-file /root/ebay.json")]
pub(super) struct AddArguments {
    /// The marketplace.
    marketplace: Marketplace,
    /// What you call the account: 1 to 40 of a-z, 0-9 and -.
    #[arg(long)]
    label: Option<String>,
    /// Amazon: eu, na or fe, the region of the refresh token.
    #[arg(long)]
    region: Option<String>,
    /// Amazon: marketplaces to read, by country. All of the region without it.
    #[arg(long, value_delimiter = ',', value_name = "COUNTRIES")]
    marketplaces: Vec<String>,
    /// eBay: read eBay's test world instead of real orders.
    #[arg(long)]
    sandbox: bool,
    /// Read the credentials from this JSON file, or from standard input for `-`, instead of asking.
    #[arg(long, value_name = "FILE")]
    credentials_file: Option<PathBuf>,
    /// Orders dispatched before this moment are history, not work (RFC 3339). Now, without it.
    #[arg(long, value_name = "MOMENT")]
    go_live: Option<Timestamp>,
    /// Days before go-live that the first reading reaches back, 0 to 90.
    #[arg(long, default_value_t = 30, value_name = "DAYS")]
    first_window_days: u32,
    /// Who gives its buyers their invoices [usual for eBay: us; Amazon has no usual answer].
    #[arg(long, value_enum, value_name = "WHO")]
    invoices: Option<Issuer>,
    /// Amazon: countries where its warehouses hold your stock. FBA orders wait unless it is one.
    #[arg(long, value_delimiter = ',', value_name = "COUNTRIES")]
    stock: Vec<String>,
    /// Sales dispatched before this moment are invoiced elsewhere (RFC 3339) [usual: go-live].
    #[arg(long, value_name = "MOMENT")]
    invoice_from: Option<Timestamp>,
    /// Another address of the marketplace's interface: a stand-in at a loopback address.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// Another address for tokens; without it that of --base-url.
    #[arg(long, value_name = "URL")]
    token_url: Option<String>,
    /// A further setting of the connector as JSON, KEY=VALUE. May be given several times.
    #[arg(long, value_name = "KEY=VALUE")]
    setting: Vec<String>,
    /// Store it without asking the marketplace. Stand-ins only.
    #[arg(long)]
    skip_check: bool,
}

/// What a credentials file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    client_id: String,
    client_secret: String,
    refresh_token: String,
}

const NO_TERMINAL: &str = "give --label and --credentials-file FILE (and --region for Amazon)";

pub(super) async fn run(client: &Client, printer: &Printer, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Add(arguments) => add(client, printer, *arguments).await,
        Command::List => list(client, printer).await,
        Command::Check { label } => check(client, printer, &label).await,
        Command::Credentials { label, credentials_file } => {
            replace_credentials(client, printer, &label, credentials_file.as_deref()).await
        }
        Command::Invoices(arguments) => account_invoices::set(client, printer, arguments).await,
        Command::Remove { label, yes, dry_run } => remove(client, printer, &label, yes, dry_run).await,
    }
}

async fn add(client: &Client, printer: &Printer, arguments: AddArguments) -> Result<Exit, Failure> {
    let label = match &arguments.label {
        Some(label) => label.clone(),
        None => prompt::line("Label of the account, for example amazon-uk", "", NO_TERMINAL)?,
    };
    let settings = settings(&arguments)?;
    let invoices = said(&arguments)?;
    let credentials = credentials(arguments.credentials_file.as_deref(), arguments.marketplace, NO_TERMINAL)?;
    let body = AddAccount {
        label,
        connector: match arguments.marketplace {
            Marketplace::Amazon => "amazon".to_owned(),
            Marketplace::Ebay => "ebay".to_owned(),
        },
        settings: Value::Object(settings),
        go_live_at: arguments.go_live,
        first_window_days: Some(arguments.first_window_days),
        invoices,
        client_id: Secret::new(credentials.client_id),
        client_secret: Secret::new(credentials.client_secret),
        refresh_token: Secret::new(credentials.refresh_token),
        skip_check: arguments.skip_check,
    };
    let body =
        serde_json::to_vec(&body).map_err(|_| Failure::new(Exit::Failed, "the account cannot be written as JSON"))?;
    let progress = printer.progress("asking the marketplace");
    let answer = client.ask(Method::Post, "/v1/accounts", Some(body)).await;
    drop(progress);
    let answer = answer?;
    let added: AccountAdded = answer.read()?;
    printer.answer(&answer.body, || {
        let mut text = format!("{} is added and only reads.\n", added.account.label);
        if let Some(check) = &added.check {
            text.push_str(&findings(check));
        }
        text.push_str("The daemon reads it from now on; `ordersync today` shows what it found.\n");
        text
    })?;
    Ok(Exit::Done)
}

/// What was said of invoices. Nobody is asked where the marketplace's usual answer is known, or where no terminal is:
/// then they wait, and `today` says so.
fn said(arguments: &AddArguments) -> Result<Option<AccountInvoices>, Failure> {
    let issuer = match (arguments.invoices, arguments.marketplace) {
        (Some(issuer), _) => issuer.name().to_owned(),
        (None, Marketplace::Ebay) => Issuer::Us.name().to_owned(),
        (None, Marketplace::Amazon) if arguments.credentials_file.is_some() => return Ok(None),
        (None, Marketplace::Amazon) => {
            let question =
                "Who gives its buyers their VAT invoices: us, marketplace (Amazon's VAT Calculation Service) or none";
            prompt::line(question, "", "give --invoices us, marketplace or none")?
        }
    };
    Ok(Some(AccountInvoices {
        issuer,
        from: arguments.invoice_from.or(arguments.go_live),
        stock: arguments.stock.clone(),
    }))
}

/// The connector's own settings, without secrets.
fn settings(arguments: &AddArguments) -> Result<Map<String, Value>, Failure> {
    let usage = |message: &str| Failure::new(Exit::Usage, message);
    let mut settings = Map::new();
    let token_url = arguments.token_url.clone();
    match arguments.marketplace {
        Marketplace::Amazon => {
            if arguments.sandbox {
                return Err(usage("--sandbox is for eBay"));
            }
            let region = match &arguments.region {
                Some(region) => region.clone(),
                None => prompt::line("Region: eu, na or fe", "eu", NO_TERMINAL)?,
            };
            settings.insert("region".to_owned(), json!(region));
            if !arguments.marketplaces.is_empty() {
                settings.insert("marketplaces".to_owned(), json!(arguments.marketplaces));
            }
            if let Some(base) = &arguments.base_url {
                let base = base.trim_end_matches('/');
                settings.insert("api_url".to_owned(), json!(base));
                let token = token_url.unwrap_or_else(|| format!("{base}/auth/o2/token"));
                settings.insert("token_url".to_owned(), json!(token));
            }
        }
        Marketplace::Ebay => {
            if arguments.region.is_some() || !arguments.marketplaces.is_empty() {
                return Err(usage("--region and --marketplaces are for Amazon: an eBay account covers all sites"));
            }
            if arguments.sandbox {
                settings.insert("environment".to_owned(), json!("sandbox"));
            }
            if let Some(base) = &arguments.base_url {
                let base = base.trim_end_matches('/');
                settings.insert("api_base".to_owned(), json!(base));
                let token = token_url.unwrap_or_else(|| format!("{base}/identity/v1/oauth2/token"));
                settings.insert("token_url".to_owned(), json!(token));
            }
        }
    }
    for given in &arguments.setting {
        let Some((key, value)) = given.split_once('=') else {
            return Err(usage("--setting must be KEY=VALUE"));
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        settings.insert(key.to_owned(), value);
    }
    Ok(settings)
}

fn credentials(
    file: Option<&Path>,
    marketplace: Marketplace,
    no_terminal: &'static str,
) -> Result<Credentials, Failure> {
    if let Some(file) = file {
        let text = prompt::secret_text(file)?;
        return serde_json::from_str(&text).map_err(|error| {
            // serde's own sentence may quote a value
            let message = format!("{}:{}:{}: not a credentials file", file.display(), error.line(), error.column());
            Failure::new(Exit::Failed, message)
                .hint("it must be {\"client_id\": \"...\", \"client_secret\": \"...\", \"refresh_token\": \"...\"} and nothing else")
        });
    }
    let (id, secret) = match marketplace {
        Marketplace::Amazon => ("LWA client id", "LWA client secret"),
        Marketplace::Ebay => ("App ID", "Cert ID"),
    };
    let ask = |question| prompt::hidden(question, no_terminal).map(|typed| typed.expose().clone());
    Ok(Credentials { client_id: ask(id)?, client_secret: ask(secret)?, refresh_token: ask("Refresh token")? })
}

fn findings(check: &AccountCheckView) -> String {
    let mut text = format!("The marketplace showed {} orders.\n", check.orders_seen);
    for finding in &check.findings {
        text.push_str(&format!("! {finding}\n"));
    }
    text
}

async fn list(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, "/v1/accounts", None).await?;
    let list: AccountList = answer.read()?;
    printer.answer(&answer.body, || {
        if list.accounts.is_empty() {
            return "No account yet: `ordersync account add amazon` or `ordersync account add ebay`".to_owned();
        }
        let rows = list.accounts.iter().map(|account| {
            let failure = account.state_reason.clone().or_else(|| account.cursor.failure.clone());
            vec![
                account.label.clone(),
                account.connector.clone(),
                account.state.clone(),
                moment_or_dash(account.cursor.caught_up_to),
                account.rejected.to_string(),
                moment(account.go_live_at),
                failure.unwrap_or_default(),
            ]
        });
        let headings = ["LABEL", "CONNECTOR", "STATE", "CAUGHT UP TO", "REJECTED", "LIVE SINCE", "FAILURE"];
        table(&headings, &rows.collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

async fn check(client: &Client, printer: &Printer, label: &str) -> Result<Exit, Failure> {
    let progress = printer.progress("asking the marketplace");
    let answer = client.ask(Method::Post, &format!("/v1/accounts/{}/check", escaped(label)), None).await;
    drop(progress);
    let answer = answer?;
    let check: AccountCheckView = answer.read()?;
    printer.answer(&answer.body, || {
        let goes_on = if check.resumed { "It goes on being read.\n" } else { "" };
        format!("{label} works. {}{goes_on}", findings(&check))
    })?;
    Ok(Exit::Done)
}

async fn replace_credentials(
    client: &Client,
    printer: &Printer,
    label: &str,
    file: Option<&Path>,
) -> Result<Exit, Failure> {
    let list: AccountList = client.ask(Method::Get, "/v1/accounts", None).await?.read()?;
    let Some(account) = list.accounts.iter().find(|account| account.label == label) else {
        return Err(no_account(label));
    };
    let marketplace = if account.connector == "amazon" { Marketplace::Amazon } else { Marketplace::Ebay };
    let Credentials { client_id, client_secret, refresh_token } =
        credentials(file, marketplace, "give --credentials-file FILE")?;
    let body = ReplaceCredentials {
        client_id: Secret::new(client_id),
        client_secret: Secret::new(client_secret),
        refresh_token: Secret::new(refresh_token),
    };
    let body = serde_json::to_vec(&body)
        .map_err(|_| Failure::new(Exit::Failed, "the credentials cannot be written as JSON"))?;
    let progress = printer.progress("asking the marketplace");
    let answer = client.ask(Method::Put, &format!("/v1/accounts/{}/credentials", escaped(label)), Some(body)).await;
    drop(progress);
    let answer = answer?;
    let check: AccountCheckView = answer.read()?;
    printer.answer(&answer.body, || {
        let goes_on = if check.resumed { "It goes on being read.\n" } else { "" };
        format!("{label} has new credentials; the old ones are destroyed. {}{goes_on}", findings(&check))
    })?;
    Ok(Exit::Done)
}

fn no_account(label: &str) -> Failure {
    Failure::new(Exit::Failed, format!("there is no account {label}")).hint("`ordersync account list`")
}

async fn remove(client: &Client, printer: &Printer, label: &str, yes: bool, dry: bool) -> Result<Exit, Failure> {
    let list: AccountList = client.ask(Method::Get, "/v1/accounts", None).await?.read()?;
    if !list.accounts.iter().any(|account| account.label == label) {
        return Err(no_account(label));
    }
    let done = json!({ "account": label, "removed": !dry });
    if dry {
        printer.value(&done, &format!("{label} would be removed; its credentials would be destroyed, and its open orders and parcels would be nobody's work here until an account reads them again."))?;
        return Ok(Exit::Done);
    }
    prompt::confirm(
        &format!("Remove {label}, destroy its credentials, and work on its open orders no more? yes or no"),
        yes,
    )?;
    client.ask(Method::Delete, &format!("/v1/accounts/{}", escaped(label)), None).await?;
    printer.value(&done, &format!("{label} is removed. Its orders stay until their time."))?;
    Ok(Exit::Done)
}
