//! The settings of a stored account: the connector's own, and two options for stand-ins.

use ordersync_connector_api::{ConnectorError, ErrorKind, Retry};
use serde_json::Value;
use url::{Host, Url};

/// An account's settings, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AccountSettings {
    /// Ends a window this many seconds before now. Stand-ins only.
    pub(crate) bound_seconds: Option<u32>,
    /// True with `"budgets": "off"`: requests are not counted. Stand-ins only.
    pub(crate) budgets_off: bool,
    /// What the connector itself reads.
    pub(crate) connector: Value,
}

impl AccountSettings {
    pub(crate) fn parse(text: &str) -> Result<Self, Box<ConnectorError>> {
        let Ok(Value::Object(mut settings)) = serde_json::from_str(text) else {
            return Err(wrong("the account's settings are not a JSON object"));
        };
        let bound_seconds = match settings.remove("bound_seconds") {
            None => None,
            Some(given) => {
                let seconds = given.as_u64().and_then(|seconds| u32::try_from(seconds).ok());
                Some(seconds.ok_or_else(|| wrong("bound_seconds must be a whole number of seconds"))?)
            }
        };
        let budgets_off = match settings.remove("budgets") {
            None => false,
            Some(given) if given == "on" || given == "off" => given == "off",
            Some(_) => return Err(wrong("budgets must be \"on\" or \"off\"")),
        };
        Ok(Self { bound_seconds, budgets_off, connector: Value::Object(settings) })
    }

    /// Refuses the options for stand-ins on a real marketplace.
    pub(crate) fn check(&self, stand_in: bool) -> Result<(), Box<ConnectorError>> {
        if !stand_in && (self.budgets_off || self.bound_seconds.is_some()) {
            return Err(wrong("budgets and bound_seconds are for stand-ins at loopback addresses only"));
        }
        Ok(())
    }
}

fn wrong(message: &str) -> Box<ConnectorError> {
    Box::new(ConnectorError::new(ErrorKind::Config, Retry::Never, "settings", message))
}

/// True for `127.0.0.0/8`, `[::1]` and `localhost`.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
