//! The lines of an order.

use ordersync_order::{Aspect, Cancellation, CancellationState, OrderLine, Programme, RawCode, TimeWindow};

use super::amounts::{amounts, collected_tax, promotions};
use super::reading::{Fault, Path, Reading, given, reason_code};
use super::status::{push_once, window};
use crate::dto;

/// Longest stock-keeping unit and title kept, in characters (`OrderLine`).
const SKU_CHARS: usize = 100;
const TITLE_CHARS: usize = 500;

/// All lines, and what their cancellations and delivery windows say of the order.
pub(super) struct Lines {
    pub(super) lines: Vec<OrderLine>,
    pub(super) cancellations: Vec<Cancellation>,
    /// The span of the lines' own delivery windows.
    pub(super) scheduled: TimeWindow,
}

pub(super) fn lines<'a>(reading: &mut Reading<'a>, items: &'a [dto::OrderItem<'a>]) -> Result<Lines, Fault> {
    let mut all =
        Lines { lines: Vec::with_capacity(items.len()), cancellations: Vec::new(), scheduled: TimeWindow::default() };
    for (index, item) in items.iter().enumerate() {
        let path = Path::of_list("orderItems", index);
        let line = line(reading, &path, item)?;
        if all.lines.iter().any(|known| known.vendor_line_id == line.vendor_line_id) {
            return Err(Fault::at(&path.field("orderItemId"), "the same item twice"));
        }
        cancellations(reading, &path, &line.vendor_line_id, item, &mut all.cancellations);
        if let Some(shipping) = item.fulfillment.as_ref().and_then(|fulfilment| fulfilment.shipping.as_ref()) {
            let path = path.field("fulfillment.shipping.scheduledDeliveryWindow");
            widen(&mut all.scheduled, window(reading, &path, shipping.scheduled_delivery_window.as_ref()));
        }
        all.lines.push(line);
    }
    Ok(all)
}

fn line<'a>(reading: &mut Reading<'a>, path: &Path<'_>, item: &'a dto::OrderItem<'a>) -> Result<OrderLine, Fault> {
    let vendor_line_id = RawCode::new(&item.order_item_id);
    if vendor_line_id.as_str() != &*item.order_item_id {
        return Err(Fault::at(&path.field("orderItemId"), "not an id of 1 to 64 letters, digits and . _ : -"));
    }
    if let Some(measurement) = item.measurement.as_ref().filter(|measurement| &*measurement.unit != "COUNT") {
        let unit = reason_code(&measurement.unit);
        let reason = format!("sold by measure ({unit}): the quantity is not a number of pieces to weigh");
        reading.review(Aspect::Info, &path.field("measurement.unit"), &reason);
    }
    let product = &item.product;
    let unit_price = product.price.as_ref().and_then(|price| price.unit_price.as_ref());
    let proceeds_path = path.field("proceeds");
    let proceeds = item.proceeds.as_ref();
    let total = proceeds.and_then(|proceeds| proceeds.proceeds_total.as_ref());
    Ok(OrderLine {
        vendor_line_id,
        sku: reading.listing_text(&path.field("product.sellerSku"), product.seller_sku.as_ref(), SKU_CHARS),
        vendor_item_id: given(product.asin.as_ref()).map(RawCode::new),
        title: reading.listing_text(&path.field("product.title"), product.title.as_ref(), TITLE_CHARS),
        quantity: item.quantity_ordered,
        quantity_dispatched: item.fulfillment.as_ref().and_then(|fulfilment| fulfilment.quantity_fulfilled),
        quantity_to_dispatch: item.fulfillment.as_ref().and_then(|fulfilment| fulfilment.quantity_unfulfilled),
        unit_price: unit_price.map(|money| reading.money(&path.field("product.price.unitPrice"), money)).transpose()?,
        total: total.map(|money| reading.money(&proceeds_path.field("proceedsTotal"), money)).transpose()?,
        amounts: amounts(reading, &proceeds_path, proceeds.and_then(|proceeds| proceeds.breakdowns.as_ref()))?,
        discounts: promotions(item.promotion.as_ref()),
        collected_tax: collected_tax(reading, path, item.tax.as_ref()),
        refunds: Vec::new(),
        dispatched_from: None,
        ship_by: None,
        programmes: programmes(reading, path, item),
    })
}

