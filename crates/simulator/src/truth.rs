//! What is true of every order: the measure that a daemon's database, files and logs are held against.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use ordersync_types::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::fields;

/// One personal value of one order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PersonalValue {
    /// The marketplace's order number.
    pub order: String,
    /// Where the contract puts it, for example `recipient.deliveryAddress.name`.
    pub path: String,
    /// The value itself: invented, and in no open field of any order.
    pub value: String,
    /// Whether the stand-in has shown it, or would have if asked at the right moment with the granted roles.
    pub shown: bool,
    /// Whether a byte search for it means something: at least 8 bytes. The all-digit postcodes of the continent are shorter.
    pub searchable: bool,
}

/// What is true of one order at the time of asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderTruth {
    /// `amazon` or `ebay`.
    pub shop: &'static str,
    /// The marketplace's order number.
    pub order: String,
    /// Amazon's marketplace id, or eBay's such as `EBAY_GB`.
    pub marketplace: String,
    /// Whether the merchant dispatches it.
    pub merchant_fulfilled: bool,
    /// Number of the buyer: orders of one buyer share it.
    pub buyer: u64,
    /// When it was placed.
    pub created: Timestamp,
    /// The last change the marketplace counts as an update.
    pub last_updated: Timestamp,
    /// The marketplace's word for how far it has come.
    pub status: String,
    /// The latest delivery date that was promised, where one was.
    pub promised: Option<Timestamp>,
    /// When the last parcel left.
    pub dispatched: Option<Timestamp>,
    /// When the last parcel arrived, whether or not the marketplace says so.
    pub delivered: Option<Timestamp>,
    /// When the last parcel arrived, if the marketplace's answers say so. eBay's never do.
    pub delivered_reported: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled: Option<Timestamp>,
    /// Every personal value that the contract has a field for, in every form it took by now.
    pub personal: Vec<PersonalValue>,
}

impl OrderTruth {
    /// When delivery data must be gone: 30 days after reported delivery; else after the latest promised date; else 14 days
    /// more after dispatch; else 45 days more after the order.
    pub fn delivery_due(&self) -> Timestamp {
        let dispatch = self.dispatched.map(|at| at + Duration::days(14));
        let start = self.delivered_reported.or(self.promised).or(dispatch).unwrap_or(self.created + Duration::days(45));
        start + Duration::days(30)
    }
}

/// What is true of all orders that have arrived.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct GroundTruth {
    /// Oldest first.
    pub orders: Vec<OrderTruth>,
}

impl GroundTruth {
    /// Every personal value, a JSON object a line: `order`, `path`, `value`, `shown`, `searchable`.
    pub fn people_jsonl(&self) -> String {
        let values = self.orders.iter().flat_map(|order| &order.personal);
        values.filter_map(|value| serde_json::to_string(value).ok()).flat_map(|line| [line, "\n".to_owned()]).collect()
    }

    /// The order with this number.
    pub fn order(&self, id: &str) -> Option<&OrderTruth> {
        self.orders.iter().find(|order| order.order == id)
    }

    /// Searchable values that must be nowhere at `now`: all orders that hold them are past their time.
    pub fn values_gone_by(&self, now: Timestamp) -> BTreeSet<&str> {
        self.by_latest_due().into_iter().filter(|(_, due)| *due <= now).map(|(value, _)| value).collect()
    }

    /// Searchable values that may still be kept at `now`: some order that holds them is not yet past its time.
    pub fn values_kept_at(&self, now: Timestamp) -> BTreeSet<&str> {
        self.by_latest_due().into_iter().filter(|(_, due)| *due > now).map(|(value, _)| value).collect()
    }

    fn by_latest_due(&self) -> BTreeMap<&str, Timestamp> {
        let mut latest: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for order in &self.orders {
            let due = order.delivery_due();
            for value in order.personal.iter().filter(|value| value.searchable) {
                latest.entry(&value.value).and_modify(|at| *at = due.max(*at)).or_insert(due);
            }
        }
        latest
    }
}

/// Shortest value a byte search is worth.
const SEARCHABLE_BYTES: usize = 8;

/// The personal values in renderings of one order; `open` texts (a hub's or a shop's address) are nobody's.
pub(crate) fn personal_values(
    order: &str,
    whole: &[Value],
    shown: &[Value],
    paths: &[&'static str],
    open: &[&str],
) -> Vec<PersonalValue> {
    let mut values = Vec::new();
    for path in paths {
        let found = |renderings: &[Value]| -> BTreeSet<String> {
            let texts = renderings.iter().flat_map(|rendering| fields::texts(rendering, path));
            texts.filter(|text| !text.is_empty() && !open.contains(text)).map(str::to_owned).collect()
        };
        let seen = found(shown);
        for value in found(whole).union(&seen) {
            values.push(PersonalValue {
                order: order.to_owned(),
                path: (*path).to_owned(),
                shown: seen.contains(value),
                searchable: value.len() >= SEARCHABLE_BYTES,
                value: value.clone(),
            });
        }
    }
    values
}

/// How many personal values a rendering holds.
pub(crate) fn count(rendering: &Value, paths: &[&'static str]) -> usize {
    paths.iter().map(|path| fields::texts(rendering, path).len()).sum()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn truth() -> OrderTruth {
        let created = chrono::Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
        OrderTruth {
            shop: "amazon",
            order: "1".to_owned(),
            marketplace: "M".to_owned(),
            merchant_fulfilled: true,
            buyer: 0,
            created,
            last_updated: created,
            status: "SHIPPED".to_owned(),
            promised: None,
            dispatched: None,
            delivered: None,
            delivered_reported: None,
            cancelled: None,
            personal: Vec::new(),
        }
    }

    #[test]
    fn delivery_data_is_due_by_the_best_date_known() {
        let day = |days: i64| Some(truth().created + Duration::days(days));
        let due = |order: OrderTruth| (order.delivery_due() - order.created).num_days();
        assert_eq!(due(truth()), 75);
        assert_eq!(due(OrderTruth { dispatched: day(2), ..truth() }), 46);
        assert_eq!(due(OrderTruth { dispatched: day(2), promised: day(6), ..truth() }), 36);
        let known = OrderTruth { promised: day(6), delivered_reported: day(9), delivered: day(9), ..truth() };
        assert_eq!(due(known), 39);
        assert_eq!(due(OrderTruth { promised: day(6), delivered: day(9), ..truth() }), 36, "nobody was told");
    }

    #[test]
    fn a_value_is_gone_when_its_last_order_is_due() {
        let value = |order: &str| PersonalValue {
            order: order.to_owned(),
            path: "buyer.buyerName".to_owned(),
            value: "Amelia Tavokulo".to_owned(),
            shown: true,
            searchable: true,
        };
        let early = OrderTruth { personal: vec![value("1")], ..truth() };
        let late = OrderTruth { created: truth().created + Duration::days(10), personal: vec![value("2")], ..truth() };
        let all = GroundTruth { orders: vec![early, late] };
        let after = |days| truth().created + Duration::days(days);
        assert!(all.values_gone_by(after(80)).is_empty());
        assert_eq!(all.values_kept_at(after(80)).len(), 1);
        assert_eq!(all.values_gone_by(after(85)).len(), 1);
    }
}
