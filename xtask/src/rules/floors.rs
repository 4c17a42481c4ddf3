//! A crate uses lower floors only: the table of ARCHITECTURE.md, "Floors", against the real dependencies.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::source;
use crate::workspace::{Kind, Package, Workspace};

const RULE: &str = "floors";

/// One row of the table.
struct Room {
    /// The crate's name without `ordersync-`; a trailing `*` stands for one crate per vendor.
    name: &'static str,
    floor: Floor,
    may_use: MayUse,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Floor {
    /// Part of the product; a higher number may use a lower one.
    Level(u8),
    /// For development only: nothing of the product may depend on it.
    Dev,
}

enum MayUse {
    Rooms(&'static [&'static str]),
    /// Every room of the product.
    Product,
    /// Every room.
    All,
}

use Floor::{Dev, Level};
use MayUse::{All, Product, Rooms};

const fn room(name: &'static str, floor: Floor, may_use: MayUse) -> Room {
    Room { name, floor, may_use }
}

/// The table. A room that is not built yet stands here already; a crate without a row is a finding.
const ROOMS: &[Room] = &[
    room("types", Level(0), Rooms(&[])),
    room("order", Level(1), Rooms(&["types"])),
    room("vault", Level(1), Rooms(&["types"])),
    room("courier-api", Level(1), Rooms(&["types"])),
    room("render", Level(1), Rooms(&["types"])),
    room("http-client", Level(1), Rooms(&["types"])),
    room("migrations", Level(1), Rooms(&[])),
    room("connector-api", Level(2), Rooms(&["types", "order"])),
    room("vat", Level(2), Rooms(&["types", "order"])),
    room("store", Level(2), Rooms(&["types", "order", "vault", "migrations"])),
    room(
        "core",
        Level(3),
        Rooms(&["types", "order", "vault", "courier-api", "migrations", "connector-api", "vat", "store"]),
    ),
    room("connector-*", Level(3), Rooms(&["types", "order", "connector-api", "http-client"])),
    room("courier-*", Level(3), Rooms(&["types", "courier-api", "http-client", "render"])),
    room("documents", Level(4), Rooms(&["types", "order", "vat", "core", "render"])),
    room("mail", Level(4), Rooms(&["types", "core"])),
    room("web", Level(4), Rooms(&["types", "order", "connector-api", "core"])),
    room("daemon", Level(5), Product),
    room("simulator", Dev, Rooms(&["types"])),
    room("testkit", Dev, Rooms(&["types", "order", "connector-api", "courier-api", "simulator"])),
    room("demo", Dev, All),
    room("xtask", Dev, All),
    room("tests", Dev, All),
];

/// What every crate's tests may use besides its row.
const FOR_TESTS: &[&str] = &["testkit", "simulator"];

/// What one crate's tests need beyond that: (crate, dependency, why).
const ALSO_FOR_TESTS: &[(&str, &str, &str)] = &[];

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let ours: Vec<&Package> = workspace.packages.iter().filter(|package| short_name(&package.name).is_some()).collect();
    let mut findings: Vec<Finding> = ours.iter().flat_map(|package| check_package(package)).collect();
    for package in ours {
        findings.extend(check_cycles(workspace, package));
    }
    findings
}

fn check_package(package: &Package) -> Vec<Finding> {
    let path = package.manifest_path();
    let Some((name, room)) = short_name(&package.name).and_then(|name| Some((name, room_of(name)?))) else {
        return vec![Finding::new(path, RULE, "this crate has no row: add it to ARCHITECTURE.md and to xtask's table")];
    };
    let mut findings = Vec::new();
    for dependency in &package.dependencies {
        if dependency.kind == Kind::Build {
            let advice = format!("no build-dependencies: do {}'s work in a command of xtask", dependency.name);
            findings.push(Finding::new(path.clone(), RULE, advice));
            continue;
        }
        let Some(used) = short_name(&dependency.name) else { continue };
        if may_use(room, used) || dependency.kind == Kind::Dev && may_use_in_tests(name, used) {
            continue;
        }
        let advice = format!("{name} may not use {used}: move the code down a floor, or the call up");
        findings.push(Finding::new(path.clone(), RULE, advice));
    }
    findings
}

fn may_use(room: &Room, used: &str) -> bool {
    match room.may_use {
        Rooms(rooms) => rooms.contains(&used),
        Product => room_of(used).is_some_and(|used| used.floor != Dev),
        All => true,
    }
}

fn may_use_in_tests(name: &str, used: &str) -> bool {
    // A crate's own tests may switch on a feature of the crate itself.
    used == name
        || FOR_TESTS.contains(&used)
        || ALSO_FOR_TESTS.iter().any(|(user, extra, _)| *user == name && *extra == used)
}

/// A dev-dependency that itself uses this crate brings a second copy of its types into unit tests: such a
/// dependency (testkit, below the floors it builds on) is named in `tests/it` only.
fn check_cycles(workspace: &Workspace, package: &Package) -> Vec<Finding> {
    let cyclic = package.uses(Kind::Dev).filter(|used| reaches(workspace, used, &package.name));
    let libraries: Vec<String> = cyclic.map(|used| used.replace('-', "_")).collect();
    let sources = format!("{}/src/", package.folder);
    let mut findings = Vec::new();
    for file in workspace.rust_files().filter(|file| !libraries.is_empty() && file.path.starts_with(&sources)) {
        for line in source::lines(&file.text) {
            for library in source::words(&line.text).filter(|word| libraries.iter().any(|library| library == word)) {
                let advice = format!("{library} uses this crate: name it in tests/it only");
                findings.push(Finding::at(&file.path, line.number, RULE, advice));
            }
        }
    }
    findings
}

