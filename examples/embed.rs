//! Méreau inside somebody else's server: one hyper server answers its own pages and hands everything
//! below /cas to Méreau. `cargo run --example embed -- conf/server.toml`

use std::convert::Infallible;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{Either, Full};
use hyper::body::{Body, Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use mereau::Assembled;
use mereau::config::{Problem, Settings};
use mereau::http::server::PeerAddress;
use tokio::net::TcpListener;
use tower::ServiceExt;

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Serves both until `shutdown`, then lets what Méreau still has to say to applications go out.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> Fallible<()> {
    let path = settings.public_url.path().to_owned();
    let Assembled { service, jobs, .. } = mereau::assemble(settings, false).await?;
    tokio::pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted?,
        };
        let (service, path) = (service.clone(), path.clone());
        let answer = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            let (service, path) = (service.clone(), path.clone());
            async move {
                if !is_below(&path, request.uri().path()) {
                    return Ok::<_, Infallible>(own_page().map(Either::Left));
                }
                // Whom the throttle and the log see.
                request.extensions_mut().insert(PeerAddress(peer));
                Ok(service.oneshot(request).await?.map(Either::Right))
            }
        });
        tokio::spawn(async move {
            let mut http = hyper::server::conn::http1::Builder::new();
            http.timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(10));
            let _ = http.serve_connection(TokioIo::new(stream), answer).await;
        });
    }
    jobs.drain(Duration::from_secs(30)).await;
    Ok(())
}

fn is_below(path: &str, asked: &str) -> bool {
    asked
        .strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn own_page() -> Response<impl Body<Data = Bytes, Error = Infallible>> {
    let page = "<!doctype html><title>Portail</title><h1>Portail</h1><a href=\"/cas/login\">Connexion</a>";
    let mut response = Response::new(Full::from(page));
    let html = header::HeaderValue::from_static("text/html;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

#[tokio::main]
#[allow(
    dead_code,
    clippy::print_stdout,
    reason = "the example alone; a test includes this file"
)]
async fn main() -> Fallible<()> {
    let path = std::env::args().nth(1).unwrap_or("conf/server.toml".to_owned());
    let loaded = mereau::config::load(Path::new(&path), &|name| std::env::var(name).ok());
    let settings = match loaded {
        Ok(loaded) => loaded.settings,
        Err(problems) => {
            let printed: Vec<String> = problems.iter().map(Problem::to_string).collect();
            return Err(printed.join("\n").into());
        }
    };
    mereau::tls::install_default();
    let listener = TcpListener::bind(settings.listen).await?;
    println!("http://{}/ and {}", listener.local_addr()?, settings.public_url);
    let stop = async { _ = tokio::signal::ctrl_c().await };
    serve(listener, settings, stop).await
}
