//! The command line's client against a small server on a socket.

use std::path::Path;
use std::time::Duration;

use ordersync_http_client::unix::{UnixClient, UnixError, escaped, with_query};
use ordersync_http_client::{Method, Payload};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::task::JoinSet;

use crate::server::reply;

/// Answers each connection with the next list of parts, pausing between parts; keeps what it was asked.
fn serve(socket: &Path, answers: Vec<Vec<Vec<u8>>>) -> JoinSet<Vec<String>> {
    let listener = UnixListener::bind(socket).unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut asked = Vec::new();
        for parts in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut seen = Vec::new();
            // a body, where there is one, is the word END
            while !seen.ends_with(b"\r\n\r\n") && !seen.ends_with(b"END") {
                assert!(stream.read_buf(&mut seen).await.unwrap() > 0);
            }
            asked.push(String::from_utf8(seen).unwrap());
            for part in parts {
                stream.write_all(&part).await.unwrap();
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        }
        asked
    });
    tasks
}

#[tokio::test]
async fn it_asks_and_reads_whole_answers_of_any_status() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("control.sock");
    let first = reply(200, "content-type: application/json\r\n", "{\"ok\":true}");
    let mut server = serve(&socket, vec![vec![first], vec![reply(422, "", "no")]]);
    let client = UnixClient::new(&socket);
    let path = with_query(&format!("/v1/orders/{}", escaped("a/b?")), &[("status", "to ship"), ("n", "1&2")]);
    let answer = client.request(Method::Get, &path, None).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"{\"ok\":true}"[..]));
    assert_eq!(answer.headers.get("Content-Type"), Some("application/json"));

    let answer = client.request(Method::Post, "/v1/labels", Some(Payload::json(b"\"END".to_vec()))).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (422, &b"no"[..]));

    let asked = server.join_next().await.unwrap().unwrap();
    assert!(asked[0].starts_with("GET /v1/orders/a%2Fb%3F?status=to%20ship&n=1%262 HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(asked[0].contains("host: localhost\r\n"));
    assert!(asked[1].starts_with("POST /v1/labels HTTP/1.1\r\n") && asked[1].ends_with("\r\n\r\n\"END"));
    assert!(asked[1].contains("content-type: application/json\r\n") && asked[1].contains("content-length: 4\r\n"));
}

#[tokio::test]
async fn parts_are_handed_out_as_they_arrive() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("control.sock");
    let chunks =
        [&b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"[..], b"6\r\n10 %\r\n\r\n", b"5\r\ndone\n\r\n"];
    let parts = chunks.iter().map(|part| part.to_vec()).chain([b"0\r\n\r\n".to_vec()]).collect();
    let _server = serve(&socket, vec![parts]);
    let mut answer = UnixClient::new(&socket).stream(Method::Post, "/v1/sync", None).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.next_chunk().await.unwrap().unwrap(), "10 %\r\n");
    assert_eq!(answer.next_chunk().await.unwrap().unwrap(), "done\n");
    assert_eq!(answer.next_chunk().await.unwrap(), None);
    assert_eq!(answer.next_chunk().await.unwrap(), None);
}

#[tokio::test]
async fn each_way_of_not_reaching_the_daemon_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("control.sock");
    let ask = |client: UnixClient| async move { client.request(Method::Get, "/v1/today", None).await };

    let error = ask(UnixClient::new(&socket)).await.unwrap_err();
    assert!(matches!(error, UnixError::NoSocket { .. }), "{error:?}");
    assert!(error.to_string().contains("systemctl start ordersync") && error.to_string().contains("control.sock"));

    drop(UnixListener::bind(&socket).unwrap());
    let error = ask(UnixClient::new(&socket)).await.unwrap_err();
    assert!(matches!(error, UnixError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("systemctl restart ordersync"));

    let other = folder.path().join("other.sock");
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf".to_vec();
    let _server = serve(&other, vec![vec![cut], vec![b"HELLO\r\n\r\n".to_vec()], vec![reply(200, "", "12345")]]);
    for _ in 0..2 {
        let error = ask(UnixClient::new(&other)).await.unwrap_err();
        assert!(matches!(error, UnixError::Broken { .. }), "{error:?}");
    }
    let error = ask(UnixClient::new(&other).max_body_bytes(4)).await.unwrap_err();
    assert!(matches!(error, UnixError::TooLarge { cap_bytes: 4 }), "{error:?}");

    for path in ["v1/today", "", "/a b", "/\n"] {
        let error = UnixClient::new(&other).request(Method::Get, path, None).await.unwrap_err();
        assert!(matches!(error, UnixError::Invalid { .. }), "{path:?}");
    }
}
