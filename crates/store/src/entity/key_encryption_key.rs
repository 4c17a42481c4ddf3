use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_encryption_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kek_id: String,
    pub generation: i64,
    pub check_value: Vec<u8>,
    pub uses_reserved: i64,
    pub state: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
