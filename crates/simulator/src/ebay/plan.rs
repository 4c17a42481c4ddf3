//! An eBay order's unchanging part, drawn from the world's seed and the order's number.

use chrono::Duration;
use ordersync_types::Timestamp;

use crate::draw::Draw;
use crate::goods::{self, Good};
use crate::ledger::{Template, WorldSettings};
use crate::people::{People, Person, Place, Sayings};
use crate::story::{Event, Step, Story};

/// How the goods reach the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By post to the recipient.
    ShipTo,
    /// Global Shipping Programme: to a hub in the country, which sends them on.
    Hub,
    /// To an authenticator, who sends them on.
    Authenticator,
    /// To a shop, where the buyer fetches them.
    ClickAndCollect,
    /// The buyer fetches them from the seller's own shop.
    InStore,
    /// Nothing is sent.
    Digital,
    /// eBay dispatches.
    ByEbay,
    /// The seller's own way.
    SellerDefined,
}

/// Tax that eBay collects and remits itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Collected {
    pub(super) kind: &'static str,
    pub(super) percent: i64,
    pub(super) reference: Option<(&'static str, &'static str)>,
}

/// A site of eBay.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) id: &'static str,
    pub(super) currency: &'static str,
    pub(super) carrier: &'static str,
    pub(super) service: &'static str,
}

const fn site(id: &'static str, currency: &'static str, carrier: &'static str, service: &'static str) -> Site {
    Site { id, currency, carrier, service }
}

static GB: Site = site("EBAY_GB", "GBP", "Royal Mail", "UK_RoyalMailSecondClassStandard");
static DE: Site = site("EBAY_DE", "EUR", "DHL", "DE_SparversandAusDemAusland");
static FR: Site = site("EBAY_FR", "EUR", "La Poste", "FR_StandardDeliveryFromOutsideEU");
static IT: Site = site("EBAY_IT", "EUR", "Other", "IT_StandardInternational");
static ES: Site = site("EBAY_ES", "EUR", "Other", "ES_EstandarInternacional");
static IE: Site = site("EBAY_IE", "EUR", "An Post", "IE_StandardInternationalFlatRate");

/// One line of an order.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) good: Good,
    pub(super) quantity: i64,
    /// Delivery before its discount.
    pub(super) shipping: i64,
    pub(super) shipping_discount: i64,
    /// Discount on the goods, a positive number.
    pub(super) discount: i64,
}

/// What of an order never changes.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) site: &'static Site,
    pub(super) buyer: Person,
    pub(super) recipient: Person,
    pub(super) sayings: Sayings,
    pub(super) way: Way,
    pub(super) business: bool,
    pub(super) lines: Vec<Line>,
    pub(super) collected: Option<Collected>,
    /// The seller is paid in pounds for a listing in euros.
    pub(super) converted: bool,
    pub(super) dispatch_by: Timestamp,
    pub(super) deliver_from: Timestamp,
    pub(super) deliver_by: Timestamp,
    pub(super) oddity: u64,
}

/// The order number: two, five and five digits. Every number below ten thousand million has its own.
pub(super) fn order_id(world: &WorldSettings, number: u64) -> String {
    let first = Draw::of(world.seed, "ebay id", number).between(10, 27);
    let rest = (number % 10_000_000_000).wrapping_mul(7_654_321) % 10_000_000_000;
    format!("{first}-{:05}-{:05}", rest / 100_000, rest % 100_000)
}

/// Whether a text has the form of an order number.
pub(super) fn is_order_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [2, 5, 5] && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn home(world: &WorldSettings, buyer: u64, template: &Template) -> (&'static Site, Place) {
    let shares = [
        (56, Place::GreatBritain),
        (5, Place::NorthernIreland),
        (3, Place::Jersey),
        (2, Place::Guernsey),
        (2, Place::IsleOfMan),
        (9, Place::Germany),
        (1, Place::Austria),
        (5, Place::France),
        (1, Place::Reunion),
        (4, Place::Italy),
        (3, Place::Spain),
        (1, Place::Canaries),
        (3, Place::Ireland),
        (5, Place::UnitedStates),
    ];
    let mut draw = Draw::of(world.seed, "ebay home", buyer);
    let place = template.place.unwrap_or_else(|| draw.weighted(&shares, Place::GreatBritain));
    // Many buyers abroad buy on the British site.
    let abroad = draw.percent(50);
    let site = match place {
        Place::GreatBritain | Place::NorthernIreland | Place::Jersey | Place::Guernsey | Place::IsleOfMan => &GB,
        Place::UnitedStates => &GB,
        Place::Italy => &IT,
        Place::Spain | Place::Canaries => &ES,
        Place::Germany | Place::Austria if !abroad => &DE,
        Place::France | Place::Reunion if !abroad => &FR,
        Place::Ireland if !abroad => &IE,
        Place::Germany | Place::Austria | Place::France | Place::Reunion | Place::Ireland => &GB,
    };
    (site, place)
}

fn way(draw: &mut Draw, place: Place, template: &Template) -> Way {
    if let Some(by_ebay) = template.by_marketplace {
        return if by_ebay { Way::ByEbay } else { Way::ShipTo };
    }
    if place == Place::UnitedStates {
        return Way::Hub;
    }
    let ways = [
        (865, Way::ShipTo),
        (10, Way::Authenticator),
        (40, Way::ClickAndCollect),
        (15, Way::InStore),
        (30, Way::Digital),
        (30, Way::ByEbay),
        (10, Way::SellerDefined),
    ];
    let drawn = draw.weighted(&ways, Way::ShipTo);
    let fetched = matches!(drawn, Way::ClickAndCollect | Way::InStore | Way::Authenticator);
    if fetched && place != Place::GreatBritain { Way::ShipTo } else { drawn }
}

