use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seller_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: Uuid,
    pub account_id: Uuid,
    pub vendor_order_id: String,
    pub marketplace: String,
    pub status: String,
    pub status_code: Option<String>,
    pub fulfilled_by: String,
    pub completeness: String,
    pub created_at: i64,
    pub updated_at: i64,
    pub first_read_at: i64,
    pub read_at: i64,
    pub ship_by: Option<i64>,
    pub deliver_by: Option<i64>,
    pub dispatched_at: Option<i64>,
    pub delivered_at: Option<i64>,
    pub history: i64,
    pub country: Option<String>,
    pub territory: Option<String>,
    pub currency: Option<String>,
    pub grand_total_minor: Option<i64>,
    pub shipping_reviews: i64,
    pub tax_reviews: i64,
    pub buyer_id: Option<Uuid>,
    pub delivery_purged_at: Option<i64>,
    pub facts_purge_after: Option<i64>,
    pub digest: Vec<u8>,
    pub detail: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
