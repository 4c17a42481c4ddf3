//! The HTTP interface: its listener and its certificate.

use std::net::TcpListener as StdListener;
use std::path::Path;
use std::sync::Arc;

use ordersync_web::TcpSettings;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;

use crate::config::{Config, Http, TlsFiles};
use crate::failure::{Exit, Failure};

/// The listener and how it is served; `None` when the configuration has no `[http]`.
///
/// # Errors
/// The address is taken or not this machine's, or the certificate cannot be used; exit code 78.
pub(crate) fn listen(config: &Config) -> Result<Option<(TcpListener, TcpSettings)>, Failure> {
    let Some(Http { listen, tls }) = &config.http else { return Ok(None) };
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Configuration, format!("[http] listen: {listen} cannot be listened on: {error}"))
            .hint("choose another port, or an address of this machine")
    };
    let listener = StdListener::bind(listen).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = TcpListener::from_std(listener).map_err(failed)?;
    let tls = tls.as_ref().map(server_config).transpose()?;
    Ok(Some((listener, TcpSettings { tls, ..TcpSettings::default() })))
}

/// TLS 1.2 and 1.3 with this certificate.
pub(crate) fn server_config(files: &TlsFiles) -> Result<Arc<ServerConfig>, Failure> {
    let of_pem = |what: &str, path: &Path, error: &dyn std::fmt::Display| {
        Failure::new(Exit::Configuration, format!("[http] {what}: {} cannot be used: {error}", path.display()))
            .hint("both files must be PEM and readable for the service's user")
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| of_pem("tls_certificate", &files.certificate, &error))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| of_pem("tls_key", &files.key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(|error| of_pem("tls_certificate, tls_key", &files.certificate, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
