//! How long what is kept: what the configuration said since when, and bringing forward what is held for longer.

use ordersync_types::{BuyerId, OrderId, SellerId, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::sql::statement;
use crate::time::{from_ms, to_ms};
use crate::{Databases, StoreError};

const DAY_MS: i64 = 86_400_000;

/// How long a class is kept, from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// `label`, or `delivery/` and a connector's name.
    pub class: String,
    /// From this moment on.
    pub since: Timestamp,
    /// Days.
    pub days: u32,
    /// Whether it holds for what was held before, too.
    pub covers_held: Covers,
}

/// Whether a policy holds for what was held before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// It does not: it is longer, or nobody has said so.
    Nothing,
    /// A person has said so; the rows may not all have been changed.
    Said,
    /// All rows were changed.
    Done,
}

#[derive(FromQueryResult)]
struct PolicyRow {
    class: String,
    since: i64,
    days: i64,
    covers_held: i64,
}

/// What goes at the latest when: (which, when).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forward {
    /// Recipients, by order.
    pub recipients: Vec<(OrderId, Timestamp)>,
    /// Buyers.
    pub buyers: Vec<(BuyerId, Timestamp)>,
}

impl Databases {
    /// All policies, by class, oldest first.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn retention_policies(&self) -> Result<Vec<RetentionPolicy>, StoreError> {
        let sql = "SELECT class, since, days, covers_held FROM retention_policy ORDER BY class, since";
        let rows = PolicyRow::find_by_statement(statement(self.data.backend, sql, [])).all(&self.data.read).await?;
        rows.into_iter()
            .map(|row| {
                let days = u32::try_from(row.days);
                Ok(RetentionPolicy {
                    class: row.class,
                    since: from_ms(row.since)?,
                    days: days.map_err(|_| StoreError::damaged("retention_policy.days", "out of range"))?,
                    covers_held: match row.covers_held {
                        0 => Covers::Nothing,
                        1 => Covers::Said,
                        2 => Covers::Done,
                        _ => return Err(StoreError::damaged("retention_policy.covers_held", "out of range")),
                    },
                })
            })
            .collect()
    }

    /// Writes a policy down; one of the same class and moment is replaced.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn write_retention_policy(&self, policy: &RetentionPolicy) -> Result<(), StoreError> {
        let sql = "INSERT INTO retention_policy (class, since, days, covers_held) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (class, since) DO UPDATE SET days = excluded.days, covers_held = excluded.covers_held";
        let values: [Value; 4] = [
            policy.class.as_str().into(),
            to_ms(policy.since).into(),
            i64::from(policy.days).into(),
            (policy.covers_held as i64).into(),
        ];
        self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        Ok(())
    }

    /// Labels that would go earlier if they were kept this long, and those of them that would be due now.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn labels_kept_longer(&self, days: u32, now: Timestamp) -> Result<(i64, i64), StoreError> {
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN s.labelled_at + $1 <= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) \
                   FROM label l JOIN shipment s ON s.seller_id = l.seller_id AND s.shipment_id = l.shipment_id \
                   WHERE l.purge_after > s.labelled_at + $3";
        let kept = i64::from(days) * DAY_MS;
        let values: [Value; 3] = [kept.into(), to_ms(now).into(), kept.into()];
        let row = self.data.read.query_one_raw(statement(self.data.backend, sql, values)).await?;
        row.map_or(Ok((0, 0)), |row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
    }

    /// Keeps no label that is held for longer than this, nor a copy of one outside, which was to go with the first label in
    /// it when those were kept for `before` days.
    ///
    /// # Errors
    /// What the driver says. May be repeated.
    pub async fn shorten_labels(&self, before: u32, days: u32) -> Result<(), StoreError> {
        let kept = i64::from(days) * DAY_MS;
        let less = i64::from(before.saturating_sub(days)) * DAY_MS;
        let made = "(SELECT s.labelled_at FROM shipment s \
                    WHERE s.seller_id = label.seller_id AND s.shipment_id = label.shipment_id)";
        let labels = format!("UPDATE label SET purge_after = {made} + $1 WHERE purge_after > {made} + $2");
        let copies = "UPDATE label_copy SET due_at = due_at - $1 WHERE due_at > made_at + $2".to_owned();
        for (sql, by) in [(labels, kept), (copies, less)] {
            let values: [Value; 2] = [by.into(), kept.into()];
            self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?;
        }
        Ok(())
    }

    /// Brings the purge of recipients and buyers forward, and of the notes on their orders; what goes earlier already stays.
    ///
    /// # Errors
    /// What the driver says; nothing of it is changed then. May be repeated.
    pub async fn bring_forward(&self, seller: SellerId, forward: &Forward) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        let orders = forward.recipients.iter().map(|(order, at)| (order.as_uuid(), *at));
        let buyers = forward.buyers.iter().map(|(buyer, at)| (buyer.as_uuid(), *at));
        let tables = [("recipient", "order_id"), ("order_note", "order_id")];
        for (id, at) in orders {
            for (table, column) in tables {
                let sql = format!(
                    "UPDATE {table} SET purge_after = $1 WHERE seller_id = $2 AND {column} = $3 AND purge_after > $4"
                );
                let at = to_ms(at);
                let values: [Value; 4] = [at.into(), i64::from(seller.number()).into(), id.into(), at.into()];
                transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
            }
        }
        for (id, at) in buyers {
            let sql = "UPDATE buyer SET purge_after = $1 WHERE seller_id = $2 AND buyer_id = $3 AND purge_after > $4";
            let at = to_ms(at);
            let values: [Value; 4] = [at.into(), i64::from(seller.number()).into(), id.into(), at.into()];
            transaction.execute_raw(statement(self.data.backend, sql, values)).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
