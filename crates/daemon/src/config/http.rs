//! The HTTP interface for programs with a token: the section `[http]`. Off without it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::Problem;

/// Where and how the HTTP interface listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// The address and port.
    pub listen: SocketAddr,
    /// Certificate chain and key, both PEM; `None`: plain HTTP, on loopback or behind a proxy.
    pub tls: Option<TlsFiles>,
}

/// Files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, the own certificate first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    listen: Spanned<String>,
    tls_certificate: Option<Spanned<String>>,
    tls_key: Option<Spanned<String>>,
    #[serde(default)]
    behind_proxy: bool,
}

impl Section {
    pub(super) fn checked(self, folder: &Path) -> Result<Http, Problem> {
        let span = self.listen.span();
        let listen: SocketAddr =
            self.listen.get_ref().parse().map_err(|_| {
                Problem::at(span.clone(), "must be an address and a port, for example \"127.0.0.1:8443\"")
            })?;
        let tls = match (self.tls_certificate, self.tls_key) {
            (Some(certificate), Some(key)) => Some(TlsFiles {
                certificate: folder.join(certificate.into_inner()),
                key: folder.join(key.into_inner()),
            }),
            (None, None) => None,
            (Some(only), None) => return Err(Problem::at(only.span(), "needs tls_key beside it")),
            (None, Some(only)) => return Err(Problem::at(only.span(), "needs tls_certificate beside it")),
        };
        if tls.is_none() && !listen.ip().is_loopback() && !self.behind_proxy {
            let message = "tokens would cross the network in clear: give tls_certificate and tls_key, listen on 127.0.0.1, \
                           or say behind_proxy = true if a proxy with TLS is all that reaches this address";
            return Err(Problem::at(span, message));
        }
        Ok(Http { listen, tls })
    }
}
