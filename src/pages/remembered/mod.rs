//! Pages that were made before: most sign-in pages of a morning are one and the same, but for the ticket, the
//! support code, the name that was typed and where in an application one goes. What surrounds these is kept, and
//! they are put in.
//!
//! A page is kept when the same one is asked for a second time, after it was made both ways and came out alike.
//! What is kept is bounded: whoever asks for ever new pages costs what making them costs, and little more.

mod holes;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::holes::{Holes, Skeleton};
use super::error::PageError;
use super::{Frame, Page};

/// Bytes that one of two generations may take, of pages and of what they are found by: some 130 sign-in pages.
const MOST_BYTES: usize = 1 << 20;

/// A larger page is rare, and would push out many.
const LONGEST: usize = 32 << 10;

/// Places for what was asked for once.
const ONCE: u64 = 1 << 10;

/// Ticket, name, code, and the application's address as it is and as addresses have it are six.
const MOST_HOLES: usize = 12;

type Made = Result<String, PageError>;

/// Pages of all themes of a server.
pub struct Remembered {
    hasher: RandomState,
    /// Drawn at the start.
    stand_ins: Vec<String>,
    kept: Mutex<Kept>,
}

impl Default for Remembered {
    fn default() -> Remembered {
        let hasher = RandomState::new();
        // Letters and digits, so that they fit where a ticket fits; large and small letters, so that what is done
        // with letters shows.
        let half = |what: &str, number: usize| hasher.hash_one((what, number));
        let stand_in = |number| format!("vV{:016x}{:016X}", half("one", number), half("other", number));
        Remembered {
            stand_ins: (0..MOST_HOLES).map(stand_in).collect(),
            hasher,
            kept: Mutex::default(),
        }
    }
}

impl Remembered {
    /// What `make` makes, or made before of the same for the same `theme`. Page and frame come back as they were.
    pub fn page<P: Page>(
        &self,
        theme: u64,
        page: &mut P,
        frame: &mut Frame,
        make: impl Fn(&P, &Frame) -> Made,
    ) -> Made {
        let Some(mut holes) = Holes::of(page, frame, &self.stand_ins) else {
            return make(page, frame);
        };
        holes.exchange(page, frame);
        let known = self.look(theme, page, frame);
        holes.exchange(page, frame);
        match known {
            Known::Page(skeleton) => Ok(skeleton.with(&holes)),
            Known::Nothing => make(page, frame),
            Known::AskedOnce { hash, key } => {
                let html = make(page, frame)?;
                let skeleton = match key.len() + html.len() {
                    ..=LONGEST => {
                        holes.exchange(page, frame);
                        let frozen = make(page, frame);
                        holes.exchange(page, frame);
                        frozen.ok().map(|frozen| Skeleton::new(&frozen, &holes))
                    }
                    _ => None,
                };
                let alike = skeleton.filter(|skeleton| skeleton.with(&holes) == html);
                self.kept().keep(hash, key, alike);
                Ok(html)
            }
        }
    }

    fn look<P: Page>(&self, theme: u64, page: &P, frame: &Frame) -> Known {
        let Some((hash, key)) = self.key(theme, page, frame) else {
            return Known::Nothing;
        };
        let mut kept = self.kept();
        match kept.page(hash, &key) {
            Some(skeleton) => Known::Page(skeleton),
            None if kept.was_asked(hash) => Known::AskedOnce { hash, key },
            None => Known::Nothing,
        }
    }

    /// All that a page is made of. `None` of one that has no such form.
    fn key<P: Page>(&self, theme: u64, page: &P, frame: &Frame) -> Option<(u64, Vec<u8>)> {
        let whole = (theme, P::NAME, page, frame);
        let key = postcard::to_extend(&whole, Vec::with_capacity(2048)).ok()?;
        Some((self.hasher.hash_one(key.as_slice()), key))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of a page that is asked for.
enum Known {
    Page(Arc<Skeleton>),
    Nothing,
    /// It was asked for lately, and may be worth keeping.
    AskedOnce {
        hash: u64,
        key: Vec<u8>,
    },
}

/// What was asked for lately moves into `young`; once that is full it becomes the old one, and the old is gone.
#[derive(Default)]
struct Kept {
    young: Generation,
    old: Generation,
    /// Traces of what was asked for once, and, with all bits turned, of what cannot be kept.
    once: HashMap<u64, u64>,
}

#[derive(Default)]
struct Generation {
    by_hash: HashMap<u64, (Vec<u8>, Arc<Skeleton>)>,
    bytes: usize,
}

impl Kept {
    fn page(&mut self, hash: u64, key: &[u8]) -> Option<Arc<Skeleton>> {
        if let Some(skeleton) = self.young.page(hash, key) {
            return Some(skeleton);
        }
        self.old.page(hash, key)?;
        let (key, skeleton) = self.old.remove(hash)?;
        self.add(hash, key, Arc::clone(&skeleton));
        Some(skeleton)
    }

    /// Whether it was asked for since others took its place; from now on it was.
    fn was_asked(&mut self, hash: u64) -> bool {
        match self.once.insert(hash % ONCE, hash) {
            Some(cannot) if cannot == !hash => {
                self.once.insert(hash % ONCE, cannot);
                false
            }
            before => before == Some(hash),
        }
    }

    /// `None`: a theme does more with a value than to write it, or the page is too long. It is made each time.
    fn keep(&mut self, hash: u64, mut key: Vec<u8>, skeleton: Option<Skeleton>) {
        match skeleton {
            Some(skeleton) => {
                key.shrink_to_fit();
                self.add(hash, key, Arc::new(skeleton));
            }
            None => drop(self.once.insert(hash % ONCE, !hash)),
        }
    }

    fn add(&mut self, hash: u64, key: Vec<u8>, skeleton: Arc<Skeleton>) {
        let bytes = bytes(&key, &skeleton);
        if self.young.bytes + bytes > MOST_BYTES {
            self.old = mem::take(&mut self.young);
        }
        self.young.remove(hash);
        self.young.bytes += bytes;
        self.young.by_hash.insert(hash, (key, skeleton));
    }
}

impl Generation {
    fn page(&self, hash: u64, key: &[u8]) -> Option<Arc<Skeleton>> {
        let (held, skeleton) = self.by_hash.get(&hash)?;
        (held == key).then(|| Arc::clone(skeleton))
    }

    fn remove(&mut self, hash: u64) -> Option<(Vec<u8>, Arc<Skeleton>)> {
        let (key, skeleton) = self.by_hash.remove(&hash)?;
        self.bytes -= bytes(&key, &skeleton);
        Some((key, skeleton))
    }
}

fn bytes(key: &[u8], skeleton: &Skeleton) -> usize {
    key.len() + skeleton.size()
}
