//! Who sends, and what labels are made with: the sections `[sender]` and `[labels]`.

use std::path::{Path, PathBuf};

use ordersync_core::fulfilment::LABEL_DAYS;
use ordersync_core::{LabelFormat, LabelMedia, LabelSize, SenderProfile};
use serde::Deserialize;
use toml::Spanned;

use super::Problem;

/// What labels are made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Who sends; `None`: no label can be made yet.
    pub sender: Option<SenderProfile>,
    /// The usual size and format.
    pub media: LabelMedia,
    /// Days that a label is kept, 1 to 21.
    pub days: i64,
    /// Services of the own label that are offered, the usual one first; empty: all.
    pub services: Vec<String>,
    /// A font for letters that the built-in one lacks.
    pub font: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sender {
    name: Spanned<String>,
    lines: Spanned<Vec<String>>,
    #[serde(default)]
    postcode: String,
    country: Spanned<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    format: Option<Spanned<String>>,
    size: Option<Spanned<String>>,
    days: Option<Spanned<i64>>,
    #[serde(default)]
    services: Vec<String>,
    font: Option<Spanned<String>>,
}

impl Sender {
    fn checked(self) -> Result<SenderProfile, Problem> {
        let name = self.name.get_ref().trim();
        if name.is_empty() || name.chars().count() > 60 {
            return Err(Problem::at(self.name.span(), "must have 1 to 60 characters"));
        }
        let lines = self.lines.get_ref();
        if lines.is_empty() || lines.len() > 4 || lines.iter().any(|line| line.trim().is_empty()) {
            return Err(Problem::at(self.lines.span(), "must be 1 to 4 lines of the return address, town included"));
        }
        let country = self.country.get_ref().parse();
        let country = country
            .map_err(|_| Problem::at(self.country.span(), "must be two capitals of ISO 3166-1, for example \"GB\""))?;
        let name = name.to_owned();
        Ok(SenderProfile { name, lines: self.lines.into_inner(), postcode: self.postcode, country })
    }
}

impl Section {
    pub(super) fn checked(self, sender: Option<Sender>, folder: &Path) -> Result<Labels, Problem> {
        let format = match self.format {
            None => LabelFormat::Pdf,
            Some(given) => {
                let parsed = given.get_ref().parse();
                parsed.map_err(|_| Problem::at(given.span(), "must be \"pdf\", \"zpl203\" or \"zpl300\""))?
            }
        };
        let size = match self.size {
            None => LabelSize::Mm100x150,
            Some(given) => {
                let parsed = given.get_ref().parse();
                parsed.map_err(|_| Problem::at(given.span(), "must be \"100x150\", \"4x6\", \"a6\" or \"a4\""))?
            }
        };
        let days = match self.days {
            None => LABEL_DAYS,
            Some(given) if (1..=LABEL_DAYS).contains(given.get_ref()) => given.into_inner(),
            Some(given) => return Err(Problem::at(given.span(), "must be 1 to 21 days: labels are never kept longer")),
        };
        Ok(Labels {
            sender: sender.map(Sender::checked).transpose()?,
            media: LabelMedia { size, format },
            days,
            services: self.services,
            font: self.font.map(|font| folder.join(font.into_inner())),
        })
    }
}
