//! Where an order stands, and which steps between two readings are plausible.

use serde::{Deserialize, Serialize};

use crate::RawCode;

/// Where an order stands with the marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// A pre-order: the goods are not released yet.
    PreOrder,
    /// Placed, but payment is not settled: no address, often no price; neither pack nor invoice.
    Pending,
    /// Paid and waiting to be dispatched.
    Unshipped,
    /// Part of it has been dispatched.
    PartiallyShipped,
    /// All of it has been dispatched.
    Shipped,
    /// Delivered.
    Delivered,
    /// Cancelled as a whole.
    Cancelled,
    /// The marketplace's own warehouse cannot fulfil it.
    Unfulfillable,
    /// The answer did not carry the status.
    NotStated,
    /// A status this program does not know: holds the label until a person has looked.
    Unknown(RawCode),
}

impl OrderStatus {
    /// All states a vendor can be in, one of each, for tables.
    pub fn every() -> [Self; 10] {
        [
            Self::PreOrder,
            Self::Pending,
            Self::Unshipped,
            Self::PartiallyShipped,
            Self::Shipped,
            Self::Delivered,
            Self::Cancelled,
            Self::Unfulfillable,
            Self::NotStated,
            Self::Unknown(RawCode::new("X")),
        ]
    }

    /// The name at rest and in `--json`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PreOrder => "pre_order",
            Self::Pending => "pending",
            Self::Unshipped => "unshipped",
            Self::PartiallyShipped => "partially_shipped",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Unfulfillable => "unfulfillable",
            Self::NotStated => "not_stated",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The state with this [`OrderStatus::name`]; `code` is needed for `unknown` only.
    pub fn from_name(name: &str, code: Option<&str>) -> Option<Self> {
        if name == "unknown" {
            return Some(Self::Unknown(RawCode::new(code.unwrap_or_default())));
        }
        Self::every().into_iter().find(|status| status.name() == name && name != "unknown")
    }

    /// True once everything has left the seller.
    pub fn is_dispatched(&self) -> bool {
        matches!(self, Self::Shipped | Self::Delivered)
    }

    /// True while somebody may still have to pack it.
    pub fn is_open(&self) -> bool {
        match self {
            Self::PreOrder | Self::Pending | Self::Unshipped | Self::PartiallyShipped | Self::Unknown(_) => true,
            Self::Shipped | Self::Delivered | Self::Cancelled | Self::Unfulfillable | Self::NotStated => false,
        }
    }
}

/// What the marketplace says of payment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// Not settled.
    Pending,
    /// Settled: safe to dispatch.
    Paid,
    /// Refused.
    Failed,
    /// Part of it went back.
    PartiallyRefunded,
    /// All of it went back: no label.
    FullyRefunded,
    /// The marketplace does not state it (Amazon: the order status stands for it).
    NotStated,
    /// A value this program does not know.
    Unknown(RawCode),
}

/// What a newer reading means for the status we hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transition {
    /// Nothing changed.
    Same,
    /// The order went on, in one step or several that we did not see.
    Forward,
    /// The marketplace took a step back that happens in practice, for example an edited dispatch.
    Back,
    /// The newer reading says nothing about the status: what we hold stays.
    Keep,
    /// A step that should not happen. The marketplace's word is taken, but a person must look before a label.
    Contradiction,
}

/// What it means when a reading newer than `from` says `to`.
///
/// Staleness is not decided here: a reading older than the one we hold never reaches this function.
pub fn transition(from: &OrderStatus, to: &OrderStatus) -> Transition {
    use OrderStatus as S;
    if from == to {
        return Transition::Same;
    }
    match (from, to) {
        (_, S::NotStated) => Transition::Keep,
        (S::NotStated | S::Unknown(_), _) | (_, S::Unknown(_)) => Transition::Forward,
        (S::Cancelled, _) => Transition::Contradiction,
        (S::Delivered, S::Shipped) => Transition::Back,
        (S::Delivered, _) => Transition::Contradiction,
        (_, S::Delivered) => Transition::Forward,
        (S::Shipped, S::PartiallyShipped | S::Unshipped) => Transition::Back,
        (S::Shipped, _) => Transition::Contradiction,
        (_, S::Cancelled | S::Unfulfillable | S::Shipped) => Transition::Forward,
        (S::PartiallyShipped, S::Unshipped) | (S::Unshipped, S::Pending) => Transition::Back,
        (S::PartiallyShipped | S::Unshipped, S::Pending | S::PreOrder) => Transition::Contradiction,
        (S::Pending, S::PreOrder) => Transition::Back,
        (S::Unfulfillable, _) => Transition::Forward,
        (S::PreOrder | S::Pending | S::Unshipped | S::PartiallyShipped, _) => Transition::Forward,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: the status we hold. Columns: the newer reading, in the order of `OrderStatus::every`.
    /// `=` same, `>` forward, `<` back, `k` keep, `!` contradiction.
    const TABLE: [(&str, &str); 10] = [
        ("pre_order", "= > > > > > > > k >"),
        ("pending", "< = > > > > > > k >"),
        ("unshipped", "! < = > > > > > k >"),
        ("partially_shipped", "! ! < = > > > > k >"),
        ("shipped", "! ! < < = > ! ! k >"),
        ("delivered", "! ! ! ! < = ! ! k >"),
        ("cancelled", "! ! ! ! ! ! = ! k >"),
        ("unfulfillable", "> > > > > > > = k >"),
        ("not_stated", "> > > > > > > > = >"),
        ("unknown", "> > > > > > > > k ="),
    ];

    #[test]
    fn every_pair_of_states_has_its_meaning() {
        for (from, (name, row)) in OrderStatus::every().iter().zip(TABLE) {
            assert_eq!(from.name(), name);
            for (to, mark) in OrderStatus::every().iter().zip(row.split(' ')) {
                let expected = match mark {
                    "=" => Transition::Same,
                    ">" => Transition::Forward,
                    "<" => Transition::Back,
                    "k" => Transition::Keep,
                    "!" => Transition::Contradiction,
                    other => panic!("mark {other}"),
                };
                assert_eq!(transition(from, to), expected, "{} -> {}", from.name(), to.name());
            }
        }
    }

    #[test]
    fn names_read_back() {
        for status in OrderStatus::every() {
            let code = if let OrderStatus::Unknown(code) = &status { Some(code.as_str()) } else { None };
            assert_eq!(OrderStatus::from_name(status.name(), code), Some(status));
        }
        assert_eq!(OrderStatus::from_name("sent", None), None);
    }
}
