//! The accept loop: it takes connections in, makes room when there are too many, and at a stop
//! waits for what is in flight. It never ends because accepting failed.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::connection::{self, Shared};
use super::watch::{Watch, Wish};
use super::{PeerAddress, ServerSettings};
use crate::base::addresses::network_key;
use crate::base::seldom::Seldom;

/// Pause after a failed accept: without file descriptors the next one fails too.
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// Connections that were closed while idle to make room, since the start of the process.
static CLOSED_IDLE: AtomicU64 = AtomicU64::new(0);

/// Those that were not let in.
static NOT_LET_IN: AtomicU64 = AtomicU64::new(0);

/// Lines about them.
static FULL: Seldom = Seldom::new(Duration::from_secs(10));

/// What was turned away for want of room, on all addresses of the process: idle connections, new ones.
pub fn shed() -> [u64; 2] {
    [&CLOSED_IDLE, &NOT_LET_IN].map(|count| count.load(Ordering::Relaxed))
}

/// How a server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were open at the stop and ended by themselves in time.
    pub finished: usize,
    /// Connections that had to be cut.
    pub cut: usize,
}

/// Serves `service` on `listener` until `stop`, then finishes what is in flight within
/// `settings.drain`. With `tls` the client chooses HTTP/2 or HTTP/1.1 by ALPN; without, HTTP/1.1.
///
/// Every request carries [`PeerAddress`]; the service is expected to be `layers::stack`.
pub async fn serve<S, B>(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    settings: ServerSettings,
    service: S,
    stop: CancellationToken,
) -> Drained
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let limits = Arc::new(settings);
    let shared = Shared {
        service,
        limits: Arc::clone(&limits),
        tls: tls.map(TlsAcceptor::from),
    };
    let crowd = Crowd::new(limits.most_connections, limits.connections_per_network);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => admit(&crowd, &shared, stream, PeerAddress(address)),
            Err(error) => {
                tracing::warn!(%error, open = crowd.len(), "cannot accept a connection");
                crowd.shed();
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
    // New connections are refused by the system from here.
    drop(listener);
    crowd.drain(limits.drain).await
}

fn admit<S, B>(crowd: &Arc<Crowd>, shared: &Shared<S>, stream: TcpStream, peer: PeerAddress)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let watch = Watch::new(Arc::clone(&shared.limits));
    let network = counted_for(peer, &shared.limits);
    let Some(place) = crowd.place(&watch, network) else {
        NOT_LET_IN.fetch_add(1, Ordering::Relaxed);
        if let Some(held_back) = FULL.due(std::time::Instant::now()) {
            tracing::warn!(open = crowd.len(), held_back, "no room for another connection");
        }
        return;
    };
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection ended before it began");
        return;
    }
    let shared = shared.clone();
    crowd.tasks.spawn(async move {
        connection::serve(shared, stream, peer, Arc::clone(&place.watch)).await;
        drop(place);
    });
}

/// By [`network_key`].
type Network = [u8; 8];

/// Whom a connection is counted for, beside the whole: `None` of a proxy, or where nobody is.
fn counted_for(peer: PeerAddress, limits: &ServerSettings) -> Option<Network> {
    let address = peer.0.ip().to_canonical();
    let is_proxy = || limits.proxies.iter().any(|net| net.contains(&address));
    let counts = limits.connections_per_network > 0 && !is_proxy();
    counts.then(|| network_key(address))
}

/// All open connections.
struct Crowd {
    most: usize,
    per_network: usize,
    present: Mutex<Present>,
    tasks: TaskTracker,
}

#[derive(Default)]
struct Present {
    watches: HashMap<u64, Open>,
    /// Those of each network that is counted.
    by_network: HashMap<Network, BTreeSet<u64>>,
    drawn: u64,
}

struct Open {
    watch: Arc<Watch>,
    network: Option<Network>,
}

impl Present {
    fn insert(&mut self, open: Open) -> u64 {
        self.drawn += 1;
        if let Some(network) = open.network {
            self.by_network.entry(network).or_default().insert(self.drawn);
        }
        self.watches.insert(self.drawn, open);
        self.drawn
    }

    fn remove(&mut self, number: u64) -> Option<Arc<Watch>> {
        let Open { watch, network } = self.watches.remove(&number)?;
        if let Some(network) = network
            && let Some(own) = self.by_network.get_mut(&network)
        {
            own.remove(&number);
            if own.is_empty() {
                self.by_network.remove(&network);
            }
        }
        Some(watch)
    }

    /// Closes the longest idle connection of a network that has so many; whether there is room for one more then.
    fn makes_room_for(&mut self, network: Network, most: usize) -> bool {
        let Some(own) = self.by_network.get(&network).filter(|own| own.len() >= most) else {
            return true;
        };
        let idle = own.iter().filter_map(|number| {
            let open = self.watches.get(number)?;
            Some((open.watch.idle_since()?, *number))
        });
        let Some((_, longest)) = idle.min() else {
            return false;
        };
        if let Some(watch) = self.remove(longest) {
            watch.want(Wish::Cut);
        }
        CLOSED_IDLE.fetch_add(1, Ordering::Relaxed);
        true
    }
}

/// The right to be open; given back when dropped.
struct Place {
    crowd: Arc<Crowd>,
    number: u64,
    watch: Arc<Watch>,
}

