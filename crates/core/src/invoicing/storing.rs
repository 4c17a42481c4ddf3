//! Documents with their numbers: laid out, sealed and stored at once.

use std::sync::Arc;

use ordersync_store::{Account, InvoicePartyRow, InvoiceRate, InvoiceRow, InvoicesWritten, SeriesUse, StoredOrder};
use ordersync_types::{InvoiceId, OrderId, SellerId, Timestamp};
use ordersync_vat::local_day;
use ordersync_vault::{KeyClass, ScopeId};
use sha2::{Digest, Sha256};

use super::draft::Draft;
use super::lay_out::paper_of;
use super::party::{InvoiceParty, seal_party};
use super::settings::{Business, InvoicingSettings};
use super::stored::StoredContent;
use super::{DocumentKind, TEMPLATE, words};
use crate::key_ring::{FIRST, KeyWish};
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// What came of storing documents.
pub(super) enum Written {
    /// They are stored.
    All(Vec<InvoiceRow>),
    /// Somebody else took numbers; nothing is stored.
    SeriesMoved,
    /// Somebody else issued for one of the orders; nothing is stored.
    OrderMoved,
    /// A document of this order cannot be laid out; nothing is stored.
    Unprintable(OrderId, String),
}

/// A draft of an order, ready to be numbered.
pub(super) struct Ready<'a> {
    pub(super) order: &'a StoredOrder,
    pub(super) account: &'a Account,
    pub(super) draft: Draft,
}

