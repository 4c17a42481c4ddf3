//! The stand-in marketplaces of a run, and what is true of their orders.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use ordersync_daemon::failure::Failure;
use ordersync_simulator::{
    AmazonSettings, AmazonShop, EbaySettings, EbayShop, OrderTruth, PersonalValue, Running, StandIn, Template,
    WorldSettings,
};
use ordersync_types::{SharedClock, Timestamp};
use serde_json::{Value, json};

use Marketplace::{Amazon, Ebay};

use crate::failed;

/// How long before the end the last order arrives.
const QUIET: TimeDelta = TimeDelta::hours(2);

/// Both shops behind one loopback address.
#[derive(Debug)]
pub(crate) struct Shops {
    amazon: Arc<AmazonShop>,
    ebay: Arc<EbayShop>,
    running: Running,
}

/// Which marketplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marketplace {
    Amazon,
    Ebay,
}

impl Shops {
    /// Opens both shops: `orders` orders between them, arriving evenly from `start` to shortly before `end`.
    ///
    /// # Errors
    /// No loopback port is to be had.
    pub(crate) async fn open(
        clock: &SharedClock,
        seed: u64,
        orders: u64,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Self, Failure> {
        let world = |seed, orders| WorldSettings::new(seed, orders, start + TimeDelta::hours(1), end - QUIET);
        let on_ebay = orders / 2;
        let amazon = AmazonShop::new(clock.clone(), world(seed, orders - on_ebay), AmazonSettings::default());
        // Two worlds of one seed would be the same people in the same order.
        let ebay = EbayShop::new(clock.clone(), world(seed.wrapping_add(1), on_ebay), EbaySettings::default());
        let running = StandIn::new(clock.clone()).amazon(amazon.clone()).ebay(ebay.clone()).start().await;
        let running = running.map_err(|error| failed(format!("the stand-ins have no port: {error}")))?;
        Ok(Self { amazon, ebay, running })
    }

    /// The bodies of `POST /v1/accounts` for these shops, read from `start` on.
    pub(crate) fn accounts(&self, start: Timestamp) -> [Value; 2] {
        let url = self.running.base_url();
        let invoices = json!({"issuer": "us", "stock": ["GB"]});
        let orders = json!({"go_live_at": start, "first_window_days": 1, "invoices": invoices});
        [account(Amazon, "amazon-demo", url, &orders), account(Ebay, "ebay-demo", url, &orders)]
    }

    /// A new order at each shop, now.
    pub(crate) fn one_more_each(&self) {
        self.amazon.add_order(Template::default());
        self.ebay.add_order(Template::default());
    }

    /// What is true of all orders by now, Amazon's first.
    pub(crate) fn truth(&self) -> Vec<OrderTruth> {
        [self.amazon.ground_truth(), self.ebay.ground_truth()].into_iter().flat_map(|truth| truth.orders).collect()
    }

    /// Closes both.
    pub(crate) async fn close(self) {
        self.running.stop().await;
    }
}

/// The body of `POST /v1/accounts` for a stand-in at `url`, with `more` laid over it. The credentials are the ones
/// that every stand-in takes.
pub(crate) fn account(marketplace: Marketplace, label: &str, url: &str, more: &Value) -> Value {
    let (connector, settings, [client_id, client_secret, refresh_token]) = match marketplace {
        Amazon => {
            let AmazonSettings { client_id, client_secret, refresh_token, .. } = AmazonSettings::default();
            let token_url = format!("{url}/auth/o2/token");
            let settings = json!({"region": "eu", "api_url": url, "token_url": token_url});
            ("amazon", settings, [client_id, client_secret, refresh_token])
        }
        Ebay => {
            let EbaySettings { client_id, client_secret, refresh_token, .. } = EbaySettings::default();
            let token_url = format!("{url}/identity/v1/oauth2/token");
            ("ebay", json!({"api_base": url, "token_url": token_url}), [client_id, client_secret, refresh_token])
        }
    };
    let mut body = json!({
        "label": label, "connector": connector, "settings": settings,
        "client_id": client_id, "client_secret": client_secret, "refresh_token": refresh_token,
    });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    body
}

/// Writes every personal value of these orders that a search can look for, a JSON object a line: `order`, `path`,
/// `value`, and whether it was ever shown to the daemon. Tells how many there are.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write_people(orders: &[OrderTruth], path: &Path) -> Result<usize, Failure> {
    let failed = |error: std::io::Error| Failure::of_file("the list of people cannot be written:", path, &error);
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    let mut count = 0;
    for PersonalValue { order, path, value, shown, searchable } in orders.iter().flat_map(|order| &order.personal) {
        if *searchable {
            let line = json!({"order": order, "path": path, "value": value, "shown": shown});
            writeln!(file, "{line}").map_err(failed)?;
            count += 1;
        }
    }
    file.flush().map_err(failed)?;
    Ok(count)
}
