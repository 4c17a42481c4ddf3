//! Where everything stands on the label.
//!
//! From the top: the return address small on the left and the service on the right; a thick rule; the recipient, with
//! the postcode in bold where its country has it (before the town on one line, or on a line of its own) and, abroad, the
//! country last; the barcode; reference, parcel and weight.

use ordersync_courier_api::{Consignment, DestinationField, LabelFormat, LabelMedia, LabelSize, Problem};
use ordersync_render::{Align, Area, Document, Fonts, Page, PageSize, RenderError, TextBox, Weight, Words};
use ordersync_types::Grams;

use crate::places::{self, PlaceLine};
use crate::{countries, error};

/// Left free at every edge, in mm: printers do not reach further.
const MARGIN: f32 = 4.0;
/// Height of the zone of return address and service, in mm.
const TOP_ZONE: f32 = 22.0;
/// Thickness of the rule under it.
const RULE: f32 = 0.8;
/// Height of the bars.
const BARS: f32 = 14.0;
/// Height of the last line.
const FOOTER: f32 = 4.5;
/// The recipient stands this much further in than everything else.
const INDENT: f32 = 4.0;

/// How a block may be set: type size in points, and the most lines of one of its entries.
type Setting = (f32, usize);

/// What is tried for a block, in this order, until all of it fits its zone: wrapped a little, then smaller, then wrapped
/// more.
const RECIPIENT: &[Setting] = &[(14.0, 2), (13.0, 2), (12.0, 2), (11.0, 2), (10.0, 2), (12.0, 4), (11.0, 4), (10.0, 4)];
const SENDER: &[Setting] = &[(7.0, 1), (7.0, 2), (6.5, 2), (6.0, 2), (5.5, 2)];
/// The postcode is this much larger than the lines around it: at least 12 points in all.
const POSTCODE_LARGER: f32 = 2.0;
/// Parcels of one consignment.
const MOST_PARCELS: usize = 99;

/// The page, and the label on it in mm; `None` when there is no such label.
pub(crate) fn paper(media: LabelMedia) -> Option<(PageSize, PageSize)> {
    match (media.size, media.format) {
        (LabelSize::Mm100x150, _) => Some((PageSize::MM_100X150, PageSize::MM_100X150)),
        (LabelSize::In4x6, _) => Some((PageSize::IN_4X6, PageSize::IN_4X6)),
        (LabelSize::A6, LabelFormat::Pdf) => Some((PageSize::A6, PageSize::A6)),
        // the upper left quarter of the sheet
        (LabelSize::A4, LabelFormat::Pdf) => Some((PageSize::A4, PageSize::millimetres(105.0, 148.5))),
        (LabelSize::A6 | LabelSize::A4, LabelFormat::Zpl203 | LabelFormat::Zpl300) => None,
    }
}

/// A page for each parcel, or everything that does not fit or cannot be printed.
pub(crate) fn label<'f>(
    fonts: &'f Fonts,
    service: &str,
    consignment: &Consignment,
) -> Result<Document<'f>, Vec<Problem>> {
    let refused = |field, reason: &str| vec![Problem::Refused { field, reason: reason.to_owned() }];
    let (page_size, size) = paper(consignment.media).ok_or_else(|| refused("media", "there is no such label"))?;
    if !(1..=MOST_PARCELS).contains(&consignment.parcels.len()) {
        return Err(refused("parcels", "a consignment has 1 to 99 parcels"));
    }
    let place = places::lines(&consignment.to);
    let mut document = Document::new(fonts);
    for (number, parcel) in (1..).zip(&consignment.parcels) {
        let page = document.page(page_size).map_err(|error| vec![error::problem(&error)])?;
        let mut sheet = Sheet { page, size, problems: Vec::new() };
        sheet.draw_top(service, consignment);
        sheet.draw_recipient(consignment, &place);
        sheet.draw_foot(consignment, number, parcel.weight);
        if !sheet.problems.is_empty() {
            return Err(sheet.problems);
        }
    }
    Ok(document)
}

/// A label being drawn.
struct Sheet<'p, 'f> {
    page: &'p mut Page<'f>,
    /// The label on the page.
    size: PageSize,
    problems: Vec<Problem>,
}

/// A line or two of a block.
struct Entry<'t> {
    field: &'static str,
    words: Words<'t>,
    postcode: bool,
}

impl<'t> Entry<'t> {
    fn own(field: &'static str, words: &'t str) -> Self {
        Self { field, words: Words::Own(words), postcode: false }
    }

    fn place(&self, area: Area, y: f32, (size, lines): Setting) -> TextBox {
        let (size, lines, weight) = match self.postcode {
            true => (size + POSTCODE_LARGER, lines, Weight::Bold),
            false => (size, lines, Weight::Regular),
        };
        let width = area.width;
        TextBox { width, lines, size, least_size: size, weight, ..TextBox::at(self.field, area.x, y) }
    }
}

