//! Orders by the recipient's name or postcode.

use axum::extract::State;
use axum::{Extension, Json};
use ordersync_core::OrderSummary;

use super::{Labels, summary_view};
use crate::api::{Api, SELLER};
use crate::body::JsonBody;
use crate::dto::{FindOrders, OrderList};
use crate::error::WebError;
use crate::people_view::may_see;
use crate::role::Caller;

/// `POST /v1/orders/find`. Only orders whose people the caller may see count: else a search would tell who bought.
pub(crate) async fn find(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    JsonBody(body): JsonBody<FindOrders>,
) -> Result<Json<OrderList>, WebError> {
    let length = body.text.expose().trim().chars().count();
    if !(2..=200).contains(&length) {
        let message = "text: must have 2 to 200 characters";
        return Err(WebError::unprocessable(message, "give words of the recipient's name, or a postcode"));
    }
    let now = api.core.clock.now();
    let visible = |order: &OrderSummary| may_see(caller.role, order, now).is_ok();
    let found = api.core.find_orders(SELLER, &body.text, &caller.actor(), visible).await.map_err(WebError::core)?;
    let labels = Labels::read(&api).await?;
    Ok(Json(OrderList { orders: found.iter().map(|order| summary_view(order, &labels)).collect(), next: None }))
}
