//! The outbox and its carrier: letters wait sealed, leave once, and are tried again for a day.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::clock::{Clock, HandClock, Timestamp};
use mereau::base::entropy::SeededEntropy;
use mereau::base::keys::KeyRing;
use mereau::base::names::{EmailAddress, Locale};
use mereau::base::secret::Secret;
use mereau::messages::carrier::{Carrier, CarrierSettings, Posts};
use mereau::messages::outbox::QueuedOutbox;
use mereau::messages::{
    AccountBlock, Asked, Composed, Content, Destination, Door, Letter, LinkBase, MessageId, Notice, Outbox,
    Post, PostError, Sent,
};
use mereau::pages::Themes;
use mereau::tickets::embedded::EmbeddedStore;
use mereau::tickets::{Lane, Requests};
use tokio_util::sync::CancellationToken;

use crate::mail_sink::{Protection, Sink};
use crate::post::{Read, sender};

const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz0123456789-_ABCDEFG";

/// A post that answers as it is told and keeps what it was given.
#[derive(Default)]
struct Scripted {
    answers: Mutex<Vec<PostError>>,
    sent: Mutex<Vec<(String, String)>>,
}

#[async_trait]
impl Post for Scripted {
    async fn send(&self, composed: &Composed) -> Result<Sent, PostError> {
        let text = match &composed.content {
            Content::Mail { text, .. } | Content::Sms { text } => text.clone(),
        };
        let id = composed.message_id.as_str().to_owned();
        self.sent.lock().unwrap().push((id, text));
        match self.answers.lock().unwrap().pop() {
            Some(error) => Err(error),
            None => Ok(Sent { receipt: None }),
        }
    }
}

pub(super) struct World {
    pub clock: Arc<HandClock>,
    store: Arc<EmbeddedStore>,
    outbox: Arc<QueuedOutbox>,
    post: Arc<Scripted>,
    carrier: Arc<Carrier>,
}

impl World {
    pub fn new() -> World {
        let clock = Arc::new(HandClock::at(Timestamp(1_795_338_900_000)));
        let store = Arc::new(EmbeddedStore::in_memory(clock.clone()));
        let entropy = Arc::new(SeededEntropy::new(7));
        let keys = KeyRing::ephemeral(entropy.as_ref());
        let outbox = Arc::new(QueuedOutbox::new(store.clone(), keys, entropy));
        let post = Arc::new(Scripted::default());
        let carrier = carrier(&outbox, post.clone(), &clock, CarrierSettings::default());
        World {
            clock,
            store,
            outbox,
            post,
            carrier,
        }
    }

    /// Who carries the same letters by another post.
    pub fn carrier_by(&self, post: Arc<dyn Post>) -> Arc<Carrier> {
        carrier(&self.outbox, post, &self.clock, CarrierSettings::default())
    }

    pub async fn write(&self, id: &str) {
        write(self.outbox.as_ref(), id).await;
    }

    pub async fn waiting(&self) -> usize {
        self.store.depth(Lane::Letters).await.unwrap()
    }

    fn sent(&self) -> Vec<String> {
        self.post
            .sent
            .lock()
            .unwrap()
            .iter()
            .map(|(id, _)| id.clone())
            .collect()
    }

    fn fail(&self, error: PostError) {
        self.post.answers.lock().unwrap().push(error);
    }
}

fn carrier(
    outbox: &Arc<QueuedOutbox>,
    post: Arc<dyn Post>,
    clock: &Arc<HandClock>,
    settings: CarrierSettings,
) -> Arc<Carrier> {
    let posts = Posts {
        mail: post,
        sms: None,
    };
    let themes = Arc::new(Themes::built_in().unwrap());
    Arc::new(Carrier::new(
        outbox.clone(),
        posts,
        themes,
        clock.clone(),
        settings,
    ))
}

async fn write(outbox: &dyn Outbox, id: &str) {
    let base = LinkBase::new(&"https://cas.example.org/cas".parse().unwrap(), None).unwrap();
    let at = Timestamp(1_795_338_900_000);
    let notice = Notice::ResetLinks {
        accounts: vec![AccountBlock {
            display_name: "Camille Dupont".to_owned(),
            login: "c.dupont".to_owned(),
            school: None,
            link: base.link(Door::Reset, TOKEN).unwrap(),
            code: Secret::new("ABCD-2345".to_owned()),
        }],
        besides: Vec::new(),
        until: at.plus(Duration::from_secs(86_400)),
        asked: Asked {
            at,
            browser: None,
            by_agent: false,
        },
        revoke: base.link(Door::Revoke, TOKEN).unwrap(),
    };
    let letter = Letter {
        to: &Destination::Mail(EmailAddress::stored("camille@courrier.example").unwrap()),
        from: &sender(),
        locale: &Locale::french(),
        notice: &notice,
        message_id: &MessageId::of(&[id.as_bytes()]),
        written: at,
    };
    outbox.take(&letter).await.unwrap();
}

