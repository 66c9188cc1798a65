//! The support code of a request: what a person reads out on the telephone and an operator finds
//! in the log. It carries no meaning and is no secret.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderValue;

use crate::base::entropy::Entropy;

/// Capitals and digits that are not taken for one another when read aloud or copied by hand.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A support code like `K7QD-2M9X`, on every request, in every log line of it and in the
/// `X-Request-Id` of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; 9]);

/// Of a request that came past the layers.
impl Default for RequestId {
    fn default() -> RequestId {
        RequestId(*b"0000-0000")
    }
}

tokio::task_local! {
    static CURRENT: RequestId;
}

impl RequestId {
    /// The request that the running code answers, for the log.
    pub fn current() -> Option<RequestId> {
        CURRENT.try_with(|id| *id).ok()
    }

    /// Runs `answering` as the answer to this request.
    pub(super) fn while_answering<F: Future>(self, answering: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, answering)
    }

    /// `work`, for another task to do as part of the answer to the request that is answered here.
    pub fn carried_along<F: Future>(work: F) -> impl Future<Output = F::Output> {
        let id = RequestId::current();
        async move {
            match id {
                Some(id) => id.while_answering(work).await,
                None => work.await,
            }
        }
    }

    /// Does `work`, which does not wait, as part of the answer to this request.
    pub fn during<T>(self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_bytes(&self.0).ok()
    }
}

/// The codes of one process, in an order of which nobody outside can tell how many there were.
pub struct RequestIds {
    start: u64,
    drawn: AtomicU64,
}

impl RequestIds {
    pub fn new(entropy: &dyn Entropy) -> RequestIds {
        let mut start = [0; 8];
        entropy.fill(&mut start);
        RequestIds {
            start: u64::from_ne_bytes(start),
            drawn: AtomicU64::new(0),
        }
    }

    /// One of 30⁸ codes: the birthday of two equal ones is some 800,000 requests away.
    pub fn next(&self) -> RequestId {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut left = mixed(self.start.wrapping_add(number));
        let mut code = *b"0000-0000";
        for place in code.iter_mut().filter(|place| **place == b'0') {
            let symbols = ALPHABET.len() as u64;
            let symbol = usize::try_from(left % symbols)
                .ok()
                .and_then(|at| ALPHABET.get(at));
            *place = symbol.copied().unwrap_or(b'2');
            left /= symbols;
        }
        RequestId(code)
    }
}

/// A bijection whose neighbours have nothing in common: the finalizer of SplitMix64.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::entropy::SeededEntropy;

    #[test]
    fn a_code_is_two_groups_of_four_unmistakable_symbols() {
        let ids = RequestIds::new(&SeededEntropy::new(7));
        for _ in 0..100 {
            let code = ids.next();
            let (left, right) = code.as_str().split_once('-').unwrap();
            assert_eq!((left.len(), right.len()), (4, 4));
            assert!(!code.as_str().contains(['0', 'O', '1', 'I', 'L', 'U']));
        }
    }

    #[tokio::test]
    async fn a_task_that_finishes_an_answer_goes_by_the_code_of_its_request() {
        let id = RequestIds::new(&SeededEntropy::new(7)).next();
        let told = id.while_answering(async {
            let work = RequestId::carried_along(async { RequestId::current() });
            tokio::spawn(work).await.unwrap()
        });
        assert_eq!(told.await, Some(id));
        assert_eq!(
            RequestId::carried_along(async { RequestId::current() }).await,
            None
        );
    }

    #[test]
    fn codes_do_not_repeat_nor_tell_their_order() {
        let ids = RequestIds::new(&SeededEntropy::new(7));
        let codes: Vec<RequestId> = (0..10_000).map(|_| ids.next()).collect();
        let different: std::collections::HashSet<&str> = codes.iter().map(RequestId::as_str).collect();
        assert_eq!(different.len(), codes.len());
        let alike = codes
            .windows(2)
            .filter(|pair| pair[0].0[..3] == pair[1].0[..3])
            .count();
        assert!(alike < 10, "{alike} neighbours begin alike");
    }
}
