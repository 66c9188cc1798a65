//! How a connection to each kind of Redis is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use redis::io::tcp::TcpSettings;
use redis::sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion,
    PushInfo, PushKind, RedisConnectionInfo, RedisError, TlsCertificates,
};
use tokio::sync::Mutex;

use super::gather::Gathered;
use super::line::Connection;
use super::settings::{Node, Place, RedisSettings};

/// For the TCP connection, TLS and the greeting.
const CONNECTING: Duration = Duration::from_millis(500);

/// After this long without an acknowledgement from the other side the kernel gives a connection up.
const SILENCE: Duration = Duration::from_secs(5);

pub(super) enum Dialer {
    Server(Box<Client>),
    Sentinel(Box<Mutex<SentinelClient>>),
    #[cfg(feature = "redis-cluster")]
    Cluster(Box<redis::cluster::ClusterClient>),
}

impl Dialer {
    /// No network yet; fails only on certificates that cannot be read.
    pub fn new(settings: &RedisSettings) -> Result<Dialer, RedisError> {
        let certificates = settings.tls.then(|| TlsCertificates {
            client_tls: None,
            root_cert: settings.options.authorities.clone(),
        });
        match &settings.place {
            Place::Single(node) => server(settings, address(node, settings.tls), certificates),
            Place::Socket(path) => server(settings, ConnectionAddr::Unix(path.clone()), None),
            Place::Sentinel { sentinels, primary } => sentinel(settings, sentinels, primary, certificates),
            Place::Cluster(nodes) => cluster(settings, nodes, certificates),
        }
    }

    /// Whether somebody may have named another primary while ours does not answer.
    pub fn is_watched(&self) -> bool {
        matches!(self, Dialer::Sentinel(_))
    }

    /// Connects; `alive` is cleared when the connection breaks.
    pub async fn dial(&self, alive: Arc<AtomicBool>) -> Result<Connection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECTING))
            // The line has a deadline for each call.
            .set_response_timeout(None)
            .set_push_sender(move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    alive.store(false, Ordering::Release);
                }
                Ok::<(), ()>(())
            });
        match self {
            Dialer::Server(client) => {
                let connection = client.get_multiplexed_async_connection_with_config(&config);
                Ok(Connection::Server(Gathered::new(connection.await?)))
            }
            Dialer::Sentinel(sentinels) => {
                let mut sentinels = sentinels.lock().await;
                let connection = sentinels.get_async_connection_with_config(&config);
                Ok(Connection::Server(Gathered::new(connection.await?)))
            }
            #[cfg(feature = "redis-cluster")]
            Dialer::Cluster(client) => Ok(Connection::Cluster(client.get_async_connection().await?)),
        }
    }
}

fn server(
    settings: &RedisSettings,
    address: ConnectionAddr,
    certificates: Option<TlsCertificates>,
) -> Result<Dialer, RedisError> {
    let info = information(settings, address)?;
    let client = match certificates {
        Some(certificates) => Client::build_with_tls(info, certificates)?,
        None => Client::open(info)?,
    };
    Ok(Dialer::Server(Box::new(client)))
}

fn sentinel(
    settings: &RedisSettings,
    sentinels: &[Node],
    primary: &str,
    certificates: Option<TlsCertificates>,
) -> Result<Dialer, RedisError> {
    let addresses = sentinels.iter().map(|node| address(node, settings.tls));
    let options = &settings.options;
    let mut builder = SentinelClientBuilder::new(addresses, primary, SentinelServerType::Master)?
        .set_client_to_redis_protocol(ProtocolVersion::RESP3)
        .set_client_to_redis_tcp_settings(tcp())
        .set_client_to_sentinel_tcp_settings(tcp())
        .set_client_to_redis_db(settings.database);
    if let Some(certificates) = certificates {
        builder = builder
            .set_client_to_redis_tls_mode(redis::TlsMode::Secure)
            .set_client_to_redis_certificates(certificates.clone())
            .set_client_to_sentinel_certificates(certificates);
    }
    if let Some(username) = &options.username {
        builder = builder.set_client_to_redis_username(username);
    }
    if let Some(password) = &options.password {
        builder = builder.set_client_to_redis_password(password.expose());
    }
    if let Some(password) = &options.sentinel_password {
        builder = builder.set_client_to_sentinel_password(password.expose());
    }
    Ok(Dialer::Sentinel(Box::new(Mutex::new(builder.build()?))))
}

#[cfg(feature = "redis-cluster")]
fn cluster(
    settings: &RedisSettings,
    nodes: &[Node],
    certificates: Option<TlsCertificates>,
) -> Result<Dialer, RedisError> {
    let infos: Result<Vec<_>, _> = nodes
        .iter()
        .map(|node| information(settings, address(node, settings.tls)))
        .collect();
    let deadline = settings.options.write_deadline;
    let mut builder = redis::cluster::ClusterClientBuilder::new(infos?)
        .connection_timeout(CONNECTING)
        .response_timeout(deadline)
        .overall_response_timeout(Some(deadline))
        .use_protocol(ProtocolVersion::RESP3)
        .tcp_settings(tcp());
    if let Some(certificates) = certificates {
        builder = builder.certs(certificates);
    }
    Ok(Dialer::Cluster(Box::new(builder.build()?)))
}

#[cfg(not(feature = "redis-cluster"))]
fn cluster(_: &RedisSettings, _: &[Node], _: Option<TlsCertificates>) -> Result<Dialer, RedisError> {
    // The settings refuse such an address in this build.
    Err((
        redis::ErrorKind::InvalidClientConfig,
        "built without Redis Cluster",
    )
        .into())
}

pub(super) fn address(node: &Node, tls: bool) -> ConnectionAddr {
    match tls {
        true => ConnectionAddr::TcpTls {
            host: node.host.clone(),
            port: node.port,
            insecure: false,
            tls_params: None,
        },
        false => ConnectionAddr::Tcp(node.host.clone(), node.port),
    }
}

fn information(settings: &RedisSettings, address: ConnectionAddr) -> Result<ConnectionInfo, RedisError> {
    let mut redis = RedisConnectionInfo::default()
        .set_db(settings.database)
        .set_protocol(ProtocolVersion::RESP3);
    if let Some(username) = &settings.options.username {
        redis = redis.set_username(username);
    }
    if let Some(password) = &settings.options.password {
        redis = redis.set_password(password.expose());
    }
    let info = address.into_connection_info()?;
    Ok(info.set_redis_settings(redis).set_tcp_settings(tcp()))
}

fn tcp() -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(SILENCE);
    settings
}
