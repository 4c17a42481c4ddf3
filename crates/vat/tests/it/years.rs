//! Financial years, how long documents are kept, and tax points.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use ordersync_vat::{FinancialYears, IrregularYear, TaxPoint, TaxPointRule, YearsError, local_day};

use crate::shop::{at, day};

fn years(end: (u32, u32), irregular: &[(&str, &str)]) -> Result<FinancialYears, YearsError> {
    let irregular = irregular.iter().map(|(first, last)| IrregularYear { first: day(first), last: day(last) });
    FinancialYears::new(end.0, end.1, irregular.collect())
}

#[test]
fn documents_are_kept_six_years_from_the_later_of_issue_and_year_end() {
    const NONE: &[(&str, &str)] = &[];
    const FIRST: &[(&str, &str)] = &[("2024-10-01", "2026-03-31")];
    const MOVED: &[(&str, &str)] = &[("2025-04-01", "2025-12-31")];
    const LONGER: &[(&str, &str)] = &[("2025-04-01", "2026-06-30")];
    const TWICE: &[(&str, &str)] = &[("2023-04-01", "2023-12-31"), ("2026-01-01", "2026-06-30")];
    // year end, irregular years, tax point, issue, end of the year, last day kept, what it shows
    for (end, irregular, tax_point, issued, ends, kept, what) in [
        ((3, 31), NONE, "2026-11-20", "2026-11-20", "2027-03-31", "2033-03-31", "within a year"),
        ((3, 31), NONE, "2026-03-31", "2026-03-31", "2026-03-31", "2032-03-31", "the last day"),
        ((3, 31), NONE, "2026-04-01", "2026-04-01", "2027-03-31", "2033-03-31", "the first day"),
        ((3, 31), NONE, "2026-03-31", "2026-04-02", "2026-03-31", "2032-04-02", "issue after the year's end"),
        ((3, 31), NONE, "2026-03-01", "2026-09-09", "2026-03-31", "2032-09-09", "issue long after the year's end"),
        ((3, 31), NONE, "2026-04-01", "2026-03-31", "2027-03-31", "2033-03-31", "issue before the tax point's year"),
        ((4, 5), NONE, "2026-04-05", "2026-04-05", "2026-04-05", "2032-04-05", "a sole trader's last day"),
        ((4, 5), NONE, "2026-04-06", "2026-04-06", "2027-04-05", "2033-04-05", "a sole trader's first day"),
        ((12, 31), NONE, "2026-01-01", "2026-01-01", "2026-12-31", "2032-12-31", "calendar year, first day"),
        ((12, 31), NONE, "2026-12-31", "2027-01-01", "2026-12-31", "2033-01-01", "calendar year, last day"),
        ((2, 28), NONE, "2028-02-28", "2028-02-28", "2028-02-28", "2034-02-28", "28 February in a leap year"),
        ((2, 28), NONE, "2028-02-29", "2028-02-29", "2029-02-28", "2035-02-28", "the day after it"),
        ((2, 29), NONE, "2028-02-29", "2028-02-29", "2028-02-29", "2034-02-28", "29 February + 6 years = 28 February"),
        ((2, 29), NONE, "2027-02-28", "2027-02-28", "2027-02-28", "2033-02-28", "29 February where there is none"),
        ((2, 29), NONE, "2027-03-01", "2027-03-01", "2028-02-29", "2034-02-28", "and the next year has one"),
        ((1, 31), NONE, "2028-01-31", "2028-02-29", "2028-01-31", "2034-02-28", "issue on a leap day"),
        ((9, 30), NONE, "2024-02-29", "2024-02-29", "2024-09-30", "2030-09-30", "a leap day's sale"),
        ((6, 30), NONE, "2022-02-28", "2022-02-28", "2022-06-30", "2028-06-30", "into a leap year"),
        ((3, 31), FIRST, "2024-10-01", "2024-10-01", "2026-03-31", "2032-03-31", "first year of 18 months, first day"),
        ((3, 31), FIRST, "2026-03-31", "2026-03-31", "2026-03-31", "2032-03-31", "first year of 18 months, last day"),
        ((3, 31), FIRST, "2025-04-01", "2025-04-01", "2026-03-31", "2032-03-31", "no year end within it"),
        ((3, 31), FIRST, "2026-04-01", "2026-04-01", "2027-03-31", "2033-03-31", "the year after it"),
        ((3, 31), FIRST, "2024-09-30", "2024-09-30", "2024-09-30", "2030-09-30", "before it: cut short"),
        ((3, 31), MOVED, "2025-03-31", "2025-03-31", "2025-03-31", "2031-03-31", "before a change of the year end"),
        ((3, 31), MOVED, "2025-04-01", "2025-04-01", "2025-12-31", "2031-12-31", "nine months, first day"),
        ((3, 31), MOVED, "2025-12-31", "2025-12-31", "2025-12-31", "2031-12-31", "nine months, last day"),
        ((3, 31), MOVED, "2026-01-01", "2026-01-01", "2026-12-31", "2032-12-31", "years end in December from then on"),
        ((3, 31), MOVED, "2027-03-31", "2027-03-31", "2027-12-31", "2033-12-31", "and for good"),
        ((3, 31), MOVED, "2024-05-05", "2024-05-05", "2025-03-31", "2031-03-31", "long before: March"),
        ((3, 31), LONGER, "2026-04-01", "2026-04-01", "2026-06-30", "2032-06-30", "15 months"),
        ((3, 31), LONGER, "2026-07-01", "2026-07-01", "2027-06-30", "2033-06-30", "after 15 months"),
        ((3, 31), TWICE, "2023-03-31", "2023-03-31", "2023-03-31", "2029-03-31", "before two changes"),
        ((3, 31), TWICE, "2023-12-31", "2023-12-31", "2023-12-31", "2029-12-31", "the first change"),
        ((3, 31), TWICE, "2024-06-01", "2024-06-01", "2024-12-31", "2030-12-31", "between: December"),
        ((3, 31), TWICE, "2025-12-31", "2025-12-31", "2025-12-31", "2031-12-31", "the last of December"),
        ((3, 31), TWICE, "2026-01-01", "2026-01-01", "2026-06-30", "2032-06-30", "the second change"),
        ((3, 31), TWICE, "2026-07-01", "2026-07-01", "2027-06-30", "2033-06-30", "after both: June"),
        ((3, 31), &[("2026-02-10", "2026-12-31")], "2026-02-09", "2026-02-09", "2026-02-09", "2032-02-09", "cut short"),
        ((12, 31), &[("2027-01-01", "2028-02-29")], "2028-03-01", "2028-03-01", "2029-02-28", "2035-02-28", "leap end"),
        ((12, 31), &[("2027-01-01", "2028-02-29")], "2031-03-01", "2031-03-01", "2032-02-29", "2038-02-28", "leap end"),
        ((12, 31), &[("2026-05-05", "2026-05-05")], "2026-05-05", "2026-05-05", "2026-05-05", "2032-05-05", "a day"),
    ] {
        let years = years(end, irregular).unwrap();
        assert_eq!(years.end_of_year(day(tax_point)), day(ends), "{what}");
        assert_eq!(years.keep_until(day(issued), day(tax_point)), day(kept), "{what}");
        assert_eq!(years.may_go_on(day(issued), day(tax_point)), day(kept).succ_opt().unwrap(), "{what}");
    }
}

