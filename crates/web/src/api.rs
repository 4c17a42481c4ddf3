//! The router with everything the handlers need.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use ordersync_core::Core;
use ordersync_types::SellerId;

use crate::control::{DaemonControl, EscrowControl};
use crate::endpoint::Endpoint;
use crate::error::WebError;
use crate::guard;

/// The one seller of an installation.
pub(crate) const SELLER: SellerId = SellerId::new(1);

/// The JSON API over the use cases and the process around them. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    pub(crate) core: Arc<Core>,
    pub(crate) control: Arc<dyn DaemonControl>,
    pub(crate) escrow: Arc<dyn EscrowControl>,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Api")
    }
}

impl Api {
    /// Puts the parts together.
    pub fn new(core: Arc<Core>, control: Arc<dyn DaemonControl>, escrow: Arc<dyn EscrowControl>) -> Self {
        Self { core, control, escrow }
    }

    /// The router. It answers nobody but requests with a [`crate::Caller`] in their extensions.
    pub(crate) fn router(&self) -> Router {
        let routes = Endpoint::ALL.iter().fold(Router::new(), |router, endpoint| {
            let guarded = from_fn_with_state((self.clone(), *endpoint), guard::guard);
            router.route(endpoint.path(), endpoint.handler().route_layer(guarded))
        });
        routes
            .fallback(|| async { WebError::no_route() })
            .method_not_allowed_fallback(|| async { WebError::wrong_method() })
            .layer(from_fn(guard::headers))
            .with_state(self.clone())
    }
}
