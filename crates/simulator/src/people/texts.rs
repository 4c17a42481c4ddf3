//! What buyers write in free text.

use super::words::{Script, word};
use crate::draw::Draw;

/// The free texts of one order. Each holds a part drawn for it and is at least 8 bytes long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sayings {
    /// A message to print for whoever is given the goods.
    pub gift_message: String,
    /// The giver's name, as they wish to sign.
    pub gift_sender: String,
    /// What the buyer told the seller at the checkout.
    pub note: String,
    /// How to find the door.
    pub instruction: String,
    /// Where to leave the parcel.
    pub drop_off: String,
    /// The buyer's own purchase order number.
    pub purchase_order: String,
    /// Where the buyer's design for a made-to-order thing lies.
    pub design_url: String,
    /// Street, number, floor and quarter, for countries that keep them apart.
    pub address_parts: [String; 4],
    /// What a shipping hub knows the parcel by: `Reference #` and 16 digits.
    pub hub_reference: String,
}

impl Sayings {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        let mut name = || word(draw, Script::Latin, 4);
        let (friend, neighbour, gate, shed, sender, quarter) = (name(), name(), name(), name(), name(), name());
        let code = draw.letters("BCDFGHJKLMNPQRSTVWXZ23456789", 9);
        let smile = draw.pick(&["🎁", "— tanti auguri", "❤", "(50 years!)"]);
        Self {
            gift_message: format!("Happy birthday dear {friend} {smile} from all of us"),
            gift_sender: format!("Auntie {sender}"),
            note: format!("Please leave it with {neighbour} next door, not after 6 & ring twice"),
            instruction: format!("Through the {gate} gate, second stair, blue door"),
            drop_off: format!("Behind the {shed} shed"),
            purchase_order: format!("PO-{code}"),
            design_url: format!("https://custom.amazon.example/design/{}", draw.letters("0123456789abcdef", 24)),
            address_parts: [
                format!("Rua {quarter}"),
                format!("No. {}", draw.digits(6)),
                format!("Floor {}", draw.digits(6)),
                format!("{quarter} Velho"),
            ],
            hub_reference: format!("Reference #{}", draw.digits(16)),
        }
    }
}
