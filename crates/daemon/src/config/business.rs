//! The seller as a business, and what it declares for VAT: the sections `[business]` and `[vat]`.

use chrono::NaiveDate;
use ordersync_core::SenderProfile;
use ordersync_core::invoicing::{Business, Supplier};
use ordersync_order::Territory;
use ordersync_types::Country;
use ordersync_vat::{
    AboveLimit, DiscountsNotStated, FinancialYears, GoodsNotListed, IrregularYear, SellerTaxProfile, TaxPointRule,
    VatNumber,
};
use serde::Deserialize;
use toml::Spanned;

use super::Problem;

/// The word for a seller that is not registered for VAT.
const NOT_REGISTERED: &str = "none";
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BusinessSection {
    name: Option<Spanned<String>>,
    lines: Option<Spanned<Vec<String>>>,
    postcode: Option<String>,
    country: Option<Spanned<String>>,
    vat_number: Spanned<String>,
    zone: Option<Spanned<String>>,
    year_end: Option<Spanned<String>>,
    #[serde(default)]
    irregular_years: Vec<Spanned<[String; 2]>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VatSection {
    goods_not_listed: Option<Spanned<String>>,
    tax_point: Option<Spanned<String>>,
    consumers_above_250: Option<Spanned<String>>,
    marketplace_discounts: Option<Spanned<String>>,
    unstated_discounts: Option<Spanned<String>>,
}

/// Checks both sections; name and address are the sender's unless `[business]` gives its own.
pub(super) fn checked(
    business: Option<BusinessSection>,
    vat: VatSection,
    sender: Option<&SenderProfile>,
) -> Result<Option<Business>, Problem> {
    let goods_not_listed =
        choice(vat.goods_not_listed, &[("ask", GoodsNotListed::Ask), ("standard", GoodsNotListed::Standard)])?;
    let tax_point = choice(vat.tax_point, &[("dispatch", TaxPointRule::Dispatch), ("payment", TaxPointRule::Payment)])?;
    let above = [("full", AboveLimit::Full), ("receipt", AboveLimit::Receipt)];
    let consumers_above_limit = choice(vat.consumers_above_250, &above)?;
    let marketplace_discounts_count = choice(vat.marketplace_discounts, &[("count", true), ("ignore", false)])?;
    let unstated = [("seller", DiscountsNotStated::Seller), ("ask", DiscountsNotStated::Ask)];
    let discounts_not_stated = choice(vat.unstated_discounts, &unstated)?;
    let Some(business) = business else { return Ok(None) };
    let vat_number = vat_number(&business.vat_number)?;
    let (supplier, territory) = supplier(&business, vat_number.as_ref(), sender)?;
    let zone = match &business.zone {
        None => chrono_tz::Europe::London,
        Some(given) => given
            .get_ref()
            .parse()
            .map_err(|_| Problem::at(given.span(), "must be a time zone's name, for example \"Europe/London\""))?,
    };
    let tax = SellerTaxProfile {
        vat_number,
        territory,
        zone,
        tax_point,
        goods_not_listed,
        consumers_above_limit,
        marketplace_discounts_count,
        discounts_not_stated,
        years: years(business.year_end, &business.irregular_years)?,
    };
    Ok(Some(Business { supplier, tax }))
}

/// One of some words; the first is the usual one.
fn choice<T: Copy>(given: Option<Spanned<String>>, words: &[(&str, T)]) -> Result<T, Problem> {
    let usual = words.first().map(|(_, value)| *value);
    let found = match &given {
        None => usual,
        Some(given) => words.iter().find(|(word, _)| word == given.get_ref()).map(|(_, value)| *value),
    };
    found.ok_or_else(|| {
        let list: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        let span = given.map_or(0..0, |given| given.span());
        Problem::at(span, format!("must be {}", list.join(" or ")))
    })
}

fn vat_number(given: &Spanned<String>) -> Result<Option<VatNumber>, Problem> {
    if given.get_ref() == NOT_REGISTERED {
        return Ok(None);
    }
    let parsed = given.get_ref().parse().map(Some);
    parsed.map_err(|error| {
        Problem::at(given.span(), format!("{error}; \"none\" if you are not registered: then buyers get receipts"))
    })
}

/// Who issues, and the territory of its stock.
fn supplier(
    business: &BusinessSection,
    vat_number: Option<&VatNumber>,
    sender: Option<&SenderProfile>,
) -> Result<(Supplier, Territory), Problem> {
    let missing =
        |key: &str| Problem::missing(format!("[business] {key}: is missing, and there is no [sender] to take it from"));
    let name = match (&business.name, sender) {
        (Some(name), _) if (1..=60).contains(&name.get_ref().trim().chars().count()) => {
            name.get_ref().trim().to_owned()
        }
        (Some(name), _) => return Err(Problem::at(name.span(), "must have 1 to 60 characters")),
        (None, Some(sender)) => sender.name.clone(),
        (None, None) => return Err(missing("name")),
    };
    let (lines, postcode, country) = match (&business.lines, sender) {
        (Some(lines), _) => {
            let all = lines.get_ref();
            if all.is_empty() || all.len() > 4 || all.iter().any(|line| line.trim().is_empty()) {
                return Err(Problem::at(lines.span(), "must be 1 to 4 lines of the address, town included"));
            }
            let country = match &business.country {
                None => Country::GB,
                Some(given) => given
                    .get_ref()
                    .parse()
                    .map_err(|_| Problem::at(given.span(), "must be two capitals of ISO 3166-1, for example \"GB\""))?,
            };
            (all.clone(), business.postcode.clone().unwrap_or_default(), country)
        }
        (None, Some(sender)) => (sender.lines.clone(), sender.postcode.clone(), sender.country),
        (None, None) => return Err(missing("lines")),
    };
    let territory = Territory::of(country, &postcode);
    let vat_number = vat_number.map(VatNumber::printed);
    Ok((Supplier { name, lines, postcode, country, vat_number }, territory))
}

fn years(end: Option<Spanned<String>>, irregular: &[Spanned<[String; 2]>]) -> Result<FinancialYears, Problem> {
    let span = end.as_ref().map_or(0..0, Spanned::span);
    let text = end.map_or_else(|| "31 March".to_owned(), Spanned::into_inner);
    let wrong = || Problem::at(span.clone(), "must be a day and month, for example \"31 March\"");
    let (day, month) = text.split_once(' ').ok_or_else(wrong)?;
    let month = MONTHS.iter().zip(1_u32..).find(|(name, _)| **name == month.trim()).map(|(_, number)| number);
    let (day, month): (u32, u32) = (day.parse().map_err(|_| wrong())?, month.ok_or_else(wrong)?);
    let mut listed = Vec::with_capacity(irregular.len());
    for year in irregular {
        let day = |text: &String| -> Result<NaiveDate, Problem> {
            text.parse().map_err(|_| {
                Problem::at(year.span(), "must be its first and last day, for example [\"2026-04-01\", \"2027-06-30\"]")
            })
        };
        let [first, last] = year.get_ref();
        listed.push(IrregularYear { first: day(first)?, last: day(last)? });
    }
    let place = irregular.first().map_or(span.clone(), Spanned::span);
    FinancialYears::new(month, day, listed).map_err(|error| Problem::at(place, error.to_string()))
}
