//! Every version stands once, in the root's `[workspace.dependencies]`, and nothing pins the tool chain.

use toml::{Table, Value};

use crate::finding::Finding;
use crate::workspace::Workspace;

const RULE: &str = "pins";
const ROOT: &str = "Cargo.toml";

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in ["rust-toolchain", "rust-toolchain.toml"] {
        if workspace.file(file).is_some() {
            let advice = "remove it: it breaks a machine that has its own tool chain; rust-version says what is needed";
            findings.push(Finding::new(file, RULE, advice));
        }
    }
    let declared = workspace.manifest.get("workspace").and_then(|table| table.get("dependencies"));
    for (name, value) in declared.and_then(Value::as_table).into_iter().flatten() {
        findings.extend(check_declared(name, value).map(|advice| Finding::new(ROOT, RULE, advice)));
    }
    for package in &workspace.packages {
        for (name, value) in dependency_tables(&package.manifest).into_iter().flatten() {
            if value.get("workspace").and_then(Value::as_bool) != Some(true) {
                let advice =
                    format!("{name}: declare it in the root's [workspace.dependencies], write .workspace = true");
                findings.push(Finding::new(package.manifest_path(), RULE, advice));
            }
        }
    }
    findings
}

/// What is wrong with an entry of the root's `[workspace.dependencies]`.
fn check_declared(name: &str, value: &Value) -> Option<String> {
    let key = |key| value.get(key).and_then(Value::as_str);
    if value.get("git").is_some() {
        return Some(format!("{name}: take a release from crates.io, not a git revision"));
    }
    let version = value.as_str().or_else(|| key("version"));
    match (key("path"), version) {
        (Some(_), None) if name.starts_with("ordersync-") => None,
        (Some(_), _) => Some(format!("{name}: only our own crates have a path, and they have no version")),
        (None, Some(version)) if !version.contains('*') => None,
        (None, _) => Some(format!("{name}: say which version is the lowest that works")),
    }
}

/// A manifest's tables of dependencies, those of `[target.*]` too.
fn dependency_tables(manifest: &Table) -> Vec<&Table> {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let sections = targets.filter_map(|(_, section)| section.as_table()).chain([manifest]);
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    sections.flat_map(|section| kinds.into_iter().filter_map(|kind| section.get(kind)?.as_table())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;
    use crate::workspace::Package;

    #[test]
    fn a_version_outside_the_root_is_found() {
        let mut package = Package::of("ordersync-core", "crates/core", &[]);
        package.manifest = "[dependencies]
            serde.workspace = true
            tokio = { workspace = true, features = [\"net\"] }
            bytes = \"1\"
            [target.'cfg(unix)'.dev-dependencies]
            ordersync-testkit = { path = \"../testkit\" }"
            .parse()
            .unwrap();
        assert_eq!(
            printed(&check(&Workspace::default().with(package))),
            [
                "crates/core/Cargo.toml: pins: ordersync-testkit: declare it in the root's [workspace.dependencies], write .workspace = true",
                "crates/core/Cargo.toml: pins: bytes: declare it in the root's [workspace.dependencies], write .workspace = true",
            ]
        );
    }

    #[test]
    fn a_loose_declaration_or_a_tool_chain_file_is_found() {
        let mut workspace = Workspace::of(&[("rust-toolchain.toml", "")]);
        workspace.manifest = "[workspace.dependencies]
            a = \"*\"
            b = { git = \"https://git.example/b\" }
            c = { path = \"vendor/c\" }
            d = { features = [] }
            e = \"1.2\"
            f = { version = \"1\", features = [\"std\"] }
            ordersync-types = { path = \"crates/types\" }"
            .parse()
            .unwrap();
        assert_eq!(
            printed(&check(&workspace)),
            [
                "rust-toolchain.toml: pins: remove it: it breaks a machine that has its own tool chain; rust-version says what is needed",
                "Cargo.toml: pins: a: say which version is the lowest that works",
                "Cargo.toml: pins: b: take a release from crates.io, not a git revision",
                "Cargo.toml: pins: c: only our own crates have a path, and they have no version",
                "Cargo.toml: pins: d: say which version is the lowest that works",
            ]
        );
    }
}
