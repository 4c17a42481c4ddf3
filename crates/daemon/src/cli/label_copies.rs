//! Copies of labels that this person keeps: written down when they are made, deleted by this person's next command once
//! their time is over. The daemon could not delete them: they are not its own.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use ordersync_http_client::Method;
use ordersync_http_client::unix::with_query;
use ordersync_types::Pii;
use ordersync_web::dto::{CopyGone, LabelCopies, NoteLabelCopy, ShipmentList, ShipmentView};
use sha2::{Digest, Sha256};

use super::client::Client;
use crate::failure::{Exit, Failure};

/// Writes down that this person keeps labels, or packing slips of orders, in a file.
///
/// # Errors
/// It could not be written down: the file is there and its owner must delete it.
pub(super) async fn note(
    client: &Client,
    references: Vec<String>,
    orders: Vec<String>,
    (path, hash): &(PathBuf, String),
) -> Result<(), Failure> {
    let place = path.display().to_string();
    let body = NoteLabelCopy { references, orders, path: Pii::new(place.clone()), sha256: hash.clone() };
    let body = serde_json::to_vec(&body).unwrap_or_default();
    let noted = client.ask(Method::Post, "/v1/label-copies", Some(body)).await;
    noted.map(drop).map_err(|failure| {
        let hint = format!("{place} may name buyers and could not be written down: delete it yourself within 21 days");
        failure.hint(hint)
    })
}

/// Deletes this person's copies whose labels are due, if they are still what was written; says so otherwise. A daemon
/// that cannot be asked now is asked by the next command.
pub(super) async fn look(client: &Client) {
    let Ok(answer) = client.ask(Method::Get, "/v1/label-copies", None).await else { return };
    let Ok(LabelCopies { copies }) = answer.read() else { return };
    for copy in copies {
        let path = Path::new(copy.path.expose());
        let (outcome, sentence) = match hash_of(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => ("missing", None),
            Err(error) => ("", Some(format!("cannot be read ({error}): delete it yourself"))),
            Ok(hash) if hash == *copy.sha256.expose() => match std::fs::remove_file(path) {
                Ok(()) => ("deleted", Some("was deleted".to_owned())),
                Err(error) => ("", Some(format!("cannot be deleted ({error}): delete it yourself"))),
            },
            Ok(_) => ("changed", Some("was changed since: delete it yourself".to_owned())),
        };
        if let Some(sentence) = sentence {
            say(&format!("ordersync: {}, whose time is over, {sentence}\n", path.display()));
        }
        if !outcome.is_empty() {
            let body = serde_json::to_vec(&CopyGone { outcome: outcome.to_owned() }).unwrap_or_default();
            let path = format!("/v1/label-copies/{}/gone", copy.id);
            // Asked again by the next command when this fails.
            drop(client.ask(Method::Post, &path, Some(body)).await);
        }
    }
}

#[expect(clippy::print_stderr, reason = "a word to the person beside the command's own answer")]
fn say(sentence: &str) {
    eprint!("{sentence}");
}

fn hash_of(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(buffer.get(..read).unwrap_or_default());
    }
}

/// The labels that are held of an order.
///
/// # Errors
/// There is no such order, or no label of it is held.
pub(super) async fn labels_of(client: &Client, order: &str) -> Result<Vec<ShipmentView>, Failure> {
    let path = with_query("/v1/shipments", &[("order", order)]);
    let list: ShipmentList = client.ask(Method::Get, &path, None).await?.read()?;
    let (held, other): (Vec<_>, Vec<_>) = list.shipments.into_iter().partition(|shipment| shipment.label == "present");
    if held.is_empty() {
        let purged = other.iter().any(|shipment| shipment.label == "purged");
        let why = if purged { "its label was deleted: labels are kept for 21 days" } else { "no label of it is held" };
        let hint = "`ordersync label create ORDER` makes one; with --again REASON once more for one that has left";
        return Err(Failure::new(Exit::Failed, format!("{order}: {why}")).hint(hint));
    }
    Ok(held)
}

/// Whether this is the reference of a shipment that is known.
///
/// # Errors
/// The daemon cannot be asked.
pub(super) async fn is_reference(client: &Client, text: &str) -> Result<bool, Failure> {
    if text.parse::<ordersync_types::ShipmentRef>().is_err() {
        return Ok(false);
    }
    let path = with_query("/v1/shipments", &[("reference", text)]);
    let list: ShipmentList = client.ask(Method::Get, &path, None).await?.read()?;
    // One that nobody knows is told as such, unless it may be an order's number.
    Ok(!list.shipments.is_empty() || !text.contains('-'))
}

/// Whether a label is for a ZPL printer. The reference may be unknown: then asking for the label says so.
///
/// # Errors
/// The daemon cannot be asked.
pub(super) async fn is_zpl(client: &Client, reference: &str) -> Result<bool, Failure> {
    let path = with_query("/v1/shipments", &[("reference", reference)]);
    let list: ShipmentList = client.ask(Method::Get, &path, None).await?.read()?;
    Ok(list.shipments.first().is_some_and(|shipment| shipment.media.starts_with("zpl")))
}
