//! One connection from handshake to close: the protocol that was agreed on, its deadlines, its
//! part in a graceful stop.

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tower::Service;

use super::announced::{self, Unannounced};
use super::filter::{Filter, REFUSED};
use super::frames::Frames;
use super::stream::Watched;
use super::watch::{InFlight, Watch, Wish};
use super::{AnnouncedBy, PeerAddress, ServerSettings, Unreadable};
use crate::base::seldom::Seldom;

/// What every connection of a server shares.
#[derive(Clone)]
pub(super) struct Shared<S> {
    pub service: S,
    pub limits: Arc<ServerSettings>,
    pub tls: Option<TlsAcceptor>,
}

/// Serves `stream` until it ends by itself, breaks a deadline or is stopped.
pub(super) async fn serve<S, B>(
    shared: Shared<S>,
    mut stream: TcpStream,
    peer: PeerAddress,
    watch: Arc<Watch>,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let peer = match &shared.limits.announced_by {
        None => Peer(peer, None),
        Some(proxies) => {
            let heard = tokio::select! {
                () = watch.until_cut() => return,
                heard = announced(&mut stream, peer, proxies, &shared.limits) => heard,
            };
            match heard {
                Ok(from) => {
                    // The client's own time begins behind what the proxy said.
                    watch.opened();
                    Peer(PeerAddress(from), Some(AnnouncedBy(peer.0)))
                }
                Err(error) => return tell_unannounced(peer, &error),
            }
        }
    };
    let Some(acceptor) = shared.tls.clone() else {
        return serve_http1(shared, stream, peer, watch).await;
    };
    let handshake = tokio::select! {
        () = watch.until_cut() => return,
        done = tokio::time::timeout(shared.limits.handshake, acceptor.accept(stream)) => done,
    };
    let Ok(Ok(stream)) = handshake else {
        tracing::debug!(peer = %peer.0.0, "no TLS handshake");
        return;
    };
    watch.opened();
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        serve_http2(shared, stream, peer, watch).await;
    } else {
        serve_http1(shared, stream, peer, watch).await;
    }
}

/// Connections that were not announced.
static UNANNOUNCED: Seldom = Seldom::new(Duration::from_secs(60));

fn tell_unannounced(peer: PeerAddress, error: &Unannounced) {
    match UNANNOUNCED.due(std::time::Instant::now()) {
        Some(held_back) => {
            tracing::warn!(peer = %peer.0, %error, held_back, "a connection without PROXY protocol is closed");
        }
        None => {
            tracing::debug!(peer = %peer.0, %error, "another connection without PROXY protocol is closed")
        }
    }
}

/// Who is at the other end, and who says so when it is not the socket.
#[derive(Clone, Copy)]
struct Peer(PeerAddress, Option<AnnouncedBy>);

/// Whom a proxy announces, within the time for a first byte.
async fn announced(
    stream: &mut TcpStream,
    peer: PeerAddress,
    proxies: &[IpNet],
    limits: &ServerSettings,
) -> Result<SocketAddr, Unannounced> {
    let listed = announced::may_announce(peer.0.ip(), proxies);
    if !listed && !peer.0.ip().to_canonical().is_loopback() {
        return Err(Unannounced::Stranger);
    }
    match tokio::time::timeout(limits.first_byte, announced::read(stream, peer.0)).await {
        // Who looks after this machine may speak for itself, and for nobody else.
        Ok(Ok(from)) if !listed && from != peer.0 => Err(Unannounced::Stranger),
        Ok(heard) => heard,
        Err(_) => Err(Unannounced::NotAnnounced),
    }
}

