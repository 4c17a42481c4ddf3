//! Amounts and vendor codes as they stand in answers.

use ordersync_types::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MoneyView {
    /// Whole minor units (pence, cents); may be negative.
    pub minor: i64,
    /// ISO 4217, three capitals.
    pub currency: String,
    /// The same amount as a decimal string, for example `12.34`.
    pub decimal: String,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, currency: money.currency.code().to_owned(), decimal: money.decimal() }
    }
}

/// One of a closed list of names, or a name with the vendor's own code beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Coded {
    /// Our name, for example `goods`, `paid`, `other`, `unknown`.
    pub name: String,
    /// The vendor's code, where the name alone does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

impl Coded {
    /// The name and code of one of the order crate's enums, from the form in which it is stored.
    pub(crate) fn of<T: Serialize>(value: &T) -> Self {
        use serde_json::Value;
        match serde_json::to_value(value) {
            Ok(Value::String(name)) => Self { name, code: None },
            Ok(Value::Object(fields)) => {
                let (name, code) = fields.into_iter().next().unwrap_or_default();
                Self { name, code: code.as_str().map(str::to_owned) }
            }
            Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | Err(_) => {
                Self { name: "unknown".to_owned(), code: None }
            }
        }
    }
}

impl std::fmt::Display for Coded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{} ({code})", self.name),
            None => f.write_str(&self.name),
        }
    }
}
