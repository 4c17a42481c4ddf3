//! A stored order's facts, as the order's crate knows them.

use ordersync_order::{Completeness, DeliverTo, Destination, OrderFacts, OrderLine, OrderStatus, RawCode, Territory};
use ordersync_types::{Currency, Money};

use crate::{StoreError, StoredLine, StoredOrder};

impl StoredOrder {
    /// The facts that were stored, put together again.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when a column holds what this program does not write.
    pub fn facts(&self) -> Result<OrderFacts, StoreError> {
        let Self { summary, detail, lines } = self;
        let damaged = |field: &'static str| StoreError::damaged(field, "not what was written");
        let status = OrderStatus::from_name(&summary.status, summary.status_code.as_deref());
        let currency: Option<Currency> = match &summary.currency {
            Some(code) => Some(code.parse().map_err(|_| damaged("orders.currency"))?),
            None => None,
        };
        let completeness = match summary.completeness.as_str() {
            "full" => Completeness::Full,
            "address_only" => Completeness::AddressOnly,
            _ => return Err(damaged("orders.completeness")),
        };
        Ok(OrderFacts {
            vendor_order_id: summary.vendor_order_id.parse().map_err(|_| damaged("orders.vendor_order_id"))?,
            marketplace: RawCode::new(&summary.marketplace),
            created_at: summary.created_at,
            updated_at: summary.updated_at,
            status: status.ok_or_else(|| damaged("orders.status"))?,
            payment: detail.payment.clone(),
            fulfilled_by: detail.fulfilled_by.clone(),
            programmes: detail.programmes.clone(),
            ship_by: detail.ship_by,
            deliver_by: detail.deliver_by,
            service_level: detail.service_level.clone(),
            destination: self.destination()?,
            currency,
            grand_total: summary.grand_total_minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency)),
            amounts: detail.amounts.clone(),
            discounts: detail.discounts.clone(),
            collected_tax: detail.collected_tax.clone(),
            refunds: detail.refunds.clone(),
            cancellations: detail.cancellations.clone(),
            dispatched_at: summary.dispatched_at,
            delivered_at: summary.delivered_at,
            replaces: detail.replaces.clone(),
            completeness,
            reviews: detail.reviews.clone(),
            lines: lines.iter().map(line).collect::<Result<_, _>>()?,
        })
    }

    fn destination(&self) -> Result<Option<Destination>, StoreError> {
        let (Some(country), Some(territory)) = (&self.summary.country, &self.summary.territory) else {
            return Ok(None);
        };
        let damaged = |field: &'static str| StoreError::damaged(field, "not what was written");
        Ok(Some(Destination {
            country: country.parse().map_err(|_| damaged("orders.country"))?,
            territory: Territory::parse(territory).map_err(|_| damaged("orders.territory"))?,
            final_country: self.detail.final_country,
            to: self.detail.deliver_to.unwrap_or(DeliverTo::Address),
        }))
    }
}

fn line(stored: &StoredLine) -> Result<OrderLine, StoreError> {
    let pieces =
        |field: &'static str, count: i64| u32::try_from(count).map_err(|_| StoreError::damaged(field, "out of range"));
    let detail = &stored.detail;
    Ok(OrderLine {
        vendor_line_id: RawCode::new(&stored.vendor_line_id),
        sku: stored.sku.clone(),
        vendor_item_id: stored.vendor_item_id.as_deref().map(RawCode::new),
        title: stored.title.clone(),
        quantity: pieces("order_line.quantity", stored.quantity)?,
        quantity_dispatched: stored
            .quantity_dispatched
            .map(|count| pieces("order_line.quantity_dispatched", count))
            .transpose()?,
        quantity_to_dispatch: detail.quantity_to_dispatch,
        unit_price: detail.unit_price,
        total: detail.total,
        amounts: detail.amounts.clone(),
        discounts: detail.discounts.clone(),
        collected_tax: detail.collected_tax.clone(),
        refunds: detail.refunds.clone(),
        dispatched_from: detail.dispatched_from,
        ship_by: detail.ship_by,
        programmes: detail.programmes.clone(),
    })
}
