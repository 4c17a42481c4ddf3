//! What people do to documents: hand one out, make it out to somebody, take it back, issue it in full.

use ordersync_order::RawCode;
use ordersync_store::{InvoiceRow, OrderFilter};
use ordersync_types::{OrderId, Pii, SellerId};
use ordersync_vat::{BuyerKind, CreditWish, Form, TaxPoint, TaxPointRule, credit, reversal};

use super::credits::{credit_draft, original_of};
use super::draft::Draft;
use super::issue::IssueReport;
use super::lay_out::paper_of;
use super::party::{InvoiceParty, KnownBuyer, TypedParty, checked_party};
use super::stored::{StoredContent, booked, kind_of};
use super::storing::{Ready, Written, hash_of};
use super::{DocumentKind, words};
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

/// A document as it is handed out.
#[derive(Debug)]
pub struct InvoiceDocument {
    /// Its number.
    pub number: String,
    /// The PDF.
    pub pdf: Pii<Vec<u8>>,
}

/// What a person takes back of a document, in minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CreditParts {
    /// For lines: (SKU or the marketplace's id of the line, minor units).
    pub lines: Vec<(String, i64)>,
    /// For delivery.
    pub delivery: i64,
    /// As a lower price for all of it.
    pub goodwill: i64,
    /// Everything that is left of it.
    pub all: bool,
    /// Why, 1 to 200 characters; stands on the credit note.
    pub reason: String,
}

impl Core {
    /// The document with this number.
    ///
    /// # Errors
    /// [`CoreError::Refused`] when there is none; else what the store says.
    pub async fn invoice(&self, seller: SellerId, number: &str) -> Result<InvoiceRow, CoreError> {
        self.store.invoice(seller, number).await?.ok_or_else(|| CoreError::Refused {
            message: format!("there is no document {number}"),
            hint: "`ordersync invoice list` shows the numbers".to_owned(),
        })
    }

    /// Lays a document out again, sees that it is the same as when it was issued, and hands it out.
    ///
    /// # Errors
    /// [`CoreError::Refused`] when there is none, or when it is not the same any more; else what store and vault say.
    pub async fn invoice_document(
        &self,
        seller: SellerId,
        number: &str,
        duplicate: bool,
        actor: &Actor,
    ) -> Result<InvoiceDocument, CoreError> {
        let _busy = self.clock.busy();
        let row = self.invoice(seller, number).await?;
        let party = self.open_parties(seller, &[row.invoice_id]).await?.remove(&row.invoice_id);
        let pdf = self.checked_pdf(&row, party.as_ref())?;
        let detail = if party.is_some() { "with its party" } else { "without a party" };
        let now = self.clock.now();
        let entry = audit_entry(seller, now, actor, "invoice.pdf", "invoice", &number, detail.to_owned());
        self.store.write_audit(&[entry]).await?;
        let pdf = if duplicate { self.lay_out(&row, party.as_ref(), true)? } else { pdf };
        Ok(InvoiceDocument { number: number.to_owned(), pdf })
    }

    /// Lays a document out and compares it with what was issued.
    pub(super) fn checked_pdf(
        &self,
        row: &InvoiceRow,
        party: Option<&InvoiceParty>,
    ) -> Result<Pii<Vec<u8>>, CoreError> {
        let number = row.number.as_deref().unwrap_or_default();
        if row.form == Form::Full.name() && party.is_none() {
            let message = format!("who {number} is made out to cannot be opened any more");
            return Err(CoreError::Refused { message, hint: "`ordersync invoice verify` tells more".to_owned() });
        }
        let pdf = self.lay_out(row, party, false)?;
        if Some(hash_of(&pdf)) == row.sha256 {
            return Ok(pdf);
        }
        Err(CoreError::Refused {
            message: format!("{number} is not the document that was issued: its hash is another"),
            hint:
                "its stored facts were changed outside this program, or letters come from another font file than then"
                    .to_owned(),
        })
    }

    fn lay_out(
        &self,
        row: &InvoiceRow,
        party: Option<&InvoiceParty>,
        duplicate: bool,
    ) -> Result<Pii<Vec<u8>>, CoreError> {
        let paper = paper_of(row, party, duplicate)?;
        self.invoicing()?.paper.invoice(&paper).map_err(|error| CoreError::Refused {
            message: format!("{} cannot be laid out: {error}", paper.number),
            hint: "give the font that it was issued with (`font` in [labels])".to_owned(),
        })
    }

    /// Issues what is due of an order now, made out to a party that a person typed if one is given.
    ///
    /// # Errors
    /// [`CoreError::NoSuchOrder`]; [`CoreError::Refused`] for a party that is not whole; else what store and vault say.
    pub async fn issue_by_hand(
        &self,
        seller: SellerId,
        order: OrderId,
        typed: Option<&TypedParty>,
        actor: &Actor,
    ) -> Result<IssueReport, CoreError> {
        let known = match typed {
            Some(typed) => Some(KnownBuyer { kind: BuyerKind::Business, party: checked_party(typed)? }),
            None => None,
        };
        self.issue_with(seller, &[order], known.as_ref(), actor).await
    }

