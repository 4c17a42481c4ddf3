//! Copies of labels that this person keeps: written down when they are made, deleted by this person's next command once
//! their time is over. The daemon could not delete them: they are not its own.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ordersync_http_client::Method;
use ordersync_http_client::unix::with_query;
use ordersync_types::Pii;
use ordersync_web::dto::{CopyGone, LabelCopies, LabelCopyNoted, NoteLabelCopy, ShipmentList, ShipmentView};
use sha2::{Digest, Sha256};

use super::client::Client;
use super::paper_sink::Sink;
use crate::failure::{Exit, Failure};

/// Who stands in a document.
pub(super) struct Named {
    /// The labels in it, by reference.
    pub(super) labels: Vec<String>,
    /// The orders whose packing slips are in it.
    pub(super) slips: Vec<String>,
}

/// Fetches a document with people on it and brings it where the caller wants it. A file of the caller's own is written
/// down before it is there: nothing that stops this program leaves one that nobody knows of.
///
/// # Errors
/// What stands in the way. When the file is there and could not be written down, its owner must delete it.
pub(super) async fn bring(
    client: &Client,
    sink: &Sink,
    named: Named,
    request: (Method, &str, Option<Vec<u8>>),
    extension: &str,
) -> Result<String, Failure> {
    let Some(path) = sink.own_file()? else { return Ok(sink.fetch(client, request, extension).await?.place) };
    sink.check(client)?;
    let Named { labels, slips } = named;
    let path = Pii::new(path);
    let mut new = NoteLabelCopy { references: labels, orders: slips, path, sha256: None, replaces: None };
    new.replaces = note(client, &new).await?;
    match sink.fetch(client, request, extension).await {
        Ok(gone) => {
            new.sha256 = gone.sha256;
            note(client, &new).await.map_err(|failure| {
                let place = new.path.expose();
                failure.hint(format!("{place} may name buyers: delete it yourself within 21 days"))
            })?;
            Ok(gone.place)
        }
        Err(failure) => {
            if let Some(id) = new.replaces.filter(|_| !Path::new(new.path.expose()).exists()) {
                forget(client, &id, "not_written").await;
            }
            Err(failure)
        }
    }
}

/// Writes a file down; gives the id. `None`: nobody stands in it any more.
async fn note(client: &Client, new: &NoteLabelCopy) -> Result<Option<String>, Failure> {
    let body = serde_json::to_vec(new).unwrap_or_default();
    let noted: LabelCopyNoted = client.ask(Method::Post, "/v1/label-copies", Some(body)).await?.read()?;
    Ok(noted.id)
}

async fn forget(client: &Client, id: &str, outcome: &str) {
    let body = serde_json::to_vec(&CopyGone { outcome: outcome.to_owned() }).unwrap_or_default();
    // Asked about again by a later command when this fails.
    drop(client.ask(Method::Post, &format!("/v1/label-copies/{id}/gone"), Some(body)).await);
}

/// Deletes this person's copies whose labels are due, if they are still what was written; says so otherwise. A daemon
/// that cannot be asked now is asked by the next command.
pub(super) async fn look(client: &Client) {
    let Ok(answer) = client.ask(Method::Get, "/v1/label-copies", None).await else { return };
    let Ok(LabelCopies { copies }) = answer.read() else { return };
    for copy in copies {
        let path = Path::new(copy.path.expose());
        let (outcome, sentence) = settle(path, copy.sha256.expose());
        if let Some(sentence) = sentence {
            say(&format!("ordersync: {}, whose time is over, {sentence}\n", path.display()));
        }
        if let Some(outcome) = outcome {
            forget(client, &copy.id, outcome).await;
        }
    }
}

/// What became of a copy that is due, and what its owner is told. Without an outcome it is asked about again.
fn settle(path: &Path, sha256: &str) -> (Option<&'static str>, Option<String>) {
    let (missing, changed) = (Some("missing"), Some("changed"));
    let whole = !sha256.is_empty();
    match hash_of(path) {
        // What was never finished is not missed.
        Err(Unread::Absent) if !whole => (missing, None),
        Err(Unread::Absent) => {
            (missing, Some("is not there any more: if it was moved, delete it where it is now".to_owned()))
        }
        Err(Unread::NotAFile) => (changed, Some("is no file any more: delete what you keep of it yourself".to_owned())),
        Err(Unread::Failed(error)) => (None, Some(format!("cannot be read ({error}): delete it yourself"))),
        Ok(_) if !whole => {
            (None, Some("was cut off in the writing, but may name buyers: delete it yourself".to_owned()))
        }
        Ok(hash) if hash == sha256 => match std::fs::remove_file(path) {
            Ok(()) => (Some("deleted"), Some("was deleted".to_owned())),
            Err(error) => (None, Some(format!("cannot be deleted ({error}): delete it yourself"))),
        },
        Ok(_) => (changed, Some("was changed since: delete it yourself".to_owned())),
    }
}

#[expect(clippy::print_stderr, reason = "a word to the person beside the command's own answer")]
fn say(sentence: &str) {
    eprint!("{sentence}");
}

/// Why there is no hash of a file.
enum Unread {
    Absent,
    NotAFile,
    Failed(std::io::Error),
}

/// The hash of a plain file. Links are not followed, and a pipe that nobody writes to is not waited for.
fn hash_of(path: &Path) -> Result<String, Unread> {
    use rustix::fs::{FileType, Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let open = rustix::fs::open(path, flags, Mode::empty());
    let mut file = File::from(open.map_err(|error| match error {
        rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR => Unread::Absent,
        rustix::io::Errno::LOOP | rustix::io::Errno::NXIO => Unread::NotAFile,
        other => Unread::Failed(other.into()),
    })?);
    let found = rustix::fs::fstat(&file).map_err(|error| Unread::Failed(error.into()))?;
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return Err(Unread::NotAFile);
    }
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer).map_err(Unread::Failed)?;
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