impl Sheet<'_, '_> {
    fn draw_top(&mut self, service: &str, consignment: &Consignment) {
        let from = &consignment.from;
        let width = self.size.width() - 2.0 * MARGIN;
        let country = abroad(consignment).then(|| countries::name(from.country));
        let mut entries = vec![Entry::own("sender_name", &from.name)];
        entries.extend(from.lines.iter().map(|line| Entry::own("sender_address", line)));
        entries.push(Entry::own("sender_postcode", &from.postcode));
        entries.extend(country.map(|name| Entry::own("sender_country", name)));
        let left = Area { x: MARGIN, y: MARGIN, width: width * 0.56, height: TOP_ZONE };
        self.draw_block(&entries, left, SENDER);
        let place = TextBox {
            width: width * 0.4,
            lines: 3,
            size: 11.0,
            least_size: 8.0,
            weight: Weight::Bold,
            align: Align::Right,
            ..TextBox::at("service", MARGIN + width * 0.6, MARGIN)
        };
        let drawn = self.page.text(&place, service);
        self.note(drawn.map(|_| ()));
        let rule = Area { x: MARGIN, y: MARGIN + TOP_ZONE, width, height: RULE };
        let drawn = self.page.fill(rule);
        self.note(drawn);
    }

    fn draw_recipient(&mut self, consignment: &Consignment, place: &[PlaceLine]) {
        use DestinationField as Field;
        let to = &consignment.to;
        let lines = [Field::Name, Field::Company, Field::AddressLine1, Field::AddressLine2, Field::AddressLine3];
        let mut entries = Vec::with_capacity(lines.len() + place.len() + 2);
        for field in lines {
            let Some(words) = to.get(field).map(Words::Personal) else { continue };
            entries.push(Entry { field: field.name(), words, postcode: false });
        }
        let own = abroad(consignment).then(|| countries::name(to.country));
        // An island with British post stands above the postcode, as its post offices have it.
        let island = own.filter(|_| places::is_island_of_british_post(to.country));
        for line in place {
            if let (true, Some(island)) = (line.postcode, island) {
                entries.push(Entry::own("country", island));
            }
            entries.push(Entry { field: line.field, words: Words::Personal(&line.words), postcode: line.postcode });
        }
        let last = if island.is_some() && place.iter().any(|line| line.postcode) { None } else { own };
        entries.extend(last.map(|country| Entry::own("country", country)));
        let y = MARGIN + TOP_ZONE + RULE + 4.0;
        let width = self.size.width() - 2.0 * MARGIN - INDENT;
        let height = self.size.height() - MARGIN - FOOTER - BARS - 3.0 - y;
        self.draw_block(&entries, Area { x: MARGIN + INDENT, y, width, height }, RECIPIENT);
    }

    /// Entries below each other, in the first of the settings in which all of them fit the area.
    fn draw_block(&mut self, entries: &[Entry<'_>], area: Area, settings: &[Setting]) {
        let setting = settings.iter().find(|setting| self.fits(entries, area, **setting));
        // in the last one even if they do not fit: then the entries at fault are found and named
        let Some(setting) = setting.or(settings.last()) else { return };
        let mut y = area.y;
        for entry in entries {
            match self.page.text(&entry.place(area, y, *setting), entry.words) {
                Ok(extent) => y += extent.height,
                Err(error) => self.problems.push(error::problem(&error)),
            }
            if y > area.y + area.height {
                let found = characters(entry.words);
                return self.problems.push(Problem::TooLong { field: entry.field, found });
            }
        }
    }

    fn fits(&self, entries: &[Entry<'_>], area: Area, setting: Setting) -> bool {
        let mut height = 0.0;
        for entry in entries {
            match self.page.measure(&entry.place(area, 0.0, setting), entry.words) {
                Ok(extent) => height += extent.height,
                Err(_) => return false,
            }
        }
        height <= area.height
    }

    fn draw_foot(&mut self, consignment: &Consignment, number: usize, weight: Option<Grams>) {
        let width = self.size.width() - 2.0 * MARGIN;
        let y = self.size.height() - MARGIN - FOOTER;
        let reference = consignment.reference.as_str();
        let drawn = self.page.barcode("reference", MARGIN, y - BARS - 1.0, width, BARS, reference);
        self.note(drawn);
        let mut text = format!("{reference} · parcel {number} of {}", consignment.parcels.len());
        if let Some(weight) = weight {
            text.push_str(" · ");
            text.push_str(&weight_text(weight));
        }
        let place = TextBox { width, size: 9.0, align: Align::Centre, ..TextBox::at("footer", MARGIN, y) };
        let drawn = self.page.text(&place, text.as_str());
        self.note(drawn.map(|_| ()));
    }

    fn note(&mut self, drawn: Result<(), RenderError>) {
        if let Err(error) = drawn {
            self.problems.push(error::problem(&error));
        }
    }
}

fn abroad(consignment: &Consignment) -> bool {
    consignment.from.country != consignment.to.country
}

fn characters(words: Words<'_>) -> usize {
    match words {
        Words::Own(own) => own.chars().count(),
        Words::Personal(personal) => personal.expose().chars().count(),
    }
}

/// `350 g`, `1 kg`, `1.25 kg`.
fn weight_text(weight: Grams) -> String {
    let grams = weight.number();
    if grams < 1000 {
        return format!("{grams} g");
    }
    let decimals = format!("{:03}", grams % 1000);
    let decimals = decimals.trim_end_matches('0');
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{}{point}{decimals} kg", grams / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_short() {
        for (grams, text) in [(0, "0 g"), (999, "999 g"), (1000, "1 kg"), (1250, "1.25 kg"), (20_005, "20.005 kg")] {
            assert_eq!(weight_text(Grams::new(grams)), text);
        }
    }
}
