//! Money: the order's and the lines' breakdowns, discounts, taxes that eBay collects, refunds, and whether they agree.
//!
//! `totalDueSeller`, `payments[].amount` and `totalMarketplaceFee` are never read: they are what eBay pays the seller
//! after its fees, not what the buyer paid.

use ordersync_order::{Amount, AmountKind, Aspect, CollectedTax, Discount, FundedBy, RawCode, Refund, Review};
use ordersync_types::Money;

use super::reading::{Path, Reading, Rejection};
use crate::dto::{self, LineItem, PricingSummary, text};

/// `TaxTypeEnum` as far as it is a tax that sellers here may meet. Others, and fees for recycling, are for a person.
/// Source: eBay type `sel:TaxTypeEnum`, read 2026-11.
const TAX_TYPES: [&str; 6] = ["VAT", "GST", "SST", "STATE_SALES_TAX", "PROVINCE_SALES_TAX", "REGION"];
/// Who remits the tax in `ebayCollectAndRemitTaxes`.
const EBAY: &str = "EBAY";

/// The order's own breakdown.
#[derive(Default)]
pub(super) struct OrderAmounts {
    pub(super) grand_total: Option<Money>,
    pub(super) amounts: Vec<Amount>,
}

pub(super) fn of_order(pricing: &Option<PricingSummary<'_>>, reading: &mut Reading) -> Result<OrderAmounts, Rejection> {
    use AmountKind as Kind;
    let Some(pricing) = pricing else { return Ok(OrderAmounts::default()) };
    let path = Path::ORDER.at("pricingSummary");
    let grand_total = reading.money(&pricing.total, path.at("total"))?;
    let mut amounts = Vec::with_capacity(4);
    for (field, name, kind, of) in [
        (&pricing.price_subtotal, "priceSubtotal", Kind::Goods, None),
        (&pricing.price_discount, "priceDiscount", Kind::Discount, Some(Kind::Goods)),
        (&pricing.delivery_cost, "deliveryCost", Kind::Delivery, None),
        (&pricing.delivery_discount, "deliveryDiscount", Kind::Discount, Some(Kind::Delivery)),
        (&pricing.adjustment, "adjustment", Kind::Adjustment, None),
        (&pricing.fee, "fee", Kind::Fee, None),
        (&pricing.tax, "tax", Kind::Tax, None),
    ] {
        if let Some(money) = reading.money(field, path.at(name))? {
            amounts.push(Amount { kind, of, money });
        }
    }
    Ok(OrderAmounts { grand_total, amounts })
}

/// The breakdown of a line. Its amounts and its collected taxes add up to its total.
#[derive(Default)]
pub(super) struct LineAmounts {
    pub(super) unit_price: Option<Money>,
    pub(super) total: Option<Money>,
    pub(super) amounts: Vec<Amount>,
    pub(super) discounts: Vec<Discount>,
    pub(super) collected_tax: Vec<CollectedTax>,
}

pub(super) fn of_line(line: &LineItem<'_>, path: Path<'_>, reading: &mut Reading) -> Result<LineAmounts, Rejection> {
    use AmountKind as Kind;
    let mut found = LineAmounts { total: reading.money(&line.total, path.at("total"))?, ..LineAmounts::default() };
    let cost = reading.money(&line.line_item_cost, path.at("lineItemCost"))?;
    let discounted = reading.money(&line.discounted_line_item_cost, path.at("discountedLineItemCost"))?;
    if let Some(goods) = cost.or(discounted) {
        found.amounts.push(Amount::new(Kind::Goods, goods));
    }
    if let (Some(before), Some(after)) = (cost, discounted)
        && let Ok(discount) = after.checked_sub(before)
    {
        found.amounts.push(Amount::of(Kind::Discount, Kind::Goods, discount));
    }
    found.unit_price = cost.and_then(|cost| unit_price(cost, line.quantity));
    delivery(line, path, &mut found, reading)?;
    promotions(line, path, &mut found, reading)?;
    charges(line, path, &mut found, reading)?;
    taxes(line, path, &mut found, reading)?;
    Ok(found)
}

