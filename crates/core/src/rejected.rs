//! Orders that could not be read are read again: daily, after an upgrade, and on demand.

use ordersync_connector_api::{ErrorKind, MarketplaceConnector, OrderPage};
use ordersync_store::Account;
use ordersync_types::VendorOrderId;

use crate::intake::PagePlace;
use crate::{Core, CoreError, PageCounts};

/// What reading rejected orders again did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RetryReport {
    /// Orders asked for again.
    pub tried: u64,
    /// Orders that could be read this time.
    pub accepted: u64,
    /// Orders the marketplace no longer knows.
    pub gone: u64,
    /// Orders that still cannot be read.
    pub rejected: u64,
}

impl Core {
    /// Reads one order by its number and stores it like an order of a page. Moves no cursor.
    ///
    /// # Errors
    /// As the marketplace, the store and the vault say.
    pub async fn fetch_order(
        &self,
        account: &Account,
        connector: &dyn MarketplaceConnector,
        id: &VendorOrderId,
    ) -> Result<PageCounts, CoreError> {
        let _busy = self.clock.busy();
        let (orders, rejected) = match connector.fetch_order(id).await? {
            Ok(order) => (vec![order], Vec::new()),
            Err(mut rejected) => {
                // Kept under the number that was asked for, or it would be tried for ever beside a second row.
                rejected.vendor_order_id = Some(id.clone());
                (Vec::new(), vec![rejected])
            }
        };
        let page = OrderPage { orders, rejected, next: None, bound: None };
        let place = PagePlace { resume: None, watermark: None, moves_cursor: false, lease: None };
        let prepared = self.prepare_page(account, connector.info(), page, place).await?;
        self.store.write_pages(vec![prepared.write]).await?;
        Ok(prepared.counts)
    }

    /// Reads the account's rejected orders again: those due, or `all`.
    ///
    /// An order whose number could not be read comes back with its window, not from here.
    ///
    /// # Errors
    /// As the marketplace, the store and the vault say; orders tried before the error keep their new state.
    pub async fn retry_rejected(
        &self,
        account: &Account,
        connector: &dyn MarketplaceConnector,
        all: bool,
    ) -> Result<RetryReport, CoreError> {
        let _busy = self.clock.busy();
        let due = (!all).then(|| (self.clock.now(), self.program_version));
        let rows = self.store.rejected_orders(account.seller, account.account, due).await?;
        let mut report = RetryReport::default();
        for row in rows {
            let Ok(id) = row.vendor_order_id.parse::<VendorOrderId>() else { continue };
            report.tried += 1;
            match self.fetch_order(account, connector, &id).await {
                Ok(counts) if counts.rejected > 0 => report.rejected += 1,
                Ok(_) => report.accepted += 1,
                Err(CoreError::Connector(error)) if error.kind == ErrorKind::NotFound => {
                    report.gone += 1;
                    self.store.drop_rejected(account.seller, account.account, &row.vendor_order_id).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(report)
    }
}
