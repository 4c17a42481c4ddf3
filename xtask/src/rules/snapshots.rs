//! Every insta snapshot is still written by a test: a snapshot nobody reads would guard nothing.

use crate::finding::Finding;
use crate::workspace::{File, Workspace};

const RULE: &str = "snapshots";

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let snapshots = workspace.files.iter().filter(|file| file.path.ends_with(".snap"));
    let check = |file: &File| check_snapshot(workspace, file).map(|advice| Finding::new(&file.path, RULE, advice));
    snapshots.filter_map(check).collect()
}

fn check_snapshot(workspace: &Workspace, snapshot: &File) -> Option<String> {
    let mut header = snapshot.text.lines().take_while(|line| !line.trim().is_empty());
    let Some(source) = header.find_map(|line| line.strip_prefix("source: ")) else {
        return Some("no `source:` line: remove it, or write it again with insta".to_owned());
    };
    let source = source.trim().trim_matches('"');
    let Some(test) = workspace.file(source) else {
        return Some(format!("its test file {source} is gone: remove the snapshot"));
    };
    let name = snapshot_name(&snapshot.path);
    (!is_written(workspace, test, name))
        .then(|| format!("nothing in {source} writes `{name}` any more: remove the snapshot"))
}

/// `crates/x/tests/it/snapshots/it__normalise__gb_order-2.snap` -> `gb_order`: insta writes the module path, two
/// underscores, the name; a `@suffix` for settings; a number when a test writes more than one.
fn snapshot_name(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.strip_suffix(".snap").unwrap_or(file);
    let name = stem.rsplit("__").next().unwrap_or(stem);
    let name = name.split('@').next().unwrap_or(name);
    match name.rsplit_once('-') {
        Some((base, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => base,
        _ => name,
    }
}

/// A snapshot is named by the test function (insta cuts `test_` off), by a text in the test file, or by a fixture
/// of that crate when one test goes through all of them.
fn is_written(workspace: &Workspace, test: &File, name: &str) -> bool {
    let written = [format!("fn {name}("), format!("fn test_{name}("), format!("\"{name}\"")];
    if written.iter().any(|text| test.text.contains(text.as_str())) {
        return true;
    }
    let Some(package) = workspace.package_of(&test.path) else { return false };
    let of_crate = workspace.files.iter().filter_map(|file| file.path.strip_prefix(&package.folder));
    of_crate
        .filter(|path| path.contains("/fixtures/"))
        .filter_map(|path| path.rsplit('/').next()?.split('.').next())
        .any(|stem| stem == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;
    use crate::workspace::Package;

    const HEADER: &str = "---\nsource: crates/x/tests/it/normalise.rs\nexpression: order\n---\nbody\n";

    #[test]
    fn snapshots_without_a_test_are_found() {
        let workspace = Workspace::of(&[
            ("crates/x/tests/it/snapshots/it__normalise__gone.snap", HEADER),
            ("crates/x/tests/it/snapshots/it__old__a.snap", "---\nsource: crates/x/tests/it/old.rs\n---\n"),
            ("crates/x/tests/it/snapshots/it__old__b.snap", "---\nexpression: b\n---\n"),
            ("crates/x/tests/it/normalise.rs", "fn other() {}"),
        ]);
        assert_eq!(
            printed(&check(&workspace)),
            [
                "crates/x/tests/it/snapshots/it__normalise__gone.snap: snapshots: nothing in crates/x/tests/it/normalise.rs writes `gone` any more: remove the snapshot",
                "crates/x/tests/it/snapshots/it__old__a.snap: snapshots: its test file crates/x/tests/it/old.rs is gone: remove the snapshot",
                "crates/x/tests/it/snapshots/it__old__b.snap: snapshots: no `source:` line: remove it, or write it again with insta",
            ]
        );
    }

    #[test]
    fn snapshots_with_a_test_are_not() {
        let workspace = Workspace::of(&[
            ("crates/x/tests/it/snapshots/it__normalise__gb_order.snap", HEADER),
            ("crates/x/tests/it/snapshots/it__normalise__gb_order-2.snap", HEADER),
            ("crates/x/tests/it/snapshots/it__normalise__by_function@sqlite.snap", HEADER),
            ("crates/x/tests/it/snapshots/it__normalise__from_fixture.snap", HEADER),
            ("crates/x/fixtures/from_fixture.json", "{}"),
            ("crates/x/tests/it/normalise.rs", "fn test_by_function() { check(\"gb_order\") }"),
        ])
        .with(Package::of("ordersync-x", "crates/x", &[]));
        assert_eq!(check(&workspace), []);
    }
}
