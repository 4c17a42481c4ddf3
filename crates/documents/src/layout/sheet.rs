//! Bands become pages.

use ordersync_render::{Align, Area, Document, PageSize, RenderError, TextBox};
use ordersync_types::Pii;

use super::{LEFT, Ruler, Style, WIDTH};

/// Upper edge of the first band, in mm.
const TOP: f32 = 15.0;
/// Lower edge of the last band.
const BOTTOM: f32 = 279.0;
/// Upper edge of the line at the foot.
const FOOT: f32 = 283.0;

/// A strip across the page that is not broken.
#[derive(Debug, Clone)]
pub(crate) struct Band {
    /// In mm.
    pub(crate) height: f32,
    /// What stands in it, its places counted from its upper edge.
    pub(crate) items: Vec<Item>,
}

/// What can stand in a band. Lengths in mm.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    /// One line of text.
    Text(TextItem),
    /// A black rule.
    Rule { x: f32, y: f32, width: f32, height: f32 },
    /// A Code 128 barcode.
    Barcode { field: &'static str, x: f32, y: f32, width: f32, height: f32, content: String },
}

/// One line of text.
#[derive(Debug, Clone)]
pub(crate) struct TextItem {
    pub(crate) field: &'static str,
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) align: Align,
    pub(crate) style: Style,
    pub(crate) words: Pii<String>,
}

impl Band {
    pub(crate) fn space(height: f32) -> Self {
        Self { height, items: Vec::new() }
    }
}

/// Bands that stay on one page if one page can hold them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    pub(crate) bands: Vec<Band>,
    /// Whether it belongs below the titles of columns.
    pub(crate) is_of_table: bool,
}

impl Row {
    /// A text as wide as the page.
    ///
    /// # Errors
    /// The text has a character that cannot be printed.
    pub(crate) fn text(ruler: &Ruler<'_>, field: &'static str, style: Style, text: &str) -> Result<Self, RenderError> {
        let lines = ruler.lines(field, text, style, WIDTH)?;
        let bands = lines.into_iter().map(|words| {
            let text = TextItem { field, x: LEFT, y: 0.0, width: WIDTH, align: Align::Left, style, words };
            Band { height: style.pitch(), items: vec![Item::Text(text)] }
        });
        Ok(Self { bands: bands.collect(), is_of_table: false })
    }

    pub(crate) fn of(band: Band) -> Self {
        Self { bands: vec![band], is_of_table: false }
    }

    fn height(&self) -> f32 {
        self.bands.iter().map(|band| band.height).sum()
    }
}

/// A run of A4 pages: rows, and what stands above them on each page but the first.
pub(crate) struct Sheet {
    pub(crate) rows: Vec<Row>,
    /// At the top of a page that goes on.
    pub(crate) goes_on: Row,
    /// Below that, where rows of a table go on.
    pub(crate) titles: Row,
    /// At the foot of each page, before the page's number.
    pub(crate) foot: String,
}

impl Sheet {
    /// Draws the pages.
    ///
    /// # Errors
    /// What render says.
    pub(crate) fn draw(self, document: &mut Document<'_>) -> Result<(), RenderError> {
        let foot = self.foot.clone();
        let pages = self.pages();
        let count = pages.len();
        for (bands, number) in pages.into_iter().zip(1_usize..) {
            let page = document.page(PageSize::A4)?;
            let mut y = TOP;
            for band in &bands {
                for item in &band.items {
                    draw(page, item, y)?;
                }
                y += band.height;
            }
            let Style { size, weight } = Style::SMALL;
            let place = TextBox {
                width: WIDTH,
                lines: 2,
                size,
                weight,
                align: Align::Centre,
                ..TextBox::at("foot of the page", LEFT, FOOT)
            };
            page.text(&place, format!("{foot} – page {number} of {count}").as_str())?;
        }
        Ok(())
    }

    /// Which bands stand on which page.
    fn pages(self) -> Vec<Vec<Band>> {
        let Self { rows, goes_on, titles, .. } = self;
        let begin = |is_of_table: bool| {
            let mut bands = goes_on.bands.clone();
            if is_of_table {
                bands.extend(titles.bands.iter().cloned());
            }
            let left = BOTTOM - TOP - bands.iter().map(|band| band.height).sum::<f32>();
            (bands, left)
        };
        let mut pages = Vec::new();
        let (mut bands, mut left) = (Vec::new(), BOTTOM - TOP);
        for row in rows {
            let height = row.height();
            if height > left && height <= begin(row.is_of_table).1 {
                pages.push(std::mem::take(&mut bands));
                (bands, left) = begin(row.is_of_table);
            }
            for band in row.bands {
                if band.height > left {
                    pages.push(std::mem::take(&mut bands));
                    (bands, left) = begin(row.is_of_table);
                }
                left -= band.height;
                bands.push(band);
            }
        }
        pages.push(bands);
        pages
    }
}

fn draw(page: &mut ordersync_render::Page<'_>, item: &Item, top: f32) -> Result<(), RenderError> {
    match item {
        Item::Text(TextItem { field, x, y, width, align, style, words }) => {
            let Style { size, weight } = *style;
            let (width, align) = (*width, *align);
            let place = TextBox { width, size, least_size: size, weight, align, ..TextBox::at(field, *x, top + y) };
            page.text(&place, words)?;
            Ok(())
        }
        Item::Rule { x, y, width, height } => page.fill(Area { x: *x, y: top + y, width: *width, height: *height }),
        Item::Barcode { field, x, y, width, height, content } => {
            page.barcode(field, *x, top + y, *width, *height, content)
        }
    }
}
