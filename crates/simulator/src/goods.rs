//! What the invented seller sells.

/// A product as both marketplaces list it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Good {
    /// The seller's own number.
    pub(crate) sku: &'static str,
    /// Amazon's.
    pub(crate) asin: &'static str,
    /// eBay's.
    pub(crate) item: &'static str,
    /// As buyers see it.
    pub(crate) title: &'static str,
    /// Price of one, tax included, in minor units of the marketplace's currency.
    pub(crate) price: i64,
}

const fn good(sku: &'static str, asin: &'static str, item: &'static str, title: &'static str, price: i64) -> Good {
    Good { sku, asin, item, title, price }
}

const GOODS: [Good; 20] = [
    good("LAMP-BRASS-01", "B0SIM00001", "900000000001", "Brass Swing-Arm Wall Lamp, Plug-in, 1.8 m Cable", 4_499),
    good("MUG-STONE-4PK", "B0SIM00002", "900000000002", "Stoneware Mugs, 350 ml, Set of 4, Oat Glaze", 2_650),
    good("HOOK-OAK-6", "B0SIM00003", "900000000003", "Oak Coat Rack with 6 Black Hooks, Screws Included", 1_999),
    good("SLEEVE-LP-100", "B0SIM00004", "900000000004", "12\" Record Outer Sleeves, 450 Gauge, Pack of 100", 1_395),
    good("CANDLE-FIG", "B0SIM00005", "900000000005", "Soy Candle Gift Box – Fig & Cassis, 3 × 90 g", 1_250),
    good("CHARGER-30W", "B0SIM00006", "900000000006", "USB-C Charger 30 W with 2 m Braided Cable", 1_749),
    good("SHEET-LINEN-K", "B0SIM00007", "900000000007", "Washed Linen Fitted Sheet, King, Slate", 6_900),
    good("TROWEL-SS", "B0SIM00008", "900000000008", "Stainless Steel Hand Trowel, Ash Handle", 899),
    good("KITE-DELTA", "B0SIM00009", "900000000009", "Delta Kite, 140 cm, with Winder and Tail", 1_120),
    good("JOURNAL-A5", "B0SIM00010", "900000000010", "Dotted Journal A5, 120 g Paper, 192 Pages", 745),
    good("BELT-TAN-M", "B0SIM00011", "900000000011", "Full-Grain Leather Belt, Tan, Medium", 2_299),
    good("PAN-IRON-26", "B0SIM00012", "900000000012", "Cast-Iron Skillet 26 cm, Pre-Seasoned", 3_150),
    good("TOWEL-2PK", "B0SIM00013", "900000000013", "Waffle Bath Towels, 70 × 140 cm, Pair", 2_480),
    good("PRINT-A3-MOSS", "B0SIM00014", "900000000014", "Botanical Print A3, Moss & Lichen, Unframed", 1_600),
    good("BOTTLE-750", "B0SIM00015", "900000000015", "Vacuum Bottle 750 ml, Powder-Coated, Leakproof", 1_875),
    good("PUZZLE-1000", "B0SIM00016", "900000000016", "Jigsaw Puzzle, 1,000 Pieces, Night Harbour", 1_399),
    good("SOCK-WOOL-3", "B0SIM00017", "900000000017", "Merino Walking Socks, 3 Pairs, UK 6–8½", 1_990),
    good("VASE-SMOKE", "B0SIM00018", "900000000018", "Smoked Glass Bud Vase, 16 cm", 1_050),
    good("RADIO-DAB", "B0SIM00019", "900000000019", "Portable DAB+ Radio, 20 h Battery, Walnut", 8_995),
    good("PATCH-KIT", "B0SIM00020", "900000000020", "Bicycle Puncture Repair Kit in a Tin", 380),
];

/// One of them.
pub(crate) fn pick(draw: &mut crate::draw::Draw) -> Good {
    let at = usize::try_from(draw.below(20)).unwrap_or(0);
    let [first, ..] = GOODS;
    GOODS.get(at).copied().unwrap_or(first)
}

/// A decimal with two places, for example `12.30` or `-0.05`.
pub(crate) fn decimal(minor: i64) -> String {
    let (whole, cents) = (minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
    let sign = if minor < 0 { "-" } else { "" };
    format!("{sign}{whole}.{cents:02}")
}

/// The tax that a gross amount contains at `percent`, rounded to the nearest minor unit.
pub(crate) const fn tax_inside(gross: i64, percent: i64) -> i64 {
    let above = 100 + percent;
    (gross * percent * 2 + above) / (above * 2)
}

/// A time as both marketplaces write it, with milliseconds and `Z`.
pub(crate) fn iso(at: ordersync_types::Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
