//! Orders as text for people.

use ordersync_web::dto::{
    LineView, MoneyView, OrderList, OrderView, PersonField, PersonRecord, RecordState, RejectedList,
};

use super::print::{moment, moment_or_dash, table, visible};

pub(super) fn list_text(list: &OrderList) -> String {
    let rows = list.orders.iter().map(|order| {
        vec![
            order.account.clone(),
            order.number.clone(),
            order.status.clone(),
            moment(order.created_at),
            moment_or_dash(order.ship_by),
            order.territory.clone().or_else(|| order.country.clone()).unwrap_or_default(),
            order.grand_total.as_ref().map_or_else(|| "-".to_owned(), money),
            reviews(order.shipping_reviews, order.tax_reviews),
        ]
    });
    let headings = ["ACCOUNT", "ORDER", "STATUS", "ORDERED", "SHIP BY", "TO", "TOTAL", "REVIEWS"];
    let mut text = table(&headings, &rows.collect::<Vec<_>>());
    if let Some(next) = &list.next {
        text.push_str(&format!("More: --before {next}\n"));
    }
    text
}

fn money(money: &MoneyView) -> String {
    format!("{} {}", money.decimal, money.currency)
}

fn reviews(shipping: i64, tax: i64) -> String {
    let parts = [(shipping, "shipping"), (tax, "tax")];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, aspect)| format!("{count} {aspect}"));
    parts.collect::<Vec<_>>().join(", ")
}

pub(super) fn order_text(order: &OrderView) -> String {
    let summary = &order.summary;
    let mut facts: Vec<(&str, String)> = vec![
        ("Order", format!("{} ({})", summary.number, summary.account)),
        ("Our id", summary.id.clone()),
        ("Marketplace", summary.marketplace.clone()),
        ("Status", summary.status.clone()),
        ("Payment", order.payment.name.clone()),
        ("Packed by", summary.fulfilled_by.clone()),
        ("Ordered", moment(summary.created_at)),
        ("Changed", moment(summary.updated_at)),
        ("Ship by", moment_or_dash(summary.ship_by)),
        ("Dispatched", moment_or_dash(summary.dispatched_at)),
        ("Total", summary.grand_total.as_ref().map_or_else(|| "-".to_owned(), money)),
        ("To", summary.territory.clone().or_else(|| summary.country.clone()).unwrap_or_default()),
    ];
    facts.extend(order.service_level.clone().map(|level| ("Service", level)));
    facts.extend(order.held_because.iter().map(|reason| ("HELD", reason.clone())));
    for review in &order.reviews {
        facts.push(("Review", format!("{}: {}: {}", review.aspect, review.field, review.reason)));
    }
    let mut text = String::new();
    for (name, value) in facts {
        text.push_str(&format!("{name:<14}{}\n", visible(&value, false)));
    }
    text.push('\n');
    let lines = order.lines.iter().map(|line| {
        vec![
            line.sku.clone().or_else(|| line.vendor_item_id.clone()).unwrap_or_default(),
            pieces(line),
            line.quantity_dispatched.map_or_else(|| "-".to_owned(), |sent| sent.to_string()),
            line.total.as_ref().map_or_else(|| "-".to_owned(), money),
            line.title.clone().unwrap_or_default(),
            line.vendor_line_id.clone(),
        ]
    });
    text.push_str(&table(&["SKU", "PIECES", "SENT", "TOTAL", "TITLE", "LINE"], &lines.collect::<Vec<_>>()));
    if !order.shipments.is_empty() {
        let rows = order.shipments.iter().map(|shipment| {
            vec![
                shipment.reference.clone(),
                shipment.state.clone(),
                shipment.label.clone(),
                shipment.courier.clone(),
                shipment.tracking.clone().unwrap_or_default(),
                moment_or_dash(shipment.dispatched_at),
                shipment.failure.clone().or_else(|| shipment.again.clone()).unwrap_or_default(),
            ]
        });
        text.push('\n');
        let headings = ["SHIPMENT", "STATE", "LABEL", "COURIER", "TRACKING", "DISPATCHED", "WHY"];
        text.push_str(&table(&headings, &rows.collect::<Vec<_>>()));
    }
    for note in &order.notes {
        let who = note.by.strip_prefix("user:").unwrap_or(&note.by);
        let words = visible(note.text.expose(), false);
        text.push_str(&format!("\n{} by {who}, {}: {words}\n", note.kind, moment(note.at)));
    }
    text.push_str(&person_text("Recipient", &order.recipient, order.summary.history));
    text.push_str(&person_text("Buyer", &order.buyer, order.summary.history));
    let events = order.events.iter().map(|event| vec![moment(event.at), event.kind.clone(), event.detail.clone()]);
    text.push('\n');
    text.push_str(&table(&["WHEN", "WHAT", "DETAIL"], &events.collect::<Vec<_>>()));
    text
}

fn pieces(line: &LineView) -> String {
    match line.quantity_cancelled {
        0 => line.quantity.to_string(),
        cancelled => format!("{} ({cancelled} cancelled)", line.quantity),
    }
}

fn person_text(title: &str, record: &PersonRecord, history: bool) -> String {
    let until = record.purge_at.map(|at| format!(" {} UTC", moment(at))).unwrap_or_default();
    let note = record.note.clone().unwrap_or_default();
    let mut text = match record.state {
        RecordState::Present => format!("\n{title}, kept until{until}\n"),
        RecordState::Never if history => return format!("\n{title}: none is kept, it left before go-live\n"),
        RecordState::Never => return format!("\n{title}: the marketplace never sent one\n"),
        RecordState::Purged => return format!("\n{title}: purged{until}\n"),
        RecordState::NotForRole => return format!("\n{title}: not shown: {}\n", visible(&note, false)),
    };
    for (field, value) in record.fields.iter().filter_map(|field| Some((field, field_text(field)?))) {
        text.push_str(&format!("  {:<22}{value}\n", visible(&field.field, false)));
    }
    text
}

/// What stands beside a field's name; nothing for one that was not sent, which `--json` tells.
fn field_text(field: &PersonField) -> Option<String> {
    match (&field.value, field.state.as_str()) {
        (Some(value), _) => Some(visible(value, false)),
        (None, "withheld_role") => Some("(withheld: your application lacks the role)".to_owned()),
        (None, "withheld_age") => Some("(withheld: the order is too old)".to_owned()),
        (None, _) => None,
    }
}

pub(super) fn rejected_text(list: &RejectedList) -> String {
    if list.rejected.is_empty() {
        return "Every order could be read.".to_owned();
    }
    let rows = list.rejected.iter().map(|order| {
        vec![
            order.account.clone(),
            order.number.clone(),
            order.field.clone(),
            order.reason.clone(),
            moment(order.first_seen_at),
            moment(order.try_after),
            order.tries.to_string(),
        ]
    });
    let headings = ["ACCOUNT", "ORDER", "FIELD", "REASON", "FIRST SEEN", "NEXT TRY", "TRIES"];
    table(&headings, &rows.collect::<Vec<_>>())
}
