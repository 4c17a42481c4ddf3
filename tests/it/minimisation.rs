//! What reaches paper: whole orders through intake, core and the real courier. A label changes with the fields that the
//! record of the hand-over names and with no other, and no text in an order reaches a printer as a command.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use ordersync_connector_api::{AccountCredential, MarketplaceConnector};
use ordersync_core::fulfilment::{FulfilmentSettings, LabelOutcome, LabelWish};
use ordersync_core::{
    AccountInvoicing, Actor, Core, DisclosureFilter, KeyRing, NewAccount, SenderProfile, SyncSettings,
};
use ordersync_courier_api::{
    Abilities, Confirmed, Consignment, CourierAdapter, CourierError, CourierInfo, Label, Lane, Needs, Problem, Service,
};
use ordersync_courier_local::{LocalConfig, LocalCourier};
use ordersync_order::{Buyer, Order, Recipient};
use ordersync_store::OrderFilter;
use ordersync_store::testing::{FreshDatabases, root_secret};
use ordersync_testkit::{SampleOrder, ScriptedConnector, SteppedClock, last_page};
use ordersync_types::{
    Clock, Country, FieldState, OrderId, RecordField, SealedRecord, Secret, SellerId, ShipmentRef, Timestamp,
};

const SELLER: SellerId = SellerId::new(1);

fn start() -> Timestamp {
    "2026-06-20T12:00:00Z".parse().expect("a moment")
}

/// The local courier, which here writes the same reference on every label: two labels that are told alike are alike.
struct OneReference(LocalCourier);

#[async_trait]
impl CourierAdapter for OneReference {
    fn info(&self) -> &CourierInfo {
        self.0.info()
    }

    fn services(&self) -> &[Service] {
        self.0.services()
    }

    fn needs(&self, service: &str, lane: Lane) -> Result<Needs, CourierError> {
        self.0.needs(service, lane)
    }

    fn check(&self, consignment: &Consignment) -> Vec<Problem> {
        self.0.check(consignment)
    }

    async fn create_label(&self, consignment: &Consignment, confirmed: Confirmed) -> Result<Label, CourierError> {
        let reference = ShipmentRef::from_random(7);
        self.0.create_label(&Consignment { reference, ..consignment.clone() }, confirmed).await
    }

    fn abilities(&self) -> Abilities<'_> {
        self.0.abilities()
    }
}

/// A shop that has read these orders.
struct Shop {
    core: Arc<Core>,
    /// By the marketplace's number.
    ids: BTreeMap<String, OrderId>,
    _fresh: FreshDatabases,
}

impl Shop {
    async fn with(fresh: FreshDatabases, orders: Vec<Order>, media: &str) -> Self {
        let clock = SteppedClock::new(start());
        let store = fresh.open().await;
        let keys = KeyRing::introduce(&store, &root_secret(), clock.now()).await.expect("keys");
        let core = Arc::new(Core::new(store, clock.shared(), keys, "0.1.0"));
        let secret = || Secret::new("example".to_owned());
        let account = NewAccount {
            seller: SELLER,
            label: "scripted".to_owned(),
            connector: "scripted".to_owned(),
            settings: "{}".to_owned(),
            go_live_at: start(),
            first_window_days: 30,
            invoicing: AccountInvoicing::default(),
            credential: AccountCredential { client_id: secret(), client_secret: secret(), refresh_token: secret() },
        };
        let account = core.add_account(account, &actor()).await.expect("an account");
        let connector = Arc::new(ScriptedConnector::new());
        connector.push_page(last_page(orders, start()));
        let connector: Arc<dyn MarketplaceConnector> = connector;
        core.sync_account(&account, &connector, SyncSettings::default()).await.expect("a page");
        let fonts = Arc::new(ordersync_render::Fonts::dejavu());
        let courier = LocalCourier::new(&LocalConfig::default(), fonts).expect("the local courier");
        core.set_fulfilment(FulfilmentSettings {
            couriers: vec![Arc::new(OneReference(courier))],
            sender: Some(SenderProfile {
                name: "Example Goods".to_owned(),
                lines: vec!["1 Invented Street".to_owned()],
                postcode: "ZZ99 9ZZ".to_owned(),
                country: Country::GB,
            }),
            paper: None,
            media: media.parse().expect("a size and a format"),
            label_days: 21,
        });
        let filter = OrderFilter { limit: 10_000, ..OrderFilter::default() };
        let stored = core.store.list_orders(SELLER, &filter).await.expect("orders");
        let ids = stored.into_iter().map(|order| (order.vendor_order_id, order.order_id)).collect();
        Self { core, ids, _fresh: fresh }
    }

