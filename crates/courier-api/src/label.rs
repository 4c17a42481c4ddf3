//! A label: its media, its bytes, and what the courier calls it.

use std::fmt;
use std::str::FromStr;

use ordersync_types::Pii;

use crate::{CourierError, ErrorKind, Retry};

/// The size of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelSize {
    /// 100 by 150 millimetres.
    Mm100x150,
    /// 4 by 6 inches.
    In4x6,
    /// 105 by 148 millimetres.
    A6,
    /// 210 by 297 millimetres.
    A4,
}

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelFormat {
    /// A PDF document.
    Pdf,
    /// ZPL II for a printer with 203 dots an inch (8 a millimetre).
    Zpl203,
    /// ZPL II for a printer with 300 dots an inch (11.8 a millimetre).
    Zpl300,
}

/// Size and format of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelMedia {
    /// The paper.
    pub size: LabelSize,
    /// The bytes.
    pub format: LabelFormat,
}

/// A text is no size or format of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownMedia(&'static str);

impl LabelSize {
    /// Every size.
    pub const ALL: [Self; 4] = [Self::Mm100x150, Self::In4x6, Self::A6, Self::A4];

    /// The name that people type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mm100x150 => "100x150",
            Self::In4x6 => "4x6",
            Self::A6 => "a6",
            Self::A4 => "a4",
        }
    }
}

impl LabelFormat {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Zpl203, Self::Zpl300];

    /// The name that people type.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Zpl203 => "zpl203",
            Self::Zpl300 => "zpl300",
        }
    }

    /// Whether it is ZPL.
    pub const fn is_zpl(self) -> bool {
        match self {
            Self::Pdf => false,
            Self::Zpl203 | Self::Zpl300 => true,
        }
    }
}

impl FromStr for LabelSize {
    type Err = UnknownMedia;

    fn from_str(text: &str) -> Result<Self, UnknownMedia> {
        let found = Self::ALL.into_iter().find(|size| size.name() == text);
        found.ok_or(UnknownMedia("not a size of labels: 100x150, 4x6, a6 or a4"))
    }
}

impl FromStr for LabelFormat {
    type Err = UnknownMedia;

    fn from_str(text: &str) -> Result<Self, UnknownMedia> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or(UnknownMedia("not a format of labels: pdf, zpl203 or zpl300"))
    }
}

impl fmt::Display for LabelMedia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.format.name(), self.size.name())
    }
}

impl FromStr for LabelMedia {
    type Err = UnknownMedia;

    /// `FORMAT/SIZE`, as [`fmt::Display`] writes it.
    fn from_str(text: &str) -> Result<Self, UnknownMedia> {
        let (format, size) = text.split_once('/').ok_or(UnknownMedia("not FORMAT/SIZE"))?;
        Ok(Self { format: format.parse()?, size: size.parse()? })
    }
}

/// What the courier calls a consignment; holds no person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CourierKeys {
    /// The courier's own id of the consignment.
    pub shipment_id: Option<String>,
    /// Tracking numbers, one for each parcel; empty for a service without.
    pub tracking: Vec<String>,
}

/// A label that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Size and format.
    pub media: LabelMedia,
    /// The document: names and addresses of people are in it.
    pub bytes: Pii<Vec<u8>>,
    /// What the courier calls it.
    pub keys: CourierKeys,
}

impl Label {
    /// The most bytes that a label may have: 8 MiB, what the vault seals as one document.
    pub const MOST_BYTES: usize = 8 << 20;

    /// A label, after a look at its first bytes: a courier's own word for what they are is not taken.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] when they are not what `media` says, or are too many. The outcome is unclear then: the
    /// courier has made a label.
    pub fn new(media: LabelMedia, bytes: Pii<Vec<u8>>, keys: CourierKeys) -> Result<Self, CourierError> {
        let malformed = |message: &str| {
            let mut error = CourierError::new(ErrorKind::Malformed, Retry::Never, "label", message);
            error.unclear = true;
            Err(error)
        };
        let found = bytes.expose();
        if found.len() > Self::MOST_BYTES {
            return malformed("the label is larger than 8 MiB");
        }
        let start = found.trim_ascii_start();
        let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
        let fits = match media.format {
            LabelFormat::Pdf => start.starts_with(b"%PDF-"),
            LabelFormat::Zpl203 | LabelFormat::Zpl300 => start.starts_with(b"^XA"),
        };
        if fits { Ok(Self { media, bytes, keys }) } else { malformed("the courier's answer is not a label") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_read_back_and_unknown_ones_are_named() {
        for size in LabelSize::ALL {
            for format in LabelFormat::ALL {
                let media = LabelMedia { size, format };
                assert_eq!(media.to_string().parse(), Ok(media));
            }
        }
        assert!("png/a6".parse::<LabelMedia>().unwrap_err().to_string().contains("zpl203"));
        assert!("pdf/a5".parse::<LabelMedia>().unwrap_err().to_string().contains("100x150"));
    }

    #[test]
    fn bytes_are_looked_at() {
        let made = |format, bytes: &[u8]| {
            let media = LabelMedia { size: LabelSize::A6, format };
            Label::new(media, Pii::new(bytes.to_vec()), CourierKeys::default())
        };
        assert!(made(LabelFormat::Pdf, b"%PDF-1.7 ...").is_ok());
        assert!(made(LabelFormat::Zpl203, b"\xEF\xBB\xBF^XA^XZ").is_ok());
        assert!(made(LabelFormat::Zpl300, b"\r\n^XA^XZ").is_ok());
        for (format, bytes) in
            [(LabelFormat::Pdf, &b"<html>"[..]), (LabelFormat::Pdf, b""), (LabelFormat::Zpl203, b"%PDF-")]
        {
            let error = made(format, bytes).unwrap_err();
            assert!(error.kind == ErrorKind::Malformed && error.unclear);
        }
    }
}
