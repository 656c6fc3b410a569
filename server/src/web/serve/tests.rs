use super::*;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const ONE: &[u8] = b"GET /one HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

fn short() -> ServeLimits {
    ServeLimits { header_time: Duration::from_millis(100), body_time: Duration::from_millis(100), ..long() }
}

fn long() -> ServeLimits {
    let time = Duration::from_secs(600);
    ServeLimits { connections: 8, per_address: 8, proxies: Vec::new(), header_time: time, body_time: time }
}

/// Starts a server; answers its address and what ends it.
async fn start(limits: ServeLimits) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let from = |ConnectInfo(from): ConnectInfo<SocketAddr>| async move { from.ip().to_string() };
    let router = Router::new().route("/one", get(from)).route("/echo", post(|body: String| async move { body }));
    let closing = CancellationToken::new();
    let closed = closing.clone().cancelled_owned();
    (address, closing, tokio::spawn(serve(listener, router, limits, closed)))
}

async fn connect(address: SocketAddr, sent: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(sent).await.expect("sent");
    stream
}

/// Everything that a connection answers until it is closed.
async fn read(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that had to make room may be reset.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn silent_connections_make_room_for_those_that_ask() {
    let (address, ..) = start(long()).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(connect(address, b"GET /one HTTP/1.1\r\nhost:").await);
    }
    let answer = read(connect(address, ONE).await).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
    assert_eq!(read(silent.swap_remove(0)).await, "", "the oldest was closed");
}

#[tokio::test]
async fn headers_and_bodies_must_arrive_in_time() {
    let (address, ..) = start(short()).await;
    let headers = read(connect(address, b"GET /one HTTP/1.1\r\nhost:").await).await;
    assert!(!headers.contains("200"), "{headers}");
    let body = read(connect(address, b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc").await).await;
    assert!(!body.contains("HTTP/1.1 200"), "{body}");
}

#[tokio::test]
async fn a_server_that_closes_ends_with_silent_connections_open() {
    let (address, closing, serving) = start(long()).await;
    let silent = connect(address, b"GET /one HTT").await;
    assert!(read(connect(address, ONE).await).await.contains("200"));
    closing.cancel();
    serving.await.expect("it ends");
    assert_eq!(read(silent).await, "");
}