    async fn label(&self, number: &str) -> LabelOutcome {
        let order = *self.ids.get(number).expect("the order came in");
        let wish = LabelWish { orders: vec![order], parcels: 1, ..LabelWish::default() };
        self.core.create_labels(SELLER, &[wish], &actor()).await.expect("the store").remove(0)
    }

    /// The bytes of an order's label, and the fields that the hand-over names.
    async fn told(&self, number: &str) -> Result<(Vec<u8>, BTreeSet<String>), String> {
        let made = self.label(number).await.map_err(|refused| refused.message)?;
        let printed = self.core.print_labels(SELLER, &[made.reference], &actor()).await.expect("the store");
        let bytes = printed.first().expect("it was just made").bytes.expose().clone();
        let filter = DisclosureFilter { order: self.ids.get(number).copied(), limit: 1, ..DisclosureFilter::default() };
        let handed = self.core.store.disclosures(SELLER, &filter).await.expect("the store").remove(0);
        Ok((bytes, handed.fields.split(' ').map(str::to_owned).collect()))
    }
}

fn actor() -> Actor {
    Actor::user("packer")
}

/// The record with every value of this field replaced.
fn with<R: SealedRecord>(record: &R, name: &str, value: &str) -> R {
    let replaced = |field: RecordField<'_>| {
        let is_it = R::FIELDS.get(field.index) == Some(&name);
        let field = field.into_owned();
        if is_it { RecordField::owned(field.index, field.of, FieldState::value(value)) } else { field }
    };
    let mut fields: Vec<RecordField<'static>> = record.fields().into_iter().map(replaced).collect();
    fields.sort_by_key(|field| field.index);
    R::rebuild(fields).expect("its own fields")
}

/// An order with every personal field, to an address of this country.
fn base(number: u64, country: &str, postcode: &str) -> Order {
    // No Prime order: its label is the marketplace's.
    let mut order = SampleOrder::new(number * 5, start()).with_every_field().build();
    let people =
        SampleOrder::new(4, start()).with_every_field().lines(u64::try_from(order.facts.lines.len()).unwrap_or(1));
    let mut recipient = people.build().people.recipient.expect("people");
    for (notes, lines) in [
        (&mut recipient.gift_message, &order.facts.lines),
        (&mut recipient.gift_sender, &order.facts.lines),
        (&mut recipient.gift_email, &order.facts.lines),
        (&mut recipient.customisation_url, &order.facts.lines),
        (&mut recipient.tax_reference, &order.facts.lines),
    ] {
        for (note, line) in notes.iter_mut().zip(lines) {
            note.vendor_line_id = line.vendor_line_id.to_string();
        }
    }
    recipient.country = FieldState::value(country);
    recipient.postcode = FieldState::value(postcode);
    // Only a hub has one, and it changes what stands in the lines below it.
    recipient.hub_reference = FieldState::NotSent;
    order.people.recipient = Some(recipient);
    order.people.buyer = SampleOrder::new(4, start()).with_every_field().build().people.buyer;
    order
}

