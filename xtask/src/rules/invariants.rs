//! Each invariant of ARCHITECTURE.md has a test named after it: `invariant_3_...` for the third.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::source;
use crate::workspace::Workspace;

const RULE: &str = "invariants";
const PAGE: &str = "ARCHITECTURE.md";

/// How many invariants the page has.
const COUNT: u8 = 8;

/// Invariants of parts that are not built yet: (number, what is missing). This list only gets shorter.
const PENDING: &[(u8, &str)] = &[];

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    compare(&tested(workspace), PENDING)
}

fn compare(tested: &BTreeSet<u8>, pending: &[(u8, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for number in 1..=COUNT {
        let reason = pending.iter().find(|(waiting, _)| *waiting == number);
        let advice = match (tested.contains(&number), reason) {
            (false, None) => format!("no test is named after invariant {number}: write one, `invariant_{number}_...`"),
            (true, Some(_)) => format!("invariant {number} has its test: take it off xtask's PENDING list"),
            (true, None) | (false, Some(_)) => continue,
        };
        findings.push(Finding::new(PAGE, RULE, advice));
    }
    let strays = tested.iter().filter(|number| !(1..=COUNT).contains(*number));
    findings.extend(strays.map(|number| {
        Finding::new(
            PAGE,
            RULE,
            format!("a test is named after invariant {number}, the page has {COUNT}: name it right"),
        )
    }));
    findings
}

/// The numbers that test functions carry in their names.
fn tested(workspace: &Workspace) -> BTreeSet<u8> {
    workspace.rust_files().flat_map(|file| tests_of(&file.text)).collect()
}

/// A test is a function under an attribute that ends in `test`: `#[test]`, `#[tokio::test(...)]`.
fn tests_of(text: &str) -> Vec<u8> {
    let mut found = Vec::new();
    let mut marked = false;
    for line in source::lines(text) {
        let line = line.text.trim();
        if let Some(attribute) = line.strip_prefix("#[") {
            let path = attribute.split(['(', ']']).next().unwrap_or_default();
            marked |= path.rsplit("::").next() == Some("test");
        }
        let mut words = source::words(line);
        if words.any(|word| word == "fn") {
            if marked {
                found.extend(words.next().and_then(number_in));
            }
            marked = false;
        }
    }
    found
}

/// `crash_invariant_3_keeps_the_window` -> 3.
fn number_in(name: &str) -> Option<u8> {
    let (_, rest) = name.split_once("invariant_")?;
    rest.split('_').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;

    #[test]
    fn test_functions_are_counted_and_nothing_else() {
        let text = "#[test]\nfn invariant_1_store() {}\n#[tokio::test(flavor = \"multi_thread\")]\n#[cfg(unix)]\nasync fn crash_invariant_3() {}\n\
                    fn invariant_4_not_a_test() {}\n// #[test]\nfn invariant_5() {}\n#[cfg(test)]\nfn invariant_6() {}\n#[test]\nfn invariants_2() {}\n";
        assert_eq!(tested(&Workspace::of(&[("a/tests/it/main.rs", text)])), BTreeSet::from([1, 3]));
    }

    #[test]
    fn an_invariant_without_a_test_and_a_pending_one_with_a_test_are_found() {
        let tested = BTreeSet::from([1, 2, 3, 4, 5, 6, 9]);
        assert_eq!(
            printed(&compare(&tested, &[(2, "purge is not built"), (8, "no log yet")])),
            [
                "ARCHITECTURE.md: invariants: invariant 2 has its test: take it off xtask's PENDING list",
                "ARCHITECTURE.md: invariants: no test is named after invariant 7: write one, `invariant_7_...`",
                "ARCHITECTURE.md: invariants: a test is named after invariant 9, the page has 8: name it right",
            ]
        );
    }
}
