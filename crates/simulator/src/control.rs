//! Looking in from another process, for tests that kill the daemon while a stand-in lives on: `/standin/...`.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /standin/counters` | counters of each marketplace |
//! | `GET /standin/orders` | number, status, times of every order that has arrived |
//! | `GET /standin/truth` | everything that is true of them |
//! | `GET /standin/people.jsonl` | every personal value, one a line |
//! | `GET /standin/faults` | the rates in force |
//! | `PUT /standin/faults` `{"shop", "rates"}` | sets the rates; `{}` switches off |
//! | `POST /standin/faults` `{"shop", "next": [...]}` | orders single faults |
//! | `POST /standin/orders` `{"shop", "story"?, "patch"?}` | adds an order, answers `{"order"}` |
//! | `PATCH /standin/orders/ID` `{"shop", "step"?, "patch"?}` | lets a step happen, or lays a patch over it |
//! | `POST /standin/expire-tokens` `{"shop"}` | no access token is good any more |

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::amazon::AmazonShop;
use crate::ask::Ask;
use crate::ebay::EbayShop;
use crate::faults::{Fault, FaultDesk, FaultRates};
use crate::ledger::Template;
use crate::reply::Reply;
use crate::story::{Step, Story};
use crate::truth::GroundTruth;

/// Which stand-in a control is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shop {
    Amazon,
    Ebay,
}

/// The body of every control.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    shop: Shop,
    #[serde(default)]
    rates: Option<FaultRates>,
    #[serde(default)]
    next: Vec<Fault>,
    #[serde(default)]
    story: Option<Story>,
    #[serde(default)]
    step: Option<Step>,
    #[serde(default)]
    patch: Option<Value>,
}

/// The marketplaces that are served.
#[derive(Debug, Clone, Copy)]
struct Shops<'a> {
    amazon: Option<&'a AmazonShop>,
    ebay: Option<&'a EbayShop>,
}

pub(crate) fn answer(ask: &Ask, amazon: Option<&AmazonShop>, ebay: Option<&EbayShop>) -> Reply {
    let shops = Shops { amazon, ebay };
    let path = ask.path.trim_start_matches("/standin/");
    if ask.method == Method::GET {
        return shops.look(path).unwrap_or_else(|| refused(StatusCode::NOT_FOUND, "no such path"));
    }
    let control = match serde_json::from_slice::<Control>(&ask.body) {
        Ok(control) => control,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    match shops.steer(&ask.method, path, control) {
        Some(body) => Reply::json(StatusCode::OK, &body),
        None => refused(StatusCode::NOT_FOUND, "no such path, marketplace or order"),
    }
}

fn refused(status: StatusCode, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message}))
}

impl Shops<'_> {
    fn truths(&self) -> [Option<GroundTruth>; 2] {
        [self.amazon.map(AmazonShop::ground_truth), self.ebay.map(EbayShop::ground_truth)]
    }

    fn look(&self, path: &str) -> Option<Reply> {
        let ok = |body: &Value| Reply::json(StatusCode::OK, body);
        match path {
            "counters" => {
                let (amazon, ebay) = (self.amazon.map(AmazonShop::counters), self.ebay.map(EbayShop::counters));
                Some(ok(&json!({"amazon": amazon, "ebay": ebay})))
            }
            "orders" => {
                let [amazon, ebay] = self.truths().map(|truth| truth.map(|truth| brief(&truth)));
                Some(ok(&json!({"amazon": amazon, "ebay": ebay})))
            }
            "truth" => {
                let [amazon, ebay] = self.truths();
                Some(ok(&json!({"amazon": amazon, "ebay": ebay})))
            }
            "people.jsonl" => {
                let lines: String = self.truths().iter().flatten().map(GroundTruth::people_jsonl).collect();
                Some(Reply::raw(StatusCode::OK, lines))
            }
            "faults" => {
                let rates = |shop| self.desk(shop).map(FaultDesk::rates);
                Some(ok(&json!({"amazon": rates(Shop::Amazon), "ebay": rates(Shop::Ebay)})))
            }
            _ => None,
        }
    }

    fn desk(&self, shop: Shop) -> Option<&FaultDesk> {
        match shop {
            Shop::Amazon => self.amazon.map(AmazonShop::faults),
            Shop::Ebay => self.ebay.map(EbayShop::faults),
        }
    }

    fn steer(&self, method: &Method, path: &str, control: Control) -> Option<Value> {
        let done = || Some(json!({"done": true}));
        match (method, path) {
            (&Method::PUT, "faults") => {
                self.desk(control.shop)?.set(control.rates.unwrap_or_default());
                done()
            }
            (&Method::POST, "faults") => {
                let desk = self.desk(control.shop)?;
                control.next.into_iter().for_each(|fault| desk.next(fault));
                done()
            }
            (&Method::POST, "expire-tokens") => {
                match control.shop {
                    Shop::Amazon => self.amazon?.expire_tokens(),
                    Shop::Ebay => self.ebay?.expire_tokens(),
                }
                done()
            }
            (&Method::POST, "orders") => {
                let template = Template { story: control.story, patch: control.patch, ..Template::default() };
                let id = match control.shop {
                    Shop::Amazon => self.amazon?.add_order(template),
                    Shop::Ebay => self.ebay?.add_order(template),
                };
                Some(json!({"order": id}))
            }
            (&Method::PATCH, path) => {
                let id = path.strip_prefix("orders/")?;
                let stepped = control.step.is_none_or(|step| match control.shop {
                    Shop::Amazon => self.amazon.is_some_and(|shop| shop.let_happen(id, step)),
                    Shop::Ebay => self.ebay.is_some_and(|shop| shop.let_happen(id, step)),
                });
                let patched = control.patch.is_none_or(|patch| match control.shop {
                    Shop::Amazon => self.amazon.is_some_and(|shop| shop.change_order(id, patch)),
                    Shop::Ebay => self.ebay.is_some_and(|shop| shop.change_order(id, patch)),
                });
                if stepped && patched { done() } else { None }
            }
            _ => None,
        }
    }
}

/// Every order without its people.
fn brief(truth: &GroundTruth) -> Vec<Value> {
    let line = |order: &crate::truth::OrderTruth| {
        json!({
            "order": order.order,
            "marketplace": order.marketplace,
            "status": order.status,
            "merchant_fulfilled": order.merchant_fulfilled,
            "created": order.created,
            "last_updated": order.last_updated,
        })
    };
    truth.orders.iter().map(line).collect()
}
