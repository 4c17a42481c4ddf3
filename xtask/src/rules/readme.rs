//! The two commands that README.md gives a newcomer exist.

use crate::finding::Finding;
use crate::workspace::Workspace;

const RULE: &str = "readme";
const CARGO_CONFIG: &str = ".cargo/config.toml";
const TEST_COMMAND: &str = "tests/run";

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    if workspace.file("README.md").is_none() {
        return findings;
    }
    if !demo_package(workspace).is_some_and(|name| workspace.packages.iter().any(|package| package.name == name)) {
        findings.push(Finding::new(CARGO_CONFIG, RULE, "the alias `demo` runs a package of this workspace: add it"));
    }
    if !workspace.file(TEST_COMMAND).is_some_and(|file| file.executable) {
        findings.push(Finding::new(TEST_COMMAND, RULE, "README.md names this command: make it an executable file"));
    }
    findings
}

/// The package that `cargo demo` runs.
fn demo_package(workspace: &Workspace) -> Option<String> {
    let config: toml::Table = workspace.file(CARGO_CONFIG)?.text.parse().ok()?;
    let alias = config.get("alias")?.get("demo")?.as_str()?;
    let mut words = alias.split_whitespace().skip_while(|word| !["--package", "-p"].contains(word));
    words.nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;
    use crate::workspace::Package;

    const ALIAS: &str = "[alias]\ndemo = \"run --release --package ordersync-demo --\"\n";

    #[test]
    fn commands_that_do_not_exist_are_found() {
        let workspace = Workspace::of(&[("README.md", ""), (CARGO_CONFIG, ALIAS), (TEST_COMMAND, "")]);
        assert_eq!(
            printed(&check(&workspace)),
            [
                ".cargo/config.toml: readme: the alias `demo` runs a package of this workspace: add it",
                "tests/run: readme: README.md names this command: make it an executable file",
            ]
        );
        assert_eq!(check(&Workspace::of(&[(TEST_COMMAND, "")])), []);
    }

    #[test]
    fn commands_that_exist_are_not() {
        let mut workspace = Workspace::of(&[("README.md", ""), (CARGO_CONFIG, ALIAS), (TEST_COMMAND, "")])
            .with(Package::of("ordersync-demo", "crates/demo", &[]));
        workspace.files[2].executable = true;
        assert_eq!(check(&workspace), []);
    }
}
