//! Keys and the recovery file.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use ordersync_core::KeyClass;
use zeroize::Zeroizing;

use crate::api::Api;
use crate::body::JsonBody;
use crate::dto::{EscrowExport, EscrowTest, EscrowTested, KeyCount, KeysStatus};
use crate::error::WebError;

/// `GET /v1/keys/status`.
pub(crate) async fn status(State(api): State<Api>) -> Result<Json<KeysStatus>, WebError> {
    let store = &api.core.store;
    let root = api.core.keys.id();
    let keks = store.keks().await.map_err(WebError::database)?;
    let kek = keks.into_iter().find(|kek| kek.kek_id == root);
    let (sequence, relied_on) = store.key_sequences().await.map_err(WebError::database)?;
    let counts = store.key_counts().await.map_err(WebError::database)?;
    let named =
        |class: i64| KeyClass::from_code(class).map_or(format!("class-{class}"), |class| class.name().to_owned());
    let counts = counts.into_iter().map(|(class, state, count)| KeyCount { class: named(class), state, count });
    Ok(Json(KeysStatus {
        root_id: root.to_string(),
        root_since: kek.as_ref().map(|kek| kek.created_at),
        uses_reserved: kek.map_or(0, |kek| kek.uses_reserved),
        counts: counts.collect(),
        sequence,
        relied_on,
        escrow_tested_at: api.escrow.escrow_tested_at(),
    }))
}

/// `POST /v1/keys/escrow`: the recovery file's bytes.
pub(crate) async fn escrow(
    State(api): State<Api>,
    JsonBody(body): JsonBody<EscrowExport>,
) -> Result<Response, WebError> {
    let file = api.escrow.escrow_export(body.passphrase).await.map_err(WebError::control)?;
    let file = Bytes::from_owner(Zeroizing::new(file));
    Ok(([(CONTENT_TYPE, "application/octet-stream")], file).into_response())
}

/// `POST /v1/keys/escrow/test`.
pub(crate) async fn escrow_test(
    State(api): State<Api>,
    JsonBody(body): JsonBody<EscrowTest>,
) -> Result<Json<EscrowTested>, WebError> {
    let verdict = api.escrow.escrow_test(body.file.into_bytes(), body.passphrase).await.map_err(WebError::control)?;
    Ok(Json(EscrowTested { root_id: verdict.root_id, tested_at: verdict.tested_at }))
}
