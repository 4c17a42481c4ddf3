//! The sealed columns: a type without fields for each, so that what is bound to a cell cannot be mistyped.

use ordersync_vault::{KeyClass, SealedColumn};

/// `recipient.sealed`: where an order goes, and the words that go with it.
#[derive(Debug, Clone, Copy)]
pub struct RecipientColumn;

impl SealedColumn for RecipientColumn {
    const TABLE: &'static str = "recipient";
    const COLUMN: &'static str = "sealed";
    const CLASS: KeyClass = KeyClass::Delivery;
}

/// `buyer.sealed`: who bought.
#[derive(Debug, Clone, Copy)]
pub struct BuyerColumn;

impl SealedColumn for BuyerColumn {
    const TABLE: &'static str = "buyer";
    const COLUMN: &'static str = "sealed";
    const CLASS: KeyClass = KeyClass::Contact;
}

/// `label.sealed`: the document that was printed.
#[derive(Debug, Clone, Copy)]
pub struct LabelColumn;

impl SealedColumn for LabelColumn {
    const TABLE: &'static str = "label";
    const COLUMN: &'static str = "sealed";
    const CLASS: KeyClass = KeyClass::Label;
}

/// `label_copy.sealed`: where a person keeps a copy of labels.
#[derive(Debug, Clone, Copy)]
pub struct LabelCopyColumn;

impl SealedColumn for LabelCopyColumn {
    const TABLE: &'static str = "label_copy";
    const COLUMN: &'static str = "sealed";
    const CLASS: KeyClass = KeyClass::Label;
}

/// `order_note.sealed`: what a person of the shop wrote about an order.
#[derive(Debug, Clone, Copy)]
pub struct NoteColumn;

impl SealedColumn for NoteColumn {
    const TABLE: &'static str = "order_note";
    const COLUMN: &'static str = "sealed";
    const CLASS: KeyClass = KeyClass::Delivery;
}

/// `invoice_party.sealed`: who an invoice is made out to.
#[derive(Debug, Clone, Copy)]
pub struct InvoicePartyColumn;

impl SealedColumn for InvoicePartyColumn {
    const TABLE: &'static str = "invoice_party";
    const COLUMN: &'static str = "sealed";
    const CLASS: KeyClass = KeyClass::Invoice;
}

/// `account_credential.sealed`: what an account signs in with.
#[derive(Debug, Clone, Copy)]
pub struct CredentialColumn;

impl SealedColumn for CredentialColumn {
    const TABLE: &'static str = "account_credential";
    const COLUMN: &'static str = "sealed";
    const CLASS: KeyClass = KeyClass::Channel;
}

macro_rules! canary_columns {
    ($($name:ident = $class:ident;)+) => {$(
        /// `canary.sealed` of one class: a known text.
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl SealedColumn for $name {
            const TABLE: &'static str = "canary";
            const COLUMN: &'static str = "sealed";
            const CLASS: KeyClass = KeyClass::$class;
        }
    )+};
}

canary_columns! {
    LabelCanary = Label;
    DeliveryCanary = Delivery;
    ContactCanary = Contact;
    InvoiceCanary = Invoice;
    ChannelCanary = Channel;
}
