use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_id: i64,
    pub seller_id: i64,
    pub class: i64,
    pub scope: Vec<u8>,
    pub generation: i64,
    pub kek_id: String,
    pub kek_generation: i64,
    pub wrapped: Option<Vec<u8>>,
    pub check_value: Vec<u8>,
    pub uses_reserved: i64,
    pub state: String,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub destroyed_at: Option<i64>,
    pub reason: Option<String>,
    pub rows_gone_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
