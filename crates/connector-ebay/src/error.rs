//! eBay's refusals to ours. Numbers decide, never texts: eBay's sentences come in the seller's language.

use ordersync_connector_api::{ConnectorError, ErrorKind, Retry};
use ordersync_http_client::{ErrorKind as HttpKind, HttpError, Retry as HttpRetry};
use ordersync_order::RawCode;
use serde_json::Value;

use crate::token::REFRESH_NAME;

/// Makes the port's error of a failed request.
pub(crate) fn of_http(error: HttpError) -> ConnectorError {
    let code = if error.operation() == REFRESH_NAME { oauth_code(&error) } else { error_id(&error) };
    let verdict = match &code {
        Some(code) if error.operation() == REFRESH_NAME => of_token_service(code),
        Some(code) => of_api(code),
        None => None,
    };
    let (kind, retry, message) = verdict.unwrap_or_else(|| of_status(&error));
    ConnectorError {
        kind,
        retry: retry.unwrap_or_else(|| of_retry(error.retry())),
        operation: error.operation(),
        message: message.to_owned(),
        vendor_code: code,
        request_id: error.request_id().map(str::to_owned),
        source: Some(Box::new(error)),
    }
}

/// Kind, retry (`None`: what the HTTP client says), and a sentence for the seller.
type Verdict = (ErrorKind, Option<Retry>, &'static str);

/// OAuth's error codes, as eBay's token service answers them. Source: eBay, "Refreshing access tokens"; RFC 6749,
/// section 5.2.
fn of_token_service(code: &str) -> Option<Verdict> {
    use ErrorKind as Kind;
    let never = Some(Retry::Never);
    Some(match code {
        "invalid_grant" => (
            Kind::Auth,
            never,
            "eBay no longer takes the seller's consent: it ends after 18 months, with a new password, or when the \
             seller withdraws it. The account needs re-consent: sign in at eBay again and store the new refresh token",
        ),
        "invalid_client" => (
            Kind::Auth,
            never,
            "eBay does not know this App ID and Cert ID: check both, and that they belong to the environment \
             (production or sandbox) of this account",
        ),
        "unauthorized_client" => (
            Kind::Auth,
            never,
            "eBay does not let this application renew tokens: look at the keyset in eBay's developer portal",
        ),
        "invalid_scope" => (
            Kind::Auth,
            never,
            "the seller did not consent to one of the scopes in the configuration: take it out, or let the seller \
             consent again",
        ),
        "unsupported_grant_type" | "invalid_request" => {
            (Kind::Rejected, never, "eBay's token service refuses the request as wrong: please report this")
        }
        "temporarily_unavailable" | "server_error" => {
            (Kind::Transport, Some(Retry::Backoff), "eBay's token service is out of order for the moment")
        }
        _ => return None,
    })
}

/// `errorId` of an API answer. Sources: Sell Fulfillment v1.20.7, response codes of getOrders and getOrder; eBay,
/// "API Response Status Errors", read 2026-11.
fn of_api(code: &str) -> Option<Verdict> {
    use ErrorKind as Kind;
    let never = Some(Retry::Never);
    Some(match code {
        // invalid, missing or mistyped access token; it was renewed once already
        "1001" | "1002" | "1003" => (
            Kind::Auth,
            never,
            "eBay refuses even a new access token: check that application, seller and environment belong together",
        ),
        // insufficient permissions
        "1100" => (
            Kind::Auth,
            never,
            "the seller's consent does not cover reading orders: it needs the scope sell.fulfillment.readonly or \
             sell.fulfillment. Let the seller consent again with it",
        ),
        // the request limit is reached
        "2001" => (Kind::Throttled, None, "eBay's limit of calls for this application is used up for now"),
        // internal error; system error
        "2003" | "30500" => (Kind::Transport, None, "eBay has trouble of its own; asking again later helps"),
        // invalid order id
        "32100" => (Kind::NotFound, never, "eBay does not know this order number"),
        // start date too old
        "30830" => (Kind::Rejected, never, "eBay gives orders of the last two years only"),
        // date in the future
        // A clock that is set right needs no other step by a person: the next try goes through.
        "30850" => (
            Kind::Rejected,
            Some(Retry::Backoff),
            "eBay says that the window lies in the future: check the clock of this machine",
        ),
        // filter, status filter, date, start date missing, end before start, too many order ids, offset, limit,
        // fieldGroups
        "30700" | "30800" | "30810" | "30820" | "30840" | "30900" | "31000" | "31100" | "32800" => {
            (Kind::Rejected, never, "eBay refuses the request as wrong: please report this with the code")
        }
        _ => return None,
    })
}

/// Without a code that is known, the status decides.
fn of_status(error: &HttpError) -> Verdict {
    use ErrorKind as Kind;
    match error.kind() {
        HttpKind::Auth if error.status() == Some(403) && error_id(error).is_none() => {
            // eBay's outer servers answer 403 in HTML when they take us for a robot; the API itself gives a number
            (Kind::Rejected, Some(Retry::Backoff), "eBay's outer servers refuse the connection (403 without a code)")
        }
        HttpKind::Auth => (Kind::Auth, Some(Retry::Never), "eBay refuses the credentials"),
        HttpKind::Throttled if error.status().is_none() => {
            (Kind::Throttled, None, "our own budget of calls to eBay is used up for now")
        }
        HttpKind::Throttled => (Kind::Throttled, None, "eBay asks for fewer requests"),
        HttpKind::NotFound => (Kind::NotFound, Some(Retry::Never), "eBay does not know what was asked for"),
        HttpKind::Transport => (Kind::Transport, None, "eBay could not be reached, or has trouble of its own"),
        HttpKind::Timeout => (Kind::Transport, None, "eBay took too long to answer"),
        HttpKind::Malformed => (Kind::Malformed, None, "the answer is not what eBay's contract says"),
        HttpKind::TooLarge => (Kind::Malformed, None, "the answer is too large: lower page_size"),
        HttpKind::Rejected => (Kind::Rejected, Some(Retry::Never), "eBay refuses the request"),
        HttpKind::Unsupported => (Kind::Unsupported, Some(Retry::Never), "eBay does not offer this"),
        HttpKind::Config => (Kind::Config, Some(Retry::Never), "the settings of this account do not allow the request"),
    }
}

fn of_retry(retry: HttpRetry) -> Retry {
    match retry {
        HttpRetry::Never => Retry::Never,
        HttpRetry::Backoff => Retry::Backoff,
        HttpRetry::After(wait) => Retry::After(wait),
        HttpRetry::Exhausted => Retry::Exhausted,
    }
}

/// `{"errors":[{"errorId":1001}]}`; older interfaces write `error`. The first number counts. Anything else, HTML
/// included, has none.
fn error_id(error: &HttpError) -> Option<String> {
    let body: Value = serde_json::from_slice(error.vendor_body()?).ok()?;
    let list = body.get("errors").or_else(|| body.get("error"))?;
    let list = list.as_array().map_or(std::slice::from_ref(list), Vec::as_slice);
    list.iter().find_map(|entry| {
        let id = entry.get("errorId")?;
        id.as_u64().or_else(|| id.as_str()?.parse().ok()).map(|id| id.to_string())
    })
}

/// `{"error":"invalid_grant"}`.
fn oauth_code(error: &HttpError) -> Option<String> {
    let body: Value = serde_json::from_slice(error.vendor_body()?).ok()?;
    Some(RawCode::new(body.get("error")?.as_str()?).to_string())
}
