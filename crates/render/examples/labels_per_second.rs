//! How long a label takes and how large it is:
//! `cargo run --release --example labels_per_second -p ordersync-render [FOLDER]` (with a folder: one of each is written).
#![expect(clippy::print_stdout, reason = "an example that prints its measurements")]
#![expect(clippy::disallowed_methods, reason = "measures real time, in no part of the product")]
#![expect(clippy::float_arithmetic, reason = "milliseconds for a person to read")]

use std::path::PathBuf;
use std::time::Instant;

use ordersync_render::{Align, Area, Document, Fonts, PageSize, RenderError, Resolution, TextBox, Weight};

const LABELS: u32 = 500;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let fonts = Fonts::dejavu();
    for format in ["pdf", "203.zpl", "300.zpl"] {
        let begun = Instant::now();
        let mut bytes = 0;
        for number in 0..LABELS {
            let drawn = draw(&label(&fonts, number)?, format)?;
            bytes = drawn.expose().len();
            if let Some(folder) = folder.as_ref().filter(|_| number == 0) {
                std::fs::write(folder.join(format!("label.{format}")), drawn.expose())?;
            }
        }
        let each = begun.elapsed().as_secs_f64() * 1000.0 / f64::from(LABELS);
        println!("{format}: {each:.3} ms and {bytes} bytes a label");
    }
    Ok(())
}

fn draw(document: &Document<'_>, format: &str) -> Result<ordersync_types::Pii<Vec<u8>>, RenderError> {
    match format {
        "203.zpl" => document.zpl(Resolution::Dpi203),
        "300.zpl" => document.zpl(Resolution::Dpi300),
        _ => document.pdf(),
    }
}

fn label(fonts: &Fonts, number: u32) -> Result<Document<'_>, RenderError> {
    let mut document = Document::new(fonts);
    let page = document.page(PageSize::MM_100X150)?;
    let small =
        TextBox { width: 50.0, lines: 4, size: 7.0, least_size: 6.0, ..TextBox::at("return address", 4.0, 4.0) };
    page.text(&small, "Example Goods Ltd, 1 Invented Street, Wexcombe, ZZ99 9ZZ")?;
    let service = TextBox {
        x: 56.0,
        width: 40.0,
        align: Align::Right,
        weight: Weight::Bold,
        ..TextBox::at("service", 56.0, 4.0)
    };
    page.text(&service, "2nd class, stamps")?;
    page.fill(Area { x: 4.0, y: 24.0, width: 92.0, height: 0.8 })?;
    let mut y = 30.0;
    let lines = ["Maria Giovanna Esposito", "Via Garibaldi 12, interno 4", "ROMA RM", "00184", "ITALY"];
    for (place, text) in lines.into_iter().enumerate() {
        let weight = if place == 3 { Weight::Bold } else { Weight::Regular };
        let line =
            TextBox { width: 92.0, lines: 2, size: 13.0, least_size: 10.0, weight, ..TextBox::at("recipient", 4.0, y) };
        y += page.text(&line, text)?.height;
    }
    let reference = format!("OS{number:08}K7");
    page.barcode("reference", 4.0, 100.0, 92.0, 15.0, &reference)?;
    let footer = TextBox { width: 92.0, size: 8.0, align: Align::Centre, ..TextBox::at("footer", 4.0, 117.0) };
    page.text(&footer, format!("{reference}   parcel 1 of 1   350 g").as_str())?;
    page.frame(Area { x: 2.0, y: 2.0, width: 96.0, height: 146.0 }, 0.3)?;
    Ok(document)
}
