//! What every ticket store does with the answers of CAPTCHAs: kept for a while, given once.

use std::sync::Arc;
use std::time::Duration;

use mereau::base::names::RealmId;
use mereau::tickets::{ChallengeKey, KeptAnswers};

use super::SECOND;
pub use super::World;

const TTL: Duration = Duration::from_secs(300);

const ANSWERS: KeptAnswers = KeptAnswers {
    symbols: [0; 32],
    digits: [0xff; 32],
};

fn key(realm: &str, flow: &[u8], challenge: &[u8]) -> ChallengeKey {
    ChallengeKey::of(&RealmId::new(realm).unwrap(), flow, challenge)
}

pub async fn the_answers_of_a_challenge_are_given_to_one_of_twenty(world: World) {
    // SEC-65, T-80
    let challenges = world.place.challenges();
    let mine = key("univ", b"flow", b"one");
    challenges.keep_challenge(&mine, &ANSWERS, TTL).await.unwrap();
    let mut takers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let challenges = Arc::clone(&challenges);
        takers.spawn(async move { challenges.take_challenge(&mine).await.unwrap() });
    }
    let got: Vec<KeptAnswers> = takers.join_all().await.into_iter().flatten().collect();
    assert_eq!(got, [ANSWERS]);
    assert_eq!(challenges.take_challenge(&mine).await.unwrap(), None);
}

pub async fn a_challenge_is_of_its_realm_and_its_flow(world: World) {
    // SEC-65, T-80
    let challenges = world.place.challenges();
    let mine = key("univ", b"flow", b"one");
    challenges.keep_challenge(&mine, &ANSWERS, TTL).await.unwrap();
    for other in [
        key("ent", b"flow", b"one"),
        key("univ", b"flo", b"wone"),
        key("univ", b"flow", b"two"),
    ] {
        assert_eq!(challenges.take_challenge(&other).await.unwrap(), None);
    }
    assert_eq!(challenges.take_challenge(&mine).await.unwrap(), Some(ANSWERS));
}

pub async fn a_challenge_waits_five_minutes_and_no_longer(world: World) {
    // SEC-65
    let challenges = world.place.challenges();
    let (early, late) = (key("univ", b"f", b"1"), key("univ", b"f", b"2"));
    for challenge in [early, late] {
        challenges
            .keep_challenge(&challenge, &ANSWERS, TTL)
            .await
            .unwrap();
    }
    world.pass(TTL - 30 * SECOND).await;
    assert_eq!(challenges.take_challenge(&early).await.unwrap(), Some(ANSWERS));
    world.pass(31 * SECOND).await;
    assert_eq!(challenges.take_challenge(&late).await.unwrap(), None);
}
