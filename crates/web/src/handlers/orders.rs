//! Orders by filter.

use axum::Json;
use axum::extract::State;
use ordersync_core::OrderFilter;
use ordersync_order::OrderStatus;
use ordersync_types::OrderId;

use super::{Labels, summary_view};
use crate::api::{Api, SELLER};
use crate::body::QueryOf;
use crate::dto::{ListQuery, OrderList};
use crate::error::WebError;

const ORDINARY_LIMIT: u64 = 100;
const MOST: u64 = 500;

/// `GET /v1/orders`.
pub(crate) async fn list(
    State(api): State<Api>,
    QueryOf(query): QueryOf<ListQuery>,
) -> Result<Json<OrderList>, WebError> {
    let limit = query.limit.unwrap_or(ORDINARY_LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(WebError::unprocessable(format!("limit: must be 1 to {MOST}"), "give a number in that range"));
    }
    // One more than asked for tells whether there is a next page.
    let filter = OrderFilter { limit: limit + 1, ..filter(&api, &query).await? };
    let mut found = api.core.store.list_orders(SELLER, &filter).await.map_err(WebError::database)?;
    let more = u64::try_from(found.len()).is_ok_and(|count| count > limit);
    if more {
        found.pop();
    }
    let labels = Labels::read(&api).await?;
    let next = found.last().filter(|_| more).map(|order| order.order_id.to_string());
    Ok(Json(OrderList { orders: found.iter().map(|order| summary_view(order, &labels)).collect(), next }))
}

/// The store's filter for a query; `limit` is left at nothing.
pub(crate) async fn filter(api: &Api, query: &ListQuery) -> Result<OrderFilter, WebError> {
    if let Some(status) = &query.status {
        let names: Vec<&str> = OrderStatus::every().iter().map(OrderStatus::name).collect();
        if !names.contains(&status.as_str()) {
            let message = format!("status: must be one of {}", names.join(", "));
            return Err(WebError::unprocessable(message, "correct the filter"));
        }
    }
    let account = match &query.account {
        Some(label) => Some(api.core.account(label).await.map_err(WebError::core)?.account),
        None => None,
    };
    let before = query.before.as_deref().map(str::parse::<OrderId>).transpose();
    let before = before.map_err(|_| WebError::unprocessable("before: not an id of ours", "use `next` as it came"))?;
    Ok(OrderFilter {
        account,
        status: query.status.clone(),
        updated_since: query.since,
        ids: None,
        vendor_order_id: query.number.clone(),
        before,
        limit: 0,
    })
}
