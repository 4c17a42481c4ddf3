//! The personal half of an order: two records that the vault seals whole.

use ordersync_types::{FieldState, Pii, RecordError, RecordField, SealedRecord};

/// The people of an order, in clear, between normalise and seal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct People {
    /// What the marketplace knows the buyer by (eBay: user name; Amazon: relay e-mail), to find the same buyer
    /// again by a keyed hash. `None`: the order stands alone.
    pub buyer_key: Option<Pii<String>>,
    /// Who bought; sealed with the contact key.
    pub buyer: Option<Buyer>,
    /// Where it goes, and the words that go with it; sealed with the order's delivery key.
    pub recipient: Option<Recipient>,
}

/// A text that belongs to one order line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineNote {
    /// The marketplace's id of the line.
    pub vendor_line_id: String,
    /// The text.
    pub text: FieldState,
}

macro_rules! sealed_record {
    (
        $(#[$doc:meta])*
        $record:ident as $name:literal {
            $($(#[$field_doc:meta])* $field:ident,)+
        }
        lines { $($(#[$line_doc:meta])* $line:ident,)* }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $record {
            $($(#[$field_doc])* pub $field: FieldState,)+
            $($(#[$line_doc])* pub $line: Vec<LineNote>,)*
        }

        impl SealedRecord for $record {
            const NAME: &'static str = $name;
            const FIELDS: &'static [&'static str] = &[$(stringify!($field),)+ $(stringify!($line),)*];

            fn fields(&self) -> Vec<RecordField<'_>> {
                let mut fields = Vec::with_capacity(Self::FIELDS.len());
                let mut index = 0;
                $(
                    if self.$field != FieldState::NotSent {
                        fields.push(RecordField::borrowed(index, "", &self.$field));
                    }
                    index += 1;
                )+
                $(
                    let mut notes: Vec<&LineNote> =
                        self.$line.iter().filter(|note| note.text != FieldState::NotSent).collect();
                    notes.sort_by(|a, b| a.vendor_line_id.cmp(&b.vendor_line_id));
                    notes.dedup_by(|a, b| a.vendor_line_id == b.vendor_line_id);
                    for note in notes {
                        fields.push(RecordField::borrowed(index, &note.vendor_line_id, &note.text));
                    }
                    index += 1;
                )*
                debug_assert_eq!(index, Self::FIELDS.len());
                fields
            }

            fn rebuild(fields: Vec<RecordField<'_>>) -> Result<Self, RecordError> {
                let mut record = Self::default();
                for field in fields {
                    let Some(name) = Self::FIELDS.get(field.index).copied() else {
                        return Err(RecordError::NewerField { record: Self::NAME, index: field.index });
                    };
                    $(
                        if name == stringify!($field) {
                            if !field.of.is_empty() {
                                let reason = "belongs to an order line, but is a field of the whole record";
                                return Err(RecordError::Misplaced { record: Self::NAME, field: name, reason });
                            }
                            record.$field = field.state.into_owned();
                            continue;
                        }
                    )+
                    $(
                        if name == stringify!($line) {
                            if field.of.is_empty() {
                                let reason = "names no order line";
                                return Err(RecordError::Misplaced { record: Self::NAME, field: name, reason });
                            }
                            let (vendor_line_id, text) = (field.of.into_owned(), field.state.into_owned());
                            record.$line.push(LineNote { vendor_line_id, text });
                            continue;
                        }
                    )*
                }
                Ok(record)
            }
        }

        impl $record {
            /// This record after a newer reading: a gap in `newer` never overwrites a value held here.
            #[must_use]
            pub fn updated_by(&self, newer: &Self) -> Self {
                Self {
                    $($field: self.$field.updated_by(&newer.$field),)+
                    $($line: updated_notes(&self.$line, &newer.$line),)*
                }
            }

            /// True when no field holds anything.
            pub fn is_empty(&self) -> bool {
                $(self.$field == FieldState::NotSent)&&+ $(&& self.$line.is_empty())*
            }
        }
    };
}

fn updated_notes(held: &[LineNote], newer: &[LineNote]) -> Vec<LineNote> {
    let mut notes: Vec<LineNote> = held.to_vec();
    for note in newer {
        match notes.iter_mut().find(|known| known.vendor_line_id == note.vendor_line_id) {
            Some(known) => known.text = known.text.updated_by(&note.text),
            None => notes.push(note.clone()),
        }
    }
    notes
}

sealed_record! {
    /// Who bought. Kept with the contact key of this buyer on this account.
    Buyer as "buyer" {
        /// The marketplace's name for the buyer (eBay: user name).
        marketplace_name,
        /// Full name.
        name,
        /// The marketplace's relay e-mail address.
        email,
        /// Telephone number.
        phone,
        /// Company.
        company,
        /// Name in a tax registration.
        tax_name,
        /// Tax number, with its type in front (`VAT:`, `CODICE_FISCALE:`) when the marketplace gives one.
        tax_number,
        /// Registered address, first line.
        address_line1,
        /// Registered address, second line.
        address_line2,
        /// Registered address, third line.
        address_line3,
        /// Registered address, town.
        city,
        /// Registered address, district or county.
        district,
        /// Registered address, state, region or province.
        region,
        /// Registered address, municipality.
        municipality,
        /// Registered address, postcode.
        postcode,
        /// Registered address, country code.
        country,
        /// Town of the address that decides the tax.
        tax_city,
        /// State, region or province of the address that decides the tax.
        tax_region,
        /// Postcode of the address that decides the tax.
        tax_postcode,
        /// Country code of the address that decides the tax.
        tax_country,
    }
    lines {}
}

sealed_record! {
    /// Where an order goes, and the words that go with it. Kept with the order's delivery key, gone with it.
    Recipient as "recipient" {
        /// Full name.
        name,
        /// Company.
        company,
        /// First line of the address; may be empty with the street in the second.
        address_line1,
        /// Second line.
        address_line2,
        /// Third line.
        address_line3,
        /// Town.
        city,
        /// District or county.
        district,
        /// State, region or province.
        region,
        /// Municipality.
        municipality,
        /// Postcode.
        postcode,
        /// Country code as the marketplace wrote it.
        country,
        /// Street name where the address comes in parts.
        street_name,
        /// House number where the address comes in parts.
        street_number,
        /// Complement where the address comes in parts.
        complement,
        /// Neighbourhood where the address comes in parts.
        neighbourhood,
        /// Telephone number.
        phone,
        /// E-mail address the marketplace gives for the delivery.
        email,
        /// The reference that must stand above the street line of a hub's address.
        hub_reference,
        /// Where the parcel may be left.
        drop_off,
        /// Instructions for whoever delivers.
        delivery_instructions,
        /// What the buyer wrote to the seller.
        buyer_note,
        /// The business buyer's own order number.
        purchase_order_number,
    }
    lines {
        /// The gift message of a line.
        gift_message,
        /// Who the gift of a line is from.
        gift_sender,
        /// The e-mail address that a gift of a line is announced to.
        gift_email,
        /// Where the buyer's customisation of a line is to be fetched.
        customisation_url,
        /// The number of the marketplace's tax scheme for a line (IOSS and the like), for the courier alone.
        tax_reference,
    }
}

#[cfg(test)]
mod tests {
    use ordersync_types::Withheld;

    use super::*;

    fn recipient() -> Recipient {
        Recipient {
            name: FieldState::value("Ada Example"),
            phone: FieldState::Withheld(Withheld::Role),
            address_line2: FieldState::value(""),
            gift_message: vec![
                LineNote { vendor_line_id: "2".into(), text: FieldState::value("Many happy returns") },
                LineNote { vendor_line_id: "1".into(), text: FieldState::value("Enjoy") },
            ],
            ..Recipient::default()
        }
    }

    #[test]
    fn a_record_rebuilds_from_its_fields() {
        let recipient = recipient();
        let fields = recipient.fields();
        assert!(fields.is_sorted_by_key(|field| (field.index, field.of.clone())));
        let rebuilt = Recipient::rebuild(fields.clone()).unwrap();
        assert_eq!(rebuilt.fields(), fields);
        assert_eq!(rebuilt.phone, FieldState::Withheld(Withheld::Role));
        assert_eq!(rebuilt.address_line2, FieldState::value(""));
        assert_eq!(rebuilt.city, FieldState::NotSent);
    }

    #[test]
    fn misplaced_and_newer_fields_are_refused() {
        let field = |index, of: &str| vec![RecordField::owned(index, of, FieldState::value("x"))];
        assert!(matches!(Buyer::rebuild(field(99, "")), Err(RecordError::NewerField { index: 99, .. })));
        assert!(matches!(Recipient::rebuild(field(0, "1")), Err(RecordError::Misplaced { field: "name", .. })));
        let gift = Recipient::FIELDS.iter().position(|name| *name == "gift_message").unwrap();
        assert!(matches!(Recipient::rebuild(field(gift, "")), Err(RecordError::Misplaced { .. })));
    }

    #[test]
    fn a_newer_reading_fills_gaps_and_leaves_none() {
        let newer = Recipient {
            name: FieldState::Withheld(Withheld::Age),
            city: FieldState::value("Wexcombe"),
            gift_message: vec![LineNote { vendor_line_id: "1".into(), text: FieldState::NotSent }],
            ..Recipient::default()
        };
        let merged = recipient().updated_by(&newer);
        assert_eq!(merged.name, FieldState::value("Ada Example"));
        assert_eq!(merged.city, FieldState::value("Wexcombe"));
        assert_eq!(merged.gift_message.len(), 2);
        assert!(!merged.is_empty() && Recipient::default().is_empty());
    }

    /// A field's position is its name at rest: this list may only grow at its end.
    #[test]
    fn stored_field_positions_never_change() {
        assert_eq!(&Buyer::FIELDS[..3], ["marketplace_name", "name", "email"]);
        assert_eq!(Buyer::FIELDS.len(), 20);
        assert_eq!(Recipient::FIELDS.len(), 27);
        assert_eq!(Recipient::FIELDS[22], "gift_message");
        assert_eq!(Recipient::FIELDS[26], "tax_reference");
    }
}
