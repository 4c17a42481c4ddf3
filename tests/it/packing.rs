//! A packer's morning with the real program: labels, slips, copies outside.

use std::fs;

use ordersync_store::testing::FreshDatabases;
use serde_json::Value;

use crate::kill_checks::Shops;
use crate::kill_installation::{Daemon, Installation};
use crate::kill_labels::name_the_sender;

struct Bench {
    installation: Installation,
    daemon: Daemon,
    _shops: Shops,
}

impl Bench {
    async fn new() -> Self {
        let shops = Shops::open(31, 120).await;
        let installation = Installation::new(FreshDatabases::sqlite());
        name_the_sender(&installation);
        installation.add_account("ebay", shops.stand_in.base_url(), &["bound_seconds=0", "page_size=200"]);
        let daemon = installation.serve().await;
        daemon.read().await;
        Self { installation, daemon, _shops: shops }
    }

    fn typed(&self, line: &str) -> (i32, String, String) {
        let words: Vec<&str> = line.split(' ').collect();
        self.installation.typed(&words)
    }

    fn json(&self, line: &str) -> Value {
        let (code, out, err) = self.typed(&format!("--json {line}"));
        assert_eq!(code, 0, "{line}: {out}{err}");
        serde_json::from_str(&out).expect("JSON")
    }

    /// The numbers of the orders that can be labelled.
    fn ready(&self) -> Vec<String> {
        let ready = self.json("label create --ready --dry-run");
        let orders = ready.get("orders").and_then(Value::as_array).expect("orders").clone();
        let number = |order: &Value| order.get("number").and_then(Value::as_str).map(str::to_owned);
        orders.iter().filter_map(number).collect()
    }

    fn file(&self, name: &str) -> Vec<u8> {
        fs::read(self.installation.path(name)).expect("the file")
    }
}

/// The newest shipment of an order.
fn reference_of(bench: &Bench, order: &str) -> String {
    let order = bench.json(&format!("orders show {order}"));
    let shipments = order.get("shipments").and_then(Value::as_array).expect("shipments");
    let newest = shipments.last().and_then(|shipment| shipment.get("reference")).and_then(Value::as_str);
    newest.expect("a reference").to_owned()
}

