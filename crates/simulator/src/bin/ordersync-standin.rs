//! A stand-in Amazon and eBay in a process of its own, on the machine's clock.
//!
//! `ordersync-standin [--port N] [--seed N] [--amazon N] [--ebay N] [--days N] [--fast]` prints its address on one line and serves
//! until it is ended. `--fast` serves orders rendered beforehand and enforces neither tokens nor plans.

use std::io::Write;
use std::sync::Arc;

use ordersync_simulator::{AmazonSettings, AmazonShop, EbaySettings, EbayShop, StandIn, WorldSettings};
use ordersync_types::{Clock, SharedClock, SystemClock};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, usual: u64| -> u64 {
        let at = given.iter().position(|word| word == name);
        at.and_then(|at| given.get(at + 1)).and_then(|word| word.parse().ok()).unwrap_or(usual)
    };
    let fast = given.iter().any(|word| word == "--fast");
    let clock: SharedClock = Arc::new(SystemClock);
    let (seed, amazon, ebay) = (number("--seed", 1), number("--amazon", 500), number("--ebay", 500));
    let port = u16::try_from(number("--port", 0)).unwrap_or(0);
    // Half of the span lies behind: there is something to fetch, and something to come.
    let half = chrono::Duration::hours(i64::try_from(number("--days", 14)).unwrap_or(14) * 12);
    let now = SystemClock.now();
    let world = |orders| WorldSettings::new(seed, orders, now - half, now + half);
    let (amazon, ebay) = if fast {
        (AmazonShop::fast(clock.clone(), seed, amazon), EbayShop::fast(clock.clone(), seed, ebay))
    } else {
        (
            AmazonShop::new(clock.clone(), world(amazon), AmazonSettings::default()),
            EbayShop::new(clock.clone(), world(ebay), EbaySettings::default()),
        )
    };
    let running = StandIn::new(clock).amazon(amazon).ebay(ebay).port(port).start().await?;
    writeln!(std::io::stdout(), "{}", running.base_url())?;
    tokio::signal::ctrl_c().await?;
    running.stop().await;
    Ok(())
}
