//! A courier that does what a test says, and remembers what it was told.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use ordersync_courier_api::{
    Abilities, Confirmed, Consignment, CourierAdapter, CourierError, CourierId, CourierInfo, CourierKeys,
    DestinationField, ErrorKind, FindsLabels, Label, Lane, Need, Needs, Problem, Repeats, Retry, Service, VoidsLabels,
};
use ordersync_types::{Pii, ShipmentRef};
use tokio::sync::oneshot;

const NEEDS: Needs = Needs::new(
    &[
        (DestinationField::Name, Need::Required),
        (DestinationField::Company, Need::IfGiven),
        (DestinationField::AddressLine1, Need::Required),
        (DestinationField::AddressLine2, Need::IfGiven),
        (DestinationField::City, Need::Required),
        (DestinationField::Postcode, Need::IfGiven),
    ],
    false,
);

/// A courier named `scripted`, whose labels are a PDF's first line and the fields it was told.
#[derive(Debug)]
pub struct ScriptedCourier {
    info: CourierInfo,
    told: Mutex<Vec<Consignment>>,
    failures: Mutex<VecDeque<CourierError>>,
    found: Mutex<Vec<ShipmentRef>>,
    voided: Mutex<Vec<CourierKeys>>,
    pause: Mutex<Option<(oneshot::Sender<()>, oneshot::Receiver<()>)>>,
}

/// A call for a label that waits.
#[derive(Debug)]
pub struct PausedCall {
    /// Told when the call has come.
    pub came: oneshot::Receiver<()>,
    /// Lets it go on.
    pub go: oneshot::Sender<()>,
}

impl ScriptedCourier {
    /// A courier of which this may be asked after an unclear outcome.
    pub fn new(repeats: Repeats) -> Self {
        let info = CourierInfo { id: CourierId("scripted"), name: "Scripted Post", repeats, sells_postage: true };
        Self {
            info,
            told: Mutex::default(),
            failures: Mutex::default(),
            found: Mutex::default(),
            voided: Mutex::default(),
            pause: Mutex::default(),
        }
    }

    /// A courier that gives the same label when it is asked again.
    pub fn by_key() -> Self {
        Self::new(Repeats::ByKey)
    }

    /// The next call for a label fails so. An unclear failure leaves a label at the courier.
    pub fn push_failure(&self, unclear: bool) {
        let error = CourierError::new(ErrorKind::Transport, Retry::Backoff, "createLabel", "the line went dead");
        self.failures().push_back(CourierError { unclear, ..error });
    }

    /// The next call for a label waits, as one to a slow courier does.
    pub fn pause_next(&self) -> PausedCall {
        let ((tell, came), (go, wait)) = (oneshot::channel(), oneshot::channel());
        *self.pause.lock().unwrap_or_else(PoisonError::into_inner) = Some((tell, wait));
        PausedCall { came, go }
    }

    /// What was taken back, in order.
    pub fn voided(&self) -> Vec<CourierKeys> {
        self.voided.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everything it was told, in order.
    pub fn told(&self) -> Vec<Consignment> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn failures(&self) -> std::sync::MutexGuard<'_, VecDeque<CourierError>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn label(consignment: &Consignment) -> Result<Label, CourierError> {
        let mut text = format!("%PDF-1.7 {}\n", consignment.reference);
        for field in consignment.to.told() {
            if let Some(value) = consignment.to.get(field) {
                text.push_str(value.expose());
                text.push('\n');
            }
        }
        let keys = CourierKeys {
            shipment_id: Some(format!("S-{}", consignment.reference)),
            tracking: vec![format!("T-{}", consignment.reference)],
        };
        Label::new(consignment.media, Pii::new(text.into_bytes()), keys)
    }
}

#[async_trait]
impl CourierAdapter for ScriptedCourier {
    fn info(&self) -> &CourierInfo {
        &self.info
    }

    fn services(&self) -> &[Service] {
        &[Service { code: "usual", name: "Usual" }]
    }

    fn needs(&self, service: &str, _lane: Lane) -> Result<Needs, CourierError> {
        if service == "usual" {
            return Ok(NEEDS);
        }
        Err(CourierError::new(ErrorKind::Unsupported, Retry::Never, "needs", format!("there is no service {service}")))
    }

    fn check(&self, consignment: &Consignment) -> Vec<Problem> {
        let needed = [DestinationField::Name, DestinationField::AddressLine1, DestinationField::City];
        needed.into_iter().filter(|field| consignment.to.get(*field).is_none()).map(Problem::missing).collect()
    }

    async fn create_label(&self, consignment: &Consignment, _confirmed: Confirmed) -> Result<Label, CourierError> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(consignment.clone());
        let pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((tell, wait)) = pause {
            // A test that looks away lets it go on.
            let _told = tell.send(());
            let _gone_on = wait.await;
        }
        let failure = self.failures().pop_front();
        if failure.as_ref().is_none_or(|failure| failure.unclear) {
            self.found.lock().unwrap_or_else(PoisonError::into_inner).push(consignment.reference);
        }
        match failure {
            Some(failure) => Err(failure),
            None => Self::label(consignment),
        }
    }

    fn abilities(&self) -> Abilities<'_> {
        let finds: Option<&dyn FindsLabels> = match self.info.repeats {
            Repeats::ByLookUp => Some(self),
            Repeats::ByKey | Repeats::Never => None,
        };
        Abilities { finds, voids: Some(self) }
    }
}

#[async_trait]
impl FindsLabels for ScriptedCourier {
    async fn find_label(&self, reference: &ShipmentRef) -> Result<Option<Label>, CourierError> {
        let made = self.found.lock().unwrap_or_else(PoisonError::into_inner).contains(reference);
        let told = self.told();
        let consignment = told.iter().find(|one| made && one.reference == *reference);
        consignment.map(Self::label).transpose()
    }
}

#[async_trait]
impl VoidsLabels for ScriptedCourier {
    async fn void_label(&self, keys: &CourierKeys) -> Result<(), CourierError> {
        self.voided.lock().unwrap_or_else(PoisonError::into_inner).push(keys.clone());
        Ok(())
    }
}
