//! The courier's section of the configuration.

use serde::Deserialize;

/// What the seller offers. May be left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LocalConfig {
    /// Codes of the services that are offered, the usual one first; an empty list offers all.
    pub services: Vec<String>,
}