/// Tax that eBay collects on goods sent from Britain: VAT under its IOSS number for the EU (not from firms with a verified
/// VAT number), GST for Jersey, sales tax for the United States.
fn collected(draw: &mut Draw, place: Place, business: bool) -> Option<Collected> {
    let ioss = |percent| Collected { kind: "VAT", percent, reference: Some(("IOSS", "IM0000000099")) };
    let collected = match place {
        Place::Germany => ioss(19),
        Place::France | Place::Austria => ioss(20),
        Place::Italy => ioss(22),
        Place::Spain => ioss(21),
        Place::Ireland => ioss(23),
        Place::Jersey => Collected { kind: "GST", percent: 5, reference: None },
        Place::UnitedStates => Collected { kind: "STATE_SALES_TAX", percent: 7, reference: None },
        // A seller from abroad with goods in Britain: eBay collects, under the number it has for the United Kingdom.
        Place::GreatBritain if draw.percent(2) => {
            Collected { kind: "VAT", percent: 20, reference: Some(("IOSS", "GB000000099")) }
        }
        Place::GreatBritain | Place::NorthernIreland | Place::Guernsey | Place::IsleOfMan => return None,
        Place::Reunion | Place::Canaries => return None,
    };
    Some(collected).filter(|_| !business)
}

fn story(world: &WorldSettings, number: u64, template: &Template) -> Story {
    let drawn = Story::draw(&mut Draw::of(world.seed, "ebay story", number));
    // eBay knows no pre-orders, and shows orders only after the checkout: nearly all are paid.
    let drawn = match drawn {
        Story::Preorder => Story::Plain,
        Story::Unpaid if !number.is_multiple_of(3) => Story::Plain,
        Story::Unpaid | Story::Plain | Story::Waiting | Story::TwoParcels | Story::AddressChanged => drawn,
        Story::CancelledBySeller | Story::CancelRefused | Story::CancelGranted | Story::Undeliverable => drawn,
        Story::PartRefunded | Story::Refunded => drawn,
    };
    template.story.unwrap_or(drawn)
}

/// Whether eBay counts a step as a modification. It does not see deliveries.
pub(super) const fn is_update(step: Step, dispatch_is_update: bool) -> bool {
    match step {
        Step::PartDispatched | Step::Dispatched => dispatch_is_update,
        Step::Released | Step::InTransit | Step::Delivered | Step::Undeliverable => false,
        Step::Placed | Step::Paid | Step::AddressChanged | Step::CancelAsked | Step::Cancelled => true,
        Step::PartRefunded | Step::Refunded => true,
    }
}

/// What happens to the order and when. eBay's order data shows no delivery, so those steps are no updates.
pub(super) fn events(
    world: &WorldSettings,
    dispatch_is_update: bool,
    number: u64,
    created: Timestamp,
    template: &Template,
) -> Vec<Event> {
    let mut draw = Draw::of(world.seed, "ebay events", number);
    let events = story(world, number, template).events(&mut draw, created, 0);
    let kept = events.into_iter().filter(|event| world.dispatched || !event.step.follows_dispatch());
    kept.map(|event| Event { noted: is_update(event.step, dispatch_is_update), ..event }).collect()
}

fn lines(draw: &mut Draw, number: u64, parted: bool, way: Way) -> Vec<Line> {
    let count = draw.weighted(&[(76, 1_u64), (16, 2), (8, 3)], 1);
    let sent = matches!(way, Way::ShipTo | Way::Hub | Way::Authenticator | Way::ByEbay | Way::SellerDefined);
    let charged = sent && draw.percent(60);
    (0..count)
        .map(|at| {
            let good = goods::pick(draw);
            let drawn = draw.weighted(&[(82, 1_i64), (12, 2), (6, 4)], 1);
            let quantity = if parted && at == 0 { drawn.max(2) } else { drawn };
            let shipping = if charged { 349 } else { 0 };
            Line {
                id: format!("1{:03}{:010}", draw.below(1_000), number * 10 + at),
                good,
                quantity,
                shipping,
                shipping_discount: if shipping > 0 && at > 0 { 150 } else { 0 },
                discount: if draw.percent(15) { good.price * quantity / 20 } else { 0 },
            }
        })
        .collect()
}

impl Plan {
    /// The plan of order `number`, placed at `created`.
    pub(super) fn of(world: &WorldSettings, number: u64, created: Timestamp, template: &Template) -> Self {
        // Not the same people as on the other marketplace.
        let people = People::new(world.seed ^ 0xEBA1);
        let buyer_number = world.buyer(number);
        let (site, place) = home(world, buyer_number, template);
        let buyer = people.person(buyer_number, place);
        let mut draw = Draw::of(world.seed, "ebay order", number);
        let way = way(&mut draw, place, template);
        let business = Draw::of(world.seed, "ebay business", buyer_number).percent(8);
        let for_another = draw.percent(12);
        let recipient = if for_another { people.person((1 << 40) + number, place) } else { buyer.clone() };
        let parted = story(world, number, template) == Story::TwoParcels;
        let dispatch_by = created + Duration::days(draw.between(1, 3));
        let deliver_from = dispatch_by + Duration::days(1);
        Self {
            site,
            buyer,
            recipient,
            sayings: people.sayings(number),
            way,
            business,
            lines: lines(&mut draw, number, parted, way),
            collected: collected(&mut draw, place, business),
            converted: site.currency == "EUR" && draw.percent(70),
            dispatch_by,
            deliver_from,
            deliver_by: deliver_from + Duration::days(draw.between(1, 6)),
            oddity: draw.below(200),
        }
    }
}
