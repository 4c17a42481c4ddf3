//! After the sixty days: time goes on, five minutes a second, until Ctrl-C.

use std::time::Duration;

use ordersync_testkit::SteppedClock;
use tokio::signal::unix::{SignalKind, signal};

use crate::ending;
use crate::folder::Folder;
use crate::say;
use crate::shops::Shops;

/// Simulated time for each second of real time.
const PACE: Duration = Duration::from_secs(300);
/// Seconds of real time between new orders.
const ORDER_EVERY: u64 = 12;

/// Lets time and orders go on until Ctrl-C or SIGTERM. Nobody else drives the clock.
pub(crate) async fn until_interrupted(clock: &SteppedClock, shops: &Shops, folder: &Folder) {
    say("");
    say(
        "The daemon serves on. Time goes on five minutes a second and orders arrive. Ctrl-C ends it; everything stays.",
    );
    say("From another terminal, for example:");
    for command in ["today", "sync", "orders list --limit 20", "account list", "keys status", "retention plan"] {
        say(&format!("  {} {command}", ending::command(folder)));
    }
    clock.set_end(None);
    tokio::select! {
        () = interrupted() => {}
        () = go_on(clock, shops) => {}
    }
    say("Stopping: pages in hand are stored first.");
}

async fn go_on(clock: &SteppedClock, shops: &Shops) {
    for second in 1_u64.. {
        tokio::time::sleep(Duration::from_secs(1)).await;
        clock.advance_by(PACE);
        if second.is_multiple_of(ORDER_EVERY) {
            shops.one_more_each();
        }
    }
}

async fn interrupted() {
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return drop(tokio::signal::ctrl_c().await);
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}
