//! Recipients and buyers on their way out: the one file of this crate that writes personal data into an answer.

use bytes::Bytes;
use chrono::Duration;
use ordersync_core::fulfilment::status_of;
use ordersync_core::{CoreError, Opened, OrderSummary};
use ordersync_order::{Buyer, Recipient};
use ordersync_types::{FieldState, Pii, RecordField, SealedRecord, Timestamp, Withheld};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::api::Api;
use crate::dto::{NoteView, PersonField, PersonRecord, RecordState};
use crate::error::WebError;
use crate::role::{Caller, Role};

/// How long after dispatch a packer still sees where a parcel went.
const PACKER_DAYS: i64 = 7;

/// Fields of a recipient that belong to an order line: each line that has one gets an entry of its own.
const LINE_FIELDS: [&str; 5] = ["gift_message", "gift_sender", "gift_email", "customisation_url", "tax_reference"];

/// Whether this role may see the people of this order; else why not.
pub(crate) fn may_see(role: Role, order: &OrderSummary, now: Timestamp) -> Result<(), &'static str> {
    match role {
        Role::Admin | Role::Seller => Ok(()),
        Role::Accountant => Err("an accountant sees facts only"),
        Role::Packer => {
            let open = !order.history && status_of(&order.status, order.status_code.as_deref()).is_open();
            let lately =
                order.dispatched_at.is_some_and(|at| now.signed_duration_since(at) <= Duration::days(PACKER_DAYS));
            let cancelled = order.status == "cancelled";
            if open || lately && !cancelled {
                Ok(())
            } else {
                Err("a packer sees the people of orders that are open or left in the last 7 days")
            }
        }
    }
}

/// Refuses a caller who may not see the people of one of these orders: nothing that names them is printed or typed.
pub(crate) fn must_see<'o>(
    caller: &Caller,
    orders: impl IntoIterator<Item = &'o OrderSummary>,
    now: Timestamp,
) -> Result<(), WebError> {
    for order in orders {
        let seen = may_see(caller.role, order, now);
        seen.map_err(|why| {
            WebError::forbidden(format!("{}: {why}", order.vendor_order_id), "ask somebody with the role seller")
        })?;
    }
    Ok(())
}

/// Opens the recipient and the buyer of an order for this caller; core writes the audit entries.
pub(crate) async fn open_people(
    api: &Api,
    order: &OrderSummary,
    caller: &Caller,
) -> Result<(PersonRecord, PersonRecord), CoreError> {
    if let Err(why) = may_see(caller.role, order, api.core.clock.now()) {
        return Ok((not_for_role(why), not_for_role(why)));
    }
    let actor = caller.actor();
    let row = api.core.store.recipients(order.seller, &[order.order_id]).await?.pop();
    let purge_at = row.map(|row| row.purge_after).or(order.delivery_purged_at);
    let recipient = record::<Recipient>(api.core.open_recipient(order, &actor).await?, purge_at);
    let row = match order.buyer_id {
        Some(buyer) => api.core.store.buyer(order.seller, buyer).await?,
        None => None,
    };
    let purge_at = row.map(|row| row.purge_after);
    let buyer = record::<Buyer>(api.core.open_buyer(order, &actor).await?, purge_at);
    Ok((recipient, buyer))
}

/// The notes on an order, for this caller; core writes the audit entry.
pub(crate) async fn order_notes(api: &Api, order: &OrderSummary, caller: &Caller) -> Result<Vec<NoteView>, CoreError> {
    if may_see(caller.role, order, api.core.clock.now()).is_err() {
        return Ok(Vec::new());
    }
    let notes = api.core.open_notes(order.seller, &[order.order_id], &caller.actor()).await?;
    let view = |note: ordersync_core::OrderNote| NoteView {
        kind: note.kind.name().to_owned(),
        at: note.written_at,
        by: note.written_by,
        text: note.text,
    };
    Ok(notes.into_iter().map(view).collect())
}

