//! Rows of cells.

use ordersync_render::{Align, RenderError};
use ordersync_types::Pii;

use super::sheet::{Band, Item, Row, TextItem};
use super::{LEFT, Ruler, Style, WIDTH};

/// Space above the text of a row and below it, in mm.
const PADDING: f32 = 1.2;
/// Thickness of the rule below a row, in mm.
const RULE: f32 = 0.15;
/// Thickness of the rule below the titles of columns.
const HEADER_RULE: f32 = 0.5;

/// A column: where it stands in mm, and what is in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Column {
    /// What its texts are called in errors.
    pub(crate) field: &'static str,
    /// What stands above it.
    pub(crate) title: &'static str,
    pub(crate) x: f32,
    pub(crate) width: f32,
    pub(crate) align: Align,
}

/// The lines of one cell.
pub(crate) struct Cell {
    column: Column,
    lines: Vec<(Style, Pii<String>)>,
}

impl Cell {
    pub(crate) fn new(column: Column) -> Self {
        Self { column, lines: Vec::new() }
    }

    /// Adds a text below what is in the cell. `field`: what it is called in errors.
    ///
    /// # Errors
    /// The text has a character that cannot be printed.
    pub(crate) fn add(
        mut self,
        ruler: &Ruler<'_>,
        field: &'static str,
        style: Style,
        text: &str,
    ) -> Result<Self, RenderError> {
        let lines = ruler.lines(field, text, style, self.column.width)?;
        self.lines.extend(lines.into_iter().map(|line| (style, line)));
        Ok(self)
    }

    /// Adds lines that were made already.
    pub(crate) fn with_lines(mut self, style: Style, lines: Vec<Pii<String>>) -> Self {
        self.lines.extend(lines.into_iter().map(|line| (style, line)));
        self
    }
}

/// The titles of columns, with a rule below.
pub(crate) fn header(columns: impl IntoIterator<Item = Column>) -> Row {
    let cells = columns
        .into_iter()
        .map(|column| Cell { column, lines: vec![(Style::SMALL_STRONG, Pii::new(column.title.to_owned()))] });
    titles(cells.collect())
}

/// As [`header`], of cells that were filled already.
pub(crate) fn titles(cells: Vec<Cell>) -> Row {
    ruled(cells, HEADER_RULE)
}

/// A row of a table: as many bands as its longest cell has lines, and a rule.
pub(crate) fn row(cells: Vec<Cell>) -> Row {
    ruled(cells, RULE)
}

fn ruled(cells: Vec<Cell>, thickness: f32) -> Row {
    let mut bands = vec![Band::space(PADDING)];
    let mut columns: Vec<_> = cells.into_iter().map(|cell| (cell.column, cell.lines.into_iter())).collect();
    loop {
        let mut band = Band::space(0.0);
        for (column, lines) in &mut columns {
            let Some((style, words)) = lines.next() else { continue };
            band.height = band.height.max(style.pitch());
            let Column { field, x, width, align, .. } = *column;
            band.items.push(Item::Text(TextItem { field, x, y: 0.0, width, align, style, words }));
        }
        if band.items.is_empty() {
            break;
        }
        bands.push(band);
    }
    // in the last band, so that it does not go on to another page by itself
    if let Some(last) = bands.last_mut() {
        let y = last.height + PADDING;
        last.items.push(Item::Rule { x: LEFT, y, width: WIDTH, height: thickness });
        last.height = y + thickness;
    }
    Row { bands, is_of_table: true }
}
