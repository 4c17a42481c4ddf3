//! Accounts: listing, adding, checking, removing.

use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use ordersync_connector_api::{AccountCheck, AccountCredential, MarketplaceConnector};
use ordersync_core::{Account, AccountState, NewAccount, OrderCursor};
use ordersync_types::Secret;

use crate::api::{Api, SELLER};
use crate::body::{JsonBody, PathText};
use crate::control::AccountDraft;
use crate::dto::{
    AccountAdded, AccountCheckView, AccountInvoices, AccountList, AccountView, AddAccount, CursorView,
    ReplaceCredentials,
};
use crate::error::WebError;
use crate::handlers::products::invoicing;
use crate::role::Caller;

const FIRST_WINDOW_DAYS: u32 = 30;
const MOST_WINDOW_DAYS: u32 = 90;
const MOST_LABEL: usize = 40;

/// `GET /v1/accounts`.
pub(crate) async fn list(State(api): State<Api>) -> Result<Json<AccountList>, WebError> {
    let mut accounts = Vec::new();
    for account in api.core.store.accounts().await.map_err(WebError::database)? {
        accounts.push(view(&api, &account).await?);
    }
    Ok(Json(AccountList { accounts }))
}

async fn view(api: &Api, account: &Account) -> Result<AccountView, WebError> {
    let store = &api.core.store;
    let (seller, id) = (account.seller, account.account);
    let cursor = store.order_cursor(seller, id).await.map_err(WebError::database)?;
    let rejected = store.rejected_orders(seller, id, None).await.map_err(WebError::database)?;
    let credential = store.credential(seller, id).await.map_err(WebError::database)?;
    Ok(AccountView {
        id: id.to_string(),
        label: account.label.clone(),
        connector: account.connector.clone(),
        settings: serde_json::from_str(&account.settings).unwrap_or(serde_json::Value::Null),
        state: account.state.name().to_owned(),
        state_reason: account.state_reason.clone(),
        go_live_at: account.go_live_at,
        first_window_days: account.first_window_days,
        added_at: account.added_at,
        invoices: account.invoicing.issuer.map(|issuer| AccountInvoices {
            issuer: issuer.name().to_owned(),
            from: account.invoicing.from,
            stock: account.invoicing.stock.iter().map(|country| country.code().to_owned()).collect(),
        }),
        credential_stored_at: credential.map(|credential| credential.written_at),
        cursor: cursor_view(&cursor),
        rejected: u64::try_from(rejected.len()).unwrap_or(u64::MAX),
    })
}

fn cursor_view(cursor: &OrderCursor) -> CursorView {
    CursorView {
        caught_up_to: cursor.watermark,
        caught_up_at: cursor.caught_up_at,
        polled_at: cursor.polled_at,
        in_window: cursor.resume.is_some(),
        failed_at: cursor.failed_at,
        failure: cursor.failure.clone(),
    }
}

/// `POST /v1/accounts`: reads the settings strictly, asks the marketplace, then stores.
pub(crate) async fn add(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<AddAccount>,
) -> Result<(StatusCode, Json<AccountAdded>), WebError> {
    let first_window_days = validated(&body)?;
    let invoicing = body.invoices.as_ref().map(invoicing).transpose()?.unwrap_or_default();
    let go_live_at = body.go_live_at.unwrap_or_else(|| api.core.clock.now());
    let credential = AccountCredential {
        client_id: body.client_id,
        client_secret: body.client_secret,
        refresh_token: body.refresh_token,
    };
    let draft =
        AccountDraft { label: body.label, connector: body.connector, settings: body.settings.to_string(), credential };
    let trial = api.control.trial_connector(&draft).await.map_err(WebError::control)?;
    if !trial.loopback && api.escrow.escrow_tested_at().is_none() {
        let message = "no recovery file of the root secret has been tested: without one, a lost disk loses every order";
        let hint = "run `ordersync keys escrow export FILE`, put the file on another machine, run `ordersync keys escrow test FILE`, \
                    then add the account again";
        return Err(WebError::conflict(message, hint));
    }
    if body.skip_check && !trial.loopback {
        let message = "skip_check: only an account at a loopback address may be stored without asking first";
        return Err(WebError::unprocessable(message, "leave it out"));
    }
    refuse_taken(&api, &draft.label).await?;
    let check = if body.skip_check { None } else { Some(asked(trial.connector.as_ref()).await?) };
    let new = NewAccount {
        seller: SELLER,
        label: draft.label,
        connector: draft.connector,
        settings: draft.settings,
        go_live_at,
        first_window_days,
        invoicing,
        credential: draft.credential,
    };
    let account = api.core.add_account(new, &caller.actor()).await.map_err(WebError::core)?;
    api.control.accounts_changed().await;
    let check = check.map(|check| check_view(&account.label, check, false));
    Ok((StatusCode::CREATED, Json(AccountAdded { account: view(&api, &account).await?, check })))
}

