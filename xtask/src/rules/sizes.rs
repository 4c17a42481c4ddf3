//! Files small enough to read in one go. (Functions are clippy's: `too-many-lines-threshold`.)

use crate::finding::Finding;
use crate::source;
use crate::workspace::Workspace;

const RULE: &str = "sizes";

/// Most lines of a file without its test modules.
const CODE: usize = 400;
/// Most lines of a whole file.
const WHOLE: usize = 700;

/// Files that may be longer, for generated entities and rate tables: (path, why).
const EXEMPT: &[(&str, &str)] = &[];

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in workspace.rust_files().filter(|file| EXEMPT.iter().all(|(path, _)| *path != file.path)) {
        let whole = file.text.lines().count();
        if whole > WHOLE {
            findings.push(Finding::new(&file.path, RULE, format!("{whole} lines, {WHOLE} at most: split it")));
        } else if whole > CODE && !is_test_file(&file.path) {
            let code = source::lines(&file.text).iter().filter(|line| !line.in_test).count();
            if code > CODE {
                let advice = format!("{code} lines without tests, {CODE} at most: split it");
                findings.push(Finding::new(&file.path, RULE, advice));
            }
        }
    }
    let gone = EXEMPT.iter().filter(|(path, _)| workspace.file(path).is_none());
    findings.extend(gone.map(|(path, _)| Finding::new(*path, RULE, "this file is gone: take it off the exempt list")));
    findings
}

/// All of the file is tests: an integration test, or a test module with a file of its own.
fn is_test_file(path: &str) -> bool {
    path.starts_with("tests/it/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;

    #[test]
    fn long_files_are_found_and_tests_counted_apart() {
        let code = "fn a() {}\n".repeat(401);
        let tested =
            format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", "fn a() {}\n".repeat(390), "fn b() {}\n".repeat(200));
        let workspace = Workspace::of(&[
            ("crates/core/src/long.rs", &code),
            ("crates/core/src/tested.rs", &tested),
            ("crates/core/src/intake/tests.rs", &code),
            ("crates/core/tests/it/intake.rs", &"fn b() {}\n".repeat(701)),
        ]);
        assert_eq!(
            printed(&check(&workspace)),
            [
                "crates/core/src/long.rs: sizes: 401 lines without tests, 400 at most: split it",
                "crates/core/tests/it/intake.rs: sizes: 701 lines, 700 at most: split it",
            ]
        );
    }
}
