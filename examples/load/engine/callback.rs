//! The address at which a portal gets its proxy-granting tickets (CAS protocol 2.5.4): TLS on this machine.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use mereau::base::clock::SystemClock;
use mereau::tls::{ServerCertificates, TlsSettings, server_config};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Tickets by the name under which they were announced.
type Granted = Arc<Mutex<HashMap<String, String>>>;

/// A portal's side of the call-back.
pub struct Callback {
    /// What validations name as `pgtUrl`.
    pub url: String,
    granted: Granted,
    task: JoinHandle<()>,
}

impl Callback {
    /// Listens on a port of `localhost` with this certificate and key (PEM); 0 is any free port.
    pub async fn listen(port: u16, certificate: PathBuf, key: PathBuf) -> anyhow::Result<Callback> {
        let certificates = ServerCertificates::load(TlsSettings { certificate, key }, &SystemClock)
            .context("the certificate of the call-back")?;
        let acceptor = TlsAcceptor::from(http1_alone(certificates)?);
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let port = listener.local_addr()?.port();
        let granted = Granted::default();
        let kept = Arc::clone(&granted);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), stream, Arc::clone(&kept)));
            }
        });
        Ok(Callback {
            url: format!("https://localhost:{port}/pgt"),
            granted,
            task,
        })
    }

    /// The ticket that was announced under this name, once.
    pub fn take(&self, iou: &str) -> Option<String> {
        let mut granted = self.granted.lock().unwrap_or_else(PoisonError::into_inner);
        granted.remove(iou)
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn http1_alone(certificates: ServerCertificates) -> anyhow::Result<Arc<tokio_rustls::rustls::ServerConfig>> {
    let mut config = server_config(Arc::new(certificates))?;
    let own = Arc::get_mut(&mut config).context("nobody else has it")?;
    own.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, granted: Granted) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let service = service_fn(|request: Request<Incoming>| {
        keep(&granted, request.uri().query().unwrap_or_default());
        async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::new()))) }
    });
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn keep(granted: &Granted, query: &str) {
    let pairs: HashMap<_, _> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    if let (Some(iou), Some(pgt)) = (pairs.get("pgtIou"), pairs.get("pgtId")) {
        let mut granted = granted.lock().unwrap_or_else(PoisonError::into_inner);
        granted.insert(iou.clone(), pgt.clone());
    }
}
