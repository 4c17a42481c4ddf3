//! The program itself: version, reading now, and everything that can be looked at.

use axum::Json;
use axum::extract::State;
use ordersync_core::AccountState;
use ordersync_core::retention::PolicyChange;

use super::status::retention_health;
use crate::api::{Api, SELLER};
use crate::body::JsonBody;
use crate::dto::{DoctorReport, DoctorRow, DoctorState, SyncAll, SyncNow, SyncResult, VersionView};
use crate::error::WebError;
use crate::openapi;

/// `GET /v1/version`.
pub(crate) async fn version(State(api): State<Api>) -> Json<VersionView> {
    let version = api.core.program_version.to_owned();
    Json(VersionView { program: "ordersync".to_owned(), version, api: 1 })
}

/// `GET /v1/openapi.json`.
pub(crate) async fn open_api() -> Result<Json<serde_json::Value>, WebError> {
    let document = openapi::document().map_err(|error| WebError::fault(format!("no description: {error}")))?;
    Ok(Json(document))
}

/// `POST /v1/sync`.
pub(crate) async fn sync(State(api): State<Api>, JsonBody(body): JsonBody<SyncNow>) -> Result<Json<SyncAll>, WebError> {
    if let Some(label) = &body.account {
        api.core.account(label).await.map_err(WebError::core)?;
    }
    let accounts = api.control.sync_now(body.account.as_deref()).await;
    if accounts.is_empty() && !api.core.store.accounts().await.map_err(WebError::database)?.is_empty() {
        return Err(WebError::stopping());
    }
    let ok = accounts.iter().all(|outcome| matches!(outcome.result, SyncResult::Done { .. }));
    Ok(Json(SyncAll { ok, accounts }))
}

/// `GET /v1/doctor`: the process's rows, then what the databases say. A look that fails is a row, not an error.
pub(crate) async fn doctor(State(api): State<Api>) -> Json<DoctorReport> {
    let mut rows = api.control.doctor().await;
    rows.push(key_store(&api).await);
    rows.push(writing(&api).await);
    rows.push(canaries(&api).await);
    rows.push(trusted(&api).await);
    rows.push(escrow(&api));
    rows.push(retention(&api).await);
    rows.extend(policies(&api).await);
    rows.extend(accounts(&api).await);
    let worst = rows.iter().map(|row| row.state).max().unwrap_or(DoctorState::Ok);
    Json(DoctorReport { worst, rows })
}

fn row(name: impl Into<String>, state: DoctorState, message: impl Into<String>, hint: &str) -> DoctorRow {
    DoctorRow { name: name.into(), state, message: message.into(), hint: hint.to_owned() }
}

async fn key_store(api: &Api) -> DoctorRow {
    let name = "key store";
    match api.core.store.key_sequences().await {
        Ok((keys, data)) if keys < data => {
            let message = format!("it stands at {keys}, the data relies on {data}: it is an old copy");
            row(name, DoctorState::Fail, message, "put the newest key store in place before anything else")
        }
        Ok((keys, data)) => row(name, DoctorState::Ok, format!("stands at {keys}, the data relies on {data}"), ""),
        Err(error) => row(name, DoctorState::Fail, error.to_string(), "look whether the database runs"),
    }
}

async fn trusted(api: &Api) -> DoctorRow {
    let name = "clock for purging";
    match api.core.clock_fault().await {
        Ok(None) => row(name, DoctorState::Ok, "can be trusted", ""),
        Ok(Some(fault)) => {
            let hint = "set the clock right; if it is right, `ordersync retention run --clock-is-right`";
            row(name, DoctorState::Fail, format!("nothing is purged: {fault}"), hint)
        }
        Err(error) => row(name, DoctorState::Fail, error.to_string(), "look whether the database runs"),
    }
}

