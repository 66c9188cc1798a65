//! Where a server is: the addresses of its name, looked up beside the requests and kept for the day when
//! nobody answers for names (F-29). It connects to nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, timeout};

use super::barrier::{Barrier, BarrierKind};
use super::fault::Fault;

/// How long addresses are used before the name is looked up again.
const FRESH: Duration = Duration::from_secs(60);

/// For one look-up.
const PATIENCE: Duration = Duration::from_secs(2);

/// Between two look-ups when the first has failed: the system goes on with one that we have given up.
const PAUSE: Duration = Duration::from_secs(5);

/// How long addresses are used that nobody confirms.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Who knows addresses.
#[async_trait]
pub trait Resolver: Send + Sync {
    async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// The operating system.
pub struct System;

#[async_trait]
impl Resolver for System {
    async fn look_up(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}

/// The addresses of one server.
pub struct Whereabouts {
    host: String,
    port: u16,
    resolver: Arc<dyn Resolver>,
    memory: Mutex<Memory>,
    /// Held by who looks up: everybody else waits for what they find.
    looking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Memory {
    /// As they were found last, and when.
    known: Option<(Vec<SocketAddr>, Instant)>,
    /// None of them answered.
    doubted: bool,
    /// The last look-up that found nothing, and why.
    failed: Option<(Barrier, Instant)>,
}

/// What the memory says.
enum Known {
    Fresh(Vec<SocketAddr>),
    /// Good until somebody has looked.
    Old(Vec<SocketAddr>),
    Nothing,
}

impl Whereabouts {
    pub fn new(host: &str, port: u16, resolver: Arc<dyn Resolver>) -> Arc<Whereabouts> {
        Arc::new(Whereabouts {
            host: host.to_owned(),
            port,
            resolver,
            memory: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
        })
    }

