//! When somebody who was turned away is to come back: a `Retry-After` that is drawn, so that those who
//! were turned away together do not come back together.

use std::ops::RangeInclusive;

use http::header::{HeaderValue, RETRY_AFTER};

use super::answer::Answer;
use crate::base::entropy::Entropy;
use crate::flows::FlowError;

/// Seconds until a crowd has moved on, or a store has another primary (F-01).
const SOON: RangeInclusive<u64> = 2..=5;

/// Seconds until a directory that is down is worth another try.
const LATER: RangeInclusive<u64> = 20..=40;

/// In a moment: there was no room.
pub fn soon(entropy: &dyn Entropy) -> u64 {
    drawn(entropy, SOON)
}

/// In half a minute: a directory does not answer.
pub fn later(entropy: &dyn Entropy) -> u64 {
    drawn(entropy, LATER)
}

/// By what stopped the flow.
pub fn after(entropy: &dyn Entropy, error: &FlowError) -> u64 {
    match error {
        _ if error.is_crowd() => soon(entropy),
        FlowError::Store(_) | FlowError::Crowded(_) => soon(entropy),
        FlowError::Directory { .. }
        | FlowError::NoRealm(_)
        | FlowError::Outbox(_)
        | FlowError::Unrecorded => later(entropy),
    }
}

/// Says so on an answer.
pub fn retry_after(answer: &mut Answer, seconds: u64) {
    answer
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
}

fn drawn(entropy: &dyn Entropy, span: RangeInclusive<u64>) -> u64 {
    let mut byte = [0; 1];
    entropy.fill(&mut byte);
    let [byte] = byte;
    let (least, most) = span.into_inner();
    // A byte is 256 of something that is at most 21 long: nobody notices that some come oftener.
    least + u64::from(byte) % (most - least + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::base::entropy::SeededEntropy;
    use crate::base::names::RealmId;
    use crate::directory::DirectoryError;
    use crate::tickets::StoreError;

    #[test]
    fn who_was_turned_away_comes_back_at_some_moment_of_a_span() {
        // F-01
        let entropy = SeededEntropy::new(7);
        let times = |draw: &dyn Fn() -> u64| (0..400).map(|_| draw()).collect::<BTreeSet<u64>>();
        assert_eq!(times(&|| soon(&entropy)), (2..=5).collect());
        assert_eq!(times(&|| later(&entropy)), (20..=40).collect());
    }

    #[test]
    fn a_crowd_and_a_store_are_asked_again_soon_a_directory_that_is_down_later() {
        // F-01
        let entropy = SeededEntropy::new(7);
        let directory = |source| FlowError::Directory {
            realm: RealmId::new("campus").unwrap(),
            source,
        };
        let down = DirectoryError::Unreachable("told so".to_owned());
        assert!(LATER.contains(&after(&entropy, &directory(down))));
        assert!(SOON.contains(&after(&entropy, &directory(DirectoryError::Crowded))));
        assert!(SOON.contains(&after(&entropy, &FlowError::Store(StoreError::Crowded))));
    }
}
