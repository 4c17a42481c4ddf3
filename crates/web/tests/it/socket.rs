//! The control socket with real peer credentials.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ordersync_web::{Role, ServeSettings, UnixUser, UserFiles, serve_unix};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::world::World;

struct Served {
    socket: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    tasks: JoinSet<()>,
    _folder: tempfile::TempDir,
}

/// Serves with these lists of users and groups; `{uid}` and `{gid}` stand for the test's own.
async fn served(world: &World, passwd: &str, group: &str) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let own = std::fs::metadata(folder.path()).unwrap();
    let file = |name: &str, text: &str| {
        let text = text.replace("{uid}", &own.uid().to_string()).replace("{gid}", &own.gid().to_string());
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let users = UserFiles { passwd: file("passwd", passwd), group: file("group", group), proc: "/proc".into() };
    let socket = folder.path().join("control.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let roles = |user: &UnixUser| {
        let known = user.groups.iter().any(|group| group == "ordersync");
        known.then_some(if user.name.as_deref() == Some("owner") { Role::Admin } else { Role::Packer })
    };
    let settings = ServeSettings { grace: Duration::from_millis(300), users, ..ServeSettings::default() };
    let (stop, stopped) = oneshot::channel();
    let api = world.api.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let shutdown = async {
            stopped.await.ok();
        };
        serve_unix(listener, &api, Arc::new(roles), settings, shutdown).await;
    });
    Served { socket, stop: Some(stop), tasks, _folder: folder }
}

async fn ask(socket: &Path, head: &str) -> String {
    let mut stream = UnixStream::connect(socket).await.unwrap();
    stream.write_all(format!("{head}\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

const PASSWD: &str = "tester:x:{uid}:{gid}::/:/bin/sh\n";

#[tokio::test]
async fn the_kernel_says_who_asks_and_the_group_list_what_for() {
    let world = World::new().await;
    let served = served(&world, PASSWD, "ordersync:x:990:someone,tester\n").await;
    let answer = ask(&served.socket, "GET /v1/status HTTP/1.1").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = ask(&served.socket, "GET /v1/keys/status HTTP/1.1").await;
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("the role packer may not do this"), "{answer}");
    // Nothing that a request says about itself counts.
    let claimed = "GET /v1/keys/status HTTP/1.1\r\nx-role: admin\r\nx-forwarded-user: root\r\nauthorization: Bearer x";
    assert!(ask(&served.socket, claimed).await.starts_with("HTTP/1.1 403"));
}

#[tokio::test]
async fn the_role_follows_the_name_in_the_user_list() {
    let world = World::new().await;
    let served = served(&world, "owner:x:{uid}:{gid}::/:/bin/sh\n", "ordersync:x:{gid}:\n").await;
    assert!(ask(&served.socket, "GET /v1/keys/status HTTP/1.1").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_user_outside_the_group_gets_a_sentence_for_every_path() {
    let world = World::new().await;
    let served = served(&world, PASSWD, "ordersync:x:990:testers\n").await;
    for path in ["/v1/version", "/v1/status", "/nowhere"] {
        let answer = ask(&served.socket, &format!("GET {path} HTTP/1.1")).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(answer.contains("ask the admin to add you to the group ordersync"), "{answer}");
        assert!(answer.contains("cache-control: no-store"), "{answer}");
    }
}

#[tokio::test]
async fn a_shutdown_ends_within_its_bound_whoever_hangs_on() {
    let world = World::new().await;
    let mut served = served(&world, PASSWD, "ordersync:x:990:tester\n").await;
    let mut half = UnixStream::connect(&served.socket).await.unwrap();
    let head = "POST /v1/sync HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    half.write_all(head.as_bytes()).await.unwrap();
    let mut idle = UnixStream::connect(&served.socket).await.unwrap();
    idle.write_all(b"GET /v1/version HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    served.stop.take().unwrap().send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), served.tasks.join_next()).await.unwrap().unwrap().unwrap();
    let mut rest = Vec::new();
    half.read_to_end(&mut rest).await.ok();
    assert!(UnixStream::connect(&served.socket).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn bytes_that_are_no_http_end_the_connection_and_nothing_else() {
    let world = World::new().await;
    let served = served(&world, PASSWD, "ordersync:x:990:tester\n").await;
    let mut stream = UnixStream::connect(&served.socket).await.unwrap();
    stream.write_all(b"\x16\x03\x01\x00\xff canary\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.ok();
    assert!(ask(&served.socket, "GET /v1/version HTTP/1.1").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_label_is_made_to_its_end_when_who_asked_hangs_up() {
    let (world, courier) = crate::packing::bench().await;
    let served = served(&world, PASSWD, "ordersync:x:990:tester\n").await;
    let call = courier.pause_next();
    let body = format!(r#"{{"labels":[{{"orders":["{}"]}}]}}"#, crate::world::number(4));
    let mut stream = UnixStream::connect(&served.socket).await.unwrap();
    let head = "POST /v1/labels HTTP/1.1\r\nhost: x\r\ncontent-type: application/json";
    let request = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    call.came.await.unwrap();
    drop(stream);
    // The server sees it: nothing of ours can be waited for.
    tokio::time::sleep(Duration::from_millis(50)).await;
    call.go.send(()).unwrap();
    for _ in 0..500 {
        let status = ask(&served.socket, "GET /v1/status HTTP/1.1").await;
        if status.contains("\"labelled_count\":1") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the label was asked for, and its answer went nowhere");
}
