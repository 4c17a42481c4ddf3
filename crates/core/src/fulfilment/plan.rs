//! From a wish to what a courier is told: which pieces, which recipient, which fields. Writes nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::Duration;
use ordersync_courier_api::{
    Consignment, CourierAdapter, Destination, DestinationField, LabelMedia, Lane, Parcel, SenderProfile,
};
use ordersync_store::{DisclosureEntry, LineLimit, PackedLine, Shipment, ShipmentLine, ShipmentState, StoredOrder};
use ordersync_types::{OrderId, SellerId, ShipmentRef, Timestamp};
use ordersync_vault::ScopeId;

use super::create::already_packed;
use super::destination::{Told, own_country, told};
use super::pieces::{every_piece, limit};
use super::readiness::stops_again;
use super::{
    FulfilmentSettings, LabelRefused, LabelWish, Pieces, Work, draft, open_lines, stands_alone, status_of, work,
};
use crate::open::OpenedRecipient;
use crate::{Actor, Core, CoreError, HeldBy};

/// A wish that can be asked for.
pub(super) struct Plan {
    pub(super) shipment: Shipment,
    pub(super) consignment: Consignment,
    pub(super) courier: Arc<dyn CourierAdapter>,
    pub(super) limits: Vec<LineLimit>,
    pub(super) disclosures: Vec<DisclosureEntry>,
    pub(super) purge_after: Timestamp,
}

fn refused(wish: &LabelWish, message: impl Into<String>, hint: impl Into<String>) -> LabelRefused {
    LabelRefused { orders: wish.orders.clone(), message: message.into(), hint: hint.into(), unclear: false }
}

impl Core {
    pub(super) fn plan_label(
        &self,
        wish: &LabelWish,
        settings: &FulfilmentSettings,
        known: &Known<'_>,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Plan, LabelRefused> {
        // Nothing of it is packed: then it is not packed once more, and it must count.
        let first_time;
        let wish = if wish.again.is_some() && known.is_unpacked(wish) {
            first_time = LabelWish { again: None, ..wish.clone() };
            &first_time
        } else {
            wish
        };
        let courier = settings.courier(wish.courier.as_deref());
        let courier = courier.map_err(|none| refused(wish, none.message, none.hint))?;
        let Some(sender) = &settings.sender else {
            let hint = "add name, lines, postcode and country under [sender], then `systemctl reload ordersync`";
            return Err(refused(wish, "the configuration does not say who sends", hint));
        };
        if !(1..=99).contains(&wish.parcels) {
            return Err(refused(wish, "parcels: must be 1 to 99", ""));
        }
        let (first, lines, limits) = known.pieces(wish)?;
        let (destination, digest) = self.told(wish, first, first, courier, sender, known)?;
        for other in known.others(wish) {
            let (_, alike) = self.told(wish, first, other, courier, sender, known)?;
            if alike != digest {
                let message = format!("{}: goes to another address", other.summary.vendor_order_id);
                return Err(refused(wish, message, "orders to one recipient can share a parcel"));
            }
        }
        let shipment = draft(first, lines, actor, now);
        let service = wish.service.clone().unwrap_or_else(|| usual_service(courier.as_ref()));
        let media = wish.media.unwrap_or(settings.media);
        let fields: Vec<&str> = destination.told().map(DestinationField::name).chain(["country"]).collect();
        let consignment = consignment(shipment.reference, destination, sender, wish.parcels, &service, media);
        let problems = courier.check(&consignment);
        if !problems.is_empty() {
            let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return Err(refused(wish, text.join("; "), "correct it with `ordersync orders address`"));
        }
        let disclosures = wish.orders.iter().map(|order| DisclosureEntry {
            at: now,
            recipient: courier.info().id.0.to_owned(),
            purpose: format!("label ({service})"),
            order: *order,
            shipment: Some(shipment.shipment_id),
            fields: fields.join(" "),
        });
        let disclosures = disclosures.collect();
        let shipment = Shipment {
            state: ShipmentState::Requested,
            courier: courier.info().id.0.to_owned(),
            service,
            media: media.to_string(),
            parcels: wish.parcels,
            address_digest: Some(digest),
            again: wish.again.map(|again| again.name().to_owned()),
            ..shipment
        };
        let purge_after = now.checked_add_signed(Duration::days(settings.label_days)).unwrap_or(now);
        Ok(Plan { shipment, consignment, courier: courier.clone(), limits, disclosures, purge_after })
    }

