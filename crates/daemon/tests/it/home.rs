//! An installation in a temporary folder, and the real program run against it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Home {
    folder: TempDir,
}

pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

/// Writes a file that only its owner may read.
pub(crate) fn private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

impl Home {
    /// A folder with nothing but a passphrase.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("etc")).unwrap();
        private(&folder.path().join("passphrase"), "an invented passphrase\n");
        Self { folder }
    }

    /// A folder after `init`.
    pub(crate) fn new() -> Self {
        let home = Self::empty();
        let ended = home.init();
        assert_eq!(ended.code, 0, "{}", ended.err);
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("etc/ordersync.toml")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ordersync"));
        command.arg("--config").arg(self.config()).args(arguments).current_dir(self.folder.path());
        command.stdin(Stdio::null()).env_remove("NOTIFY_SOCKET").env_remove("CREDENTIALS_DIRECTORY");
        command
    }

    /// The same with a limit on the size of files, in 512-byte blocks (setrlimit(2), sh(1)).
    pub(crate) fn limited(&self, blocks: u32, arguments: &[&str]) -> Command {
        let inner = self.command(arguments);
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("ulimit -f {blocks} && exec \"$0\" \"$@\"")).arg(inner.get_program());
        command.args(inner.get_args()).current_dir(self.folder.path());
        command.stdin(Stdio::null()).env_remove("NOTIFY_SOCKET").env_remove("CREDENTIALS_DIRECTORY");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).output().unwrap())
    }

    pub(crate) fn init(&self) -> Ended {
        self.run(&[
            "init",
            "--unattended",
            "--state-dir",
            "state",
            "--passphrase-file",
            "passphrase",
            "--control-socket",
            "run/control.sock",
            "--control-group",
            "root",
            "--log-format",
            "json",
        ])
    }

    /// Changes the configuration's text.
    pub(crate) fn edit(&self, change: impl FnOnce(String) -> String) {
        let text = change(fs::read_to_string(self.config()).unwrap());
        fs::write(self.config(), text).unwrap();
    }

    /// A daemon that answers on its socket. It is killed when dropped.
    pub(crate) fn serve(&self) -> Serving {
        let log = fs::File::create(self.path("log")).unwrap();
        let child = self.command(&["serve"]).stderr(log).spawn().unwrap();
        let mut serving = Serving { child: Some(child) };
        for _ in 0..200 {
            if self.path("run/control.sock").exists() && self.run(&["--json", "account", "list"]).code == 0 {
                return serving;
            }
            let ended = serving.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "serve ended: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("no daemon after 10 s: {}", self.log());
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }
}

pub(crate) fn ended(output: Output) -> Ended {
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) struct Serving {
    child: Option<Child>,
}

impl Serving {
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// SIGTERM; gives the exit code once it ended, within 10 seconds.
    pub(crate) fn stop(mut self) -> i32 {
        self.signal("-TERM");
        let mut child = self.child.take().unwrap();
        for _ in 0..200 {
            if let Some(status) = child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("still running 10 s after SIGTERM");
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
