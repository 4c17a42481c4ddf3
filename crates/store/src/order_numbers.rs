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
