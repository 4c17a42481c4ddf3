//! The daemon as a process: socket, accounts at a stand-in, reload, SIGTERM.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use ordersync_simulator::{AmazonSettings, AmazonShop, EbaySettings, EbayShop, Running, StandIn, WorldSettings};
use ordersync_types::{SharedClock, SystemClock};

use crate::home::{Home, ended, private};

async fn stand_in() -> Running {
    let clock: SharedClock = Arc::new(SystemClock);
    let now = clock.now();
    let world = WorldSettings::new(3, 40, now - chrono::Duration::days(3), now + chrono::Duration::days(1));
    let amazon = AmazonShop::new(clock.clone(), world.clone(), AmazonSettings::default());
    let ebay = EbayShop::new(clock.clone(), world, EbaySettings::default());
    StandIn::new(clock).amazon(amazon).ebay(ebay).start().await.unwrap()
}

fn credentials(home: &Home) {
    let (amazon, ebay) = (AmazonSettings::default(), EbaySettings::default());
    for (file, id, secret, token) in [
        ("amazon.json", amazon.client_id, amazon.client_secret, amazon.refresh_token),
        ("ebay.json", ebay.client_id, ebay.client_secret, ebay.refresh_token),
    ] {
        let json = serde_json::json!({"client_id": id, "client_secret": secret, "refresh_token": token});
        private(&home.path(file), &json.to_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_with_two_accounts() {
    let stand_in = stand_in().await;
    let url = stand_in.base_url().to_owned();
    let home = Home::new();
    credentials(&home);
    let serving = home.serve();
    let mode = fs::metadata(home.path("run/control.sock")).unwrap().permissions().mode() & 0o777;
    assert!([0o660, 0o600].contains(&mode), "{mode:o}");
    let second = home.run(&["serve"]);
    assert!(second.code == 1 && second.err.contains("already"), "{} {}", second.code, second.err);

    let add = |shop: &str, label: &str, more: &[&str]| {
        let file = format!("{shop}.json");
        let mut arguments =
            vec!["--json", "account", "add", shop, "--label", label, "--credentials-file", &file, "--base-url", &url];
        arguments.extend(more);
        home.run(&arguments)
    };
    let amazon = add("amazon", "amazon-uk", &["--region", "eu"]);
    assert_eq!(amazon.code, 0, "{}{}", amazon.out, amazon.err);
    assert_eq!(add("ebay", "ebay-uk", &["--setting", "bound_seconds=1"]).code, 0);
    let taken = add("ebay", "ebay-uk", &[]);
    assert_eq!((taken.code, taken.json()["error"]["code"].as_u64()), (1, Some(1)));

    let sync = home.run(&["--json", "sync"]);
    assert_eq!(sync.code, 0, "{}{}", sync.out, sync.err);
    assert_eq!(sync.json()["accounts"].as_array().unwrap().len(), 2);
    let list = home.run(&["--json", "orders", "list", "--limit", "500"]).json();
    let orders = list["orders"].as_array().unwrap();
    assert!(orders.iter().any(|order| order["account"] == "amazon-uk"));
    assert!(orders.iter().any(|order| order["account"] == "ebay-uk"));
    let number = orders[0]["number"].as_str().unwrap();
    let shown = home.run(&["orders", "show", number]);
    assert!(shown.code == 0 && shown.out.contains("SKU"), "{}", shown.err);
    let found = home.run(&["--json", "orders", "list", "--find", number]).json();
    assert_eq!(found["orders"].as_array().unwrap().len(), 1);
    let today = home.run(&["--json", "today"]);
    assert_eq!(today.code, i32::from(today.json()["late"] == true), "{}", today.out);
    for shop in ["amazon", "ebay"] {
        let text = fs::read_to_string(home.path(&format!("{shop}.json"))).unwrap();
        let secrets: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(!home.log().contains(secrets["refresh_token"].as_str().unwrap()));
        assert!(!home.log().contains(secrets["client_secret"].as_str().unwrap()));
    }
    assert_eq!(home.run(&["account", "remove", "ebay-uk", "--yes"]).code, 0);

    assert_eq!(serving.stop(), 0);
    assert!(!home.path("run/control.sock").exists());
    let ended = home.run(&["--json", "account", "list"]);
    assert_eq!(ended.json()["accounts"].as_array().unwrap().len(), 1, "without a daemon the command looks itself");
    stand_in.stop().await;
}

#[test]
fn a_refused_configuration_keeps_the_old_one() {
    let home = Home::new();
    let serving = home.serve();
    let right = fs::read_to_string(home.config()).unwrap();
    fs::write(home.config(), format!("nonsense = 1\n{right}")).unwrap();
    serving.signal("-HUP");
    wait_for(&home, "the old one stays in force");
    let asked = home.run(&["account", "list"]);
    assert_eq!(asked.code, 0, "the daemon is asked where it listens still: {}", asked.err);
    fs::write(home.config(), &right).unwrap();
    serving.signal("-HUP");
    wait_for(&home, "the configuration was read again");
    assert_eq!(home.run(&["account", "list"]).code, 0);
    assert_eq!(serving.stop(), 0);
}

fn wait_for(home: &Home, line: &str) {
    for _ in 0..100 {
        if home.log().contains(line) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no line {line:?}: {}", home.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_refresh_token_stops_the_account_and_a_daemon_killed_hard_starts_again() {
    let stand_in = stand_in().await;
    let home = Home::new();
    private(&home.path("wrong.json"), r#"{"client_id": "i", "client_secret": "s", "refresh_token": "r"}"#);
    let serving = home.serve();
    let base = stand_in.base_url().to_owned();
    let add = ["account", "add", "ebay", "--label", "e", "--credentials-file", "wrong.json", "--base-url", &base];
    let asked = home.run(&add);
    assert!(asked.code == 1 || asked.code == 78, "{} {}", asked.code, asked.err);
    let skipped: Vec<&str> = add.iter().copied().chain(["--skip-check"]).collect();
    assert_eq!(home.run(&skipped).code, 0);
    assert_eq!(home.run(&["sync"]).code, 1);
    let accounts = home.run(&["--json", "account", "list"]).json();
    assert_eq!(accounts["accounts"][0]["state"], "needs_consent", "{accounts}");
    assert_eq!(home.run(&["today"]).code, 1, "a broken account is something broken");
    assert_eq!(home.run(&["doctor"]).code, 1);

    serving.signal("-KILL");
    drop(serving);
    assert!(home.path("run/control.sock").exists(), "left behind");
    assert_eq!(home.serve().stop(), 0);
    stand_in.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_size_limit_is_told_like_a_full_disk_and_nothing_is_lost() {
    let stand_in = stand_in().await;
    let home = Home::new();
    credentials(&home);
    let base = stand_in.base_url().to_owned();
    let add = ["account", "add", "amazon", "--label", "a", "--credentials-file", "amazon.json", "--base-url", &base];
    let added = home.run(&[&add[..], &["--region", "eu"]].concat());
    assert_eq!(added.code, 0, "{}", added.err);
    // Four KiB: not even the log's index can be made. With 60 there is a log, but the orders do not fit into it.
    for (blocks, command) in [(8, "serve"), (8, "today"), (120, "sync")] {
        let limited = ended(home.limited(blocks, &[command]).output().unwrap());
        assert_eq!(limited.code, 75, "{command}: {}{}", limited.out, limited.err);
        assert!(limited.err.contains("file-size limit"), "{command}: {}", limited.err);
    }
    let whole = home.run(&["sync"]);
    assert_eq!(whole.code, 0, "{}{}", whole.out, whole.err);
    let orders = home.run(&["--json", "orders", "list", "--limit", "500"]).json();
    assert!(orders["orders"].as_array().unwrap().len() > 10, "{orders}");
    stand_in.stop().await;
}
