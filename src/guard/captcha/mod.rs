//! The CAPTCHA: a picture, a sound or some computing that stands between a form and those who would
//! send it by the thousand. One challenge, three answers, one try (SEC-65 to SEC-71). It slows down;
//! the budgets are what holds.
//!
//! A challenge's id is its seed, sealed: every node can draw the same picture and speak the same digits
//! from it, nobody else learns anything from it. The ticket store keeps HMACs of the answers until the
//! first try. Nothing here can be switched off by a request.

mod answer;
mod dice;
mod glyphs;
mod media;
mod picture;
mod pool;
mod recordings;
mod sealed;
mod sound;
mod work;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use subtle::ConstantTimeEq;

pub use answer::{Answers, DIGITS_SPOKEN, SYMBOLS, SYMBOLS_SHOWN, looks_like};
pub use dice::{Dice, Seed};
pub use glyphs::{Glyph, glyph};
pub use media::{Medium, Shown, turned_away};
pub use picture::{HEIGHT, WIDTH, draw};
pub use recordings::{RATE, Recording, Spoken, recordings};
pub use sound::{LENGTH as SOUND_LENGTH, speak};
pub use work::Work;

use self::pool::Ready;
use self::sealed::Sealed;
use crate::base::addresses::network_key;
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::keys::{KeyRing, Purpose};
use crate::base::names::RealmId;
use crate::realms::{CaptchaMode, CaptchaRule};
use crate::tickets::{ChallengeKey, Challenges, CounterKey, KeptAnswers, StoreError, Throttle};

/// How long a challenge waits for its answer.
pub const LIFETIME: Duration = Duration::from_secs(300);

/// Forms that a network may send within an hour before an adaptive realm asks it for a CAPTCHA.
const UNASKED: u64 = 20;
const WINDOW: Duration = Duration::from_secs(3600);

/// Whom a challenge is made for: it is nothing to anybody else.
#[derive(Clone, Copy)]
pub struct Bound<'a> {
    pub realm: &'a RealmId,
    /// What the browser's flow cookie says.
    pub flow: &'a [u8],
}

/// A challenge as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// For the form's hidden field, and the addresses of picture and sound.
    pub id: String,
    /// What a browser may compute instead; where the realm allows it.
    pub work: Option<Work>,
}

/// What a form brought.
#[derive(Clone, Copy, Default)]
pub struct Given<'a> {
    pub id: &'a str,
    /// Symbols or digits.
    pub typed: &'a str,
    /// The number that a browser found.
    pub work: &'a str,
}

/// How an answer is judged. After any of these the challenge is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Right,
    Wrong,
    /// Too old, used before, somebody else's, or none at all.
    Gone,
}

/// Everything a CAPTCHA needs to run.
pub struct Captcha {
    challenges: Arc<dyn Challenges>,
    throttle: Arc<dyn Throttle>,
    keys: KeyRing,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    ready: Ready,
}

