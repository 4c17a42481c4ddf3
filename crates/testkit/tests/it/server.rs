//! The scripted server, asked over a plain connection.

use std::time::Duration;

use ordersync_testkit::{Delivery, ScriptedReply, ScriptedServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::clock::soon;

async fn ask(server: &ScriptedServer, request: &str) -> (String, std::io::Result<usize>) {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = soon(stream.read_to_end(&mut answer)).await;
    (String::from_utf8(answer).unwrap(), read)
}

#[tokio::test]
async fn replies_come_in_their_order_on_one_connection() {
    let server = ScriptedServer::start([
        ScriptedReply::json("{\"a\":1}").header("x-request-id", "r-1"),
        ScriptedReply::new(429, ""),
    ])
    .await
    .unwrap();
    server.push(ScriptedReply::new(200, "last").delivered(Delivery::Cut));
    let request = "POST /orders?a=b HTTP/1.1\r\nX-Token: t\r\nContent-Length: 3\r\n\r\none";
    let again = "GET / HTTP/1.1\r\n\r\n";
    let (answer, _) = ask(&server, &format!("{request}{again}{again}")).await;
    let expected = "HTTP/1.1 200 Scripted\r\ncontent-type: application/json\r\nx-request-id: r-1\r\n\
                    content-length: 7\r\n\r\n{\"a\":1}\
                    HTTP/1.1 429 Scripted\r\ncontent-length: 0\r\n\r\n\
                    HTTP/1.1 200 Scripted\r\ncontent-length: 4\r\n\r\nla";
    assert_eq!(answer, expected);
    let asked = server.asked();
    assert_eq!((asked.len(), server.left()), (3, 0));
    assert_eq!((asked[0].method.as_str(), asked[0].target.as_str()), ("POST", "/orders?a=b"));
    assert_eq!((asked[0].header("x-token"), asked[0].body.as_slice()), (Some("t"), b"one".as_slice()));
    assert!(server.url("/x").starts_with("http://127.0.0.1:"));
}

#[tokio::test]
async fn faults_look_like_faults() {
    let reset = ScriptedServer::start([ScriptedReply::new(200, "x").delivered(Delivery::Reset)]).await.unwrap();
    let (_, read) = ask(&reset, "GET / HTTP/1.1\r\n\r\n").await;
    assert_eq!(read.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);

    let pause = Duration::from_millis(5);
    let slow = ScriptedReply::new(200, "0123456789").delivered(Delivery::Slow(20, pause));
    let server = ScriptedServer::start([slow, ScriptedReply::new(204, "").delivered(Delivery::Cut)]).await.unwrap();
    let (answer, _) = ask(&server, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n").await;
    assert!(answer.contains("0123456789HTTP/1.1 204"), "{answer}");

    let silent = ScriptedServer::start([ScriptedReply::new(200, "").delivered(Delivery::Silence)]).await.unwrap();
    let waited = tokio::time::timeout(Duration::from_millis(50), ask(&silent, "GET / HTTP/1.1\r\n\r\n")).await;
    assert!(waited.is_err());
    assert_eq!(silent.asked().len(), 1);

    let used_up = ScriptedServer::start([]).await.unwrap();
    used_up.push(ScriptedReply::new(200, "").delivered(Delivery::Cut));
    drop(ask(&used_up, "GET / HTTP/1.1\r\n\r\n").await);
    let mut stream = TcpStream::connect(used_up.address()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut start = [0; 12];
    soon(stream.read_exact(&mut start)).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 418");
}