/// What can be told without asking anybody; gives the days of the first window.
fn validated(body: &AddAccount) -> Result<u32, WebError> {
    let refused = |message: &str| Err(WebError::unprocessable(message, "correct the request's body"));
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if body.label.is_empty() || body.label.len() > MOST_LABEL || !body.label.bytes().all(fits) {
        return refused("label: must be 1 to 40 of a-z, 0-9 and -");
    }
    if !body.settings.is_object() {
        return refused("settings: must be a JSON object");
    }
    filled(&body.client_id, &body.client_secret, &body.refresh_token)?;
    let days = body.first_window_days.unwrap_or(FIRST_WINDOW_DAYS);
    if days > MOST_WINDOW_DAYS {
        return refused("first_window_days: must be 0 to 90");
    }
    Ok(days)
}

fn filled(
    client_id: &Secret<String>,
    client_secret: &Secret<String>,
    refresh_token: &Secret<String>,
) -> Result<(), WebError> {
    let all = [("client_id", client_id), ("client_secret", client_secret), ("refresh_token", refresh_token)];
    match all.into_iter().find(|(_, secret)| secret.expose().trim().is_empty()) {
        Some((field, _)) => {
            let message = format!("{field}: must not be empty");
            Err(WebError::unprocessable(message, "correct the request's body"))
        }
        None => Ok(()),
    }
}

/// Before the marketplace is asked; storing looks again.
async fn refuse_taken(api: &Api, label: &str) -> Result<(), WebError> {
    let accounts = api.core.store.accounts().await.map_err(WebError::database)?;
    if accounts.iter().any(|account| account.label == label) {
        let message = format!("an account with the label {label} exists already");
        return Err(WebError::conflict(message, "choose another label"));
    }
    Ok(())
}

async fn asked(connector: &dyn MarketplaceConnector) -> Result<AccountCheck, WebError> {
    connector.check().await.map_err(|error| WebError::connector(&error))
}

fn check_view(label: &str, check: AccountCheck, resumed: bool) -> AccountCheckView {
    AccountCheckView { account: label.to_owned(), orders_seen: check.orders_seen, findings: check.findings, resumed }
}

/// `POST /v1/accounts/{label}/check`. An account that had stopped goes on when the check succeeds.
pub(crate) async fn check(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(label): PathText,
) -> Result<Json<AccountCheckView>, WebError> {
    let account = api.core.account(&label).await.map_err(WebError::core)?;
    let connector = api.control.connector(&account).await.map_err(WebError::control)?;
    let found = asked(connector.as_ref()).await?;
    let resumed = account.state == AccountState::NeedsConsent;
    if resumed {
        api.core.resume_account(&account, &caller.actor()).await.map_err(WebError::core)?;
        api.control.accounts_changed().await;
    }
    Ok(Json(check_view(&account.label, found, resumed)))
}

/// `PUT /v1/accounts/{label}/credentials`: asks the marketplace with the new ones, then stores them; the old ones are
/// destroyed. An account that had stopped goes on.
pub(crate) async fn replace_credentials(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(label): PathText,
    JsonBody(body): JsonBody<ReplaceCredentials>,
) -> Result<Json<AccountCheckView>, WebError> {
    filled(&body.client_id, &body.client_secret, &body.refresh_token)?;
    let account = api.core.account(&label).await.map_err(WebError::core)?;
    let ReplaceCredentials { client_id, client_secret, refresh_token } = body;
    let draft = AccountDraft {
        label: account.label.clone(),
        connector: account.connector.clone(),
        settings: account.settings.clone(),
        credential: AccountCredential { client_id, client_secret, refresh_token },
    };
    let trial = api.control.trial_connector(&draft).await.map_err(WebError::control)?;
    let found = asked(trial.connector.as_ref()).await?;
    api.core.replace_credential(&account, &draft.credential, &caller.actor()).await.map_err(WebError::core)?;
    api.control.accounts_changed().await;
    Ok(Json(check_view(&account.label, found, account.state == AccountState::NeedsConsent)))
}

/// `DELETE /v1/accounts/{label}`.
pub(crate) async fn remove(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    PathText(label): PathText,
) -> Result<StatusCode, WebError> {
    let account = api.core.account(&label).await.map_err(WebError::core)?;
    api.core.remove_account(&account, &caller.actor()).await.map_err(WebError::core)?;
    api.control.accounts_changed().await;
    Ok(StatusCode::NO_CONTENT)
}
