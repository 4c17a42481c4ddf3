//! Packing slips: what goes into a parcel for the buyer to read. Whom it goes to stands on the label alone.

use ordersync_core::SenderProfile;
use ordersync_core::paper::{PackingSlip, PaperError, SlipLine};
use ordersync_render::{Align, Document, Fonts, RenderError};
use ordersync_types::{Pii, ShipmentRef};

use crate::layout::{
    Band, Cell, Column, Item, LEFT, Row, Ruler, Sheet, Style, TextItem, WIDTH, date, header, row, unprintable,
};

const SKU: Column = Column { field: "SKU", title: "SKU", x: 15.0, width: 36.0, align: Align::Left };
const TITLE: Column = Column { field: "title", title: "Title", x: 53.0, width: 92.0, align: Align::Left };
const QUANTITY: Column = Column { field: "quantity", title: "Quantity", x: 147.0, width: 16.0, align: Align::Right };
const PRICE: Column = Column { field: "price", title: "Price", x: 165.0, width: 30.0, align: Align::Right };

/// The columns after the first.
#[derive(Clone, Copy)]
struct Columns {
    title: Column,
    quantity: Column,
    /// `None` on the slip of a present.
    price: Option<Column>,
}

impl Columns {
    const WITH_PRICES: Self = Self { title: TITLE, quantity: QUANTITY, price: Some(PRICE) };
    const OF_PRESENT: Self = Self {
        title: Column { width: 122.0, ..TITLE },
        quantity: Column { x: 177.0, width: 18.0, ..QUANTITY },
        price: None,
    };

    fn titles(self) -> Row {
        header([SKU, self.title, self.quantity].into_iter().chain(self.price))
    }
}

/// The barcode of the reference stands at the right edge, and the seller beside it; in mm.
const CODE_WIDTH: f32 = 76.0;
const CODE_HEIGHT: f32 = 14.0;
const SELLER_WIDTH: f32 = WIDTH - CODE_WIDTH - 4.0;

/// Writes the PDF.
pub(crate) fn write(fonts: &Fonts, slips: &[PackingSlip]) -> Result<Pii<Vec<u8>>, PaperError> {
    if slips.is_empty() {
        return Err(PaperError { field: "orders".to_owned(), reason: "there is none to print a slip of".to_owned() });
    }
    let ruler = Ruler::new(fonts);
    let mut document = Document::new(fonts);
    for slip in slips {
        let of_order = |error| unprintable(&format!("order {}", slip.order_number), &error);
        let sheet = sheet(&ruler, slip)?;
        sheet.draw(&mut document).map_err(of_order)?;
    }
    document.pdf().map_err(|error| unprintable("", &error))
}

fn sheet(ruler: &Ruler<'_>, slip: &PackingSlip) -> Result<Sheet, PaperError> {
    let order = format!("order {}", slip.order_number);
    let of_order = |error| unprintable(&order, &error);
    let columns = if slip.gift { Columns::OF_PRESENT } else { Columns::WITH_PRICES };
    let mut rows = head(ruler, slip).map_err(of_order)?;
    rows.push(columns.titles());
    for (line, number) in slip.lines.iter().zip(1_usize..) {
        let row = line_row(ruler, line, columns);
        rows.push(row.map_err(|error| unprintable(&format!("{order}, line {number}"), &error))?);
    }
    if let Some(total) = slip.total.filter(|_| !slip.gift) {
        rows.push(total_row(ruler, &total.to_string()).map_err(of_order)?);
    }
    if let Some(note) = &slip.buyer_note {
        rows.extend(note_rows(ruler, note).map_err(of_order)?);
    }
    let name = format!("Packing slip of order {}", slip.order_number);
    let mut goes_on = Row::text(ruler, "order number", Style::STRONG, &name).map_err(of_order)?;
    goes_on.bands.push(Band::space(2.0));
    Ok(Sheet { rows, goes_on, titles: columns.titles(), foot: format!("Order {}", slip.order_number) })
}

fn head(ruler: &Ruler<'_>, slip: &PackingSlip) -> Result<Vec<Row>, RenderError> {
    let mut rows = Vec::new();
    if slip.from.is_some() || slip.reference.is_some() {
        let mut band = slip.from.as_ref().map_or_else(|| Ok(Band::space(0.0)), |from| seller(ruler, from))?;
        if let Some(reference) = &slip.reference {
            add_reference(&mut band, reference);
        }
        rows.push(Row::of(band));
        rows.push(Row::of(Band::space(8.0)));
    }
    rows.push(Row::text(ruler, "head of the page", Style::TITLE, "Packing slip")?);
    let order = format!("Order {}, {}", slip.order_number, date(slip.ordered_at));
    rows.push(Row::text(ruler, "order number", Style::TEXT, &order)?);
    rows.push(Row::of(Band::space(4.0)));
    Ok(rows)
}

