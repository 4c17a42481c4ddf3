//! The pick list: what to fetch from the shelves. Holds no person.

use ordersync_core::paper::{PaperError, PickList, PickRow};
use ordersync_render::{Align, Document, Fonts, RenderError};

use crate::layout::{Band, Cell, Column, Row, Ruler, Sheet, Style, date, header, row, unprintable};

const SKU: Column = Column { field: "SKU", title: "SKU", x: 15.0, width: 36.0, align: Align::Left };
const TITLE: Column = Column { field: "title", title: "Title", x: 53.0, width: 70.0, align: Align::Left };
const QUANTITY: Column = Column { field: "quantity", title: "Pieces", x: 124.0, width: 14.0, align: Align::Right };
const ORDERS: Column = Column { field: "orders", title: "Orders", x: 141.0, width: 54.0, align: Align::Left };
const COLUMNS: [Column; 4] = [SKU, TITLE, QUANTITY, ORDERS];

/// Writes the PDF.
pub(crate) fn write(fonts: &Fonts, list: &PickList) -> Result<Vec<u8>, PaperError> {
    let ruler = Ruler::new(fonts);
    let at_top = |error| unprintable("", &error);
    let mut rows = head(&ruler, list).map_err(at_top)?;
    for product in &list.rows {
        rows.push(product_row(&ruler, product).map_err(|error| unprintable(&format!("SKU {}", product.sku), &error))?);
    }
    let name = format!("Pick list, {}", date(list.at));
    let mut goes_on = Row::text(&ruler, "head of the page", Style::STRONG, &name).map_err(at_top)?;
    goes_on.bands.push(Band::space(2.0));
    let sheet = Sheet { rows, goes_on, titles: header(COLUMNS), foot: name };
    let mut document = Document::new(fonts);
    sheet.draw(&mut document).map_err(at_top)?;
    let bytes = document.pdf().map_err(at_top)?;
    Ok(bytes.expose().clone())
}

fn head(ruler: &Ruler<'_>, list: &PickList) -> Result<Vec<Row>, RenderError> {
    let pieces: i64 = list.rows.iter().fold(0, |sum, row| sum.saturating_add(row.quantity));
    let products = list.rows.len();
    let summary = format!(
        "{}: {}, {}, {}",
        date(list.at),
        counted(list.orders, "order", "orders"),
        counted(products, "product", "products"),
        counted(usize::try_from(pieces).unwrap_or(0), "piece", "pieces"),
    );
    let mut rows = vec![
        Row::text(ruler, "head of the page", Style::TITLE, "Pick list")?,
        Row::text(ruler, "head of the page", Style::TEXT, &summary)?,
        Row::of(Band::space(4.0)),
    ];
    rows.push(match products {
        0 => Row::text(ruler, "head of the page", Style::TEXT, "There is nothing to fetch.")?,
        _ => header(COLUMNS),
    });
    Ok(rows)
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn product_row(ruler: &Ruler<'_>, product: &PickRow) -> Result<Row, RenderError> {
    let orders: Vec<String> = product.orders.iter().map(|(order, pieces)| format!("{order} × {pieces}")).collect();
    let orders = ruler.list(ORDERS.field, &orders, Style::SMALL, ORDERS.width)?;
    Ok(row(vec![
        Cell::new(SKU).add(ruler, SKU.field, Style::TEXT, &product.sku)?,
        Cell::new(TITLE).add(ruler, TITLE.field, Style::TEXT, &product.title)?,
        Cell::new(QUANTITY).add(ruler, QUANTITY.field, Style::STRONG, &product.quantity.to_string())?,
        Cell::new(ORDERS).with_lines(Style::SMALL, orders),
    ]))
}