/// The orders of a country: as it is, and once more with each field changed, by what was changed.
fn variants(country: &str, postcode: &str, other_postcode: &str) -> Vec<(String, Order)> {
    let value = |name: &str| match name {
        "postcode" => other_postcode.to_owned(),
        "email" | "gift_email" => "other@buyer.example".to_owned(),
        _ => "7 Othertext".to_owned(),
    };
    let changes = ["nothing".to_owned(), "line.title".to_owned()].into_iter();
    // The country changes what is told; a hub has a reference, which changes the lines below it.
    let told = Recipient::FIELDS.iter().filter(|name| !["country", "hub_reference"].contains(*name));
    let changes = changes.chain(told.map(|name| format!("recipient.{name}")));
    let changes = changes.chain(Buyer::FIELDS.iter().map(|name| format!("buyer.{name}")));
    let changed = |(number, what): (u64, String)| {
        let mut order = base(number, country, postcode);
        match what.split_once('.') {
            Some(("recipient", name)) => {
                order.people.recipient = order.people.recipient.map(|held| with(&held, name, &value(name)));
            }
            Some(("buyer", name)) => {
                order.people.buyer = order.people.buyer.map(|held| with(&held, name, &value(name)));
            }
            Some(_) => {
                for line in &mut order.facts.lines {
                    (line.title, line.sku) = (Some("Othertitle".to_owned()), Some("OTHER-SKU".to_owned()));
                }
            }
            None => {}
        }
        (what, order)
    };
    (1..).zip(changes).map(changed).collect()
}

#[tokio::test]
async fn a_label_changes_with_the_fields_that_the_hand_over_names_and_with_no_other() {
    let places = [
        ("GB", "ZQ1 1ZZ", "ZQ2 2ZZ"),
        ("DE", "00101", "00102"),
        ("ES", "28001", "28002"),
        ("IE", "D99 X0X0", "D99 X1X1"),
        ("US", "00501", "00502"),
    ];
    // Everywhere as a PDF; on both databases and as ZPL once.
    for (media, places, kinds) in
        [("pdf/100x150", &places[1..], 1), ("pdf/100x150", &places[..1], 2), ("zpl203/100x150", &places[2..3], 1)]
    {
        for (country, postcode, other) in places {
            for fresh in FreshDatabases::each().await.into_iter().take(kinds) {
                let variants = variants(country, postcode, other);
                let orders = variants.iter().map(|(_, order)| order.clone()).collect();
                let shop = Shop::with(fresh, orders, media).await;
                let number = |order: &Order| order.facts.vendor_order_id.to_string();
                let (_, first) = variants.first().expect("the base");
                let (bytes, named) = shop.told(&number(first)).await.unwrap_or_else(|why| panic!("{country}: {why}"));
                let mut shows: BTreeSet<String> = BTreeSet::from(["country".to_owned()]);
                for (what, order) in variants.iter().skip(1) {
                    let (other, also_named) =
                        shop.told(&number(order)).await.unwrap_or_else(|why| panic!("{country} {what}: {why}"));
                    assert_eq!(also_named, named, "{country} {what}");
                    if other != bytes {
                        shows.insert(what.strip_prefix("recipient.").unwrap_or(what).to_owned());
                    }
                }
                assert_eq!(shows, named, "{media} to {country}");
                for never in ["phone", "email", "buyer_note", "delivery_instructions", "drop_off"] {
                    assert!(!named.contains(never), "{country}: {never}");
                }
            }
        }
    }
}

