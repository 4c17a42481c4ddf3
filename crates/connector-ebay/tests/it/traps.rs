//! Where eBay's interface misleads: one test for each trap.

use ordersync_order::{
    AmountKind, Aspect, CancellationState, DeliverTo, FulfilledBy, FundedBy, Order, OrderLine, OrderStatus,
    PaymentStatus, Programme, Recipient, Review,
};
use ordersync_types::{FieldState, Money, Withheld};
use serde_json::{Value, json};

use crate::fixtures::{fixture, normalised};

/// The fixture with some fields replaced, by JSON pointer; a `null` takes the field away.
fn changed(name: &str, changes: &[(&str, Value)]) -> Order {
    let mut order = fixture(name);
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        match order.pointer_mut(parent).unwrap() {
            Value::Object(fields) => drop(fields.insert(field.to_owned(), value.clone())),
            Value::Array(items) => items[field.parse::<usize>().unwrap()] = value.clone(),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                panic!("{parent} is {other}")
            }
        }
    }
    normalised(&order)
}

fn plain(changes: &[(&str, Value)]) -> Order {
    changed("two_lines_with_discounts", changes)
}

fn reviews(order: &Order, aspect: Aspect) -> Vec<&Review> {
    order.facts.reviews.iter().filter(|review| review.aspect == aspect).collect()
}

fn fields(order: &Order, aspect: Aspect) -> Vec<&str> {
    reviews(order, aspect).into_iter().map(|review| review.field.as_str()).collect()
}

fn recipient(order: &Order) -> &Recipient {
    order.people.recipient.as_ref().unwrap()
}

fn clear(state: &FieldState) -> &str {
    state.get().unwrap().expose()
}

/// All that a line's breakdown comes to, collected tax included.
fn breakdown(line: &OrderLine) -> Money {
    let amounts = line.amounts.iter().map(|amount| amount.money);
    let taxes = line.collected_tax.iter().filter_map(|tax| tax.money);
    Money::sum(line.total.unwrap().currency, amounts.chain(taxes)).unwrap()
}

#[test]
fn a_lines_shipping_cost_is_lowered_already_and_the_orders_is_not() {
    let order = plain(&[]);
    let total: i64 = order.facts.amounts.iter().map(|amount| amount.money.minor).sum();
    assert_eq!((total, order.facts.grand_total.unwrap().minor), (25_651, 25_651));
    for line in &order.facts.lines {
        assert_eq!(breakdown(line), line.total.unwrap(), "line {}", line.vendor_line_id);
    }
    assert_eq!(reviews(&order, Aspect::Tax), Vec::<&Review>::new());
}

#[test]
fn breakdowns_of_lines_add_up_in_every_ordinary_fixture() {
    for name in ["ioss_import_collected_by_ebay", "label_by_ebay_with_charges", "every_field_of_the_contract"] {
        for line in &normalised(&fixture(name)).facts.lines {
            assert_eq!(breakdown(line), line.total.unwrap(), "{name}");
        }
    }
}

#[test]
fn what_the_seller_is_due_is_never_a_price() {
    let order = normalised(&fixture("ioss_import_collected_by_ebay"));
    let facts = serde_json::to_string(&order.facts).unwrap();
    // totalDueSeller and payments[].amount are 20.61, totalMarketplaceFee is 7.10
    assert!(!facts.contains("2061") && !facts.contains("710"), "{facts}");
    assert_eq!(order.facts.grand_total.unwrap().minor, 5_950);
}

#[test]
fn line_item_cost_is_for_all_pieces() {
    let order = plain(&[("/lineItems/0/quantity", json!(3))]);
    assert_eq!(order.facts.lines[0].unit_price, None, "200.00 for 3 has no price of one in whole pence");
    assert_eq!(plain(&[]).facts.lines[0].unit_price.unwrap().minor, 5_000);
    assert_eq!(plain(&[("/lineItems/0/quantity", json!(0))]).facts.lines[0].unit_price, None);
}

