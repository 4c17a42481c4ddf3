//! Series of numbers: one for each kind of document, set once.

use ordersync_store::{InvoiceSeries, SeriesUse, VoidRow};
use ordersync_types::SellerId;

use super::DocumentKind;
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// Digits that a number has at least.
const DIGITS: usize = 6;
/// Highest number that a series may begin with.
const HIGHEST: i64 = 999_999_999;
/// Kinds of documents that have numbers, and the usual prefix of each.
const NUMBERED: [(DocumentKind, &str); 3] =
    [(DocumentKind::Invoice, "INV-"), (DocumentKind::Credit, "CN-"), (DocumentKind::Receipt, "R-")];

/// The series while numbers are taken.
pub(super) struct Series(Vec<InvoiceSeries>);

impl Series {
    /// The next number of a kind: (as printed, within the series). Records have none.
    pub(super) fn take(&mut self, kind: DocumentKind, uses: &mut Vec<SeriesUse>) -> Option<(String, i64)> {
        let series = self.0.iter_mut().find(|series| series.kind == kind.name())?;
        let number = series.next;
        series.next += 1;
        match uses.iter_mut().find(|used| used.kind == series.kind) {
            Some(used) => used.count += 1,
            None => uses.push(SeriesUse { kind: series.kind.clone(), from: number, count: 1 }),
        }
        Some((printed_number(&series.prefix, number), number))
    }
}

/// A number as it is printed.
pub fn printed_number(prefix: &str, number: i64) -> String {
    format!("{prefix}{number:0DIGITS$}")
}

impl Core {
    /// The series, with the usual ones where none was set.
    ///
    /// # Errors
    /// What the store says.
    pub async fn invoice_series(&self, seller: SellerId) -> Result<Vec<InvoiceSeries>, CoreError> {
        let mut all = self.store.invoice_series(seller).await?;
        for (kind, prefix) in NUMBERED {
            if !all.iter().any(|series| series.kind == kind.name()) {
                let (set_at, set_by) = (self.clock.now(), "usual".to_owned());
                let (kind, prefix) = (kind.name().to_owned(), prefix.to_owned());
                all.push(InvoiceSeries { kind, prefix, first: 1, next: 1, set_at, set_by });
            }
        }
        Ok(all)
    }

    /// The series for taking numbers: those that nobody has set are set now, with the usual prefix, from 1.
    pub(super) async fn series(&self, seller: SellerId, actor: &Actor) -> Result<Series, CoreError> {
        let held = self.store.invoice_series(seller).await?;
        if held.len() == NUMBERED.len() {
            return Ok(Series(held));
        }
        for series in self.invoice_series(seller).await? {
            if !held.iter().any(|known| known.kind == series.kind) {
                let series = InvoiceSeries { set_by: actor.to_string(), ..series };
                self.store.add_invoice_series(seller, &series).await?;
            }
        }
        Ok(Series(self.store.invoice_series(seller).await?))
    }

    /// Sets prefix and next number of a series, before its first number is taken.
    ///
    /// # Errors
    /// [`CoreError::Refused`] for a prefix or number that cannot be, and when a number was taken; else what the store says.
    pub async fn set_invoice_series(
        &self,
        seller: SellerId,
        kind: DocumentKind,
        prefix: &str,
        next: i64,
        actor: &Actor,
    ) -> Result<(), CoreError> {
        let refuse = |message: String, hint: &str| Err(CoreError::Refused { message, hint: hint.to_owned() });
        if !NUMBERED.iter().any(|(known, _)| *known == kind) {
            return refuse("kind: must be invoice, credit or receipt".to_owned(), "records have no numbers");
        }
        let fits = (1..=12).contains(&prefix.len())
            && prefix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"-/".contains(&b))
            && prefix.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
            && !prefix.bytes().last().is_some_and(|b| b.is_ascii_digit());
        if !fits {
            let hint = "1 to 12 of A-Z 0-9 - /, a letter first and no digit last, for example INV- or A26/";
            return refuse(format!("prefix: {prefix} cannot stand in front of a number"), hint);
        }
        if !(1..=HIGHEST).contains(&next) {
            return refuse(format!("next: must be 1 to {HIGHEST}"), "give the number of the next document");
        }
        let series = InvoiceSeries {
            kind: kind.name().to_owned(),
            prefix: prefix.to_owned(),
            first: next,
            next,
            set_at: self.clock.now(),
            set_by: actor.to_string(),
        };
        if self
            .store
            .invoice_series(seller)
            .await?
            .iter()
            .any(|other| other.prefix == prefix && other.kind != series.kind)
        {
            let hint = "two series with one prefix would give a number twice";
            return refuse(format!("prefix: {prefix} is another series' already"), hint);
        }
        let set = self.store.add_invoice_series(seller, &series).await?
            || self.store.reset_invoice_series(seller, &series).await?;
        if !set {
            let hint =
                "a series is set once, before its first document; `ordersync invoice series` shows where it stands";
            return refuse(format!("numbers of the series for {} were given already", kind.name()), hint);
        }
        let detail = format!("{} {}", kind.name(), printed_number(prefix, next));
        let entry = audit_entry(seller, self.clock.now(), actor, "invoice.series", "series", &kind.name(), detail);
        Ok(self.store.write_audit(&[entry]).await?)
    }

    /// Takes the next number of a series without a document, with the reason: it was used on paper, or spoiled.
    ///
    /// # Errors
    /// [`CoreError::Refused`] for any number but the next of its series, and without a reason; else what the store says.
    pub async fn void_invoice_number(
        &self,
        seller: SellerId,
        number: &str,
        reason: &str,
        actor: &Actor,
    ) -> Result<VoidRow, CoreError> {
        let refuse = |message: String, hint: String| Err(CoreError::Refused { message, hint });
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > 200 || reason.chars().any(char::is_control) {
            return refuse(
                "reason: must have 1 to 200 characters".to_owned(),
                "say what became of the number".to_owned(),
            );
        }
        let _taken = self.series(seller, actor).await?;
        let all = self.store.invoice_series(seller).await?;
        let Some(series) = all.iter().find(|series| printed_number(&series.prefix, series.next) == number) else {
            let next: Vec<String> = all.iter().map(|series| printed_number(&series.prefix, series.next)).collect();
            let hint = format!(
                "only a number that is next can be taken without a document: {}. A document that is wrong is taken back \
                 with `ordersync invoice credit`",
                next.join(", ")
            );
            return refuse(format!("{number} is not the next number of a series"), hint);
        };
        let void = VoidRow {
            kind: series.kind.clone(),
            series_number: series.next,
            number: number.to_owned(),
            at: self.clock.now(),
            voided_by: actor.to_string(),
            reason: reason.to_owned(),
        };
        if !self.store.void_number(seller, &void).await? {
            let hint = "`ordersync invoice series` shows where the series stand now".to_owned();
            return refuse(format!("{number} has just been given to a document"), hint);
        }
        let entry = audit_entry(seller, void.at, actor, "invoice.void", "number", &void.number, void.reason.clone());
        self.store.write_audit(&[entry]).await?;
        Ok(void)
    }
}
