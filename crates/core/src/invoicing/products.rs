//! Products: VAT category, weight and customs data by SKU, or by the marketplace's item where a listing has none.

use ordersync_store::{JobKind, NewJob, ProductRow, SoldItem, StoredLine, WaitsFor};
use ordersync_types::{Country, JobId, OrderId, SellerId};
use ordersync_vat::VatCategory;

use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// Heaviest piece, in grams: what no parcel service takes is a slip of the pen.
const HEAVIEST: i64 = 1_000_000;

/// A product as a person gives it; what is empty stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductWish {
    /// The stock-keeping unit, 1 to 100 characters.
    pub sku: String,
    /// In place of a SKU: the connector's name and the marketplace's item, for example `ebay:110123456789:4711`.
    pub item: String,
    /// Title, for people.
    pub title: String,
    /// `standard`, `reduced`, `zero` or `exempt`.
    pub vat: String,
    /// Grams, 1 to 1,000,000.
    pub weight_g: String,
    /// 6 to 10 digits.
    pub commodity_code: String,
    /// Country of origin.
    pub origin: String,
    /// What customs is told that it is, at most 100 characters.
    pub customs_description: String,
}

/// A product that was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldProduct {
    /// Its key.
    pub key: String,
    /// The SKU; the item where there is none.
    pub item: SoldItem,
    /// The last price of one piece, in minor units and its currency.
    pub last_price: Option<(i64, String)>,
    /// What was declared of it.
    pub declared: Option<ProductRow>,
}

/// The key of a line's product; `None` for a line with neither SKU nor item.
pub(super) fn product_key(connector: &str, line: &StoredLine) -> Option<String> {
    key(connector, line.sku.as_deref(), line.vendor_item_id.as_deref())
}

fn key(connector: &str, sku: Option<&str>, item: Option<&str>) -> Option<String> {
    // A file of products has no spaces around a cell.
    match (sku.map(str::trim), item) {
        (Some(sku), _) => Some(format!("sku:{sku}")),
        (None, Some(item)) => Some(format!("item:{connector}:{item}")),
        (None, None) => None,
    }
}

impl Core {
    /// Everything that was sold, with what was declared of it; `missing_only`: what has no VAT category.
    ///
    /// # Errors
    /// What the store says.
    pub async fn sold_products(&self, seller: SellerId, missing_only: bool) -> Result<Vec<SoldProduct>, CoreError> {
        let declared = self.store.every_product(seller).await?;
        let declared: std::collections::HashMap<String, ProductRow> =
            declared.into_iter().map(|row| (row.key.clone(), row)).collect();
        let mut products: Vec<SoldProduct> = Vec::new();
        let mut keys = std::collections::HashSet::new();
        for item in self.store.sold_items(seller).await? {
            let Some(key) = key(&item.connector, item.sku.as_deref(), item.vendor_item_id.as_deref()) else { continue };
            let known = declared.get(&key);
            if missing_only && known.is_some_and(|row| row.vat.is_some()) {
                continue;
            }
            // One SKU may be sold on several marketplaces.
            if !keys.insert(key.clone()) {
                continue;
            }
            let last_price = self.store.last_price(seller, &item).await?;
            products.push(SoldProduct { key, item, last_price, declared: known.cloned() });
        }
        Ok(products)
    }

    /// Stores products, all or none, and looks again at what waits for one.
    ///
    /// # Errors
    /// [`CoreError::Refused`] naming line, field and reason; nothing is stored then. Else what the store says.
    pub async fn import_products(
        &self,
        seller: SellerId,
        wishes: &[ProductWish],
        actor: &Actor,
    ) -> Result<usize, CoreError> {
        let now = self.clock.now();
        let mut rows: Vec<ProductRow> = Vec::with_capacity(wishes.len());
        for (wish, line) in wishes.iter().zip(1_usize..) {
            let row = checked(wish, now, actor).map_err(|reason| CoreError::Refused {
                message: format!("product {line}: {reason}"),
                hint: "nothing was stored; correct it and import the whole file again".to_owned(),
            })?;
            if let Some(other) = rows.iter().position(|known| known.key == row.key) {
                let message = format!("product {line}: it is the same as product {}", other + 1);
                return Err(CoreError::Refused { message, hint: "nothing was stored; keep one of them".to_owned() });
            }
            rows.push(row);
        }
        self.store.write_products(seller, &rows).await?;
        let detail = format!("{} products", rows.len());
        let entry = audit_entry(seller, now, actor, "products.import", "products", &rows.len(), detail);
        self.store.write_audit(&[entry]).await?;
        self.look_at_waiting(seller).await?;
        Ok(rows.len())
    }