fn not_for_role(why: &str) -> PersonRecord {
    PersonRecord { state: RecordState::NotForRole, purge_at: None, note: Some(why.to_owned()), fields: Vec::new() }
}

fn record<R: SealedRecord>(opened: Opened<R>, purge_at: Option<Timestamp>) -> PersonRecord {
    let without = |state, purge_at| PersonRecord { state, purge_at, note: None, fields: Vec::new() };
    match opened {
        Opened::Never => without(RecordState::Never, None),
        Opened::Purged => without(RecordState::Purged, purge_at),
        Opened::Present(record) => {
            let fields = all_fields::<R>(&record.fields());
            PersonRecord { state: RecordState::Present, purge_at, note: None, fields }
        }
    }
}

/// Every field in its stored order: those that were not sent as such, those of lines where there is one.
fn all_fields<R: SealedRecord>(given: &[RecordField<'_>]) -> Vec<PersonField> {
    let mut fields = Vec::with_capacity(R::FIELDS.len());
    for (index, name) in R::FIELDS.iter().enumerate() {
        let before = fields.len();
        fields.extend(given.iter().filter(|field| field.index == index).map(|field| view(name, field)));
        if fields.len() == before && !LINE_FIELDS.contains(name) {
            let not_sent = RecordField::owned(index, "", FieldState::NotSent);
            fields.push(view(name, &not_sent));
        }
    }
    fields
}

fn view(name: &str, field: &RecordField<'_>) -> PersonField {
    let (state, value) = match &*field.state {
        FieldState::NotSent => ("not_sent", None),
        FieldState::Withheld(Withheld::Role) => ("withheld_role", None),
        FieldState::Withheld(Withheld::Age) => ("withheld_age", None),
        FieldState::Value(value) => ("value", Some(value.expose().clone())),
    };
    let line = (!field.of.is_empty()).then(|| field.of.to_string());
    PersonField { field: name.to_owned(), line, state: state.to_owned(), value }
}

/// Room for an ordinary order with its people, so that the text does not move while it grows.
const ROOM: usize = 64 * 1024;

/// The JSON text of an answer that may hold people, wiped when the last byte was handed on.
pub(crate) fn wiped_json<T: Serialize>(answer: &T) -> Result<Bytes, serde_json::Error> {
    let mut text = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *text, answer)?;
    Ok(Bytes::from_owner(text))
}

/// Appends a part of a document.
pub(crate) fn document_bytes(part: &Pii<Vec<u8>>, document: &mut Vec<u8>) {
    document.extend_from_slice(part.expose());
}

/// How many characters a text has, without the spaces around it.
pub(crate) fn characters(text: &Pii<String>) -> usize {
    text.expose().trim().chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_lines_are_the_record_s_own() {
        for (index, name) in Recipient::FIELDS.iter().enumerate() {
            let field = RecordField::owned(index, "1", FieldState::value("x"));
            assert_eq!(Recipient::rebuild(vec![field]).is_ok(), LINE_FIELDS.contains(name), "{name}");
        }
        assert!(Buyer::FIELDS.iter().all(|name| !LINE_FIELDS.contains(name)));
    }

    #[test]
    fn gaps_withheld_values_and_empty_texts_stay_apart() {
        let recipient = Recipient {
            name: FieldState::value("Ada Example"),
            address_line2: FieldState::value(""),
            phone: FieldState::Withheld(Withheld::Role),
            email: FieldState::Withheld(Withheld::Age),
            ..Recipient::default()
        };
        let record = record(Opened::Present(recipient), None);
        let state = |name: &str| record.fields.iter().find(|field| field.field == name).unwrap().state.clone();
        assert_eq!(record.value("name"), Some("Ada Example"));
        assert_eq!(record.value("address_line2"), Some(""));
        assert_eq!((state("phone"), state("email")), ("withheld_role".into(), "withheld_age".into()));
        assert_eq!(state("city"), "not_sent");
        assert!(!format!("{record:?}").contains("Ada"));
    }
}