    /// Takes a simplified invoice back and issues a full one in its place.
    ///
    /// # Errors
    /// [`CoreError::Refused`] when it is full already, when something of it was taken back, or when nobody is known to
    /// make it out to; else what store and vault say.
    pub async fn reissue_in_full(
        &self,
        seller: SellerId,
        number: &str,
        typed: Option<&TypedParty>,
        actor: &Actor,
    ) -> Result<Vec<String>, CoreError> {
        let _busy = self.clock.busy();
        let refuse = |message: String, hint: &str| Err(CoreError::Refused { message, hint: hint.to_owned() });
        let row = self.invoice(seller, number).await?;
        let stored = StoredContent::parse(&row.content)?;
        let may_be_full = match kind_of(&row) {
            DocumentKind::Invoice => row.form == Form::Simplified.name(),
            // Whoever may recover the VAT may ask for an invoice in place of a receipt.
            DocumentKind::Receipt => stored.supplier.vat_number.is_some(),
            DocumentKind::Credit | DocumentKind::Record => false,
        };
        if !may_be_full {
            let hint = "only those, and receipts of a seller with a VAT number, are issued in full";
            return refuse(format!("{number} is no simplified invoice"), hint);
        }
        let order = self.order_of(seller, &row).await?;
        let party = match typed {
            Some(typed) => checked_party(typed)?,
            None => {
                let held = self.buyers_of(seller, &[&order], actor).await?.remove(&row.order);
                let whole = held.map(|known| known.party).filter(InvoiceParty::is_whole);
                match whole {
                    Some(party) => party,
                    None => {
                        let message = format!("the name and address for {number} are not held any more");
                        return refuse(message, "type them: add --party");
                    }
                }
            }
        };
        let documents = self.store.invoices_of(seller, &[row.order]).await?;
        let place = documents.iter().position(|other| other.invoice_id == row.invoice_id).unwrap_or_default();
        let content = reversal(&booked(&documents)?, place).map_err(|missing| CoreError::Refused {
            message: format!("{number}: {missing}"),
            hint: "take the rest of it back, and agree on a new invoice with your accountant".to_owned(),
        })?;
        let rule = TaxPointRule::from_name(&row.tax_point_rule).unwrap_or(TaxPointRule::Dispatch);
        // The supply has its time of supply, whatever document shows it: both lie in its period and cancel out there.
        let tax_point = TaxPoint { day: row.tax_point, rule };
        let reason = "Replaced by a full invoice".to_owned();
        let back = credit_draft(&row, original_of(&row), content.clone(), tax_point, reason).map_err(refused)?;
        let next = documents.iter().map(|row| row.sequence + 1).max().unwrap_or(0);
        let full = Draft {
            sequence: next + 1,
            kind: DocumentKind::Invoice,
            form: Form::Full,
            tax_point,
            shipment: row.shipment,
            buyer: BuyerKind::Business,
            party: Some(party),
            treatment: stored.treatment,
            content: stored.content,
            sterling: stored.sterling,
            rate_used: row.rate_used.clone(),
            reason: None,
            original: None,
            reversal: false,
        };
        self.store_drafts(seller, &order, vec![Draft { sequence: next, reversal: true, ..back }, full], actor).await
    }

