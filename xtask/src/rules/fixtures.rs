//! Fixtures, snapshots and the simulator hold invented people only: no address that could be mailed, no number that
//! could ring, nothing that looks like a live token. The scans are simple by hand and err on the side of a finding.

use crate::finding::Finding;
use crate::workspace::{File, Workspace};

const RULE: &str = "fixtures";

/// Ends of host names that nobody can own (RFC 2606, RFC 6761).
const RESERVED: &[&str] = &[".example", ".test", ".invalid"];

/// Numbers that Ofcom keeps for TV and radio drama ("Telephone numbers for use in drama"), in national form without
/// blanks; three more digits follow. The range of Northern Ireland was changed once and is left out.
const DRAMA: &[&str] = &[
    "01134960", "01144960", "01154960", "01164960", "01174960", "01184960", "01214960", "01314960", "01414960",
    "01514960", "01614960", "01914980", "02079460", "02920180", "01632960", "07700900", "08081570", "09098790",
    "03069990",
];

/// The ten digits in a row: an alphabet to draw from, and nobody's number.
const DIGITS: &str = "0123456789";

/// How the marketplaces' tokens begin.
const TOKENS: &[&str] = &["Atza|", "Atzr|", "v^1.1"];
/// Longest invented token, in characters.
const TOKEN_LENGTH: usize = 40;

pub(crate) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in workspace.files.iter().filter(|file| holds_people(file)) {
        for (line, number) in file.text.lines().zip(1..) {
            findings.extend(advice_on(line).into_iter().map(|advice| Finding::at(&file.path, number, RULE, advice)));
        }
    }
    findings
}

fn holds_people(file: &File) -> bool {
    file.path.contains("/fixtures/") || file.path.starts_with("crates/simulator/src/") || file.path.ends_with(".snap")
}

/// The values themselves stay out of the findings: what was found may be a real person's.
fn advice_on(line: &str) -> Vec<&'static str> {
    let mut advice = Vec::new();
    if mail_hosts(line).any(|host| !RESERVED.iter().any(|end| host.to_lowercase().ends_with(end))) {
        advice.push("an e-mail address outside .example, .test, .invalid: invent one there");
    }
    if telephone_numbers(line).iter().any(|number| number != DIGITS && !is_drama(number)) {
        advice.push("a telephone number outside Ofcom's drama ranges: use one of those, such as 07700 900123");
    }
    if TOKENS.iter().any(|start| has_long_token(line, start)) {
        advice.push("a token longer than 40 characters: shorten it, it must not look real");
    }
    advice
}

/// The host of everything that looks like an address: a letter or digit, `@`, a host with a dot.
fn mail_hosts(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices('@').filter_map(|(at, _)| {
        let local = line.get(..at)?.chars().next_back()?;
        let rest = line.get(at + 1..)?;
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '.' && c != '-').unwrap_or(rest.len());
        let host = rest.get(..end)?.trim_end_matches(['.', '-']);
        (is_local_part(local) && host.contains('.')).then_some(host)
    })
}

fn is_local_part(c: char) -> bool {
    c.is_alphanumeric() || "._%+-".contains(c)
}

/// The digits of everything that looks like a telephone number: `+` and 8 to 15 digits, or a 0 and 9 or 10 more,
/// with blanks, hyphens and brackets between them, standing free of letters and other digits.
fn telephone_numbers(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut previous = ' ';
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let free = !previous.is_alphanumeric() && !"+-_./:".contains(previous);
        if free && (first == '+' || first == '0') {
            let end = rest.find(|c: char| !c.is_ascii_digit() && !"+ -()".contains(c)).unwrap_or(rest.len());
            let (run, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let digits: String = run.chars().filter(char::is_ascii_digit).collect();
            let lengths = if first == '+' { 8..=15 } else { 10..=11 };
            let attached = after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
                && run.ends_with(|c: char| c.is_ascii_digit());
            if lengths.contains(&digits.len()) && !attached {
                found.push(if first == '+' { format!("+{digits}") } else { digits });
            }
            previous = run.chars().next_back().unwrap_or(first);
            rest = if end == 0 { rest.get(first.len_utf8()..).unwrap_or_default() } else { after };
        } else {
            previous = first;
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    found
}

fn is_drama(number: &str) -> bool {
    // +44 (0)1632 ... is a common way to write it
    let abroad = number.strip_prefix("+44").or_else(|| number.strip_prefix("0044"));
    let national = abroad.map_or_else(|| number.to_owned(), |rest| format!("0{}", rest.trim_start_matches('0')));
    national.len() == 11 && DRAMA.iter().any(|range| national.starts_with(range))
}

fn has_long_token(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let token = line.get(at..).unwrap_or_default();
        token.chars().take_while(|c| !c.is_whitespace() && !"\"'<>,\\".contains(*c)).count() > TOKEN_LENGTH
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::printed;

    #[test]
    fn what_could_be_real_is_found_by_place_and_kind() {
        let long = format!("{{\"token\": \"Atzr|{}\"}}", "x".repeat(40));
        let text = format!("{{\"email\": \"ada@shop.com\"}}\n{{\"phone\": \"+44 20 7123 4567\"}}\n{long}\n");
        let workspace = Workspace::of(&[
            ("crates/connector-ebay/fixtures/order.json", &text),
            ("crates/simulator/src/people.rs", "\"0161 715 2233\""),
            ("crates/x/tests/it/snapshots/a.snap", "ada@mail.example.org"),
            ("crates/core/src/intake.rs", "\"ada@shop.com\""),
        ]);
        assert_eq!(
            printed(&check(&workspace)),
            [
                "crates/connector-ebay/fixtures/order.json:1: fixtures: an e-mail address outside .example, .test, .invalid: invent one there",
                "crates/connector-ebay/fixtures/order.json:2: fixtures: a telephone number outside Ofcom's drama ranges: use one of those, such as 07700 900123",
                "crates/connector-ebay/fixtures/order.json:3: fixtures: a token longer than 40 characters: shorten it, it must not look real",
                "crates/simulator/src/people.rs:1: fixtures: a telephone number outside Ofcom's drama ranges: use one of those, such as 07700 900123",
                "crates/x/tests/it/snapshots/a.snap:1: fixtures: an e-mail address outside .example, .test, .invalid: invent one there",
            ]
        );
    }

    #[test]
    fn invented_people_pass() {
        for line in [
            "ada.example-1@members.ebay.example",
            "a+b@relay.marketplace.test, and @mention, and #[cfg(test)] @ 3.5",
            "01632 960123 / +44 (0)1632 960 123 / 0044 7700 900456 / (020) 7946 0999 / +442079460001",
            "Atza|short v^1.1#i^1#example",
            "draw(\"0123456789\")",
        ] {
            assert_eq!(advice_on(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn other_numbers_are_not_telephone_numbers() {
        for line in [
            "2026-11-21T09:00:00+01:00",
            "\"orderId\": \"026-1234567-1234567\"",
            "\"legacyItemId\": \"110555000123\", 0.0123456789",
            "c3a0-0123456789 018f4e2a-0000-7000-8000-000000000001",
            "EAN 5012345678900, SKU-0123456789, +0100",
        ] {
            assert_eq!(telephone_numbers(line), [""; 0], "{line}");
        }
    }
}