fn programmes(reading: &mut Reading<'_>, item: &Path<'_>, dto: &dto::OrderItem<'_>) -> Vec<Programme> {
    let mut programmes = Vec::new();
    for (index, name) in dto.programs.iter().flatten().enumerate() {
        let programme = match &**name {
            "TRANSPARENCY" => Programme::Transparency,
            "SUBSCRIBE_AND_SAVE" => Programme::Subscription,
            other => Programme::Other(reading.unknown(Aspect::Shipping, &item.item("programs", index), other)),
        };
        push_once(&mut programmes, programme);
    }
    let Some(fulfilment) = &dto.fulfillment else { return programmes };
    if let Some(packing) = &fulfilment.packing {
        if packing.gift_option.as_ref().is_some_and(|gift| given(gift.gift_wrap_level.as_ref()).is_some()) {
            push_once(&mut programmes, Programme::GiftWrap);
        }
        let path = item.field("fulfillment.packing.serialNumberRequirement.requirementType");
        match packing.serial_number_requirement.as_ref().and_then(|need| given(need.requirement_type.as_ref())) {
            None => {}
            Some("REQUIRED") => reading.review(Aspect::Info, &path, "Amazon wants the serial numbers of this line"),
            Some(other) => {
                reading.unknown(Aspect::Info, &path, other);
            }
        }
    }
    if let Some(duties) = fulfilment.shipping.as_ref().and_then(|shipping| shipping.shipping_constraints.as_ref()) {
        delivery_duties(reading, item, duties, &mut programmes);
    }
    programmes
}

/// Each duty by Amazon's own name. A value other than `MANDATORY` counts as a duty until a person has looked.
fn delivery_duties(
    reading: &mut Reading<'_>,
    item: &Path<'_>,
    duties: &dto::ItemShippingConstraints<'_>,
    programmes: &mut Vec<Programme>,
) {
    let path = item.field("fulfillment.shipping.shippingConstraints");
    for (name, duty) in [
        ("palletDelivery", &duties.pallet_delivery),
        ("cashOnDelivery", &duties.cash_on_delivery),
        ("signatureConfirmation", &duties.signature_confirmation),
        ("recipientIdentityVerification", &duties.recipient_identity_verification),
        ("recipientAgeVerification", &duties.recipient_age_verification),
    ] {
        let Some(value) = given(duty.as_ref()) else { continue };
        if value != "MANDATORY" {
            reading.unknown(Aspect::Shipping, &path.field(name), value);
        }
        push_once(programmes, Programme::DeliveryDuty(RawCode::new(name)));
    }
}

/// A request is open until there is an execution.
fn cancellations(
    reading: &mut Reading<'_>,
    item: &Path<'_>,
    line_id: &RawCode,
    dto: &dto::OrderItem<'_>,
    all: &mut Vec<Cancellation>,
) {
    let Some(cancellation) = &dto.cancellation else { return };
    let path = item.field("cancellation");
    let execution = cancellation.cancellation_execution.as_ref();
    if let Some(request) = &cancellation.cancellation_request {
        let path = path.field("cancellationRequest.requester");
        all.push(Cancellation {
            vendor_line_id: Some(line_id.clone()),
            state: if execution.is_some() { CancellationState::Done } else { CancellationState::Requested },
            by: party(reading, &path, request.requester.as_ref(), &["BUYER"]),
            reason: given(request.cancel_reason.as_ref()).map(reason_code),
            at: None,
        });
    }
    if let Some(execution) = execution {
        let path = path.field("cancellationExecution.cancelledBy");
        all.push(Cancellation {
            vendor_line_id: Some(line_id.clone()),
            state: CancellationState::Done,
            by: party(reading, &path, execution.cancelled_by.as_ref(), &["BUYER", "MERCHANT", "AMAZON"]),
            reason: given(execution.cancel_reason.as_ref()).map(reason_code),
            at: None,
        });
    }
}

fn party(reading: &mut Reading<'_>, path: &Path<'_>, text: Option<&dto::Text<'_>>, known: &[&str]) -> Option<RawCode> {
    let text = given(text)?;
    if known.contains(&text) {
        return Some(RawCode::new(text));
    }
    let code = reason_code(text);
    reading.unknown(Aspect::Info, path, code.as_str());
    Some(code)
}

fn widen(span: &mut TimeWindow, other: TimeWindow) {
    span.earliest = [span.earliest, other.earliest].into_iter().flatten().min();
    span.latest = span.latest.max(other.latest);
}