/// Whether `from` uses `to`, directly or not.
fn reaches(workspace: &Workspace, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        if !seen.insert(name) {
            continue;
        }
        let packages = workspace.packages.iter().filter(|package| package.name == name);
        open.extend(packages.flat_map(|package| package.uses(Kind::Normal)));
    }
    seen.contains(to)
}

/// The name in the table of one of our packages; `None` for others' packages.
fn short_name(package: &str) -> Option<&str> {
    package.strip_prefix("ordersync-").or((package == "xtask").then_some(package))
}

fn room_of(name: &str) -> Option<&'static Room> {
    let exact = ROOMS.iter().find(|room| room.name == name);
    let family = |room: &&Room| room.name.strip_suffix('*').is_some_and(|prefix| name.starts_with(prefix));
    exact.or_else(|| ROOMS.iter().find(family))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;

    #[test]
    fn the_table_itself_goes_downwards() {
        for room in ROOMS {
            let Rooms(used) = room.may_use else { continue };
            for name in used {
                let lower = room_of(name).unwrap_or_else(|| panic!("{} uses {name}, which has no row", room.name));
                let downwards = lower.floor < room.floor || (room.floor == Dev && room.name == "testkit");
                assert!(downwards, "{} may not use {name}", room.name);
            }
        }
    }

    #[test]
    fn an_upward_or_unlisted_dependency_is_found() {
        let workspace = Workspace::default()
            .with(Package::of("ordersync-order", "crates/order", &[("normal", "ordersync-store")]))
            .with(Package::of("ordersync-courier-local", "crates/courier-local", &[("normal", "ordersync-order")]))
            .with(Package::of("ordersync-web", "crates/web", &[("normal", "ordersync-connector-amazon")]))
            .with(Package::of("ordersync-daemon", "crates/daemon", &[("normal", "ordersync-simulator")]))
            .with(Package::of("ordersync-attic", "crates/attic", &[]));
        assert_eq!(
            printed(&check(&workspace)),
            [
                "crates/order/Cargo.toml: floors: order may not use store: move the code down a floor, or the call up",
                "crates/courier-local/Cargo.toml: floors: courier-local may not use order: move the code down a floor, or the call up",
                "crates/web/Cargo.toml: floors: web may not use connector-amazon: move the code down a floor, or the call up",
                "crates/daemon/Cargo.toml: floors: daemon may not use simulator: move the code down a floor, or the call up",
                "crates/attic/Cargo.toml: floors: this crate has no row: add it to ARCHITECTURE.md and to xtask's table",
            ]
        );
    }

    /// Invariant 2: no courier crate depends on the crate that defines `Order`, directly or through another.
    #[test]
    fn invariant_2_no_courier_crate_reaches_the_order() {
        let reaching = |workspace: &Workspace| -> Vec<String> {
            let couriers = workspace.packages.iter().filter(|package| package.name.starts_with("ordersync-courier-"));
            couriers
                .filter(|package| reaches(workspace, &package.name, "ordersync-order"))
                .map(|package| package.name.clone())
                .collect()
        };
        assert_eq!(reaching(&Workspace::load().unwrap()), [""; 0]);

        let broken = Workspace::default()
            .with(Package::of("ordersync-courier-local", "crates/courier-local", &[("normal", "ordersync-render")]))
            .with(Package::of("ordersync-render", "crates/render", &[("normal", "ordersync-order")]));
        assert_eq!(reaching(&broken), ["ordersync-courier-local"]);
        assert_eq!(check(&broken).len(), 1, "the table stops it at render");
    }

    #[test]
    fn dev_dependencies_reach_the_test_crates_and_build_dependencies_nothing() {
        let workspace = Workspace::default()
            .with(Package::of(
                "ordersync-store",
                "crates/store",
                &[("dev", "ordersync-testkit"), ("dev", "ordersync-core"), ("build", "cc"), ("normal", "serde")],
            ))
            .with(Package::of("ordersync-demo", "crates/demo", &[("normal", "ordersync-simulator")]));
        assert_eq!(
            printed(&check(&workspace)),
            [
                "crates/store/Cargo.toml: floors: store may not use core: move the code down a floor, or the call up",
                "crates/store/Cargo.toml: floors: no build-dependencies: do cc's work in a command of xtask",
            ]
        );
    }

    #[test]
    fn a_dev_dependency_that_cycles_stays_out_of_src() {
        let text = "#[cfg(test)]\nmod tests {\n    use ordersync_testkit::SteppedClock;\n}\n";
        let workspace = Workspace::of(&[
            ("crates/order/src/lib.rs", text),
            ("crates/order/tests/it/main.rs", text),
            ("crates/vault/src/lib.rs", text),
        ])
        .with(Package::of("ordersync-order", "crates/order", &[("dev", "ordersync-testkit")]))
        .with(Package::of("ordersync-vault", "crates/vault", &[("dev", "ordersync-testkit")]))
        .with(Package::of("ordersync-testkit", "crates/testkit", &[("normal", "ordersync-connector-api")]))
        .with(Package::of(
            "ordersync-connector-api",
            "crates/connector-api",
            &[("normal", "ordersync-order")],
        ));
        assert_eq!(
            printed(&check(&workspace)),
            ["crates/order/src/lib.rs:3: floors: ordersync_testkit uses this crate: name it in tests/it only"]
        );
    }
}
