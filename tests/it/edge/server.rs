//! A server of the edge tests: the real accept loop and layers around handlers that tell what they
//! saw.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use mereau::base::entropy::SeededEntropy;
use mereau::http::layers::{ClientAddress, LayerSettings, RequestId, stack};
use mereau::http::server::{Drained, ServerSettings, serve};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

/// How long a test waits for something that must happen before it fails instead of hanging.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Short enough to wait for, long enough for a slow machine.
pub const SOON: Duration = Duration::from_millis(200);

pub const NEVER: Duration = Duration::from_secs(3600);

pub struct TestServer {
    pub address: SocketAddr,
    pub stop: CancellationToken,
    pub task: JoinHandle<Drained>,
    /// What handlers tell: `held` when `/held` runs, `dropped` when a body of `/endless` ended.
    pub events: mpsc::UnboundedReceiver<&'static str>,
    /// Lets `/held` answer.
    pub release: Arc<tokio::sync::Semaphore>,
}

/// Settings of which no deadline ever strikes, to set the one under test.
pub fn patient() -> ServerSettings {
    ServerSettings {
        handshake: NEVER,
        first_byte: NEVER,
        head: NEVER,
        idle: NEVER,
        delivery: NEVER,
        linger: SOON,
        drain: NEVER,
        ..ServerSettings::default()
    }
}

pub fn layers() -> LayerSettings {
    let entropy = Arc::new(SeededEntropy::new(11));
    let mut layers = LayerSettings::new(&ServerSettings::default(), entropy);
    layers.body.whole = NEVER;
    layers.body.grace = NEVER;
    layers
}

pub async fn start(settings: ServerSettings) -> TestServer {
    start_with(settings, layers(), None).await
}

pub async fn start_with(
    settings: ServerSettings,
    layers: LayerSettings,
    tls: Option<Arc<ServerConfig>>,
) -> TestServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let (tell, events) = mpsc::unbounded_channel();
    let release = Arc::new(tokio::sync::Semaphore::new(0));
    let service = stack(router(tell, Arc::clone(&release)), layers);
    let task = tokio::spawn(serve(listener, tls, settings, service, stop.clone()));
    TestServer {
        address,
        stop,
        task,
        events,
        release,
    }
}

impl TestServer {
    pub async fn event(&mut self) -> &'static str {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.expect("nothing happened").unwrap()
    }
}

fn router(tell: mpsc::UnboundedSender<&'static str>, release: Arc<tokio::sync::Semaphore>) -> Router {
    let told = tell.clone();
    let held = move || async move {
        told.send("held").unwrap();
        release.acquire().await.unwrap().forget();
        "done"
    };
    let endless = move || async move { endless(tell) };
    let broken = || async {
        if true {
            panic!("on purpose");
        }
    };
    Router::new()
        .route("/echo", any(echo))
        .route("/get", get(|| async { "got" }))
        .route("/form", post(|body: Bytes| async move { body }))
        .route("/held", get(held))
        .route("/endless", get(endless))
        .route("/panic", get(broken))
}

/// Answers with everything that the layers decide about a request.
async fn echo(request: Request) -> Response {
    let client = request.extensions().get::<ClientAddress>().unwrap().0;
    let id = request.extensions().get::<RequestId>().unwrap().to_string();
    let host = request
        .headers()
        .get("host")
        .map(|host| host.to_str().unwrap().to_owned());
    let line = format!("{} {}", request.method(), request.uri());
    let body = axum::body::to_bytes(request.into_body(), usize::MAX)
        .await
        .unwrap();
    let text = format!(
        "{line}\nclient={client}\nid={id}\nhost={host:?}\nbody={}\n",
        body.len()
    );
    text.into_response()
}

/// A body without end that tells when nobody wants it any more.
fn endless(tell: mpsc::UnboundedSender<&'static str>) -> Response {
    struct Told(mpsc::UnboundedSender<&'static str>);
    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.0.send("dropped");
        }
    }
    let piece = Bytes::from_static(&[b'x'; 16 * 1024]);
    let pieces = futures_util::stream::repeat_with({
        let told = Told(tell);
        move || {
            let _ = &told;
            Ok::<_, std::io::Error>(piece.clone())
        }
    });
    Body::from_stream(pieces).into_response()
}
