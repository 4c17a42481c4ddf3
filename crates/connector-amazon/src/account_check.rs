//! Whether an account's credentials work and show what they must show.

use chrono::TimeDelta;
use ordersync_connector_api::{AccountCheck, ConnectorError, Window};
use ordersync_http_client::DateSeen;
use ordersync_order::Order;
use ordersync_types::{FieldState, Timestamp, Withheld};

use crate::INFO;
use crate::client::{Client, PARTS, SEARCH_ORDERS};
use crate::error::{is_invalid_input, unreadable};
use crate::normalise::ROLE_MISSING;
use crate::page::read_search_answer;

/// How far back the probe looks, and how many orders it asks for.
const LOOKS_BACK: TimeDelta = TimeDelta::hours(24);
const PROBE_SIZE: u32 = 20;

/// The difference of clocks that is worth a word: Amazon refuses times less than two minutes old by its own clock.
const CLOCKS_AGREE: TimeDelta = TimeDelta::minutes(2);

/// Reads the orders that changed in the last hours, and says what is not as it should be.
pub(crate) async fn check(client: &Client, now: Timestamp) -> Result<AccountCheck, ConnectorError> {
    let to = now - TimeDelta::seconds(i64::from(INFO.windows.lag_seconds));
    let window = Window { from: now - LOOKS_BACK, to };
    let answer = client.search_orders(window, &PARTS, PROBE_SIZE, None).await;
    let mut findings = clock_findings(&client.date_seen());
    let body = match answer {
        Err(refusal) if is_invalid_input(&refusal) => {
            let bare = client.search_orders(window, &[], PROBE_SIZE, None).await;
            // refused without parts as well: not a part, and the first refusal tells more
            let body = bare.map_err(|error| if is_invalid_input(&error) { refusal } else { error })?;
            findings.push(
                "Amazon refuses a part of its orders at the moment (InvalidInput for includedData): orders are read \
                 one by one, or wait until Amazon has mended it"
                    .to_owned(),
            );
            body
        }
        other => other?,
    };
    let answer = read_search_answer(&body).map_err(|error| unreadable(SEARCH_ORDERS, error))?;
    let without_role = answer.read.iter().filter(|order| lacks_role(order)).count();
    if without_role > 0 {
        findings.push(format!("{ROLE_MISSING} ({without_role} of the last orders)."));
    }
    if let Some(rejected) = answer.rejected.first() {
        let (count, field, reason) = (answer.rejected.len(), &rejected.field, &rejected.reason);
        findings.push(format!("{count} of the last orders cannot be read, the first because of {field}: {reason}."));
    }
    let orders_seen = u32::try_from(answer.read.len() + answer.rejected.len()).unwrap_or(u32::MAX);
    Ok(AccountCheck { orders_seen, findings })
}

fn lacks_role(order: &Order) -> bool {
    let recipient = order.people.recipient.as_ref();
    recipient.is_some_and(|recipient| recipient.name == FieldState::Withheld(Withheld::Role))
}

fn clock_findings(seen: &[DateSeen]) -> Vec<String> {
    let mut findings: Vec<String> = Vec::new();
    for date in seen {
        let ahead = date.local - date.server;
        if ahead.abs() > CLOCKS_AGREE {
            let (seconds, direction) =
                (ahead.num_seconds().abs(), if ahead > TimeDelta::zero() { "ahead" } else { "behind" });
            findings.push(format!(
                "This machine's clock is {seconds} s {direction} of {}: let it be set by NTP (systemd-timesyncd or \
                 chrony), or Amazon refuses the times asked for.",
                date.host
            ));
        }
    }
    findings
}
