//! Asking a person at the terminal, and reading secrets from files instead.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use ordersync_types::Secret;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};

/// Longest line that is read.
const LONGEST: u64 = 16 << 10;

fn terminal(instead: &str) -> Result<File, Failure> {
    File::options()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .map_err(|_| Failure::new(Exit::Usage, "there is no terminal to ask at").hint(instead.to_owned()))
}

fn failed(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("the terminal: {error}"))
}

fn read_line(terminal: &File) -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::with_capacity(1024));
    let mut reader = BufReader::new(terminal.take(LONGEST));
    let read = reader.read_line(&mut line).map_err(|error| failed(&error))?;
    if read == 0 {
        return Err(Failure::new(Exit::Failed, "nothing was typed: the command ends here, nothing was changed"));
    }
    Ok(Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Asks for a line; an empty one means `usual`.
pub(super) fn line(question: &str, usual: &str, instead: &str) -> Result<String, Failure> {
    let mut terminal = terminal(instead)?;
    let shown = if usual.is_empty() { String::new() } else { format!(" [{usual}]") };
    write!(terminal, "{question}{shown}: ").map_err(|error| failed(&error))?;
    let typed = read_line(&terminal)?;
    let typed = typed.trim();
    Ok(if typed.is_empty() { usual.to_owned() } else { typed.to_owned() })
}

/// Asks for something that is not shown while it is typed.
pub(super) fn hidden(question: &str, instead: &str) -> Result<Secret<String>, Failure> {
    let mut terminal = terminal(instead)?;
    let asked = terminal.try_clone().map_err(|error| failed(&error))?;
    // Before the question: what a quick hand, or a program, types at once is neither shown nor lost.
    let quiet = Quiet::new(&asked)?;
    write!(terminal, "{question} (not shown): ").map_err(|error| failed(&error))?;
    let typed = quiet.read_line();
    drop(quiet);
    writeln!(terminal).map_err(|error| failed(&error))?;
    Ok(Secret::new(typed?.trim().to_owned()))
}

/// Neither echo nor signals nor lines until dropped, also after a failure: a key that interrupts is a byte like another,
/// so that the terminal is put right before the program ends. Not every shell does that itself.
struct Quiet<'t> {
    terminal: &'t File,
    before: rustix::termios::Termios,
}

impl<'t> Quiet<'t> {
    fn new(terminal: &'t File) -> Result<Self, Failure> {
        let before = tcgetattr(terminal).map_err(|error| failed(&error.into()))?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(terminal, OptionalActions::Flush, &quiet).map_err(|error| failed(&error.into()))?;
        Ok(Self { terminal, before })
    }

    fn read_line(&self) -> Result<Zeroizing<String>, Failure> {
        const INTERRUPT: u8 = 0x03;
        const END: u8 = 0x04;
        const BACKSPACE: [u8; 2] = [0x08, 0x7f];
        const KILL_LINE: u8 = 0x15;
        let ended =
            |what: &str| Err(Failure::new(Exit::Failed, format!("{what}: the command ends here, nothing was changed")));
        let mut typed = Zeroizing::new(Vec::with_capacity(1024));
        let mut byte = Zeroizing::new([0]);
        loop {
            let mut terminal = self.terminal;
            if terminal.read(byte.as_mut_slice()).map_err(|error| failed(&error))? == 0 {
                return ended("nothing was typed");
            }
            let [key] = *byte;
            match key {
                b'\n' | b'\r' => break,
                INTERRUPT => return ended("interrupted"),
                END if typed.is_empty() => return ended("nothing was typed"),
                KILL_LINE => typed.clear(),
                key if BACKSPACE.contains(&key) => {
                    // A character's later bytes are 10xxxxxx (UTF-8).
                    while typed.pop().is_some_and(|last| last & 0xC0 == 0x80) {}
                }
                // Longer than anything that is asked for: what the buffer holds is never moved, so no copy is left.
                _ if typed.len() == typed.capacity() => return ended("more was typed than is taken"),
                key => typed.push(key),
            }
        }
        let text = std::str::from_utf8(&typed).map_err(|_| Failure::new(Exit::Failed, "what was typed is no text"))?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // When it fails the terminal has gone, and its echo with it.
        tcsetattr(self.terminal, OptionalActions::Flush, &self.before).unwrap_or_default();
    }
}

/// A passphrase: the first line of `file`, or typed; typed twice when it is a `new` one.
pub(super) fn passphrase(file: Option<&Path>, new: bool) -> Result<Secret<String>, Failure> {
    const INSTEAD: &str = "give the passphrase by --passphrase-file FILE";
    if let Some(file) = file {
        let text = secret_text(file)?;
        return Ok(Secret::new(text.lines().next().unwrap_or_default().to_owned()));
    }
    let typed = hidden("Passphrase of the recovery file", INSTEAD)?;
    if new && hidden("The same again", INSTEAD)?.expose() != typed.expose() {
        return Err(Failure::new(
            Exit::Failed,
            "the two passphrases differ: no recovery file was written; run it again",
        ));
    }
    Ok(typed)
}

/// The text of a file that holds secrets, or of standard input for `-`. A file that others may read is refused.
pub(super) fn secret_text(file: &Path) -> Result<Zeroizing<String>, Failure> {
    use std::os::unix::fs::MetadataExt;
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LONGEST).unwrap_or_default()));
    let of_file = |error: &std::io::Error| Failure::of_file("cannot read", file, error);
    if file == Path::new("-") {
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text).map_err(|error| of_file(&error))?;
        return Ok(text);
    }
    let opened = File::open(file).map_err(|error| of_file(&error))?;
    let found = opened.metadata().map_err(|error| of_file(&error))?;
    if found.is_file() && found.mode() & 0o077 != 0 {
        let message =
            format!("{} has mode {:04o}: others may read the secrets in it", file.display(), found.mode() & 0o777);
        return Err(Failure::new(Exit::Failed, message).hint(format!("chmod 600 {}", file.display())));
    }
    opened.take(LONGEST).read_to_string(&mut text).map_err(|error| of_file(&error))?;
    Ok(text)
}

/// Asks for yes before something that cannot be undone; `yes` says it beforehand.
pub(super) fn confirm(question: &str, yes: bool) -> Result<(), Failure> {
    if yes || matches!(line(question, "no", "say --yes to do it without being asked")?.as_str(), "yes" | "y") {
        return Ok(());
    }
    Err(Failure::new(Exit::Failed, "not confirmed: nothing was changed"))
}
