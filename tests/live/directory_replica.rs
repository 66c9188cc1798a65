//! A real slapd and its replica, with the link between them held: new passwords work at once, and
//! people sign in without the primary.

use std::time::Duration;

use mereau::directory::{Bound, Directory, DirectoryError, Manner, Outage, PasswordWrite, Settled, Wrote};

use crate::directory::{password, person};
use crate::directory_openldap_writes::{ARGON2, bind, directory, people, reset, settings};
use crate::directory_writes::FIRST;
use crate::support::chaos::Chaos;
use crate::support::slapd::{self, Options, ROOT_DN, ROOT_PASSWORD, Slapd};
use crate::support::wait;

/// A primary and a replica that gets its changes over a link.
pub struct Pair {
    pub primary: Slapd,
    pub replica: Slapd,
    pub link: Chaos,
}

impl Pair {
    /// Waits until the replica has everything that the primary has.
    pub fn catches_up(&self) {
        let stamp = |slapd: &Slapd| {
            let suffix = slapd.entry(slapd::BASE);
            let stamps = suffix.lines().filter(|line| line.starts_with("contextCSN:"));
            stamps.map(str::to_owned).collect::<Vec<_>>()
        };
        wait::until("the replica to have everything", || {
            let here = stamp(&self.primary);
            (!here.is_empty() && here == stamp(&self.replica)).then_some(())
        });
    }
}

pub async fn pair() -> Pair {
    pair_of(&people(), ARGON2).await
}

/// With more entries and settings than every slapd of the tests has.
pub async fn pair_of(entries: &str, settings: &'static str) -> Pair {
    let primary = Slapd::start(&Options {
        entries,
        settings: &format!("moduleload syncprov\n{settings}"),
        overlay: "overlay syncprov",
        ..Options::default()
    });
    let link = Chaos::to(primary.port()).await;
    let replication = format!(
        "syncrepl rid=001 provider=ldap://127.0.0.1:{} type=refreshAndPersist retry=\"1 +\"\n  \
         searchbase=\"{}\" scope=sub attrs=\"*,+\" schemachecking=off\n  \
         bindmethod=simple binddn=\"{ROOT_DN}\" credentials={ROOT_PASSWORD}\nupdateref {}",
        link.port(),
        slapd::BASE,
        primary.url()
    );
    let started = tokio::task::spawn_blocking(move || {
        let replica = Slapd::start(&Options {
            empty: true,
            settings,
            database: &replication,
            ..Options::default()
        });
        let pair = Pair {
            primary,
            replica,
            link,
        };
        pair.catches_up();
        pair
    });
    started.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_password_works_at_once_through_every_node_though_the_replica_lags() {
    // F-18, F-17
    let pair = pair().await;
    let node = || directory(settings(&[pair.replica.url()], Some(&pair.primary.url())));
    let (here, elsewhere, far) = (node(), node(), directory(settings(&[pair.replica.url()], None)));
    pair.link.hold();
    assert_eq!(
        reset(&here, "w.once", "Retard-Sesame-72").await.unwrap(),
        Wrote::Done
    );
    assert_eq!(
        bind(&far, "w.once", "Retard-Sesame-72").await,
        Bound::WrongPassword,
        "the replica lags"
    );
    assert_eq!(
        bind(&far, "w.once", FIRST).await,
        Bound::Accepted(None),
        "the replica lags"
    );
    for node in [&here, &elsewhere] {
        assert_eq!(
            bind(node, "w.once", "Retard-Sesame-72").await,
            Bound::Accepted(None)
        );
        // From then on the replica is not asked about this person, who has one password only.
        assert_eq!(bind(node, "w.once", FIRST).await, Bound::WrongPassword);
        assert_eq!(bind(node, "w.once", "never-one").await, Bound::WrongPassword);
        assert_eq!(
            bind(node, "w.free", FIRST).await,
            Bound::Accepted(None),
            "others are unaffected"
        );
    }
    // Who learns of the write in another way asks the primary from the start.
    let told = node();
    told.pin(&person(&told, "w.once").await.key);
    assert_eq!(bind(&told, "w.once", FIRST).await, Bound::WrongPassword);
    pair.link.release();
    let caught_up =
        || async { (bind(&far, "w.once", "Retard-Sesame-72").await == Bound::Accepted(None)).then_some(()) };
    wait::until_async("the replica to catch up", caught_up).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_primary_people_sign_in_on_replicas_and_writes_say_that_they_cannot() {
    // F-19
    let mut pair = pair().await;
    let node = directory(settings(&[pair.replica.url()], Some(&pair.primary.url())));
    let key = person(&node, "w.free").await.key;
    pair.primary.kill();
    assert_eq!(bind(&node, "w.free", FIRST).await, Bound::Accepted(None));
    assert_eq!(bind(&node, "w.free", "wrong").await, Bound::WrongPassword);
    let refused = node.read_for_write(&key).await;
    assert!(
        matches!(refused, Err(DirectoryError::Unreachable(_))),
        "{refused:?}"
    );
    let unknown = PasswordWrite {
        key: &key,
        new: &password("Seul-Sesame-73"),
        guard: None,
        manner: Manner::Reset,
    };
    assert!(node.write_password(&unknown).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_goes_down_is_known_by_the_probe_alone_and_so_is_its_return() {
    // F-19, SEC-08
    let mut pair = pair().await;
    let mut settings = settings(&[pair.replica.url()], Some(&pair.primary.url()));
    settings.limits.health_every = Duration::from_millis(50);
    let node = directory(settings);
    assert_eq!(node.outage(), Outage::default());
    pair.primary.kill();
    let outage = |writing: bool| {
        let node = &node;
        move || async move {
            let now = node.outage();
            assert_eq!(now.reading, None, "the replica is there");
            (now.writing.is_some() == writing).then_some(())
        }
    };
    wait::until_async("the probe to miss the primary", outage(true)).await;
    assert_eq!(bind(&node, "w.free", FIRST).await, Bound::Accepted(None));
    pair.primary.restart();
    wait::until_async("the probe to find the primary", outage(false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_in_doubt_is_settled_on_the_primary_by_a_node_whose_replica_lags() {
    // F-20, F-18
    let pair = pair().await;
    let node = || directory(settings(&[pair.replica.url()], Some(&pair.primary.url())));
    let (here, elsewhere) = (node(), node());
    let key = person(&here, "w.replay").await.key;
    let read = here.read_for_write(&key).await.unwrap().unwrap();
    pair.link.hold();
    let new = password("Doute-Sesame-86");
    let attempt = PasswordWrite {
        key: &key,
        new: &new,
        guard: read.guard.as_ref(),
        manner: Manner::Reset,
    };
    assert_eq!(here.write_password(&attempt).await.unwrap(), Wrote::Done);
    assert_eq!(elsewhere.settle(&attempt).await.unwrap(), Settled::Written);
    // And from then on this node asks the primary.
    assert_eq!(bind(&elsewhere, "w.replay", FIRST).await, Bound::WrongPassword);
    pair.link.release();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_named_as_the_primary_refers_and_is_not_followed() {
    // SEC-46
    let pair = pair().await;
    let node = directory(settings(&[pair.replica.url()], Some(&pair.replica.url())));
    let error = reset(&node, "w.free", "Renvoi-Sesame-74").await.unwrap_err();
    assert!(error.to_string().contains("referral"), "{error}");
    assert_eq!(bind(&node, "w.free", FIRST).await, Bound::Accepted(None));
}
