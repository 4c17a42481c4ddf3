//! Financial years, and until when documents are kept.

use chrono::{Datelike, Days, Months, NaiveDate};

/// The seller's financial years: they end on the same day each year, but for those that are listed, because a first
/// year may take up to 18 months and a year end may change.
///
/// Source: Companies Act 2006 ss.390 to 392.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinancialYears {
    month: u32,
    day: u32,
    irregular: Vec<IrregularYear>,
}

/// A year of another length. The years after it end on the day on which it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IrregularYear {
    /// Its first day.
    pub first: NaiveDate,
    /// Its last day.
    pub last: NaiveDate,
}

/// Financial years that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum YearsError {
    /// No such day.
    #[error("the year end must be a day that exists, for example 31 March")]
    NoSuchDay,
    /// Ends before it begins, or takes more than 18 months.
    #[error("a financial year must last from one day to 18 months")]
    Length,
    /// They overlap, or are not in their order.
    #[error("irregular years must be listed in their order and must not overlap")]
    Order,
}

impl FinancialYears {
    /// Years that end on this day; 29 February means the last of that month.
    ///
    /// # Errors
    /// [`YearsError`].
    pub fn new(month: u32, day: u32, irregular: Vec<IrregularYear>) -> Result<Self, YearsError> {
        NaiveDate::from_ymd_opt(2024, month, day).ok_or(YearsError::NoSuchDay)?;
        let mut before: Option<NaiveDate> = None;
        for year in &irregular {
            let after = year.first.checked_add_months(Months::new(18)).ok_or(YearsError::Length)?;
            // Where the month has no such day, its last one is the last of the 18 months.
            let fits = if after.day() == year.first.day() { year.last < after } else { year.last <= after };
            if year.last < year.first || !fits {
                return Err(YearsError::Length);
            }
            if before.is_some_and(|before| year.first <= before) {
                return Err(YearsError::Order);
            }
            before = Some(year.last);
        }
        Ok(Self { month, day, irregular })
    }

    /// The last day of the financial year that `day` lies in.
    pub fn end_of_year(&self, day: NaiveDate) -> NaiveDate {
        if let Some(year) = self.irregular.iter().find(|year| (year.first..=year.last).contains(&day)) {
            return year.last;
        }
        let (month, last_day) = match self.irregular.iter().rev().find(|year| year.last < day) {
            Some(year) => (year.last.month(), year.last.day()),
            None => (self.month, self.day),
        };
        let this = year_end(day.year(), month, last_day);
        let end = if this >= day { this } else { year_end(day.year() + 1, month, last_day) };
        // A year is cut short by an irregular one that begins in it.
        let next = self.irregular.iter().find(|year| year.first > day && year.first <= end);
        next.and_then(|year| year.first.pred_opt()).unwrap_or(end)
    }

    /// The last day on which a document must be kept: six years from the later of its issue and the end of the financial
    /// year that its supply belongs to.
    ///
    /// Source: VATA 1994 Sch. 11 para. 6(3), HMRC CH15200 (from issue); Companies Act 2006 s.388 and HMRC's rule for
    /// companies (from the end of the year). 29 February and six years is 28 February.
    pub fn keep_until(&self, issued: NaiveDate, tax_point: NaiveDate) -> NaiveDate {
        let from = self.end_of_year(tax_point).max(issued);
        from.checked_add_months(Months::new(12 * YEARS_KEPT)).unwrap_or(NaiveDate::MAX)
    }

    /// The first day on which it may go.
    pub fn may_go_on(&self, issued: NaiveDate, tax_point: NaiveDate) -> NaiveDate {
        self.keep_until(issued, tax_point).checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
    }
}

/// Whole years that VAT records are kept in the United Kingdom.
pub const YEARS_KEPT: u32 = 6;

/// The day of a year, or the month's last where that year does not have it.
fn year_end(year: i32, month: u32, day: u32) -> NaiveDate {
    let exact = NaiveDate::from_ymd_opt(year, month, day);
    let last = || NaiveDate::from_ymd_opt(year, month, 28);
    exact.or_else(last).unwrap_or(NaiveDate::MAX)
}
