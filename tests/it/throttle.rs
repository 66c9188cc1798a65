//! The throttle at the sign-in page: slow for guessing, fair to a school behind one address.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::house::{AMINE, APP, CAMILLE, House, campus, login_path};

async fn fail(house: &House, login: &str, times: usize) {
    for _ in 0..times {
        house.browser().sign_in("/cas/login", (login, "wrong")).await;
    }
}

#[tokio::test]
async fn five_failures_are_free_then_the_pause_doubles_and_never_locks() {
    // T-59, CAS-72
    let house = campus().await;
    let mut browser = house.browser();
    for _ in 0..6 {
        assert_eq!(
            browser.sign_in("/cas/login", (CAMILLE.0, "wrong")).await.status,
            401
        );
    }
    for pause in [1u64, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
        let reply = browser.sign_in("/cas/login", (CAMILLE.0, CAMILLE.1)).await;
        assert_eq!(reply.status, 429, "before {pause} s");
        assert_eq!(reply.header("retry-after"), pause.to_string());
        house.clock.advance(Duration::from_secs(pause));
        assert_eq!(
            browser.sign_in("/cas/login", (CAMILLE.0, "wrong")).await.status,
            401
        );
    }
    house.clock.advance(Duration::from_secs(900));
    assert_eq!(
        browser.sign_in("/cas/login", CAMILLE).await.status,
        303,
        "never a lock"
    );
    assert_eq!(
        browser
            .sign_in("/cas/login?renew=true", (CAMILLE.0, "wrong"))
            .await
            .status,
        401,
        "all forgotten"
    );
}

#[tokio::test]
async fn twelve_hundred_addresses_at_the_form_guess_at_one_account_no_faster() {
    // T-59
    let house = campus().await;
    let mut reached = 0;
    for minute in 0..60u8 {
        for address in 0..20u8 {
            let mut browser = house.browser();
            browser.address = IpAddr::from([10, 0, minute, address]);
            let before = house.campus.binds.load(Ordering::SeqCst);
            browser.sign_in("/cas/login", (CAMILLE.0, "guess")).await;
            reached += house.campus.binds.load(Ordering::SeqCst) - before;
        }
        house.clock.advance(Duration::from_secs(60));
    }
    assert!((6..=100).contains(&reached), "{reached} guesses in an hour");
}

#[tokio::test]
async fn unknown_names_are_slowed_in_the_same_words() {
    // T-53, T-59
    let house = campus().await;
    let mut replies = Vec::new();
    for login in [CAMILLE.0, "nobody.at.all"] {
        fail(&house, login, 6).await;
        let reply = house.browser().sign_in("/cas/login", (login, "wrong")).await;
        replies.push((
            reply.status,
            reply.text_of("[role=alert]"),
            reply.header("retry-after").to_owned(),
        ));
    }
    assert_eq!(replies[0], replies[1]);
    assert_eq!(replies[0].0, 429);
}

#[tokio::test]
async fn other_spellings_of_a_login_share_its_counter() {
    // CAS-73, T-59
    let house = campus().await;
    for login in [
        "cdupont",
        "CAMILLE.dupont",
        "camille.dupont@campus.example",
        "camille.dupont",
        "cdupont",
        "Camille.Dupont",
    ] {
        assert_eq!(
            house
                .browser()
                .sign_in("/cas/login", (login, "wrong"))
                .await
                .status,
            401
        );
    }
    let binds = house.campus.binds.load(Ordering::SeqCst);
    assert_eq!(
        house
            .browser()
            .sign_in("/cas/login", ("cdupont", CAMILLE.1))
            .await
            .status,
        429
    );
    assert_eq!(
        house.campus.binds.load(Ordering::SeqCst),
        binds,
        "no password reached the directory"
    );
}

#[tokio::test]
async fn a_known_device_is_not_slowed_by_strangers() {
    // T-60, I8
    let house = campus().await;
    let mut teacher = house.browser();
    teacher.sign_in("/cas/login", CAMILLE).await;
    teacher.get("/cas/logout").await;
    fail(&house, CAMILLE.0, 8).await;
    assert_eq!(
        house.browser().sign_in("/cas/login", CAMILLE).await.status,
        429,
        "a stranger waits"
    );
    assert_eq!(
        teacher.sign_in("/cas/login", CAMILLE).await.status,
        303,
        "the teacher does not"
    );
    for _ in 0..6 {
        teacher
            .sign_in("/cas/login?renew=true", (CAMILLE.0, "wrong"))
            .await;
    }
    assert_eq!(
        teacher.sign_in("/cas/login?renew=true", CAMILLE).await.status,
        429,
        "but has a counter too"
    );
}

