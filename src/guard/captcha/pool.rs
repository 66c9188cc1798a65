//! Pictures drawn ahead of time by a thread of their own, and those that were handed out lately. Few of
//! both: a picture is some twelve kilobytes.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;

use super::answer::Answers;
use super::dice::Seed;
use super::picture;
use crate::base::entropy::Entropy;

/// Pictures that wait.
const WAITING: usize = 32;

/// Pictures handed out that browsers have not fetched, or may fetch again.
const HANDED_OUT: usize = 128;

type Drawn = VecDeque<(Seed, Bytes)>;

/// A pool of drawn pictures; empty, it gives seeds whose pictures are drawn when asked for.
pub struct Ready {
    waiting: Arc<Mutex<Drawn>>,
    handed_out: Mutex<Drawn>,
    /// Wakes the thread, once there is one.
    wake: OnceLock<SyncSender<()>>,
    entropy: Arc<dyn Entropy>,
}

impl Ready {
    pub fn new(entropy: Arc<dyn Entropy>) -> Ready {
        Ready {
            waiting: Arc::default(),
            handed_out: Mutex::default(),
            wake: OnceLock::new(),
            entropy,
        }
    }

    /// Starts the thread, which ends with the pool. A machine that has no thread left draws when
    /// asked.
    pub fn start(&self) {
        let (wake, woken) = sync_channel(1);
        if self.wake.set(wake).is_err() {
            return;
        }
        let (waiting, entropy) = (self.waiting.clone(), self.entropy.clone());
        let started = std::thread::Builder::new()
            .name("captcha".to_owned())
            .spawn(move || fill(&waiting, entropy.as_ref(), &woken));
        if let Err(error) = started {
            tracing::warn!(%error, "no thread to draw pictures ahead of time");
        }
    }

    pub fn waiting(&self) -> usize {
        lock(&self.waiting).len()
    }

    /// A seed that nobody had before, with its picture at hand if there is one.
    pub fn take(&self) -> Seed {
        let drawn = lock(&self.waiting).pop_front();
        // Full is as good: the thread is awake.
        let _ = self.wake.get().map(|wake| wake.try_send(()));
        match drawn {
            Some((seed, png)) => {
                self.hand_out(seed, png);
                seed
            }
            None => draw_seed(self.entropy.as_ref()),
        }
    }

    /// The picture of a seed, when this node has it.
    pub fn picture(&self, seed: &Seed) -> Option<Bytes> {
        let handed_out = lock(&self.handed_out);
        let found = handed_out.iter().find(|(known, _)| known == seed);
        found.map(|(_, png)| png.clone())
    }

    pub fn hand_out(&self, seed: Seed, png: Bytes) {
        let mut handed_out = lock(&self.handed_out);
        if handed_out.len() >= HANDED_OUT {
            handed_out.pop_front();
        }
        handed_out.push_back((seed, png));
    }
}

fn fill(waiting: &Mutex<Drawn>, entropy: &dyn Entropy, woken: &Receiver<()>) {
    loop {
        while lock(waiting).len() < WAITING {
            let seed = draw_seed(entropy);
            match picture::draw(&Answers::drawn(&seed).symbols, &seed) {
                Some(png) => lock(waiting).push_back((seed, png.into())),
                None => return,
            }
        }
        if woken.recv().is_err() {
            return;
        }
    }
}

fn draw_seed(entropy: &dyn Entropy) -> Seed {
    let mut seed = [0; 16];
    entropy.fill(&mut seed);
    seed
}

fn lock(drawn: &Mutex<Drawn>) -> std::sync::MutexGuard<'_, Drawn> {
    drawn.lock().unwrap_or_else(PoisonError::into_inner)
}
