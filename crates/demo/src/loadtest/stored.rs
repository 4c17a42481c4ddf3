//! What is stored, held against what was served.

use std::collections::BTreeMap;

use ordersync_core::{Databases, KeyClass};
use ordersync_daemon::failure::Failure;

use super::served::Served;

/// What the databases hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stored {
    /// Rows by table.
    pub(crate) rows: BTreeMap<&'static str, i64>,
    /// Recipients held, and those that were purged because their time was over already.
    recipients: i64,
    /// Key rows by class code.
    keys: BTreeMap<i64, i64>,
}

impl Stored {
    /// Counts everything.
    ///
    /// # Errors
    /// The databases cannot be read.
    pub(crate) async fn count(store: &Databases) -> Result<Self, Failure> {
        let rows = store.table_counts().await?;
        let purged = store.number(false, "SELECT COUNT(*) FROM orders WHERE delivery_purged_at IS NOT NULL").await;
        let mut keys = BTreeMap::new();
        for (class, _state, count) in store.key_counts().await? {
            *keys.entry(class).or_default() += count;
        }
        Ok(Self { recipients: purged + rows.get("recipient").copied().unwrap_or(0), rows, keys })
    }

    /// What differs between the rows that came since `before` and what was served, a sentence each.
    pub(crate) fn faults(&self, before: &Self, served: &[Served]) -> Vec<String> {
        let sum = |what: fn(&Served) -> i64| served.iter().map(what).sum::<i64>();
        let table = |name: &str| {
            let rows = |stored: &Self| stored.rows.get(name).copied().unwrap_or(0);
            rows(self) - rows(before)
        };
        let keys = |class: KeyClass| {
            let rows = |stored: &Self| stored.keys.get(&class.code()).copied().unwrap_or(0);
            rows(self) - rows(before)
        };
        let accounts = i64::try_from(served.len()).unwrap_or(i64::MAX);
        let compared = [
            ("orders", table("orders"), sum(|served| served.orders)),
            ("lines", table("order_line"), sum(|served| served.lines)),
            ("sealed recipients", self.recipients - before.recipients, sum(|served| served.recipients)),
            ("delivery keys", keys(KeyClass::Delivery), sum(|served| served.recipients)),
            ("contact keys", keys(KeyClass::Contact), sum(|served| served.buyers)),
            ("channel keys", keys(KeyClass::Channel), accounts),
        ];
        let wrong = compared.iter().filter(|(_, stored, served)| stored != served);
        wrong.map(|(what, stored, served)| format!("{stored} {what} are stored, but {served} were served")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_row_that_is_missing_is_told() {
        let stored = |orders, keys| Stored {
            rows: [("orders", orders), ("order_line", 2 * orders)].into(),
            recipients: orders,
            keys: [(KeyClass::Delivery.code(), keys), (KeyClass::Contact.code(), keys), (KeyClass::Channel.code(), 1)]
                .into(),
        };
        let served = Served { orders: 5, lines: 10, recipients: 5, buyers: 5, ..Served::default() };
        assert_eq!(stored(5, 5).faults(&Stored::default(), &[served]), Vec::<String>::new());
        let faults = stored(4, 5).faults(&Stored::default(), &[served]);
        assert_eq!(faults.len(), 3, "{faults:?}");
        let faults = stored(5, 4).faults(&Stored::default(), &[served]);
        assert_eq!(
            faults,
            ["4 delivery keys are stored, but 5 were served", "4 contact keys are stored, but 5 were served"]
        );
        assert_eq!(stored(5, 5).faults(&stored(5, 5), &[]).len(), 0, "nothing new, nothing served");
    }
}