/// Texts that are commands to a printer, a PDF reader or a terminal, or that fonts and lines cannot take.
fn hostile() -> Vec<String> {
    [
        "^XZ",
        "^XA^FO0,0^A0N,90,90^FDfree^FS^XZ",
        "~JR",
        "~DGR:X.GRF,1,1,FF",
        "_5EXZ _7EJR",
        "${^XA}%0A^XZ",
        "\u{1b}%-12345X@PJL RESET\r\n",
        "\u{1b}[2J\u{7}",
        ") Tj ET Q /JavaScript (app.alert(1)) BT (",
        "endstream endobj trailer << /Root 1 0 R >> %%EOF",
        "line one\nline two\r\nline three",
        "a\u{0}b",
        "tab\tand\u{b}vertical",
        "\u{202e}gnihtemos\u{202c}",
        "عنوان البريد",
        "כתובת",
        "地址 1 号",
        "e\u{301}\u{327}\u{301}\u{301}",
        "🎁🎁🎁",
        "\u{200b}\u{feff}\u{2060}",
        " ",
        "",
        "-",
        "\u{fffd}\u{ffff}",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["x".repeat(200), "wide ".repeat(40), "Ñ".repeat(120)])
    .collect()
}

/// Commands in a ZPL document: what stands after each `^` and `~`.
fn commands(zpl: &str) -> BTreeSet<String> {
    let starts = zpl.char_indices().filter(|(_, c)| "^~".contains(*c));
    starts
        .map(|(at, _)| zpl.chars().skip(zpl.get(..at).unwrap_or_default().chars().count()).take(3).collect())
        .collect()
}

#[tokio::test]
async fn no_text_of_an_order_is_a_command_and_each_gives_a_label_or_names_its_field() {
    const FIELDS: [&str; 7] =
        ["name", "company", "address_line1", "address_line2", "address_line3", "city", "postcode"];
    for media in ["zpl203/100x150", "pdf/a6"] {
        let mut orders = vec![base(1, "GB", "ZQ1 1ZZ")];
        let mut what = vec![("nothing", String::new())];
        for field in FIELDS {
            for text in hostile() {
                let number = u64::try_from(orders.len()).unwrap_or(0) + 1;
                let mut order = base(number, "GB", "ZQ1 1ZZ");
                order.people.recipient = order.people.recipient.map(|held| with(&held, field, &text));
                // What is no address at all is in the same order.
                for line in &mut order.facts.lines {
                    line.title = Some(text.clone());
                }
                orders.push(order);
                what.push((field, text));
            }
        }
        let numbers: Vec<String> = orders.iter().map(|order| order.facts.vendor_order_id.to_string()).collect();
        let shop = Shop::with(FreshDatabases::sqlite(), orders, media).await;
        let (usual, _) = shop.told(numbers.first().expect("the base")).await.expect("a label");
        let allowed = commands(&String::from_utf8_lossy(&usual));
        let (mut made, mut refused) = (0, 0);
        for (number, (field, text)) in numbers.iter().zip(&what).skip(1) {
            match shop.told(number).await {
                Ok((bytes, _)) if media.starts_with("zpl") => {
                    let zpl = String::from_utf8(bytes).expect("ZPL is text");
                    assert!(commands(&zpl).is_subset(&allowed), "{field} {text:?}: {:?}", commands(&zpl));
                    assert!(zpl.starts_with("^XA") && zpl.matches("^XA").count() == 1, "{field} {text:?}");
                    assert!(zpl.trim_end().ends_with("^XZ") && zpl.matches("^XZ").count() == 1, "{field} {text:?}");
                    made += 1;
                }
                Ok((bytes, _)) => {
                    let pdf = String::from_utf8_lossy(&bytes);
                    assert!(bytes.starts_with(b"%PDF") && pdf.trim_end().ends_with("%%EOF"), "{field} {text:?}");
                    assert_eq!(pdf.matches("%%EOF").count(), 1, "{field} {text:?}");
                    assert!(!pdf.contains("JavaScript") && !pdf.contains("/OpenAction"), "{field} {text:?}");
                    made += 1;
                }
                Err(message) => {
                    assert!(message.contains(&format!("{field}: ")), "{field} {text:?}: {message}");
                    assert!(text.trim().is_empty() || !message.contains(text.trim()), "a value in an error: {message}");
                    refused += 1;
                }
            }
        }
        assert!(made > 40 && refused > 40, "{media}: {made} made, {refused} refused");
    }
}