impl Core {
    /// Numbers, lays out, seals and stores, all or nothing.
    pub(super) async fn store_ready(
        &self,
        seller: SellerId,
        settings: &Arc<InvoicingSettings>,
        business: &Business,
        ready: &[Ready<'_>],
        settled: &[OrderId],
        actor: &Actor,
    ) -> Result<Written, CoreError> {
        if ready.is_empty() {
            self.store.settle_uninvoiced(seller, settled).await?;
            return Ok(Written::All(Vec::new()));
        }
        let now = self.clock.now();
        let mut series = self.series(seller, actor).await?;
        let mut uses: Vec<SeriesUse> = Vec::new();
        let mut rows: Vec<(InvoiceRow, Option<InvoiceParty>)> = Vec::with_capacity(ready.len());
        // Ids of one moment are random: in their order, so that a list by id is in the order of issue.
        let mut ids: Vec<InvoiceId> = ready.iter().map(|_| InvoiceId::new(now)).collect();
        ids.sort_unstable();
        for (one, id) in ready.iter().zip(ids) {
            let number = series.take(one.draft.kind, &mut uses);
            let row = row_of(one, id, business, settings, number, actor, now)?;
            let party = match (&one.draft.party, &one.draft.original) {
                (Some(party), _) => Some(party.clone()),
                (None, Some(original)) if original.has_party => self.party_of(seller, original.id).await?,
                (None, _) => None,
            };
            rows.push((row, party));
        }
        for (row, party) in &mut rows {
            let hash = match DocumentKind::from_name(&row.kind) {
                Some(DocumentKind::Record) | None => None,
                Some(_) => {
                    let paper = paper_of(row, party.as_ref(), false)?;
                    match settings.paper.invoice(&paper) {
                        Ok(pdf) => Some(hash_of(&pdf)),
                        Err(error) => return Ok(Written::Unprintable(row.order, unprintable(&error))),
                    }
                }
            };
            row.sha256 = hash;
        }
        let wishes: Vec<KeyWish> = rows.iter().filter(|(_, party)| party.is_some()).map(|(row, _)| wish(row)).collect();
        let made = self.keys.make(&self.store, seller, now, &wishes).await?;
        let mut parties = Vec::with_capacity(wishes.len());
        for (row, party) in &rows {
            let Some(party) = party else { continue };
            let key = made.get(KeyClass::Invoice, scope(row.invoice_id));
            let key = key.ok_or(CoreError::Stopped("making an invoice's key"))?;
            parties.push(InvoicePartyRow {
                invoice_id: row.invoice_id,
                key_id: key.key_id(),
                row_version: 1,
                purge_after: row.purge_after,
                sealed: seal_party(key, seller, row.invoice_id, party)?,
            });
        }
        let rows: Vec<InvoiceRow> = rows.into_iter().map(|(row, _)| row).collect();
        match self.store.add_invoices(seller, &uses, &rows, &parties, settled, made.sequence).await? {
            InvoicesWritten::All => {}
            InvoicesWritten::SeriesMoved => return Ok(Written::SeriesMoved),
            InvoicesWritten::OrderMoved => return Ok(Written::OrderMoved),
        }
        let detail = words::list(rows.iter().filter_map(|row| row.number.as_deref()));
        let entry = audit_entry(seller, now, actor, "invoice.issue", "invoices", &rows.len(), detail);
        self.store.write_audit(&[entry]).await?;
        Ok(Written::All(rows))
    }

    async fn party_of(&self, seller: SellerId, invoice: InvoiceId) -> Result<Option<InvoiceParty>, CoreError> {
        let rows = self.store.invoice_parties(seller, &[invoice]).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let mut keys = self.keys.open_keys(&self.store, &[row.key_id]).await?;
        let Some(Some(key)) = keys.remove(&row.key_id) else { return Ok(None) };
        Ok(Some(key.open(super::party::party_place(seller, invoice), &row.sealed)?))
    }
}

fn scope(invoice: InvoiceId) -> ScopeId {
    ScopeId::from_uuid(invoice.as_uuid())
}

fn wish(row: &InvoiceRow) -> KeyWish {
    let expires_at = Some(row.purge_after);
    KeyWish { class: KeyClass::Invoice, scope: scope(row.invoice_id), generation: FIRST, expires_at }
}

/// SHA-256 of a document.
pub(super) fn hash_of(pdf: &ordersync_types::Pii<Vec<u8>>) -> [u8; 32] {
    Sha256::digest(pdf.expose()).into()
}

/// A draft as a row, with its number.
fn row_of(
    one: &Ready<'_>,
    invoice_id: InvoiceId,
    business: &Business,
    settings: &InvoicingSettings,
    number: Option<(String, i64)>,
    actor: &Actor,
    now: Timestamp,
) -> Result<InvoiceRow, CoreError> {
    let Ready { order, account, draft } = one;
    let zone = business.tax.zone;
    let issued_on = local_day(now, zone);
    let may_go = words::start_of_day(business.tax.years.may_go_on(issued_on, draft.tax_point.day), zone);
    let purge_after = draft.original.as_ref().map_or(may_go, |original| may_go.max(original.purge_after));
    let content = StoredContent {
        supplier: business.supplier.clone(),
        channel: settings.channel(&account.connector),
        ordered_on: local_day(order.summary.created_at, zone),
        treatment: draft.treatment.clone(),
        content: draft.content.clone(),
        notes: words::notes(draft),
        sterling: draft.sterling.clone(),
        reason: draft.reason.clone(),
        original_issued_on: draft.original.as_ref().map(|original| original.issued_on),
    };
    let (number, series_number) = number.unzip();
    Ok(InvoiceRow {
        seller: order.summary.seller,
        invoice_id,
        order: order.summary.order_id,
        sequence: draft.sequence,
        account: account.account,
        vendor_order_id: order.summary.vendor_order_id.clone(),
        shipment: draft.shipment,
        kind: draft.kind.name().to_owned(),
        form: draft.form.name().to_owned(),
        number,
        series_number,
        issued_at: now,
        issue_date: issued_on,
        tax_point: draft.tax_point.day,
        tax_point_rule: draft.tax_point.rule.name().to_owned(),
        business: draft.buyer == ordersync_vat::BuyerKind::Business,
        ship_from: draft.treatment.ship_from.code().to_owned(),
        ship_to: draft.treatment.ship_to.code().to_owned(),
        vat_country: draft.treatment.vat_country.code().to_owned(),
        scheme: draft.treatment.scheme.name().to_owned(),
        currency: draft.content.currency.code().to_owned(),
        net_minor: draft.content.net().minor,
        vat_minor: draft.content.vat().minor,
        gross_minor: draft.content.gross().minor,
        original: draft.original.as_ref().map(|original| original.id),
        original_number: draft.original.as_ref().and_then(|original| original.number.clone()),
        reversal: draft.reversal,
        content: serde_json::to_string(&content)?,
        template: i64::from(TEMPLATE),
        sha256: None,
        purge_after,
        issued_by: actor.to_string(),
        rate_used: draft.rate_used.clone(),
        rates: rates_of(draft),
    })
}

fn rates_of(draft: &Draft) -> Vec<InvoiceRate> {
    let rate = |group: &ordersync_vat::VatGroup| InvoiceRate {
        supply: group.supply.name().to_owned(),
        rate: i64::from(group.rate.points()),
        net_minor: group.net,
        vat_minor: group.vat,
        gross_minor: group.gross,
    };
    draft.content.groups.iter().map(rate).collect()
}
/// Why a document cannot be laid out, for the list of what waits.
fn unprintable(error: &crate::paper::PaperError) -> String {
    format!("its document cannot be laid out: {error}; correct the text, or give a font that has the character")
}
