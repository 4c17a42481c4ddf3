//! `expose()` (personal data or a credential in clear) is called only in the rooms that ARCHITECTURE.md names.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::source;
use crate::workspace::Workspace;

const RULE: &str = "expose";

/// Rooms that handle clear values: a crate's name (`*`: one crate per vendor) and the start of the file below `src/`.
/// A connector's `token` file sends the channel's credential to the vendor's token endpoint, and nothing else.
const ROOMS: &[(&str, &str)] = &[
    ("vault", ""),
    ("connector-*", "normalise"),
    ("connector-*", "token.rs"),
    ("courier-*", ""),
    ("render", ""),
    ("documents", "join"),
    ("web", ""),
];

/// Single files besides, each with its reason.
const FILES: &[(&str, &str)] = &[
    ("crates/types/src/record.rs", "says whether a field is empty, without showing it"),
    ("crates/connector-api/src/credential.rs", "a channel's credential becomes a sealed record and back"),
    ("crates/courier-api/src/label.rs", "looks whether a label's first bytes are what they are said to be"),
    ("crates/testkit/src/courier.rs", "writes what it was told into a label, as a courier does"),
    ("crates/http-client/src/headers.rs", "writes a credential into the request's headers, marked sensitive"),
    ("crates/http-client/src/request.rs", "writes a credential into the request's headers, marked sensitive"),
    (
        "crates/core/src/fulfilment/destination.rs",
        "builds what a courier is told: lines of an address are put together",
    ),
    ("crates/documents/src/daybook/cells.rs", "writes the personal columns of a daybook that was asked for with them"),
    ("crates/documents/src/invoice/party.rs", "lays out who an invoice is made out to"),
    ("crates/core/src/tokens.rs", "hashes a token that it has just made"),
    ("crates/core/src/invoicing/storing.rs", "hashes a document, so that what is laid out later can be compared"),
    ("crates/documents/src/packing_slip.rs", "lays out gift message and note"),
    ("crates/documents/src/pick_list.rs", "takes a document without people out of its wrapper"),
    ("crates/daemon/src/cli/account.rs", "puts typed credentials into the request of `account add`"),
    ("crates/daemon/src/cli/init_steps.rs", "writes the root secret into its file"),
    ("crates/daemon/src/cli/tokens.rs", "shows a token to the person who asked for it, once"),
    ("crates/daemon/src/cli/label_copies.rs", "looks at the file that its owner named"),
    ("crates/daemon/src/cli/orders_print.rs", "shows a note to the person who asked for the order"),
    ("crates/daemon/src/cli/orders.rs", "puts what was typed into the request of `orders list --find`"),
    ("crates/daemon/src/cli/prompt.rs", "compares a passphrase typed twice"),
    ("crates/daemon/src/escrow.rs", "measures a passphrase"),
];

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut needed = BTreeSet::new();
    for file in workspace.rust_files().filter(|file| file.path.contains("/src/") && !is_room(&file.path)) {
        let listed = FILES.iter().any(|(path, _)| *path == file.path);
        for line in source::lines(&file.text).iter().filter(|line| !line.in_test && calls_expose(&line.text)) {
            needed.insert(file.path.as_str());
            if !listed {
                let advice = "no clear value belongs here: pass the wrapper on to a room that may open it";
                findings.push(Finding::at(&file.path, line.number, RULE, advice));
            }
        }
    }
    let idle = FILES.iter().filter(|(path, _)| !needed.contains(path));
    findings.extend(idle.map(|(path, _)| Finding::new(*path, RULE, "calls no expose(): take it off xtask's list")));
    findings
}

fn is_room(path: &str) -> bool {
    let below = path.strip_prefix("crates/").and_then(|rest| rest.split_once("/src/"));
    below.is_some_and(|(folder, file)| {
        ROOMS.iter().any(|(room, start)| {
            let named = match room.strip_suffix('*') {
                // the port's own crate (connector-api, courier-api) is no vendor
                Some(family) => folder.starts_with(family) && !folder.ends_with("-api"),
                None => folder == *room,
            };
            named && file.starts_with(start)
        })
    })
}

/// `value.expose()` and `map(Pii::expose)`; not the definition `fn expose`.
fn calls_expose(line: &str) -> bool {
    line.match_indices("expose").any(|(at, name)| {
        let before = line.get(..at).unwrap_or_default().trim_end();
        let whole = line
            .get(at + name.len()..)
            .unwrap_or_default()
            .chars()
            .next()
            .is_none_or(|c| !c.is_alphanumeric() && c != '_');
        whole && (before.ends_with('.') || before.ends_with("::"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;

    /// Findings about the example, without those about xtask's own list (its files are not in the example).
    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let lines = printed(&check(&Workspace::of(files)));
        lines.into_iter().filter(|line| !line.contains("take it off")).collect()
    }

    #[test]
    fn a_clear_value_outside_its_rooms_is_found() {
        let text = "fn log(name: &Pii<String>) {\n    write(name.expose());\n    names.map(Pii::expose)\n}\nfn expose() {}\nfn exposed() { a.exposed() }\n";
        let advice = "no clear value belongs here: pass the wrapper on to a room that may open it";
        assert_eq!(
            found(&[("crates/core/src/intake.rs", text), ("crates/connector-ebay/src/client.rs", text)]),
            [
                format!("crates/core/src/intake.rs:2: expose: {advice}"),
                format!("crates/core/src/intake.rs:3: expose: {advice}"),
                format!("crates/connector-ebay/src/client.rs:2: expose: {advice}"),
                format!("crates/connector-ebay/src/client.rs:3: expose: {advice}"),
            ]
        );
    }

    #[test]
    fn the_rooms_and_tests_may() {
        let text = "fn a() { name.expose(); }\n";
        let tested = format!("// name.expose()\n#[cfg(test)]\nmod tests {{\n{text}}}\n");
        let files = [
            ("crates/vault/src/seal.rs", text),
            ("crates/connector-ebay/src/normalise.rs", text),
            ("crates/connector-ebay/src/normalise/people.rs", text),
            ("crates/connector-ebay/src/token.rs", text),
            ("crates/courier-local/src/request.rs", text),
            ("crates/http-client/src/headers.rs", text),
            ("crates/core/tests/it/intake.rs", text),
            ("crates/core/src/intake.rs", &tested),
        ];
        assert_eq!(found(&files), [""; 0]);
        assert_eq!(
            found(&[("crates/courier-api/src/needs.rs", text), ("crates/connector-api/src/normalise.rs", text)]).len(),
            2
        );
    }

    #[test]
    fn a_listed_file_that_needs_no_exception_is_found() {
        let workspace = Workspace::of(&[("crates/types/src/record.rs", "fn a() {}")]);
        let idle = "crates/types/src/record.rs: expose: calls no expose(): take it off xtask's list";
        assert!(printed(&check(&workspace)).contains(&idle.to_owned()));
    }
}
