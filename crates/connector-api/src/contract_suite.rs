//! What every connector must do, whichever marketplace it speaks to. Each connector runs these checks in its own
//! tests against a scripted server; a check panics with what is wrong.
#![expect(clippy::panic, reason = "a test suite reports by panicking")]

use std::collections::HashSet;

use ordersync_types::VendorOrderId;

use crate::{ConnectorError, ErrorKind, MarketplaceConnector, OrderPage, PageToken, Window};

/// The most pages a check reads before it says that a window never ends.
const MOST_PAGES: usize = 1_000;

/// Reads a whole window; the pages come in their order.
///
/// # Errors
/// The first error of the connector.
pub async fn read_window(
    connector: &dyn MarketplaceConnector,
    window: Window,
) -> Result<Vec<OrderPage>, ConnectorError> {
    let mut pages = Vec::new();
    let mut place: Option<PageToken> = None;
    for _ in 0..MOST_PAGES {
        let page = connector.poll_orders(window, place.as_ref()).await?;
        place = page.next.as_ref().map(|next| next.token.clone());
        pages.push(page);
        if place.is_none() {
            return Ok(pages);
        }
    }
    panic!("the window did not end after {MOST_PAGES} pages");
}

/// A whole window holds exactly `expected`, each at least once, whatever else the server did; its last page alone
/// has no next one and has a bound that lies within the window.
pub async fn a_window_holds_every_order(
    connector: &dyn MarketplaceConnector,
    window: Window,
    expected: &[VendorOrderId],
) {
    let pages = match read_window(connector, window).await {
        Ok(pages) => pages,
        Err(error) => panic!("the window could not be read: {error}"),
    };
    let seen: HashSet<&VendorOrderId> =
        pages.iter().flat_map(|page| &page.orders).map(|order| &order.facts.vendor_order_id).collect();
    let expected: HashSet<&VendorOrderId> = expected.iter().collect();
    let missing: Vec<_> = expected.difference(&seen).collect();
    let surplus: Vec<_> = seen.difference(&expected).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:?}, surplus {surplus:?}");
    let bound = pages.last().and_then(|page| page.bound);
    assert!(bound.is_some_and(|bound| bound <= window.to), "the last page's bound is {bound:?}, window {window:?}");
}

/// The orders of a page are well formed: line ids occur once, amounts of an order are of one currency, and a page
/// that lists an order as rejected does not also deliver it.
pub fn a_page_is_well_formed(page: &OrderPage) {
    for order in &page.orders {
        let facts = &order.facts;
        let mut lines = HashSet::new();
        for line in &facts.lines {
            assert!(lines.insert(&line.vendor_line_id), "order {}: a line twice", facts.vendor_order_id);
        }
        assert!(facts.updated_at >= facts.created_at, "order {}: changed before made", facts.vendor_order_id);
        assert!(
            !page.rejected.iter().any(|rejected| rejected.vendor_order_id.as_ref() == Some(&facts.vendor_order_id)),
            "order {}: both delivered and rejected",
            facts.vendor_order_id
        );
    }
    for rejected in &page.rejected {
        assert!(!rejected.field.is_empty() && !rejected.reason.is_empty(), "a rejected order without field or reason");
    }
}

/// An order number that the marketplace does not know is [`ErrorKind::NotFound`].
pub async fn an_unknown_order_is_not_found(connector: &dyn MarketplaceConnector, id: &VendorOrderId) {
    match connector.fetch_order(id).await {
        Err(error) => assert_eq!(error.kind, ErrorKind::NotFound, "{error}"),
        Ok(_) => panic!("order {id} was found"),
    }
}
