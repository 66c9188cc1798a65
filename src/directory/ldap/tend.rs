//! What looks after a server while nobody asks it: probes, the life of idle connections, and the addresses of
//! its name. It ends with the server.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::health::Fitness;
use super::server::Server;
use super::settings::LdapLimits;

/// Must be called within the async runtime.
pub fn begin(server: &Arc<Server>, limits: &LdapLimits) {
    let step = limits.health_every.min(Duration::from_secs(1));
    // Beside the probes: who answers for names may take seconds, in which the server itself is well.
    tokio::spawn(keep_found(Arc::downgrade(server), step));
    tokio::spawn(tend(Arc::downgrade(server), step, limits.clone()));
}

/// Looks up its name, so that nobody who asks has to (F-29).
async fn keep_found(server: Weak<Server>, step: Duration) {
    while let Some(server) = server.upgrade() {
        server.refresh_addresses().await;
        drop(server);
        tokio::time::sleep(step).await;
    }
}

/// Probes a server now and then, at once when it failed, is silent, or is ejected and due, and keeps its
/// idle connections honest, until the directory is dropped. Nobody has to run into a server that is down
/// for pages to know of it (F-19).
async fn tend(server: Weak<Server>, step: Duration, limits: LdapLimits) {
    let mut since_refresh = Duration::ZERO;
    loop {
        tokio::time::sleep(step).await;
        let Some(server) = server.upgrade() else { return };
        since_refresh += step;
        let regular = since_refresh >= limits.health_every;
        let fitness = server.health.fitness(Instant::now());
        let in_question = matches!(fitness, Fitness::Due | Fitness::Silent) || server.health.is_doubtful();
        if in_question || regular && fitness == Fitness::Healthy {
            server.probe(limits.operation).await;
        }
        if regular {
            since_refresh = Duration::ZERO;
            server.refresh_idle(limits.operation).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::SocketAddr;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use tokio::net::TcpListener;

    use super::*;
    use crate::directory::ldap::server_url::ServerUrl;
    use crate::directory::ldap::settings::LdapSettings;
    use crate::directory::ldap::whereabouts::{Resolver, Whereabouts};

    /// Answers once, and says nothing from then on.
    struct Falling {
        to: SocketAddr,
        asked: AtomicUsize,
        given_up: AtomicUsize,
    }

    struct GivenUp<'a>(&'a AtomicUsize);

    impl Drop for GivenUp<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[async_trait]
    impl Resolver for Falling {
        async fn look_up(&self, _host: &str, _port: u16) -> io::Result<Vec<SocketAddr>> {
            if self.asked.fetch_add(1, Ordering::SeqCst) > 0 {
                let _waiting = GivenUp(&self.given_up);
                std::future::pending::<()>().await;
            }
            Ok(vec![self.to])
        }
    }

    #[tokio::test]
    async fn a_server_is_probed_while_nobody_answers_for_its_name() {
        // F-12, F-29
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let names = Arc::new(Falling {
            to: listener.local_addr().unwrap(),
            asked: AtomicUsize::new(0),
            given_up: AtomicUsize::new(0),
        });
        let settings = LdapSettings {
            allow_clear: true,
            ..LdapSettings::new(&[], "dc=example")
        };
        let limits = LdapLimits {
            health_every: Duration::from_millis(5),
            ..LdapLimits::default()
        };
        let url = ServerUrl::parse("ldap://ldap.example.org", &settings).unwrap();
        let whereabouts = Whereabouts::new(&url.host, url.port, names.clone());
        let server = Arc::new(Server::new(url, None, None, &limits).at(whereabouts.clone()));
        server.refresh_addresses().await;
        // From here on it is looked for in vain, two seconds each time.
        whereabouts.doubt();
        begin(&server, &limits);
        while names.asked.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        listener.accept().await.unwrap();
        assert_eq!(names.given_up.load(Ordering::SeqCst), 0, "the probe waited");
    }
}
