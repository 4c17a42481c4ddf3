//! Where requests may go: exact hosts, https only, no private addresses behind a public name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The hosts a client may talk to.
#[derive(Debug, Clone)]
pub(crate) struct AllowedHosts(Vec<HostRule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct HostRule {
    host: Host<String>,
    /// None: the scheme's own port.
    port: Option<u16>,
}

impl AllowedHosts {
    /// Reads entries of the form `host` or `host:port`.
    pub(crate) fn parse(entries: &[String], private_addresses: bool) -> Result<Self, &'static str> {
        let rules = entries.iter().map(|entry| HostRule::parse(entry, private_addresses));
        let rules: Vec<_> = rules.collect::<Result<_, _>>()?;
        if rules.is_empty() {
            return Err("the list of allowed hosts is empty");
        }
        Ok(Self(rules))
    }

    pub(crate) fn all_loopback(&self) -> bool {
        self.0.iter().all(|rule| is_loopback(&rule.host))
    }

    /// Says why a request must not go to `url`.
    pub(crate) fn check(&self, url: &Url) -> Result<(), &'static str> {
        let host = url.host().ok_or("the address names no host")?.to_owned();
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the address holds a user name or password");
        }
        check_scheme(url.scheme(), &host)?;
        if !self.0.contains(&HostRule { host, port: url.port() }) {
            return Err("the address's host and port are not in the list of allowed hosts");
        }
        Ok(())
    }
}

impl HostRule {
    fn parse(entry: &str, private_addresses: bool) -> Result<Self, &'static str> {
        let not_a_host = "an allowed host is not of the form host or host:port";
        let url = Url::parse(&format!("https://{entry}/")).map_err(|_| not_a_host)?;
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !plain || url.username() != "" || url.password().is_some() || entry.ends_with('/') {
            return Err(not_a_host);
        }
        let host = url.host().ok_or(not_a_host)?.to_owned();
        let address = match &host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(*address)),
            Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        };
        if !is_loopback(&host) {
            if url.port().is_some() {
                return Err("an allowed host names a port other than 443: only loopback addresses \
                            (127.0.0.0/8, [::1], localhost) may use another port");
            }
            if !private_addresses && address.is_some_and(|address| !is_public(address)) {
                return Err("an allowed host is an address of a private network");
            }
        }
        Ok(Self { host, port: url.port() })
    }
}

/// `host` or `host:port` of a base address.
pub(crate) fn entry_of(base: &str) -> Result<String, &'static str> {
    let url = Url::parse(base).map_err(|_| "a base address is not a valid absolute URL")?;
    let host = url.host().ok_or("a base address names no host")?.to_owned();
    check_scheme(url.scheme(), &host)?;
    Ok(host_and_port(&url))
}

/// `host` or `host:port` of an address, for log lines.
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn check_scheme(scheme: &str, host: &Host<String>) -> Result<(), &'static str> {
    match scheme {
        "https" => Ok(()),
        "http" if is_loopback(host) => Ok(()),
        "http" => Err("plain http is allowed to loopback addresses only (127.0.0.0/8, [::1], localhost): use https"),
        _ => Err("the address is neither https nor http"),
    }
}

fn is_loopback(host: &Host<String>) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Resolves names by the system, and refuses addresses of private networks: a public name whose owner points it at
/// 169.254.169.254 or at the router must not make this daemon talk to them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GuardedResolver {
    pub(crate) private_addresses: bool,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private_addresses = self.private_addresses;
        Box::pin(async move {
            let name = name.as_str();
            if name == "localhost" {
                let own: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
                return Ok(Box::new(own.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs);
            }
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name, 0)).await?.collect();
            let kept: Vec<_> = found.into_iter().filter(|found| private_addresses || is_public(found.ip())).collect();
            if kept.is_empty() {
                return Err(AddressRefused.into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

/// All addresses of a name were refused.
#[derive(Debug)]
pub(crate) struct AddressRefused;

impl fmt::Display for AddressRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the host's name leads to addresses of a private network only")
    }
}

impl std::error::Error for AddressRefused {}

/// True for addresses of the open internet. Source: IANA special-purpose address registries, read 2026-11.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (18..20).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast();
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match (a, b) {
        // an IPv4 host seen through an IPv6-only network (RFC 6052)
        (0x64, 0xff9b) if [c, d, e, f] == [0; 4] => embedded(g, h),
        // 6to4 carries an IPv4 address (RFC 3056)
        (0x2002, _) => embedded(b, c),
        (0x2001, 0x0db8) => false,
        _ => (0x2000..0x4000).contains(&a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_special_addresses_are_told_from_public_ones() {
        for public in ["8.8.8.8", "100.63.0.1", "198.20.0.1", "2a00:1450::1", "64:ff9b::8.8.8.8", "2002:0808:0808::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2001:db8::1",
            "2002:0a00:0001::1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_refused() {
        // a text address is resolved by the system to itself, so no network is needed
        let resolve =
            |name: &str, private_addresses| GuardedResolver { private_addresses }.resolve(name.parse().unwrap());
        let refused = resolve("169.254.169.254", false).await.err().unwrap();
        assert!(refused.is::<AddressRefused>());
        assert_eq!(resolve("169.254.169.254", true).await.unwrap().count(), 1);
        assert_eq!(resolve("8.8.8.8", false).await.unwrap().count(), 1);
        assert!(resolve("localhost", false).await.unwrap().all(|found| found.ip().is_loopback()));
    }
}
