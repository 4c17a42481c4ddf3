//! Where a document with people on it goes: to a printer without leaving a file, to the spool folder that is emptied
//! after 24 hours, or to a file that the caller names and that is then written down.

use std::fs::File;
use std::io::{self, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::Args;
use ordersync_http_client::Method;
use sha2::{Digest, Sha256};

use super::client::Client;
use super::print::out;
use crate::failure::{Exit, Failure};

/// The port of raw printing ("JetDirect"), which ZPL printers listen on.
const RAW_PORT: u16 = 9100;
/// How long a printer may take to answer, or to take more.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where it goes.
#[derive(Debug, Clone, Args)]
pub(super) struct Sink {
    /// Write to this file, which must not be there yet, or to standard output for `-`. A file with labels or packing slips is
    /// yours to delete: it is written down, and when its time is over your next command deletes it, or says that it is
    /// still there.
    #[arg(long, short, value_name = "FILE", conflicts_with_all = ["printer", "cups"])]
    output: Option<PathBuf>,
    /// Send it to the raw port of a label printer (ZPL): HOST or HOST:PORT, 9100 without one. No file is left.
    #[arg(long, value_name = "HOST", conflicts_with = "cups")]
    printer: Option<String>,
    /// Print it with CUPS (`lp -d QUEUE`). No file is left by this command; CUPS itself keeps what it printed for a day,
    /// unless its cupsd.conf says `PreserveJobFiles No`.
    #[arg(long, value_name = "QUEUE")]
    cups: Option<String>,
}

/// A document on its way.
enum Open {
    Stdout,
    File { file: File, path: PathBuf },
    Printer(TcpStream),
    Cups(Child),
}

/// Where a document has gone.
pub(super) struct Gone {
    /// In words.
    pub(super) place: String,
    /// SHA-256, in hexadecimal, of the file that the caller named.
    pub(super) sha256: Option<String>,
}

impl Sink {
    /// True when standard output is the document itself, so that nothing else may be written there.
    pub(super) fn is_stdout(&self) -> bool {
        self.output.as_deref() == Some(Path::new("-"))
    }

    /// True when it goes to a label printer's own port, which takes ZPL.
    pub(super) fn is_label_printer(&self) -> bool {
        self.printer.is_some()
    }

    /// True when the caller named a place.
    pub(super) fn is_named(&self) -> bool {
        self.output.is_some() || self.printer.is_some() || self.cups.is_some()
    }

    /// The whole path of the file that the caller keeps, if that is where it goes.
    ///
    /// # Errors
    /// The path is not UTF-8: it could not be written down.
    pub(super) fn own_file(&self) -> Result<Option<String>, Failure> {
        let Some(path) = self.output.as_ref().filter(|_| !self.is_stdout()) else { return Ok(None) };
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        match whole.into_os_string().into_string() {
            Ok(whole) => Ok(Some(whole)),
            Err(other) => {
                let message = format!("--output {}: is not UTF-8", Path::new(&other).display());
                Err(Failure::new(Exit::Usage, message).hint("files with people on them are written down by name"))
            }
        }
    }

    /// Looks whether a document could go there, before labels are made for it.
    ///
    /// # Errors
    /// What stands in the way.
    pub(super) fn check(&self, client: &Client) -> Result<(), Failure> {
        if self.is_stdout() || self.printer.is_some() {
            return Ok(());
        }
        if let Some(queue) = &self.cups {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let there = std::env::split_paths(&path).any(|folder| folder.join("lp").is_file());
            return if there { check_queue(queue) } else { Err(no_lp("it is not on the PATH")) };
        }
        self.own_file()?;
        let Some(path) = &self.output else { return spool_file(&client.spool(), "pdf").map(drop) };
        let file = create(path)?;
        drop(file);
        std::fs::remove_file(path).map_err(|error| Failure::of_file("the document cannot be written to", path, &error))
    }

    /// Fetches a document and brings it there. Half a file is removed again.
    ///
    /// # Errors
    /// What stands in the way; a printer that stopped in the middle has printed some.
    pub(super) async fn fetch(
        &self,
        client: &Client,
        (method, path, body): (Method, &str, Option<Vec<u8>>),
        extension: &str,
    ) -> Result<Gone, Failure> {
        let mut open = self.open(client, extension)?;
        let mut hash = Sha256::new();
        let streamed = client
            .stream(method, path, body, |part| {
                if part.starts_with(b"%PDF") && matches!(open, Open::Printer(_)) {
                    // It would print its bytes as text, page after page.
                    let message = "the document is PDF, and a label printer's port takes ZPL: nothing was sent";
                    let hint =
                        "labels: make them with --format zpl203 or zpl300; other paper: print it with --cups QUEUE";
                    return Err(Failure::new(Exit::Failed, message).hint(hint));
                }
                hash.update(part);
                open.write(part)
            })
            .await;
        if let Err(failure) = streamed.and_then(|()| open.sync()) {
            return Err(open.give_up(failure));
        }
        let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        self.finish(open, hash)
    }

    fn open(&self, client: &Client, extension: &str) -> Result<Open, Failure> {
        if self.is_stdout() {
            return Ok(Open::Stdout);
        }
        if let Some(printer) = &self.printer {
            return connect(printer).map(Open::Printer);
        }
        if let Some(queue) = &self.cups {
            check_queue(queue)?;
            let mut command = Command::new("lp");
            command.args(["-s", "-d", queue]);
            if extension == "zpl" {
                command.args(["-o", "raw"]);
            }
            let child = command.arg("-").stdin(Stdio::piped()).spawn();
            return child.map(Open::Cups).map_err(|error| no_lp(&error.to_string()));
        }
        let path = match &self.output {
            Some(path) => path.clone(),
            None => spool_file(&client.spool(), extension)?,
        };
        let file = create(&path).map_err(|failure| {
            let spooled = self.output.is_none();
            if spooled { failure.hint("name a place with --output FILE") } else { failure }
        })?;
        Ok(Open::File { file, path })
    }

    fn finish(&self, open: Open, hash: String) -> Result<Gone, Failure> {
        let (place, sha256) = match open {
            Open::Stdout => ("standard output".to_owned(), None),
            Open::Printer(stream) => {
                // The printer has it; it may close first.
                drop(stream.shutdown(std::net::Shutdown::Write));
                (format!("printer {}", self.printer.as_deref().unwrap_or_default()), None)
            }
            Open::Cups(mut child) => {
                drop(child.stdin.take());
                let status = child.wait().map_err(|error| Failure::new(Exit::Failed, format!("lp: {error}")))?;
                if !status.success() {
                    return Err(Failure::new(Exit::Failed, format!("lp ended with {status}"))
                        .hint("`lpstat -p` lists printers"));
                }
                (format!("print queue {}", self.cups.as_deref().unwrap_or_default()), None)
            }
            Open::File { path, .. } if self.output.is_none() => {
                (format!("{} (deleted after 24 hours)", path.display()), None)
            }
            Open::File { path, .. } => (path.display().to_string(), Some(hash)),
        };
        Ok(Gone { place, sha256 })
    }
}

impl Open {
    fn write(&mut self, part: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Stdout => out(part),
            Self::File { file, path } => file
                .write_all(part)
                .map_err(|error| Failure::of_file("the document cannot be written to", path, &error)),
            Self::Printer(stream) => stream.write_all(part).map_err(|error| stopped("the printer", &error)),
            Self::Cups(child) => match &mut child.stdin {
                Some(stdin) => stdin.write_all(part).map_err(|error| stopped("lp", &error)),
                None => Ok(()),
            },
        }
    }

    fn sync(&mut self) -> Result<(), Failure> {
        match self {
            Self::File { file, path } => {
                file.sync_all().map_err(|error| Failure::of_file("the document cannot be written to", path, &error))
            }
            Self::Printer(stream) => stream.flush().map_err(|error| stopped("the printer", &error)),
            Self::Stdout | Self::Cups(_) => Ok(()),
        }
    }

    /// Half a document looks like a whole one.
    fn give_up(self, failure: Failure) -> Failure {
        match self {
            Self::File { path, .. } => match std::fs::remove_file(&path) {
                Ok(()) => failure,
                Err(error) => {
                    failure.hint(format!("{} is not whole and could not be removed: {error}", path.display()))
                }
            },
            Self::Cups(mut child) => {
                // One that has ended by itself has said why.
                let ended = child.try_wait().ok().flatten();
                drop(child.kill());
                drop(child.wait());
                match ended {
                    Some(status) => Failure { message: format!("lp ended with {status}"), ..failure },
                    None => failure,
                }
            }
            Self::Stdout | Self::Printer(_) => failure,
        }
    }
}

