//! Asking the API: over the control socket when a daemon runs, in this process otherwise.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ordersync_http_client::unix::{UnixAnswer, UnixClient};
use ordersync_http_client::{Method, Payload};
use ordersync_types::SystemClock;
use ordersync_web::dto::ErrorBody;
use serde::de::DeserializeOwned;

use crate::config::{Config, DEFAULT_PATH, DEFAULT_SOCKET, Log, LogFormat};
use crate::failure::{Exit, Failure};
use crate::key_source::{self, KeySourceError};
use crate::logging;
use crate::runtime::{self, Local};
use crate::unix_names::group_name;

/// The API, wherever it is.
pub(super) enum Client {
    /// A running daemon.
    Socket(UnixClient),
    /// This process.
    Local(Box<Local>),
}

/// A whole answer of status 200 to 299.
pub(super) struct Answer {
    /// JSON, or the bytes of a file. It may hold personal data.
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The body as one of the API's types.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|_| {
            Failure::new(Exit::Failed, "the daemon's answer is not one this program knows")
                .hint("command and daemon are of different versions: restart the daemon after an upgrade")
        })
    }
}

impl Client {
    /// Finds the API. A packer may use the socket without being able to read the configuration.
    pub(super) async fn connect(config: &Path) -> Result<Self, Failure> {
        let loaded = Config::load(config);
        let socket = match &loaded {
            Ok(config) => config.control_socket.clone(),
            Err(_) if config == Path::new(DEFAULT_PATH) => {
                Config::control_socket_of(config).unwrap_or_else(|| DEFAULT_SOCKET.into())
            }
            // A file that was broken since the daemon read it keeps nobody from asking that daemon.
            Err(error) => Config::control_socket_of(config).ok_or_else(|| Failure::from(error.clone()))?,
        };
        match std::os::unix::net::UnixStream::connect(&socket) {
            Ok(_) => return Ok(Self::Socket(UnixClient::new(socket))),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(not_permitted(&socket)),
            Err(_) => {}
        }
        let config = loaded?;
        if let Err(error) = key_source::read(&config) {
            return Err(no_secret(error));
        }
        let log = Log { format: LogFormat::Pretty, level: "warn".to_owned() };
        drop(logging::start(&log));
        let local = runtime::local(config, Arc::new(SystemClock)).await?;
        Ok(Self::Local(Box::new(local)))
    }

    /// Asks, and turns an answer of status 400 or above into a failure.
    pub(super) async fn ask(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Answer, Failure> {
        let (status, body) = match self {
            Self::Socket(client) => {
                let answer = client.request(method, path, body.map(Payload::json)).await?;
                (answer.status, answer.body.to_vec())
            }
            Self::Local(local) => {
                let answer = local.api.call(name(method), path, body).await;
                let answer = answer.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
                (answer.status, answer.body.to_vec())
            }
        };
        if (200..300).contains(&status) { Ok(Answer { body }) } else { Err(refused(status, &body)) }
    }

    /// Asks and hands the answer's bytes to `take` as they come.
    pub(super) async fn stream(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let Self::Socket(client) = self else { return take(&self.ask(method, path, body).await?.body) };
        let mut answer: UnixAnswer = client.stream(method, path, body.map(Payload::json)).await?;
        if !(200..300).contains(&answer.status) {
            let status = answer.status;
            let mut body = Vec::new();
            while let Some(part) = answer.next_chunk().await? {
                body.extend_from_slice(&part);
            }
            return Err(refused(status, &body));
        }
        while let Some(part) = answer.next_chunk().await? {
            take(&part)?;
        }
        Ok(())
    }

    /// The folder for files that go by themselves after 24 hours, beside the control socket.
    pub(super) fn spool(&self) -> PathBuf {
        match self {
            Self::Socket(client) => client.socket().with_file_name("spool"),
            Self::Local(local) => local.spool(),
        }
    }

    /// Closes what this process has opened.
    pub(super) async fn close(self) {
        if let Self::Local(local) = self {
            local.close().await;
        }
    }
}

/// Names the group that may use the socket, where the file system tells it.
fn not_permitted(socket: &Path) -> Failure {
    use std::os::unix::fs::MetadataExt;
    let of = |path: &Path| path.metadata().ok().map(|found| found.gid());
    let group = of(socket).or_else(|| of(socket.parent()?)).filter(|gid| *gid != 0);
    let group = group.map(|gid| group_name(gid).unwrap_or_else(|| gid.to_string()));
    let message = format!("no permission to use {}", socket.display());
    Failure::new(Exit::Failed, message).hint(match group {
        Some(group) => format!("ask to be added to the group {group} (`adduser NAME {group}`), then sign in anew"),
        None => "ask who runs the daemon which group may use it (`control_group` in the configuration)".to_owned(),
    })
}

fn name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

/// With no daemon and no secret there is nothing this command can do; a secret that is there but wrong is another
/// matter.
fn no_secret(error: KeySourceError) -> Failure {
    match error {
        KeySourceError::NoCredentials { .. }
        | KeySourceError::NoSuchCredential { .. }
        | KeySourceError::NoFile(_)
        | KeySourceError::Unreadable { .. }
        | KeySourceError::NoVariable(_) => {
            Failure::new(Exit::TryAgain, format!("no daemon runs, and this command cannot do it alone: {error}"))
                .hint("systemctl start ordersync")
        }
        KeySourceError::Link(_)
        | KeySourceError::NotAFile(_)
        | KeySourceError::Mode { .. }
        | KeySourceError::Owner { .. }
        | KeySourceError::InDataFolder { .. }
        | KeySourceError::NotASecret { .. } => error.into(),
    }
}

fn refused(status: u16, body: &[u8]) -> Failure {
    match serde_json::from_slice::<ErrorBody>(body) {
        Ok(ErrorBody { error }) => {
            // A refusal never counts as done.
            let exit = Exit::of_code(error.code).max(Exit::Failed);
            Failure { exit, message: error.message, hint: error.hint }
        }
        Err(_) => Failure::new(Exit::Failed, format!("the daemon answered with status {status}"))
            .hint("see `journalctl -u ordersync`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_whose_group_cannot_be_seen_says_whom_to_ask() {
        let unseen = not_permitted(Path::new("/nonexistent/control.sock"));
        assert!(unseen.hint.contains("control_group"), "{}", unseen.hint);
    }
}
