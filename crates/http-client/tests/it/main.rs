//! Outbound HTTP against a scripted server on loopback, with a clock that never really waits.
#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside test functions; a panic is a failed test")]

mod budgets;
mod clock;
mod hosts;
mod limits;
mod retries;
mod secrets;
mod server;
mod unix;

use std::sync::Arc;
use std::time::Duration;

use clock::ManualClock;
use ordersync_http_client::{
    ClientSettings, HttpClient, HttpError, InMemoryLedger, NoBudget, Operation, RatePlan, Request,
};
use server::ScriptedServer;

/// Wide enough never to be felt; its interval is short, so that 429 waits follow the back-off.
const WIDE: RatePlan = RatePlan::new(1_000, 10);
const READ: Operation = Operation::new("readThing", WIDE);

/// Short real timeouts, a fixed jitter.
fn settings(server: &ScriptedServer) -> ClientSettings {
    ClientSettings {
        idle_timeout: Duration::from_secs(5),
        total_timeout: Duration::from_secs(10),
        jitter_seed: Some(7),
        ..ClientSettings::new("account-1").allow_host(server.host())
    }
}

fn client_with(settings: ClientSettings, clock: &ManualClock) -> HttpClient {
    HttpClient::new(settings, clock.shared(), Arc::new(InMemoryLedger::new())).unwrap()
}

/// Sends `request` with default settings to a server that answers by `script`.
fn client(server: &ScriptedServer, clock: &ManualClock) -> HttpClient {
    HttpClient::new(settings(server), clock.shared(), Arc::new(NoBudget)).unwrap()
}

fn read(server: &ScriptedServer) -> Request {
    Request::get(READ, server.url("/thing"))
}

/// Everything an error can show, with all its causes.
fn shown(error: &HttpError) -> String {
    let mut text = format!("{error} | {error:?} | {error:#?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(" | {cause} | {cause:?}"));
        source = cause.source();
    }
    text
}
