//! The CAPTCHA in the running application: one try, for its flow and realm alone; picture and sound by
//! the real router; computing where a realm allows it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use mereau::base::names::RealmId;
use mereau::guard::captcha::{Bound, Challenge, Given, LIFETIME, SOUND_LENGTH, Spoken, Verdict};
use mereau::realms::{CaptchaMode, CaptchaRule};

use crate::house::{House, house};

const FLOW: &[u8] = b"flow-1";

fn campus() -> RealmId {
    RealmId::new("campus").unwrap()
}

fn working() -> CaptchaRule {
    CaptchaRule {
        proof_of_work: true,
        ..CaptchaRule::default()
    }
}

async fn fresh(house: &House) -> Challenge {
    fresh_by(house, CaptchaRule::default()).await
}

async fn fresh_by(house: &House, rule: CaptchaRule) -> Challenge {
    let realm = campus();
    let bound = Bound {
        realm: &realm,
        flow: FLOW,
    };
    let captcha = &house.app.ports.captcha;
    captcha.fresh(bound, rule, Spoken::French).await.unwrap()
}

async fn bytes(house: &House, path: &str) -> Response<Bytes> {
    let request = Request::get(path).header("host", "sso.example.org");
    let answer = house
        .send(request.body(Body::empty()).unwrap(), [192, 0, 2, 7].into())
        .await;
    let (parts, body) = answer.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

/// As somebody of this realm and flow answers.
async fn answered(house: &House, realm: &str, flow: &[u8], id: &str, typed: &str) -> Verdict {
    let realm = RealmId::new(realm).unwrap();
    let bound = Bound { realm: &realm, flow };
    let given = Given { id, typed, work: "" };
    let captcha = &house.app.ports.captcha;
    captcha
        .answer(bound, CaptchaRule::default(), given)
        .await
        .unwrap()
}

async fn said(house: &House, id: &str, typed: &str) -> Verdict {
    answered(house, "campus", FLOW, id, typed).await
}

/// The answers, as only the server can tell them.
fn answers(house: &House, id: &str) -> (String, String) {
    house.app.ports.captcha.reveal(id).expect("a challenge of ours")
}

#[tokio::test]
async fn either_answer_passes_and_only_once() {
    // SEC-65, SEC-67, SEC-68, T-80
    let house = house().await;
    for by_ear in [false, true] {
        let challenge = fresh(&house).await;
        let (symbols, digits) = answers(&house, &challenge.id);
        let typed = if by_ear {
            digits
        } else {
            format!(" {} ", symbols.to_lowercase())
        };
        assert_eq!(said(&house, &challenge.id, &typed).await, Verdict::Right);
        assert_eq!(said(&house, &challenge.id, &typed).await, Verdict::Gone);
    }
}

#[tokio::test]
async fn a_wrong_answer_spends_the_challenge_too() {
    // SEC-65, S5-04
    let house = house().await;
    let challenge = fresh(&house).await;
    let (symbols, _) = answers(&house, &challenge.id);
    assert_eq!(said(&house, &challenge.id, "AAAAA").await, Verdict::Wrong);
    assert_eq!(said(&house, &challenge.id, &symbols).await, Verdict::Gone);
}

#[tokio::test]
async fn twenty_at_once_with_the_right_answer_are_one_success() {
    // SEC-65, T-80
    let house = std::sync::Arc::new(house().await);
    let challenge = fresh(&house).await;
    let (symbols, _) = answers(&house, &challenge.id);
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (house, id, symbols) = (house.clone(), challenge.id.clone(), symbols.clone());
        tries.spawn(async move { said(&house, &id, &symbols).await });
    }
    let verdicts = tries.join_all().await;
    let right = verdicts.iter().filter(|verdict| **verdict == Verdict::Right);
    assert_eq!(right.count(), 1);
    assert!(!verdicts.contains(&Verdict::Wrong));
}

#[tokio::test]
async fn another_flow_or_realm_neither_passes_nor_spends_it() {
    // SEC-65, SEC-15, T-80
    let house = house().await;
    let challenge = fresh(&house).await;
    let (symbols, _) = answers(&house, &challenge.id);
    let id = &challenge.id;
    assert_eq!(
        answered(&house, "campus", b"flow-2", id, &symbols).await,
        Verdict::Gone
    );
    assert_eq!(answered(&house, "lycee", FLOW, id, &symbols).await, Verdict::Gone);
    assert_eq!(said(&house, id, &symbols).await, Verdict::Right);
}

#[tokio::test]
async fn what_is_left_out_emptied_or_lengthened_never_passes() {
    // SEC-65, T-80
    let house = house().await;
    assert_eq!(said(&house, "", "").await, Verdict::Gone);
    assert_eq!(said(&house, "skipCaptcha", "true").await, Verdict::Gone);
    for change in [
        |_: &str| String::new(),
        |right: &str| format!("{right}{right}"),
        |right: &str| format!("{right}A"),
        |right: &str| right[1..].to_owned(),
        |right: &str| format!("{right}\0"),
    ] {
        let challenge = fresh(&house).await;
        let (symbols, _) = answers(&house, &challenge.id);
        let verdict = said(&house, &challenge.id, &change(&symbols)).await;
        assert_eq!(verdict, Verdict::Wrong);
    }
}

