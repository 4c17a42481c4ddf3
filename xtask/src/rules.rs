//! The rules of `cargo xtask tidy`, one module each.

mod expose;
mod fixtures;
mod floors;
mod homes;
mod invariants;
mod layout;
mod names;
mod pins;
mod readme;
mod sizes;
mod snapshots;
mod store;

use crate::finding::Finding;
use crate::workspace::Workspace;

/// Everything the rules find, sorted by path.
pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let rules: [fn(&Workspace) -> Vec<Finding>; 12] = [
        expose::check,
        fixtures::check,
        floors::check,
        homes::check,
        invariants::check,
        layout::check,
        names::check,
        pins::check,
        readme::check,
        sizes::check,
        snapshots::check,
        store::check,
    ];
    let mut findings: Vec<Finding> = rules.iter().flat_map(|rule| rule(workspace)).collect();
    findings.sort();
    findings
}

#[cfg(test)]
fn printed(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}
