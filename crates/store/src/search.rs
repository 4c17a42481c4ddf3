//! Search tags: truncated keyed tags of names and postcodes, beside the order they lead to.

use ordersync_types::{OrderId, SellerId};
use ordersync_vault::SearchField;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use crate::bulk::{BulkInsert, filled_list, placeholders};
use crate::sql::statement;
use crate::{ClaimedJob, Databases, StoreError};

const INSERT_TAGS: BulkInsert = BulkInsert {
    table: "search_tag",
    columns: &["seller_id", "field", "generation", "tag", "order_id"],
    tail: "ON CONFLICT DO NOTHING",
};

#[derive(FromQueryResult)]
struct OrderIdRow {
    order_id: Uuid,
}

impl Databases {
    /// Writes the tags of orders in place of older ones, and ends the jobs that asked for them, in one transaction.
    /// An order without tags loses those it had.
    ///
    /// # Errors
    /// What the driver says; nothing is written then.
    pub async fn write_search_tags(
        &self,
        seller: SellerId,
        generation: i64,
        done: &[(ClaimedJob, Vec<(SearchField, i64)>)],
    ) -> Result<(), StoreError> {
        let seller = i64::from(seller.number());
        let backend = self.data.backend;
        let transaction = self.data.begin().await?;
        let orders: Vec<Value> =
            done.iter().filter_map(|(job, _)| job.order_id).map(|id| id.as_uuid().into()).collect();
        let jobs: Vec<Value> = done.iter().map(|(job, _)| job.job_id.as_uuid().into()).collect();
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
        for (job, tags) in done {
            let Some(order) = job.order_id else { continue };
            for (field, tag) in tags {
                let order = order.as_uuid();
                values.extend([seller.into(), field.code().into(), generation.into(), (*tag).into(), order.into()]);
            }
        }
        INSERT_TAGS.run(&transaction, values).await?;
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
        let sql = format!(
            "SELECT order_id FROM search_tag WHERE seller_id = $1 AND field = $2 AND generation = $3 \
             AND tag IN ({}) GROUP BY order_id HAVING COUNT(*) = ${} ORDER BY order_id DESC LIMIT ${}",
            placeholders(4, tags.len()),
            4 + tags.len(),
            5 + tags.len()
        );
        let wanted = i64::try_from(tags.len()).unwrap_or(i64::MAX);
        let mut values: Vec<Value> = vec![i64::from(seller.number()).into(), field.code().into(), generation.into()];
        values.extend(tags.iter().map(|tag| Value::from(*tag)));
        values.extend([wanted.into(), i64::from(limit).into()]);
        let statement = statement(self.data.backend, sql, values);
        let rows = OrderIdRow::find_by_statement(statement).all(&self.data.read).await?;
        Ok(rows.into_iter().map(|row| OrderId::from_uuid(row.order_id)).collect())
    }
}