/// The seller's name and address, at the left.
fn seller(ruler: &Ruler<'_>, from: &SenderProfile) -> Result<Band, RenderError> {
    let country = from.country.to_string();
    let address = from.lines.iter().chain([&from.postcode, &country]);
    let texts = std::iter::once(("seller's name", Style::NAME, &from.name))
        .chain(address.map(|line| ("seller's address", Style::SMALL, line)));
    let mut band = Band::space(0.0);
    for (field, style, text) in texts {
        for words in ruler.lines(field, text, style, SELLER_WIDTH)? {
            let (y, width, align) = (band.height, SELLER_WIDTH, Align::Left);
            band.items.push(Item::Text(TextItem { field, x: LEFT, y, width, align, style, words }));
            band.height += style.pitch();
        }
    }
    Ok(band)
}

/// The shipment's reference as a barcode and below it in letters, at the right.
fn add_reference(band: &mut Band, reference: &ShipmentRef) {
    let (field, x, width) = ("reference", LEFT + WIDTH - CODE_WIDTH, CODE_WIDTH);
    let content = reference.to_string();
    let style = Style::SMALL_STRONG;
    let words = Pii::new(content.clone());
    band.items.push(Item::Barcode { field, x, y: 0.0, width, height: CODE_HEIGHT, content });
    let y = CODE_HEIGHT + 1.0;
    band.items.push(Item::Text(TextItem { field, x, y, width, align: Align::Centre, style, words }));
    band.height = band.height.max(y + style.pitch());
}

fn line_row(ruler: &Ruler<'_>, line: &SlipLine, columns: Columns) -> Result<Row, RenderError> {
    let sku = line.sku.as_deref().unwrap_or_default();
    let quantity = line.quantity.to_string();
    let mut cells = vec![
        Cell::new(SKU).add(ruler, SKU.field, Style::TEXT, sku)?,
        described(ruler, Cell::new(columns.title), line)?,
        Cell::new(columns.quantity).add(ruler, QUANTITY.field, Style::STRONG, &quantity)?,
    ];
    if let (Some(column), Some(price)) = (columns.price, line.price) {
        cells.push(Cell::new(column).add(ruler, PRICE.field, Style::TEXT, &price.to_string())?);
    }
    Ok(row(cells))
}

/// The title, and what the giver asked for.
fn described(ruler: &Ruler<'_>, cell: Cell, line: &SlipLine) -> Result<Cell, RenderError> {
    let mut cell = cell.add(ruler, TITLE.field, Style::TEXT, &line.title)?;
    if line.gift_wrap {
        cell = cell.add(ruler, "to be wrapped", Style::SMALL_STRONG, "\u{2610} To be wrapped")?;
    }
    if let Some(message) = &line.gift_message {
        cell = cell.add(ruler, "gift message", Style::SMALL_STRONG, "Message:")?;
        cell = cell.add(ruler, "gift message", Style::SMALL, message.expose())?;
    }
    if let Some(sender) = &line.gift_sender {
        cell = cell.add(ruler, "gift sender", Style::SMALL_STRONG, "From:")?;
        cell = cell.add(ruler, "gift sender", Style::SMALL, sender.expose())?;
    }
    Ok(cell)
}

fn total_row(ruler: &Ruler<'_>, total: &str) -> Result<Row, RenderError> {
    let words = Column { x: LEFT, width: PRICE.x - LEFT - 2.0, align: Align::Right, ..TITLE };
    let row = row(vec![
        Cell::new(words).add(ruler, "total", Style::TEXT, "Total, delivery included")?,
        Cell::new(PRICE).add(ruler, "total", Style::STRONG, total)?,
    ]);
    Ok(row)
}

fn note_rows(ruler: &Ruler<'_>, note: &Pii<String>) -> Result<Vec<Row>, RenderError> {
    let text = Row::text(ruler, "buyer's note", Style::TEXT, note.expose())?;
    if text.bands.is_empty() {
        return Ok(Vec::new());
    }
    let mut heading = Row::text(ruler, "buyer's note", Style::STRONG, "Note from the buyer")?;
    heading.bands.insert(0, Band::space(6.0));
    // a heading stays with the text below it, or with its first line when that goes on on another page
    let mut bands = text.bands.into_iter();
    heading.bands.extend(bands.by_ref().take(2));
    let rest = bands.map(Row::of);
    Ok(std::iter::once(heading).chain(rest).collect())
}