/// A new file that its owner alone may read.
fn create(path: &Path) -> Result<File, Failure> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    file.map_err(|error| {
        let failure = Failure::of_file("the document cannot be written to", path, &error);
        if error.kind() == io::ErrorKind::AlreadyExists { failure.hint("name another file") } else { failure }
    })
}

/// Looks whether there is such a queue. Where that cannot be asked, `lp` will say so.
fn check_queue(queue: &str) -> Result<(), Failure> {
    let mut command = Command::new("lpstat");
    let asked = command.args(["-p", queue]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match asked {
        Ok(status) if !status.success() => {
            let message = format!("there is no print queue {queue}, or CUPS does not run");
            Err(Failure::new(Exit::Failed, message).hint("`lpstat -p` lists the queues"))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

fn no_lp(why: &str) -> Failure {
    Failure::new(Exit::Failed, format!("lp cannot be started: {why}")).hint("apt-get install cups-client")
}

fn stopped(what: &str, error: &io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("{what} stopped taking data: {error}"))
        .hint("the labels are made and kept: look at what was printed, then `ordersync label reprint` for the rest")
}

fn connect(printer: &str) -> Result<TcpStream, Failure> {
    let failed = |error: &io::Error| {
        Failure::new(Exit::Failed, format!("the printer {printer} cannot be reached: {error}"))
            .hint("the labels are made and kept: `ordersync label reprint` prints them")
    };
    let address = if printer.contains(':') { printer.to_owned() } else { format!("{printer}:{RAW_PORT}") };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no address");
    for address in address.to_socket_addrs().map_err(|error| failed(&error))? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => {
                stream.set_write_timeout(Some(PATIENCE)).map_err(|error| failed(&error))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(failed(&last))
}

/// A new name in the spool folder.
fn spool_file(folder: &Path, extension: &str) -> Result<PathBuf, Failure> {
    if !folder.is_dir() {
        let message = format!("the spool folder {} is not there", folder.display());
        return Err(
            Failure::new(Exit::Failed, message).hint("name a place with --output FILE, --printer HOST or --cups QUEUE")
        );
    }
    let id = ordersync_types::EventId::new(ordersync_types::Clock::now(&ordersync_types::SystemClock));
    Ok(folder.join(format!("ordersync-{id}.{extension}")))
}