#[test]
fn tax_that_ebay_collects_is_counted_once() {
    let name = "ioss_import_collected_by_ebay";
    let order = normalised(&fixture(name));
    let line = &order.facts.lines[0];
    assert!(line.amounts.iter().all(|amount| amount.kind != AmountKind::Tax));
    let tax = &line.collected_tax[0];
    assert_eq!((tax.money.unwrap().minor, tax.scheme.as_ref().unwrap().as_str()), (950, "IOSS"));
    assert_eq!(reviews(&order, Aspect::Tax), Vec::<&Review>::new());

    let vat = |value: &str| json!({ "amount": { "value": value, "currency": "EUR" }, "taxType": "VAT" });
    let order = changed(name, &[("/lineItems/0/taxes", json!([vat("9.50"), vat("1.00")]))]);
    let second = &order.facts.lines[0].amounts[2];
    assert_eq!((&second.kind, second.money.minor), (&AmountKind::Tax, 100), "a second tax is one that eBay leaves");

    let order = changed(name, &[("/lineItems/0/taxes", json!([vat("9.49")]))]);
    assert_eq!(fields(&order, Aspect::Tax), ["lineItems[0].taxes[0].amount"]);
    let reason = &reviews(&order, Aspect::Tax)[0].reason;
    assert!(reason.contains("9.49 EUR") && reason.contains("9.50 EUR"), "{reason}");
}

#[test]
fn collected_tax_without_its_breakdown_is_for_a_person() {
    let name = "ioss_import_collected_by_ebay";
    assert_eq!(fields(&changed(name, &[("/lineItems/0/taxes", json!([]))]), Aspect::Tax), ["lineItems[0].taxes"]);
    let order = plain(&[("/ebayCollectAndRemitTax", json!(true))]);
    assert_eq!(fields(&order, Aspect::Tax), ["ebayCollectAndRemitTax"]);
}

#[test]
fn totals_that_disagree_are_for_a_person_with_both_sums() {
    let total = |value: &str| json!({ "value": value, "currency": "GBP" });
    let order = plain(&[("/lineItems/0/total", total("193.62"))]);
    let review = reviews(&order, Aspect::Tax)[0];
    assert_eq!(review.field, "pricingSummary.total");
    assert!(review.reason.contains("256.51 GBP") && review.reason.contains("256.50 GBP"), "{}", review.reason);
    let order = plain(&[("/totalFeeBasisAmount", total("250.00"))]);
    assert_eq!(fields(&order, Aspect::Tax), ["totalFeeBasisAmount"]);
    assert!(reviews(&order, Aspect::Shipping).is_empty(), "the label is not held by it");
}

#[test]
fn a_converted_amount_says_what_the_buyer_paid() {
    let order = normalised(&fixture("converted_currency"));
    assert_eq!(order.facts.grand_total.unwrap().to_string(), "20.40 GBP");
    let found = reviews(&order, Aspect::Tax);
    assert_eq!((found.len(), found[0].field.as_str()), (1, "pricingSummary.total"));
    assert!(found[0].reason.contains("24.00 EUR"), "{}", found[0].reason);
}

#[test]
fn promotions_of_the_seller_lower_turnover_and_others_are_not_guessed() {
    let discounts = plain(&[("/lineItems/0/appliedPromotions/0/promotionId", Value::Null)]).facts.lines;
    let funded = |line: &OrderLine| line.discounts.iter().map(|discount| discount.funded_by).collect::<Vec<_>>();
    assert_eq!(funded(&discounts[0]), [FundedBy::NotStated, FundedBy::NotStated]);
    assert_eq!(funded(&discounts[1]), [FundedBy::NotStated, FundedBy::Seller]);
}

#[test]
fn behind_a_hub_the_buyers_home_is_dropped() {
    let order = normalised(&fixture("global_shipping_programme_hub"));
    let to = order.facts.destination.unwrap();
    assert_eq!((to.to, to.country.code(), to.final_country.unwrap().code()), (DeliverTo::Hub, "GB", "CA"));
    assert_eq!(clear(&recipient(&order).address_line1), "Unit 5 Hubway");
    assert_eq!(clear(&recipient(&order).hub_reference), "Reference #1234567890123456");
    for field in ordersync_types::SealedRecord::fields(recipient(&order)) {
        let value = clear(&field.state);
        assert!(!["Cranefly", "Flat 3", "Dunmoor", "Z9X"].iter().any(|home| value.contains(home)), "{value}");
    }
}

