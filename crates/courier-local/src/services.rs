//! The services, as data.

use ordersync_courier_api::{CourierError, ErrorKind, Lane, Needs, Retry, Service};
use ordersync_types::Country;

use crate::LocalConfig;
use crate::needs;

/// Where a service goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// From anywhere to anywhere.
    World,
    /// Royal Mail's inland post: within the United Kingdom and to the islands.
    UnitedKingdom,
    /// Royal Mail's post abroad.
    FromUnitedKingdom,
}

/// Words on the label for the packer and the counter; they are no proof of payment. The usual one first.
const SERVICES: &[(Service, Reach)] = &[
    (Service { code: "stamps", name: "Post, stamps" }, Reach::World),
    (Service { code: "counter", name: "Post, at the counter" }, Reach::World),
    (Service { code: "rm-2nd", name: "Royal Mail 2nd, stamps" }, Reach::UnitedKingdom),
    (Service { code: "rm-1st", name: "Royal Mail 1st, stamps" }, Reach::UnitedKingdom),
    (Service { code: "rm-signed-for", name: "Royal Mail Signed For, at the counter" }, Reach::UnitedKingdom),
    (Service { code: "rm-international", name: "Royal Mail International, stamps" }, Reach::FromUnitedKingdom),
    (Service { code: "own-delivery", name: "Own delivery" }, Reach::World),
];

/// A service on a lane.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) service: Service,
    pub(crate) needs: Needs,
}

/// The service, if there is one of this code that goes there.
pub(crate) fn find(code: &str, lane: Lane) -> Option<Found> {
    let (service, reach) = SERVICES.iter().find(|(service, _)| service.code == code)?;
    reach.holds(lane).then(|| Found { service: *service, needs: needs::of(lane.to) })
}

/// The services that the configuration offers.
///
/// # Errors
/// [`ErrorKind::Config`]: there is no such service.
pub(crate) fn chosen(config: &LocalConfig) -> Result<Vec<Service>, CourierError> {
    if config.services.is_empty() {
        return Ok(SERVICES.iter().map(|(service, _)| *service).collect());
    }
    let find = |code: &String| {
        let known = SERVICES.iter().find(|(service, _)| service.code == code);
        known.map(|(service, _)| *service).ok_or_else(|| {
            let codes: Vec<&str> = SERVICES.iter().map(|(service, _)| service.code).collect();
            let message = format!("there is no service \"{code}\": write one of {}", codes.join(", "));
            CourierError::new(ErrorKind::Config, Retry::Never, "config", message)
        })
    };
    config.services.iter().map(find).collect()
}

impl Reach {
    fn holds(self, lane: Lane) -> bool {
        let inland = ["GB", "GG", "IM", "JE"].contains(&lane.to.code());
        match self {
            Self::World => true,
            Self::UnitedKingdom => lane.from == Country::GB && inland,
            Self::FromUnitedKingdom => lane.from == Country::GB && !inland,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_short_words_and_differ() {
        let codes: std::collections::BTreeSet<&str> = SERVICES.iter().map(|(service, _)| service.code).collect();
        assert_eq!(codes.len(), SERVICES.len());
        assert!(codes.iter().all(|code| code.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))));
    }

    #[test]
    fn inland_post_goes_inland_and_post_abroad_abroad() {
        let goes = |code, from: &str, to: &str| {
            find(code, Lane { from: from.parse().unwrap(), to: to.parse().unwrap() }).is_some()
        };
        assert!(goes("rm-2nd", "GB", "GB") && goes("rm-2nd", "GB", "JE") && !goes("rm-2nd", "GB", "IE"));
        assert!(goes("rm-international", "GB", "IE") && !goes("rm-international", "GB", "IM"));
        assert!(!goes("rm-2nd", "IE", "GB") && !goes("rm-international", "DE", "FR"));
        assert!(goes("stamps", "DE", "FR") && !goes("owl", "DE", "FR"));
    }
}
