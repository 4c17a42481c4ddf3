use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seller_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub label: String,
    pub connector: String,
    pub settings: String,
    pub state: String,
    pub state_reason: Option<String>,
    pub go_live_at: i64,
    pub first_window_days: i64,
    pub added_at: i64,
    pub invoices: Option<String>,
    pub invoice_from: Option<i64>,
    pub stock_countries: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
