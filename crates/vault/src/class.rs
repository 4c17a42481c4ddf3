//! What a data key is for, and what has become of it.

/// The class of a data key: what its cells hold decides when the key is destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyClass {
    /// Label bytes of one shipment; destroyed 21 days after the label was made.
    Label,
    /// Recipient and notes of one order; destroyed some days after delivery, or by an erasure.
    Delivery,
    /// One buyer of one seller; destroyed when the buyer's last delivery key is gone, or by an erasure.
    Contact,
    /// Invoice parties of one buyer in one financial year; destroyed when the law lets it go.
    Invoice,
    /// One user of this installation; destroyed 12 months after the user was removed.
    Staff,
    /// Credentials of one marketplace account; destroyed when the account is removed.
    Channel,
}

impl KeyClass {
    /// All classes in the order of their codes.
    pub const ALL: [Self; 6] = [Self::Label, Self::Delivery, Self::Contact, Self::Invoice, Self::Staff, Self::Channel];

    /// The number stored in key rows and bound into every cell: 1 to 6, never given to another class.
    pub const fn code(self) -> i64 {
        match self {
            Self::Label => 1,
            Self::Delivery => 2,
            Self::Contact => 3,
            Self::Invoice => 4,
            Self::Staff => 5,
            Self::Channel => 6,
        }
    }

    /// The class with this code; `None` when a newer program wrote it.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }

    /// The class in one lower-case word, for reports and errors.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Delivery => "delivery",
            Self::Contact => "contact",
            Self::Invoice => "invoice",
            Self::Staff => "staff",
            Self::Channel => "channel",
        }
    }
}

impl std::fmt::Display for KeyClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// What has become of a data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyState {
    /// Seals and opens.
    Active,
    /// Opens what it sealed; a newer generation seals.
    Retired,
    /// The key material is gone; the row stays as proof and its cells read as purged.
    Destroyed,
}

impl KeyState {
    /// All states in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Active, Self::Retired, Self::Destroyed];

    /// The number stored in key rows: 1 to 3, never given to another state.
    pub const fn code(self) -> i64 {
        match self {
            Self::Active => 1,
            Self::Retired => 2,
            Self::Destroyed => 3,
        }
    }

    /// The state with this code; `None` when a newer program wrote it.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The state in one lower-case word, for reports and errors.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Destroyed => "destroyed",
        }
    }
}
