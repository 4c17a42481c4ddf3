//! What goes to the terminal: aligned text for people, JSON for programs.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use ordersync_types::Timestamp;
use ordersync_web::dto::ErrorBody;
use serde::Serialize;

use crate::failure::{Exit, Failure};

/// Standard output and standard error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Printer {
    pub(super) json: bool,
}

impl Printer {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// The API's answer as it is, for programs; else what `people` makes of it.
    pub(super) fn answer(self, body: &[u8], people: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json {
            out(body)?;
            return if body.ends_with(b"\n") { Ok(()) } else { out(b"\n") };
        }
        self.text(&people())
    }

    /// A value of our own: JSON for programs, else `people`.
    pub(super) fn value(self, value: &impl Serialize, people: &str) -> Result<(), Failure> {
        if self.json {
            let text = serde_json::to_vec(value);
            let text = text.map_err(|_| Failure::new(Exit::Failed, "the answer cannot be written as JSON"))?;
            return self.answer(&text, String::new);
        }
        self.text(people)
    }

    fn text(self, text: &str) -> Result<(), Failure> {
        out(text.as_bytes())?;
        if text.is_empty() || text.ends_with('\n') { Ok(()) } else { out(b"\n") }
    }

    /// A failure: on standard error for people, as an error of the API on standard output for programs.
    pub(super) fn failure(self, failure: &Failure) {
        if self.json {
            // Nobody is left to be told when this fails.
            drop(self.value(&ErrorBody { error: failure.detail() }, ""));
            return;
        }
        let text = visible(&format!("ordersync: {failure}\n"), true);
        drop(io::stderr().write_all(text.as_bytes()));
    }

    /// A sentence for people beside the answer, on standard error.
    pub(super) fn aside(self, sentence: &str) {
        // Nobody is left to be told when this fails.
        drop(writeln!(io::stderr(), "{sentence}"));
    }

    /// A word about long work, turning, when a person watches standard error. It goes when dropped.
    pub(super) fn progress(self, what: &'static str) -> Progress {
        if self.json || !io::stderr().is_terminal() {
            return Progress(None);
        }
        let bar = ProgressBar::new_spinner().with_message(what);
        bar.set_style(ProgressStyle::default_spinner());
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress(Some(bar))
    }
}

impl Printer {
    /// How far long work with a known end is, when a person watches standard error.
    pub(super) fn steps(self, what: &'static str, total: usize) -> Option<ProgressBar> {
        if self.json || total < 2 || !io::stderr().is_terminal() {
            return None;
        }
        let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX)).with_message(what);
        if let Ok(style) = ProgressStyle::with_template("{pos} of {len} {msg} {bar:40}") {
            bar.set_style(style);
        }
        Some(bar)
    }
}

/// Turns until dropped.
pub(super) struct Progress(Option<ProgressBar>);

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Writes to standard output. A reader that has gone (`| head`) has seen enough.
pub(super) fn out(bytes: &[u8]) -> Result<(), Failure> {
    match io::stdout().write_all(bytes).and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(Exit::Failed, format!("standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// Rows as aligned columns, two spaces apart, without spaces at the ends of lines.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head)
        .chain(rows.iter().map(|row| row.iter().map(|cell| visible(cell, false)).collect()))
        .collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The text without control characters: a title or a name must not steer the terminal.
pub(super) fn visible(text: &str, lines: bool) -> String {
    let shown = |char: char| if char.is_control() && !(lines && char == '\n') { '\u{fffd}' } else { char };
    text.chars().map(shown).collect()
}

/// A moment for people, in UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// A moment for people, or a dash.
pub(super) fn moment_or_dash(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_harmless() {
        let rows = [vec!["a\u{1b}[2J".to_owned(), "1".to_owned()], vec!["longer one".to_owned(), String::new()]];
        assert_eq!(table(&["NAME", "N"], &rows), "NAME        N\na\u{fffd}[2J       1\nlonger one\n");
    }
}