/// `lineItemCost` is for all pieces. The price of one is stated only where it comes out even: an order of 3 for
/// 10.00 has no unit price in whole pence.
fn unit_price(cost: Money, quantity: Option<u32>) -> Option<Money> {
    let pieces = i64::from(quantity?);
    let even = pieces > 0 && cost.minor.checked_rem(pieces) == Some(0);
    even.then(|| Money::new(cost.minor / pieces, cost.currency))
}

/// `shippingCost` of a line is what the buyer pays, lowered already by `discountAmount`; the order's `deliveryCost`
/// is not. So the line's delivery discount is told beside the amounts, not among them.
fn delivery(
    line: &LineItem<'_>,
    path: Path<'_>,
    found: &mut LineAmounts,
    reading: &mut Reading,
) -> Result<(), Rejection> {
    let Some(delivery) = &line.delivery_cost else { return Ok(()) };
    let path = path.at("deliveryCost");
    let intermediation = "SHIPPING_INTERMEDIATION_FEE";
    for (field, name, kind) in [
        (&delivery.shipping_cost, "shippingCost", AmountKind::Delivery),
        (&delivery.handling_cost, "handlingCost", AmountKind::Handling),
        (&delivery.import_charges, "importCharges", AmountKind::ImportCharges),
        (
            &delivery.shipping_intermediation_fee,
            "shippingIntermediationFee",
            AmountKind::Other(RawCode::new(intermediation)),
        ),
    ] {
        if let Some(money) = reading.money(field, path.at(name))? {
            found.amounts.push(Amount::new(kind, money));
        }
    }
    if let Some(money) = reading.money(&delivery.discount_amount, path.at("discountAmount"))? {
        found.discounts.push(Discount { funded_by: FundedBy::NotStated, money: positive(money), promotion: None });
    }
    Ok(())
}

/// eBay lists the seller's own sales promotions here, managed in Seller Hub or by the Marketing API, each with its
/// id (contract, `AppliedPromotion.promotionId`). What has no id may be eBay's own.
fn promotions(
    line: &LineItem<'_>,
    path: Path<'_>,
    found: &mut LineAmounts,
    reading: &mut Reading,
) -> Result<(), Rejection> {
    for (index, promotion) in line.applied_promotions.iter().enumerate() {
        let path = path.item("appliedPromotions", index);
        let money = reading.money(&promotion.discount_amount, path.at("discountAmount"))?.and_then(positive);
        let promotion = text(&promotion.promotion_id).map(RawCode::new);
        let funded_by = if promotion.is_some() { FundedBy::Seller } else { FundedBy::NotStated };
        found.discounts.push(Discount { funded_by, money, promotion });
    }
    Ok(())
}

fn positive(money: Money) -> Option<Money> {
    if money.minor < 0 { money.checked_neg().ok() } else { Some(money) }
}

/// What eBay takes from the buyer for itself: in the line's total, but none of the seller's turnover.
fn charges(
    line: &LineItem<'_>,
    path: Path<'_>,
    found: &mut LineAmounts,
    reading: &mut Reading,
) -> Result<(), Rejection> {
    let Some(collected) = &line.ebay_collected_charges else { return Ok(()) };
    let path = path.at("ebayCollectedCharges");
    if let Some(money) = reading.money(&collected.ebay_shipping, path.at("ebayShipping"))? {
        found.amounts.push(Amount::of(AmountKind::MarketplaceCharge, AmountKind::Delivery, money));
    }
    for (index, charge) in collected.charges.iter().enumerate() {
        let path = path.item("charges", index);
        if let Some(kind) = text(&charge.charge_type).filter(|kind| *kind != "BUYER_PROTECTION") {
            reading.note_unknown(Aspect::Info, path.at("chargeType"), kind);
        }
        if let Some(money) = reading.money(&charge.amount, path.at("amount"))? {
            found.amounts.push(Amount::new(AmountKind::MarketplaceCharge, money));
        }
    }
    Ok(())
}

