//! An application under the test's control: it answers what the test says and remembers what it was
//! asked. It runs on a thread of its own, so that a test that blocks does not silence it.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// One request it got.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    /// Path and query.
    pub target: String,
    pub body: String,
}

/// What it answers.
pub enum Answer {
    Page(String),
    /// With a policy for what the page may load.
    File {
        bytes: Vec<u8>,
        kind: &'static str,
        policy: &'static str,
    },
    Redirect(String),
    /// An empty answer.
    Status(u16),
    /// Takes the request and says nothing.
    Never,
}

type Behaviour = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

pub struct Application {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Application {
    pub fn start(behaviour: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Application {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
        listener.set_nonblocking(true).expect("a listener for tokio");
        let port = listener.local_addr().expect("its address").port();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (behaviour, log): (Behaviour, _) = (Arc::new(behaviour), asked.clone());
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("tokio");
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).expect("a listener");
                tokio::select! {
                    () = serve(listener, behaviour, log) => {}
                    _ = stopped => {}
                }
            });
        });
        Application {
            port,
            asked,
            stop: Some(stop),
        }
    }

    /// A page that says who came is enough for most tests.
    pub fn plain() -> Application {
        Application::start(|asked| Answer::Page(format!("<!DOCTYPE html><title>{}</title>", asked.target)))
    }

    /// `http://localhost:port`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Everything it was asked until now.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

async fn serve(listener: TcpListener, behaviour: Behaviour, log: Arc<Mutex<Vec<Asked>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (behaviour, log) = (behaviour.clone(), log.clone());
        tokio::spawn(async move {
            let service = hyper::service::service_fn(|request| answer(request, &behaviour, &log));
            let server = hyper::server::conn::http1::Builder::new();
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    behaviour: &Behaviour,
    log: &Mutex<Vec<Asked>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let asked = Asked {
        method: head.method,
        target: head.uri.to_string(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let answer = behaviour(&asked);
    log.lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
        .push(asked);
    let html = || Response::builder().header(CONTENT_TYPE, "text/html; charset=utf-8");
    let response = match answer {
        Answer::Page(body) => html().body(Full::from(body)),
        Answer::File { bytes, kind, policy } => Response::builder()
            .header(CONTENT_TYPE, kind)
            .header(CONTENT_SECURITY_POLICY, policy)
            .body(Full::from(bytes)),
        Answer::Never => std::future::pending().await,
        Answer::Status(status) => html().status(status).body(Full::default()),
        Answer::Redirect(to) => html()
            .status(StatusCode::FOUND)
            .header(LOCATION, to)
            .body(Full::default()),
    };
    Ok(response.expect("a well-formed answer"))
}
