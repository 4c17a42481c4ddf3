//! `people.jsonl`: which values there are, and that none of them can be found in what the daemon wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use ordersync_simulator::{PERSONAL_PATHS_AMAZON, PERSONAL_PATHS_EBAY};
use ordersync_tests::canary::Canary;

use crate::demo::{ORDERS, finished, people};

/// Ends of fields that a connector keeps in a sealed record though no search could look for them: each holds a code,
/// a region that thousands share, or the marketplace's own tax number.
const NOTHING_TO_SEARCH_FOR: [&str; 8] = [
    ".countryCode",
    ".stateOrRegion",
    ".stateOrProvince",
    ".county",
    ".taxRegistrationType",
    ".taxIdentifierType",
    ".iossNumber",
    ".ebayReference.value",
];

#[test]
fn the_stand_ins_and_the_connectors_call_the_same_fields_personal() {
    for (shop, stand_in, registry) in [
        ("amazon", &PERSONAL_PATHS_AMAZON[..], ordersync_connector_amazon::PERSONAL_FIELDS),
        ("ebay", &PERSONAL_PATHS_EBAY[..], ordersync_connector_ebay::PERSONAL_FIELDS),
    ] {
        let known: BTreeMap<&str, &str> = registry.iter().copied().collect();
        let listed: BTreeSet<&str> = stand_in.iter().copied().collect();
        for path in &listed {
            assert!(known.contains_key(path), "{shop}: the registry does not know {path}");
        }
        for (path, field) in known {
            let dropped = field == ordersync_connector_amazon::DROPPED;
            let coded = NOTHING_TO_SEARCH_FOR.iter().any(|end| path.ends_with(end));
            assert!(
                dropped || coded || listed.contains(path),
                "{shop}: {path} is kept in {field}, but not in people.jsonl"
            );
        }
    }
}

#[test]
fn every_value_can_be_searched_for_and_stands_at_a_personal_field() {
    let (folder, _) = finished();
    let people = people(folder);
    let paths: BTreeSet<&str> = PERSONAL_PATHS_AMAZON.into_iter().chain(PERSONAL_PATHS_EBAY).collect();
    for person in &people {
        assert!(paths.contains(person.path.as_str()), "{}", person.path);
        assert!(person.value.len() >= 8, "{} of {}", person.path, person.order);
    }
    let orders: BTreeSet<&str> = people.iter().map(|person| person.order.as_str()).collect();
    assert_eq!(orders.len(), ORDERS, "every order has somebody");
    let occurring: BTreeSet<&str> = people.iter().map(|person| person.path.as_str()).collect();
    assert!(occurring.len() > 40, "{} fields", occurring.len());
}

/// An open fact would stand in the database as it is: so this also says that no value is in one.
#[test]
fn no_personal_value_is_in_anything_the_daemon_wrote() {
    let (folder, _) = finished();
    let values: BTreeSet<String> = people(folder).into_iter().map(|person| person.value).collect();
    assert!(values.len() > 300, "{} values", values.len());
    let canary = Canary::new(values.iter().map(String::as_str));
    let findings = canary.search_folder(&folder.join("data"));
    assert!(findings.is_empty(), "{} found, first {:?}", findings.len(), findings.first());
    let log = fs::read(folder.join("ordersync.log")).unwrap();
    assert!(canary.found_in(&log).is_empty());
    // Positive control: the same search finds every one of them where they are in clear.
    let list = fs::read(folder.join("people.jsonl")).unwrap();
    let found: BTreeSet<usize> = canary.found_in(&list).into_iter().map(|(value, _)| value).collect();
    assert_eq!(found.len(), values.len());
}
