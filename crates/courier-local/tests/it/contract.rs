//! The contract of every courier.

use async_trait::async_trait;
use ordersync_courier_api::contract_suite::{keeps_the_contract, sample};
use ordersync_courier_api::{
    Abilities, Confirmed, Consignment, CourierAdapter, CourierError, CourierInfo, Label, Lane, Needs, Problem, Service,
};
use ordersync_types::Country;

use crate::{COURIER, MEDIA, made, paper};

fn lane(from: &str, to: &str) -> Lane {
    Lane { from: from.parse().unwrap(), to: to.parse().unwrap() }
}

/// The courier with the services that go on one lane: the suite asks for every service on every lane.
struct On(Vec<Service>);

impl On {
    fn lane(lane: Lane) -> Self {
        let goes = |service: &&Service| COURIER.needs(service.code, lane).is_ok();
        Self(COURIER.services().iter().filter(goes).copied().collect())
    }
}

#[async_trait]
impl CourierAdapter for On {
    fn info(&self) -> &CourierInfo {
        COURIER.info()
    }

    fn services(&self) -> &[Service] {
        &self.0
    }

    fn needs(&self, service: &str, lane: Lane) -> Result<Needs, CourierError> {
        COURIER.needs(service, lane)
    }

    fn check(&self, consignment: &Consignment) -> Vec<Problem> {
        COURIER.check(consignment)
    }

    async fn create_label(&self, consignment: &Consignment, confirmed: Confirmed) -> Result<Label, CourierError> {
        COURIER.create_label(consignment, confirmed).await
    }

    fn abilities(&self) -> Abilities<'_> {
        COURIER.abilities()
    }
}

#[tokio::test]
async fn labels_on_office_paper_keep_the_contract() {
    let pdf: Vec<_> = MEDIA.into_iter().filter(|media| !media.format.is_zpl()).collect();
    let lanes = [("GB", "GB"), ("GB", "JE"), ("GB", "IE"), ("GB", "US"), ("GB", "IT"), ("DE", "SG"), ("IE", "GB")];
    let mut services = std::collections::BTreeSet::new();
    for (from, to) in lanes {
        let on_lane = On::lane(lane(from, to));
        services.extend(on_lane.services().iter().map(|service| service.code));
        keeps_the_contract(&on_lane, &[lane(from, to)], &pdf, |label| paper::lines(label).join("\n")).await;
    }
    assert_eq!(services.len(), COURIER.services().len(), "every service was on a lane");
}

/// ZPL is drawn from the same page, as graphics whose text a test cannot read: that it is made, and made again alike.
#[tokio::test]
async fn labels_for_label_printers_are_the_same_each_time() {
    for media in MEDIA.into_iter().filter(|media| media.format.is_zpl()) {
        let consignment = sample(&*COURIER, "stamps", lane("GB", "FR"), media);
        assert_eq!(COURIER.check(&consignment), []);
        let label = made(&consignment).await.unwrap();
        assert_eq!(label.media, media);
        assert!(label == made(&consignment).await.unwrap());
        let zpl = String::from_utf8(label.bytes.expose().clone()).unwrap();
        assert!(!zpl.contains("^FD") && !zpl.contains('~') && zpl.matches("^XA").count() == 1);
    }
}

#[test]
fn it_costs_nothing_and_may_be_asked_again() {
    let info = COURIER.info();
    assert_eq!((info.id.0, info.sells_postage), ("local", false));
    assert_eq!(info.repeats, ordersync_courier_api::Repeats::ByKey);
    assert!(COURIER.abilities().finds.is_none() && COURIER.abilities().voids.is_none());
    assert!(COURIER.needs("stamps", Lane { from: Country::GB, to: Country::GB }).is_ok());
}