    /// The consignment of a shipment that was written down, from what is held now.
    pub(super) async fn consignment_again(
        &self,
        seller: SellerId,
        shipment: &Shipment,
        wish: &LabelWish,
        settings: &FulfilmentSettings,
        actor: &Actor,
    ) -> Result<Result<Consignment, LabelRefused>, CoreError> {
        let Some(order) = self.orders_by_id(seller, wish.orders.clone()).await?.remove(&shipment.recipient_order)
        else {
            return Ok(Err(refused(wish, "there is no such order", "")));
        };
        let recipients = self.open_recipients(seller, &[&order.summary], actor).await?;
        let (orders, holds) = (HashMap::new(), HashMap::new());
        let known = Known { orders: &orders, packed: &[], holds: &holds, recipients: &recipients };
        let courier = settings.courier(wish.courier.as_deref())?;
        let (Some(sender), Some(media)) = (&settings.sender, wish.media) else {
            return Ok(Err(refused(wish, "the configuration does not say who sends", "")));
        };
        Ok(match self.told(wish, &order, &order, courier, sender, &known) {
            Ok((_, digest)) if Some(digest) != shipment.address_digest => {
                Err(refused(wish, "the address has changed since the label was asked for", "make a new one"))
            }
            Ok((destination, _)) => {
                let Shipment { reference, parcels, service, .. } = shipment;
                Ok(consignment(*reference, destination, sender, *parcels, service, media))
            }
            Err(refusal) => Err(refusal),
        })
    }

    /// What the courier is told of an order's recipient, and its digest under the name of the first order, by which
    /// addresses can be compared.
    fn told(
        &self,
        wish: &LabelWish,
        first: &StoredOrder,
        order: &StoredOrder,
        courier: &Arc<dyn CourierAdapter>,
        sender: &SenderProfile,
        known: &Known<'_>,
    ) -> Result<(Destination, [u8; 16]), LabelRefused> {
        let summary = &order.summary;
        let recipient = match known.recipients.get(&summary.order_id) {
            Some(OpenedRecipient::Present(recipient)) => recipient,
            Some(OpenedRecipient::Purged(since)) => {
                let message = format!(
                    "the address was deleted on {} (delivery data: 30 days after delivery)",
                    since.date_naive()
                );
                return Err(refused(wish, message, "open the order at the marketplace if a label is needed still"));
            }
            None => {
                let hint = "wait until the marketplace shows it, or type it with `ordersync orders address`";
                return Err(refused(wish, "there is no address yet", hint));
            }
        };
        let country = own_country(recipient).or_else(|| summary.country.as_deref().and_then(|code| code.parse().ok()));
        let Some(country) = country else {
            let hint = "type the address with `ordersync orders address`";
            return Err(refused(wish, "country: the marketplace does not say where it goes", hint));
        };
        let service = wish.service.clone().unwrap_or_else(|| usual_service(courier.as_ref()));
        let lane = Lane { from: sender.country, to: country };
        let needs = courier.needs(&service, lane).map_err(|error| refused(wish, error.to_string(), ""))?;
        let Told { destination, record } = told(recipient, country, &needs).map_err(|problems| {
            let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
            refused(wish, text.join("; "), "type it with `ordersync orders address`")
        })?;
        let scope = ScopeId::from_uuid(first.summary.order_id.as_uuid());
        let digest = self.keys.tree().record_digest(scope, &record);
        Ok((destination, digest.map_err(|error| refused(wish, error.to_string(), ""))?))
    }
}

fn consignment(
    reference: ShipmentRef,
    to: Destination,
    from: &SenderProfile,
    parcels: u32,
    service: &str,
    media: LabelMedia,
) -> Consignment {
    // Weights come with the products.
    let parcels = (0..parcels).map(|_| Parcel { weight: None, size: None }).collect();
    Consignment { reference, to, from: from.clone(), parcels, customs: None, service: service.to_owned(), media }
}

fn usual_service(courier: &dyn CourierAdapter) -> String {
    courier.services().first().map(|service| service.code.to_owned()).unwrap_or_default()
}

/// What is stored of the orders of a batch.
pub(super) struct Known<'a> {
    pub(super) orders: &'a HashMap<OrderId, StoredOrder>,
    pub(super) packed: &'a [PackedLine],
    pub(super) holds: &'a HashMap<OrderId, HeldBy>,
    pub(super) recipients: &'a HashMap<OrderId, OpenedRecipient>,
}

