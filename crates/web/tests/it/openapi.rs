//! The description of the interface: it names every endpoint, and what it says of the answers is so.

use std::collections::BTreeSet;
use std::time::Duration;

use ordersync_connector_api::{ConnectorError, ErrorKind, OrderPage, RejectedOrder, Retry};
use ordersync_order::{CollectedTax, Order, RawCode, Refund};
use ordersync_testkit::SampleOrder;
use ordersync_types::Money;
use ordersync_web::dto::{InvoiceDetail, InvoiceLineView, InvoiceRateView, InvoiceView, MoneyView};
use ordersync_web::{Endpoint, Role, open_api_json};
use serde_json::{Value, json};

use crate::packing::bench;
use crate::schema::Schemas;
use crate::world::{World, account, now, number};

fn document() -> Value {
    serde_json::from_str(&open_api_json().unwrap()).unwrap()
}

/// (path, method in small letters, operation).
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn references<'d>(part: &'d Value, found: &mut Vec<&'d str>) {
    match part {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|part| references(part, found));
        }
        Value::Array(parts) => parts.iter().for_each(|part| references(part, found)),
        _ => {}
    }
}

#[tokio::test]
async fn it_is_the_same_for_everybody() {
    let world = World::new().await;
    let document = document();
    for role in Role::ALL {
        assert_eq!(world.get(role, "/v1/openapi.json").await.json(), document);
    }
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    assert_eq!(document["info"]["title"], "ordersync");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["info"]["license"]["identifier"], "MIT OR Apache-2.0");
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    assert_eq!(document["security"], json!([{ "token": [] }]));
    assert!(!document.to_string().contains("[`"), "a link of Rust's in a sentence for everybody");
}

#[test]
fn every_endpoint_is_described_and_nothing_else() {
    let document = document();
    let described: BTreeSet<_> =
        operations(&document).map(|(path, method, _)| (path.to_owned(), method.to_uppercase())).collect();
    let table: BTreeSet<_> =
        Endpoint::ALL.iter().map(|one| (one.path().to_owned(), one.method().as_str().to_owned())).collect();
    assert_eq!(described, table);
    for endpoint in Endpoint::ALL {
        let operation = &document["paths"][endpoint.path()][endpoint.method().as_str().to_lowercase()];
        assert_eq!(operation["operationId"], endpoint.name());
        assert_eq!(operation["summary"], endpoint.summary());
        assert!(endpoint.summary().ends_with('.') && !endpoint.summary().contains("  "), "{endpoint:?}");
        let roles: Vec<&str> = endpoint.roles().iter().map(|role| role.name()).collect();
        assert_eq!(operation["x-roles"], json!(roles), "{endpoint:?}");
        for status in ["401", "403", "422", "default"] {
            assert!(operation["responses"][status]["$ref"].is_string(), "{endpoint:?} {status}");
        }
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let named = parameters.filter(|one| one["in"] == "path").filter_map(|one| one["name"].as_str());
        let braces = endpoint.path().split('{').skip(1).filter_map(|rest| rest.split('}').next());
        assert!(named.eq(braces), "{endpoint:?}");
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    let schemas = Schemas { document: &document };
    found.iter().for_each(|reference| assert!(schemas.resolved(reference).is_object()));
    for kind in ["schemas", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(found.contains(&reference.as_str()), "nothing leads to {reference}");
        }
    }
}

#[test]
fn what_each_endpoint_takes_and_answers() {
    let document = document();
    let shape = |(kind, content): (&String, &Value)| match content["schema"]["$ref"].as_str() {
        Some(reference) => reference.rsplit('/').next().unwrap().to_owned(),
        None => kind.clone(),
    };
    let shapes = |content: &Value| {
        let shapes: Vec<String> = content.as_object().into_iter().flatten().map(shape).collect();
        if shapes.is_empty() { "-".to_owned() } else { shapes.join(" | ") }
    };
    let lines: Vec<String> = operations(&document)
        .map(|(path, method, operation)| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query: Vec<&str> =
                parameters.filter(|one| one["in"] == "query").filter_map(|one| one["name"].as_str()).collect();
            let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
            let takes = shapes(&operation["requestBody"]["content"]);
            let responses = operation["responses"].as_object().unwrap();
            let (status, answer) = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap();
            let answer = shapes(&answer["content"]);
            format!("{} {path}{query}: {takes} -> {status} {answer}", method.to_uppercase())
        })
        .collect();
    insta::assert_json_snapshot!("paths", lines);
}

/// Asks, and holds requests and answers against the description.
struct Reader {
    world: World,
    document: Value,
    /// Endpoints that have answered without a failure.
    answered: BTreeSet<&'static str>,
}