#[test]
fn a_hub_without_its_reference_is_held() {
    let pointer = "/fulfillmentStartInstructions/0/shippingStep/shipToReferenceId";
    let order = changed("global_shipping_programme_hub", &[(pointer, Value::Null)]);
    let path = "fulfillmentStartInstructions[0].shippingStep.shipToReferenceId";
    assert_eq!(fields(&order, Aspect::Shipping), [path]);
    assert!(reviews(&normalised(&fixture("ebay_international_shipping")), Aspect::Shipping).is_empty());
}

#[test]
fn ebay_supported_fulfillment_false_is_no_hub() {
    let order = plain(&[]);
    assert_eq!(order.facts.destination.unwrap().to, DeliverTo::Address);
    assert_eq!(order.facts.programmes, []);
}

#[test]
fn under_the_authenticity_guarantee_the_final_address_is_the_authenticators() {
    let order = normalised(&fixture("authenticity_guarantee"));
    assert_eq!(order.facts.destination.unwrap().final_country.unwrap().code(), "IE");
    assert_eq!(order.facts.programmes, [Programme::Authentication]);
    let order =
        changed("authenticity_guarantee", &[("/program/ebayVault", json!({ "fulfillmentType": "SELLER_TO_VAULT" }))]);
    assert_eq!(order.facts.destination.unwrap().final_country, None, "the tax address is the vault's");
    let order = plain(&[("/program", json!({ "ebayVault": { "fulfillmentType": "Seller to Vault" } }))]);
    assert_eq!(order.facts.destination.unwrap().to, DeliverTo::Hub, "an authenticator comes before the vault");
    assert_eq!(order.facts.programmes, [Programme::Vault]);
}

#[test]
fn click_and_collect_goes_to_a_shop_and_in_store_pickup_nowhere() {
    let order = normalised(&fixture("click_and_collect"));
    assert_eq!(order.facts.destination.unwrap().to, DeliverTo::Shop);
    assert_eq!(order.facts.programmes, [Programme::ClickAndCollect]);
    let order = normalised(&fixture("in_store_pickup"));
    assert_eq!((order.facts.destination, &order.facts.programmes[..]), (None, &[Programme::InStorePickup][..]));
    let both = ("/fulfillmentStartInstructions/0/pickupStep", json!({ "merchantLocationKey": "X" }));
    assert_eq!(fields(&changed("click_and_collect", &[both]), Aspect::Shipping).len(), 1);
}

#[test]
fn digital_orders_need_no_address() {
    let order = normalised(&fixture("digital_gift_card"));
    assert_eq!((order.facts.destination, &order.facts.programmes[..]), (None, &[Programme::Digital][..]));
    assert_eq!(clear(&recipient(&order).gift_email[0].text), "bartholomew@giftinbox.example");
    assert!(reviews(&order, Aspect::Shipping).is_empty());
}

#[test]
fn ebays_own_warehouse_and_label_are_told() {
    let order = normalised(&fixture("fulfilled_by_ebay"));
    assert!(matches!(order.facts.fulfilled_by, FulfilledBy::Marketplace(_)) && !order.facts.is_merchant_fulfilled());
    let order = normalised(&fixture("vault_to_buyer"));
    assert!(matches!(order.facts.fulfilled_by, FulfilledBy::Marketplace(_)));
    let order = normalised(&fixture("label_by_ebay_with_charges"));
    assert_eq!(order.facts.programmes, [Programme::MarketplaceLabel]);
    assert_eq!(order.facts.fulfilled_by, FulfilledBy::Merchant);
}

#[test]
fn an_empty_phone_is_a_phone_not_sent() {
    let order = normalised(&fixture("ioss_import_collected_by_ebay"));
    assert_eq!(recipient(&order).phone, FieldState::NotSent);
}