#[test]
fn years_that_cannot_be_are_refused() {
    const ORDER: Result<(), YearsError> = Err(YearsError::Order);
    const LENGTH: Result<(), YearsError> = Err(YearsError::Length);
    for (end, irregular, found, what) in [
        ((2, 30), vec![], Err(YearsError::NoSuchDay), "no such day"),
        ((13, 1), vec![], Err(YearsError::NoSuchDay), "no such month"),
        ((0, 0), vec![], Err(YearsError::NoSuchDay), "no month"),
        ((3, 31), vec![("2025-01-01", "2026-06-30")], Ok(()), "18 months"),
        ((3, 31), vec![("2025-01-01", "2026-07-01")], LENGTH, "a day more"),
        ((3, 31), vec![("2024-08-31", "2026-02-28")], Ok(()), "18 months from the end of August: CA 2006 s.392"),
        ((3, 31), vec![("2024-08-31", "2026-03-01")], LENGTH, "a day more"),
        ((3, 31), vec![("2025-01-02", "2025-01-01")], LENGTH, "ends before it begins"),
        ((3, 31), vec![("2025-01-01", "2025-06-30"), ("2025-06-30", "2025-12-31")], ORDER, "overlap"),
        ((3, 31), vec![("2026-01-01", "2026-06-30"), ("2025-01-01", "2025-06-30")], ORDER, "not in order"),
        ((3, 31), vec![("2025-01-01", "2025-06-30"), ("2025-07-01", "2025-12-31")], Ok(()), "one after the other"),
    ] {
        assert_eq!(years(end, &irregular).map(|_| ()), found, "{what}");
    }
}

