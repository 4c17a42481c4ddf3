//! How long personal data is kept: the section `[retention]`.

use serde::Deserialize;
use toml::Spanned;

use super::Problem;

/// Where the marketplace leaves a choice. Amazon leaves none: 30 days after delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days after delivery for which eBay's personal data is kept, 30 to 90.
    pub ebay_days: u32,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    ebay_days: Option<Spanned<u32>>,
}

impl Section {
    pub(super) fn checked(self) -> Result<Retention, Problem> {
        let Some(days) = self.ebay_days else { return Ok(Retention { ebay_days: 30 }) };
        if !(30..=90).contains(days.get_ref()) {
            return Err(Problem::at(
                days.span(),
                "must be 30 to 90 days: eBay's money back guarantee lasts 30, and after 90 days eBay itself leaves \
                 names out",
            ));
        }
        Ok(Retention { ebay_days: days.into_inner() })
    }
}
