//! The open orders and what is to be done with each; what to fetch from the shelves; what goes into the parcels.

use std::collections::{BTreeMap, HashMap};

use ordersync_order::{Programme, Recipient};
use ordersync_store::{OrderFilter, OrderSummary, Shipment, ShipmentState, StoredLine, StoredOrder};
use ordersync_types::{AccountId, BuyerId, FieldState, Money, OrderId, Pii, SellerId};

use super::pieces::wanted;
use super::{Work, open_statuses, work};
use crate::open::OpenedRecipient;
use crate::paper::{PackingSlip, PickList, PickRow, SlipLine};
use crate::{Actor, Core, CoreError};

/// Orders read at a time.
const PAGE: u64 = 500;

impl Core {
    /// Hands every open order and what is to be done with it to `take`, a page at a time.
    ///
    /// # Errors
    /// What the store says.
    pub async fn each_open_order(
        &self,
        seller: SellerId,
        mut take: impl FnMut(Vec<(StoredOrder, Work)>) + Send,
    ) -> Result<(), CoreError> {
        let _busy = self.clock.busy();
        // An order of an account that was removed is nobody's work here any more.
        let accounts: Vec<AccountId> = self.store.accounts().await?.into_iter().map(|one| one.account).collect();
        for status in open_statuses() {
            let mut filter = OrderFilter { status: Some(status.to_owned()), limit: PAGE, ..OrderFilter::default() };
            loop {
                let page = self.store.full_orders(seller, &filter).await?;
                let Some(last) = page.last() else { break };
                filter.before = Some(last.summary.order_id);
                let ids: Vec<OrderId> = page.iter().map(|order| order.summary.order_id).collect();
                let packed = self.store.packed_lines(seller, &ids).await?;
                let holds = self.held(seller, &page).await?;
                let of_an_account = page.into_iter().filter(|order| accounts.contains(&order.summary.account));
                let decided = of_an_account.map(|order| {
                    let decided = work(&order, &packed, holds.get(&order.summary.order_id));
                    (order, decided)
                });
                take(decided.collect());
            }
        }
        Ok(())
    }

    /// Orders that can be labelled now, in the order of the shelves: by the SKU of the first line, then by number.
    ///
    /// # Errors
    /// What the store says.
    pub async fn ready_orders(&self, seller: SellerId) -> Result<Vec<(StoredOrder, Vec<(String, i64)>)>, CoreError> {
        let mut ready = Vec::new();
        self.each_open_order(seller, |page| {
            ready.extend(page.into_iter().filter_map(|(order, work)| match work {
                Work::Label(open) => Some((order, open)),
                Work::None | Work::Elsewhere | Work::OtherLabel(_) | Work::Packed | Work::Left | Work::Held(_) => None,
            }));
        })
        .await?;
        ready.sort_by(|(one, _), (other, _)| shelf(one).cmp(&shelf(other)));
        Ok(ready)
    }

    /// What to fetch for the orders that can be labelled.
    ///
    /// # Errors
    /// What the store says.
    pub async fn pick_list(&self, seller: SellerId) -> Result<PickList, CoreError> {
        let ready = self.ready_orders(seller).await?;
        let mut rows: BTreeMap<String, PickRow> = BTreeMap::new();
        for (order, open) in &ready {
            let number = &order.summary.vendor_order_id;
            for (line, pieces) in open {
                let Some(line) = order.lines.iter().find(|known| known.vendor_line_id == *line) else { continue };
                let sku = line.sku.clone().or_else(|| line.vendor_item_id.clone()).unwrap_or_else(|| "-".to_owned());
                let row = rows.entry(sku.clone()).or_insert_with(|| PickRow {
                    sku,
                    title: line.title.clone().unwrap_or_default(),
                    quantity: 0,
                    orders: Vec::new(),
                });
                row.quantity += pieces;
                row.orders.push((number.clone(), *pieces));
            }
        }
        Ok(PickList { at: self.clock.now(), orders: ready.len(), rows: rows.into_values().collect() })
    }

