//! Orders for the tests of core and store.

use ordersync_order::{
    Amount, AmountKind, Completeness, DeliverTo, Destination, Discount, FulfilledBy, FundedBy, Order, OrderFacts,
    OrderLine, OrderStatus, PaymentStatus, People, Programme, RawCode, Territory, TimeWindow,
};
use ordersync_types::{Country, Currency, Money, Timestamp, VendorOrderId};

use crate::people::{self, Fullness};

/// Order `number` as it stands at `now`: see [`SampleOrder::new`].
pub fn sample_order(number: u64, now: Timestamp) -> Order {
    SampleOrder::new(number, now).build()
}

/// An order to be made: say what is to be different, then [`Self::build`] it.
///
/// The same number gives the same order. Every personal value is at least 8 bytes long, and no two values of any two
/// orders or fields are alike, for numbers below 360 000; country codes alone are `GB` everywhere.
#[derive(Debug, Clone)]
pub struct SampleOrder {
    number: u64,
    buyer: u64,
    buyer_key: bool,
    people: bool,
    fullness: Fullness,
    lines: u64,
    ebay: bool,
    status: OrderStatus,
    fulfilled_by: FulfilledBy,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl SampleOrder {
    /// An Amazon order of Great Britain, paid, to be packed by the seller, placed an hour before `now` and changed
    /// at `now`, with a buyer of its own and 1 to 3 lines. Every fourth order (number 0, 4, 8, ...) has every field
    /// of its recipient and buyer filled in; the others look as usual, with gaps.
    pub fn new(number: u64, now: Timestamp) -> Self {
        Self {
            number,
            buyer: number,
            buyer_key: true,
            people: true,
            fullness: if number.is_multiple_of(4) { Fullness::Every } else { Fullness::Usual },
            lines: 1 + number % 3,
            ebay: false,
            status: OrderStatus::Unshipped,
            fulfilled_by: FulfilledBy::Merchant,
            created_at: now - chrono::TimeDelta::hours(1),
            updated_at: now,
        }
    }

    /// Where it stands. A dispatched order left a minute before its last change, a delivered one came with it.
    #[must_use]
    pub fn status(mut self, status: OrderStatus) -> Self {
        self.status = status;
        self
    }

    /// When the buyer placed it; a last change before that moves with it.
    #[must_use]
    pub fn created_at(mut self, created_at: Timestamp) -> Self {
        self.created_at = created_at;
        self.updated_at = self.updated_at.max(created_at);
        self
    }

    /// When the marketplace last changed it; a placing after that moves with it.
    #[must_use]
    pub fn updated_at(mut self, updated_at: Timestamp) -> Self {
        self.updated_at = updated_at;
        self.created_at = self.created_at.min(updated_at);
        self
    }

    /// Packed by Amazon.
    #[must_use]
    pub fn fba(mut self) -> Self {
        self.fulfilled_by = FulfilledBy::Fba;
        self
    }

    /// Packed by whom.
    #[must_use]
    pub fn fulfilled_by(mut self, fulfilled_by: FulfilledBy) -> Self {
        self.fulfilled_by = fulfilled_by;
        self
    }

    /// An eBay order, by its numbers and codes.
    #[must_use]
    pub fn ebay(mut self) -> Self {
        self.ebay = true;
        self
    }

    /// Bought by buyer `number`: orders with the same one have the same buyer and buyer key.
    #[must_use]
    pub fn buyer(mut self, number: u64) -> Self {
        self.buyer = number;
        self
    }

    /// The marketplace does not say by what it knows the buyer.
    #[must_use]
    pub fn without_buyer_key(mut self) -> Self {
        self.buyer_key = false;
        self
    }

    /// No buyer, no recipient and no buyer key.
    #[must_use]
    pub fn without_people(mut self) -> Self {
        self.people = false;
        self
    }

    /// Every field of recipient and buyer filled in.
    #[must_use]
    pub fn with_every_field(mut self) -> Self {
        self.fullness = Fullness::Every;
        self
    }

    /// Another number of lines, at least 1.
    #[must_use]
    pub fn lines(mut self, lines: u64) -> Self {
        self.lines = lines.max(1);
        self
    }

    /// The marketplace's order number.
    #[expect(clippy::expect_used, reason = "digits and hyphens make an order number")]
    pub fn vendor_order_id(&self) -> VendorOrderId {
        let n = self.number;
        let text = if self.ebay {
            format!("{:02}-{:05}-{:05}", n / 10_000_000_000 % 100, n / 100_000 % 100_000, n % 100_000)
        } else {
            format!("026-{:07}-{:07}", n / 10_000_000 % 10_000_000, n % 10_000_000)
        };
        text.parse().expect("an order number")
    }

    /// Every personal value of the order in clear, for a search through files and logs. Without country codes.
    pub fn personal_values(&self) -> Vec<String> {
        if !self.people {
            return Vec::new();
        }
        people::values(self.number, self.buyer, &self.line_ids(), self.fullness, self.buyer_key)
    }

    /// The order.
    pub fn build(&self) -> Order {
        Order { facts: self.facts(), people: self.people() }
    }

    fn people(&self) -> People {
        if !self.people {
            return People::default();
        }
        People {
            buyer_key: self.buyer_key.then(|| people::buyer_key(self.buyer)),
            buyer: Some(people::buyer(self.buyer, self.fullness)),
            recipient: Some(people::recipient(self.number, &self.line_ids(), self.fullness)),
        }
    }

    fn facts(&self) -> OrderFacts {
        let lines: Vec<OrderLine> = (0..self.lines).map(|line| self.line(line)).collect();
        let total: i64 = lines.iter().filter_map(|line| line.total).map(|total| total.minor).sum();
        let days = chrono::TimeDelta::days;
        let dispatched = self.status.is_dispatched().then_some(self.updated_at - chrono::TimeDelta::minutes(1));
        OrderFacts {
            vendor_order_id: self.vendor_order_id(),
            marketplace: RawCode::new(if self.ebay { "EBAY_GB" } else { "A1F83G8C2ARO7P" }),
            created_at: self.created_at,
            updated_at: self.updated_at,
            status: self.status.clone(),
            payment: self.payment(),
            fulfilled_by: self.fulfilled_by.clone(),
            programmes: if self.number % 5 == 1 { vec![Programme::Prime] } else { Vec::new() },
            ship_by: TimeWindow { earliest: Some(self.created_at), latest: Some(self.created_at + days(2)) },
            deliver_by: TimeWindow {
                earliest: Some(self.created_at + days(3)),
                latest: Some(self.created_at + days(5)),
            },
            service_level: Some(RawCode::new(if self.ebay { "UK_RoyalMailSecondClassStandard" } else { "Standard" })),
            destination: great_britain(),
            currency: Some(Currency::GBP),
            grand_total: Some(pounds(total)),
            amounts: vec![Amount::new(AmountKind::Delivery, DELIVERY)],
            discounts: Vec::new(),
            collected_tax: Vec::new(),
            refunds: Vec::new(),
            cancellations: Vec::new(),
            dispatched_at: dispatched,
            delivered_at: (self.status == OrderStatus::Delivered).then_some(self.updated_at),
            replaces: None,
            completeness: Completeness::Full,
            reviews: Vec::new(),
            lines,
        }
    }

    fn payment(&self) -> PaymentStatus {
        match self.status {
            OrderStatus::Pending | OrderStatus::PreOrder => PaymentStatus::Pending,
            OrderStatus::Unshipped
            | OrderStatus::PartiallyShipped
            | OrderStatus::Shipped
            | OrderStatus::Delivered
            | OrderStatus::Cancelled
            | OrderStatus::Unfulfillable => PaymentStatus::Paid,
            OrderStatus::NotStated | OrderStatus::Unknown(_) => PaymentStatus::NotStated,
        }
    }

    fn line(&self, line: u64) -> OrderLine {
        let article = (self.number + line) % 97;
        let (quantity, price) = (1 + u32::try_from(line % 4).unwrap_or(0), price(article));
        let goods = pounds(price.minor * i64::from(quantity));
        // Delivery of the whole order stands on its first line, as the marketplaces give it.
        let delivery = if line == 0 { DELIVERY } else { pounds(0) };
        let total = pounds(goods.minor.saturating_add(delivery.minor));
        let discount = Discount { funded_by: FundedBy::Seller, money: None, promotion: Some(RawCode::new("AUTUMN")) };
        OrderLine {
            vendor_line_id: RawCode::new(&self.line_id(line)),
            sku: Some(format!("SKU-{article:04}")),
            vendor_item_id: Some(RawCode::new(&format!("B0{article:08}"))),
            title: Some(format!("Oak dowel, {} mm, pack of 10", 5 + article)),
            quantity,
            quantity_dispatched: Some(if self.status.is_dispatched() { quantity } else { 0 }),
            quantity_to_dispatch: None,
            unit_price: Some(price),
            total: Some(total),
            amounts: vec![Amount::new(AmountKind::Goods, goods), Amount::new(AmountKind::Delivery, delivery)],
            discounts: if line == 2 { vec![discount] } else { Vec::new() },
            collected_tax: Vec::new(),
            refunds: Vec::new(),
            dispatched_from: great_britain().map(|destination| destination.country),
            ship_by: None,
            programmes: Vec::new(),
        }
    }

    fn line_ids(&self) -> Vec<String> {
        (0..self.lines).map(|line| self.line_id(line)).collect()
    }

    fn line_id(&self, line: u64) -> String {
        format!("{:011}{line:03}", self.number)
    }
}

/// What the buyer pays for delivery.
const DELIVERY: Money = Money::new(399, Currency::GBP);

fn pounds(minor: i64) -> Money {
    Money::new(minor, Currency::GBP)
}

/// 5.00 to 28.04 pounds.
fn price(article: u64) -> Money {
    pounds(500 + 24 * i64::try_from(article).unwrap_or(0))
}

fn great_britain() -> Option<Destination> {
    let country: Country = "GB".parse().ok()?;
    Some(Destination { country, territory: Territory::GREAT_BRITAIN, final_country: None, to: DeliverTo::Home })
}
