//! What is typed at a terminal without being shown.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use crate::home::Home;

/// The command on a terminal of its own (script(1)), followed by what the terminal's settings are then.
fn on_a_terminal(home: &Home, arguments: &[&str]) -> Child {
    let inner = home.command(arguments);
    let words: Vec<String> = std::iter::once(inner.get_program())
        .chain(inner.get_args())
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    let line = format!("sh -c \"{}; echo code \\$?; stty -a\"", words.join(" "));
    // A prompt that waits for ever fails the test.
    let mut command = Command::new("timeout");
    command.args(["100", "script", "--quiet", "--command", &line, "/dev/null"]).current_dir(home.path(""));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

fn read_until(child: &mut Child, text: &str) -> String {
    let mut seen = Vec::new();
    let mut byte = [0];
    let out = child.stdout.as_mut().unwrap();
    while !String::from_utf8_lossy(&seen).ends_with(text) {
        assert_eq!(out.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
    String::from_utf8(seen).unwrap()
}

fn rest(mut child: Child) -> String {
    let mut seen = String::new();
    child.stdout.as_mut().unwrap().read_to_string(&mut seen).unwrap();
    child.wait().unwrap();
    seen
}

fn init(home: &Home) -> Child {
    on_a_terminal(
        home,
        &["init", "--state-dir", "state", "--key-file", "etc/root-secret", "--goods-not-listed", "standard"],
    )
}

#[test]
fn an_interrupted_passphrase_leaves_the_terminal_as_it_was_and_nothing_made() {
    let home = Home::empty();
    let mut child = init(&home);
    read_until(&mut child, "(not shown): ");
    child.stdin.as_mut().unwrap().write_all(b"secret\x03").unwrap();
    let rest = rest(child);
    assert!(rest.contains("interrupted") && rest.contains("code 1"), "{rest}");
    for set in ["echo", "isig", "icanon"] {
        assert!(rest.split_whitespace().any(|word| word == set), "{set}: {rest}");
    }
    assert!(!rest.contains("secret\x03") && !home.path("state").exists());
}

#[test]
fn a_passphrase_is_typed_corrected_and_never_shown() {
    let home = Home::empty();
    let mut child = init(&home);
    read_until(&mut child, "(not shown): ");
    // wiped once with ctrl-U, corrected by three backspaces over a character of two bytes and two of one
    child.stdin.as_mut().unwrap().write_all("wrong\x15a passphrase of \u{e9}xy\x7f\x7f\x7fwords\r".as_bytes()).unwrap();
    read_until(&mut child, "(not shown): ");
    child.stdin.as_mut().unwrap().write_all(b"a passphrase of words\r").unwrap();
    let rest = rest(child);
    assert!(rest.contains("code 0") && !rest.contains("words\r"), "{rest}");
    let test = home.run(&["keys", "escrow", "test", "etc/recovery-file.age", "--passphrase-file", "typed"]);
    assert_ne!(test.code, 0);
    crate::home::private(&home.path("typed"), "a passphrase of words\n");
    let test = home.run(&["keys", "escrow", "test", "etc/recovery-file.age", "--passphrase-file", "typed"]);
    assert_eq!(test.code, 0, "{}", test.err);
}