    /// Orders to one buyer and one address that could share a parcel, each group with at least two: suggested, never
    /// done unasked.
    ///
    /// # Errors
    /// What the store or the vault say.
    pub async fn same_address(
        &self,
        seller: SellerId,
        orders: &[StoredOrder],
        actor: &Actor,
    ) -> Result<Vec<Vec<OrderId>>, CoreError> {
        let mut of_buyers: BTreeMap<(AccountId, BuyerId), Vec<&OrderSummary>> = BTreeMap::new();
        for order in orders.iter().filter(|order| super::stands_alone(order).is_none()) {
            if let Some(buyer) = order.summary.buyer_id {
                of_buyers.entry((order.summary.account, buyer)).or_default().push(&order.summary);
            }
        }
        of_buyers.retain(|_, orders| orders.len() > 1);
        let candidates: Vec<&OrderSummary> = of_buyers.values().flatten().copied().collect();
        let opened = self.open_recipients(seller, &candidates, actor).await?;
        let mut groups = Vec::new();
        for orders in of_buyers.into_values() {
            let mut left: Vec<&OrderSummary> = orders;
            while let Some(first) = left.pop() {
                let (alike, other): (Vec<_>, Vec<_>) =
                    left.into_iter().partition(|order| same_place(&opened, first.order_id, order.order_id));
                left = other;
                if !alike.is_empty() {
                    groups.push(std::iter::once(first).chain(alike).map(|order| order.order_id).collect());
                }
            }
        }
        Ok(groups)
    }

    /// What goes into the parcels of these orders, in their order: a slip for each parcel that waits, with what is in it.
    /// `gift`: no prices, whatever the order is.
    ///
    /// # Errors
    /// What the store or the vault say.
    pub async fn packing_slips(
        &self,
        seller: SellerId,
        orders: &[StoredOrder],
        gift: bool,
        actor: &Actor,
    ) -> Result<Vec<PackingSlip>, CoreError> {
        let _busy = self.clock.busy();
        let summaries: Vec<&OrderSummary> = orders.iter().map(|order| &order.summary).collect();
        let opened = self.open_recipients(seller, &summaries, actor).await?;
        let ids: Vec<OrderId> = summaries.iter().map(|order| order.order_id).collect();
        let shipments = self.store.shipments_of(seller, &ids).await?;
        let from = self.fulfilment().ok().and_then(|settings| settings.sender.clone());
        let slip = |order: &StoredOrder, shipment: Option<&Shipment>| {
            let recipient = match opened.get(&order.summary.order_id) {
                Some(OpenedRecipient::Present(recipient)) => Some(recipient.as_ref()),
                Some(OpenedRecipient::Purged(_)) | None => None,
            };
            let gift = gift || is_gift(order, recipient);
            let lines: Vec<(&StoredLine, i64)> = order
                .lines
                .iter()
                .map(|line| {
                    (line, shipment.map_or_else(|| wanted(order, line), |shipment| pieces_in(shipment, order, line)))
                })
                .filter(|(_, pieces)| *pieces > 0)
                .collect();
            let whole = lines.len() == order.lines.len() && lines.iter().all(|(line, pieces)| line.quantity == *pieces);
            PackingSlip {
                order_number: order.summary.vendor_order_id.clone(),
                ordered_at: order.summary.created_at,
                reference: shipment.map(|shipment| shipment.reference),
                from: from.clone(),
                gift,
                lines: lines.into_iter().map(|(line, pieces)| slip_line(line, pieces, recipient, gift)).collect(),
                total: total(order).filter(|_| whole && !gift),
                // Who unpacks a present is not who wrote the note.
                buyer_note: recipient.filter(|_| !gift).and_then(|recipient| given(&recipient.buyer_note)),
            }
        };
        let slips = orders.iter().flat_map(|order| {
            let parcels = parcels_of(order, &shipments);
            if parcels.is_empty() {
                return vec![slip(order, None)];
            }
            parcels.into_iter().map(|shipment| slip(order, Some(shipment))).collect()
        });
        Ok(slips.collect())
    }
}

