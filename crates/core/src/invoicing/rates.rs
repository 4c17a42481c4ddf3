//! Exchange rates for sterling amounts, from HMRC's monthly file.

use ordersync_store::ExchangeRateRow;
use ordersync_types::{Currency, SellerId};
use ordersync_vat::ExchangeRate;

use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// A rate as a file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateWish {
    /// ISO 4217.
    pub currency: String,
    /// `2026-11`.
    pub month: String,
    /// Units for one pound.
    pub rate: String,
}

impl Core {
    /// Stores a month's rates, all or none, and looks again at what waits.
    ///
    /// # Errors
    /// [`CoreError::Refused`] naming row, field and reason; nothing is stored then. Else what the store says.
    pub async fn import_rates(
        &self,
        seller: SellerId,
        source: &str,
        wishes: &[RateWish],
        actor: &Actor,
    ) -> Result<usize, CoreError> {
        let now = self.clock.now();
        let mut rows = Vec::with_capacity(wishes.len());
        for (wish, number) in wishes.iter().zip(1_usize..) {
            let refuse = |reason: String| CoreError::Refused {
                message: format!("rate {number}: {reason}"),
                hint: "nothing was stored; correct it and import the whole file again".to_owned(),
            };
            let currency: Currency = wish
                .currency
                .trim()
                .parse()
                .map_err(|error| refuse(format!("currency: {}: {error}", wish.currency.trim())))?;
            let month = wish.month.trim();
            let is_month = format!("{month}-01").parse::<chrono::NaiveDate>().is_ok() && month.len() == 7;
            if !is_month {
                return Err(refuse("month: must be a month such as 2026-11".to_owned()));
            }
            let rate: ExchangeRate = wish.rate.trim().parse().map_err(|error| refuse(format!("rate: {error}")))?;
            rows.push(ExchangeRateRow {
                currency: currency.code().to_owned(),
                month: month.to_owned(),
                rate: rate.to_string(),
                source: source.to_owned(),
                imported_at: now,
                imported_by: actor.to_string(),
            });
        }
        self.store.write_exchange_rates(&rows).await?;
        let detail = format!("{} rates of {source}", rows.len());
        let entry = audit_entry(seller, now, actor, "rates.import", "rates", &rows.len(), detail);
        self.store.write_audit(&[entry]).await?;
        self.look_at_waiting(seller).await?;
        Ok(rows.len())
    }
}
