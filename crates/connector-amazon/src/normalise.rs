//! One order of the answer becomes one order of ours. Pure: no clock, no I/O, no panic.

mod amounts;
mod line;
mod people;
mod reading;
mod status;

use ordersync_order::{Aspect, Completeness, Order, OrderFacts, OrderStatus, PaymentStatus, RawCode, TimeWindow};
use ordersync_types::Timestamp;

pub(crate) use people::ROLE_MISSING;
pub(crate) use reading::{Fault, parse_time};

use crate::dto;
use reading::{Path, Reading, given};

/// Reads one order.
///
/// # Errors
/// [`Fault`] names the field that cannot be read: a time or amount that is none, an order or item number that
/// cannot be one, the same item twice. Everything else that is odd becomes a review of the order.
pub(crate) fn normalise(dto: &dto::Order<'_>) -> Result<Order, Fault> {
    let vendor_order_id = dto.order_id.parse().map_err(|_| {
        Fault::at(&Path::of_order("orderId"), "not an order number of 1 to 64 letters, digits and . _ ! -")
    })?;
    let created_at = Reading::time(&Path::of_order("createdTime"), &dto.created_time)?;
    let updated_at = Reading::time(&Path::of_order("lastUpdatedTime"), &dto.last_updated_time)?;
    let reading = &mut Reading::new();

    // the total first: its currency is the order's
    let proceeds_path = Path::of_order("proceeds");
    let proceeds = dto.proceeds.as_ref();
    let grand_total = proceeds
        .and_then(|proceeds| proceeds.grand_total.as_ref())
        .map(|money| reading.money(&proceeds_path.field("grandTotal"), money))
        .transpose()?;
    let amounts =
        amounts::amounts(reading, &proceeds_path, proceeds.and_then(|proceeds| proceeds.breakdowns.as_ref()))?;
    let lines = line::lines(reading, &dto.order_items)?;

    let mut fulfilment = status::fulfilment(reading, dto.fulfillment.as_ref());
    if fulfilment.deliver_by == TimeWindow::default() {
        fulfilment.deliver_by = lines.scheduled;
    }
    let programmes = status::order_programmes(reading, dto.programs.as_ref());
    let parcels = status::parcels(reading, dto.packages.as_ref());
    let updated_at = not_before(reading, created_at, updated_at);
    let journey = journey(fulfilment.status, &parcels, updated_at);
    let destination = people::destination(reading, dto.recipient.as_ref(), &programmes);
    let people = people::people(reading, dto, &journey.status, &fulfilment.fulfilled_by);
    let marketplace = marketplace(reading, &dto.sales_channel);
    let replaces = status::replaces(reading, dto.associated_orders.as_ref());
    let (currency, reviews) = std::mem::replace(reading, Reading::new()).finish();

    let facts = OrderFacts {
        vendor_order_id,
        marketplace,
        created_at,
        updated_at,
        status: journey.status,
        payment: PaymentStatus::NotStated,
        fulfilled_by: fulfilment.fulfilled_by,
        programmes,
        ship_by: fulfilment.ship_by,
        deliver_by: fulfilment.deliver_by,
        service_level: fulfilment.service_level,
        destination,
        currency,
        grand_total,
        amounts,
        discounts: Vec::new(),
        collected_tax: Vec::new(),
        refunds: Vec::new(),
        cancellations: lines.cancellations,
        dispatched_at: journey.dispatched_at,
        delivered_at: journey.delivered_at,
        replaces,
        completeness: Completeness::Full,
        reviews,
        lines: lines.lines,
    };
    Ok(Order { facts, people })
}

struct Journey {
    status: OrderStatus,
    dispatched_at: Option<Timestamp>,
    delivered_at: Option<Timestamp>,
}

/// When an order left and arrived. Amazon gives the time of handing over for each parcel, and none for delivery: the
/// order's last change stands for what has no time of its own, which is at most too late.
fn journey(status: OrderStatus, parcels: &status::Parcels, updated_at: Timestamp) -> Journey {
    match status {
        OrderStatus::Shipped => {
            let dispatched_at = Some(parcels.last_ship_time.unwrap_or(updated_at));
            if parcels.all_delivered {
                Journey { status: OrderStatus::Delivered, dispatched_at, delivered_at: Some(updated_at) }
            } else {
                Journey { status, dispatched_at, delivered_at: None }
            }
        }
        OrderStatus::PartiallyShipped | OrderStatus::Delivered | OrderStatus::Unknown(_) => {
            Journey { status, dispatched_at: parcels.last_ship_time, delivered_at: None }
        }
        OrderStatus::PreOrder
        | OrderStatus::Pending
        | OrderStatus::Unshipped
        | OrderStatus::Cancelled
        | OrderStatus::Unfulfillable
        | OrderStatus::NotStated => Journey { status, dispatched_at: None, delivered_at: None },
    }
}

/// An order cannot have changed before it was placed.
fn not_before(reading: &mut Reading<'_>, created_at: Timestamp, updated_at: Timestamp) -> Timestamp {
    if updated_at < created_at {
        let reason = "last changed before it was placed: the time of placing is used";
        reading.review(Aspect::Info, &Path::of_order("lastUpdatedTime"), reason);
    }
    updated_at.max(created_at)
}

/// The marketplace's id; ids that this program does not know are kept (the seller may sell in a new country).
fn marketplace(reading: &mut Reading<'_>, channel: &dto::SalesChannel<'_>) -> RawCode {
    let path = Path::of_order("salesChannel");
    let name = match &*channel.channel_name {
        known @ ("AMAZON" | "NON_AMAZON") => RawCode::new(known),
        other => reading.unknown(Aspect::Info, &path.field("channelName"), other),
    };
    match given(channel.marketplace_id.as_ref()) {
        Some(id) => RawCode::new(id),
        None => {
            let reason = "the order names no marketplace: the name of its sales channel is kept";
            reading.review(Aspect::Info, &path.field("marketplaceId"), reason);
            name
        }
    }
}
