//! `ordersync products ...`.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use ordersync_http_client::Method;
use ordersync_web::dto::{ImportProducts, Imported, ProductEntry, ProductList};

use super::client::Client;
use super::invoices::body;
use super::print::{Printer, out, table};
use crate::failure::{Exit, Failure};

/// Products: VAT category, weight and customs data of what you sell. No marketplace states them.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a CSV of everything that was sold, with title, last price and a VAT column to fill in.
    Template {
        /// Only what has no VAT category yet.
        #[arg(long)]
        missing: bool,
        /// Write to this file, which must not be there yet. Standard output without it.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Import such a CSV: all of it or nothing. What a cell leaves empty stays as it is.
    Import {
        /// The file, or `-` for standard input.
        file: PathBuf,
    },
    /// List everything that was sold or declared.
    List,
    /// List what was sold and has no VAT category: under `goods_not_listed = "ask"` its invoices wait.
    Missing,
}

/// The columns, in the order of [`ProductEntry`].
const COLUMNS: [&str; 9] =
    ["sku", "item", "title", "last_price", "vat", "weight_g", "commodity_code", "origin", "customs_description"];
/// Largest file that is read, in bytes.
const LARGEST: u64 = 32 * 1024 * 1024;

pub(super) async fn run(client: &Client, printer: &Printer, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Template { missing, output } => template(client, printer, missing, output.as_deref()).await,
        Command::Import { file } => import(client, printer, &file).await,
        Command::List => list(client, printer, false).await,
        Command::Missing => list(client, printer, true).await,
    }
}

fn path(missing: bool) -> String {
    format!("/v1/products?missing={missing}")
}

async fn list(client: &Client, printer: &Printer, missing: bool) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, &path(missing), None).await?;
    let list: ProductList = answer.read()?;
    printer.answer(&answer.body, || {
        if list.products.is_empty() {
            return if missing { "Everything that was sold has its VAT category." } else { "Nothing was sold yet." }
                .to_owned();
        }
        let dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        let rows = list.products.iter().map(|product| {
            let name = if product.sku.is_empty() { &product.item } else { &product.sku };
            vec![
                name.clone(),
                dash(&product.vat),
                dash(&product.weight_g),
                dash(&product.last_price),
                product.title.clone(),
            ]
        });
        table(&["SKU OR ITEM", "VAT", "GRAMS", "LAST PRICE", "TITLE"], &rows.collect::<Vec<_>>())
    })?;
    Ok(Exit::Done)
}

async fn template(client: &Client, printer: &Printer, missing: bool, output: Option<&Path>) -> Result<Exit, Failure> {
    let list: ProductList = client.ask(Method::Get, &path(missing), None).await?.read()?;
    let bytes = written(&list.products)?;
    let Some(file) = output else {
        out(&bytes)?;
        return Ok(Exit::Done);
    };
    let of_file = |error: &std::io::Error| Failure::of_file("the template cannot be written to", file, error);
    let opened = File::options().write(true).create_new(true).mode(0o644).open(file);
    opened.and_then(|mut opened| opened.write_all(&bytes)).map_err(|error| of_file(&error))?;
    let text = format!(
        "{}: {} products. Fill in the column vat (standard, reduced, zero or exempt), then `ordersync products import {}`.",
        file.display(),
        list.products.len(),
        file.display()
    );
    printer
        .value(&serde_json::json!({ "file": file.display().to_string(), "products": list.products.len() }), &text)?;
    Ok(Exit::Done)
}

fn written(products: &[ProductEntry]) -> Result<Vec<u8>, Failure> {
    let failed = |_| Failure::new(Exit::Failed, "the template could not be written");
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    csv.write_record(COLUMNS).map_err(failed)?;
    for product in products {
        let cells = [
            &product.sku,
            &product.item,
            &product.title,
            &product.last_price,
            &product.vat,
            &product.weight_g,
            &product.commodity_code,
            &product.origin,
            &product.customs_description,
        ];
        csv.write_record(cells.map(|cell| guarded(cell))).map_err(failed)?;
    }
    csv.into_inner().map_err(|_| Failure::new(Exit::Failed, "the template could not be written"))
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front, which [`parsed`] takes off again.
fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']) { format!("'{cell}") } else { cell.to_owned() }
}

