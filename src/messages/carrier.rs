//! The worker that sees letters off: takes them from the outbox, has them put into words, hands them to
//! the post, and tries again for a day. Nobody waits for it, and nothing it meets undoes what a letter
//! tells of (SEC-60).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::letter::Destination;
use super::outbox::{QueuedOutbox, Waiting};
use super::pace::{Bucket, Domains, Place, SharedPace};
use super::post::{Post, PostError};
use super::{TypesetError, Typesetter};
use crate::base::clock::Clock;
use crate::base::keys::KeyRing;
use crate::tickets::{Budgets, Lane, Queued, StoreError};

/// How letters are seen off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarrierSettings {
    /// Letters a second over all: of this server, and of all that share the store.
    pub per_second: u32,
    /// Letters at once to one domain.
    pub per_domain: usize,
    /// Letters at once over all.
    pub at_once: usize,
    /// A letter is given up at this age.
    pub keep: Duration,
    /// The pause after each failure, the last one again and again.
    pub pauses: Vec<Duration>,
    /// How long this server has a letter for itself; above the post's own deadline.
    pub lease: Duration,
    /// How often an empty outbox is looked at: other servers write into it, too.
    pub idle: Duration,
    /// Letters that may wait; from half of them on the operator is told.
    pub waiting: usize,
}

impl CarrierSettings {
    /// The usual row of pauses, that begins with `first`.
    pub fn pauses_from(first: Duration) -> Vec<Duration> {
        [1, 2, 5, 10, 20]
            .map(|times| first.saturating_mul(times))
            .to_vec()
    }
}

impl Default for CarrierSettings {
    fn default() -> CarrierSettings {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        CarrierSettings {
            per_second: 20,
            per_domain: 2,
            at_once: 16,
            keep: minutes(24 * 60),
            pauses: CarrierSettings::pauses_from(minutes(1)),
            lease: minutes(2),
            idle: Duration::from_secs(1),
            waiting: 5_000,
        }
    }
}

/// Who carries which kind of letter.
pub struct Posts {
    pub mail: Arc<dyn Post>,
    /// Without a gateway no text message leaves.
    pub sms: Option<Arc<dyn Post>>,
}

pub struct Carrier {
    outbox: Arc<QueuedOutbox>,
    posts: Posts,
    typesetter: Arc<dyn Typesetter>,
    clock: Arc<dyn Clock>,
    settings: CarrierSettings,
    bucket: Bucket,
    domains: Domains,
    shared: Option<SharedPace>,
}

/// What becomes of a letter.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Gone,
    Later(Duration),
}

impl Carrier {
    pub fn new(
        outbox: Arc<QueuedOutbox>,
        posts: Posts,
        typesetter: Arc<dyn Typesetter>,
        clock: Arc<dyn Clock>,
        settings: CarrierSettings,
    ) -> Carrier {
        Carrier {
            bucket: Bucket::new(settings.per_second, Instant::now()),
            domains: Domains::new(settings.per_domain),
            outbox,
            posts,
            typesetter,
            clock,
            settings,
            shared: None,
        }
    }

    /// In step with every other server on the same store.
    pub fn in_step(mut self, budgets: Arc<dyn Budgets>, keys: &KeyRing) -> Carrier {
        self.shared = Some(SharedPace::new(budgets, keys, self.settings.per_second));
        self
    }

    /// Letters that may wait.
    pub fn waiting(&self) -> usize {
        self.settings.waiting
    }

    /// Sees letters off until `stopping`; then finishes those under way.
    pub async fn run(self: Arc<Self>, stopping: CancellationToken) {
        let tasks = TaskTracker::new();
        let places = Arc::new(Semaphore::new(self.settings.at_once.max(1)));
        let mut told = Instant::now();
        while !stopping.is_cancelled() {
            let step = async {
                let place = Arc::clone(&places).acquire_owned().await;
                self.wait_for_turn().await;
                match self
                    .outbox
                    .queue()
                    .take(Lane::Letters, "carrier", self.settings.lease)
                    .await
                {
                    Ok(Some(entry)) => {
                        let carrier = Arc::clone(&self);
                        tasks.spawn(async move {
                            let _place = place;
                            carrier.see_off(entry).await;
                        });
                        return;
                    }
                    Ok(None) => {}
                    Err(error) => tracing::warn!(event = "outbox_down", "the outbox cannot be read: {error}"),
                }
                let news = self.outbox.news.notified();
                let _ = tokio::time::timeout(self.settings.idle, news).await;
            };
            tokio::select! {
                () = stopping.cancelled() => break,
                () = step => {}
            }
            if told.elapsed() > Duration::from_secs(30) {
                told = Instant::now();
                self.tell_crowd().await;
            }
        }
        tasks.close();
        tasks.wait().await;
    }

