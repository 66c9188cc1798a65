//! A connection to one server: the way there (TCP, a socket of this machine, TLS), the guard on it, and the
//! task that carries its bytes, which ends with the last one who uses it.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select_ok;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, Pipeline, RedisConnectionInfo, RedisError, RedisFuture, Value,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::guard::Guarded;
use super::settings::{Node, RedisSettings};
use crate::confine;
use crate::tls::{Roots, client_config};

/// For the TCP connection, TLS and the greeting.
pub(super) const CONNECTING: Duration = Duration::from_millis(500);

/// After this long without an acknowledgement from the other side the kernel gives a connection up.
#[cfg(target_os = "linux")]
pub(super) const SILENCE: Duration = Duration::from_secs(5);

/// How servers are reached.
pub(super) struct Wire {
    tls: Option<TlsConnector>,
}

/// Where a server listens.
#[derive(Clone, Copy)]
pub(super) enum At<'a> {
    Node(&'a Node),
    Socket(&'a Path),
}

/// A connection after its greeting.
#[derive(Clone)]
pub(super) struct Spoken {
    pub connection: MultiplexedConnection,
    _carried: Option<Arc<Carried>>,
}

/// The task behind a connection.
struct Carried(AbortHandle);

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.abort();
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

impl Wire {
    /// No network yet; fails only on certificates that cannot be read.
    pub fn new(settings: &RedisSettings) -> Result<Wire, RedisError> {
        let roots = match &settings.options.authorities {
            Some(pem) => Roots::Pem(pem.clone()),
            None => Roots::System,
        };
        let config = settings.tls.then(|| client_config(&roots)).transpose();
        let config = config.map_err(|error| bad_certificates(&error.to_string()))?;
        Ok(Wire {
            tls: config.map(TlsConnector::from),
        })
    }

    /// Without TLS.
    #[cfg(feature = "redis-cluster")]
    fn plain() -> Wire {
        Wire { tls: None }
    }

    pub async fn connect(
        &self,
        at: At<'_>,
        info: &RedisConnectionInfo,
        config: AsyncConnectionConfig,
    ) -> Result<Spoken, RedisError> {
        let greeted = async {
            let stream = self.open(at).await?;
            MultiplexedConnection::new_with_config(info, Guarded::new(stream), config).await
        };
        let late = |_| Err((ErrorKind::Io, "no connection in time").into());
        let (connection, carrier) = timeout(CONNECTING, greeted).await.unwrap_or_else(late)?;
        let carried = Carried(tokio::spawn(carrier).abort_handle());
        Ok(Spoken {
            connection,
            _carried: Some(Arc::new(carried)),
        })
    }

    async fn open(&self, at: At<'_>) -> io::Result<Box<dyn Duplex>> {
        let node = match at {
            At::Node(node) => node,
            At::Socket(path) => {
                let stream = UnixStream::connect(path).await.inspect_err(confine::note)?;
                return Ok(Box::new(stream));
            }
        };
        let stream = reach(node).await?;
        let Some(tls) = &self.tls else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from(node.host.clone()).map_err(io::Error::other)?;
        Ok(Box::new(tls.connect(name, stream).await?))
    }
}

/// The first of the host's addresses that answers.
async fn reach(node: &Node) -> io::Result<TcpStream> {
    let addresses = lookup_host((node.host.as_str(), node.port)).await?;
    let tries: Vec<_> = addresses.map(|address| Box::pin(connected(address))).collect();
    if tries.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    }
    let (stream, _) = select_ok(tries).await?;
    stream.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    redis::io::tcp::socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(SILENCE))?;
    Ok(stream)
}

async fn connected(address: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(address).await.inspect_err(confine::note)
}

fn bad_certificates(why: &str) -> RedisError {
    let about = "the certificates cannot be used";
    (ErrorKind::InvalidClientConfig, about, why.to_owned()).into()
}

impl ConnectionLike for Spoken {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        self.connection.req_packed_command(command)
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.connection.req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }
}

/// How the nodes of a Cluster are connected. Under TLS the streams are the crate's own, which it lets nobody
/// stand in: no guard then, but who speaks there has shown a certificate that was asked for.
#[cfg(feature = "redis-cluster")]
impl redis::cluster_async::Connect for Spoken {
    fn connect_with_config<'a, T>(info: T, config: AsyncConnectionConfig) -> RedisFuture<'a, Spoken>
    where
        T: redis::IntoConnectionInfo + Send + 'a,
    {
        Box::pin(async move {
            let info = info.into_connection_info()?;
            if let redis::ConnectionAddr::Tcp(host, port) = info.addr() {
                let (host, port) = (host.clone(), *port);
                let node = Node { host, port };
                let at = At::Node(&node);
                return Wire::plain().connect(at, info.redis_settings(), config).await;
            }
            let connection = MultiplexedConnection::connect_with_config(info, config).await?;
            Ok(Spoken {
                connection,
                _carried: None,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::TcpListener;

    use super::*;
    use crate::confine::{Plan, Ports, confine as hold};

    #[test]
    fn what_the_kernel_refuses_towards_a_store_is_counted() {
        // T-97
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let node = Node {
            host: "127.0.0.1".to_owned(),
            port: listener.local_addr().unwrap().port(),
        };
        let plan = Plan {
            read: BTreeSet::new(),
            write: BTreeSet::new(),
            listen: BTreeSet::new(),
            connect: Ports::Only(BTreeSet::from([node.port ^ 1])),
            programs: None,
        };
        let before = confine::refused();
        // In a thread of its own, which alone is held.
        let tried = std::thread::spawn(move || {
            let held = hold(&plan);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let tries = (0..100).map(|_| runtime.block_on(reach(&node)).map(drop).map_err(|e| e.kind()));
            (held, tries.collect::<Vec<_>>())
        });
        let (held, tries) = tried.join().unwrap();
        if !held.connect.is_held() {
            confine::is_not_shown(&held.connect.to_string());
            return;
        }
        assert!(
            tries
                .iter()
                .all(|tried| *tried == Err(io::ErrorKind::PermissionDenied)),
            "{tries:?}"
        );
        // Other tests may add their own few.
        assert!(confine::refused() >= before + 100);
    }
}
