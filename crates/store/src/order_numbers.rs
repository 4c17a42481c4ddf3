//! Orders by the marketplace's numbers, across accounts.

use std::collections::HashSet;

use ordersync_types::{AccountId, SellerId, VendorOrderId};
use sea_orm::{ConnectionTrait, Value};

use crate::bulk::placeholders;
use crate::intake::ORDERS_BY_NUMBER;
use crate::sql::statement;
use crate::{Databases, StoreError};

impl Databases {
    /// Those of the numbers that an account has an order of.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn numbers_among(
        &self,
        seller: SellerId,
        account: AccountId,
        numbers: &[&str],
    ) -> Result<HashSet<String>, StoreError> {
        let mut found = HashSet::new();
        for chunk in numbers.chunks(200) {
            let list = chunk.iter().map(|number| (*number).into()).collect();
            let (from, list) = ORDERS_BY_NUMBER.from(self.data.backend, list);
            let mut values: Vec<Value> = vec![i64::from(seller.number()).into(), account.as_uuid().into()];
            values.extend(list);
            let sql = format!("SELECT found.vendor_order_id FROM {from}");
            for row in self.data.read.query_all_raw(statement(self.data.backend, sql, values)).await? {
                found.insert(row.try_get_by_index(0)?);
            }
        }
        Ok(found)
    }

    /// Hangs the parcels and holds of one account's orders on the same orders of another that has them too, before the one is
    /// removed: what is packed is packed, whoever read it. Gives how many pieces' rows moved.
    ///
    /// # Errors
    /// What the driver says; nothing is changed then. May be repeated.
    pub async fn hand_over_parcels(&self, seller: SellerId, from: AccountId, to: AccountId) -> Result<u64, StoreError> {
        let twin = |of: &str| {
            format!(
                "(SELECT new.order_id FROM orders old JOIN orders new ON new.seller_id = old.seller_id \
                 AND new.account_id = $1 AND new.vendor_order_id = old.vendor_order_id \
                 WHERE old.seller_id = {of}.seller_id AND old.order_id = {of}.ORDER)"
            )
        };
        let transaction = self.data.begin().await?;
        let mut moved = 0;
        // The digest of the address hangs on the order: without one the address is not compared.
        for (table, column, more) in [
            ("shipment_line", "order_id", ""),
            ("shipment", "recipient_order_id", ", address_digest = NULL"),
            ("order_hold", "order_id", ""),
        ] {
            let twin = twin(table).replace("ORDER", column);
            let sql = format!(
                "UPDATE {table} SET {column} = {twin}{more} WHERE seller_id = $2 AND {column} IN \
                 (SELECT old.order_id FROM orders old JOIN orders new ON new.seller_id = old.seller_id \
                 AND new.account_id = $3 AND new.vendor_order_id = old.vendor_order_id \
                 WHERE old.seller_id = $4 AND old.account_id = $5)"
            );
            let seller = i64::from(seller.number());
            let values: [Value; 5] =
                [to.as_uuid().into(), seller.into(), to.as_uuid().into(), seller.into(), from.as_uuid().into()];
            moved += transaction.execute_raw(statement(self.data.backend, sql, values)).await?.rows_affected();
        }
        transaction.commit().await?;
        Ok(moved)
    }

    /// Puts orders with these numbers from one account under another, unless that has them already; tells how many.
    ///
    /// # Errors
    /// What the driver says. May be repeated.
    pub async fn move_orders(
        &self,
        seller: SellerId,
        from: AccountId,
        to: AccountId,
        numbers: &[VendorOrderId],
    ) -> Result<u64, StoreError> {
        let mut moved = 0;
        for chunk in numbers.chunks(200) {
            let sql = format!(
                "UPDATE orders SET account_id = $1 WHERE seller_id = $2 AND account_id = $3 AND vendor_order_id IN ({}) \
                 AND NOT EXISTS (SELECT 1 FROM orders held WHERE held.seller_id = orders.seller_id \
                 AND held.account_id = ${} AND held.vendor_order_id = orders.vendor_order_id)",
                placeholders(4, chunk.len()),
                chunk.len() + 4
            );
            let mut values: Vec<Value> =
                vec![to.as_uuid().into(), i64::from(seller.number()).into(), from.as_uuid().into()];
            values.extend(chunk.iter().map(|number| Value::from(number.as_str())));
            values.push(to.as_uuid().into());
            moved += self.data.write.execute_raw(statement(self.data.backend, sql, values)).await?.rows_affected();
        }
        Ok(moved)
    }
}