#[test]
fn what_ebay_withholds_after_90_days_never_overwrites_what_we_hold() {
    let (young, old) = (normalised(&fixture("one_of_two_lines_shipped")), normalised(&fixture("older_than_90_days")));
    let withheld = FieldState::Withheld(Withheld::Age);
    assert_eq!((&recipient(&old).name, &recipient(&old).address_line1), (&withheld, &withheld));
    assert_eq!(recipient(&old).gift_message[0].text, withheld);
    assert_eq!(clear(&recipient(&old).postcode), "ZX4 7QJ");
    let merged = recipient(&young).updated_by(recipient(&old));
    assert_eq!((clear(&merged.name), clear(&merged.address_line1)), ("Ada Quillfeather", "14 Thistledown Row"));
    // an empty text in an old order is a gap too
    let name = "/fulfillmentStartInstructions/0/shippingStep/shipTo/fullName";
    assert_eq!(recipient(&changed("older_than_90_days", &[(name, json!(""))])).name, withheld);
    assert_eq!(clear(&recipient(&plain(&[(name, json!(""))])).name), "", "in a young one it is what the buyer wrote");
}

#[test]
fn an_email_address_is_withheld_after_14_days() {
    let email = "/fulfillmentStartInstructions/0/shippingStep/shipTo/email";
    let gone = |created: &str| plain(&[("/creationDate", json!(created)), (email, Value::Null)]);
    assert_eq!(recipient(&gone("2026-02-14T11:59:59.000Z")).email, FieldState::Withheld(Withheld::Age));
    assert_eq!(recipient(&gone("2026-02-16T00:00:00.000Z")).email, FieldState::NotSent);
}

#[test]
fn a_tax_reference_in_the_second_address_line_is_not_printed_twice() {
    let name = "ioss_import_collected_by_ebay";
    let line2 = "/fulfillmentStartInstructions/0/shippingStep/shipTo/contactAddress/addressLine2";
    for twice in ["IOSS:IM2760000742X", "ioss im2760000742x", "IOSS #IM-2760000742X"] {
        let order = changed(name, &[(line2, json!(twice))]);
        assert_eq!(clear(&recipient(&order).address_line2), "", "{twice}");
        assert_eq!(clear(&recipient(&order).tax_reference[0].text), "IM2760000742X");
    }
    let order = changed(name, &[(line2, json!("IOSS:IM9999999999"))]);
    assert_eq!(clear(&recipient(&order).address_line2), "IOSS:IM9999999999", "a number known nowhere else stays");
    assert_eq!(fields(&order, Aspect::Tax).len(), 1);
    for street in ["Ossian House", "Vat House 12", "GST", "Flat 3"] {
        let order = changed(name, &[(line2, json!(street))]);
        assert_eq!(clear(&recipient(&order).address_line2), street);
        assert!(reviews(&order, Aspect::Tax).is_empty(), "{street}");
    }
}

#[test]
fn a_courier_gets_the_number_it_must_pass_on() {
    let tax = |name: &str, number: &str| {
        let amount = json!({ "value": "4.75", "currency": "EUR" });
        json!({ "taxType": "VAT", "amount": amount, "ebayReference": { "name": name, "value": number } })
    };
    let with = |taxes: Value| {
        let pointer = "/lineItems/0/ebayCollectAndRemitTaxes";
        let order = changed("ioss_import_collected_by_ebay", &[(pointer, taxes)]);
        let number = clear(&recipient(&order).tax_reference[0].text).to_owned();
        (number, fields(&order, Aspect::Shipping).len())
    };
    assert_eq!(with(json!([tax("OSS", "DE1"), tax("VOEC", "2024926")])), ("2024926".to_owned(), 0));
    assert_eq!(with(json!([tax("OSS", "DE1")])), ("DE1".to_owned(), 0));
    assert_eq!(with(json!([tax("IOSS", "IM1"), tax("GST", "IRD#2")])), ("IM1".to_owned(), 1));
}

