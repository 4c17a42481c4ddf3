//! Search tags: truncated keyed tags of names and postcodes, beside the order they lead to.

use ordersync_types::{JobId, OrderId, SellerId};
use ordersync_vault::SearchField;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::bulk::{BulkInsert, Shared, filled_list, placeholders};
use crate::sql::statement;
use crate::{Databases, StoreError};

const INSERT_TAGS: BulkInsert = BulkInsert {
    table: "search_tag",
    shared: &["seller_id", "generation"],
    columns: &["field", "tag", "order_id"],
    tail: "ON CONFLICT DO NOTHING",
};

#[derive(FromQueryResult)]
struct OrderIdRow {
    order_id: Uuid,
}

impl Databases {
    /// Writes the tags of orders in place of older ones, and ends the jobs that are done with it, in one transaction.
    /// An order without tags loses those it had.
    ///
    /// # Errors
    /// What the driver says; nothing is written then.
    pub async fn write_search_tags(
        &self,
        seller: SellerId,
        generation: i64,
        tagged: &[(OrderId, Vec<(SearchField, i64)>)],
        done: &[JobId],
    ) -> Result<(), StoreError> {
        let seller = i64::from(seller.number());
        let backend = self.data.backend;
        let transaction = self.data.begin().await?;
        let orders: Vec<Value> = tagged.iter().map(|(order, _)| order.as_uuid().into()).collect();
        let jobs: Vec<Value> = done.iter().map(|job| job.as_uuid().into()).collect();
        for (table, column, ids) in [("search_tag", "order_id", orders), ("job", "job_id", jobs)] {
            let ids = filled_list(ids);
            if ids.is_empty() {
                continue;
            }
            let list = placeholders(2, ids.len());
            let sql = format!("DELETE FROM {table} WHERE seller_id = $1 AND {column} IN ({list})");
            let values = std::iter::once(seller.into()).chain(ids);
            transaction.execute_raw(statement(backend, sql, values)).await?;
        }
        let mut values: Vec<Value> = Vec::new();
        for (order, tags) in tagged {
            values.extend(tags.iter().flat_map(|(field, tag)| {
                let values: [Value; 3] = [field.code().into(), (*tag).into(), order.as_uuid().into()];
                values
            }));
        }
        INSERT_TAGS.run(&transaction, &[Shared::Int(seller), Shared::Int(generation)], values).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Orders that have all of these tags, newest first, at most `limit`. Candidates only: open and compare.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn orders_with_tags(
        &self,
        seller: SellerId,
        field: SearchField,
        generation: i64,
        tags: &[i64],
        limit: u32,
    ) -> Result<Vec<OrderId>, StoreError> {
        if tags.is_empty() {
            return Ok(Vec::new());
        }
        // One look-up by the whole key for each tag: grouped by order, SQLite would read every tag of the seller.
        let mut sql = String::new();
        let mut values: Vec<Value> = Vec::with_capacity(tags.len() * 4 + 1);
        for (number, tag) in tags.iter().enumerate() {
            let at = number * 4;
            sql.push_str(&format!(
                "{}SELECT order_id FROM search_tag WHERE seller_id = ${} AND field = ${} AND generation = ${} AND tag = ${}",
                if number == 0 { "" } else { " INTERSECT " },
                at + 1,
                at + 2,
                at + 3,
                at + 4
            ));
            values.extend([i64::from(seller.number()).into(), field.code().into(), generation.into(), (*tag).into()]);
        }
        sql.push_str(&format!(" ORDER BY order_id DESC LIMIT ${}", values.len() + 1));
        values.push(i64::from(limit).into());
        let statement = statement(self.data.backend, sql, values);
        let rows = OrderIdRow::find_by_statement(statement).all(&self.data.read).await?;
        Ok(rows.into_iter().map(|row| OrderId::from_uuid(row.order_id)).collect())
    }
}