async fn serve_http1<S, B, T>(shared: Shared<S>, stream: T, peer: Peer, watch: Arc<Watch>)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let watched = Watched::new(stream, Arc::clone(&watch));
    let filter = Filter::new(watched, Arc::clone(&shared.limits), Arc::clone(&watch));
    let (inner, books) = (shared.service, Arc::clone(&watch));
    let service = hyper::service::service_fn(move |request| {
        let answer = answer(inner.clone(), request, peer, books.request());
        async move { answer.await.map(last_of_a_stop) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // The filter hands over whole heads only, and the watch counts the time they take.
        .header_read_timeout(None)
        .max_headers(shared.limits.most_headers)
        // Answers are small: copied behind their heads they cost the kernel less than as two pieces.
        .writev(false)
        .serve_connection(TokioIo::new(filter), service);
    drive(connection, &watch, &shared.limits).await;
}

async fn serve_http2<S, B, T>(shared: Shared<S>, stream: T, peer: Peer, watch: Arc<Watch>)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let watched = Watched::new(stream, Arc::clone(&watch));
    let (inner, books) = (shared.service, Arc::clone(&watch));
    let service =
        hyper::service::service_fn(move |request| answer(inner.clone(), request, peer, books.request()));
    // The list of an HTTP/2 head holds the target too (CAS-11).
    let largest_head = shared.limits.longest_target + shared.limits.largest_header_block;
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(shared.limits.http2_streams)
        .max_header_list_size(u32::try_from(largest_head).unwrap_or(u32::MAX))
        .serve_connection(TokioIo::new(Frames::new(watched, Arc::clone(&watch))), service);
    drive(connection, &watch, &shared.limits).await;
}

/// Calls the service with what the connection knows, and keeps the request in the watch's books
/// until the last byte of its answer is taken.
fn answer<S, B>(
    mut service: S,
    mut request: Request<Incoming>,
    Peer(peer, announced): Peer,
    in_flight: InFlight,
) -> impl Future<Output = Result<Response<Delivered<B>>, S::Error>> + Send + 'static
where
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Future: Send + 'static,
{
    request.extensions_mut().insert(peer);
    if let Some(proxy) = announced {
        request.extensions_mut().insert(proxy);
    }
    if request.method().as_str() == REFUSED {
        let code = request.uri().path().trim_start_matches('/').parse().ok();
        let status = code
            .and_then(|code: u16| StatusCode::from_u16(code).ok())
            .filter(StatusCode::is_client_error);
        let unreadable = Unreadable(status.unwrap_or(StatusCode::BAD_REQUEST));
        request.extensions_mut().insert(unreadable);
    }
    async move {
        std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
        let response = service.call(request).await?;
        in_flight.answered();
        Ok(response.map(|body| Delivered { body, in_flight }))
    }
}

/// At a stop an answer says that nothing follows it: the client does not send what nobody would read.
fn last_of_a_stop<B>(mut response: Response<Delivered<B>>) -> Response<Delivered<B>> {
    if response.body().in_flight.is_last() {
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A response body that ends its request's entry when it is dropped.
struct Delivered<B> {
    body: B,
    in_flight: InFlight,
}

impl<B: Body + Unpin> Body for Delivered<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A hyper connection that is told of a stop.
trait Connection: Future {
    fn finish(self: Pin<&mut Self>);
}

impl<I, S, B> Connection for http1::Connection<I, S>
where
    http1::Connection<I, S>: Future,
    S: hyper::service::HttpService<Incoming, ResBody = B>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Nothing: hyper would close one that is idle at once, and a form that is on its way to it would be lost,
    /// which no browser may send again by itself (RFC 9110 §9.2.2). Its next answer says that it is the last,
    /// and the watch closes it when nothing comes.
    fn finish(self: Pin<&mut Self>) {}
}

impl<I, S, B> Connection for http2::Connection<I, S, TokioExecutor>
where
    http2::Connection<I, S, TokioExecutor>: Future,
    S: hyper::service::HttpService<Incoming, ResBody = B>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    TokioExecutor: hyper::rt::bounds::Http2ServerConnExec<S::Future, B>,
{
    /// The client is told first, and what it sends before it has heard is answered.
    fn finish(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Polls `connection` under the deadlines of `watch`.
///
/// The timer is set anew only when a deadline comes nearer, or when it fires: all other changes
/// move deadlines away, so a busy connection costs no timer work.
async fn drive<C: Connection>(connection: C, watch: &Watch, limits: &ServerSettings) {
    let mut connection = pin!(connection);
    let mut timer = pin!(tokio::time::sleep(limits.first_byte));
    let mut stopping = false;
    std::future::poll_fn(|cx| {
        loop {
            let wanted = watch.wanted(cx);
            if wanted == Wish::Cut {
                return Poll::Ready(());
            }
            // Before it is told to finish: a request that has arrived is answered.
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            if wanted == Wish::Finish && !stopping {
                stopping = true;
                watch.stopping();
                connection.as_mut().finish();
                continue;
            }
            match watch.deadline() {
                // Only here is the clock read: a deadline that came nearer, even one that is over, sets the
                // timer, which then fires.
                due if timer.is_elapsed() => {
                    let now = Instant::now();
                    if due.is_some_and(|due| due <= now) {
                        return Poll::Ready(());
                    }
                    timer.as_mut().reset(due.unwrap_or(now + limits.idle));
                }
                Some(due) if due < timer.deadline() => timer.as_mut().reset(due),
                _ => {}
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body_util::Empty;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_client_has_its_whole_time_once_the_proxy_has_said_whose_the_connection_is() {
        // T-01, T-16
        let limits = Arc::new(ServerSettings {
            announced_by: Some(vec!["127.0.0.0/8".parse().unwrap()]),
            first_byte: Duration::from_millis(500),
            ..ServerSettings::default()
        });
        let answers =
            |_: Request<Incoming>| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) };
        let shared = Shared {
            service: tower::service_fn(answers),
            limits: Arc::clone(&limits),
            tls: None,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut proxy = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let watch = Watch::new(limits);
        let (deadline, idle) = (watch.deadline().unwrap(), watch.idle_since().unwrap());
        let served = tokio::spawn(serve(shared, stream, PeerAddress(peer), Arc::clone(&watch)));
        proxy.write_all(b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0").await.unwrap();
        while !served.is_finished() && watch.idle_since() == Some(idle) {
            tokio::task::yield_now().await;
        }
        assert!(
            watch.deadline() > Some(deadline),
            "its time began with the proxy's"
        );
        served.abort();
    }
}
