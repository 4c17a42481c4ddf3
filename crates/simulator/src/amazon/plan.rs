//! An Amazon order's unchanging part, drawn from the world's seed and the order's number.

use chrono::Duration;
use ordersync_types::Timestamp;

use super::market::{self, Market};
use crate::draw::Draw;
use crate::goods::{self, Good};
use crate::ledger::{Template, WorldSettings};
use crate::people::{People, Person, Place, Sayings};
use crate::story::{Event, Story};

/// One line of an order.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) good: Good,
    pub(super) quantity: i64,
    /// Delivery charge of the line, tax included.
    pub(super) shipping: i64,
    /// Gift wrapping, tax included; `None`: not a gift.
    pub(super) gift_wrap: Option<i64>,
    /// Discount on the goods, tax included, a positive number.
    pub(super) discount: i64,
    /// Made to the buyer's design.
    pub(super) custom: bool,
}

/// What of an order never changes.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) market: &'static Market,
    pub(super) buyer: Person,
    pub(super) recipient: Person,
    pub(super) sayings: Sayings,
    pub(super) by_amazon: bool,
    pub(super) business: bool,
    pub(super) programs: Vec<&'static str>,
    pub(super) address_type: &'static str,
    pub(super) service: &'static str,
    /// `UOSS`, `IOSS` or a scheme the contract does not list, where the marketplace collects the tax.
    pub(super) scheme: Option<&'static str>,
    pub(super) lines: Vec<Line>,
    pub(super) ship_by: Timestamp,
    pub(super) deliver_from: Timestamp,
    pub(super) deliver_by: Timestamp,
    pub(super) story: Story,
    /// Fulfilled by Amazon for another channel, and impossible to fulfil.
    pub(super) unfulfillable: bool,
    /// Rare fields: a replacement of another order, instructions for the door, and the like.
    pub(super) oddity: u64,
}

/// `number` as the last seven digits of an order number: every number below ten million has its own.
fn scrambled(number: u64) -> u64 {
    (number % 10_000_000).wrapping_mul(7_654_321) % 10_000_000
}

/// The order number, three, seven and seven digits.
pub(super) fn order_id(world: &WorldSettings, number: u64, template: &Template) -> String {
    let (market, _) = home(world, world.buyer(number), template);
    let middle = Draw::of(world.seed, "amazon id", number).below(10_000_000);
    format!("{}-{middle:07}-{:07}", market.prefix, scrambled(number))
}

/// Where a buyer lives, and the marketplace they use.
fn home(world: &WorldSettings, buyer: u64, template: &Template) -> (&'static Market, Place) {
    let mut draw = Draw::of(world.seed, "amazon home", buyer);
    let shares = [
        (46, Place::GreatBritain),
        (6, Place::NorthernIreland),
        (3, Place::Jersey),
        (3, Place::Guernsey),
        (3, Place::IsleOfMan),
        (14, Place::Germany),
        (2, Place::Austria),
        (8, Place::France),
        (1, Place::Reunion),
        (5, Place::Italy),
        (4, Place::Spain),
        (1, Place::Canaries),
        (3, Place::Ireland),
        (1, Place::UnitedStates),
    ];
    let place = template.place.unwrap_or_else(|| draw.weighted(&shares, Place::GreatBritain));
    let market = match place {
        Place::GreatBritain | Place::NorthernIreland | Place::Jersey | Place::Guernsey | Place::IsleOfMan => {
            &market::GB
        }
        Place::UnitedStates => &market::GB,
        Place::Germany | Place::Austria => &market::DE,
        Place::France | Place::Reunion => &market::FR,
        Place::Italy => &market::IT,
        Place::Spain | Place::Canaries => &market::ES,
        Place::Ireland => &market::IE,
    };
    (market, place)
}

/// The story of an order: the template's, or drawn.
fn story(world: &WorldSettings, number: u64, template: &Template) -> Story {
    template.story.unwrap_or_else(|| Story::draw(&mut Draw::of(world.seed, "amazon story", number)))
}

/// What happens to the order and when. Amazon's order data does not show refunds.
pub(super) fn events(world: &WorldSettings, number: u64, created: Timestamp, template: &Template) -> Vec<Event> {
    let mut draw = Draw::of(world.seed, "amazon events", number);
    let events = story(world, number, template).events(&mut draw, created, 45);
    events.into_iter().filter(|event| world.dispatched || !event.step.follows_dispatch()).collect()
}

