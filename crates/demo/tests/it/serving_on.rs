//! Without `--once`: the daemon goes on until it is interrupted, and the same seed gives the same summary.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use ordersync_http_client::Method;
use ordersync_http_client::unix::UnixClient;
use ordersync_tests::canary::Canary;
use ordersync_types::{Clock, SystemClock, Timestamp};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::demo::{self, END, ORDERS, ask, command, command_line, finished, people, summary};

/// Ends with the test, however that ends.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

async fn get(client: &UnixClient, path: &str) -> Value {
    let answer = client.request(Method::Get, path, None).await.unwrap();
    assert_eq!(answer.status, 200, "{path}");
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn the_daemon_serves_on_and_what_is_left_goes_when_its_time_is_over() {
    let folder = demo::folder("demo-serving");
    let mut child = Serving(command(&[]).args(demo::usual(&folder)).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut commands = 0;
    for line in lines.by_ref() {
        // The commands stand in the last lines, each with the configuration's path.
        commands += usize::from(line.contains("ordersync.toml") && line.starts_with("  "));
        if line.ends_with("retention plan") {
            break;
        }
    }
    assert!(commands >= 4, "{commands}");
    let client = UnixClient::new(folder.join("control.sock"));
    assert_eq!(get(&client, "/v1/orders?limit=100").await["orders"].as_array().unwrap().len(), ORDERS);
    assert_eq!(get(&client, "/v1/accounts").await["accounts"].as_array().unwrap().len(), 2);

    let asked = SystemClock.monotonic();
    kill_process(Pid::from_child(&child.0), Signal::TERM).unwrap();
    let status = child.0.wait().unwrap();
    assert!(status.success(), "{status}");
    assert!(SystemClock.monotonic() - asked < Duration::from_secs(10));

    let (once, _) = finished();
    let [mut one, mut other] = [once, &folder].map(|folder| summary(folder));
    assert!(one.remove("seconds").is_some() && other.remove("seconds").is_some());
    assert_eq!(one, other, "the same seed and end");
    let values = |folder| people(folder).into_iter().map(|person| person.value).collect::<BTreeSet<String>>();
    assert_eq!(values(once), values(&folder));

    // Ninety days later everything is due.
    let later = END.parse::<Timestamp>().unwrap() + TimeDelta::days(90);
    let local = command_line(&folder, later).await;
    let (status, refused) = ask(&local, "POST", "/v1/retention/run").await;
    assert!(status == 409 && refused.contains("clock cannot be trusted"), "nobody but the clock says so: {refused}");
    let said = br#"{"clock_is_right": true}"#.to_vec();
    let answer = local.api.call("POST", "/v1/retention/run", Some(said)).await.unwrap();
    assert_eq!(answer.status, 200);
    let (_, plan) = ask(&local, "GET", "/v1/retention/plan").await;
    let plan: Value = serde_json::from_str(&plan).unwrap();
    for class in plan["classes"].as_array().unwrap() {
        match class["class"].as_str().unwrap() {
            "facts" => {}
            // Documents, and whom full ones name, stay for six years.
            "invoice" | "invoice_party" => assert_eq!(class["due"], 0, "{class}"),
            _ => assert_eq!(class["held"], 0, "{class}"),
        }
    }
    local.close().await;
    let gone = values(&folder);
    let findings = Canary::new(gone.iter().map(String::as_str)).search_folder(&folder.join("data"));
    assert!(findings.is_empty(), "{:?}", findings.first());
}