#[tokio::test]
async fn a_letter_waits_sealed_and_leaves_once() {
    // SEC-10, SEC-60
    let world = World::new();
    world.write("one").await;
    let entry = world
        .store
        .take(Lane::Letters, "test", Duration::ZERO)
        .await
        .unwrap()
        .unwrap();
    let lies = String::from_utf8_lossy(&entry.sealed).into_owned();
    for secret in [TOKEN, "ABCD-2345", "c.dupont", "camille"] {
        assert!(!lies.contains(secret), "{secret}");
    }
    world.store.later(&entry.id, Duration::ZERO).await.unwrap();
    assert!(world.carrier.step().await.unwrap());
    assert!(!world.carrier.step().await.unwrap());
    assert_eq!(world.waiting().await, 0);
    let sent = world.post.sent.lock().unwrap();
    let [(_, text)] = &sent[..] else {
        panic!("{} letters", sent.len())
    };
    assert!(
        text.contains(&format!("\nhttps://cas.example.org/cas/r/{TOKEN}\n")),
        "{text}"
    );
}

#[tokio::test]
async fn a_letter_that_does_not_leave_is_tried_again_for_a_day() {
    // SEC-60
    let world = World::new();
    world.write("one").await;
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    for pause in [1, 2, 5, 10, 20, 20] {
        world.fail(PostError::Later("451".to_owned()));
        assert!(world.carrier.step().await.unwrap());
        world.clock.advance(minutes(pause) - Duration::from_secs(1));
        assert!(
            !world.carrier.step().await.unwrap(),
            "tried before {pause} minutes"
        );
        world.clock.advance(Duration::from_secs(1));
    }
    assert!(world.carrier.step().await.unwrap());
    let sent = world.sent();
    assert_eq!(sent.len(), 7);
    assert!(sent.iter().all(|id| *id == sent[0]), "the same letter each time");
    assert_eq!(world.waiting().await, 0);

    world.write("two").await;
    world.clock.advance(minutes(24 * 60));
    world.fail(PostError::TimedOut);
    assert!(world.carrier.step().await.unwrap());
    assert_eq!(world.waiting().await, 0, "given up after a day");
}

#[tokio::test]
async fn a_letter_refused_for_good_is_not_sent_again() {
    // SEC-60
    let world = World::new();
    world.write("one").await;
    world.fail(PostError::Refused("550".to_owned()));
    assert!(world.carrier.step().await.unwrap());
    assert_eq!(world.waiting().await, 0);
}

#[tokio::test]
async fn a_letter_of_a_worker_that_died_leaves_again_with_the_same_id() {
    // SEC-60
    let world = World::new();
    world.write("one").await;
    let lease = CarrierSettings::default().lease;
    let held = world.store.take(Lane::Letters, "dead", lease).await.unwrap();
    assert!(held.is_some() && !world.carrier.step().await.unwrap());
    world.clock.advance(lease + Duration::from_secs(1));
    assert!(world.carrier.step().await.unwrap());
    assert_eq!(world.sent(), [MessageId::of(&[b"one"]).as_str()]);
}

#[tokio::test]
async fn a_letter_of_a_lost_key_is_dropped_and_told() {
    // SEC-60
    let world = World::new();
    world
        .store
        .push(Lane::Letters, b"not ours", Duration::ZERO)
        .await
        .unwrap();
    assert!(world.carrier.step().await.unwrap());
    assert_eq!((world.waiting().await, world.sent().len()), (0, 0));
}

#[tokio::test]
async fn a_carrier_sees_every_letter_off_and_stops_when_told() {
    // S1-05, SEC-60, SEC-61
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::start(Protection::None, folder.path()).await;
    let settings = mereau::messages::smtp::SmtpSettings {
        host: "localhost".to_owned(),
        port: sink.port,
        security: mereau::messages::smtp::Security::Plain,
        user: None,
        hello: "cas.leia.example".to_owned(),
        roots: mereau::tls::Roots::System,
        deadline: Duration::from_secs(20),
        kept: 2,
        idle: Duration::from_secs(60),
    };
    let post = Arc::new(mereau::messages::smtp::Smtp::new(settings).unwrap());
    let quick = CarrierSettings {
        per_second: 1000,
        per_domain: 16,
        ..CarrierSettings::default()
    };
    let carrier = carrier(&world.outbox, post, &world.clock, quick);
    let stopping = CancellationToken::new();
    let running = tokio::spawn(carrier.run(stopping.clone()));
    for number in 0..12 {
        world.write(&format!("letter {number}")).await;
    }
    let received = sink.wait_for(12).await;
    stopping.cancel();
    running.await.unwrap();
    assert_eq!(world.waiting().await, 0);
    let read = Read::of(&received[0].data);
    assert_eq!(read.subject, "[LEIA] Choisir un nouveau mot de passe");
    assert!(
        read.raw
            .contains(&format!("\r\nhttps://cas.example.org/cas/r/{TOKEN}\r\n")),
        "{}",
        read.raw
    );
    let mut ids: Vec<_> = received
        .iter()
        .map(|mail| Read::of(&mail.data).header("Message-ID"))
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 12);
    assert!(world.clock.now() >= Timestamp(1));
}
