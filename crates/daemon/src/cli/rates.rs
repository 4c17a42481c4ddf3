//! `ordersync invoice rates`: exchange rates from HMRC's monthly file.

use std::path::PathBuf;

use clap::Args;
use ordersync_http_client::Method;
use ordersync_web::dto::{ImportRates, Imported, RateEntry, RateList};

use super::client::Client;
use super::invoices::body;
use super::print::{Printer, table};
use crate::failure::{Exit, Failure};

#[derive(Debug, Args)]
#[command(after_help = "\
HMRC publishes a file each month (UK Trade Tariff, exchange rates, CSV). Its columns are recognised:
  ordersync invoice rates --import exrates-monthly-1126.csv --month 2026-11
Any CSV with the columns currency, rate and month will do as well.")]
pub(super) struct Arguments {
    /// Import this CSV file, or standard input for `-`.
    #[arg(long, value_name = "FILE")]
    import: Option<PathBuf>,
    /// The month that the file is for, for example 2026-11, where it has no column of it.
    #[arg(long, requires = "import")]
    month: Option<String>,
    /// Whose rates they are.
    #[arg(long, default_value = "HMRC")]
    source: String,
}

/// What columns may be called, in small letters without spaces, the surest first: HMRC's `Currency` is a name.
const CURRENCY: [&str; 3] = ["currencycode", "code", "currency"];
const RATE: [&str; 3] = ["rate", "currencyunitsper£1", "unitsperpound"];
const MONTH: [&str; 1] = ["month"];

pub(super) async fn run(client: &Client, printer: &Printer, arguments: Arguments) -> Result<Exit, Failure> {
    let Some(file) = &arguments.import else { return list(client, printer).await };
    let text = super::products::text_of(file)?;
    let rates = parsed(&text, arguments.month.as_deref())?;
    let request = ImportRates { source: arguments.source, rates };
    let answer = client.ask(Method::Post, "/v1/exchange-rates", Some(body(&request)?)).await?;
    let done: Imported = answer.read()?;
    printer
        .answer(&answer.body, || format!("{} rates are imported; what waited for one is looked at.", done.imported))?;
    Ok(Exit::Done)
}

async fn list(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, "/v1/exchange-rates", None).await?;
    let list: RateList = answer.read()?;
    printer.answer(&answer.body, || {
        if list.rates.is_empty() {
            return "No rate was imported: sterling columns of sales in another currency stay empty.".to_owned();
        }
        let rows = list
            .rates
            .iter()
            .map(|(rate, source)| vec![rate.month.clone(), rate.currency.clone(), rate.rate.clone(), source.clone()]);
        table(&["MONTH", "CURRENCY", "FOR ONE POUND", "SOURCE"], &rows.collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

fn parsed(text: &str, month: Option<&str>) -> Result<Vec<RateEntry>, Failure> {
    let wrong = |message: String| Failure::new(Exit::Failed, message).hint("see `ordersync invoice rates --help`");
    let mut csv = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let heads = csv.headers().map_err(|error| wrong(format!("the file is no CSV: {error}")))?.clone();
    let bare = |head: &str| head.to_lowercase().replace([' ', '_', '"', '\u{feff}'], "");
    let place = |names: &[&str]| names.iter().find_map(|name| heads.iter().position(|head| bare(head) == *name));
    let currency = place(&CURRENCY).ok_or_else(|| wrong("the file has no column `currency`".to_owned()))?;
    let rate = place(&RATE).ok_or_else(|| wrong("the file has no column `rate`".to_owned()))?;
    let own_month = place(&MONTH);
    if own_month.is_none() && month.is_none() {
        return Err(wrong("the file does not say which month it is for: give --month, for example 2026-11".to_owned()));
    }
    let mut rates: Vec<RateEntry> = Vec::new();
    for (record, number) in csv.records().zip(2_usize..) {
        let record = record.map_err(|error| wrong(format!("line {number}: {error}")))?;
        let cell = |place: usize| record.get(place).unwrap_or_default().to_owned();
        let month = own_month.map(cell).filter(|cell| !cell.is_empty()).or_else(|| month.map(str::to_owned));
        let entry = RateEntry { currency: cell(currency), month: month.unwrap_or_default(), rate: cell(rate) };
        // HMRC lists a currency once for each country that uses it.
        if entry.currency.is_empty()
            || rates.iter().any(|known| known.currency == entry.currency && known.month == entry.month)
        {
            continue;
        }
        rates.push(entry);
    }
    Ok(rates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmrcs_file_and_a_plain_one_are_read() {
        let hmrc = "Country/Territories,Currency,Currency Code,Currency Units per £1,Start Date,End Date\r\n\
                    Eurozone,Euro,EUR,1.1527,01/11/2026,30/11/2026\r\nSan Marino,Euro,EUR,1.1527,01/11/2026,30/11/2026\r\n";
        let rates = parsed(hmrc, Some("2026-11"));
        // Its column `Currency` holds a name, and the code stands beside it.
        let rates = rates.unwrap();
        assert_eq!((rates.len(), rates[0].currency.as_str(), rates[0].rate.as_str()), (1, "EUR", "1.1527"));
        let plain = "currency,month,rate\nUSD,2026-10,1.3105\n";
        assert_eq!(parsed(plain, None).unwrap()[0].month, "2026-10");
        assert!(parsed("currency,rate\nUSD,1.3\n", None).is_err());
        assert!(parsed("a,b\n1,2\n", Some("2026-11")).is_err());
    }
}
