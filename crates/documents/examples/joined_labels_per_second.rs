//! How long joining takes, and what the joined document holds:
//! `cargo run --release --example joined_labels_per_second -p ordersync-documents [FOLDER]` (with a folder: the joined
//! labels, a pick list and packing slips are written there).
#![expect(clippy::print_stdout, reason = "an example that prints its measurements")]
#![expect(clippy::disallowed_methods, reason = "measures real time, in no part of the product")]
#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "figures for a person to read")]

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use ordersync_core::paper::{PackingSlip, PaperRenderer, PickList, PickRow, SlipLine};
use ordersync_core::{LabelFormat, SenderProfile};
use ordersync_documents::Paper;
use ordersync_render::{Document, Fonts, PageSize, TextBox};
use ordersync_types::{Country, Currency, Money, Pii, ShipmentRef, Timestamp};

const LABELS: usize = 10_000;
const NAMES: [&str; 8] = [
    "Ada Example",
    "Ben Sample",
    "Zażółć Gęślą",
    "Ελένη Παράδειγμα",
    "Юлия Образец",
    "Chloë Invented",
    "Jørn Tænkt",
    "Maria Giovanna Esempio",
];

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let paper = Paper::new(std::sync::Arc::new(Fonts::dejavu()));
    let file = |name: &str| folder.as_ref().map(|folder| File::create(folder.join(name))).transpose();
    join(&paper, file("labels.pdf")?)?;
    let begun = Instant::now();
    let slips: Vec<PackingSlip> = (0..1000).map(slip).collect();
    let bytes = paper.packing_slips(&slips)?;
    println!("1000 packing slips: {:.2} s, {} bytes", begun.elapsed().as_secs_f64(), bytes.expose().len());
    let begun = Instant::now();
    let list = paper.pick_list(&pick_list(1000))?;
    println!("pick list of 1000 products: {:.2} s, {} bytes", begun.elapsed().as_secs_f64(), list.len());
    if let (Some(mut slips_file), Some(mut list_file)) = (file("slips.pdf")?, file("picklist.pdf")?) {
        slips_file.write_all(paper.packing_slips(slips.get(..8).unwrap_or_default())?.expose())?;
        list_file.write_all(&paper.pick_list(&pick_list(60))?)?;
    }
    Ok(())
}

fn join(paper: &Paper, mut file: Option<File>) -> Result<(), Failure> {
    let fonts = Fonts::dejavu();
    let (mut read, mut written, mut busy) = (0, 0, std::time::Duration::ZERO);
    let mut joiner = paper.join_labels(LabelFormat::Pdf);
    for number in 0..LABELS {
        let label = label(&fonts, number)?;
        let begun = Instant::now();
        let part = joiner.add(&label)?;
        busy += begun.elapsed();
        read += label.expose().len();
        written += part.expose().len();
        if let Some(file) = &mut file {
            file.write_all(part.expose())?;
        }
    }
    let last = joiner.finish()?;
    written += last.len();
    if let Some(file) = &mut file {
        file.write_all(&last)?;
    }
    let seconds = busy.as_secs_f64();
    println!("{LABELS} labels: {read} bytes read, {written} written, {seconds:.2} s");
    println!("{:.0} labels a second; most memory: {}", LABELS as f64 / seconds, most_memory());
    Ok(())
}

fn most_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned()
}

fn label(fonts: &Fonts, number: usize) -> Result<Pii<Vec<u8>>, Failure> {
    let mut document = Document::new(fonts);
    let page = document.page(PageSize::MM_100X150)?;
    let mut y = 20.0;
    let name = NAMES.get(number % NAMES.len()).copied().unwrap_or_default();
    for text in [name, &format!("{number} Invented Street"), "Wexcombe", "ZZ99 9ZZ", "UNITED KINGDOM"] {
        let place = TextBox { width: 92.0, size: 13.0, ..TextBox::at("recipient", 4.0, y) };
        y += page.text(&place, text)?.height;
    }
    page.barcode("reference", 4.0, 100.0, 92.0, 15.0, &reference(number).to_string())?;
    Ok(document.pdf()?)
}

fn reference(number: usize) -> ShipmentRef {
    ShipmentRef::from_random(u64::try_from(number).unwrap_or(0).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

fn at() -> Timestamp {
    Timestamp::from_timestamp(1_795_564_740, 0).unwrap_or_default()
}

fn slip(number: usize) -> PackingSlip {
    let gift = number % 3 == 1;
    let lines = if number == 2 { 60 } else { 3 };
    PackingSlip {
        order_number: format!("204-1234567-{number:07}"),
        ordered_at: at(),
        reference: Some(reference(number)),
        from: Some(SenderProfile {
            name: "Example Goods and Invented Wares Ltd".to_owned(),
            lines: vec!["1 Invented Street".to_owned(), "Wexcombe".to_owned()],
            postcode: "ZZ99 9ZZ".to_owned(),
            country: Country::GB,
        }),
        gift,
        lines: (0..lines).map(|line| slip_line(line, gift && line == 1)).collect(),
        total: Some(Money::new(123_456, Currency::GBP)),
        buyer_note: number
            .is_multiple_of(2)
            .then(|| Pii::new("Please pack it well.\nIt goes to Ben Sample.".to_owned())),
    }
}

fn slip_line(line: i64, gift: bool) -> SlipLine {
    SlipLine {
        sku: Some(format!("EX-{line:04}-BLUE-LARGE-GLAZED")),
        title: "Example mug, hand-painted, with a handle for left-handed and for right-handed people".to_owned(),
        quantity: line + 1,
        price: Some(Money::new((line + 1) * 1234, Currency::GBP)),
        gift_message: gift.then(|| Pii::new("Happy birthday, Ada!\nWith love from all of us.".to_owned())),
        gift_sender: gift.then(|| Pii::new("Ben & Zoë".to_owned())),
        gift_wrap: gift,
    }
}

fn pick_list(products: i64) -> PickList {
    let row = |number: i64| PickRow {
        sku: format!("EX-{number:04}-BLUE-LARGE-GLAZED"),
        title: "Example mug, hand-painted, with a handle for left-handed and for right-handed people".to_owned(),
        quantity: number % 5 + 1,
        orders: (0..=number % 5).map(|order| (format!("204-{number:07}-{order:07}"), 1)).collect(),
    };
    PickList { at: at(), orders: 150, rows: (0..products).map(row).collect() }
}
