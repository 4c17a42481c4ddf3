//! Tokens of the HTTP interface: made, listed, revoked. Only people at the control socket do so.

use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;

use crate::api::{Api, SELLER};
use crate::body::{JsonBody, PathText};
use crate::dto::{CreateToken, TokenCreated, TokenList, TokenView};
use crate::error::WebError;
use crate::role::{Caller, Role};

/// A token that was taken must not make others that outlive it.
fn must_be_a_person(caller: &Caller) -> Result<(), WebError> {
    match caller.uid {
        Some(_) => Ok(()),
        None => Err(WebError::forbidden("a token cannot make or revoke tokens", "use the control socket")),
    }
}

/// `POST /v1/tokens`.
pub(crate) async fn create(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<CreateToken>,
) -> Result<(StatusCode, Json<TokenCreated>), WebError> {
    must_be_a_person(&caller)?;
    let role: Role =
        body.role.parse().map_err(|error| WebError::unprocessable(format!("role: {error}"), "choose one of them"))?;
    if role == Role::Admin && caller.role != Role::Admin {
        return Err(WebError::forbidden("role: only an admin makes tokens of an admin", "choose another role"));
    }
    let label = body.label.trim().to_owned();
    let token = api.core.create_token(SELLER, &label, role.name(), body.expires_at, &caller.actor()).await;
    let token = token.map_err(WebError::core)?;
    let created = TokenCreated { token, label, role: role.name().to_owned(), expires_at: body.expires_at };
    Ok((StatusCode::CREATED, Json(created)))
}

/// `GET /v1/tokens`.
pub(crate) async fn list(State(api): State<Api>) -> Result<Json<TokenList>, WebError> {
    let now = api.core.clock.now();
    let rows = api.core.store.tokens(SELLER).await.map_err(WebError::database)?;
    let tokens = rows.into_iter().map(|row| TokenView {
        state: match row.revoked_at {
            Some(_) => "revoked",
            None if row.expires_at <= now => "expired",
            None => "holds",
        }
        .to_owned(),
        label: row.label,
        role: row.role,
        created_at: row.created_at,
        created_by: row.created_by,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        used_at: row.used_at,
    });
    Ok(Json(TokenList { tokens: tokens.collect() }))
}

/// `DELETE /v1/tokens/{label}`.
pub(crate) async fn revoke(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(label): PathText,
) -> Result<StatusCode, WebError> {
    must_be_a_person(&caller)?;
    api.core.revoke_token(SELLER, &label, &caller.actor()).await.map_err(WebError::core)?;
    Ok(StatusCode::NO_CONTENT)
}