impl Crowd {
    fn new(most: usize, per_network: usize) -> Arc<Crowd> {
        Arc::new(Crowd {
            most,
            per_network,
            present: Mutex::default(),
            tasks: TaskTracker::new(),
        })
    }

    /// `None` when the house is full of connections that all have a request in flight, or has as many such of
    /// this network as one may have.
    fn place(self: &Arc<Crowd>, watch: &Arc<Watch>, network: Option<Network>) -> Option<Place> {
        if self.len() >= self.most {
            self.shed();
        }
        let mut present = self.lock();
        if present.watches.len() >= self.most
            || network.is_some_and(|network| !present.makes_room_for(network, self.per_network))
        {
            return None;
        }
        let open = Open {
            watch: Arc::clone(watch),
            network,
        };
        Some(Place {
            crowd: Arc::clone(self),
            number: present.insert(open),
            watch: Arc::clone(watch),
        })
    }

    /// Closes the connections that have been idle longest: one in 64, so that a flood pays for one look at
    /// everybody per batch.
    fn shed(&self) {
        let mut present = self.lock();
        let batch = (present.watches.len() / 64).max(1);
        let mut idle: Vec<_> = present
            .watches
            .iter()
            .filter_map(|(number, open)| Some((open.watch.idle_since()?, *number)))
            .collect();
        idle.sort_unstable();
        idle.truncate(batch);
        for (_, number) in &idle {
            if let Some(watch) = present.remove(*number) {
                watch.want(Wish::Cut);
            }
        }
        CLOSED_IDLE.fetch_add(u64::try_from(idle.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        tracing::warn!(
            closed = idle.len(),
            "closed the longest idle connections to make room"
        );
    }

    async fn drain(&self, within: Duration) -> Drained {
        let open = self.tasks.len();
        self.tasks.close();
        for open in self.lock().watches.values() {
            open.watch.want(Wish::Finish);
        }
        if tokio::time::timeout(within, self.tasks.wait()).await.is_ok() {
            return Drained {
                finished: open,
                cut: 0,
            };
        }
        let cut = self.tasks.len();
        for open in self.lock().watches.values() {
            open.watch.want(Wish::Cut);
        }
        self.tasks.wait().await;
        Drained {
            finished: open.saturating_sub(cut),
            cut,
        }
    }

    fn len(&self) -> usize {
        self.lock().watches.len()
    }

    fn lock(&self) -> MutexGuard<'_, Present> {
        self.present
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.lock().remove(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch() -> Arc<Watch> {
        Watch::new(Arc::new(ServerSettings::default()))
    }

    #[tokio::test]
    async fn the_longest_idle_make_room_and_the_busy_stay() {
        // T-06, F-27
        let crowd = Crowd::new(2, 0);
        let (busy, idle, next) = (watch(), watch(), watch());
        let asked = busy.request();
        let places = (
            crowd.place(&busy, None).unwrap(),
            crowd.place(&idle, None).unwrap(),
        );
        let third = crowd.place(&next, None).unwrap();
        idle.until_cut().await;
        assert_eq!(crowd.len(), 2);

        let also_asked = next.request();
        assert!(crowd.place(&watch(), None).is_none());
        drop((asked, also_asked, third));
        assert!(crowd.place(&watch(), None).is_some());
        drop(places);
        assert_eq!(crowd.len(), 0);
    }

    #[tokio::test]
    async fn one_network_has_so_many_and_takes_no_place_of_others() {
        // F-27
        let crowd = Crowd::new(100, 2);
        let (one, other) = (Some([1; 8]), Some([2; 8]));
        let (busy, idle) = (watch(), watch());
        let asked = busy.request();
        let elsewhere = watch();
        let _held = [
            crowd.place(&elsewhere, other).unwrap(),
            crowd.place(&busy, one).unwrap(),
            crowd.place(&idle, one).unwrap(),
        ];
        let next = watch();
        let also_asked = next.request();
        let third = crowd.place(&next, one).unwrap();
        idle.until_cut().await;
        assert_eq!(crowd.len(), 3, "its own longest idle gave way");
        assert!(crowd.place(&watch(), one).is_none(), "both are at work");
        assert!(crowd.place(&watch(), other).is_some() && crowd.place(&watch(), None).is_some());
        drop((asked, also_asked, third));
        assert!(crowd.place(&watch(), one).is_some());
        drop(_held);
        let present = crowd.lock();
        assert!(
            present.watches.is_empty() && present.by_network.is_empty(),
            "nothing is left of them"
        );
    }

    #[test]
    fn proxies_are_not_counted_and_of_version_six_a_network_is_one() {
        // F-27
        let counts = |text: &str, connections_per_network| {
            let limits = ServerSettings {
                connections_per_network,
                proxies: vec!["10.0.0.0/8".parse().expect("a network")],
                ..ServerSettings::default()
            };
            let address: std::net::IpAddr = text.parse().expect("an address");
            counted_for(PeerAddress((address, 40_000).into()), &limits)
        };
        assert_eq!(counts("192.0.2.1", 0), None);
        assert_eq!(counts("10.1.2.3", 9), None);
        let one = counts("192.0.2.1", 9);
        assert!(one.is_some() && one == counts("::ffff:192.0.2.1", 9));
        assert_ne!(one, counts("192.0.2.2", 9));
        assert_eq!(counts("2001:db8:1:2::7", 9), counts("2001:db8:1:2:3:4:5:6", 9));
        assert_ne!(counts("2001:db8:1:2::7", 9), counts("2001:db8:1:3::7", 9));
    }
}