    /// Where to connect to. Waits for a look-up only where no address is known that is younger than a day, and
    /// then for two seconds at most.
    pub async fn addresses(self: &Arc<Self>) -> Result<Vec<SocketAddr>, Fault> {
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, self.port)]);
        }
        match self.known(Instant::now()) {
            Known::Fresh(addresses) => Ok(addresses),
            Known::Old(addresses) => {
                if self.may_look(Instant::now()) {
                    let own = self.clone();
                    tokio::spawn(async move { own.look().await });
                }
                Ok(addresses)
            }
            Known::Nothing => self.first().await,
        }
    }

    /// No address answered: the server may have moved.
    pub fn doubt(&self) {
        self.memory().doubted = true;
    }

    /// Looks up what is not fresh, so that nobody who asks has to.
    pub async fn refresh(&self) {
        if self.host.parse::<IpAddr>().is_err()
            && !matches!(self.known(Instant::now()), Known::Fresh(_))
            && self.may_look(Instant::now())
        {
            self.look().await;
        }
    }

    async fn first(&self) -> Result<Vec<SocketAddr>, Fault> {
        if self.may_look(Instant::now()) {
            self.look().await;
        }
        match self.known(Instant::now()) {
            Known::Fresh(addresses) | Known::Old(addresses) => Ok(addresses),
            Known::Nothing => {
                let failed = self.memory().failed.clone();
                let why = failed.map_or_else(no_address, |(why, _)| why);
                Err(Fault::Connect(why))
            }
        }
    }

    fn known(&self, now: Instant) -> Known {
        let memory = self.memory();
        match &memory.known {
            Some((addresses, at)) => match now.duration_since(*at) {
                age if age < FRESH && !memory.doubted => Known::Fresh(addresses.clone()),
                age if age < KEPT => Known::Old(addresses.clone()),
                _ => Known::Nothing,
            },
            None => Known::Nothing,
        }
    }

    /// Whether nobody has looked in vain just now.
    fn may_look(&self, now: Instant) -> bool {
        let memory = self.memory();
        let failed = memory.failed.as_ref();
        failed.is_none_or(|(_, at)| now.duration_since(*at) >= PAUSE)
    }

    /// Looks up, or waits for who does.
    async fn look(&self) {
        let asked = Instant::now();
        let _looking = self.looking.lock().await;
        if self.has_looked_since(asked) {
            return;
        }
        let looked = timeout(PATIENCE, self.resolver.look_up(&self.host, self.port)).await;
        let now = Instant::now();
        let mut memory = self.memory();
        let why = match looked {
            Ok(Ok(addresses)) if !addresses.is_empty() => {
                *memory = Memory {
                    known: Some((addresses, now)),
                    ..Memory::default()
                };
                return;
            }
            Ok(Ok(_)) => no_address(),
            Ok(Err(error)) => Barrier::new(BarrierKind::Name, format!("its name is not known: {error}")),
            Err(_) => Barrier::new(BarrierKind::Name, "looking up its name takes too long"),
        };
        if memory.failed.is_none() && memory.known.is_some() {
            tracing::warn!(
                event = "name_unknown",
                host = self.host,
                why = why.text,
                "the addresses of a directory server cannot be looked up: those of before are used, for a day"
            );
        }
        memory.failed = Some((why, now));
    }

    fn has_looked_since(&self, asked: Instant) -> bool {
        let memory = self.memory();
        let found = memory.known.as_ref().map(|(_, at)| *at);
        let failed = memory.failed.as_ref().map(|(_, at)| *at);
        found.max(failed).is_some_and(|last| last > asked)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn no_address() -> Barrier {
    Barrier::new(BarrierKind::Name, "its name has no address")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt;

    use super::*;

    /// Answers, says no, or says nothing.
    #[derive(Clone, Copy, PartialEq)]
    enum Does {
        Answers(u8),
        Refuses,
        Hangs,
    }

    struct Names {
        does: Mutex<Does>,
        asked: AtomicUsize,
    }

    impl Names {
        fn new(does: Does) -> Arc<Names> {
            Arc::new(Names {
                does: Mutex::new(does),
                asked: AtomicUsize::new(0),
            })
        }

        fn does(&self, does: Does) {
            *self.does.lock().unwrap() = does;
        }

        fn asked(&self) -> usize {
            self.asked.swap(0, Ordering::SeqCst)
        }
    }

    #[async_trait]
    impl Resolver for Names {
        async fn look_up(&self, _host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let does = *self.does.lock().unwrap();
            match does {
                Does::Answers(last) => Ok(vec![at(last, port)]),
                Does::Refuses => Err(io::Error::other("no such name")),
                Does::Hangs => std::future::pending().await,
            }
        }
    }

    fn at(last: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last], port))
    }

    fn of(names: &Arc<Names>) -> Arc<Whereabouts> {
        Whereabouts::new("ldap.example.org", 636, names.clone())
    }

    /// As if that time had gone by.
    fn later(server: &Whereabouts, by: Duration) {
        let mut memory = server.memory();
        let ago = |at: Instant| Instant::from_std(at.into_std() - by);
        memory.known = memory.known.take().map(|(found, at)| (found, ago(at)));
        memory.failed = memory.failed.take().map(|(why, at)| (why, ago(at)));
    }

    /// What is said without anybody waiting.
    fn at_once(server: &Arc<Whereabouts>) -> Vec<SocketAddr> {
        let told = server.addresses().now_or_never().expect("a request waits");
        told.unwrap()
    }

    /// Waits for who looks at this moment.
    async fn looked(server: &Whereabouts, names: &Names) {
        while names.asked.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        drop(server.looking.lock().await);
    }

    #[tokio::test]
    async fn addresses_outlive_who_answers_for_names_by_a_day_and_no_request_waits() {
        // F-29
        let names = Names::new(Does::Answers(1));
        let server = of(&names);
        assert_eq!(server.addresses().await.unwrap(), [at(1, 636)]);
        assert_eq!(at_once(&server), [at(1, 636)]);
        assert_eq!(names.asked(), 1);
        for does in [Does::Refuses, Does::Hangs] {
            names.does(does);
            later(&server, FRESH);
            assert_eq!(at_once(&server), [at(1, 636)]);
            // It is being looked for, and found no more.
            looked(&server, &names).await;
            assert_eq!(names.asked(), 1);
            for _ in 0..100 {
                assert_eq!(at_once(&server), [at(1, 636)]);
            }
            tokio::task::yield_now().await;
            assert_eq!(names.asked(), 0, "a moment is left between two look-ups");
            later(&server, Duration::from_secs(11 * 3600));
        }
        names.does(Does::Answers(2));
        assert_eq!(at_once(&server), [at(1, 636)]);
        looked(&server, &names).await;
        assert_eq!(at_once(&server), [at(2, 636)]);
        names.does(Does::Refuses);
        later(&server, KEPT);
        assert!(server.addresses().await.is_err(), "a day is over");
        later(&server, PAUSE);
        names.does(Does::Answers(3));
        assert_eq!(server.addresses().await.unwrap(), [at(3, 636)]);
    }

    #[tokio::test]
    async fn a_first_look_that_is_not_answered_ends_for_all_who_wait() {
        // F-29
        let names = Names::new(Does::Hangs);
        let server = of(&names);
        let (one, other) = tokio::join!(server.addresses(), server.addresses());
        assert!(one.is_err() && other.is_err());
        let told = server.addresses().now_or_never();
        assert!(told.expect("the next one is told at once").is_err());
        assert_eq!(names.asked(), 1);
    }

    #[tokio::test]
    async fn a_server_that_moved_is_found_once_it_is_missed_and_an_address_is_no_name() {
        // F-29
        let names = Names::new(Does::Answers(1));
        let server = of(&names);
        server.refresh().await;
        assert_eq!(at_once(&server), [at(1, 636)]);
        names.asked();
        names.does(Does::Answers(7));
        server.doubt();
        assert_eq!(at_once(&server), [at(1, 636)]);
        looked(&server, &names).await;
        assert_eq!(at_once(&server), [at(7, 636)]);
        names.asked();
        let fixed = Whereabouts::new("10.0.0.9", 389, names.clone());
        assert_eq!(at_once(&fixed), [at(9, 389)]);
        fixed.refresh().await;
        assert_eq!(names.asked(), 0);
    }
}
