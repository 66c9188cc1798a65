//! Picture and sound of a challenge for its holder: from what is ready, else made now on threads that
//! may block, a few at a time.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::{Semaphore, TryAcquireError};

use super::answer::Answers;
use super::sealed::Sealed;
use super::{Captcha, picture, sound};

/// What of a challenge is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    Picture,
    Sound,
}

/// What asking for it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    Made(Bytes),
    /// Too old, or no challenge of ours.
    Gone,
    /// Too many are being made: ask again in a moment.
    Busy,
}

/// Made at once, and waiting to be made.
static AT_ONCE: Semaphore = Semaphore::const_new(2);
static IN_LINE: Semaphore = Semaphore::const_new(16);

/// Pictures and sounds that were not made, since the start of the process.
static TURNED_AWAY: AtomicU64 = AtomicU64::new(0);

/// What found no place in the line, in the whole process.
pub fn turned_away() -> u64 {
    TURNED_AWAY.load(Ordering::Relaxed)
}

impl Captcha {
    /// The PNG or the WAV of a challenge, the same at every call and on every node. It spends nothing.
    pub async fn show(&self, id: &str, medium: Medium) -> Shown {
        let Some(sealed) = self.open(id) else {
            return Shown::Gone;
        };
        let ready = (medium == Medium::Picture).then(|| self.ready.picture(&sealed.seed));
        if let Some(png) = ready.flatten() {
            return Shown::Made(png);
        }
        let seed = sealed.seed;
        match make(sealed, medium).await {
            Some(made) => {
                if medium == Medium::Picture {
                    self.ready.hand_out(seed, made.clone());
                }
                Shown::Made(made)
            }
            None => Shown::Busy,
        }
    }
}

async fn make(sealed: Sealed, medium: Medium) -> Option<Bytes> {
    let line = match IN_LINE.try_acquire() {
        Ok(line) => line,
        Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => {
            TURNED_AWAY.fetch_add(1, Ordering::Relaxed);
            return None;
        }
    };
    let turn = AT_ONCE.acquire().await.ok()?;
    let made = tokio::task::spawn_blocking(move || {
        // Held by the work itself: it goes on when its asker has hung up.
        let _held = (line, turn);
        let answers = Answers::drawn(&sealed.seed);
        match medium {
            Medium::Picture => picture::draw(&answers.symbols, &sealed.seed),
            Medium::Sound => Some(sound::speak(&answers.digits, sealed.language, &sealed.seed)),
        }
    });
    Some(Bytes::from(made.await.ok()??))
}
