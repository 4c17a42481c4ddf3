//! An invented shop: orders, a tax profile and shorthand for documents.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate};
use chrono_tz::Europe::London;
use ordersync_order::{
    Amount, AmountKind, Completeness, DeliverTo, Destination, FulfilledBy, OrderFacts, OrderLine, OrderStatus,
    PaymentStatus, RawCode, Refund, Territory, TimeWindow,
};
use ordersync_types::{Currency, Money, Timestamp};
use ordersync_vat::{
    AboveLimit, Booked, BookedAs, Content, DeclaredCategory, DiscountsNotStated, Dispatch, FinancialYears,
    GoodsNotListed, KnownRefund, LineOf, Missing, PricedLine, PricedOrder, Rate, Sale, Scheme, SellerTaxProfile,
    Supply, TaxPointRule, Treatment, VatCategory,
};

pub(crate) fn profile() -> SellerTaxProfile {
    SellerTaxProfile {
        vat_number: Some("GB123456782".parse().unwrap()),
        territory: Territory::GREAT_BRITAIN,
        zone: London,
        tax_point: TaxPointRule::Dispatch,
        goods_not_listed: GoodsNotListed::Ask,
        consumers_above_limit: AboveLimit::Full,
        marketplace_discounts_count: true,
        discounts_not_stated: DiscountsNotStated::Seller,
        years: FinancialYears::new(3, 31, Vec::new()).unwrap(),
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn gbp(minor: i64) -> Money {
    Money::new(minor, Currency::GBP)
}

/// An order to an address in a country.
pub(crate) fn order(country: &str, postcode: &str) -> OrderFacts {
    let country = country.parse().unwrap();
    OrderFacts {
        vendor_order_id: "111-0000000-0000001".parse().unwrap(),
        marketplace: RawCode::new("EBAY_GB"),
        created_at: at("2026-11-02T10:00:00Z"),
        updated_at: at("2026-11-03T10:00:00Z"),
        status: OrderStatus::Unshipped,
        payment: PaymentStatus::Paid,
        fulfilled_by: FulfilledBy::Merchant,
        programmes: Vec::new(),
        ship_by: TimeWindow::default(),
        deliver_by: TimeWindow::default(),
        service_level: None,
        destination: Some(Destination {
            country,
            territory: Territory::of(country, postcode),
            final_country: None,
            to: DeliverTo::Address,
        }),
        currency: Some(Currency::GBP),
        grand_total: Some(gbp(0)),
        amounts: Vec::new(),
        discounts: Vec::new(),
        collected_tax: Vec::new(),
        refunds: Vec::new(),
        cancellations: Vec::new(),
        dispatched_at: None,
        delivered_at: None,
        replaces: None,
        completeness: Completeness::Full,
        reviews: Vec::new(),
        lines: Vec::new(),
    }
}

/// A line with pieces and a total, and no breakdown.
pub(crate) fn line(id: &str, quantity: u32, total: i64) -> OrderLine {
    OrderLine {
        vendor_line_id: RawCode::new(id),
        sku: Some(format!("SKU-{id}")),
        vendor_item_id: None,
        title: Some(format!("Thing {id}")),
        quantity,
        quantity_dispatched: None,
        quantity_to_dispatch: None,
        unit_price: None,
        total: Some(gbp(total)),
        amounts: Vec::new(),
        discounts: Vec::new(),
        collected_tax: Vec::new(),
        refunds: Vec::new(),
        dispatched_from: None,
        ship_by: None,
        programmes: Vec::new(),
    }
}

pub(crate) fn amount(kind: AmountKind, minor: i64) -> Amount {
    Amount::new(kind, gbp(minor))
}

pub(crate) fn amount_of(kind: AmountKind, of: AmountKind, minor: i64) -> Amount {
    Amount::of(kind, of, gbp(minor))
}

pub(crate) fn made(minor: i64, reference: Option<&str>) -> Refund {
    Refund {
        money: gbp(minor),
        at: Some(at("2026-11-05T10:00:00Z")),
        reference: reference.map(RawCode::new),
        status: Some(RawCode::new("REFUNDED")),
    }
}

/// A line in money: (goods, delivery, wrapping) for so many pieces.
pub(crate) fn priced(id: &str, quantity: i64, goods: i64, delivery: i64, wrapping: i64) -> PricedLine {
    PricedLine { vendor_line_id: id.to_owned(), quantity, goods, delivery, wrapping, stated_tax: 0 }
}

/// A refund known on a day of November 2026.
pub(crate) fn refund(reference: &str, of_november: u32, lines: &[(&str, i64)], rest: i64) -> KnownRefund {
    KnownRefund {
        reference: reference.to_owned(),
        at: Some(at(&format!("2026-11-{of_november:02}T10:00:00Z"))),
        lines: lines.iter().map(|(id, part)| ((*id).to_owned(), *part)).collect(),
        rest,
    }
}

/// Pieces that leave on a day of November 2026, at noon.
pub(crate) fn dispatch(of_november: u32, pieces: &[(&str, i64)]) -> Dispatch {
    Dispatch {
        at: at(&format!("2026-11-{of_november:02}T12:00:00Z")),
        pieces: pieces.iter().map(|(id, pieces)| ((*id).to_owned(), *pieces)).collect(),
    }
}

/// An order's account: what is sold, and the documents until now.
pub(crate) struct Account {
    pub(crate) facts: OrderFacts,
    pub(crate) priced: PricedOrder,
    pub(crate) treatment: Treatment,
    pub(crate) categories: HashMap<String, DeclaredCategory>,
    pub(crate) cancelled: HashMap<String, i64>,
    pub(crate) refunds: Vec<KnownRefund>,
    pub(crate) booked: Vec<Booked>,
}

impl Account {
    /// A sale within the United Kingdom.
    pub(crate) fn new(lines: Vec<(PricedLine, VatCategory)>) -> Self {
        let mut facts = order("GB", "ZX1 1AA");
        facts.lines = lines
            .iter()
            .map(|(line, _)| self::line(&line.vendor_line_id, u32::try_from(line.quantity).unwrap_or(1), 0))
            .collect();
        let category = |category| DeclaredCategory { category, basis: "product list".to_owned() };
        Self {
            facts,
            treatment: Treatment {
                scheme: Scheme::Uk,
                ship_from: Territory::GREAT_BRITAIN,
                ship_to: Territory::GREAT_BRITAIN,
                vat_country: "GB".parse().unwrap(),
                reason: "a test".to_owned(),
                source: "none".to_owned(),
            },
            categories: lines.iter().map(|(line, of)| (line.vendor_line_id.clone(), category(*of))).collect(),
            priced: PricedOrder { currency: Currency::GBP, lines: lines.into_iter().map(|(line, _)| line).collect() },
            cancelled: HashMap::new(),
            refunds: Vec::new(),
            booked: Vec::new(),
        }
    }

    pub(crate) fn sale(&self) -> Sale<'_> {
        Sale {
            facts: &self.facts,
            priced: &self.priced,
            treatment: &self.treatment,
            categories: &self.categories,
            cancelled: &self.cancelled,
            refunds: &self.refunds,
        }
    }

    /// Writes the document for a dispatch and books it.
    pub(crate) fn dispatch(&mut self, dispatch: &Dispatch) -> Result<Content, Missing> {
        let content = self.sale().content(dispatch, day("2026-11-20"), &self.booked)?;
        check_sums(&content);
        self.booked.push(Booked { booked_as: BookedAs::Sale, content: content.clone() });
        Ok(content)
    }

    /// Writes credit notes and books them.
    pub(crate) fn credit(&mut self, wish: &ordersync_vat::CreditWish) -> Result<Vec<(usize, Content)>, Missing> {
        let notes = ordersync_vat::credit(&self.booked, wish)?;
        for (of, content) in &notes {
            check_sums(content);
            let booked_as = BookedAs::Credit { of: *of, reversal: false };
            self.booked.push(Booked { booked_as, content: content.clone() });
        }
        Ok(notes)
    }

    /// Takes a document back as a whole.
    pub(crate) fn reverse(&mut self, place: usize) -> Result<(), Missing> {
        let content = ordersync_vat::reversal(&self.booked, place)?;
        self.booked.push(Booked { booked_as: BookedAs::Credit { of: place, reversal: true }, content });
        Ok(())
    }

    /// Sales less credits: (VAT, gross).
    pub(crate) fn balance(&self) -> (i64, i64) {
        self.booked.iter().fold((0, 0), |(vat, gross), document| {
            let sign = if document.booked_as == BookedAs::Sale { 1 } else { -1 };
            (vat + sign * document.content.vat().minor, gross + sign * document.content.gross().minor)
        })
    }
}

/// Lines add up to their groups and all to the totals; net and VAT to gross; nothing is below nothing.
pub(crate) fn check_sums(content: &Content) {
    for line in &content.lines {
        assert!(line.net >= 0 && line.vat >= 0 && line.gross >= 0, "{line:?}");
        assert_eq!(line.net + line.vat, line.gross, "{line:?}");
        assert!(line.quantity > 0);
        let has_group =
            |supply: Supply, rate: Rate| content.groups.iter().any(|g| (g.supply, g.rate) == (supply, rate));
        assert!(has_group(line.supply, line.rate));
    }
    for group in &content.groups {
        let lines = || content.lines.iter().filter(|line| (line.supply, line.rate) == (group.supply, group.rate));
        assert_eq!(group.net + group.vat, group.gross);
        assert!(group.net >= 0 && group.vat >= 0);
        assert_eq!(lines().map(|line| line.net).sum::<i64>(), group.net);
        assert_eq!(lines().map(|line| line.vat).sum::<i64>(), group.vat);
        assert_eq!(lines().map(|line| line.gross).sum::<i64>(), group.gross);
        let again = |other: &&ordersync_vat::VatGroup| (other.supply, other.rate) == (group.supply, group.rate);
        assert_eq!(content.groups.iter().filter(again).count(), 1);
    }
    assert_eq!(content.net().minor + content.vat().minor, content.gross().minor);
    assert_eq!(content.lines.iter().map(|line| line.gross).sum::<i64>(), content.gross().minor);
    assert!(content.refunds.iter().all(|used| used.amount > 0));
}

/// `goods:1=500@20` for each line of a document, in its order.
pub(crate) fn shown(content: &Content) -> String {
    let lines = content.lines.iter().map(|line| {
        let of = match &line.of {
            LineOf::Goods(id) => format!("{}x{id}", line.quantity),
            LineOf::Wrapping(id) => format!("wrapping{id}"),
            LineOf::Delivery => "delivery".to_owned(),
            LineOf::Goodwill => "goodwill".to_owned(),
        };
        format!("{of}={}@{}", line.gross, line.rate)
    });
    lines.collect::<Vec<_>>().join(" ")
}
