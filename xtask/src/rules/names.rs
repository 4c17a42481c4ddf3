//! Files and modules are named after what they hold.

use crate::finding::Finding;
use crate::source;
use crate::workspace::Workspace;

const RULE: &str = "names";

/// Names that say nothing about what is inside.
const EMPTY: &[&str] = &["utils", "helpers", "common", "manager", "v2"];

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in workspace.rust_files() {
        let stem = file.path.strip_suffix(".rs").unwrap_or(&file.path);
        let parts = stem.split('/').filter(|part| EMPTY.contains(part));
        findings.extend(parts.map(|part| Finding::new(&file.path, RULE, advice(part))));
        for line in source::lines(&file.text) {
            let words: Vec<&str> = source::words(&line.text).collect();
            let modules = words.iter().zip(words.iter().skip(1)).filter(|(word, _)| **word == "mod");
            for (_, name) in modules.filter(|(_, name)| EMPTY.contains(name)) {
                findings.push(Finding::at(&file.path, line.number, RULE, advice(name)));
            }
        }
    }
    findings
}

fn advice(name: &str) -> String {
    format!("`{name}` says nothing: name the thing it holds")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;

    #[test]
    fn empty_names_are_found() {
        let workspace = Workspace::of(&[
            ("crates/core/src/helpers.rs", ""),
            ("crates/core/src/common/mod.rs", ""),
            ("crates/core/src/lib.rs", "// mod utils\npub(crate) mod utils { }\nmod order_manager;\n"),
        ]);
        assert_eq!(
            printed(&check(&workspace)),
            [
                "crates/core/src/helpers.rs: names: `helpers` says nothing: name the thing it holds",
                "crates/core/src/common/mod.rs: names: `common` says nothing: name the thing it holds",
                "crates/core/src/lib.rs:2: names: `utils` says nothing: name the thing it holds",
            ]
        );
    }
}
