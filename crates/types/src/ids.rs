//! A type per id. Ours are UUIDv7 (sortable by time of making); the vendors' are checked strings.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// A text is not an id of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {reason}")]
pub struct IdError {
    /// Which kind of id was asked for.
    pub kind: &'static str,
    /// What is wrong with it; never the text itself.
    pub reason: &'static str,
}

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id made at `now`, sorting after those made in earlier milliseconds.
            pub fn new(now: Timestamp) -> Self {
                Self(uuid_at(now))
            }

            /// The id that `uuid` names, for rows read back from a database.
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID behind the id.
            pub fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse().map(Self).map_err(|_| IdError { kind: $kind, reason: "not a UUID" })
            }
        }
    )+};
}

uuid_ids! {
    /// One marketplace account of one seller.
    AccountId = "account id";
    /// One order.
    OrderId = "order id";
    /// One shipment: parcels for one recipient.
    ShipmentId = "shipment id";
    /// One invoice, credit note, receipt or record of a sale.
    InvoiceId = "invoice id";
    /// One record of a buyer: a buyer whose record was purged gets another.
    BuyerId = "buyer id";
    /// One entry of an order's history or of the audit, or one run of a job.
    EventId = "event id";
    /// One job of the queue.
    JobId = "job id";
}

fn uuid_at(now: Timestamp) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.timestamp_subsec_nanos()))
}

/// A seller of this installation: a small number that leads every key, so that tables can be spread by seller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SellerId(u32);

impl SellerId {
    /// The seller with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number behind the id.
    pub const fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for SellerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A data key: 63 bits, of which 41 are milliseconds since 2020 and 22 are random. Drawn again on a collision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(i64);

impl KeyId {
    /// Milliseconds from 1970 to 2020-01-01T00:00:00Z: 41 bits from there last until 2089.
    const EPOCH_MS: i64 = 1_577_836_800_000;

    /// A new id from the time and `random`, of which the lowest 22 bits are used.
    pub fn new(now: Timestamp, random: u32) -> Self {
        let ms = (now.timestamp_millis() - Self::EPOCH_MS).clamp(0, (1 << 41) - 1);
        Self((ms << 22) | i64::from(random & 0x003F_FFFF))
    }

    /// The key with this number, for rows and ciphertexts read back.
    ///
    /// # Errors
    /// A negative number is not a key id.
    pub fn from_number(number: i64) -> Result<Self, IdError> {
        if number < 0 {
            return Err(IdError { kind: "key id", reason: "negative" });
        }
        Ok(Self(number))
    }

    /// The number behind the id, 0 to 2^63 - 1.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The name of a connector, for example `amazon`: open, so that a new marketplace is one new crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ConnectorId(pub &'static str);

impl fmt::Display for ConnectorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// The marketplace's own order number, opaque: 1 to 64 of `A-Z a-z 0-9 . _ ! -`.
///
/// The `!` occurs in eBay's older order numbers (`itemId-transactionId!account`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VendorOrderId(String);

impl VendorOrderId {
    /// Longest order number accepted, in characters.
    pub const MAX_CHARS: usize = 64;

