//! Every crate has the same shape: its name after its folder, the workspace's lints, one test binary.

use crate::finding::Finding;
use crate::workspace::{Package, Workspace};

const RULE: &str = "layout";

/// The one integration-test binary of a crate, below its folder (of the top-level `tests` crate: below the root).
const TEST_BINARY: &str = "tests/it/main.rs";

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &workspace.packages {
        findings.extend(check_name(package));
        findings.extend(check_manifest(package));
        findings.extend(check_tests(workspace, package));
    }
    findings
}

fn check_name(package: &Package) -> Option<Finding> {
    let folder = package.folder.strip_prefix("crates/").unwrap_or(&package.folder);
    let expected = if folder == "xtask" { folder.to_owned() } else { format!("ordersync-{folder}") };
    let advice = || format!("folder {} holds package {expected}, not {}: rename one", package.folder, package.name);
    (package.name != expected).then(|| Finding::new(package.manifest_path(), RULE, advice()))
}

fn check_manifest(package: &Package) -> Vec<Finding> {
    let mut advice = Vec::new();
    if setting(package, "lints", "workspace") != Some(true) {
        advice.push("add [lints] workspace = true");
    }
    let has_library = package.targets.iter().any(|target| target.kind == "lib");
    if has_library && setting(package, "lib", "doctest") != Some(false) {
        advice.push("add [lib] doctest = false: examples are tests in tests/it");
    }
    advice.into_iter().map(|advice| Finding::new(package.manifest_path(), RULE, advice)).collect()
}

fn setting(package: &Package, section: &str, key: &str) -> Option<bool> {
    package.manifest.get(section)?.get(key)?.as_bool()
}

fn check_tests(workspace: &Workspace, package: &Package) -> Vec<Finding> {
    let one =
        if package.folder == "tests" { TEST_BINARY.to_owned() } else { format!("{}/{TEST_BINARY}", package.folder) };
    let binaries = package.targets.iter().filter(|target| target.kind == "test").map(|target| target.path.as_str());
    let folder = format!("{}/tests/", package.folder);
    let loose = workspace.files.iter().map(|file| file.path.as_str());
    let loose = loose.filter(|path| path.strip_prefix(&folder).is_some_and(|rest| !rest.contains('/')));
    let mut paths: Vec<&str> = binaries.filter(|path| *path != one).chain(loose).collect();
    paths.sort_unstable();
    paths.dedup();
    let advice = "one test binary per crate: make it a module beside tests/it/main.rs";
    paths.into_iter().map(|path| Finding::new(path, RULE, advice)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;
    use crate::workspace::Target;

    fn target(kind: &str, path: &str) -> Target {
        Target { kind: kind.to_owned(), path: path.to_owned() }
    }

    #[test]
    fn a_crate_out_of_shape_is_found() {
        let mut package = Package::of("ordersync-kernel", "crates/core", &[]);
        package.targets = vec![
            target("lib", "crates/core/src/lib.rs"),
            target("test", "crates/core/tests/it/main.rs"),
            target("test", "crates/core/tests/second.rs"),
        ];
        let workspace = Workspace::of(&[
            ("crates/core/tests/it/main.rs", ""),
            ("crates/core/tests/second.rs", ""),
            ("crates/core/tests/orders.json", ""),
        ])
        .with(package);
        assert_eq!(
            printed(&check(&workspace)),
            [
                "crates/core/Cargo.toml: layout: folder crates/core holds package ordersync-core, not ordersync-kernel: rename one",
                "crates/core/Cargo.toml: layout: add [lints] workspace = true",
                "crates/core/Cargo.toml: layout: add [lib] doctest = false: examples are tests in tests/it",
                "crates/core/tests/orders.json: layout: one test binary per crate: make it a module beside tests/it/main.rs",
                "crates/core/tests/second.rs: layout: one test binary per crate: make it a module beside tests/it/main.rs",
            ]
        );
    }

    #[test]
    fn a_crate_in_shape_is_not() {
        let mut package = Package::of("ordersync-tests", "tests", &[]);
        package.manifest = "lib.doctest = false\nlints.workspace = true".parse().unwrap();
        package.targets = vec![target("lib", "tests/src/lib.rs"), target("test", "tests/it/main.rs")];
        assert_eq!(check(&Workspace::of(&[("tests/run", ""), ("tests/it/main.rs", "")]).with(package)), []);
    }
}
