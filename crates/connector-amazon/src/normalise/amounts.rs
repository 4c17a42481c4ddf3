//! Money as Amazon breaks it down, and the taxes that Amazon collects itself.

use ordersync_order::{Amount, AmountKind, Aspect, CollectedTax, Discount, FundedBy, RawCode};
use ordersync_types::Money;

use super::reading::{Fault, Path, Reading, given};
use crate::dto;

/// The breakdown of an order (`of_item` false) or of an item.
///
/// Tax and discount come in parts, each on something; their own subtotal is kept only where it has no parts. The
/// meaning for VAT (are goods with or without tax?) is not documented by Amazon and not decided here.
pub(super) fn amounts<'a>(
    reading: &mut Reading<'a>,
    proceeds: &Path<'_>,
    breakdowns: Option<&'a Vec<dto::ProceedsBreakdown<'a>>>,
) -> Result<Vec<Amount>, Fault> {
    let breakdowns = breakdowns.map(Vec::as_slice).unwrap_or_default();
    let mut amounts = Vec::with_capacity(breakdowns.len());
    for (index, breakdown) in breakdowns.iter().enumerate() {
        let path = proceeds.item("breakdowns", index);
        let kind = kind(reading, &path.field("type"), &breakdown.kind);
        let subtotal = reading.money(&path.field("subtotal"), &breakdown.subtotal)?;
        tip_status(reading, &path, breakdown);
        let details = breakdown.detailed_breakdowns.as_deref().unwrap_or_default();
        let comes_in_parts = matches!(kind, AmountKind::Tax | AmountKind::Discount);
        if details.is_empty() {
            amounts.push(Amount::new(kind, subtotal));
        } else if comes_in_parts {
            in_parts(reading, &path, &kind, subtotal, details, &mut amounts)?;
        } else {
            let reason = "details where the contract has none: the subtotal is kept";
            reading.review(Aspect::Tax, &path.field("detailedBreakdowns"), reason);
            amounts.push(Amount::new(kind, subtotal));
        }
    }
    Ok(amounts)
}

fn in_parts<'a>(
    reading: &mut Reading<'a>,
    breakdown: &Path<'_>,
    kind: &AmountKind,
    subtotal: Money,
    details: &'a [dto::ProceedsDetail<'a>],
    amounts: &mut Vec<Amount>,
) -> Result<(), Fault> {
    let mut parts = Vec::with_capacity(details.len());
    for (index, detail) in details.iter().enumerate() {
        let path = breakdown.item("detailedBreakdowns", index);
        let Some(value) = &detail.value else {
            reading.review(Aspect::Tax, &path.field("value"), "a part without an amount: the subtotal is kept");
            amounts.push(Amount::new(kind.clone(), subtotal));
            return Ok(());
        };
        let money = reading.money(&path.field("value"), value)?;
        let of = given(detail.subtype.as_ref()).map(|subtype| self::kind(reading, &path.field("subtype"), subtype));
        parts.push(Amount { kind: kind.clone(), of, money });
    }
    let sum = Money::sum(subtotal.currency, parts.iter().map(|part| part.money));
    if sum != Ok(subtotal) {
        let reason = "the parts do not add up to their subtotal: the parts are kept";
        reading.review(Aspect::Tax, &breakdown.field("subtotal"), reason);
    }
    amounts.append(&mut parts);
    Ok(())
}

fn kind(reading: &mut Reading<'_>, path: &Path<'_>, text: &str) -> AmountKind {
    match text {
        "ITEM" => AmountKind::Goods,
        "SHIPPING" => AmountKind::Delivery,
        "GIFT_WRAP" => AmountKind::GiftWrap,
        "COD_FEE" => AmountKind::CashOnDelivery,
        "DELIVERY_TIP" => AmountKind::DeliveryTip,
        "TAX" => AmountKind::Tax,
        "DISCOUNT" => AmountKind::Discount,
        "OTHER" => AmountKind::Other(RawCode::new(text)),
        unknown => AmountKind::Other(reading.unknown(Aspect::Tax, path, unknown)),
    }
}

fn tip_status(reading: &mut Reading<'_>, path: &Path<'_>, breakdown: &dto::ProceedsBreakdown<'_>) {
    let path = path.field("status");
    match given(breakdown.status.as_ref()) {
        None | Some("FINALIZED") => {}
        Some("PENDING") => reading.review(Aspect::Info, &path, "an amount that may still change"),
        Some(other) => {
            reading.unknown(Aspect::Info, &path, other);
        }
    }
}

/// Promotions: Amazon names them, and does not say who pays.
pub(super) fn promotions(promotion: Option<&dto::ItemPromotion<'_>>) -> Vec<Discount> {
    let breakdowns = promotion.and_then(|promotion| promotion.breakdowns.as_deref()).unwrap_or_default();
    breakdowns
        .iter()
        .filter_map(|breakdown| given(breakdown.promotion_id.as_ref()))
        .map(|id| Discount { funded_by: FundedBy::NotStated, money: None, promotion: Some(RawCode::new(id)) })
        .collect()
}

/// Who remits the tax of an item, and under which scheme. Amazon states no amount and no rate here.
pub(super) fn collected_tax(
    reading: &mut Reading<'_>,
    item: &Path<'_>,
    tax: Option<&dto::ItemTax<'_>>,
) -> Vec<CollectedTax> {
    let Some(tax) = tax else { return Vec::new() };
    let path = item.field("tax");
    let mut schemes = Vec::new();
    for (index, breakdown) in tax.tax_calculation_breakdowns.iter().flatten().enumerate() {
        let path = path.item("taxCalculationBreakdowns", index);
        match given(breakdown.reporting_scheme.as_ref()) {
            None => {}
            Some(known @ ("UOSS" | "IOSS")) => schemes.push(RawCode::new(known)),
            Some(other) => schemes.push(reading.unknown(Aspect::Tax, &path.field("reportingScheme"), other)),
        }
    }
    let mut taxes = Vec::new();
    for (index, collection) in tax.tax_collections.iter().flatten().enumerate() {
        let path = path.item("taxCollections", index);
        let model = match given(collection.model.as_ref()) {
            None => None,
            Some(known @ "MARKETPLACE_FACILITATOR") => Some(RawCode::new(known)),
            Some(other) => Some(reading.unknown(Aspect::Tax, &path.field("model"), other)),
        };
        let remitted_by = given(collection.responsible_party.as_ref()).map(RawCode::new);
        if model.is_some() || remitted_by.is_some() {
            taxes.push(CollectedTax { kind: None, money: None, remitted_by, model, scheme: None });
        }
    }
    // one collection under one scheme is the only pairing that needs no guess
    if let ([tax], [scheme]) = (taxes.as_mut_slice(), schemes.as_slice()) {
        tax.scheme = Some(scheme.clone());
        return taxes;
    }
    taxes.extend(schemes.into_iter().map(|scheme| CollectedTax {
        kind: None,
        money: None,
        remitted_by: None,
        model: None,
        scheme: Some(scheme),
    }));
    taxes
}