    /// Takes something of a document back.
    ///
    /// # Errors
    /// [`CoreError::Refused`] when there is no such document or line, when it is more than is left, and without a reason;
    /// else what store and vault say.
    pub async fn credit_by_hand(
        &self,
        seller: SellerId,
        number: &str,
        parts: &CreditParts,
        actor: &Actor,
    ) -> Result<Vec<String>, CoreError> {
        let _busy = self.clock.busy();
        let refuse = |message: String, hint: &str| Err(CoreError::Refused { message, hint: hint.to_owned() });
        let reason = parts.reason.trim();
        if reason.is_empty() || reason.chars().count() > 200 || reason.chars().any(char::is_control) {
            return refuse("reason: must have 1 to 200 characters".to_owned(), "it stands on the credit note");
        }
        let row = self.invoice(seller, number).await?;
        if !matches!(kind_of(&row), DocumentKind::Invoice | DocumentKind::Receipt) {
            return refuse(format!("{number} is no invoice and no receipt"), "only those are taken back");
        }
        let order = self.order_of(seller, &row).await?;
        let documents = self.store.invoices_of(seller, &[row.order]).await?;
        let place = documents.iter().position(|other| other.invoice_id == row.invoice_id).unwrap_or_default();
        let all = booked(&documents)?;
        let content = &all.get(place).ok_or(CoreError::Stopped("reading the order's documents"))?.content;
        let lines = parts.lines.iter().map(|(name, amount)| Ok((line_of(content, name)?, *amount)));
        let left = ordersync_vat::left_of(&all, place).iter().fold(0_i64, |sum, group| sum.saturating_add(group.gross));
        let wish = CreditWish {
            // Not a reference of the marketplace: a refund that it reports later is another, unless a person says so.
            reference: format!("by-hand:{}", RawCode::new(number)),
            lines: lines.collect::<Result<_, CoreError>>()?,
            delivery: parts.delivery,
            goodwill: if parts.all { left } else { parts.goodwill },
        };
        let below = wish.lines.iter().any(|(_, amount)| *amount <= 0) || wish.delivery < 0 || wish.goodwill < 0;
        if below || (wish.lines.is_empty() && wish.delivery == 0 && wish.goodwill == 0) {
            return refuse("nothing is to be taken back".to_owned(), "give --line, --delivery, --goodwill or --all");
        }
        // Only this document: those before it in the order are not touched.
        let mut only = all.clone();
        for (index, document) in only.iter_mut().enumerate() {
            if index != place && document.booked_as == ordersync_vat::BookedAs::Sale {
                document.content.lines.clear();
                document.content.groups.clear();
            }
        }
        let notes = credit(&only, &wish).map_err(refused)?;
        let business = self.invoicing()?.business().map_err(refused)?.clone();
        let tax_point = TaxPoint::of_refund(self.clock.now(), business.tax.zone);
        let next = documents.iter().map(|row| row.sequence + 1).max().unwrap_or(0);
        let drafts = notes.into_iter().zip(next..).map(|((_, content), sequence)| {
            let draft = credit_draft(&row, original_of(&row), content, tax_point, reason.to_owned());
            Ok(Draft { sequence, ..draft.map_err(refused)? })
        });
        let drafts = drafts.collect::<Result<_, CoreError>>()?;
        self.store_drafts(seller, &order, drafts, actor).await
    }

    async fn store_drafts(
        &self,
        seller: SellerId,
        order: &ordersync_store::StoredOrder,
        drafts: Vec<Draft>,
        actor: &Actor,
    ) -> Result<Vec<String>, CoreError> {
        let settings = self.invoicing()?;
        let business = settings.business().map_err(refused)?;
        let accounts = self.store.every_account().await?;
        let account = accounts.iter().find(|account| account.account == order.summary.account);
        let account = account.ok_or(CoreError::Stopped("finding the order's account"))?;
        let ready: Vec<Ready<'_>> = drafts.into_iter().map(|draft| Ready { order, account, draft }).collect();
        for _ in 0..3 {
            match self.store_ready(seller, &settings, business, &ready, &[], actor).await? {
                Written::All(rows) => return Ok(rows.into_iter().filter_map(|row| row.number).collect()),
                Written::SeriesMoved => {}
                Written::Unprintable(_, reason) => {
                    return Err(CoreError::Refused { message: reason, hint: "correct the name or address".to_owned() });
                }
                Written::OrderMoved => break,
            }
        }
        Err(CoreError::Refused {
            message: format!("{} has just got another document", order.summary.vendor_order_id),
            hint: "look at it with `ordersync invoice list --order`, then do it again".to_owned(),
        })
    }

    async fn order_of(&self, seller: SellerId, row: &InvoiceRow) -> Result<ordersync_store::StoredOrder, CoreError> {
        let filter = OrderFilter { ids: Some(vec![row.order]), limit: 1, ..OrderFilter::default() };
        let order = self.store.full_orders(seller, &filter).await?.pop();
        order.ok_or_else(|| CoreError::Refused {
            message: format!("the order {} is not held any more", row.vendor_order_id),
            hint: "its documents stay as they are".to_owned(),
        })
    }
}

/// The order line that a person means: by SKU, by the marketplace's id, or by its place on the document.
fn line_of(content: &ordersync_vat::Content, name: &str) -> Result<String, CoreError> {
    let goods = || {
        content.lines.iter().filter_map(|line| match &line.of {
            ordersync_vat::LineOf::Goods(id) => Some((id, line)),
            ordersync_vat::LineOf::Wrapping(_) | ordersync_vat::LineOf::Delivery | ordersync_vat::LineOf::Goodwill => {
                None
            }
        })
    };
    let mut of_sku = goods().filter(|(id, line)| *id == name || line.sku.as_deref() == Some(name));
    match (of_sku.next(), of_sku.next()) {
        (Some((id, _)), None) => Ok(id.clone()),
        (Some(_), Some(_)) => Err(CoreError::Refused {
            message: format!("line: {name} is on several lines of the document"),
            hint: format!("give the line's own id: {}", words::list(goods().map(|(id, _)| id.as_str()))),
        }),
        (None, _) => Err(CoreError::Refused {
            message: format!("line: {name} is not on the document"),
            hint: format!("its lines are {}", words::list(goods().map(|(id, _)| id.as_str()))),
        }),
    }
}

fn refused(missing: ordersync_vat::Missing) -> CoreError {
    CoreError::Refused { message: missing.reason, hint: String::new() }
}