impl Reader {
    fn new(world: World) -> Self {
        Self { world, document: document(), answered: BTreeSet::new() }
    }

    /// The endpoint of a path as it is asked for: the one with the fewest parameters, as the router has it.
    fn endpoint(method: &str, path: &str) -> Endpoint {
        let path = path.split('?').next().unwrap();
        let fits = |endpoint: &Endpoint| {
            let (wanted, asked) = (endpoint.path().split('/'), path.split('/'));
            wanted.clone().count() == asked.clone().count()
                && wanted.zip(asked).all(|(wanted, asked)| wanted.starts_with('{') || wanted == asked)
        };
        let all = Endpoint::ALL.iter().copied().filter(|one| one.method().as_str() == method && fits(one));
        all.min_by_key(|endpoint| endpoint.path().matches('{').count()).unwrap()
    }

    async fn ask(&mut self, role: Role, method: &str, path: &str, body: Option<Value>) -> String {
        let endpoint = Self::endpoint(method, path);
        let operation = &self.document["paths"][endpoint.path()][method.to_lowercase()];
        let schemas = Schemas { document: &self.document };
        let answer = self.world.ask(role, method, path, body.as_ref().map(|body| body.to_string().into_bytes())).await;
        if let Some(body) = &body {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let faults = if schema.is_null() { Vec::new() } else { schemas.faults(schema, body) };
            assert_eq!(faults.is_empty(), answer.status != 400, "{method} {path} {body}: {faults:?} {}", answer.text);
        }
        let response = &operation["responses"][answer.status.to_string()];
        let response = if response.is_null() { &operation["responses"]["default"] } else { response };
        let response = response["$ref"].as_str().map_or(response, |reference| schemas.resolved(reference));
        let Some(kind) = answer.headers.get("content-type") else {
            assert!(response["content"].is_null() && answer.text.is_empty(), "{method} {path}: {}", answer.text);
            self.answered.insert(endpoint.name());
            return answer.text;
        };
        let kind = kind.to_str().unwrap().split(';').next().unwrap();
        let content = &response["content"][kind];
        assert!(content.is_object(), "{method} {path}: {} {kind} is not described", answer.status);
        if kind == "application/json" {
            let faults = schemas.faults(&content["schema"], &answer.json());
            assert_eq!(faults, [""; 0], "{method} {path}: {}", answer.text);
        }
        if answer.status < 300 {
            self.answered.insert(endpoint.name());
        } else {
            assert!(content["schema"]["$ref"].as_str().unwrap().ends_with("/ErrorBody"));
        }
        answer.text
    }

    async fn get(&mut self, role: Role, path: &str) -> String {
        self.ask(role, "GET", path, None).await
    }