#[test]
fn a_day_is_one_of_the_sellers_zone() {
    for (moment, zone, date, what) in [
        ("2026-11-20T23:59:59Z", "Europe/London", "2026-11-20", "winter, before midnight"),
        ("2026-11-21T00:00:00Z", "Europe/London", "2026-11-21", "winter, midnight"),
        ("2026-06-30T22:59:59Z", "Europe/London", "2026-06-30", "summer, before midnight"),
        ("2026-06-30T23:00:00Z", "Europe/London", "2026-07-01", "summer, midnight"),
        ("2026-06-30T23:59:59Z", "Europe/London", "2026-07-01", "summer, before midnight in UTC"),
        ("2026-03-28T23:59:59Z", "Europe/London", "2026-03-28", "before the clocks go forward"),
        ("2026-03-29T00:59:59Z", "Europe/London", "2026-03-29", "the last second of winter time"),
        ("2026-03-29T01:00:00Z", "Europe/London", "2026-03-29", "the first of summer time"),
        ("2026-03-29T22:59:59Z", "Europe/London", "2026-03-29", "the day has 23 hours"),
        ("2026-03-29T23:00:00Z", "Europe/London", "2026-03-30", "the day has 23 hours"),
        ("2026-10-24T22:59:59Z", "Europe/London", "2026-10-24", "before the clocks go back"),
        ("2026-10-24T23:00:00Z", "Europe/London", "2026-10-25", "the day has 25 hours"),
        ("2026-10-25T00:30:00Z", "Europe/London", "2026-10-25", "half past one, the first time"),
        ("2026-10-25T01:30:00Z", "Europe/London", "2026-10-25", "half past one, the second time"),
        ("2026-10-25T23:59:59Z", "Europe/London", "2026-10-25", "the day has 25 hours"),
        ("2026-10-26T00:00:00Z", "Europe/London", "2026-10-26", "the day after"),
        ("2026-03-31T23:30:00Z", "Europe/London", "2026-04-01", "the financial year has ended in London, not in UTC"),
        ("2026-12-31T23:30:00Z", "Europe/Berlin", "2027-01-01", "another zone"),
        ("2026-01-01T04:30:00Z", "America/New_York", "2025-12-31", "another zone"),
    ] {
        let zone: Tz = zone.parse().unwrap();
        assert_eq!(local_day(at(moment), zone), day(date), "{what}");
        assert_eq!(TaxPoint::of_refund(at(moment), zone), TaxPoint { day: day(date), rule: TaxPointRule::Refund });
    }
}

#[test]
fn payment_makes_the_tax_point_only_before_dispatch() {
    use TaxPointRule::{Dispatch, Payment};
    for (rule, dispatched, paid, date, by, what) in [
        (Dispatch, "2026-11-20T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-20", Dispatch, "B1: removal"),
        (Payment, "2026-11-20T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-18", Payment, "B2: payment before"),
        (
            Payment,
            "2026-11-20T12:00:00Z",
            "2026-11-22T12:00:00Z",
            "2026-11-20",
            Dispatch,
            "B2: payment after makes none",
        ),
        (Payment, "2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z", "2026-11-20", Dispatch, "at once"),
        (
            Payment,
            "2026-07-01T12:00:00Z",
            "2026-06-30T23:30:00Z",
            "2026-07-01",
            Payment,
            "paid after midnight in London",
        ),
        (Payment, "2026-04-01T08:00:00Z", "2026-03-31T22:30:00Z", "2026-03-31", Payment, "paid in the year before"),
    ] {
        let found = TaxPoint::of_sale(rule, at(dispatched), at(paid), chrono_tz::Europe::London);
        assert_eq!(found, TaxPoint { day: day(date), rule: by }, "{what}");
    }
}

#[test]
fn the_ends_of_the_calendar_do_not_panic() {
    let years = years((12, 31), &[("2025-01-01", "2025-12-31")]).unwrap();
    for moment in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        for zone in [chrono_tz::Asia::Tokyo, chrono_tz::America::New_York, chrono_tz::Europe::London] {
            let day = local_day(moment, zone);
            assert!(years.keep_until(day, day) >= day);
        }
    }
    for day in [NaiveDate::MIN, NaiveDate::MAX] {
        assert!(years.may_go_on(day, day) >= years.end_of_year(day));
    }
}
