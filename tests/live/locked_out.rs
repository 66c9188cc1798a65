//! Strangers at the form, and the lock that the directory itself has after five failures.

use std::process::Command;

use futures_util::future::join_all;

use crate::support::browser::Browser;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};

const LOCK: u32 = 5;
const STRANGERS: usize = 24;
const CAMILLE: (&str, &str) = ("camille.dupont", "camille-corbeau-7");

fn camille() -> String {
    format!("uid={},{}", CAMILLE.0, slapd::PEOPLE)
}

/// How many failures the directory counts, and whether it has locked the account.
fn counted(slapd: &Slapd) -> (usize, bool) {
    let entry = slapd.entry(&camille());
    let lines = |name: &str| entry.lines().filter(|line| line.starts_with(name)).count();
    (lines("pwdFailureTime:"), lines("pwdAccountLockedTime:") > 0)
}

/// Past us.
fn binds_wrongly(slapd: &Slapd) {
    let mut command = Command::new("ldapwhoami");
    command.args(["-x", "-H", &slapd.url(), "-D", &camille(), "-w", "faux"]);
    assert!(!command.output().expect("ldapwhoami").status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_at_two_nodes_lock_nobody_out_of_the_directory_and_a_known_device_gets_in() {
    // T-60, T-61, I-8
    let slapd = Slapd::start(&slapd::Options {
        max_failure: LOCK,
        ..slapd::Options::default()
    });
    let redis = Redis::start(&[]);
    let tickets = redis.url();
    let options = Options {
        lock_after: Some(LOCK),
        ..Options::on(&slapd, &tickets)
    };
    let one = Served::start(&options);
    let nodes = [Served::beside(&one, &options), one];
    let mut own = Browser::new(None);
    let page = own.open(&nodes[0].address("/login", &[])).await;
    assert!(!own.sign_in(&page, CAMILLE.0, CAMILLE.1).await.reply.has_form());
    own.open(&nodes[0].address("/logout", &[])).await;

    let strangers = (0..STRANGERS).map(|number| {
        let address = nodes[number % nodes.len()].address("/login", &[]);
        tokio::spawn(async move {
            let mut browser = Browser::new(None);
            let page = browser.open(&address).await;
            let told = browser.sign_in(&page, CAMILLE.0, "faux").await;
            told.reply.status.as_u16()
        })
    });
    let told: Vec<u16> = join_all(strangers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let (failures, is_locked) = counted(&slapd);
    assert!(failures > 0, "nobody came as far as the directory: {told:?}");
    assert!(
        failures <= LOCK as usize - 2 && !is_locked,
        "{failures} of {LOCK}"
    );
    let refused = told.iter().filter(|status| **status == 401).count();
    assert_eq!(refused, failures, "{told:?}");
    assert!(told.iter().all(|status| [401, 429].contains(status)), "{told:?}");

    let page = own.open(&nodes[1].address("/login", &[])).await;
    assert!(!own.sign_in(&page, CAMILLE.0, CAMILLE.1).await.reply.has_form());

    // It would have locked.
    (0..LOCK).for_each(|_| binds_wrongly(&slapd));
    assert_eq!(counted(&slapd), (LOCK as usize, true));
}