    /// Takes one letter that is due and does with it what there is to do; `false` when none is. For
    /// tests, which have no time to wait.
    pub async fn step(&self) -> Result<bool, StoreError> {
        let entry = self
            .outbox
            .queue()
            .take(Lane::Letters, "carrier", self.settings.lease)
            .await?;
        let Some(entry) = entry else {
            return Ok(false);
        };
        self.see_off(entry).await;
        Ok(true)
    }

    async fn wait_for_turn(&self) {
        while let Err(wait) = self.bucket.take(Instant::now()) {
            tokio::time::sleep(wait).await;
        }
        let Some(shared) = &self.shared else { return };
        // A store that cannot tell holds nothing up: the letter could not be taken from it either.
        while !shared.take().await.unwrap_or(true) {
            tokio::time::sleep(SharedPace::PAUSE).await;
        }
    }

    async fn see_off(&self, entry: Queued) {
        let fate = match self.outbox.open(&entry.sealed) {
            Some(waiting) => self.carry(&waiting, &entry).await,
            None => {
                tracing::error!(event = "letter_lost", "a letter was sealed by a key that is gone");
                Fate::Gone
            }
        };
        let queue = self.outbox.queue();
        let settled = match fate {
            Fate::Gone => queue.done(&entry.id).await,
            Fate::Later(pause) => queue.later(&entry.id, pause).await,
        };
        if let Err(error) = settled {
            // Its lease ends, and it is sent again with the same id.
            tracing::warn!(event = "outbox_down", "a letter cannot be settled: {error}");
        }
    }

    async fn carry(&self, waiting: &Waiting, entry: &Queued) -> Fate {
        let age = self.clock.now().since(entry.pushed_at);
        let Some(_place) = self.domains.enter(waiting.domain()) else {
            return Fate::Later(self.settings.idle);
        };
        let outcome = self.send(waiting, _place).await;
        let (name, realm) = (waiting.notice.name(), waiting.from.realm.as_str());
        match outcome {
            Ok(()) => Fate::Gone,
            Err(Trouble::Hopeless(why)) => {
                tracing::warn!(
                    event = "letter_refused",
                    letter = name,
                    realm,
                    "a letter is refused: {why}"
                );
                Fate::Gone
            }
            Err(Trouble::Passing(why)) if age >= self.settings.keep => {
                tracing::error!(
                    event = "letter_given_up",
                    letter = name,
                    realm,
                    "a letter is given up: {why}"
                );
                Fate::Gone
            }
            Err(Trouble::Passing(why)) => {
                let pause = self.pause(age);
                let seconds = pause.as_secs();
                tracing::warn!(
                    event = "letter_delayed",
                    letter = name,
                    realm,
                    seconds,
                    "a letter waits: {why}"
                );
                Fate::Later(pause)
            }
        }
    }

    async fn send(&self, waiting: &Waiting, _place: Place) -> Result<(), Trouble> {
        let composed = match self.typesetter.compose(&waiting.letter()) {
            Ok(composed) => composed,
            // A theme may be mended by the next reload.
            Err(error @ TypesetError::Theme { .. }) => return Err(Trouble::Passing(error.to_string())),
            Err(error) => return Err(Trouble::Hopeless(error.to_string())),
        };
        let post = match &waiting.to {
            Destination::Mail(_) => &self.posts.mail,
            Destination::Sms(_) => match &self.posts.sms {
                Some(post) => post,
                None => {
                    return Err(Trouble::Hopeless(
                        "there is no gateway for text messages".to_owned(),
                    ));
                }
            },
        };
        match post.send(&composed).await {
            Ok(sent) => {
                let (letter, realm) = (waiting.notice.name(), waiting.from.realm.as_str());
                let (domain, receipt) = (waiting.domain(), sent.receipt.unwrap_or_default());
                tracing::info!(
                    event = "letter_sent",
                    letter,
                    realm,
                    domain,
                    receipt,
                    "a letter is away"
                );
                Ok(())
            }
            Err(error @ PostError::Refused(_)) => Err(Trouble::Hopeless(error.to_string())),
            Err(error) => Err(Trouble::Passing(error.to_string())),
        }
    }

    /// The pause after a failure at `age`: the first that reaches beyond it. Where a letter stands in
    /// the row of pauses is seen from its age, so that no count is to be kept.
    fn pause(&self, age: Duration) -> Duration {
        let mut reached = Duration::ZERO;
        for pause in &self.settings.pauses {
            reached += *pause;
            if age < reached {
                return *pause;
            }
        }
        let last = self.settings.pauses.last().copied();
        last.unwrap_or(Duration::from_secs(60))
    }

    async fn tell_crowd(&self) {
        if let Ok(waiting) = self.outbox.queue().depth(Lane::Letters).await
            && waiting >= self.settings.waiting.div_ceil(2)
        {
            tracing::warn!(event = "letters_waiting", waiting, "many letters wait to be sent");
        }
    }
}

/// Why a letter is not away.
enum Trouble {
    /// It would be refused again.
    Hopeless(String),
    Passing(String),
}