impl Captcha {
    /// Draws nothing ahead of time before [`Captcha::draw_ahead`].
    pub fn new(
        challenges: Arc<dyn Challenges>,
        throttle: Arc<dyn Throttle>,
        keys: KeyRing,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Captcha {
        Captcha {
            ready: Ready::new(entropy.clone()),
            challenges,
            throttle,
            keys,
            clock,
            entropy,
        }
    }

    /// Starts the thread that draws pictures before anybody asks; once.
    pub fn draw_ahead(&self) {
        self.ready.start();
    }

    /// Pictures that are waiting.
    pub fn drawn_ahead(&self) -> usize {
        self.ready.waiting()
    }

    /// Whether a form from `address` has to bring an answer: asked when the form is shown, and again
    /// when it is sent, since only the server's word counts (T-80).
    pub async fn is_asked(&self, rule: CaptchaRule, address: IpAddr) -> Result<bool, StoreError> {
        match rule.mode {
            CaptchaMode::Always => Ok(true),
            CaptchaMode::Off => Ok(false),
            CaptchaMode::Adaptive => {
                let network = self.network(address);
                Ok(self.throttle.network(&network).await?.failures >= UNASKED)
            }
        }
    }

    /// Counts a form that was sent, for adaptive realms.
    pub async fn count(&self, rule: CaptchaRule, address: IpAddr) -> Result<(), StoreError> {
        if rule.mode == CaptchaMode::Adaptive {
            let network = self.network(address);
            self.throttle
                .count_network(&network, &network, true, WINDOW)
                .await?;
        }
        Ok(())
    }

    /// A new challenge; one round trip to the store, and no drawing.
    pub async fn fresh(
        &self,
        bound: Bound<'_>,
        rule: CaptchaRule,
        language: Spoken,
    ) -> Result<Challenge, StoreError> {
        let seed = self.ready.take();
        let until = self.clock.now().plus(LIFETIME);
        let sealed = Sealed {
            seed,
            until,
            language,
        };
        let id = sealed.close(&self.keys, self.entropy.as_ref());
        let answers = Answers::drawn(&seed);
        let kept = KeptAnswers {
            symbols: self.mac(bound, &id, b"symbols", &answers.symbols),
            digits: self.mac(bound, &id, b"digits", &answers.digits),
        };
        let key = ChallengeKey::of(bound.realm, bound.flow, id.as_bytes());
        self.challenges.keep_challenge(&key, &kept, LIFETIME).await?;
        let work = rule.proof_of_work.then(|| Work::of(&self.keys, bound, &id));
        Ok(Challenge { id, work })
    }

    /// Judges an answer and spends its challenge. A form without one is answered by
    /// [`Verdict::Gone`], like one that answers another's.
    pub async fn answer(
        &self,
        bound: Bound<'_>,
        rule: CaptchaRule,
        given: Given<'_>,
    ) -> Result<Verdict, StoreError> {
        if self.open(given.id).is_none() {
            return Ok(Verdict::Gone);
        }
        let key = ChallengeKey::of(bound.realm, bound.flow, given.id.as_bytes());
        let Some(kept) = self.challenges.take_challenge(&key).await? else {
            return Ok(Verdict::Gone);
        };
        let worked = rule.proof_of_work && Work::of(&self.keys, bound, given.id).is_done(given.work);
        let right = worked || self.is_right(bound, given, &kept);
        Ok(if right { Verdict::Right } else { Verdict::Wrong })
    }

    fn is_right(&self, bound: Bound<'_>, given: Given<'_>, kept: &KeptAnswers) -> bool {
        let Some(typed) = answer::typed(given.typed) else {
            return false;
        };
        let fits =
            |what: &[u8], typed: &[u8], kept: &[u8; 32]| self.mac(bound, given.id, what, typed).ct_eq(kept);
        let symbols = fits(b"symbols", &typed.as_symbols, &kept.symbols);
        let digits = fits(b"digits", &typed.as_digits, &kept.digits);
        (symbols | digits).into()
    }

    fn mac(&self, bound: Bound<'_>, id: &str, what: &[u8], answer: &[u8]) -> [u8; 32] {
        let realm = bound.realm.as_str().as_bytes();
        let parts = [what, realm, bound.flow, id.as_bytes(), answer];
        self.keys.pseudonym(Purpose::Challenge, &parts)
    }

    /// Symbols and digits of a challenge, for tests and for measuring. It takes this server's keys;
    /// nothing a browser reaches may call it.
    pub fn reveal(&self, id: &str) -> Option<(String, String)> {
        let answers = Answers::drawn(&self.open(id)?.seed);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some((text(&answers.symbols), text(&answers.digits)))
    }

    /// What an id holds, while it is in time.
    fn open(&self, id: &str) -> Option<Sealed> {
        let sealed = Sealed::open(&self.keys, id)?;
        (self.clock.now() < sealed.until).then_some(sealed)
    }

    fn network(&self, address: IpAddr) -> CounterKey {
        let network = network_key(address);
        let name = self.keys.pseudonym(Purpose::Counter, &[b"captcha", &network]);
        let mut short = [0; 16];
        short.iter_mut().zip(name).for_each(|(to, from)| *to = from);
        CounterKey(short)
    }
}