/// `ebayCollectAndRemitTaxes` is tax that eBay owes; with `TAX_BREAKDOWN` the same tax stands in `taxes[]` once more.
/// What stands in `taxes[]` alone is tax that eBay does not remit.
fn taxes(line: &LineItem<'_>, path: Path<'_>, found: &mut LineAmounts, reading: &mut Reading) -> Result<(), Rejection> {
    for (index, tax) in line.ebay_collect_and_remit_taxes.iter().enumerate() {
        let path = path.item("ebayCollectAndRemitTaxes", index);
        if let Some(unknown) = text(&tax.tax_type).filter(|kind| !TAX_TYPES.contains(kind)) {
            reading.note_unknown(Aspect::Tax, path.at("taxType"), unknown);
        }
        if let Some(unknown) = text(&tax.collection_method).filter(|method| *method != "NET") {
            reading.note_unknown(Aspect::Tax, path.at("collectionMethod"), unknown);
        }
        let scheme = tax.ebay_reference.as_ref().and_then(|reference| text(&reference.name));
        found.collected_tax.push(CollectedTax {
            kind: text(&tax.tax_type).map(RawCode::new),
            money: reading.money(&tax.amount, path.at("amount"))?,
            remitted_by: Some(RawCode::new(EBAY)),
            model: text(&tax.collection_method).map(RawCode::new),
            scheme: scheme.map(RawCode::new),
        });
    }
    let mut open: Vec<&CollectedTax> = found.collected_tax.iter().filter(|tax| tax.money.is_some()).collect();
    if !open.is_empty() && line.taxes.is_empty() {
        let reason = "eBay collects tax on this line, but the answer has no breakdown of it: \
                      whether the totals hold the tax is not known";
        reading.review(Aspect::Tax, path.at("taxes"), reason);
    }
    for (index, tax) in line.taxes.iter().enumerate() {
        let path = path.item("taxes", index);
        let Some(money) = reading.money(&tax.amount, path.at("amount"))? else { continue };
        if let Some(place) = open.iter().position(|collected| is_same_tax(tax, money, collected)) {
            open.remove(place);
            continue;
        }
        if let Some(collected) = open.iter().find(|collected| tax_kind(tax) == collected.kind) {
            let other = collected.money.map(|money| money.to_string()).unwrap_or_default();
            let reason = format!("eBay states {money} of this tax here and {other} as the tax that it collects");
            reading.reviews.push(Review::new(Aspect::Tax, &path.at("amount").to_string(), &reason));
            continue;
        }
        found.amounts.push(Amount::new(uncollected(tax, path, reading), money));
    }
    Ok(())
}

fn tax_kind(tax: &dto::Tax<'_>) -> Option<RawCode> {
    text(&tax.tax_type).map(RawCode::new)
}

fn is_same_tax(tax: &dto::Tax<'_>, money: Money, collected: &CollectedTax) -> bool {
    collected.money == Some(money) && (tax.tax_type.is_none() || tax_kind(tax) == collected.kind)
}

fn uncollected(tax: &dto::Tax<'_>, path: Path<'_>, reading: &mut Reading) -> AmountKind {
    match text(&tax.tax_type) {
        Some(kind) if TAX_TYPES.contains(&kind) => AmountKind::Tax,
        Some(fee) if fee.ends_with("_FEE") => AmountKind::Fee,
        Some(unknown) => {
            reading.note_unknown(Aspect::Tax, path.at("taxType"), unknown);
            AmountKind::Tax
        }
        None => AmountKind::Tax,
    }
}

/// Refunds of an order or a line. What eBay states is what the seller paid back, without tax that eBay collected.
pub(super) fn refunds(
    refunds: &[dto::Refund<'_>],
    parent: Path<'_>,
    reading: &mut Reading,
) -> Result<Vec<Refund>, Rejection> {
    let mut found = Vec::with_capacity(refunds.len());
    for (index, refund) in refunds.iter().enumerate() {
        let path = parent.item("refunds", index);
        let at = reading.time(&refund.refund_date, path.at("refundDate"));
        let Some(money) = reading.money(&refund.amount, path.at("amount"))? else {
            reading.review(Aspect::Tax, path.at("amount"), "a refund without an amount; left out");
            continue;
        };
        if let Some(unknown) = text(&refund.refund_status).filter(|s| !["REFUNDED", "PENDING", "FAILED"].contains(s)) {
            reading.note_unknown(Aspect::Tax, path.at("refundStatus"), unknown);
        }
        let reference = text(&refund.refund_reference_id).or(text(&refund.refund_id)).map(RawCode::new);
        found.push(Refund { money, at, reference, status: text(&refund.refund_status).map(RawCode::new) });
    }
    Ok(found)
}
