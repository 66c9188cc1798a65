//! Randomness as a port: the operating system's generator in a server, a seeded one in tests.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A source of random bytes fit for secrets.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` whole. A source that cannot do so must stop the process rather than return
    /// something guessable.
    fn fill(&self, bytes: &mut [u8]);

    fn bytes<const N: usize>(&self) -> [u8; N]
    where
        Self: Sized,
    {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// Names that are given once, in this process and in any other, and are no secret: a random start,
/// then counting. Asking the operating system for each would be a call of its own per request.
pub struct Serials {
    start: [u8; 16],
    given: AtomicU64,
}

impl Serials {
    pub fn new(entropy: &dyn Entropy) -> Serials {
        let mut start = [0; 16];
        entropy.fill(&mut start);
        Serials {
            start,
            given: AtomicU64::new(0),
        }
    }

    pub fn next(&self) -> [u8; 16] {
        let given = self.given.fetch_add(1, Ordering::Relaxed);
        u128::from_be_bytes(self.start)
            .wrapping_add(u128::from(given))
            .to_be_bytes()
    }
}

/// The operating system's generator.
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        #[allow(clippy::disallowed_methods)] // the one place that asks the operating system
        let filled = getrandom::fill(bytes);
        if filled.is_err() {
            // Guessable tickets are worse than no server: nothing may continue from here.
            tracing::error!("the operating system gives no random bytes; stopping");
            std::process::abort();
        }
    }
}

/// A repeatable stream for tests: SHA-256 of a seed and a counter. Never for a server.
pub struct SeededEntropy {
    seed: u64,
    block: Mutex<u64>,
}

impl SeededEntropy {
    pub fn new(seed: u64) -> SeededEntropy {
        SeededEntropy {
            seed,
            block: Mutex::new(0),
        }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut block = self.block.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for chunk in bytes.chunks_mut(32) {
            *block += 1;
            let mut input = self.seed.to_be_bytes().to_vec();
            input.extend(block.to_be_bytes());
            let digest = ring::digest::digest(&ring::digest::SHA256, &input);
            for (to, from) in chunk.iter_mut().zip(digest.as_ref()) {
                *to = *from;
            }
        }
    }
}

/// `count` symbols drawn evenly from `alphabet` (at most 256 symbols), by rejection of the bytes
/// that would favour some symbols.
pub fn random_symbols(entropy: &dyn Entropy, alphabet: &[u8], count: usize) -> String {
    let bound = 256 - 256 % alphabet.len().clamp(1, 256);
    let mut symbols = String::with_capacity(count);
    let mut bytes = [0u8; 64];
    while symbols.len() < count {
        entropy.fill(&mut bytes);
        let fair = bytes
            .iter()
            .map(|byte| usize::from(*byte))
            .filter(|byte| *byte < bound);
        for symbol in fair.filter_map(|byte| alphabet.get(byte % alphabet.len())) {
            if symbols.len() < count {
                symbols.push(char::from(*symbol));
            }
        }
    }
    symbols
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
        let one: [u8; 40] = SeededEntropy::new(1).bytes();
        assert_eq!(one, SeededEntropy::new(1).bytes::<40>());
        assert_ne!(one, SeededEntropy::new(2).bytes::<40>());
    }

    #[test]
    fn serials_never_come_twice() {
        let (one, other) = (
            Serials::new(&SeededEntropy::new(1)),
            Serials::new(&SeededEntropy::new(2)),
        );
        let given: std::collections::HashSet<_> = (0..100).flat_map(|_| [one.next(), other.next()]).collect();
        assert_eq!(given.len(), 200);
    }

    #[test]
    fn symbols_come_from_the_alphabet_and_all_of_them_come() {
        let drawn = random_symbols(&OsEntropy, b"abc", 500);
        assert_eq!(drawn.len(), 500);
        assert!(["a", "b", "c"].iter().all(|symbol| drawn.contains(symbol)));
    }
}
