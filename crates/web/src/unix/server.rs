//! Serving the control socket: who connects is known from the kernel, and nothing in a request can change it.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::UserFiles;
use crate::api::Api;
use crate::connection::{Changes, drain, report, serve};
use crate::error::WebError;
use crate::guard;
use crate::role::{Caller, Role, UnixUser};

/// Which role a user of the machine has; `None`: no entry.
pub trait RoleMap: Send + Sync {
    /// The role of this user.
    fn role(&self, user: &UnixUser) -> Option<Role>;
}

impl<F: Fn(&UnixUser) -> Option<Role> + Send + Sync> RoleMap for F {
    fn role(&self, user: &UnixUser) -> Option<Role> {
        self(user)
    }
}

/// How the socket is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeSettings {
    /// Most connections at one time; more wait in the kernel's queue.
    pub connections: usize,
    /// How long requests may go on after the shutdown began; then they are cut off.
    pub grace: Duration,
    /// Where users and groups are read.
    pub users: UserFiles,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self { connections: 64, grace: Duration::from_secs(10), users: UserFiles::default() }
    }
}

/// Serves the API on a socket until `shutdown` is done, then lets requests under way end within the grace. Path,
/// mode and group of the socket are the caller's matter.
///
/// A connection whose user has no role gets 403 with a sentence for every request.
pub async fn serve_unix(
    listener: UnixListener,
    api: &Api,
    roles: Arc<dyn RoleMap>,
    settings: ServeSettings,
    shutdown: impl Future<Output = ()> + Send,
) {
    let router = api.router();
    let changes = Changes::default();
    let (stop, stopping) = watch::channel(false);
    let mut connections: JoinSet<()> = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(ended) = connections.join_next(), if !connections.is_empty() => report(ended),
            accepted = listener.accept(), if connections.len() < settings.connections.max(1) => match accepted {
                Ok((stream, _)) => {
                    let (router, roles, users) = (router.clone(), roles.clone(), settings.users.clone());
                    connections.spawn(connection(stream, router, changes.clone(), roles, users, stopping.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "the control socket could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
    drop(listener);
    stop.send_replace(true);
    drain(connections, &changes, settings.grace).await;
}

async fn connection(
    stream: UnixStream,
    router: Router,
    changes: Changes,
    roles: Arc<dyn RoleMap>,
    users: UserFiles,
    stopping: watch::Receiver<bool>,
) {
    let caller = match identify(&stream, roles.as_ref(), &users).await {
        Ok(caller) => caller,
        Err(error) => {
            tracing::warn!(%error, "the control socket could not tell who connected");
            return;
        }
    };
    let service =
        service_fn(move |request: Request<Incoming>| answer(router.clone(), changes.clone(), caller.clone(), request));
    serve(stream, service, stopping).await;
}

async fn identify(stream: &UnixStream, roles: &dyn RoleMap, users: &UserFiles) -> io::Result<Result<Caller, u32>> {
    let credentials = stream.peer_cred()?;
    let uid = credentials.uid();
    let user = users.user(uid, credentials.gid(), credentials.pid()).await;
    Ok(match roles.role(&user) {
        Some(role) => Ok(Caller { user: user.name.unwrap_or_else(|| uid.to_string()), uid: Some(uid), role }),
        None => Err(uid),
    })
}

async fn answer(
    router: Router,
    changes: Changes,
    caller: Result<Caller, u32>,
    request: Request<Incoming>,
) -> Result<Response, Infallible> {
    match caller {
        Ok(caller) => {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(caller);
            let reads = request.method().is_safe();
            let answer = router.oneshot(request);
            if reads {
                return answer.await;
            }
            changes.done_to_its_end(answer).await
        }
        Err(uid) => {
            tracing::info!(uid, "refused: this user has no role");
            let message = format!("the user with the number {uid} has no role here");
            let hint = "ask the admin to add you to the group ordersync, then sign in anew";
            let mut response = WebError::forbidden(message, hint).into_response();
            guard::set_headers(response.headers_mut());
            Ok(response)
        }
    }
}
