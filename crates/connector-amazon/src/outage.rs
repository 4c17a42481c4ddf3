//! What to do while Amazon refuses to give out one part of its orders.
//!
//! For a day in August 2026 one region answered `InvalidInput` to `includedData=FULFILLMENT` for some accounts
//! (`amzn/selling-partner-api-models` issue 5365). A refused first page is therefore read again without parts, which
//! costs one call of the scarce `searchOrders`, and each order on it by `getOrder` with all its parts. An order that
//! lacks a part is never handed on: if `getOrder` refuses too, the page fails and no watermark moves.

use ordersync_connector_api::{ConnectorError, ErrorKind, RejectedOrder, Retry, Window};
use ordersync_order::Order;
use ordersync_types::VendorOrderId;

use crate::client::{Client, GET_ORDER, PAGE_SIZE, PARTS, SEARCH_ORDERS};
use crate::error::{is_invalid_input, unreadable};
use crate::page::{OrderHead, SearchAnswer, read_get_answer, read_search_heads};

/// A page whose orders were read one by one.
pub(crate) async fn search_one_by_one(
    client: &Client,
    window: Window,
    token: Option<&str>,
) -> Result<SearchAnswer<Order>, ConnectorError> {
    let body = client.search_orders(window, &[], PAGE_SIZE, token).await?;
    let answer = read_search_heads(&body).map_err(|error| unreadable(SEARCH_ORDERS, error))?;
    tracing::warn!(
        operation = SEARCH_ORDERS.name(),
        orders = answer.read.len(),
        "Amazon refuses a part of its orders at the moment: each order is read by itself, which takes longer"
    );
    let mut page = SearchAnswer {
        read: Vec::with_capacity(answer.read.len()),
        rejected: answer.rejected,
        next_token: answer.next_token,
        bound: answer.bound,
    };
    for head in answer.read {
        match complete(client, head).await? {
            Ok(order) => page.read.push(order),
            Err(rejected) => page.rejected.push(rejected),
        }
    }
    Ok(page)
}

async fn complete(client: &Client, head: OrderHead) -> Result<Result<Order, RejectedOrder>, ConnectorError> {
    match read_order(client, &head.id).await {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Err(RejectedOrder {
            vendor_order_id: Some(head.id),
            updated_at: head.updated_at,
            field: "orderId".to_owned(),
            reason: "Amazon lists the order and does not know it when asked for it".to_owned(),
        })),
        other => other,
    }
}

/// One order with all its parts. A refusal is looked into, since it may be a part or the order itself.
pub(crate) async fn read_order(
    client: &Client,
    id: &VendorOrderId,
) -> Result<Result<Order, RejectedOrder>, ConnectorError> {
    let body = match client.get_order(id, &PARTS).await {
        Err(error) if is_invalid_input(&error) => return Err(refused_part(client, id, error).await),
        other => other?,
    };
    let read = read_get_answer(&body).map_err(|error| unreadable(GET_ORDER, error))?;
    let answered = match &read {
        Ok(order) => Some(&order.facts.vendor_order_id),
        Err(rejected) => rejected.vendor_order_id.as_ref(),
    };
    if answered.is_some_and(|answered| answered != id) {
        let message = "Amazon answered with another order than the one asked for";
        return Err(ConnectorError::new(ErrorKind::Malformed, Retry::Backoff, GET_ORDER.name(), message));
    }
    Ok(read)
}

/// Why an order with all its parts was refused: names the parts that are out, or hands back the first refusal when
/// the order is refused without parts as well.
async fn refused_part(client: &Client, id: &VendorOrderId, refusal: ConnectorError) -> ConnectorError {
    let mut out = Vec::new();
    match client.get_order(id, &[]).await {
        Ok(_) => {}
        Err(error) if is_invalid_input(&error) => return refusal,
        Err(error) => return error,
    }
    for part in PARTS {
        match client.get_order(id, &[part]).await {
            Ok(_) => {}
            Err(error) if is_invalid_input(&error) => out.push(part),
            Err(error) => return error,
        }
    }
    let parts = if out.is_empty() { "all parts at once".to_owned() } else { out.join(", ") };
    let message = format!(
        "Amazon answers without {parts} at the moment (InvalidInput for includedData): its orders cannot be read \
         whole, so nothing is taken over and the same stretch is asked for again later"
    );
    ConnectorError { kind: ErrorKind::Transport, retry: Retry::Backoff, message, ..refusal }
}