impl Known<'_> {
    /// The orders of a wish but the first.
    fn others<'b>(&'b self, wish: &'b LabelWish) -> impl Iterator<Item = &'b StoredOrder> {
        wish.orders.iter().skip(1).filter_map(|id| self.orders.get(id))
    }

    /// The first order, the pieces that go into the shipment, and how many pieces of each line may be packed in all.
    fn pieces(&self, wish: &LabelWish) -> Result<(&StoredOrder, Vec<ShipmentLine>, Vec<LineLimit>), LabelRefused> {
        let (mut lines, mut limits) = (Vec::new(), Vec::new());
        let mut first: Option<&StoredOrder> = None;
        let mut named = HashSet::new();
        for id in &wish.orders {
            if !named.insert(id) {
                return Err(refused(wish, "an order is named twice", "name each order of the parcel once"));
            }
            let order = self.orders.get(id).ok_or_else(|| refused(wish, "there is no such order", ""))?;
            match first {
                None => first = Some(order),
                Some(first) => same_parcel(wish, first, order)?,
            }
            let open = self.open(wish, order)?;
            let wanted = match &wish.pieces {
                Some(pieces) => chosen(wish, order, &open, pieces)?,
                None => open,
            };
            for (vendor_line_id, quantity) in wanted {
                if wish.again.is_none() {
                    limits.push(limit(order, self.packed, &vendor_line_id));
                }
                lines.push(ShipmentLine { order: *id, vendor_line_id, quantity });
            }
        }
        let first = first.ok_or_else(|| refused(wish, "no order is named", ""))?;
        if lines.is_empty() {
            return Err(refused(wish, "no piece of it is left to pack", ""));
        }
        Ok((first, lines, limits))
    }

    /// The pieces of an order that can be labelled.
    fn open(&self, wish: &LabelWish, order: &StoredOrder) -> Result<Vec<(String, i64)>, LabelRefused> {
        let held = self.holds.get(&order.summary.order_id);
        let number = &order.summary.vendor_order_id;
        // Packing once more on purpose counts what was packed before as open again.
        let packed = if wish.again.is_some() { &[] } else { self.packed };
        match work(order, packed, held) {
            Work::Label(open) => Ok(open),
            Work::Held(hold) | Work::OtherLabel(hold) => {
                Err(refused(wish, format!("{number}: {}", hold.text()), hold.hint))
            }
            Work::Elsewhere => Err(refused(wish, format!("{number}: the marketplace packs it"), "")),
            Work::Packed | Work::Left => Err(already_packed(wish.orders.clone())),
            Work::None => match stops_again(order, held) {
                Some(hold) => Err(refused(wish, format!("{number}: {}", hold.text()), hold.hint)),
                None if wish.again.is_some() => Ok(every_piece(order)),
                None => {
                    let message = format!("{number}: it has left already ({})", order.summary.status);
                    Err(refused(wish, message, "--again REASON packs it once more"))
                }
            },
        }
    }

    /// Whether all pieces of these orders can be packed for the first time.
    fn is_unpacked(&self, wish: &LabelWish) -> bool {
        wish.orders.iter().filter_map(|id| self.orders.get(id)).all(|order| {
            let held = self.holds.get(&order.summary.order_id);
            matches!(work(order, self.packed, held), Work::Label(open) if open == open_lines(order, &[]))
        })
    }
}

fn chosen(
    wish: &LabelWish,
    order: &StoredOrder,
    open: &[(String, i64)],
    pieces: &[Pieces],
) -> Result<Vec<(String, i64)>, LabelRefused> {
    if wish.orders.len() > 1 {
        return Err(refused(wish, "lines: can be chosen of one order at a time", "leave --lines or --combine out"));
    }
    let number = &order.summary.vendor_order_id;
    let mut chosen: Vec<(String, i64)> = Vec::with_capacity(pieces.len());
    for Pieces { vendor_line_id, quantity } in pieces {
        if chosen.iter().any(|(line, _)| line == vendor_line_id) {
            let message = format!("{number}: line {vendor_line_id} is named twice");
            return Err(refused(wish, message, "name each line once, with all its pieces"));
        }
        let left = open.iter().find(|(line, _)| line == vendor_line_id).map_or(0, |(_, pieces)| *pieces);
        if *quantity < 1 || *quantity > left {
            let message = format!("{number}: line {vendor_line_id} has {left} pieces left to pack, not {quantity}");
            return Err(refused(wish, message, "`ordersync orders show` lists the lines"));
        }
        chosen.push((vendor_line_id.clone(), *quantity));
    }
    Ok(chosen)
}

/// Whether two orders may share a parcel; that their addresses are alike, the caller looks at.
fn same_parcel(wish: &LabelWish, first: &StoredOrder, other: &StoredOrder) -> Result<(), LabelRefused> {
    for order in [first, other] {
        if let Some(reason) = stands_alone(order) {
            let message = format!("{}: {reason}", order.summary.vendor_order_id);
            return Err(refused(wish, message, "label it by itself"));
        }
    }
    if (first.summary.account, &first.summary.marketplace) != (other.summary.account, &other.summary.marketplace) {
        let message = format!("{}: is of another account or marketplace", other.summary.vendor_order_id);
        return Err(refused(wish, message, "orders of one account and marketplace can share a parcel"));
    }
    if status_of(&other.summary.status, None).is_dispatched() {
        return Err(refused(wish, format!("{}: has left already", other.summary.vendor_order_id), ""));
    }
    Ok(())
}
