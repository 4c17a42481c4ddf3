//! Products: what the seller declares of goods that no marketplace states.

use ordersync_types::{SellerId, Timestamp};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::bulk::{BulkInsert, Shared, placeholders};
use crate::sql::statement;
use crate::time::{from_ms, to_ms};
use crate::{Databases, StoreError};

/// One product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductRow {
    /// `sku:` and the stock-keeping unit, or `item:CONNECTOR:` and the marketplace's item.
    pub key: String,
    /// Its title, for people.
    pub title: Option<String>,
    /// The VAT category's name.
    pub vat: Option<String>,
    /// Weight of one piece in grams.
    pub weight_g: Option<i64>,
    /// Commodity code, 6 to 10 digits.
    pub commodity_code: Option<String>,
    /// Country of origin.
    pub origin: Option<String>,
    /// What customs is told that it is.
    pub customs_description: Option<String>,
    /// When the row was last changed.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: String,
}

/// What the orders say of goods that were sold.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SoldItem {
    /// The connector's name.
    pub connector: String,
    /// The stock-keeping unit.
    pub sku: Option<String>,
    /// The marketplace's item.
    pub vendor_item_id: Option<String>,
    /// Its newest title.
    pub title: Option<String>,
    /// Lines that it was sold on.
    pub sold: i64,
    /// The newest order of it, for its price.
    pub newest: i64,
}

const INSERT: BulkInsert = BulkInsert {
    table: "product",
    shared: &["seller_id"],
    columns: &[
        "product_key",
        "title",
        "vat",
        "weight_g",
        "commodity_code",
        "origin",
        "customs_description",
        "changed_at",
        "changed_by",
    ],
    tail: "ON CONFLICT (seller_id, product_key) DO UPDATE SET title = COALESCE(excluded.title, product.title), \
           vat = COALESCE(excluded.vat, product.vat), weight_g = COALESCE(excluded.weight_g, product.weight_g), \
           commodity_code = COALESCE(excluded.commodity_code, product.commodity_code), \
           origin = COALESCE(excluded.origin, product.origin), \
           customs_description = COALESCE(excluded.customs_description, product.customs_description), \
           changed_at = excluded.changed_at, changed_by = excluded.changed_by",
};

#[derive(FromQueryResult)]
struct Read {
    product_key: String,
    title: Option<String>,
    vat: Option<String>,
    weight_g: Option<i64>,
    commodity_code: Option<String>,
    origin: Option<String>,
    customs_description: Option<String>,
    changed_at: i64,
    changed_by: String,
}

impl Read {
    fn read(self) -> Result<ProductRow, StoreError> {
        Ok(ProductRow {
            key: self.product_key,
            title: self.title,
            vat: self.vat,
            weight_g: self.weight_g,
            commodity_code: self.commodity_code,
            origin: self.origin,
            customs_description: self.customs_description,
            changed_at: from_ms(self.changed_at)?,
            changed_by: self.changed_by,
        })
    }
}

const COLUMNS: &str = "product_key, title, vat, weight_g, commodity_code, origin, customs_description, changed_at, \
                       changed_by";

impl Databases {
    /// Stores products, all or none. What a row leaves empty stays as it is.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn write_products(&self, seller: SellerId, products: &[ProductRow]) -> Result<(), StoreError> {
        let transaction = self.data.begin().await?;
        let values = products.iter().flat_map(|product| -> [Value; 9] {
            [
                product.key.as_str().into(),
                product.title.clone().into(),
                product.vat.clone().into(),
                product.weight_g.into(),
                product.commodity_code.clone().into(),
                product.origin.clone().into(),
                product.customs_description.clone().into(),
                to_ms(product.changed_at).into(),
                product.changed_by.as_str().into(),
            ]
        });
        INSERT.run(&transaction, &[Shared::Int(i64::from(seller.number()))], values.collect()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Products with these keys; one that is not there is not told.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn products(&self, seller: SellerId, keys: &[String]) -> Result<Vec<ProductRow>, StoreError> {
        let mut products = Vec::new();
        for chunk in keys.chunks(500) {
            let list = placeholders(2, chunk.len());
            let sql = format!("SELECT {COLUMNS} FROM product WHERE seller_id = $1 AND product_key IN ({list})");
            let mut values: Vec<Value> = vec![i64::from(seller.number()).into()];
            values.extend(chunk.iter().map(|key| Value::from(key.as_str())));
            let statement = statement(self.data.backend, sql, values);
            for row in Read::find_by_statement(statement).all(&self.data.read).await? {
                products.push(row.read()?);
            }
        }
        Ok(products)
    }

    /// All products by key.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn every_product(&self, seller: SellerId) -> Result<Vec<ProductRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM product WHERE seller_id = $1 ORDER BY product_key");
        let statement = statement(self.data.backend, sql, [i64::from(seller.number()).into()]);
        Read::find_by_statement(statement).all(&self.data.read).await?.into_iter().map(Read::read).collect()
    }

    /// All that was sold, by SKU or item.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn sold_items(&self, seller: SellerId) -> Result<Vec<SoldItem>, StoreError> {
        let sql = "SELECT a.connector AS connector, l.sku AS sku, \
                   CASE WHEN l.sku IS NULL THEN l.vendor_item_id ELSE NULL END AS vendor_item_id, \
                   MAX(l.title) AS title, COUNT(*) AS sold, CAST(MAX(o.created_at) AS BIGINT) AS newest \
                   FROM order_line l JOIN orders o ON o.seller_id = l.seller_id AND o.order_id = l.order_id \
                   JOIN account a ON a.seller_id = o.seller_id AND a.account_id = o.account_id \
                   WHERE l.seller_id = $1 \
                   GROUP BY a.connector, l.sku, CASE WHEN l.sku IS NULL THEN l.vendor_item_id ELSE NULL END \
                   ORDER BY a.connector, l.sku, 3";
        let statement = statement(self.data.backend, sql, [i64::from(seller.number()).into()]);
        Ok(SoldItem::find_by_statement(statement).all(&self.data.read).await?)
    }

    /// The price of one piece of what was sold at this moment, in minor units and its currency.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn last_price(&self, seller: SellerId, item: &SoldItem) -> Result<Option<(i64, String)>, StoreError> {
        let (column, value) = match (&item.sku, &item.vendor_item_id) {
            (Some(sku), _) => ("sku", sku),
            (None, Some(id)) => ("vendor_item_id", id),
            (None, None) => return Ok(None),
        };
        let sql = format!(
            "SELECT l.total_minor, l.quantity, o.currency FROM orders o \
             JOIN order_line l ON l.seller_id = o.seller_id AND l.order_id = o.order_id \
             WHERE o.seller_id = $1 AND o.created_at = $2 AND l.{column} = $3 AND l.total_minor IS NOT NULL \
             AND l.quantity > 0 AND o.currency IS NOT NULL LIMIT 1"
        );
        let values: [Value; 3] = [i64::from(seller.number()).into(), item.newest.into(), value.as_str().into()];
        let row = self.data.read.query_one_raw(statement(self.data.backend, sql, values)).await?;
        let Some(row) = row else { return Ok(None) };
        let (total, pieces): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        Ok(Some((total / pieces.max(1), row.try_get_by_index(2)?)))
    }
}
