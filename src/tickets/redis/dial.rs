//! How a connection to each kind of Redis is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redis::{AsyncConnectionConfig, ProtocolVersion, PushInfo, PushKind, RedisConnectionInfo, RedisError};

use super::gather::Gathered;
use super::line::Connection;
use super::primary;
use super::settings::{Node, Place, RedisSettings};
use super::wire::{At, Spoken, Wire};

pub(super) struct Dialer {
    wire: Wire,
    place: Place,
    /// What a server that holds keys is greeted with.
    greeting: RedisConnectionInfo,
    /// What a Sentinel is greeted with.
    sentinel_greeting: RedisConnectionInfo,
    #[cfg(feature = "redis-cluster")]
    cluster: Option<redis::cluster::ClusterClient>,
}

impl Dialer {
    /// No network yet; fails only on certificates that cannot be read.
    pub fn new(settings: &RedisSettings) -> Result<Dialer, RedisError> {
        let mut sentinel_greeting = RedisConnectionInfo::default();
        if let Some(password) = &settings.options.sentinel_password {
            sentinel_greeting = sentinel_greeting.set_password(password.expose());
        }
        Ok(Dialer {
            wire: Wire::new(settings)?,
            place: settings.place.clone(),
            greeting: greeting(settings),
            sentinel_greeting,
            #[cfg(feature = "redis-cluster")]
            cluster: cluster(settings)?,
        })
    }

    /// Whether somebody may have named another primary while ours does not answer.
    pub fn is_watched(&self) -> bool {
        matches!(self.place, Place::Sentinel { .. })
    }

    /// Connects; `alive` is cleared when the connection breaks.
    pub async fn dial(&self, alive: Arc<AtomicBool>) -> Result<Connection, RedisError> {
        let at = match &self.place {
            Place::Single(node) => At::Node(node),
            Place::Socket(path) => At::Socket(path),
            Place::Sentinel { sentinels, primary } => {
                let spoken = primary::find(self, sentinels, primary, &alive).await?;
                return Ok(Connection::Server(Gathered::new(spoken)));
            }
            Place::Cluster(_) => return self.dial_cluster().await,
        };
        let spoken = self.server(at, &alive).await?;
        Ok(Connection::Server(Gathered::new(spoken)))
    }

    /// A server that holds keys, whatever its role.
    pub(super) async fn server(&self, at: At<'_>, alive: &Arc<AtomicBool>) -> Result<Spoken, RedisError> {
        self.wire.connect(at, &self.greeting, telling(alive)).await
    }

    /// A Sentinel.
    pub(super) async fn sentinel(
        &self,
        node: &Node,
        config: AsyncConnectionConfig,
    ) -> Result<Spoken, RedisError> {
        let greeting = &self.sentinel_greeting;
        self.wire.connect(At::Node(node), greeting, config).await
    }

    #[cfg(feature = "redis-cluster")]
    async fn dial_cluster(&self) -> Result<Connection, RedisError> {
        match &self.cluster {
            Some(client) => Ok(Connection::Cluster(client.get_async_generic_connection().await?)),
            None => Err(no_cluster()),
        }
    }

    #[cfg(not(feature = "redis-cluster"))]
    async fn dial_cluster(&self) -> Result<Connection, RedisError> {
        // The settings refuse such an address in this build.
        Err(no_cluster())
    }
}

fn no_cluster() -> RedisError {
    (redis::ErrorKind::InvalidClientConfig, "no Redis Cluster").into()
}

/// A connection that tells of its end. The line has a deadline for each call.
fn telling(alive: &Arc<AtomicBool>) -> AsyncConnectionConfig {
    let alive = alive.clone();
    AsyncConnectionConfig::new()
        .set_response_timeout(None)
        .set_push_sender(move |push: PushInfo| {
            if push.kind == PushKind::Disconnection {
                alive.store(false, Ordering::Release);
            }
            Ok::<(), ()>(())
        })
}

fn greeting(settings: &RedisSettings) -> RedisConnectionInfo {
    let mut redis = RedisConnectionInfo::default()
        .set_db(settings.database)
        .set_protocol(ProtocolVersion::RESP3);
    if let Some(username) = &settings.options.username {
        redis = redis.set_username(username);
    }
    if let Some(password) = &settings.options.password {
        redis = redis.set_password(password.expose());
    }
    redis
}

#[cfg(feature = "redis-cluster")]
fn cluster(settings: &RedisSettings) -> Result<Option<redis::cluster::ClusterClient>, RedisError> {
    use redis::{ConnectionAddr, IntoConnectionInfo};
    let Place::Cluster(nodes) = &settings.place else {
        return Ok(None);
    };
    let infos: Result<Vec<_>, RedisError> = nodes
        .iter()
        .map(|node| {
            let (host, port) = (node.host.clone(), node.port);
            let address = match settings.tls {
                true => ConnectionAddr::TcpTls {
                    host,
                    port,
                    insecure: false,
                    tls_params: None,
                },
                false => ConnectionAddr::Tcp(host, port),
            };
            let info = address.into_connection_info()?;
            Ok(info
                .set_redis_settings(greeting(settings))
                .set_tcp_settings(tcp()))
        })
        .collect();
    let deadline = settings.options.write_deadline;
    let mut builder = redis::cluster::ClusterClientBuilder::new(infos?)
        .connection_timeout(super::wire::CONNECTING)
        .response_timeout(deadline)
        .overall_response_timeout(Some(deadline))
        .use_protocol(ProtocolVersion::RESP3)
        .tcp_settings(tcp());
    if settings.tls {
        builder = builder.certs(redis::TlsCertificates {
            client_tls: None,
            root_cert: settings.options.authorities.clone(),
        });
    }
    builder.build().map(Some)
}

/// Of the streams that the crate opens itself.
#[cfg(feature = "redis-cluster")]
fn tcp() -> redis::io::tcp::TcpSettings {
    let settings = redis::io::tcp::TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(super::wire::SILENCE);
    settings
}
