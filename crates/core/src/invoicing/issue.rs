//! Issuing: looking at orders, taking numbers, laying documents out, storing all of it at once.

use std::collections::HashMap;

use ordersync_store::{Account, UninvoicedRow, UninvoicedState};
use ordersync_types::{AccountId, OrderId, SellerId};

use super::party::KnownBuyer;
use super::storing::{Ready, Written};
use super::waiting::unprintable_order;
use crate::{Actor, Core, CoreError};

/// Tries after somebody else took numbers or issued for the same order.
const TRIES: u32 = 50;

/// What was issued, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssueReport {
    /// Numbers that were given, in their order.
    pub numbers: Vec<String>,
    /// Records without a number.
    pub records: u64,
    /// Orders that wait for a person: (order number, reason).
    pub waiting: Vec<(String, String)>,
    /// Orders that get no document: (order number, reason).
    pub without: Vec<(String, String)>,
}

impl Core {
    /// Looks at these orders, and issues what is due: invoices, receipts and records for what left, credit notes for what
    /// went back. An order that cannot be invoiced keeps no other from it. May be repeated: what was issued is not issued
    /// again.
    ///
    /// # Errors
    /// What store and vault say.
    pub async fn issue_due(
        &self,
        seller: SellerId,
        orders: &[OrderId],
        actor: &Actor,
    ) -> Result<IssueReport, CoreError> {
        self.issue_with(seller, orders, None, actor).await
    }

    /// As [`Self::issue_due`] for one order, made out to a party that a person typed.
    pub(super) async fn issue_with(
        &self,
        seller: SellerId,
        orders: &[OrderId],
        typed: Option<&KnownBuyer>,
        actor: &Actor,
    ) -> Result<IssueReport, CoreError> {
        let _busy = self.clock.busy();
        let mut report = IssueReport::default();
        let mut left: Vec<OrderId> = orders.to_vec();
        let mut tries = 0;
        while !left.is_empty() {
            let round = self.issue_round(seller, &left, typed, actor, &mut report).await?;
            tries += 1;
            if round.moved && tries >= TRIES {
                return Err(CoreError::Stopped("taking invoice numbers"));
            }
            if !round.moved {
                tries = 0;
            }
            left = round.again;
        }
        report.waiting.sort_unstable();
        report.waiting.dedup();
        report.without.sort_unstable();
        report.without.dedup();
        Ok(report)
    }

    async fn issue_round(
        &self,
        seller: SellerId,
        ids: &[OrderId],
        typed: Option<&KnownBuyer>,
        actor: &Actor,
        report: &mut IssueReport,
    ) -> Result<Round, CoreError> {
        let settings = self.invoicing()?;
        let orders = self.orders_by_id(seller, ids.to_vec()).await?;
        let accounts: HashMap<AccountId, Account> =
            self.store.every_account().await?.into_iter().map(|account| (account.account, account)).collect();
        let plans = self.plans(seller, &settings, &orders, &accounts, typed, actor).await?;
        let mut ready = Vec::new();
        let mut uninvoiced = Vec::new();
        let mut settled = Vec::new();
        let mut again = Vec::new();
        report.waiting.retain(|(number, _)| !orders.values().any(|order| order.summary.vendor_order_id == *number));
        for (id, plan) in plans {
            let Some(order) = orders.get(&id) else { continue };
            let Some(account) = accounts.get(&order.summary.account) else { continue };
            let number = &order.summary.vendor_order_id;
            match plan.uninvoiced {
                Some(row) => {
                    match row.state {
                        UninvoicedState::Person => report.waiting.push((number.clone(), row.reason.clone())),
                        UninvoicedState::Marketplace | UninvoicedState::NoDocument => {
                            report.without.push((number.clone(), row.reason.clone()));
                        }
                    }
                    uninvoiced.push(row);
                }
                None => settled.push(id),
            }
            if !plan.drafts.is_empty() {
                again.push(id);
            }
            ready.extend(plan.drafts.into_iter().map(|draft| Ready { order, account, draft }));
        }
        if ready.is_empty() {
            self.store.note_uninvoiced(seller, &uninvoiced).await?;
            self.store.settle_uninvoiced(seller, &settled).await?;
            return Ok(Round { again: Vec::new(), moved: false });
        }
        let business = settings.business.as_ref().ok_or(CoreError::Stopped("setting up invoices"))?;
        let rows = loop {
            match self.store_ready(seller, &settings, business, &ready, &settled, actor).await? {
                Written::All(rows) => break rows,
                Written::SeriesMoved | Written::OrderMoved => return Ok(Round { again: ids.to_vec(), moved: true }),
                // It waits, and the others go on.
                Written::Unprintable(id, reason) => {
                    uninvoiced.retain(|row: &UninvoicedRow| row.order != id);
                    if let Some(first) = ready.iter().find(|one| one.order.summary.order_id == id) {
                        report.waiting.push((first.order.summary.vendor_order_id.clone(), reason.clone()));
                        uninvoiced.push(unprintable_order(&ready, first, business, reason, self.clock.now()));
                    }
                    ready.retain(|one| one.order.summary.order_id != id);
                    settled.retain(|other| *other != id);
                    again.retain(|other| *other != id);
                }
            }
        };
        self.store.note_uninvoiced(seller, &uninvoiced).await?;
        for row in rows {
            match row.number {
                Some(number) => report.numbers.push(number),
                None => report.records += 1,
            }
        }
        Ok(Round { again, moved: false })
    }
}

/// What a round came to.
struct Round {
    /// Orders to be looked at again: something was issued, and a refund of it may wait.
    again: Vec<OrderId>,
    /// True when somebody else was faster.
    moved: bool,
}