#[tokio::test]
async fn a_challenge_lives_five_minutes() {
    // SEC-65
    let house = house().await;
    let (early, late) = (fresh(&house).await, fresh(&house).await);
    house.clock.advance(LIFETIME - Duration::from_secs(1));
    let (symbols, _) = answers(&house, &early.id);
    assert_eq!(said(&house, &early.id, &symbols).await, Verdict::Right);
    let (symbols, _) = answers(&house, &late.id);
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(said(&house, &late.id, &symbols).await, Verdict::Gone);
    let mut browser = house.browser();
    let gone = browser.get(&format!("/cas/captcha/{}/picture", late.id)).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn a_store_that_is_down_is_an_incident_and_no_verdict() {
    // SEC-65
    let house = house().await;
    let challenge = fresh(&house).await;
    house.store.down.store(true, Ordering::SeqCst);
    let realm = campus();
    let bound = Bound {
        realm: &realm,
        flow: FLOW,
    };
    let captcha = &house.app.ports.captcha;
    let given = Given {
        id: &challenge.id,
        typed: "ABCDE",
        work: "",
    };
    let rule = CaptchaRule::default();
    assert!(captcha.answer(bound, rule, given).await.is_err());
    assert!(captcha.fresh(bound, rule, Spoken::French).await.is_err());
}

#[tokio::test]
async fn picture_and_sound_come_from_addresses_of_their_own_and_spend_nothing() {
    // SEC-65, SEC-68, T-80
    let house = house().await;
    let mut browser = house.browser();
    let challenge = fresh(&house).await;
    let other = fresh(&house).await;
    let at = |id: &str, what: &str| format!("/cas/captcha/{id}/{what}");
    let picture = bytes(&house, &at(&challenge.id, "picture")).await;
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert_eq!(picture.headers()["cache-control"], "no-store");
    assert!(picture.body().starts_with(b"\x89PNG"));
    let again = bytes(&house, &at(&challenge.id, "picture")).await;
    assert_eq!(picture.body(), again.body(), "asking again teaches nothing");
    let sound = bytes(&house, &at(&challenge.id, "sound")).await;
    assert_eq!(sound.headers()["content-type"], "audio/wav");
    let lengths = [
        sound.body().len(),
        bytes(&house, &at(&other.id, "sound")).await.body().len(),
    ];
    assert_eq!(lengths, [SOUND_LENGTH; 2]);
    let forged = format!("B{}", &challenge.id[1..]);
    for id in [forged.as_str(), "x", "0123456789abcdef"] {
        assert_eq!(browser.get(&at(id, "picture")).await.status, 404);
    }
    let (symbols, _) = answers(&house, &challenge.id);
    assert_eq!(said(&house, &challenge.id, &symbols).await, Verdict::Right);
}

#[tokio::test]
async fn computing_passes_only_where_the_realm_allows_it_and_once() {
    // SEC-69
    let house = house().await;
    assert_eq!(fresh(&house).await.work, None);
    let challenge = fresh_by(&house, working()).await;
    let work = challenge.work.clone().unwrap();
    let number = (0..u32::MAX).map(|number| number.to_string());
    let number = number.into_iter().find(|number| work.is_done(number)).unwrap();
    let realm = campus();
    let bound = Bound {
        realm: &realm,
        flow: FLOW,
    };
    let given = Given {
        id: &challenge.id,
        typed: "",
        work: &number,
    };
    let captcha = &house.app.ports.captcha;
    let judged = captcha.answer(bound, working(), given).await.unwrap();
    assert_eq!(judged, Verdict::Right);
    let judged = captcha.answer(bound, working(), given).await.unwrap();
    assert_eq!(judged, Verdict::Gone);
    let next = fresh_by(&house, working()).await;
    let given = Given {
        id: &next.id,
        ..given
    };
    let judged = captcha.answer(bound, working(), given).await.unwrap();
    assert_eq!(judged, Verdict::Wrong, "the number was for another challenge");
    let refused = fresh_by(&house, working()).await;
    let given = Given {
        id: &refused.id,
        ..given
    };
    let judged = captcha
        .answer(bound, CaptchaRule::default(), given)
        .await
        .unwrap();
    assert_eq!(judged, Verdict::Wrong, "this realm does not take it");
}

#[tokio::test]
async fn an_adaptive_realm_asks_the_network_that_sends_many() {
    // SEC-61, SEC-69
    let house = house().await;
    let captcha = &house.app.ports.captcha;
    let (many, few) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
    let adaptive = CaptchaRule {
        mode: CaptchaMode::Adaptive,
        ..CaptchaRule::default()
    };
    for _ in 0..20 {
        assert!(!captcha.is_asked(adaptive, many).await.unwrap());
        captcha.count(adaptive, many).await.unwrap();
    }
    assert!(captcha.is_asked(adaptive, many).await.unwrap());
    assert!(!captcha.is_asked(adaptive, few).await.unwrap());
    assert!(captcha.is_asked(CaptchaRule::default(), few).await.unwrap());
    let off = CaptchaRule {
        mode: CaptchaMode::Off,
        ..CaptchaRule::default()
    };
    assert!(!captcha.is_asked(off, many).await.unwrap());
    house.clock.advance(Duration::from_secs(3601));
    assert!(!captcha.is_asked(adaptive, many).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_drawn_ahead_by_a_thread_of_their_own() {
    // SEC-70
    let house = house().await;
    let captcha = &house.app.ports.captcha;
    captcha.draw_ahead();
    let full = async {
        while captcha.drawn_ahead() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), full).await.unwrap();
    let before = captcha.drawn_ahead();
    let challenge = fresh(&house).await;
    assert!(captcha.drawn_ahead() <= 32 && before > 0);
    let (symbols, _) = answers(&house, &challenge.id);
    assert_eq!(said(&house, &challenge.id, &symbols).await, Verdict::Right);
}

#[test]
fn nothing_is_asked_of_anybody_else() {
    // SEC-71
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guard/captcha");
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(
                !text.contains("outgoing") && !text.contains("://"),
                "{}",
                file.display()
            );
        }
    }
}
