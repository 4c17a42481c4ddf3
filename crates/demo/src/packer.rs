//! The packer of a run: twice between two readings labels what can go, prints it, and lets parcels leave.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use ordersync_daemon::failure::Failure;
use ordersync_types::{Clock, Timestamp};
use ordersync_web::LocalApi;
use ordersync_web::dto::{
    CreateLabels, Dispatch, DispatchParcel, DispatchResults, LabelRequest, LabelResults, ReadyList,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::failed;
use crate::hourly_clock::HourlyClock;

/// Between two visits: accounts are read every six hours, the packer comes half-way between.
const EVERY: TimeDelta = TimeDelta::hours(6);
const FIRST: TimeDelta = TimeDelta::hours(3);
/// How long a label is kept (retention schedule, class `label`).
const LABEL_KEPT: TimeDelta = TimeDelta::days(21);
/// One parcel in this many stays on the bench.
const FORGOTTEN: usize = 10;

/// What the packer did.
#[derive(Debug, Default)]
pub(crate) struct Packed {
    /// Labels as PDF.
    pub(crate) pdf: usize,
    /// Labels as ZPL.
    pub(crate) zpl: usize,
    /// When each label was made, by reference.
    made: BTreeMap<String, Timestamp>,
    /// Parcels that left.
    pub(crate) dispatched: usize,
    /// Parcels that were stopped at the door: their order was cancelled.
    pub(crate) stopped: usize,
    /// Orders that got no label: a name that no font of the demo has, a reading that had just changed.
    pub(crate) refused: BTreeSet<String>,
    /// Requests that failed.
    pub(crate) failures: Vec<String>,
}

impl Packed {
    /// How many labels had to be gone by then.
    pub(crate) fn labels_due(&self, at: Timestamp) -> usize {
        self.made.values().filter(|made| **made + LABEL_KEPT <= at).count()
    }
}

/// Packs at the daemon's own API, as the command line would.
#[derive(Debug)]
pub(crate) struct Packer {
    api: LocalApi,
    clock: Arc<HourlyClock>,
    labels: PathBuf,
    packed: Mutex<Packed>,
}

impl Packer {
    /// A packer whose copies of labels lie in this folder. They are the person's own, not the daemon's.
    pub(crate) fn new(api: LocalApi, clock: Arc<HourlyClock>, labels: &Path) -> Result<Self, Failure> {
        let made = fs::DirBuilder::new().mode(0o700).create(labels);
        made.map_err(|error| Failure::of_file("the folder for labels cannot be made:", labels, &error))?;
        Ok(Self { api, clock, labels: labels.to_path_buf(), packed: Mutex::default() })
    }

    /// What was done so far.
    pub(crate) fn packed(&self) -> MutexGuard<'_, Packed> {
        self.packed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works until it is dropped.
    pub(crate) async fn work(&self, start: Timestamp) {
        let mut waiting: Vec<String> = Vec::new();
        let mut visit = start + FIRST;
        loop {
            self.clock.sleep_until(visit).await;
            visit += EVERY;
            let leaving = std::mem::take(&mut waiting);
            if let Err(failure) = self.dispatch(leaving).await {
                self.packed().failures.push(failure.to_string());
            }
            match self.label().await {
                Ok(made) => waiting = made,
                Err(failure) => self.packed().failures.push(failure.to_string()),
            }
        }
    }

    /// Labels everything that can go: as PDF, and once more for the printer at the other bench. Gives the references
    /// whose parcels leave at the next visit.
    async fn label(&self) -> Result<Vec<String>, Failure> {
        let ready: ReadyList = self.ask("GET", "/v1/labels/ready", None::<&()>).await?;
        let mut leaving = Vec::new();
        for batch in ready.orders.chunks(CreateLabels::MOST) {
            let orders: Vec<String> = batch.iter().map(|order| order.id.clone()).collect();
            let first = self.create(&orders, None, "pdf").await?;
            let labelled: Vec<String> = first.iter().map(|(order, _)| order.clone()).collect();
            let second = self.create(&labelled, Some("printing"), "zpl203").await?;
            for (_, reference) in first.iter().chain(&second) {
                self.print(reference).await?;
            }
            leaving.extend(first.into_iter().chain(second).map(|(_, reference)| reference));
        }
        let kept = |(place, _): &(usize, String)| !(place + 1).is_multiple_of(FORGOTTEN);
        Ok(leaving.into_iter().enumerate().filter(kept).map(|(_, reference)| reference).collect())
    }

    /// (order, reference) of each label that was made.
    async fn create(
        &self,
        orders: &[String],
        again: Option<&str>,
        format: &str,
    ) -> Result<Vec<(String, String)>, Failure> {
        if orders.is_empty() {
            return Ok(Vec::new());
        }
        let label = |order: &String| LabelRequest {
            orders: vec![order.clone()],
            again: again.map(str::to_owned),
            ..LabelRequest::default()
        };
        let body = CreateLabels {
            labels: orders.iter().map(label).collect(),
            format: Some(format.to_owned()),
            ..CreateLabels::default()
        };
        let now = self.clock.now();
        let answer: LabelResults = self.ask("POST", "/v1/labels", Some(&body)).await?;
        let mut made = Vec::new();
        let mut packed = self.packed();
        for result in answer.results {
            match (result.label, result.refused, result.orders.into_iter().next()) {
                (Some(label), _, Some(order)) => {
                    if format == "pdf" {
                        packed.pdf += 1;
                    } else {
                        packed.zpl += 1;
                    }
                    packed.made.insert(label.reference.clone(), now);
                    made.push((order, label.reference));
                }
                (None, Some(_), Some(order)) => {
                    packed.refused.insert(order);
                }
                (Some(_) | None, _, _) => {}
            }
        }
        Ok(made)
    }

    /// A person's copy of a label, in the packer's own folder.
    async fn print(&self, reference: &str) -> Result<(), Failure> {
        let body = json!({"references": [reference]}).to_string().into_bytes();
        let answer = self.api.call("POST", "/v1/labels/file", Some(body)).await;
        let answer = answer.map_err(|error| failed(format!("printing {reference}: {error}")))?;
        if answer.status != 200 {
            return Err(failed(format!("printing {reference} was answered with {}", answer.status)));
        }
        let extension = if answer.body.starts_with(b"%PDF") { "pdf" } else { "zpl" };
        let path = self.labels.join(format!("{reference}.{extension}"));
        let file = File::options().write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(&answer.body))
            .map_err(|error| Failure::of_file("a label cannot be written:", &path, &error))
    }

    async fn dispatch(&self, references: Vec<String>) -> Result<(), Failure> {
        for batch in references.chunks(Dispatch::MOST) {
            let parcel = |target: &String| DispatchParcel {
                target: target.clone(),
                carrier: Some("Example Post".to_owned()),
                ..DispatchParcel::default()
            };
            let body = Dispatch { parcels: batch.iter().map(parcel).collect() };
            let answer: DispatchResults = self.ask("POST", "/v1/dispatch", Some(&body)).await?;
            let mut packed = self.packed();
            packed.dispatched += answer.results.iter().filter(|result| result.recorded).count();
            packed.stopped += answer.results.iter().filter(|result| result.refused.is_some()).count();
        }
        Ok(())
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, Failure> {
        let body = body.map(serde_json::to_vec).transpose().map_err(|error| failed(error.to_string()))?;
        let answer = self.api.call(method, path, body).await;
        let answer = answer.map_err(|error| failed(format!("{method} {path}: {error}")))?;
        if !(200..300).contains(&answer.status) {
            let text = String::from_utf8_lossy(&answer.body);
            return Err(failed(format!("{method} {path} was answered with {}: {text}", answer.status)));
        }
        serde_json::from_slice(&answer.body).map_err(|error| failed(format!("{method} {path}: {error}")))
    }
}