fn lines(draw: &mut Draw, number: u64, story: Story) -> Vec<Line> {
    let count = draw.weighted(&[(70, 1_u64), (18, 2), (8, 3), (4, 4)], 1);
    let charged = draw.percent(45);
    (0..count)
        .map(|at| {
            let good = goods::pick(draw);
            let drawn = draw.weighted(&[(75, 1_i64), (15, 2), (6, 3), (4, 6)], 1);
            let quantity = if story == Story::TwoParcels && at == 0 { drawn.max(2) } else { drawn };
            let gift_wrap = draw.percent(8).then_some(350);
            let discount = if draw.percent(14) { good.price * quantity / 10 } else { 0 };
            Line {
                id: format!("{:04}{:010}", draw.below(10_000), number * 10 + at),
                good,
                quantity,
                shipping: if charged { 299 + 100 * draw.between(0, 2) } else { 0 },
                gift_wrap,
                discount,
                custom: draw.percent(3),
            }
        })
        .collect()
}

fn programs(draw: &mut Draw, place: Place, by_amazon: bool, business: bool, story: Story) -> Vec<&'static str> {
    let mut programs = Vec::new();
    if draw.percent(14) {
        programs.push("PRIME");
    }
    if business {
        programs.push("AMAZON_BUSINESS");
    }
    if !by_amazon {
        let britain = place.country() == "GB";
        match draw.below(100) {
            0..6 => programs.push("FBM_SHIP_PLUS"),
            6..9 if britain => programs.push("IN_STORE_PICK_UP"),
            9..12 => programs.push("INVOICE_BY_AMAZON"),
            12..14 => programs.push("PREMIUM"),
            14 => programs.push("A_PROGRAM_OF_TOMORROW"),
            _ => {}
        }
    }
    if story == Story::Preorder {
        programs.push("PREORDER");
    }
    programs
}

/// Who collects the tax: Amazon, for goods sent from Britain into the EU (IOSS), or held in the EU (UOSS).
fn scheme(draw: &mut Draw, place: Place, by_amazon: bool) -> Option<&'static str> {
    match place {
        Place::Germany | Place::Austria | Place::France | Place::Italy | Place::Spain | Place::Ireland => {
            Some(if by_amazon { "UOSS" } else { "IOSS" }).filter(|_| draw.percent(70))
        }
        Place::Jersey => Some("JE_VOEC"),
        Place::GreatBritain | Place::NorthernIreland => draw.percent(2).then_some("GB_VOEC"),
        Place::Guernsey | Place::IsleOfMan | Place::Reunion | Place::Canaries | Place::UnitedStates => None,
    }
}

impl Plan {
    /// The plan of order `number`, placed at `created`.
    pub(super) fn of(
        world: &WorldSettings,
        fba_percent: u64,
        number: u64,
        created: Timestamp,
        template: &Template,
    ) -> Self {
        let people = People::new(world.seed);
        let buyer_number = world.buyer(number);
        let (market, place) = home(world, buyer_number, template);
        let buyer = people.person(buyer_number, place);
        let mut draw = Draw::of(world.seed, "amazon order", number);
        let by_amazon = template.by_marketplace.unwrap_or(draw.below(100) < fba_percent);
        let business = Draw::of(world.seed, "amazon business", buyer_number).percent(12);
        let story = story(world, number, template);
        let for_another = draw.percent(15);
        // Numbers of those who only receive lie above all buyers' numbers.
        let recipient = if for_another { people.person((1 << 40) + number, place) } else { buyer.clone() };
        let programs = programs(&mut draw, place, by_amazon, business, story);
        let dispatch_days = draw.between(1, 2);
        let ship_by = created + Duration::days(if story == Story::Preorder { 12 } else { dispatch_days + 1 });
        let deliver_from = ship_by + Duration::days(1);
        let address_type = match draw.below(100) {
            0..5 => "PICKUP_POINT",
            5..15 => "COMMERCIAL",
            _ if business => "COMMERCIAL",
            _ => "RESIDENTIAL",
        };
        let services = [(60, "STANDARD"), (14, "EXPEDITED"), (8, "NEXT_DAY"), (6, "SECOND_DAY"), (12, "FREE_ECONOMY")];
        Self {
            market,
            buyer,
            recipient,
            sayings: people.sayings(number),
            by_amazon,
            business,
            programs,
            address_type,
            service: draw.weighted(&services, "STANDARD"),
            scheme: scheme(&mut draw, place, by_amazon),
            lines: lines(&mut draw, number, story),
            ship_by,
            deliver_from,
            deliver_by: deliver_from + Duration::days(draw.between(1, 4)),
            story,
            unfulfillable: by_amazon && draw.percent(4),
            oddity: draw.below(200),
        }
    }
}

/// Whether a text has the form of an order number: three, seven and seven digits.
pub(super) fn is_order_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [3, 7, 7] && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}
