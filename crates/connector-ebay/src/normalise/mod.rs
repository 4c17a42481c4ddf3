//! eBay's order to ours. Pure: no clock, no I/O, no panic.
//!
//! What eBay's contract marks as optional is optional here too, which is everything; an order cannot do without its
//! number, its two dates, and a number and quantity for each of its lines. Without one of them, or with money that
//! cannot be read, it is rejected by name of the field. Any other surprise is kept with a review.

mod agreement;
mod amounts;
mod delivery;
mod page;
mod people;
mod reading;
mod status;

use ordersync_order::{
    Aspect, Completeness, Order, OrderFacts, OrderLine, OrderStatus, Programme, RawCode, TimeWindow,
};
use ordersync_types::{Timestamp, VendorOrderId};

pub use page::{OrdersRead, PageUnreadable, order, page};
use reading::{Path, Reading, Rejection, open_text, parse_time};

use crate::dto::{self, LineItem, Text, text};

/// Most characters kept of a stock-keeping unit and of a title ([`OrderLine`]).
const SKU_CHARS: usize = 100;
const TITLE_CHARS: usize = 500;
/// Most characters kept of the name and of the value of what tells a variation.
const ASPECT_CHARS: usize = 80;

/// `read_at`: when eBay gave the answer, to know what it leaves out because of the order's age.
fn normalise(order: &dto::Order<'_>, read_at: Timestamp) -> Result<Order, Rejection> {
    let root = Path::ORDER;
    let vendor_order_id: VendorOrderId = required(&order.order_id, root.at("orderId"))?
        .parse()
        .map_err(|error: ordersync_types::IdError| Rejection::new(root.at("orderId"), error.reason))?;
    let created_at = required_time(&order.creation_date, root.at("creationDate"))?;
    let modified_at = required_time(&order.last_modified_date, root.at("lastModifiedDate"))?;
    let mut reading = Reading::new(created_at, read_at);
    if modified_at < created_at {
        reading.review(
            Aspect::Info,
            root.at("lastModifiedDate"),
            "before the order was made; the later date was taken",
        );
    }
    let updated_at = modified_at.max(created_at);

    let amounts = amounts::of_order(&order.pricing_summary, &mut reading)?;
    let standing = status::standing(order, &mut reading);
    let delivery = delivery::delivery(order, &mut reading);
    let lines = lines(&order.line_items, &mut reading)?;
    let refunds = match &order.payment_summary {
        Some(summary) => amounts::refunds(&summary.refunds, root.at("paymentSummary"), &mut reading)?,
        None => Vec::new(),
    };
    agreement::check(order, &amounts, &lines, &mut reading)?;
    let people = people::people(order, &mut reading);
    let facts = OrderFacts {
        vendor_order_id,
        marketplace: marketplace(&order.line_items, &mut reading),
        created_at,
        updated_at,
        // nothing better is in this API's order: the change that made it fulfilled, as long as nothing came after
        dispatched_at: (standing.status == OrderStatus::Shipped).then_some(updated_at),
        status: standing.status,
        payment: standing.payment,
        fulfilled_by: delivery.fulfilled_by,
        programmes: delivery.programmes,
        ship_by: TimeWindow { earliest: None, latest: lines.iter().filter_map(|line| line.ship_by).min() },
        deliver_by: promised(delivery.deliver_by, &order.line_items),
        service_level: delivery.service_level,
        destination: delivery.destination,
        currency: amounts.grand_total.map(|total| total.currency).or(reading.currency),
        grand_total: amounts.grand_total,
        amounts: amounts.amounts,
        discounts: Vec::new(),
        collected_tax: Vec::new(),
        refunds,
        cancellations: standing.cancellations,
        delivered_at: None,
        replaces: None,
        completeness: Completeness::Full,
        reviews: reading.reviews,
        lines,
    };
    Ok(Order { facts, people })
}

fn required<'t>(field: &'t Option<Text<'_>>, path: Path<'_>) -> Result<&'t str, Rejection> {
    text(field).ok_or_else(|| Rejection::missing(path))
}

fn required_time(field: &Option<Text<'_>>, path: Path<'_>) -> Result<Timestamp, Rejection> {
    let written = required(field, path)?;
    parse_time(written).ok_or_else(|| Rejection::new(path, "not a date and time such as 2026-01-31T12:00:00.000Z"))
}

fn lines(items: &[LineItem<'_>], reading: &mut Reading) -> Result<Vec<OrderLine>, Rejection> {
    if items.is_empty() {
        return Err(Rejection::new(Path::ORDER.at("lineItems"), "an order without a line"));
    }
    let mut lines: Vec<OrderLine> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = Path::ORDER.item("lineItems", index);
        let line = line(item, path, reading)?;
        if lines.iter().any(|known| known.vendor_line_id == line.vendor_line_id) {
            return Err(Rejection::new(path.at("lineItemId"), "occurs twice in the order"));
        }
        lines.push(line);
    }
    Ok(lines)
}

