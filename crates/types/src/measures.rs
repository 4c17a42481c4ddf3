//! Weights and lengths, in whole units.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! measures {
    ($($(#[$doc:meta])* $name:ident in $unit:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(u32);

        impl $name {
            /// This many.
            pub const fn new(number: u32) -> Self {
                Self(number)
            }

            /// How many.
            pub const fn number(self) -> u32 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} {}", self.0, $unit)
            }
        }
    )+};
}

measures! {
    /// A weight in grams.
    Grams in "g";
    /// A length in millimetres.
    Millimetres in "mm";
}