#[test]
fn nothing_but_none_requested_lets_a_label_through() {
    let state = |state: Value| plain(&[("/cancelStatus/cancelState", state)]);
    let order = state(json!("NONE_REQUESTED"));
    assert!(!order.facts.has_open_cancellation() && reviews(&order, Aspect::Shipping).is_empty());
    assert!(state(json!("IN_PROGRESS")).facts.has_open_cancellation());
    assert!(state(json!("SOMETHING_NEW")).facts.has_open_cancellation());
    assert_eq!(fields(&state(Value::Null), Aspect::Shipping), ["cancelStatus.cancelState"]);
    assert_eq!(fields(&plain(&[("/cancelStatus", Value::Null)]), Aspect::Shipping), ["cancelStatus.cancelState"]);
    let order = normalised(&fixture("cancelled_with_request"));
    assert_eq!(order.facts.status, OrderStatus::Cancelled);
    assert_eq!(order.facts.cancellations.len(), 1);
    assert_eq!(order.facts.cancellations[0].state, CancellationState::Done);
}

#[test]
fn an_order_is_to_be_shipped_once_paid() {
    let paid = |status: Value| plain(&[("/orderPaymentStatus", status)]);
    for (status, payment) in [("PENDING", PaymentStatus::Pending), ("FAILED", PaymentStatus::Failed)] {
        let order = paid(json!(status));
        assert_eq!((order.facts.status, order.facts.payment), (OrderStatus::Pending, payment));
    }
    let order = paid(json!("FULLY_REFUNDED"));
    assert_eq!((order.facts.status, order.facts.payment), (OrderStatus::Unshipped, PaymentStatus::FullyRefunded));
    assert!(order.people.recipient.is_some(), "a return needs the address");
    assert_eq!(fields(&paid(Value::Null), Aspect::Shipping), ["orderPaymentStatus"]);
    assert_eq!(fields(&paid(json!("SOMETHING_NEW")), Aspect::Shipping), ["orderPaymentStatus"]);
}

#[test]
fn a_parcel_that_ebay_knows_of_holds_another_label() {
    let href = json!(["https://api.ebay.com/sell/fulfillment/v1/order/1/shipping_fulfillment/ZX123456785GB"]);
    let order = plain(&[("/fulfillmentHrefs", href)]);
    assert_eq!(fields(&order, Aspect::Shipping), ["fulfillmentHrefs"]);
    assert!(!format!("{:?}", order.facts).contains("ZX123456785GB"));
}

#[test]
fn fulfilled_is_dispatched_at_the_last_change() {
    let order = normalised(&fixture("partially_refunded_line"));
    assert_eq!(order.facts.status, OrderStatus::Shipped);
    assert_eq!(order.facts.dispatched_at, Some(order.facts.updated_at));
    assert_eq!(order.facts.lines[0].quantity_dispatched, Some(1));
    let order = normalised(&fixture("one_of_two_lines_shipped"));
    assert_eq!((order.facts.status, order.facts.dispatched_at), (OrderStatus::PartiallyShipped, None));
    let dispatched: Vec<_> = order.facts.lines.iter().map(|line| line.quantity_dispatched).collect();
    assert_eq!(dispatched, [Some(1), Some(0), None]);
}

#[test]
fn the_buyer_is_known_by_the_user_name_in_small_letters() {
    let order = plain(&[]);
    assert_eq!(order.people.buyer_key.as_ref().unwrap().expose(), "quill_ada_88");
    assert_eq!(clear(&order.people.buyer.as_ref().unwrap().marketplace_name), "Quill_Ada_88");
    assert_eq!(plain(&[("/buyer/username", json!(""))]).people.buyer_key, None);
    assert_eq!(plain(&[("/buyer", Value::Null)]).people.buyer, None);
}

#[test]
fn a_tax_number_carries_its_type() {
    let order = normalised(&fixture("italian_tax_number"));
    assert_eq!(clear(&order.people.buyer.as_ref().unwrap().tax_number), "CODICE_FISCALE:QLLDAA88A41Z999X");
}

#[test]
fn uk_is_gb_and_northern_ireland_its_own_territory() {
    let order = normalised(&fixture("northern_ireland_written_uk"));
    let to = order.facts.destination.unwrap();
    assert_eq!((to.country.code(), to.territory.code()), ("GB", "NI"));
    assert_eq!(clear(&recipient(&order).country), "UK", "the sealed address is as eBay wrote it");
}