/// The listing's title with what tells this variation from the others: `Wool socks (Colour: blue, Size: 39-42)`. A packer
/// must see it, and many a variation has no SKU of its own.
fn title(item: &LineItem<'_>, path: Path<'_>, reading: &mut Reading) -> Option<String> {
    let mut aspects = Vec::with_capacity(item.variation_aspects.len());
    for (index, pair) in item.variation_aspects.iter().enumerate() {
        let at = path.item("variationAspects", index);
        let name = open_text(reading, &pair.name, ASPECT_CHARS, at.at("name"));
        let value = open_text(reading, &pair.value, ASPECT_CHARS, at.at("value"));
        aspects.extend(match (name, value) {
            (Some(name), Some(value)) => Some(format!("{name}: {value}")),
            (name, value) => value.or(name),
        });
    }
    if aspects.is_empty() {
        return open_text(reading, &item.title, TITLE_CHARS, path.at("title"));
    }
    let aspects: String = format!(" ({})", aspects.join(", ")).chars().take(TITLE_CHARS).collect();
    let room = TITLE_CHARS - aspects.chars().count();
    let title = open_text(reading, &item.title, room, path.at("title")).unwrap_or_default();
    Some(format!("{title}{aspects}").trim_start().to_owned())
}

fn line(item: &LineItem<'_>, path: Path<'_>, reading: &mut Reading) -> Result<OrderLine, Rejection> {
    let id = required(&item.line_item_id, path.at("lineItemId"))?;
    let vendor_line_id = RawCode::new(id);
    if vendor_line_id.as_str() != id {
        return Err(Rejection::new(path.at("lineItemId"), "not 1 to 64 of A-Z a-z 0-9 _ . : -"));
    }
    let quantity = item.quantity.ok_or_else(|| Rejection::missing(path.at("quantity")))?;
    let amounts = amounts::of_line(item, path, reading)?;
    let instructions = item.line_item_fulfillment_instructions.as_ref();
    let instructions_path = path.at("lineItemFulfillmentInstructions");
    let ship_by = instructions.and_then(|i| reading.time(&i.ship_by_date, instructions_path.at("shipByDate")));
    let location_path = path.at("itemLocation");
    let location = item.item_location.as_ref();
    let dispatched_from =
        location.and_then(|l| reading.country(Aspect::Tax, &l.country_code, location_path.at("countryCode")));
    Ok(OrderLine {
        vendor_line_id,
        sku: open_text(reading, &item.sku, SKU_CHARS, path.at("sku")),
        vendor_item_id: item_id(item),
        title: title(item, path, reading),
        quantity,
        quantity_dispatched: dispatched(item, quantity, path, reading),
        quantity_to_dispatch: None,
        unit_price: amounts.unit_price,
        total: amounts.total,
        amounts: amounts.amounts,
        discounts: amounts.discounts,
        collected_tax: amounts.collected_tax,
        refunds: amounts::refunds(&item.refunds, path, reading)?,
        dispatched_from,
        ship_by,
        // the contract: gift details come with digital gift cards alone
        programmes: item.gift_details.iter().map(|_| Programme::Digital).collect(),
    })
}

/// The listing, and its variation after a `:`.
fn item_id(item: &LineItem<'_>) -> Option<RawCode> {
    let listing = text(&item.legacy_item_id)?;
    Some(match text(&item.legacy_variation_id) {
        Some(variation) if variation != "0" => RawCode::new(&format!("{listing}:{variation}")),
        Some(_) | None => RawCode::new(listing),
    })
}

/// `LineItemFulfillmentStatusEnum`. A line under way does not say how many of its pieces have left.
fn dispatched(item: &LineItem<'_>, quantity: u32, path: Path<'_>, reading: &mut Reading) -> Option<u32> {
    match text(&item.line_item_fulfillment_status)? {
        "NOT_STARTED" => Some(0),
        "FULFILLED" => Some(quantity),
        "IN_PROGRESS" => None,
        unknown => {
            reading.note_unknown(Aspect::Shipping, path.at("lineItemFulfillmentStatus"), unknown);
            None
        }
    }
}

/// Where the buyer bought it; eBay names it per line, and one order comes from one site.
fn marketplace(items: &[LineItem<'_>], reading: &mut Reading) -> RawCode {
    let site = |item: &LineItem<'_>| {
        text(&item.purchase_marketplace_id).or(text(&item.listing_marketplace_id)).map(RawCode::new)
    };
    let first = items.iter().find_map(site);
    if items.iter().filter_map(site).any(|other| Some(&other) != first.as_ref()) {
        reading.review(Aspect::Tax, Path::ORDER.at("lineItems"), "lines bought on different eBay sites");
    }
    first.unwrap_or_else(|| {
        let path = Path::ORDER.item("lineItems", 0);
        reading.review(Aspect::Tax, path.at("purchaseMarketplaceId"), "eBay does not say on which site it was bought");
        RawCode::new("NOT_STATED")
    })
}

/// The order's own promise, else that of its lines taken together. A line's date that cannot be read counts for
/// nothing here; the order's has been told of.
fn promised(order: TimeWindow, items: &[LineItem<'_>]) -> TimeWindow {
    let dates = || items.iter().filter_map(|item| item.line_item_fulfillment_instructions.as_ref());
    let time = |field: &Option<Text<'_>>| text(field).and_then(parse_time);
    TimeWindow {
        earliest: order.earliest.or_else(|| dates().filter_map(|i| time(&i.min_estimated_delivery_date)).min()),
        latest: order.latest.or_else(|| dates().filter_map(|i| time(&i.max_estimated_delivery_date)).max()),
    }
}
