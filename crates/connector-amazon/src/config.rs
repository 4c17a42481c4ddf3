//! The settings of an Amazon account, and the marketplaces there are.

use std::sync::Arc;

use ordersync_http_client::{ClientSettings, HttpError};
use serde::Deserialize;

/// Where Login with Amazon gives out tokens, for every region.
const TOKEN_URL: &str = "https://api.amazon.com/auth/o2/token";

/// The most marketplaces one call may name (`orders_2026-01-01`, `marketplaceIds`).
const MOST_MARKETPLACES: usize = 50;

/// A region: one host, one refresh token, one poll for all its marketplaces.
///
/// Source: SP-API, "SP-API endpoints", read 2026-11.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// Europe, with the Middle East, Africa and India.
    Eu,
    /// North America and Brazil.
    Na,
    /// Japan, Australia and Singapore.
    Fe,
}

impl Region {
    /// The base address of the region's interface.
    pub const fn api_url(self) -> &'static str {
        match self {
            Self::Eu => "https://sellingpartnerapi-eu.amazon.com",
            Self::Na => "https://sellingpartnerapi-na.amazon.com",
            Self::Fe => "https://sellingpartnerapi-fe.amazon.com",
        }
    }
}

/// One of Amazon's marketplaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marketplace {
    /// Amazon's id, as orders carry it.
    pub id: &'static str,
    /// Country, ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// The shop's domain.
    pub domain: &'static str,
    /// The region whose host serves it.
    pub region: Region,
}

const fn marketplace(id: &'static str, country: &'static str, domain: &'static str, region: Region) -> Marketplace {
    Marketplace { id, country, domain, region }
}

/// The marketplaces of all regions. Orders may carry further ids (sales channels outside Amazon's shops).
///
/// Source: SP-API, "Marketplace IDs", read 2026-11.
pub const MARKETPLACES: [Marketplace; 23] = [
    marketplace("A1F83G8C2ARO7P", "GB", "amazon.co.uk", Region::Eu),
    marketplace("A1PA6795UKMFR9", "DE", "amazon.de", Region::Eu),
    marketplace("A13V1IB3VIYZZH", "FR", "amazon.fr", Region::Eu),
    marketplace("APJ6JRA9NG5V4", "IT", "amazon.it", Region::Eu),
    marketplace("A1RKKUPIHCS9HS", "ES", "amazon.es", Region::Eu),
    marketplace("A1805IZSGTT6HS", "NL", "amazon.nl", Region::Eu),
    marketplace("AMEN7PMS3EDWL", "BE", "amazon.com.be", Region::Eu),
    marketplace("A2NODRKZP88ZB9", "SE", "amazon.se", Region::Eu),
    marketplace("A1C3SOZRARQ6R3", "PL", "amazon.pl", Region::Eu),
    marketplace("A28R8C7NBKEWEA", "IE", "amazon.ie", Region::Eu),
    marketplace("A33AVAJ2PDY3EV", "TR", "amazon.com.tr", Region::Eu),
    marketplace("A2VIGQ35RCS4UG", "AE", "amazon.ae", Region::Eu),
    marketplace("A17E79C6D8DWNP", "SA", "amazon.sa", Region::Eu),
    marketplace("ARBP9OOSHTCHU", "EG", "amazon.eg", Region::Eu),
    marketplace("AE08WJ6YKNBMC", "ZA", "amazon.co.za", Region::Eu),
    marketplace("A21TJRUUN4KGV", "IN", "amazon.in", Region::Eu),
    marketplace("ATVPDKIKX0DER", "US", "amazon.com", Region::Na),
    marketplace("A2EUQ1WTGCTBG2", "CA", "amazon.ca", Region::Na),
    marketplace("A1AM78C64UM0Y8", "MX", "amazon.com.mx", Region::Na),
    marketplace("A2Q3Y263D00KWC", "BR", "amazon.com.br", Region::Na),
    marketplace("A1VC38T7YXB528", "JP", "amazon.co.jp", Region::Fe),
    marketplace("A39IBJ37TRP1C6", "AU", "amazon.com.au", Region::Fe),
    marketplace("A19VAU5U5O7RUS", "SG", "amazon.sg", Region::Fe),
];

/// The settings of one Amazon account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmazonConfig {
    /// The region the refresh token is for.
    pub region: Region,
    /// Marketplaces to read, by country (`GB`, `DE`) or by Amazon's id. Empty: all of the region.
    #[serde(default)]
    pub marketplaces: Vec<String>,
    /// Another base address than the region's: https, or plain http to a loopback address.
    #[serde(default)]
    pub api_url: Option<String>,
    /// Another address for tokens than Login with Amazon's: https, or plain http to a loopback address.
    #[serde(default)]
    pub token_url: Option<String>,
}

