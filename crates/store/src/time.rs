//! Moments as the databases hold them: whole milliseconds since 1970 in UTC.

use chrono::DateTime;
use ordersync_types::Timestamp;

use crate::StoreError;

pub(crate) fn to_ms(moment: Timestamp) -> i64 {
    moment.timestamp_millis()
}

pub(crate) fn to_ms_option(moment: Option<Timestamp>) -> Option<i64> {
    moment.map(to_ms)
}

pub(crate) fn from_ms(ms: i64) -> Result<Timestamp, StoreError> {
    DateTime::from_timestamp_millis(ms).ok_or(StoreError::damaged("moment", "outside the calendar"))
}

pub(crate) fn from_ms_option(ms: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    ms.map(from_ms).transpose()
}
