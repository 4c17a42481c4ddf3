//! How far each account has been read. Moved by `intake` in the transaction that stores a page.

use ordersync_types::{AccountId, SellerId, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait};

use crate::entity::order_cursor;
use crate::time::{from_ms, from_ms_option, to_ms};
use crate::{Databases, StoreError};

/// A place within an unfinished window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeHint {
    /// The window's start.
    pub window_from: Timestamp,
    /// The window's end.
    pub window_to: Timestamp,
    /// The connector's token for the next page; `None` when it may not be used after a restart.
    pub page_token: Option<String>,
    /// When the token was handed out.
    pub at: Timestamp,
}

/// How far one account has been read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderCursor {
    /// Every change up to here is stored; `None` before the first window was read whole.
    pub watermark: Option<Timestamp>,
    /// Where an unfinished window goes on.
    pub resume: Option<ResumeHint>,
    /// When a page was last stored.
    pub polled_at: Option<Timestamp>,
    /// When a window was last read to its end.
    pub caught_up_at: Option<Timestamp>,
    /// When polling last failed, if it has not succeeded since.
    pub failed_at: Option<Timestamp>,
    /// Why, in words for the seller.
    pub failure: Option<String>,
}

impl Databases {
    /// How far an account has been read.
    ///
    /// # Errors
    /// What the driver says, or a damaged row.
    pub async fn order_cursor(&self, seller: SellerId, account: AccountId) -> Result<OrderCursor, StoreError> {
        let key = (i64::from(seller.number()), account.as_uuid());
        let Some(model) = order_cursor::Entity::find_by_id(key).one(&self.data.read).await? else {
            return Ok(OrderCursor::default());
        };
        let resume = match (model.window_from, model.window_to, model.page_token_at) {
            (Some(from), Some(to), Some(at)) => Some(ResumeHint {
                window_from: from_ms(from)?,
                window_to: from_ms(to)?,
                page_token: model.page_token,
                at: from_ms(at)?,
            }),
            _ => None,
        };
        Ok(OrderCursor {
            watermark: from_ms_option(model.watermark)?,
            resume,
            polled_at: from_ms_option(model.polled_at)?,
            caught_up_at: from_ms_option(model.caught_up_at)?,
            failed_at: from_ms_option(model.failed_at)?,
            failure: model.failure,
        })
    }

    /// Notes that polling an account failed.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn note_poll_failure(
        &self,
        seller: SellerId,
        account: AccountId,
        at: Timestamp,
        failure: &str,
    ) -> Result<(), StoreError> {
        let row = order_cursor::ActiveModel {
            seller_id: Set(i64::from(seller.number())),
            account_id: Set(account.as_uuid()),
            failed_at: Set(Some(to_ms(at))),
            failure: Set(Some(failure.to_owned())),
            ..Default::default()
        };
        row.update(&self.data.write).await?;
        Ok(())
    }
}
