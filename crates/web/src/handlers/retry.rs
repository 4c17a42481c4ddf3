//! Orders that could not be read, and reading orders again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use ordersync_connector_api::ErrorKind;
use ordersync_connector_api::MarketplaceConnector;
use ordersync_core::{Account, CoreError, OrderFilter, PageCounts};
use ordersync_types::{OrderId, VendorOrderId};

use crate::api::{Api, SELLER};
use crate::body::JsonBody;
use crate::dto::{RejectedList, RejectedView, RetryOrders, RetryResult};
use crate::error::WebError;

/// `GET /v1/rejected`.
pub(crate) async fn rejected(State(api): State<Api>) -> Result<Json<RejectedList>, WebError> {
    let store = &api.core.store;
    let mut rejected = Vec::new();
    for account in store.accounts().await.map_err(WebError::database)? {
        let rows = store.rejected_orders(account.seller, account.account, None).await.map_err(WebError::database)?;
        rejected.extend(rows.into_iter().map(|row| RejectedView {
            account: account.label.clone(),
            number: row.vendor_order_id,
            field: row.field,
            reason: row.reason,
            updated_at: row.updated_at,
            first_seen_at: row.first_seen_at,
            try_after: row.try_after,
            tries: row.tries,
            program_version: row.program_version,
        }));
    }
    Ok(Json(RejectedList { rejected }))
}

/// `POST /v1/orders/retry`.
pub(crate) async fn retry(
    State(api): State<Api>,
    JsonBody(body): JsonBody<RetryOrders>,
) -> Result<Json<RetryResult>, WebError> {
    let accounts = match &body.account {
        Some(label) => vec![api.core.account(label).await.map_err(WebError::core)?],
        None => api.core.store.accounts().await.map_err(WebError::database)?,
    };
    let Some(reference) = &body.order else { return all(&api, &accounts).await.map(Json) };
    let (account, number) = owner(&api, &accounts, reference, body.account.is_some()).await?;
    let connector = connector(&api, &account).await?;
    one(&api, &account, connector.as_ref(), &number).await.map(Json)
}

async fn connector(api: &Api, account: &Account) -> Result<Arc<dyn MarketplaceConnector>, WebError> {
    api.control.connector(account).await.map_err(WebError::control)
}

/// Every rejected order of these accounts. An account without any costs its marketplace nothing.
async fn all(api: &Api, accounts: &[Account]) -> Result<RetryResult, WebError> {
    let mut result = RetryResult::default();
    for account in accounts {
        let rows = api.core.store.rejected_orders(account.seller, account.account, None).await;
        if rows.map_err(WebError::database)?.is_empty() {
            continue;
        }
        let connector = connector(api, account).await?;
        let report = api.core.retry_rejected(account, connector.as_ref(), true).await.map_err(WebError::core)?;
        result.tried += report.tried;
        result.accepted += report.accepted;
        result.gone += report.gone;
        result.rejected += report.rejected;
    }
    Ok(result)
}

async fn one(
    api: &Api,
    account: &Account,
    connector: &dyn MarketplaceConnector,
    number: &VendorOrderId,
) -> Result<RetryResult, WebError> {
    let result = RetryResult { tried: 1, ..RetryResult::default() };
    match api.core.fetch_order(account, connector, number).await {
        Ok(PageCounts { rejected: 0, .. }) => Ok(RetryResult { accepted: 1, ..result }),
        Ok(_) => Ok(RetryResult { rejected: 1, ..result }),
        Err(CoreError::Connector(error)) if error.kind == ErrorKind::NotFound => {
            let dropped = api.core.store.drop_rejected(account.seller, account.account, number.as_str()).await;
            dropped.map_err(WebError::database)?;
            Ok(RetryResult { gone: 1, ..result })
        }
        Err(error) => Err(WebError::core(error)),
    }
}

/// Whose order it is, and its number: a stored one, a rejected one, or any number of an account that was named.
async fn owner(
    api: &Api,
    accounts: &[Account],
    reference: &str,
    named: bool,
) -> Result<(Account, VendorOrderId), WebError> {
    let unreadable = || {
        let message = "this is neither an id of ours nor an order number of a marketplace";
        WebError::bad_request(message, "see `ordersync orders list`")
    };
    let mut filter = OrderFilter { limit: 50, ..OrderFilter::default() };
    if let Ok(id) = reference.parse::<OrderId>() {
        filter.ids = Some(vec![id]);
    } else {
        let number: VendorOrderId = reference.parse().map_err(|_| unreadable())?;
        filter.vendor_order_id = Some(number.as_str().to_owned());
    }
    let stored = api.core.store.list_orders(SELLER, &filter).await.map_err(WebError::database)?;
    let mut owners: Vec<(Account, VendorOrderId)> = Vec::new();
    for order in stored {
        let account = accounts.iter().find(|account| account.account == order.account);
        if let (Some(account), Ok(number)) = (account, order.vendor_order_id.parse()) {
            owners.push((account.clone(), number));
        }
    }
    if let Ok(number) = reference.parse::<VendorOrderId>() {
        for account in accounts {
            if owners.iter().any(|(owner, _)| owner == account) {
                continue;
            }
            let rows = api.core.store.rejected_orders(account.seller, account.account, None).await;
            let rows = rows.map_err(WebError::database)?;
            if named || rows.iter().any(|row| row.vendor_order_id == number.as_str()) {
                owners.push((account.clone(), number.clone()));
            }
        }
    }
    if owners.len() > 1 {
        let message = "two accounts have an order with this number";
        return Err(WebError::conflict(message, "name the account as well"));
    }
    let hint = "name the account as well, to ask its marketplace for an order that is not here yet";
    owners.pop().ok_or_else(|| WebError::not_found("there is no such order here", hint))
}
