//! The daemon as a library, beside stand-ins on a stepped clock: half a day in seconds.

use ordersync_daemon::config::Config;
use ordersync_daemon::runtime::{Daemon, Parts};
use ordersync_simulator::{AmazonSettings, AmazonShop, EbaySettings, EbayShop, StandIn, WorldSettings};
use ordersync_testkit::SteppedClock;
use ordersync_types::{Clock, SystemClock};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::home::Home;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_day_passes_without_anybody_waiting() {
    let home = Home::new();
    let start = SystemClock.now();
    let clock = SteppedClock::new(start);
    let mut driver = JoinSet::new();
    let hours = chrono::Duration::hours;
    let world = WorldSettings::new(5, 60, start - hours(48), start + hours(12));
    let (amazon, ebay) = (AmazonSettings::default(), EbaySettings::default());
    let stand_in = StandIn::new(clock.shared())
        .amazon(AmazonShop::new(clock.shared(), world.clone(), amazon.clone()))
        .ebay(EbayShop::new(clock.shared(), world, ebay.clone()))
        .start()
        .await
        .unwrap();
    let url = stand_in.base_url();
    let config = Config::load(&home.config()).unwrap();
    let running = Daemon::start(Parts { config, clock: clock.shared(), retention: true }).await.unwrap();
    driver.spawn(clock.drive());
    let api = running.local_api();
    for body in [
        json!({"label": "a", "connector": "amazon", "client_id": amazon.client_id, "client_secret": amazon.client_secret,
            "refresh_token": amazon.refresh_token,
            "settings": {"region": "eu", "api_url": url, "token_url": format!("{url}/auth/o2/token")}}),
        json!({"label": "e", "connector": "ebay", "client_id": ebay.client_id, "client_secret": ebay.client_secret,
            "refresh_token": ebay.refresh_token,
            "settings": {"api_base": url, "token_url": format!("{url}/identity/v1/oauth2/token")}}),
    ] {
        let added = api.call("POST", "/v1/accounts", Some(body.to_string().into_bytes())).await.unwrap();
        assert_eq!(added.status, 201, "{}", String::from_utf8_lossy(&added.body));
    }
    let end = start + hours(12);
    clock.set_end(Some(end));
    tokio::time::timeout(std::time::Duration::from_secs(120), clock.reached_end()).await.unwrap();

    let status = api.call("GET", "/v1/status", None).await.unwrap();
    let status: Value = serde_json::from_slice(&status.body).unwrap();
    for account in status["accounts"].as_array().unwrap() {
        let up_to: ordersync_types::Timestamp = account["caught_up_to"].as_str().unwrap().parse().unwrap();
        assert!(end - up_to < chrono::Duration::minutes(15), "{account}");
        assert_eq!(account["failure"], Value::Null);
    }
    let list = api.call("GET", "/v1/orders?limit=500", None).await.unwrap();
    let list: Value = serde_json::from_slice(&list.body).unwrap();
    assert!(list["orders"].as_array().unwrap().len() > 60, "orders of both shops");
    assert_eq!(
        running.core().store.next_job_due(ordersync_core::JobKind::FillSearchTags).await.unwrap(),
        None,
        "all search tags are filled"
    );

    drop(driver);
    running.stop().await;
    stand_in.stop().await;
}