    /// The number as the marketplace writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VendorOrderId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = |reason| Err(IdError { kind: "order number", reason });
        if text.is_empty() {
            return wrong("empty");
        }
        if text.len() > Self::MAX_CHARS {
            return wrong("longer than 64 characters");
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_!".contains(&b)) {
            return wrong("a character outside A-Z a-z 0-9 . _ ! -");
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for VendorOrderId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<VendorOrderId> for String {
    fn from(id: VendorOrderId) -> Self {
        id.0
    }
}

impl fmt::Display for VendorOrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Our opaque name of a shipment for couriers, labels and scanners: 11 random digits of Crockford's base 32 and a check
/// digit, for example `7KD2M0QX9RTA`. It says nothing about order or buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShipmentRef([u8; Self::CHARS]);

impl ShipmentRef {
    /// How many characters it has.
    pub const CHARS: usize = 12;
    /// Crockford's base 32: no I, L, O or U.
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// A reference from 64 random bits, of which the lowest 55 are used.
    pub fn from_random(random: u64) -> Self {
        let mut text = [b'0'; Self::CHARS];
        let (check, digits) = text.split_last_mut().map_or((None, &mut [][..]), |(last, rest)| (Some(last), rest));
        let mut rest = random;
        for place in digits.iter_mut() {
            *place = Self::digit(rest & 31);
            rest >>= 5;
        }
        if let Some(check) = check {
            *check = Self::check_digit(digits);
        }
        Self(text)
    }

    fn digit(value: u64) -> u8 {
        usize::try_from(value).ok().and_then(|value| Self::DIGITS.get(value)).copied().unwrap_or(b'0')
    }

    /// The sum of the digits' values times odd weights, so that one wrong digit always shows.
    fn check_digit(digits: &[u8]) -> u8 {
        let values = digits.iter().filter_map(|digit| Self::DIGITS.iter().position(|known| known == digit));
        let sum: usize = values.zip(0_usize..).map(|(value, place)| value * (2 * place + 3)).sum();
        Self::DIGITS.get(sum % 32).copied().unwrap_or(b'0')
    }

    /// The text on labels.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for ShipmentRef {
    type Err = IdError;

    /// As it was scanned or typed: small letters, spaces and hyphens are taken, and O, I and L as Crockford reads them.
    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = |reason| Err(IdError { kind: "shipment reference", reason });
        let mut read = [b'0'; Self::CHARS];
        let mut length = 0;
        for byte in text.trim().bytes().filter(|byte| !b" -".contains(byte)) {
            let byte = match byte.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            };
            if !Self::DIGITS.contains(&byte) {
                return wrong("a character that no reference has");
            }
            let Some(place) = read.get_mut(length) else { return wrong("longer than 12 characters") };
            *place = byte;
            length += 1;
        }
        if length < Self::CHARS {
            return wrong("shorter than 12 characters");
        }
        match read.split_last() {
            Some((check, digits)) if *check == Self::check_digit(digits) => Ok(Self(read)),
            Some(_) | None => wrong("the check digit does not fit: scan or type it again"),
        }
    }
}

impl fmt::Display for ShipmentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        chrono::Utc.timestamp_millis_opt(ms).unwrap()
    }

    #[test]
    fn ids_sort_by_their_time() {
        let (early, late) = (OrderId::new(at(1_700_000_000_000)), OrderId::new(at(1_700_000_000_001)));
        assert!(early < late);
        assert_eq!(early.to_string().parse::<OrderId>().unwrap(), early);
        assert!("not-a-uuid".parse::<OrderId>().is_err());
    }

    #[test]
    fn key_ids_keep_time_and_random_apart_and_stay_positive() {
        let id = KeyId::new(at(1_800_000_000_000), u32::MAX);
        assert_eq!(id.number() & 0x003F_FFFF, 0x003F_FFFF);
        assert_eq!((id.number() >> 22) + KeyId::EPOCH_MS, 1_800_000_000_000);
        assert!(KeyId::new(at(0), 5).number() == 5, "a clock before 2020 still gives an id");
        assert!(KeyId::new(at(4_000_000_000_000), 0).number() > 0, "a clock after 2089 still gives an id");
        assert!(KeyId::from_number(-1).is_err());
    }

    #[test]
    fn shipment_references_read_back_and_one_wrong_digit_shows() {
        let reference = ShipmentRef::from_random(0xDEAD_BEEF_0BAD_F00D);
        let text = reference.to_string();
        assert_eq!(text.len(), ShipmentRef::CHARS);
        assert_eq!(text.parse(), Ok(reference));
        assert_eq!(format!(" {}-{} ", text[..4].to_lowercase(), &text[4..]).parse(), Ok(reference));
        for place in 0..ShipmentRef::CHARS {
            for digit in ShipmentRef::DIGITS {
                let mut wrong = text.clone().into_bytes();
                if wrong[place] == *digit {
                    continue;
                }
                wrong[place] = *digit;
                let wrong = String::from_utf8(wrong).unwrap();
                assert!(wrong.parse::<ShipmentRef>().is_err(), "{wrong} for {text}");
            }
        }
        for bad in ["", "12345", "7KD2M0QX9RTA7", "7KD2M0QX9R!A", "^XZ"] {
            assert!(bad.parse::<ShipmentRef>().is_err(), "{bad}");
        }
        assert_eq!(ShipmentRef::from_random(0).as_str(), "000000000000");
    }

    #[test]
    fn vendor_order_ids_refuse_what_could_break_out_of_a_url_or_a_line() {
        for good in ["026-1234567-1234567", "12-34567-89012", "110123456789-200123456789!1", "a.b_c"] {
            assert_eq!(good.parse::<VendorOrderId>().unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a/b", "../a", "a\nb", "a?b", "é", &"1".repeat(65)] {
            assert!(bad.parse::<VendorOrderId>().is_err(), "{bad:?}");
        }
    }
}