#[test]
fn an_unknown_country_is_kept_sealed_and_only_a_code_is_shown() {
    let country = "/fulfillmentStartInstructions/0/shippingStep/shipTo/contactAddress/countryCode";
    for (written, shown) in [("XQ", "XQ"), ("Quillfeatherland", "NOT_A_CODE")] {
        let order = plain(&[(country, json!(written))]);
        assert_eq!(order.facts.destination, None);
        assert_eq!(clear(&recipient(&order).country), written);
        assert_eq!(reviews(&order, Aspect::Shipping)[0].code.as_ref().unwrap().as_str(), shown);
    }
}

#[test]
fn sku_and_title_are_cut_and_cleaned() {
    let title = format!("Oak\u{0}\n frame {}", "é".repeat(600));
    let order = plain(&[("/lineItems/0/title", json!(title)), ("/lineItems/0/sku", json!("A\tB"))]);
    let line = &order.facts.lines[0];
    let kept = line.title.as_ref().unwrap();
    assert!(kept.starts_with("Oak frame é") && kept.chars().count() == 500, "{kept}");
    assert_eq!(line.sku.as_deref(), Some("AB"));
    assert_eq!(fields(&order, Aspect::Info), ["lineItems[0].title"]);
    assert_eq!(plain(&[("/lineItems/0/sku", json!(""))]).facts.lines[0].sku, None);
}

/// Seen or told of in real answers.
#[test]
fn oddities_of_real_answers_are_tolerated() {
    let order = plain(&[
        ("/paymentSummary/payments", json!([{ "paymentReferenceId": ["1", "2"] }])),
        ("/paymentSummary/refunds", Value::Null),
        ("/cancelStatus/cancelRequests", Value::Null),
        ("/salesRecordReference", json!(17)),
        ("/pricingSummary/adjustment", json!({})),
        ("/lineItems/0/taxes", Value::Null),
        ("/orderId", json!("110123456789-200123456789!220012345")),
        ("/creationDate", json!("2026-02-23T10:15:30+01:00")),
    ]);
    assert_eq!(order.facts.created_at, "2026-02-23T09:15:30Z".parse::<ordersync_types::Timestamp>().unwrap());
    assert!(order.facts.reviews.is_empty(), "{:?}", order.facts.reviews);
}

#[test]
fn a_date_of_change_before_the_order_was_made_is_told() {
    let order = plain(&[("/lastModifiedDate", json!("2026-02-20T00:00:00.000Z"))]);
    assert_eq!(order.facts.updated_at, order.facts.created_at);
    assert_eq!(fields(&order, Aspect::Info), ["lastModifiedDate"]);
}

#[test]
fn a_second_set_of_instructions_is_told() {
    let mut order = fixture("two_lines_with_discounts");
    let first = order["fulfillmentStartInstructions"][0].clone();
    order["fulfillmentStartInstructions"].as_array_mut().unwrap().push(first);
    assert_eq!(fields(&normalised(&order), Aspect::Shipping), ["fulfillmentStartInstructions[1]"]);
    assert_eq!(
        fields(&plain(&[("/fulfillmentStartInstructions", json!([]))]), Aspect::Shipping),
        ["fulfillmentStartInstructions"]
    );
}

#[test]
fn promises_of_lines_stand_in_for_the_orders() {
    let instruction = "/fulfillmentStartInstructions/0/";
    let order = plain(&[
        (&format!("{instruction}minEstimatedDeliveryDate"), Value::Null),
        (&format!("{instruction}maxEstimatedDeliveryDate"), Value::Null),
        ("/lineItems/1/lineItemFulfillmentInstructions/maxEstimatedDeliveryDate", json!("2026-03-05T00:00:00.000Z")),
        ("/lineItems/1/lineItemFulfillmentInstructions/shipByDate", json!("2026-02-23T23:00:00.000Z")),
    ]);
    let written = |time: Option<ordersync_types::Timestamp>| time.unwrap().to_rfc3339();
    assert_eq!(written(order.facts.deliver_by.earliest), "2026-02-26T00:00:00+00:00");
    assert_eq!(written(order.facts.deliver_by.latest), "2026-03-05T00:00:00+00:00");
    assert_eq!(written(order.facts.ship_by.latest), "2026-02-23T23:00:00+00:00", "the earliest of the lines");
}