    /// Queues everything that waits for a person to be looked at again; tells how many orders. What the marketplace issues
    /// changes only with the account's settings.
    ///
    /// # Errors
    /// What the store says.
    pub async fn look_at_waiting(&self, seller: SellerId) -> Result<u64, CoreError> {
        let mut after = None;
        let mut orders: u64 = 0;
        loop {
            let page = self.store.waiting_invoices(seller, WaitsFor::Person, None, after, 500).await?;
            let Some(last) = page.last() else { return Ok(orders) };
            after = Some((last.tax_point, last.order));
            let ids: Vec<OrderId> = page.iter().map(|waiting| waiting.order).collect();
            orders += u64::try_from(ids.len()).unwrap_or_default();
            self.queue_invoicing(seller, ids).await?;
        }
    }

    /// Queues orders to be looked at.
    pub(crate) async fn queue_invoicing(&self, seller: SellerId, orders: Vec<OrderId>) -> Result<(), CoreError> {
        let now = self.clock.now();
        let job = NewJob { job_id: JobId::new(now), kind: JobKind::Invoice, orders, due_at: now };
        self.store.add_job(seller, &job).await?;
        self.invoices_due.notify_one();
        Ok(())
    }
}

fn checked(wish: &ProductWish, now: ordersync_types::Timestamp, actor: &Actor) -> Result<ProductRow, String> {
    let text = |field: &str, value: &str, most: usize| {
        let value = value.trim();
        let fits = value.chars().count() <= most && !value.chars().any(char::is_control);
        if !fits {
            return Err(format!("{field}: must have at most {most} characters on one line"));
        }
        Ok((!value.is_empty()).then(|| value.to_owned()))
    };
    let (sku, item) = (text("sku", &wish.sku, 100)?, text("item", &wish.item, 140)?);
    let key = match (sku, item) {
        (Some(sku), None) => format!("sku:{sku}"),
        (None, Some(item))
            if item.split_once(':').is_some_and(|(connector, id)| !connector.is_empty() && !id.is_empty()) =>
        {
            format!("item:{item}")
        }
        (None, Some(_)) => return Err("item: must be MARKETPLACE:ITEM, for example ebay:110123456789".to_owned()),
        (Some(_), Some(_)) => return Err("sku, item: give one of them, not both".to_owned()),
        (None, None) => return Err("sku: is empty, and so is item".to_owned()),
    };
    let vat = text("vat", &wish.vat.to_lowercase(), 20)?;
    if let Some(vat) = vat.as_deref().filter(|vat| VatCategory::from_name(vat).is_none()) {
        return Err(format!("vat: {vat} is none of standard, reduced, zero and exempt"));
    }
    let weight_g = match text("weight_g", &wish.weight_g, 12)? {
        None => None,
        Some(given) => {
            let grams: Option<i64> = given.parse().ok().filter(|grams| (1..=HEAVIEST).contains(grams));
            Some(grams.ok_or_else(|| format!("weight_g: must be whole grams, 1 to {HEAVIEST}"))?)
        }
    };
    let commodity_code = text("commodity_code", &wish.commodity_code, 20)?;
    let is_code = |code: &str| (6..=10).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
    if commodity_code.as_deref().is_some_and(|code| !is_code(code)) {
        return Err("commodity_code: must be 6 to 10 digits".to_owned());
    }
    let origin = text("origin", &wish.origin, 2)?;
    if origin.as_deref().is_some_and(|code| code.parse::<Country>().is_err()) {
        return Err("origin: must be two capitals of ISO 3166-1, for example GB".to_owned());
    }
    Ok(ProductRow {
        key,
        title: text("title", &wish.title, 500)?,
        vat,
        weight_g,
        commodity_code,
        origin,
        customs_description: text("customs_description", &wish.customs_description, 100)?,
        changed_at: now,
        changed_by: actor.to_string(),
    })
}
