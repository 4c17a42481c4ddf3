//! A clock that has jumped destroys nothing; a daemon that was off for a month purges once something else agrees.

use std::sync::{Arc, Mutex};

use chrono::Duration;
use ordersync_core::retention::TimeEvidence;
use ordersync_core::{CoreError, Opened};
use ordersync_testkit::{last_page, sample_order};
use ordersync_types::{Clock, Timestamp};

use crate::setting::{Setting, start};

#[derive(Default)]
struct Witness {
    boot: Mutex<Option<(String, i64)>>,
    dates: Mutex<Vec<(Timestamp, Timestamp)>>,
}

impl TimeEvidence for Witness {
    fn since_boot(&self) -> Option<(String, i64)> {
        self.boot.lock().unwrap().clone()
    }

    fn dates_seen(&self) -> Vec<(Timestamp, Timestamp)> {
        self.dates.lock().unwrap().clone()
    }
}

async fn with_witness() -> Vec<(Setting, Arc<Witness>)> {
    let mut all = Vec::new();
    for setting in Setting::each().await {
        let witness = Arc::new(Witness::default());
        *witness.boot.lock().unwrap() = Some(("one".to_owned(), 1_000));
        setting.core.set_time_evidence(witness.clone());
        setting.connector.push_page(last_page(vec![sample_order(1, start())], start()));
        setting.sync().await.unwrap();
        assert!(setting.core.beat().await.unwrap());
        all.push((setting, witness));
    }
    all
}

#[tokio::test]
async fn a_clock_ten_years_ahead_destroys_nothing() {
    for (setting, witness) in with_witness().await {
        setting.clock.advance_to(start() + Duration::days(3_650));
        *witness.boot.lock().unwrap() = Some(("one".to_owned(), 3_601_000));
        *witness.dates.lock().unwrap() = vec![(start(), start() + Duration::days(3_650))];
        let refused = setting.core.run_retention().await.unwrap_err();
        assert!(matches!(refused, CoreError::ClockNotTrusted(_)), "{refused}");
        assert_eq!(setting.count("recipient").await, 1, "{}", setting.fresh.kind);
        assert_eq!(setting.recipient().await, Opened::Purged, "what is due by this clock is not shown either");
        // A person who has looked at the clock can say so.
        setting.core.run_retention_at_this_clock().await.unwrap();
        assert_eq!(setting.count("recipient").await, 0);
    }
}

#[tokio::test]
async fn without_a_heartbeat_the_audit_says_when_somebody_lived_last() {
    for setting in Setting::each().await {
        let witness = Arc::new(Witness::default());
        setting.core.set_time_evidence(witness.clone());
        setting.connector.push_page(last_page(vec![sample_order(1, start())], start()));
        setting.sync().await.unwrap();
        setting.clock.advance_to(start() + Duration::days(3_650));
        assert!(setting.core.run_retention().await.is_err(), "the account was added ten years ago, by this clock");
        assert!(!setting.core.beat().await.unwrap(), "no heartbeat says that this clock is right");
        assert!(setting.core.run_retention().await.is_err());
        assert_eq!(setting.count("recipient").await, 1, "{}", setting.fresh.kind);
        setting.clock.advance_to(start() + Duration::days(3_651));
        let now = setting.clock.now();
        *witness.dates.lock().unwrap() = vec![(now, now)];
        assert!(setting.core.beat().await.unwrap(), "a marketplace agrees");
        witness.dates.lock().unwrap().clear();
        assert!(setting.core.run_retention().await.unwrap().is_some());
        assert_eq!(setting.count("recipient").await, 0);
    }
}

#[tokio::test]
async fn a_clock_a_year_behind_destroys_nothing_and_says_so() {
    for (setting, _witness) in with_witness().await {
        let ahead = (start() + Duration::days(365)).timestamp_millis();
        setting.core.store.run_raw(false, &format!("UPDATE audit_entry SET at = {ahead}")).await;
        let fault = setting.core.clock_fault().await.unwrap().unwrap();
        assert!(fault.contains("went back"), "{fault}");
        assert!(setting.core.run_retention().await.is_err());
    }
}

#[tokio::test]
async fn a_month_off_is_believed_once_the_machine_or_a_marketplace_agrees() {
    for agrees in ["boot", "date"] {
        for (setting, witness) in with_witness().await {
            let month = Duration::days(91);
            setting.clock.advance_to(start() + month);
            assert_eq!(setting.recipient().await, Opened::Purged, "overdue before anything is purged");
            *witness.boot.lock().unwrap() = Some(("two".to_owned(), 60_000));
            assert!(setting.core.run_retention().await.is_err(), "nobody agrees yet");
            if agrees == "boot" {
                *witness.boot.lock().unwrap() = Some(("one".to_owned(), 1_000 + month.num_milliseconds()));
            } else {
                let now = setting.clock.now();
                *witness.dates.lock().unwrap() = vec![(now, now)];
            }
            let report = setting.core.run_retention().await.unwrap().unwrap();
            assert!(report.classes.iter().any(|class| class.class.name() == "delivery" && class.destroyed == 1));
            let late = report.classes.iter().map(|class| class.late_max_ms).max().unwrap();
            assert!(late > Duration::days(20).num_milliseconds(), "the proof says how late: {late}");
        }
    }
}
