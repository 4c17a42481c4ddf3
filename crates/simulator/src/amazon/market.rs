//! Amazon's marketplaces of the European region.

/// One marketplace of Amazon's European host.
#[derive(Debug)]
pub(super) struct Market {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) currency: &'static str,
    /// Standard VAT rate, for what the marketplace collects itself.
    pub(super) vat_percent: i64,
    /// First three digits of its order numbers.
    pub(super) prefix: &'static str,
}

const fn market(
    id: &'static str,
    name: &'static str,
    currency: &'static str,
    vat_percent: i64,
    prefix: &'static str,
) -> Market {
    Market { id, name, currency, vat_percent, prefix }
}

pub(super) static GB: Market = market("A1F83G8C2ARO7P", "Amazon.co.uk", "GBP", 20, "026");
pub(super) static DE: Market = market("A1PA6795UKMFR9", "Amazon.de", "EUR", 19, "302");
pub(super) static FR: Market = market("A13V1IB3VIYZZH", "Amazon.fr", "EUR", 20, "402");
pub(super) static IT: Market = market("APJ6JRA9NG5V4", "Amazon.it", "EUR", 22, "405");
pub(super) static ES: Market = market("A1RKKUPIHCS9HS", "Amazon.es", "EUR", 21, "408");
pub(super) static IE: Market = market("A28R8C7NBKEWEA", "Amazon.ie", "EUR", 23, "206");

/// Every marketplace id that the European host knows, the seller's or not.
pub(super) const REGION: [&str; 16] = [
    "A1F83G8C2ARO7P",
    "A1PA6795UKMFR9",
    "A13V1IB3VIYZZH",
    "APJ6JRA9NG5V4",
    "A1RKKUPIHCS9HS",
    "A28R8C7NBKEWEA",
    "A1805IZSGTT6HS",
    "AMEN7PMS3EDWL",
    "A2NODRKZP88ZB9",
    "A1C3SOZRARQ6R3",
    "A33AVAJ2PDY3EV",
    "A2VIGQ35RCS4UG",
    "A17E79C6D8DWNP",
    "ARBP9OOSHTCHU",
    "AE08WJ6YKNBMC",
    "A21TJRUUN4KGV",
];
