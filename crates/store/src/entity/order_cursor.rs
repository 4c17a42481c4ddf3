use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_cursor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seller_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub watermark: Option<i64>,
    pub window_from: Option<i64>,
    pub window_to: Option<i64>,
    pub page_token: Option<String>,
    pub page_token_at: Option<i64>,
    pub polled_at: Option<i64>,
    pub caught_up_at: Option<i64>,
    pub failed_at: Option<i64>,
    pub failure: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
