//! Who an invoice is made out to: a record of its own, sealed under a key that lives as long as the invoice.

use std::collections::HashMap;

use ordersync_order::{Buyer, Programme, Recipient};
use ordersync_store::StoredOrder;
use ordersync_types::{
    Country, FieldState, InvoiceId, KeyId, OrderId, Pii, RecordError, RecordField, SealedRecord, SellerId,
};
use ordersync_vat::BuyerKind;
use ordersync_vault::{CellPlace, DataKey};

use super::PartyBlock;
use crate::open::audit_entry;
use crate::{Actor, Core, CoreError};

macro_rules! party {
    ($($(#[$doc:meta])* $field:ident,)+) => {
        /// Who an invoice is made out to.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct InvoiceParty {
            $($(#[$doc])* pub $field: FieldState,)+
        }

        impl SealedRecord for InvoiceParty {
            const NAME: &'static str = "invoice party";
            const FIELDS: &'static [&'static str] = &[$(stringify!($field),)+];

            fn fields(&self) -> Vec<RecordField<'_>> {
                let all = [$(&self.$field,)+];
                let given = all.into_iter().enumerate().filter(|(_, state)| **state != FieldState::NotSent);
                given.map(|(index, state)| RecordField::borrowed(index, "", state)).collect()
            }

            fn rebuild(fields: Vec<RecordField<'_>>) -> Result<Self, RecordError> {
                let mut party = Self::default();
                for field in fields {
                    let Some(name) = Self::FIELDS.get(field.index).copied() else {
                        return Err(RecordError::NewerField { record: Self::NAME, index: field.index });
                    };
                    $(
                        if name == stringify!($field) {
                            party.$field = field.state.into_owned();
                            continue;
                        }
                    )+
                }
                Ok(party)
            }
        }
    };
}

party! {
    /// Full name.
    name,
    /// Company.
    company,
    /// First line of the address.
    address_line1,
    /// Second line.
    address_line2,
    /// Third line.
    address_line3,
    /// Town.
    city,
    /// District, county, region or state.
    region,
    /// Postcode.
    postcode,
    /// Country code.
    country,
    /// VAT number.
    vat_number,
    /// The buyer's own order number.
    purchase_order_number,
}

impl InvoiceParty {
    /// True when it has a name or a company, and an address: what a full invoice must show (reg. 14(1)(e)).
    pub fn is_whole(&self) -> bool {
        let named = self.name.is_given() || self.company.is_given();
        named && (self.address_line1.is_given() || self.address_line2.is_given())
    }

    /// As it is printed.
    pub(crate) fn block(&self) -> PartyBlock {
        let given = |state: &FieldState| state.get().filter(|_| state.is_given()).cloned();
        let lines = [
            &self.company,
            &self.name,
            &self.address_line1,
            &self.address_line2,
            &self.address_line3,
            &self.city,
            &self.region,
            &self.postcode,
            &self.country,
        ];
        PartyBlock {
            lines: lines.into_iter().filter_map(given).collect(),
            vat_number: given(&self.vat_number),
            purchase_order: given(&self.purchase_order_number),
        }
    }

    /// The buyer if the marketplace tells an address of the buyer, else the recipient's with the buyer's name.
    fn of(buyer: Option<&Buyer>, recipient: Option<&Recipient>) -> Self {
        let empty = (Buyer::default(), Recipient::default());
        let (buyer, recipient) = (buyer.unwrap_or(&empty.0), recipient.unwrap_or(&empty.1));
        let either = |first: &FieldState, second: &FieldState| {
            if first.is_given() { first.clone() } else { second.clone() }
        };
        let mut party = Self {
            name: either(&either(&buyer.tax_name, &buyer.name), &recipient.name),
            company: either(&buyer.company, &recipient.company),
            vat_number: buyer.tax_number.clone(),
            purchase_order_number: recipient.purchase_order_number.clone(),
            ..Self::default()
        };
        if buyer.address_line1.is_given() || buyer.address_line2.is_given() {
            party.address_line1 = buyer.address_line1.clone();
            party.address_line2 = buyer.address_line2.clone();
            party.address_line3 = buyer.address_line3.clone();
            party.city = buyer.city.clone();
            party.region = either(&buyer.district, &buyer.region);
            party.postcode = buyer.postcode.clone();
            party.country = buyer.country.clone();
        } else {
            party.address_line1 = recipient.address_line1.clone();
            party.address_line2 = recipient.address_line2.clone();
            party.address_line3 = recipient.address_line3.clone();
            party.city = recipient.city.clone();
            party.region = either(&recipient.district, &recipient.region);
            party.postcode = recipient.postcode.clone();
            party.country = recipient.country.clone();
        }
        party
    }
}

/// A party that a person types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedParty {
    /// The fields; what is not given is empty.
    pub party: InvoiceParty,
    /// The country.
    pub country: Country,
}

/// What is known of an order's buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownBuyer {
    pub(crate) kind: BuyerKind,
    pub(crate) party: InvoiceParty,
}

