//! The measured daemon: a process of its own, asked over its control socket, looked at through `/proc`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ordersync_daemon::config::Config;
use ordersync_daemon::failure::{Exit, Failure};
use ordersync_http_client::unix::UnixClient;
use ordersync_http_client::{Method, Payload};
use ordersync_types::{Clock, SystemClock};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::{complain, failed};

/// How long the daemon may take to answer after its start, and to end after SIGTERM.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Ticks of processor time a second in `/proc` (`USER_HZ`, proc(5)): 100 on every Linux.
const TICKS_PER_SECOND: u64 = 100;

/// The daemon that is measured: the one named, else the one beside this program, brought up to date where cargo runs
/// us.
///
/// # Errors
/// There is none, or cargo cannot build it.
pub(crate) fn find(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(named) = named {
        let found = named.canonicalize();
        return found.map_err(|error| Failure::of_file("there is no such daemon:", named, &error));
    }
    let own =
        std::env::current_exe().map_err(|error| failed(format!("where this program lies is unknown: {error}")))?;
    let folder = own.parent().unwrap_or(Path::new("/"));
    let program = folder.join("ordersync");
    if let (Some(cargo), Some(target)) = (std::env::var_os("CARGO"), folder.parent()) {
        complain("bringing the daemon up to date with `cargo build`");
        let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
        let mut build = Command::new(cargo);
        // Named together with this package, so that both share what is compiled.
        build.args(["build", "--quiet", "--package", "ordersync-daemon", "--package", "ordersync-demo"]);
        build.args(["--bin", "ordersync", "--profile", profile, "--target-dir"]);
        let built = build.arg(target).current_dir(env!("CARGO_MANIFEST_DIR")).stdout(Stdio::null()).status();
        if !built.is_ok_and(|status| status.success()) {
            return Err(failed("cargo cannot build the daemon; name one with --daemon FILE"));
        }
    }
    if program.is_file() {
        return Ok(program);
    }
    let message = format!("there is no daemon at {}", program.display());
    Err(Failure::new(Exit::Usage, message)
        .hint("build it with `cargo build --release -p ordersync-daemon`, or use --daemon FILE"))
}

/// A daemon that runs. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Daemon {
    child: Child,
    client: UnixClient,
    log: PathBuf,
}

/// What a process has used so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Processor time of all its threads, in milliseconds.
    pub(crate) cpu_ms: u64,
    /// The most memory it ever held, in KiB.
    pub(crate) peak_rss_kib: u64,
}

impl Daemon {
    /// Starts the daemon and waits until it answers. Its log lines go to `log`.
    ///
    /// # Errors
    /// It cannot be started, ends at once, or does not answer.
    pub(crate) async fn start(program: &Path, config: &Config, log: &Path) -> Result<Self, Failure> {
        let lines = File::options().create(true).append(true).open(log);
        let lines = lines.map_err(|error| Failure::of_file("the log cannot be made:", log, &error))?;
        let mut command = Command::new(program);
        command.arg("--config").arg(&config.file).arg("serve");
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(lines).spawn();
        let child = child.map_err(|error| Failure::of_file("the daemon cannot be started:", program, &error))?;
        let mut daemon = Self { child, client: UnixClient::new(&config.control_socket), log: log.to_path_buf() };
        let began = SystemClock.monotonic();
        while daemon.ask(Method::Get, "/v1/version", None).await.is_err() {
            if let Ok(Some(status)) = daemon.child.try_wait() {
                return Err(failed(format!("the daemon ended with {status}: {}", daemon.last_line())));
            }
            if SystemClock.monotonic().saturating_sub(began) > PATIENCE {
                return Err(failed(format!("the daemon does not answer: {}", daemon.last_line())));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(daemon)
    }

    /// Asks as the command line does.
    ///
    /// # Errors
    /// There is no answer, or one that refuses.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let body = body.map(|body| Payload::json(body.to_string().into_bytes()));
        let answer = self.client.request(method, path, body).await?;
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if !(200..300).contains(&answer.status) {
            return Err(failed(format!("{path} was answered with {}: {json}", answer.status)));
        }
        Ok(json)
    }

    /// Asks for a document.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub(crate) async fn bytes(&self, path: &str, body: &Value) -> Result<Vec<u8>, Failure> {
        let answer =
            self.client.request(Method::Post, path, Some(Payload::json(body.to_string().into_bytes()))).await?;
        if answer.status != 200 {
            return Err(failed(format!("{path} was answered with {}", answer.status)));
        }
        Ok(answer.body.to_vec())
    }

    /// What it has used so far.
    ///
    /// # Errors
    /// It is gone, or `/proc` is.
    pub(crate) fn usage(&self) -> Result<Usage, Failure> {
        let folder = PathBuf::from(format!("/proc/{}", self.child.id()));
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|error| Failure::of_file("the daemon is gone:", &path, &error))
        };
        let usage = Usage { cpu_ms: cpu_ms(&read("stat")?), peak_rss_kib: peak_rss_kib(&read("status")?) };
        if usage.peak_rss_kib == 0 { Err(failed("the daemon is gone")) } else { Ok(usage) }
    }

    /// Asks it to end with SIGTERM, and waits until it has.
    ///
    /// # Errors
    /// It does not end in time, or not well.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        let asked = kill_process(Pid::from_child(&self.child), Signal::TERM);
        asked.map_err(|error| failed(format!("the daemon cannot be asked to end: {error}")))?;
        let began = SystemClock.monotonic();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    return Err(failed(format!("the daemon ended with {status}: {}", self.last_line())));
                }
                Ok(None) if SystemClock.monotonic().saturating_sub(began) < PATIENCE => {
                    tokio::time::sleep(LOOK_EVERY).await;
                }
                Ok(None) => return Err(failed("the daemon does not end after SIGTERM")),
                Err(error) => return Err(failed(format!("the daemon cannot be waited for: {error}"))),
            }
        }
    }

    fn last_line(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().last().unwrap_or("it said nothing").to_owned()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// User and system time from `/proc/PID/stat` (proc(5), fields 14 and 15). The second field, the name in brackets, may
/// hold anything.
fn cpu_ms(stat: &str) -> u64 {
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
    ticks.sum::<u64>() * 1000 / TICKS_PER_SECOND
}

/// `VmHWM` from `/proc/PID/status`.
fn peak_rss_kib(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read_by_its_fields() {
        let stat = "77 (order) sync) S 1 77 77 0 -1 4194560 900 0 3 0 151 49 7 7 20 0 6 0 8000 1 2 3";
        assert_eq!(cpu_ms(stat), 2000);
        assert_eq!(peak_rss_kib("Name:\tx\nVmPeak:\t 999 kB\nVmHWM:\t   20480 kB\nVmRSS:\t 5 kB\n"), 20_480);
        assert_eq!((cpu_ms(""), peak_rss_kib("")), (0, 0));
        let own = fs::read_to_string("/proc/self/status").unwrap();
        assert!(peak_rss_kib(&own) > 1000);
    }
}
