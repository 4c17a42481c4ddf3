//! Some libraries have one home, so that a change of library, or of its traps, stays in one place.

use crate::finding::Finding;
use crate::workspace::{Kind, Workspace};

const RULE: &str = "homes";

struct Home {
    library: &'static str,
    /// Folders of the crates that may name it.
    folders: &'static [&'static str],
    /// Other crates may use it in their tests.
    also_in_tests: bool,
}

const STORE: &[&str] = &["crates/store", "migrations"];

const HOMES: &[Home] = &[
    Home { library: "sea-orm", folders: STORE, also_in_tests: false },
    Home { library: "sea-orm-migration", folders: STORE, also_in_tests: false },
    Home { library: "sqlx", folders: STORE, also_in_tests: false },
    Home { library: "axum", folders: &["crates/web", "crates/simulator", "crates/testkit"], also_in_tests: true },
    Home { library: "reqwest", folders: &["crates/http-client"], also_in_tests: false },
];

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &workspace.packages {
        for dependency in &package.dependencies {
            let Some(home) = HOMES.iter().find(|home| home.library == dependency.name) else { continue };
            let in_tests = home.also_in_tests && dependency.kind == Kind::Dev;
            if !in_tests && !home.folders.contains(&package.folder.as_str()) {
                let advice = format!("{} belongs to {} only", home.library, home.folders.join(", "));
                findings.push(Finding::new(package.manifest_path(), RULE, advice));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;
    use crate::workspace::Package;

    #[test]
    fn a_library_outside_its_home_is_found() {
        let workspace = Workspace::default()
            .with(Package::of("ordersync-core", "crates/core", &[("dev", "sea-orm"), ("dev", "axum")]))
            .with(Package::of("ordersync-mail", "crates/mail", &[("normal", "axum"), ("normal", "reqwest")]))
            .with(Package::of("ordersync-migrations", "migrations", &[("normal", "sea-orm-migration")]));
        assert_eq!(
            printed(&check(&workspace)),
            [
                "crates/core/Cargo.toml: homes: sea-orm belongs to crates/store, migrations only",
                "crates/mail/Cargo.toml: homes: axum belongs to crates/web, crates/simulator, crates/testkit only",
                "crates/mail/Cargo.toml: homes: reqwest belongs to crates/http-client only",
            ]
        );
    }
}