#[tokio::test]
async fn the_form_never_trips_the_directory_s_own_lock() {
    // T-61
    for lock in [3, 5, 8, 10] {
        let house = campus().await;
        *house.campus.lock_after.lock().unwrap() = Some(lock);
        let tries = (0..20).map(|_| async {
            house
                .browser()
                .sign_in("/cas/login", (CAMILLE.0, "e\u{301}\u{301}"))
                .await
                .status
        });
        futures_util::future::join_all(tries).await;
        for _ in 0..30 {
            house.browser().sign_in("/cas/login", (CAMILLE.0, "wrong")).await;
            house.clock.advance(Duration::from_secs(60));
        }
        let binds = house.campus.binds.load(Ordering::SeqCst);
        assert!(binds <= lock as usize - 2, "{binds} binds below a lock of {lock}");
    }
}

#[tokio::test]
async fn below_a_directory_s_lock_strangers_see_one_answer_too() {
    // T-53, T-61, CAS-72
    let house = campus().await;
    *house.campus.lock_after.lock().unwrap() = Some(5);
    let mut seen = Vec::new();
    for login in [CAMILLE.0, "nobody.at.all"] {
        let mut replies = Vec::new();
        for _ in 0..5 {
            let reply = house.browser().sign_in("/cas/login", (login, "wrong")).await;
            replies.push((
                reply.status,
                reply.text_of("[role=alert]"),
                reply.header("retry-after").to_owned(),
            ));
        }
        seen.push(replies);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].iter().any(|reply| reply.0 == 429));
}

#[tokio::test]
async fn a_known_device_has_the_try_that_strangers_left() {
    // T-60, T-61
    let house = campus().await;
    let mut teacher = house.browser();
    teacher.sign_in("/cas/login", CAMILLE).await;
    *house.campus.lock_after.lock().unwrap() = Some(5);
    fail(&house, CAMILLE.0, 6).await;
    assert_eq!(
        house.browser().sign_in("/cas/login", CAMILLE).await.status,
        429,
        "a stranger waits"
    );
    assert_eq!(
        teacher.sign_in("/cas/login?renew=true", CAMILLE).await.status,
        303
    );
}

#[tokio::test]
async fn a_try_counts_although_its_client_hangs_up() {
    // T-59, T-61
    let house = campus().await;
    for _ in 0..6 {
        let mut browser = house.browser();
        let form = browser
            .get("/cas/login")
            .await
            .form()
            .with("username", CAMILLE.0)
            .with("password", "wrong");
        let before = house.campus.binds.load(Ordering::SeqCst);
        let mut sent = Box::pin(browser.submit(&form));
        // Polled until the directory is asked, then dropped like a connection that is gone.
        while house.campus.binds.load(Ordering::SeqCst) == before {
            let _ = futures_util::poll!(&mut sent);
            tokio::task::yield_now().await;
        }
        drop(sent);
        while house.campus.ended.load(Ordering::SeqCst) <= before {
            tokio::task::yield_now().await;
        }
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(house.browser().sign_in("/cas/login", CAMILLE).await.status, 429);
}

#[tokio::test]
async fn twenty_right_sign_ins_of_one_account_at_once_all_pass() {
    // T-55, T-56
    let house = campus().await;
    let tries = (0..20).map(|_| async { house.browser().sign_in(&login_path(APP), AMINE).await.status });
    let statuses = futures_util::future::join_all(tries).await;
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
}

#[tokio::test]
async fn a_throttled_person_sees_when_to_come_back() {
    // T-59
    let house = campus().await;
    fail(&house, CAMILLE.0, 15).await;
    house.clock.advance(Duration::from_secs(1));
    fail(&house, CAMILLE.0, 1).await;
    let reply = house.browser().sign_in("/cas/login", CAMILLE).await;
    assert_eq!(reply.status, 429);
    assert!(reply.has_form() && !reply.text_of("[role=alert]").is_empty());
}

#[tokio::test]
async fn from_the_third_failure_on_the_page_counts_what_is_left() {
    // T-59, T-61
    let house = campus().await;
    let mut said = Vec::new();
    for _ in 0..6 {
        said.push(
            house
                .browser()
                .sign_in("/cas/login", (CAMILLE.0, "wrong"))
                .await
                .text_of("[role=alert]"),
        );
    }
    assert!(
        !said[0].contains("Encore") && !said[1].contains("Encore"),
        "{said:?}"
    );
    assert!(
        said[2].contains("Encore 3 essais") && said[4].contains("Encore 1 essai "),
        "{said:?}"
    );
    assert!(!said[5].contains("Encore"), "{said:?}");
    *house.campus.lock_after.lock().unwrap() = Some(5);
    let mut said = Vec::new();
    for _ in 0..3 {
        said.push(
            house
                .browser()
                .sign_in("/cas/login", (AMINE.0, "wrong"))
                .await
                .text_of("[role=alert]"),
        );
    }
    assert!(
        said[1].contains("Encore 1 essai") && said[1].contains("60 minutes"),
        "{said:?}"
    );
}
