//! The real binary on databases of its own, as a child process that can be killed at any moment.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ordersync_http_client::unix::UnixClient;
use ordersync_http_client::{Method, Payload};
use ordersync_simulator::{AmazonSettings, EbaySettings};
use ordersync_store::testing::FreshDatabases;
use ordersync_store::{DatabaseUrl, Databases, OpenOptions};
use ordersync_vault::RootSecret;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// How long anything may take on a busy machine before the test gives up.
const PATIENCE: Duration = Duration::from_secs(200);

/// A program that `cargo build` made beside this test.
pub(crate) fn beside_this_test(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
    let program = folder.join(name);
    assert!(
        program.is_file(),
        "{} is not built: run `cargo build --workspace --bins --locked` first (tests/run does)",
        program.display()
    );
    program
}

/// Waits until `done` says so.
pub(crate) async fn wait_until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !done().await {
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "after {PATIENCE:?} still not: {what}");
}

/// A folder after `init`, and its databases.
pub(crate) struct Installation {
    pub(crate) fresh: FreshDatabases,
    folder: TempDir,
    program: PathBuf,
}

impl Installation {
    pub(crate) fn new(fresh: FreshDatabases) -> Self {
        let installation =
            Self { fresh, folder: tempfile::tempdir().expect("a folder"), program: beside_this_test("ordersync") };
        fs::create_dir(installation.path("etc")).expect("a folder");
        installation.private("passphrase", "an invented passphrase\n");
        let [data, keys] = [&installation.fresh.data, &installation.fresh.keys].map(|url| match url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        });
        let files = ["--state-dir", "state", "--passphrase-file", "passphrase", "--control-socket", "control.sock"];
        let arguments = [&["init", "--unattended"], &files[..], &["--data", &data, "--keys", &keys]].concat();
        installation.run(&[&arguments[..], &["--control-group", "root", "--log-format", "json"]].concat());
        installation
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that only its owner may read.
    fn private(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file");
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).expect("its mode");
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(self.path("etc/ordersync.toml")).args(arguments);
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        command.env_remove("NOTIFY_SOCKET").env_remove("CREDENTIALS_DIRECTORY");
        command
    }

    /// Runs a command as a person does: its exit code, and what it says on standard output and standard error.
    pub(crate) fn typed(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
        let output = output.expect("the program starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    fn run(&self, arguments: &[&str]) {
        let output = self.command(arguments).stderr(Stdio::piped()).output().expect("the program starts");
        assert!(output.status.success(), "{:?}: {}", arguments.first(), String::from_utf8_lossy(&output.stderr));
    }

    /// Adds an account of a stand-in, while no daemon runs.
    pub(crate) fn add_account(&self, shop: &str, base_url: &str, settings: &[&str]) {
        let (amazon, ebay) = (AmazonSettings::default(), EbaySettings::default());
        let (id, secret, token) = match shop {
            "amazon" => (amazon.client_id, amazon.client_secret, amazon.refresh_token),
            _ => (ebay.client_id, ebay.client_secret, ebay.refresh_token),
        };
        let json = serde_json::json!({"client_id": id, "client_secret": secret, "refresh_token": token});
        self.private("credentials.json", &json.to_string());
        let mut arguments = vec!["account", "add", shop, "--label", shop, "--credentials-file", "credentials.json"];
        arguments.extend(["--base-url", base_url, "--setting", "budgets=off"]);
        arguments.extend(settings.iter().flat_map(|setting| ["--setting", setting]));
        if shop == "amazon" {
            arguments.extend(["--region", "eu"]);
        }
        self.run(&arguments);
    }

    /// Starts the daemon and does not wait.
    pub(crate) fn start(&self) -> Daemon {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.path("log")).expect("the log");
        // A killed daemon leaves its socket behind; nobody answers there until the new one has replaced it.
        let socket = self.path("control.sock");
        let child = self.command(&["serve"]).stderr(log).spawn().expect("the program starts");
        Daemon { child: Some(child), client: UnixClient::new(socket), asked: JoinSet::new() }
    }

    /// Starts the daemon and waits until it answers.
    pub(crate) async fn serve(&self) -> Daemon {
        let mut daemon = self.start();
        wait_until("the daemon answers", async || {
            assert!(!daemon.ended(), "serve ended: {}", self.log());
            daemon.client.request(Method::Get, "/v1/version", None).await.is_ok()
        })
        .await;
        daemon
    }

    /// The databases, looked at from beside.
    pub(crate) async fn look(&self) -> Databases {
        let opened = Databases::open(&self.fresh.data, &self.fresh.keys, OpenOptions::default()).await;
        opened.expect("the databases open")
    }

    pub(crate) fn root(&self) -> RootSecret {
        let text = fs::read_to_string(self.path("etc/root-secret")).expect("the root secret");
        RootSecret::parse(&text).expect("64 digits")
    }

    /// The end of the log.
    pub(crate) fn log(&self) -> String {
        let log = fs::read_to_string(self.path("log")).expect("the log");
        let lines: Vec<&str> = log.lines().collect();
        lines.into_iter().rev().take(15).rev().collect::<Vec<_>>().join("\n")
    }
}

/// The time passes for which a killed daemon's leases last.
pub(crate) async fn leases_end(store: &Databases) {
    store.run_raw(false, "UPDATE lease SET expires_at = 0").await;
}

/// A daemon that runs. It is killed when dropped.
pub(crate) struct Daemon {
    child: Option<Child>,
    client: UnixClient,
    asked: JoinSet<()>,
}

impl Daemon {
    /// Whether it has ended by itself.
    fn ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|child| child.try_wait().expect("its state").is_some())
    }

    /// Asks for a reading of all accounts and does not wait.
    pub(crate) fn ask_to_read(&mut self) {
        let client = self.client.clone();
        self.asked.spawn(async move {
            // The daemon may be killed before it answers.
            drop(client.request(Method::Post, "/v1/sync", Some(Payload::json(b"{}".to_vec()))).await);
        });
    }

    /// Asks for something and does not wait.
    pub(crate) fn ask_and_leave(&mut self, path: &'static str, body: serde_json::Value) {
        let client = self.client.clone();
        self.asked.spawn(async move {
            // The daemon may be killed before it answers.
            drop(client.request(Method::Post, path, Some(Payload::json(body.to_string().into_bytes()))).await);
        });
    }

    /// Asks for something and gives the answer.
    pub(crate) async fn ask(&self, path: &str, body: serde_json::Value) -> serde_json::Value {
        let body = Payload::json(body.to_string().into_bytes());
        let request = self.client.request(Method::Post, path, Some(body));
        let answer = tokio::time::timeout(PATIENCE, request).await.expect("in time").expect("an answer");
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    /// Reads all accounts to the end.
    pub(crate) async fn read(&self) {
        let request = self.client.request(Method::Post, "/v1/sync", Some(Payload::json(b"{}".to_vec())));
        let answer = tokio::time::timeout(PATIENCE, request).await.expect("in time").expect("an answer");
        let text = String::from_utf8_lossy(&answer.body);
        assert!(answer.status == 200 && !text.contains("\"failed\""), "{} {text}", answer.status);
    }

    /// SIGKILL; returns when the process is gone.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("SIGKILL");
            child.wait().expect("it is gone");
        }
    }

    /// SIGTERM; returns when the process has ended in order.
    pub(crate) async fn stop(mut self) {
        let mut child = self.child.take().expect("it runs");
        let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
        assert!(killed.success());
        wait_until("the daemon stops", async || child.try_wait().expect("its state").is_some()).await;
        assert!(child.wait().expect("its state").success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.end();
    }
}