/// Pages of a PDF whose page dictionaries are not packed.
fn pages(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf).replace("/Type /", "/Type/");
    text.matches("/Type/Page").count() - text.matches("/Type/Pages").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_are_made_printed_again_and_never_lost_to_a_file_that_is_in_the_way() {
    let bench = Bench::new().await;
    let ready = bench.ready();
    assert!(ready.len() > 4, "{ready:?}");
    let [first, second, third, ..] = ready.as_slice() else { panic!("three orders at least") };

    fs::write(bench.installation.path("there.pdf"), "yesterday's").expect("a file");
    for place in ["there.pdf", "none/such/folder.pdf"] {
        let (code, _, err) = bench.typed(&format!("label create --ready -o {place}"));
        assert!(code != 0 && err.contains(place), "{code} {err}");
        assert_eq!(bench.ready(), ready, "nothing was made for a place that cannot be written to");
    }
    assert_eq!(bench.file("there.pdf"), b"yesterday's");
    assert_eq!(bench.typed("label create --ready --again lost").0, 2);
    // What is asked for and cannot be is said before anything is made.
    for (line, code, word) in [
        (format!("label create {first} --dry-run"), 2, "--dry-run is for --ready"),
        (format!("label create {first} --parcels 100"), 2, "--parcels"),
        (format!("label create {first} --printer 127.0.0.1:9"), 2, "zpl203"),
        (format!("label create {first} --per-sheet 4 --size 100x150"), 2, "four: PDF of a6"),
        (format!("label create {first} --per-sheet 2 --format zpl300"), 2, "per_sheet"),
    ] {
        let (ended, _, err) = bench.typed(&line);
        assert!(ended == code && err.contains(word), "{line}: {ended} {err}");
        assert_eq!(bench.ready(), ready, "{line}");
    }

    let made = bench.json(&format!("label create {first} -o first.pdf"));
    let reference = made.pointer("/results/0/label/reference").and_then(Value::as_str).expect("a reference").to_owned();
    assert!(bench.file("first.pdf").starts_with(b"%PDF"));
    for (target, place) in [(first.as_str(), "by-number.pdf"), (reference.as_str(), "by-reference.pdf")] {
        bench.json(&format!("label reprint {target} -o {place}"));
        assert_eq!(bench.file(place), bench.file("first.pdf"), "{target}");
    }
    let (code, _, err) = bench.typed("label reprint 00-00000-00000 -o no.pdf");
    assert!(code == 1 && !bench.installation.path("no.pdf").exists(), "{code} {err}");

    let zpl = bench.json(&format!("label create {second} --format zpl203 --parcels 2 -o second.zpl"));
    let text = String::from_utf8(bench.file("second.zpl")).expect("ZPL");
    assert_eq!((text.matches("^XA").count(), text.matches("^XZ").count()), (2, 2), "{zpl}");
    let (code, out, err) = bench.typed(&format!("label create {first}"));
    assert!(code == 1 && format!("{out}{err}").contains("another shipment"), "{out}{err}");

    // The line that `orders show` names is what --lines takes.
    let (_, shown, _) = bench.typed(&format!("orders show {third}"));
    let lines = shown.lines().skip_while(|line| !line.starts_with("SKU")).skip(1);
    let line = lines.take(1).next().and_then(|line| line.split_whitespace().last()).expect("a line").to_owned();
    bench.json(&format!("label create {third} --lines {line}:1 -o third.pdf"));
    bench.json(&format!("label void {} --yes", reference_of(&bench, third)));

    let sheets = bench.json(&format!("label reprint {first} {first} {reference} --per-sheet 2 -o sheets.pdf"));
    assert_eq!(pages(&bench.file("sheets.pdf")), 1, "{sheets}");
    let (code, _, err) = bench.typed(&format!("label reprint {second} --per-sheet 2 -o no.pdf"));
    assert!(
        code == 1 && err.contains("sheets are for PDF labels") && !bench.installation.path("no.pdf").exists(),
        "{err}"
    );
    assert_eq!(bench.typed(&format!("label reprint {first} --per-sheet 3")).0, 2);

    let slips = bench.json("packing-slip --ready -o slips.pdf");
    assert_eq!(pages(&bench.file("slips.pdf")), ready.len() - 2, "{slips}");
    bench.json("picklist -o pick.pdf");
    assert!(bench.file("pick.pdf").starts_with(b"%PDF"));

    let sent = bench.json(&format!("dispatch {reference} --carrier Post"));
    assert_eq!(sent.pointer("/results/0/recorded"), Some(&Value::Bool(true)), "{sent}");
    fs::write(bench.installation.path("day.csv"), format!("reference,tracking\n{reference},TT123456785GB\n"))
        .expect("a file");
    let sent = bench.json("dispatch import day.csv");
    assert_eq!(sent.pointer("/results/0/shipment/tracking"), Some(&Value::from("TT123456785GB")), "{sent}");
    let told = bench.json(&format!("privacy disclosures --order {first}"));
    let fields = told.pointer("/disclosures/0/fields").map(Value::to_string).unwrap_or_default();
    assert!(fields.contains("address_line1") && !fields.contains("phone") && !fields.contains("email"), "{fields}");
    bench.daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_outside_is_deleted_by_its_owners_next_command_when_it_is_due() {
    let bench = Bench::new().await;
    let [first, second, ..] = &bench.ready()[..] else { panic!("two orders at least") };
    bench.json(&format!("label create {first} -o kept.pdf"));
    bench.json(&format!("label create {second} -o changed.pdf"));
    fs::write(bench.installation.path("changed.pdf"), "something else").expect("a file");
    let store = bench.installation.look().await;
    bench.json("orders list");
    assert!(bench.installation.path("kept.pdf").exists(), "it is not due yet");
    store.run_raw(false, "UPDATE label_copy SET due_at = 1").await;
    let (_, _, err) = bench.typed("orders list");
    assert!(err.contains("kept.pdf, whose time is over, was deleted"), "{err}");
    assert!(err.contains("changed.pdf, whose time is over, was changed since"), "{err}");
    assert!(!bench.installation.path("kept.pdf").exists() && bench.installation.path("changed.pdf").exists());
    assert_eq!(store.number(false, "SELECT COUNT(*) FROM label_copy").await, 0);
    let (_, _, err) = bench.typed("orders list");
    assert_eq!(err, "", "said once");
    bench.daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_is_gone_cut_off_or_no_file_is_told_and_no_command_waits_for_it() {
    use std::os::unix::ffi::OsStrExt;
    let bench = Bench::new().await;
    let [first, second, third, ..] = &bench.ready()[..] else { panic!("three orders at least") };
    let store = bench.installation.look().await;
    let none_noted = async || store.number(false, "SELECT COUNT(*) FROM label_copy").await == 0;

    // What cannot be made leaves no word of a file, and a program is told in one document.
    let words = format!("--json label create {first} --format zpl203 --printer 127.0.0.1:9");
    let (code, out, err) = bench.typed(&words);
    let told: Value = serde_json::from_str(&out).expect("one document");
    assert!(code == 1 && told.pointer("/error/message").is_some(), "{out}{err}");
    assert!(told.pointer("/results/0/label/reference").is_some() && told["document"].is_null(), "{out}");
    let name = std::ffi::OsStr::from_bytes(b"label-\xff.pdf");
    let ended = bench.installation.command(&["label", "reprint", first, "-o"]).arg(name).output().expect("a program");
    assert_eq!(ended.status.code(), Some(2), "{}", String::from_utf8_lossy(&ended.stderr));
    fs::create_dir(bench.installation.path("full")).expect("a folder");
    let (code, _, err) = bench.typed(&format!("label reprint {first} -o full"));
    assert!(code == 1 && none_noted().await, "{err}");

    bench.json(&format!("label reprint {first} -o missing.pdf"));
    bench.json(&format!("label create {second} -o pipe.pdf"));
    bench.json(&format!("label create {third} -o link.pdf"));
    fs::remove_file(bench.installation.path("missing.pdf")).expect("it was there");
    for (name, is) in [("pipe.pdf", rustix::fs::FileType::Fifo), ("link.pdf", rustix::fs::FileType::Symlink)] {
        let path = bench.installation.path(name);
        fs::remove_file(&path).expect("it was there");
        if is == rustix::fs::FileType::Fifo {
            rustix::fs::mknodat(rustix::fs::CWD, &path, is, rustix::fs::Mode::RWXU, 0).expect("a pipe");
        } else {
            std::os::unix::fs::symlink(bench.installation.path("day.csv"), &path).expect("a link");
        }
    }
    store.run_raw(false, "UPDATE label_copy SET due_at = 1").await;
    let (_, _, err) = bench.typed("orders list");
    assert!(err.contains("missing.pdf, whose time is over, is not there any more"), "{err}");
    for name in ["pipe.pdf", "link.pdf"] {
        assert!(err.contains(&format!("{name}, whose time is over, is no file any more")), "{err}");
    }
    assert!(none_noted().await);

    // Where no daemon runs, who uses the spool folder empties it of what is over a day old.
    let old = bench.installation.path("spool/old.pdf");
    let file = fs::File::create(&old).expect("the spool folder is there");
    file.set_modified(std::time::UNIX_EPOCH).expect("its time");
    bench.daemon.stop().await;
    let spooled = bench.installation.typed(&["label", "reprint", first]);
    assert!(spooled.0 == 0 && spooled.1.contains("deleted after 24 hours") && !old.exists(), "{spooled:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cups_is_given_the_labels_bytes_and_a_queue_that_is_not_there_costs_no_label() {
    let bench = Bench::new().await;
    let [first, second, ..] = &bench.ready()[..] else { panic!("two orders at least") };
    // In place of CUPS's own commands: what is printed lands in a file.
    let programs = bench.installation.path("bin");
    fs::create_dir(&programs).expect("a folder");
    for (name, script) in [("lp", "cat > printed"), ("lpstat", "[ \"$2\" = bench ]")] {
        let path = programs.join(name);
        fs::write(&path, format!("#!/bin/sh\necho \"$@\" >> asked\n{script}\n")).expect("a script");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(&path, mode).expect("its mode");
    }
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let with_cups = |words: &[&str]| {
        let ended = bench.installation.command(words).env("PATH", &path).output().expect("the program starts");
        (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
    };
    let (code, err) = with_cups(&["label", "create", first, "--cups", "other"]);
    assert!(code == Some(1) && err.contains("there is no print queue other") && err.contains("lpstat -p"), "{err}");
    assert!(bench.ready().contains(first), "nothing was made");
    assert_eq!(with_cups(&["label", "create", first, "--cups", "bench"]).0, Some(0));
    let printed = bench.file("printed");
    bench.json(&format!("label reprint {first} -o reprint.pdf"));
    assert_eq!(printed, bench.file("reprint.pdf"));
    assert_eq!(with_cups(&["label", "create", second, "--format", "zpl203", "--cups", "bench"]).0, Some(0));
    assert!(bench.file("printed").starts_with(b"^XA"));
    let asked = String::from_utf8(bench.file("asked")).expect("UTF-8");
    assert!(asked.contains("-s -d bench -o raw -"), "a label printer's commands are not to be converted: {asked}");
    bench.daemon.stop().await;
}