    async fn post(&mut self, role: Role, path: &str, body: Value) -> Value {
        let text = self.ask(role, "POST", path, Some(body)).await;
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Every list and every order, as each role gets them.
    async fn look_around(&mut self) {
        let lists = Endpoint::ALL.iter().filter(|one| one.method() == "GET" && !one.path().contains('{'));
        let mut paths: Vec<String> = lists.map(|one| one.path().to_owned()).collect();
        paths.extend((1..10).map(|sample| format!("/v1/orders/{}", number(sample))));
        paths.push("/v1/orders?limit=2".to_owned());
        paths.push(format!("/v1/shipments?order={}", number(4)));
        paths.push(format!("/v1/invoices?order={}", number(8)));
        paths.push("/v1/orders?limit=many".to_owned());
        for path in paths.iter().filter(|path| *path != "/v1/picklist/file") {
            for role in Role::ALL {
                self.get(role, path).await;
            }
        }
    }
}

#[tokio::test]
async fn the_answers_are_as_described() {
    let (world, _courier) = bench().await;
    let mut reader = Reader::new(world);
    reader.look_around().await;
    reader.world.receive(vec![taxed_and_refunded()]).await;
    reader.get(Role::Seller, &format!("/v1/orders/{}", number(20))).await;
    add_remove_and_read(&mut reader).await;
    pack_and_send(&mut reader).await;
    keep_books(&mut reader).await;
    reader.look_around().await;
    retain_and_recover(&mut reader).await;
    reader.look_around().await;
    let silent: Vec<&str> =
        Endpoint::ALL.iter().map(|one| one.name()).filter(|name| !reader.answered.contains(name)).collect();
    // What lays paper out, or needs a business that issues invoices, is not in this world.
    let absent = [
        "PickListFile",
        "PackingSlips",
        "Invoice",
        "InvoiceFile",
        "IssueInvoice",
        "CreditInvoice",
        "VerifyInvoices",
        "Daybook",
    ];
    assert_eq!(silent, absent);
}

/// What [`crate::world::mixed_orders`] has none of.
fn taxed_and_refunded() -> Order {
    let mut order = SampleOrder::new(20, now()).with_every_field().build();
    let money = Money::new(250, "GBP".parse().unwrap());
    let (at, status) = (Some(now()), Some(RawCode::new("REFUNDED")));
    order.facts.refunds.push(Refund { money, at, reference: None, status });
    let (kind, remitted_by) = (Some(RawCode::new("VAT")), Some(RawCode::new("MARKETPLACE")));
    order.facts.collected_tax.push(CollectedTax { kind, money: Some(money), remitted_by, model: None, scheme: None });
    order
}

async fn add_remove_and_read(reader: &mut Reader) {
    let credentials = json!({ "client_id": "a", "client_secret": "b", "refresh_token": "c" });
    reader.post(Role::Seller, "/v1/accounts", account("second")).await;
    reader.post(Role::Seller, "/v1/accounts", json!({ "label": "third" })).await;
    reader.post(Role::Seller, "/v1/accounts/second/check", json!({})).await;
    reader.ask(Role::Seller, "PUT", "/v1/accounts/second/credentials", Some(credentials)).await;
    let issuer = json!({ "issuer": "us", "from": "2026-01-01T00:00:00Z", "stock": ["DE"] });
    reader.ask(Role::Seller, "PUT", "/v1/accounts/second/invoices", Some(issuer)).await;
    reader.get(Role::Seller, "/v1/accounts").await;
    reader.ask(Role::Seller, "DELETE", "/v1/accounts/second", None).await;

    let connector = reader.world.process.connector.clone();
    connector.push_error(ConnectorError::new(ErrorKind::Throttled, Retry::Never, "orders", "too many"));
    reader.post(Role::Seller, "/v1/sync", json!({ "account": "shop-uk" })).await;
    let bad = RejectedOrder {
        vendor_order_id: Some(SampleOrder::new(12, now()).vendor_order_id()),
        updated_at: Some(now()),
        field: "orderItems[0].quantity".to_owned(),
        reason: "missing".to_owned(),
    };
    connector.push_page(OrderPage { orders: Vec::new(), rejected: vec![bad], next: None, bound: Some(now()) });
    reader.post(Role::Seller, "/v1/sync", json!({})).await;
    reader.post(Role::Seller, "/v1/sync", json!({ "acount": "shop-uk" })).await;
    reader.get(Role::Packer, "/v1/rejected").await;
    reader.post(Role::Packer, "/v1/orders/retry", json!({})).await;
    reader.post(Role::Packer, "/v1/orders/find", json!({ "text": "ZZ9" })).await;
    reader.get(Role::Seller, "/v1/orders/026-0000000-0000000").await;
}

async fn pack_and_send(reader: &mut Reader) {
    let order = |what: &str| format!("/v1/orders/{}/{what}", number(4));
    reader.post(Role::Packer, &order("hold"), json!({ "text": "wait" })).await;
    reader.post(Role::Packer, &order("notes"), json!({ "text": "look" })).await;
    reader.get(Role::Packer, "/v1/status").await;
    reader.post(Role::Packer, &order("release"), json!({})).await;
    let address = json!({
        "name": "Grace Invented", "company": "", "line1": "2 Other Lane", "line2": "", "line3": "",
        "city": "Elsewick", "region": "", "postcode": "ZZ2 2ZZ", "country": "GB",
    });
    reader.ask(Role::Packer, "PUT", &order("address"), Some(address)).await;
    let labels = json!({ "labels": [{ "orders": [number(4)], "parcels": 1 }, { "orders": ["nobody-0"] }] });
    let made = reader.post(Role::Packer, "/v1/labels", labels).await;
    let reference = made["results"][0]["label"]["reference"].as_str().unwrap().to_owned();
    reader.post(Role::Packer, "/v1/labels/file", json!({ "references": [reference] })).await;
    // One copy is gone before its time is over, and one is not.
    let copy = json!({ "references": [reference], "path": "/home/packer/labels.pdf" });
    reader.post(Role::Packer, "/v1/label-copies", copy.clone()).await;
    let noted = reader.post(Role::Packer, "/v1/label-copies", copy).await;
    reader.get(Role::Packer, "/v1/status").await;
    reader.post(Role::Packer, &format!("/v1/labels/{reference}/void"), json!({})).await;
    let again = json!({ "labels": [{ "orders": [number(4)], "again": "lost" }] });
    let made = reader.post(Role::Packer, "/v1/labels", again).await;
    let reference = made["results"][0]["label"]["reference"].as_str().unwrap().to_owned();
    let parcels = json!({ "parcels": [{ "target": reference, "tracking": "T1" }, { "target": "nobody" }] });
    reader.post(Role::Packer, "/v1/dispatch", parcels).await;
    let gone = format!("/v1/label-copies/{}/gone", noted["id"].as_str().unwrap());
    reader.post(Role::Packer, &gone, json!({ "outcome": "deleted" })).await;
}

async fn keep_books(reader: &mut Reader) {
    let products = json!({ "products": [{ "sku": "SKU-1", "vat": "zero", "weight_g": "100" }] });
    reader.post(Role::Accountant, "/v1/products", products).await;
    let rates = json!({ "source": "HMRC", "rates": [{ "currency": "EUR", "month": "2026-11", "rate": "1.15" }] });
    reader.post(Role::Accountant, "/v1/exchange-rates", rates).await;
    let series = json!({ "prefix": "INV-", "next": 7 });
    reader.ask(Role::Seller, "PUT", "/v1/invoice-series/invoice", Some(series)).await;
    let next: Value = serde_json::from_str(&reader.get(Role::Seller, "/v1/invoice-series").await).unwrap();
    let next = next["series"].as_array().unwrap().iter().find(|one| one["kind"] == "invoice").unwrap()["next"].clone();
    reader.post(Role::Accountant, "/v1/invoices/void", json!({ "number": next, "reason": "printed twice" })).await;
    reader.post(Role::Accountant, "/v1/invoices/issue", json!({ "target": number(8) })).await;
}

async fn retain_and_recover(reader: &mut Reader) {
    let token = json!({ "label": "till", "role": "packer", "expires_at": "2026-12-01T00:00:00Z" });
    reader.post(Role::Seller, "/v1/tokens", token).await;
    reader.get(Role::Seller, "/v1/tokens").await;
    reader.ask(Role::Seller, "DELETE", "/v1/tokens/till", None).await;
    let sealed = json!({ "passphrase": "correct horse battery" });
    reader.post(Role::Admin, "/v1/keys/escrow", sealed).await;
    let test = json!({ "file": "recovery file", "passphrase": "correct horse battery" });
    reader.post(Role::Admin, "/v1/keys/escrow/test", test).await;
    reader.world.clock.advance_by(Duration::from_secs(120 * 86_400));
    reader.post(Role::Admin, "/v1/retention/shorten", json!({})).await;
    let planned = reader.post(Role::Seller, "/v1/retention/run", json!({ "dry_run": true })).await;
    assert!(planned["at"].is_string());
    reader.post(Role::Seller, "/v1/retention/run", json!({})).await;
    let done = reader.post(Role::Seller, "/v1/retention/run", json!({ "clock_is_right": true })).await;
    assert!(done["clean"].is_boolean(), "{done}");
}

/// No invoice is issued in this world: one by hand, with each field that may be left out there and not there.
#[test]
fn an_invoice_is_as_described() {
    let document = document();
    let schemas = Schemas { document: &document };
    let money = || MoneyView { minor: 1200, currency: "GBP".to_owned(), decimal: "12.00".to_owned() };
    let text = || "x".to_owned();
    for there in [true, false] {
        let rate = InvoiceRateView { supply: text(), rate: text(), net: money(), vat: money(), gross: money() };
        let line = InvoiceLineView {
            description: text(),
            sku: there.then(text),
            quantity: 1,
            rate: text(),
            supply: text(),
            basis: text(),
            net: money(),
            vat: money(),
            gross: money(),
        };
        let invoice = InvoiceView {
            number: there.then(text),
            kind: text(),
            form: text(),
            issued_on: now().date_naive(),
            tax_point: now().date_naive(),
            tax_point_rule: text(),
            account: text(),
            order: text(),
            buyer: text(),
            scheme: text(),
            net: there.then(money),
            vat: there.then(money),
            gross: there.then(money),
            original: there.then(text),
            kept_until: now(),
        };
        let detail = InvoiceDetail {
            invoice,
            treatment: text(),
            source: text(),
            lines: vec![line],
            rates: vec![rate],
            notes: vec![text()],
            reason: there.then(text),
            credited_by: vec![text()],
            sha256: there.then(text),
            issued_by: text(),
        };
        let schema = schemas.resolved("#/components/schemas/InvoiceDetail");
        assert_eq!(schemas.faults(schema, &serde_json::to_value(detail).unwrap()), [""; 0]);
    }
}