impl Core {
    /// Who bought these orders, from what is still held of them, with one entry of the audit for all.
    pub(super) async fn buyers_of(
        &self,
        seller: SellerId,
        orders: &[&StoredOrder],
        actor: &Actor,
    ) -> Result<HashMap<OrderId, KnownBuyer>, CoreError> {
        let now = self.clock.now();
        let ids: Vec<OrderId> = orders.iter().map(|order| order.summary.order_id).collect();
        let recipients = self.store.recipients(seller, &ids).await?;
        let mut buyers = Vec::new();
        for order in orders {
            if let Some(id) = order.summary.buyer_id
                && let Some(row) = self.store.buyer(seller, id).await?
            {
                buyers.push((order.summary.order_id, row));
            }
        }
        let mut key_ids: Vec<KeyId> = recipients.iter().map(|row| row.key_id).collect();
        key_ids.extend(buyers.iter().map(|(_, row)| row.key_id));
        let keys = self.keys.open_keys(&self.store, &key_ids).await?;
        let key_of = |id: &KeyId| keys.get(id).and_then(Option::as_ref);
        let mut opened: HashMap<OrderId, (Option<Buyer>, Option<Recipient>)> = HashMap::with_capacity(orders.len());
        for row in recipients.iter().filter(|row| row.purge_after > now) {
            let Some(key) = key_of(&row.key_id) else { continue };
            let primary_key = *row.order_id.as_uuid().as_bytes();
            let place = CellPlace { seller, primary_key, row_version: row.row_version };
            opened.entry(row.order_id).or_default().1 = Some(key.open(place, &row.sealed)?);
        }
        for (order, row) in buyers.iter().filter(|(_, row)| row.purge_after > now) {
            let Some(key) = key_of(&row.key_id) else { continue };
            let primary_key = *row.buyer_id.as_uuid().as_bytes();
            let place = CellPlace { seller, primary_key, row_version: row.row_version };
            opened.entry(*order).or_default().0 = Some(key.open(place, &row.sealed)?);
        }
        if !opened.is_empty() {
            let detail = "buyers and recipients opened: names addresses tax_number purchase_order_number".to_owned();
            let entry = audit_entry(seller, now, actor, "invoice.open", "orders", &opened.len(), detail);
            self.store.write_audit(&[entry]).await?;
        }
        let known = |order: &&StoredOrder| {
            let id = order.summary.order_id;
            let (buyer, recipient) = opened.remove(&id).unwrap_or_default();
            (id, known_buyer(order, buyer.as_ref(), recipient.as_ref()))
        };
        Ok(orders.iter().map(known).collect())
    }

    /// Opens the parties of documents. Who asks writes the audit entry.
    pub(super) async fn open_parties(
        &self,
        seller: SellerId,
        invoices: &[InvoiceId],
    ) -> Result<HashMap<InvoiceId, InvoiceParty>, CoreError> {
        let rows = self.store.invoice_parties(seller, invoices).await?;
        let key_ids: Vec<KeyId> = rows.iter().map(|row| row.key_id).collect();
        let keys = self.keys.open_keys(&self.store, &key_ids).await?;
        let now = self.clock.now();
        let mut parties = HashMap::with_capacity(rows.len());
        for row in rows.into_iter().filter(|row| row.purge_after > now) {
            let Some(Some(key)) = keys.get(&row.key_id) else { continue };
            parties.insert(row.invoice_id, key.open(party_place(seller, row.invoice_id), &row.sealed)?);
        }
        Ok(parties)
    }
}

/// Where a document's party is sealed.
pub(super) fn party_place(seller: SellerId, invoice: InvoiceId) -> CellPlace {
    CellPlace { seller, primary_key: *invoice.as_uuid().as_bytes(), row_version: 1 }
}

/// Seals a party for its document.
pub(super) fn seal_party(
    key: &DataKey,
    seller: SellerId,
    invoice: InvoiceId,
    party: &InvoiceParty,
) -> Result<ordersync_vault::Sealed<ordersync_store::InvoicePartyColumn>, CoreError> {
    Ok(key.seal(party_place(seller, invoice), party)?)
}

/// A business by the marketplace's programme, a company's name, a VAT number or a purchase order number.
fn known_buyer(order: &StoredOrder, buyer: Option<&Buyer>, recipient: Option<&Recipient>) -> KnownBuyer {
    let party = InvoiceParty::of(buyer, recipient);
    let signs = [&party.company, &party.vat_number, &party.purchase_order_number];
    let business =
        order.detail.programmes.contains(&Programme::Business) || signs.into_iter().any(FieldState::is_given);
    KnownBuyer { kind: if business { BuyerKind::Business } else { BuyerKind::Consumer }, party }
}

/// The fields of a party that a person typed, checked.
///
/// # Errors
/// [`CoreError::Refused`] naming the field.
pub(super) fn checked_party(typed: &TypedParty) -> Result<InvoiceParty, CoreError> {
    let mut party = typed.party.clone();
    party.country = FieldState::Value(Pii::new(typed.country.code().to_owned()));
    if party.is_whole() {
        return Ok(party);
    }
    Err(CoreError::Refused {
        message: "a full invoice needs a name or company, and the first line of the address".to_owned(),
        hint: "give --name or --company, and --line for each line of the address".to_owned(),
    })
}