/// The parcels of an order that a slip goes into: those that wait, each; else the newest that has left.
fn parcels_of<'s>(order: &StoredOrder, shipments: &'s [Shipment]) -> Vec<&'s Shipment> {
    let of_order = |shipment: &&Shipment| shipment.lines.iter().any(|line| line.order == order.summary.order_id);
    let (mut waiting, mut left) = (Vec::new(), None);
    for shipment in shipments.iter().filter(of_order) {
        match shipment.state {
            ShipmentState::Draft | ShipmentState::Requested | ShipmentState::Unknown | ShipmentState::Labelled => {
                waiting.push(shipment);
            }
            ShipmentState::Dispatched | ShipmentState::Delivered => left = Some(shipment),
            ShipmentState::Cancelled => {}
        }
    }
    if waiting.is_empty() { left.into_iter().collect() } else { waiting }
}

fn pieces_in(shipment: &Shipment, order: &StoredOrder, line: &StoredLine) -> i64 {
    let of_line = shipment
        .lines
        .iter()
        .filter(|packed| packed.order == order.summary.order_id && packed.vendor_line_id == line.vendor_line_id);
    of_line.map(|packed| packed.quantity).fold(0, i64::saturating_add)
}

fn shelf(order: &StoredOrder) -> (&str, &str) {
    let first = order.lines.first().and_then(|line| line.sku.as_deref()).unwrap_or_default();
    (first, &order.summary.vendor_order_id)
}

fn same_place(opened: &HashMap<OrderId, OpenedRecipient>, one: OrderId, other: OrderId) -> bool {
    let place = |order: OrderId| match opened.get(&order) {
        Some(OpenedRecipient::Present(recipient)) => Some([
            &recipient.name,
            &recipient.company,
            &recipient.address_line1,
            &recipient.address_line2,
            &recipient.address_line3,
            &recipient.city,
            &recipient.region,
            &recipient.postcode,
            &recipient.country,
        ]),
        Some(OpenedRecipient::Purged(_)) | None => None,
    };
    place(one).is_some() && place(one) == place(other)
}

fn given(state: &FieldState) -> Option<Pii<String>> {
    state.get().filter(|_| state.is_given()).cloned()
}

/// A present has a message or is to be wrapped.
fn is_gift(order: &StoredOrder, recipient: Option<&Recipient>) -> bool {
    let wrapped = order.lines.iter().any(|line| line.detail.programmes.contains(&Programme::GiftWrap))
        || order.detail.programmes.contains(&Programme::GiftWrap);
    wrapped || recipient.is_some_and(|recipient| recipient.gift_message.iter().any(|note| note.text.is_given()))
}

fn slip_line(line: &StoredLine, pieces: i64, recipient: Option<&Recipient>, gift: bool) -> SlipLine {
    let of_line = |notes: &[ordersync_order::LineNote]| {
        let note = notes.iter().find(|note| note.vendor_line_id == line.vendor_line_id);
        note.and_then(|note| given(&note.text))
    };
    SlipLine {
        sku: line.sku.clone(),
        title: line.title.clone().unwrap_or_else(|| "(no title)".to_owned()),
        quantity: pieces,
        // The marketplace gives the price of all pieces of a line.
        price: line.detail.total.filter(|_| !gift && pieces == line.quantity),
        gift_message: recipient.and_then(|recipient| of_line(&recipient.gift_message)),
        gift_sender: recipient.and_then(|recipient| of_line(&recipient.gift_sender)),
        gift_wrap: line.detail.programmes.contains(&Programme::GiftWrap),
    }
}

/// What the buyer paid for all of it, where the marketplace says so.
fn total(order: &StoredOrder) -> Option<Money> {
    let currency = order.summary.currency.as_deref()?.parse().ok()?;
    order.summary.grand_total_minor.map(|minor| Money::new(minor, currency))
}