async fn import(client: &Client, printer: &Printer, file: &Path) -> Result<Exit, Failure> {
    let products = parsed(&text_of(file)?)?;
    if products.is_empty() {
        return Err(Failure::new(Exit::Failed, format!("{}: has no product", file.display())));
    }
    let progress = printer.progress("importing");
    let answer = client.ask(Method::Post, "/v1/products", Some(body(&ImportProducts { products })?)).await;
    drop(progress);
    let answer = answer?;
    let done: Imported = answer.read()?;
    printer.answer(&answer.body, || {
        format!("{} products are imported; what waited for one is looked at.", done.imported)
    })?;
    Ok(Exit::Done)
}

/// A text file, or standard input.
pub(super) fn text_of(file: &Path) -> Result<String, Failure> {
    let of_file = |error: &std::io::Error| Failure::of_file("cannot read", file, error);
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(LARGEST).read_to_end(&mut bytes).map_err(|error| of_file(&error))?;
    } else {
        File::open(file)
            .and_then(|opened| opened.take(LARGEST).read_to_end(&mut bytes))
            .map_err(|error| of_file(&error))?;
    }
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(Exit::Failed, format!("{}: is not UTF-8", file.display()))
            .hint("save it as \"CSV UTF-8\" in the spreadsheet")
    })
}

fn parsed(text: &str) -> Result<Vec<ProductEntry>, Failure> {
    let wrong = |message: String| {
        Failure::new(Exit::Failed, message).hint("`ordersync products template` writes a file with the right columns")
    };
    let text = text.trim_start_matches('\u{feff}');
    // Spreadsheets in some languages write semicolons.
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.contains(';') && !first.contains(',') { b';' } else { b',' };
    let mut csv =
        csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let heads = csv.headers().map_err(|error| wrong(format!("the file is no CSV: {error}")))?.clone();
    let known = |head: &str| COLUMNS.iter().position(|column| column.eq_ignore_ascii_case(head));
    let places: Vec<Option<usize>> = heads.iter().map(known).collect();
    if let Some(strange) = heads.iter().find(|head| !head.is_empty() && known(head).is_none()) {
        return Err(wrong(format!("the column {strange} is none of {}", COLUMNS.join(", "))));
    }
    if !places.iter().flatten().any(|place| *place < 2) {
        return Err(wrong("the file has neither a column `sku` nor `item`".to_owned()));
    }
    let mut products = Vec::new();
    for (record, number) in csv.records().zip(2_usize..) {
        let record = record.map_err(|error| wrong(format!("line {number}: {error}")))?;
        let mut cells: [String; 9] = Default::default();
        for (cell, place) in record.iter().zip(&places) {
            if let Some(slot) = place.and_then(|place| cells.get_mut(place)) {
                *slot = cell.strip_prefix('\'').unwrap_or(cell).to_owned();
            }
        }
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let [sku, item, title, last_price, vat, weight_g, commodity_code, origin, customs_description] = cells;
        products.push(ProductEntry {
            sku,
            item,
            title,
            last_price,
            vat,
            weight_g,
            commodity_code,
            origin,
            customs_description,
        });
    }
    Ok(products)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_reads_back_and_no_cell_is_a_formula() {
        let product = ProductEntry {
            sku: "=CMD()".to_owned(),
            title: "Mug, \"blue\"".to_owned(),
            vat: "standard".to_owned(),
            ..ProductEntry::default()
        };
        let bytes = written(std::slice::from_ref(&product)).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("'=CMD()"));
        assert_eq!(parsed(&text).unwrap(), [product]);
    }

    #[test]
    fn what_a_spreadsheet_makes_of_it_is_read_and_strange_columns_are_named() {
        let products = parsed("\u{feff}SKU;vat\r\nA-1; zero \r\n;\r\n").unwrap();
        assert_eq!((products.len(), products[0].vat.as_str()), (1, "zero"));
        assert!(parsed("sku,vatt\nA,zero\n").unwrap_err().message.contains("vatt"));
        assert!(parsed("title,vat\nA,zero\n").is_err());
    }
}
