//! Accounts.

use chrono::{DateTime, Utc};
use ordersync_types::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AccountInvoices;

/// The body of `POST /v1/accounts`. The three credentials are wrapped at once and wiped when dropped.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddAccount {
    /// What people will call it: 1 to 40 of `a-z 0-9 -`.
    pub label: String,
    /// The connector's name, for example `amazon`.
    pub connector: String,
    /// The connector's own settings: a JSON object without secrets.
    #[serde(default = "empty_object")]
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
    /// Orders dispatched before this moment are history, not work. Now, without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go_live_at: Option<DateTime<Utc>>,
    /// Days before go-live that the first window reaches back: 0 to 90, 30 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_window_days: Option<u32>,
    /// Who issues its invoices; they wait until that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoices: Option<AccountInvoices>,
    /// Amazon: LWA client id. eBay: App ID.
    #[serde(with = "crate::secret_text")]
    #[schema(value_type = String, format = Password, write_only)]
    pub client_id: Secret<String>,
    /// Amazon: LWA client secret. eBay: Cert ID.
    #[serde(with = "crate::secret_text")]
    #[schema(value_type = String, format = Password, write_only)]
    pub client_secret: Secret<String>,
    /// The seller's refresh token.
    #[serde(with = "crate::secret_text")]
    #[schema(value_type = String, format = Password, write_only)]
    pub refresh_token: Secret<String>,
    /// Store it without asking the marketplace first. Only for loopback addresses.
    #[serde(default)]
    pub skip_check: bool,
}

/// The body of `PUT /v1/accounts/{label}/credentials`. All three are wrapped at once and wiped when dropped.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceCredentials {
    /// Amazon: LWA client id. eBay: App ID.
    #[serde(with = "crate::secret_text")]
    #[schema(value_type = String, format = Password, write_only)]
    pub client_id: Secret<String>,
    /// Amazon: LWA client secret. eBay: Cert ID.
    #[serde(with = "crate::secret_text")]
    #[schema(value_type = String, format = Password, write_only)]
    pub client_secret: Secret<String>,
    /// The seller's refresh token.
    #[serde(with = "crate::secret_text")]
    #[schema(value_type = String, format = Password, write_only)]
    pub refresh_token: Secret<String>,
}

fn empty_object() -> serde_json::Value {
    serde_json::Value::Object(serde_json::Map::new())
}

/// What `POST /v1/accounts` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountAdded {
    /// The account as stored.
    pub account: AccountView,
    /// What the check found; `None` when it was left out.
    pub check: Option<AccountCheckView>,
}

/// What asking the marketplace found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountCheckView {
    /// The account's label.
    pub account: String,
    /// How many orders the probe saw (0 to one page).
    pub orders_seen: u32,
    /// Sentences for the seller: a role that is missing, a secret about to expire, a clock that disagrees.
    pub findings: Vec<String>,
    /// True when an account that had stopped was set going again.
    pub resumed: bool,
}

/// What `GET /v1/accounts` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountList {
    /// All accounts that were not removed, by label.
    pub accounts: Vec<AccountView>,
}

/// One account, without credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// Our id of it.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// The connector's name.
    pub connector: String,
    /// The connector's own settings.
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
    /// `active`, `needs_consent` or `removed`.
    pub state: String,
    /// Why it is not polled.
    pub state_reason: Option<String>,
    /// Orders dispatched before this moment are history.
    pub go_live_at: DateTime<Utc>,
    /// Days before go-live that the first window reaches back.
    pub first_window_days: u32,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// Who issues its invoices; `None` until that is said.
    pub invoices: Option<AccountInvoices>,
    /// When its credential was stored.
    pub credential_stored_at: Option<DateTime<Utc>>,
    /// How far it has been read.
    pub cursor: CursorView,
    /// Orders that could not be read.
    pub rejected: u64,
}

/// How far an account has been read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CursorView {
    /// Every change up to here is stored; `None` before the first window was read whole.
    pub caught_up_to: Option<DateTime<Utc>>,
    /// When a window was last read to its end.
    pub caught_up_at: Option<DateTime<Utc>>,
    /// When a page was last stored.
    pub polled_at: Option<DateTime<Utc>>,
    /// True while a window is read in parts.
    pub in_window: bool,
    /// When polling last failed, if it has not succeeded since.
    pub failed_at: Option<DateTime<Utc>>,
    /// Why.
    pub failure: Option<String>,
}