impl AmazonConfig {
    /// All marketplaces of `region`, at Amazon's own addresses.
    pub fn new(region: Region) -> Self {
        Self { region, marketplaces: Vec::new(), api_url: None, token_url: None }
    }

    /// The base address of the interface, without a slash at its end.
    pub fn api_url(&self) -> &str {
        self.api_url.as_deref().unwrap_or(self.region.api_url()).trim_end_matches('/')
    }

    /// The address that gives out tokens.
    pub fn token_url(&self) -> &str {
        self.token_url.as_deref().unwrap_or(TOKEN_URL)
    }

    /// The ids of the marketplaces to read, each once; empty: all of the region.
    ///
    /// # Errors
    /// [`ConfigError`]: a marketplace that is unknown or of another region.
    pub fn marketplace_ids(&self) -> Result<Vec<&str>, ConfigError> {
        let mut ids: Vec<&str> = Vec::new();
        for wanted in &self.marketplaces {
            let id = self.marketplace_id(wanted)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        if ids.len() > MOST_MARKETPLACES {
            return Err(ConfigError::new("more than 50 marketplaces: leave the list empty to read all of the region"));
        }
        Ok(ids)
    }

    fn marketplace_id<'c>(&self, wanted: &'c str) -> Result<&'c str, ConfigError> {
        // people write UK, ISO 3166-1 says GB
        let country = if wanted.eq_ignore_ascii_case("UK") { "GB" } else { wanted };
        let known = MARKETPLACES.iter().find(|known| known.id == wanted || known.country.eq_ignore_ascii_case(country));
        match known {
            Some(known) if known.region == self.region => Ok(known.id),
            Some(known) => Err(ConfigError(format!(
                "marketplace {} ({}) is not in the account's region: each region is an account of its own",
                known.country, known.domain
            ))),
            // a marketplace younger than this program
            None if (10..=16).contains(&wanted.len()) && wanted.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Ok(wanted)
            }
            None => Err(ConfigError::new(
                "a marketplace is neither a country where Amazon has a shop (GB, DE, ...) nor one of Amazon's ids",
            )),
        }
    }

    /// The settings of a client for this account: Amazon's two hosts and no other. `account` names whose budgets
    /// are used: our account id, never a credential.
    ///
    /// # Errors
    /// [`ConfigError`]: an address that is no https URL (plain http to loopback addresses only).
    pub fn client_settings(&self, account: impl Into<Arc<str>>) -> Result<ClientSettings, ConfigError> {
        ClientSettings::new(account)
            .allow_base_url(self.api_url())
            .and_then(|settings| settings.allow_base_url(self.token_url()))
            .map_err(ConfigError::from)
    }
}

/// A setting of an Amazon account is wrong. Never repeat: a person must change it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("amazon account: {0}")]
pub struct ConfigError(String);

impl ConfigError {
    fn new(problem: &str) -> Self {
        Self(problem.to_owned())
    }
}

impl From<HttpError> for ConfigError {
    fn from(error: HttpError) -> Self {
        Self(error.reason().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marketplaces_are_named_by_country_or_id_within_the_region() {
        let ids = |names: &[&str]| {
            let marketplaces = names.iter().map(|name| (*name).to_owned()).collect();
            let config = AmazonConfig { marketplaces, ..AmazonConfig::new(Region::Eu) };
            config.marketplace_ids().map(|ids| ids.join(",")).map_err(|_| ())
        };
        assert_eq!(ids(&[]), Ok(String::new()));
        assert_eq!(ids(&["GB", "uk", "A1PA6795UKMFR9", "de"]), Ok("A1F83G8C2ARO7P,A1PA6795UKMFR9".to_owned()));
        assert_eq!(ids(&["A0NEWMARKET00"]), Ok("A0NEWMARKET00".to_owned()));
        for wrong in ["US", "ATVPDKIKX0DER", "Atlantis", "", "A,B"] {
            assert_eq!(ids(&[wrong]), Err(()), "{wrong}");
        }
    }

    #[test]
    fn addresses_are_https_or_loopback() {
        let with = |api: &str| {
            let config = AmazonConfig { api_url: Some(api.to_owned()), ..AmazonConfig::new(Region::Eu) };
            config.client_settings("account").map(|settings| settings.allowed_hosts).map_err(|_| ())
        };
        assert_eq!(with("http://127.0.0.1:8080/"), Ok(vec!["127.0.0.1:8080".to_owned(), "api.amazon.com".to_owned()]));
        assert_eq!(with("http://sellingpartnerapi-eu.amazon.com"), Err(()));
        assert_eq!(with("not a url"), Err(()));
    }
}
