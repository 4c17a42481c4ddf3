//! ZPL: printers take one format after the other, so that labels are simply put in a row.

use ordersync_core::paper::{LabelJoiner, PaperError};
use ordersync_types::Pii;

/// Labels in a row, each from `^XA` to `^XZ` and a line end.
#[derive(Debug, Default)]
pub(crate) struct ZplJoiner {
    labels: usize,
}

impl LabelJoiner for ZplJoiner {
    fn add(&mut self, label: &Pii<Vec<u8>>) -> Result<Pii<Vec<u8>>, PaperError> {
        let label = label.expose().trim_ascii();
        let label = label.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(label).trim_ascii_start();
        if !label.starts_with(b"^XA") || !label.ends_with(b"^XZ") {
            return Err(super::refused("it is no ZPL from ^XA to ^XZ; ask the courier for the label again"));
        }
        let mut next = Vec::with_capacity(label.len() + 1);
        next.extend_from_slice(label);
        next.push(b'\n');
        self.labels += 1;
        Ok(Pii::new(next))
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, PaperError> {
        if self.labels == 0 { Err(super::empty()) } else { Ok(Vec::new()) }
    }
}
