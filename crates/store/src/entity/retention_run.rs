use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "retention_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: Uuid,
    pub started_at: i64,
    pub finished_at: Option<i64>,
    pub cutoff: i64,
    pub state: String,
    pub class: String,
    pub due: i64,
    pub destroyed: i64,
    pub late_max_ms: i64,
    pub oldest_left: Option<i64>,
    pub physical: Option<String>,
    pub probe: Option<String>,
    pub failure: Option<String>,
    pub outside: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
