//! `store` knows sealed records only: its code never names the types that hold personal data in clear.

use crate::finding::Finding;
use crate::source;
use crate::workspace::Workspace;

const RULE: &str = "store";

/// Types of `types` and `order` that hold personal data in clear.
const CLEAR: &[&str] = &["Pii", "People"];

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in workspace.rust_files().filter(|file| file.path.starts_with("crates/store/src/")) {
        for line in source::lines(&file.text) {
            for word in source::words(&line.text).filter(|word| CLEAR.contains(word)) {
                let advice = format!("store never names {word}: take and return vault's sealed records");
                findings.push(Finding::at(&file.path, line.number, RULE, advice));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;

    /// Invariant 1: `store` has no function that takes or returns an unsealed `Pii<T>`, because it cannot name one.
    #[test]
    fn invariant_1_the_store_names_no_clear_type() {
        let workspace = Workspace::load().unwrap();
        assert!(workspace.file("crates/store/src/lib.rs").is_some(), "the store has moved: this rule looks nowhere");
        assert_eq!(printed(&check(&workspace)), [""; 0]);
    }

    #[test]
    fn clear_types_in_store_are_found() {
        let text =
            "//! Pii never comes here.\nfn save(name: &Pii<String>, people: &People, sealed: &SealedPeople) {}\n";
        let workspace = Workspace::of(&[("crates/store/src/orders.rs", text), ("crates/core/src/intake.rs", text)]);
        assert_eq!(
            printed(&check(&workspace)),
            [
                "crates/store/src/orders.rs:2: store: store never names Pii: take and return vault's sealed records",
                "crates/store/src/orders.rs:2: store: store never names People: take and return vault's sealed records",
            ]
        );
    }
}
