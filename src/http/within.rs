//! A request from within the process, through layers and router like one from the network: for commands
//! that show what an application would be told.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::ServiceExt;

use super::Service;
use super::server::PeerAddress;

/// The whole answer. `None`: its body could not be read.
pub async fn ask(service: &Service, mut request: Request<Full<Bytes>>) -> Option<Response<Bytes>> {
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    request.extensions_mut().insert(PeerAddress(here));
    let (parts, body) = service.clone().oneshot(request).await.ok()?.into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    Some(Response::from_parts(parts, body))
}