/// Changes nothing, but must be able to.
async fn writing(api: &Api) -> DoctorRow {
    let name = "writing";
    match api.core.store.try_writing().await {
        Ok(()) => row(name, DoctorState::Ok, "both databases can be written", ""),
        Err(error) => {
            let hint = "look at the disk and at the files' owner and mode; then restart ordersync";
            row(name, DoctorState::Fail, format!("a database cannot be written: {error}"), hint)
        }
    }
}

/// Opens them now, like the hourly check.
async fn canaries(api: &Api) -> DoctorRow {
    let name = "canaries";
    match api.core.check_canaries().await {
        Ok(()) => row(name, DoctorState::Ok, "a known text under each class of keys opens", ""),
        Err(error) => {
            let hint = "stop the daemon; look whether both databases are of the same moment (OPERATING.md, restore)";
            row(name, DoctorState::Fail, error.to_string(), hint)
        }
    }
}

fn escrow(api: &Api) -> DoctorRow {
    let name = "recovery file";
    match api.escrow.escrow_tested_at() {
        Some(at) => row(name, DoctorState::Ok, format!("tested on {}", at.format("%Y-%m-%d")), ""),
        None => {
            let hint = "run `ordersync keys escrow export FILE`, then `ordersync keys escrow test FILE`";
            row(name, DoctorState::Warn, "never tested: a lost disk would lose every order", hint)
        }
    }
}

async fn retention(api: &Api) -> DoctorRow {
    let name = "retention";
    match retention_health(api, api.core.clock.now()).await {
        Ok(health) if health.overdue => {
            let message = format!("{} records are kept beyond their time", health.due);
            row(name, DoctorState::Fail, message, "run `ordersync retention run`")
        }
        Ok(health) => row(name, DoctorState::Ok, format!("{} records wait for the next run", health.due), ""),
        Err(error) => {
            let message = format!("could not be looked at (status {})", error.status().as_u16());
            row(name, DoctorState::Fail, message, "see `journalctl -u ordersync`")
        }
    }
}

/// Shorter times that do not reach what is held.
async fn policies(api: &Api) -> Vec<DoctorRow> {
    let name = "retention times";
    match api.core.policy_changes(SELLER).await {
        Ok(changes) => changes
            .into_iter()
            .map(|change| {
                let PolicyChange { class, from, to, shorter, .. } = change;
                let message = format!("{class}: {to} days; {shorter} records from before are kept up to {from}");
                row(name, DoctorState::Warn, message, "`ordersync retention shorten` says what would go, and asks")
            })
            .collect(),
        Err(error) => vec![row(name, DoctorState::Fail, error.to_string(), "")],
    }
}

async fn accounts(api: &Api) -> Vec<DoctorRow> {
    let accounts = match api.core.store.accounts().await {
        Ok(accounts) => accounts,
        Err(error) => return vec![row("accounts", DoctorState::Fail, error.to_string(), "")],
    };
    let mut rows = Vec::with_capacity(accounts.len());
    for account in accounts {
        let name = format!("account {}", account.label);
        let cursor = match api.core.store.order_cursor(account.seller, account.account).await {
            Ok(cursor) => cursor,
            Err(error) => {
                rows.push(row(name, DoctorState::Fail, error.to_string(), ""));
                continue;
            }
        };
        rows.push(match (account.state, cursor.failure, cursor.watermark) {
            (AccountState::NeedsConsent, failure, _) => {
                let message = account.state_reason.or(failure).unwrap_or_else(|| "access was taken away".to_owned());
                let hint = "give the program access again at the marketplace, then run `ordersync account credentials`";
                row(name, DoctorState::Fail, message, hint)
            }
            (AccountState::Active | AccountState::Removed, Some(failure), _) => {
                row(name, DoctorState::Warn, failure, "it is tried again by itself")
            }
            (AccountState::Active | AccountState::Removed, None, Some(mark)) => {
                row(name, DoctorState::Ok, format!("caught up to {}", mark.format("%Y-%m-%d %H:%M UTC")), "")
            }
            (AccountState::Active | AccountState::Removed, None, None) => {
                row(name, DoctorState::Ok, "not read to the end of its first window yet", "")
            }
        });
    }
    rows
}
