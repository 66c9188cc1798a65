//! Links that a store brings back after they were used, shown to the served binary once more: what counts
//! is which password binds.

use super::{CAMILLE, NEW, OTHER, Plan, Town, USUAL};
use crate::support::browser::{Browser, Page};
use crate::support::rollback::Rollback;
use crate::support::wait;

/// A form of the link, opened and not yet sent.
async fn opened(link: &str) -> (Browser, Page) {
    let mut browser = Browser::new(None);
    let page = browser.open(link).await;
    assert!(page.reply.has_form_for_new(), "{}", page.reply.body);
    (browser, page)
}

async fn posts((browser, page): &mut (Browser, Page), password: &str) -> Page {
    let answer = browser
        .submit(page, &page.reply.form().with("new", password))
        .await;
    browser.follow(answer).await
}

/// The first form is sent; what is over then by the store's word is over.
async fn used(town: &Town, first: &mut (Browser, Page), third: &mut (Browser, Page)) {
    let saved = posts(first, NEW).await;
    assert_eq!(
        saved.reply.text_of("h1"),
        "Votre nouveau mot de passe est enregistré"
    );
    assert!(town.binds(CAMILLE.0, NEW) && !town.binds(CAMILLE.0, CAMILLE.1));
    let told = posts(third, "cinq loutres au bord du lac").await;
    assert_eq!(told.reply.status, 410, "{}", told.reply.body);
}

/// The store is back at a time before that. With a fence the second form and the link itself set nothing;
/// without one they would.
async fn assert_came_back(town: &Town, link: &str, second: &mut (Browser, Page), guard: &str) {
    let mut anew = wait::until_async("the store", || async {
        let mut browser = Browser::new(None);
        let page = browser.open(link).await;
        (page.reply.status != 503).then_some((browser, page))
    })
    .await;
    assert!(
        anew.1.reply.has_form_for_new(),
        "the store has forgotten that it was used"
    );
    let told = posts(second, OTHER).await;
    if guard == "none" {
        assert_eq!(
            told.reply.text_of("h1"),
            "Votre nouveau mot de passe est enregistré"
        );
        assert!(town.binds(CAMILLE.0, OTHER), "the proof bites");
        return;
    }
    assert_eq!(told.reply.status, 410, "{}", told.reply.body);
    let told = posts(&mut anew, OTHER).await;
    assert_eq!(told.reply.status, 410, "{}", told.reply.body);
    assert!(town.binds(CAMILLE.0, NEW) && !town.binds(CAMILLE.0, OTHER));
}

async fn link_of(town: &Town) -> String {
    town.asks(&mut Browser::new(None), CAMILLE.0).await;
    town.mails(1).await[0].link()
}

async fn restored(guard: &'static str) {
    let mut town = Town::with(Plan { guard, ..USUAL }).await;
    let link = link_of(&town).await;
    let (mut one, mut two, mut three) = (opened(&link).await, opened(&link).await, opened(&link).await);
    let before = town.redis.snapshot();
    used(&town, &mut one, &mut three).await;
    town.redis.restore(&before);
    assert_came_back(&town, &link, &mut two, guard).await;
}

async fn failed_over(guard: &'static str) {
    let mut servers = Rollback::start();
    let tickets = servers.url();
    let town = Town::with(Plan {
        guard,
        tickets: Some(&tickets),
        ..USUAL
    })
    .await;
    let link = link_of(&town).await;
    let (mut one, mut two, mut three) = (opened(&link).await, opened(&link).await, opened(&link).await);
    servers.cut();
    used(&town, &mut one, &mut three).await;
    servers.fail_over();
    assert_came_back(&town, &link, &mut two, guard).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_posted_again_after_the_store_was_restored_sets_no_second_password() {
    // SEC-23, T-72
    restored("generation").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_posted_again_after_a_failover_sets_no_second_password() {
    // SEC-24, F-04, T-72
    failed_over("generation").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_fence_a_failover_lets_a_second_password_through() {
    // SEC-24: this is why a realm has to say guard = "none" in so many words.
    failed_over("none").await;
}

fn tar(words: &[&str]) {
    let packed = std::process::Command::new("tar")
        .args(words)
        .output()
        .expect("tar");
    assert!(
        packed.status.success(),
        "{}",
        String::from_utf8_lossy(&packed.stderr)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_a_backup_of_files_a_bare_machine_serves_again_and_the_audit_goes_on() {
    // F-07
    let mut town = Town::with(USUAL).await;
    let login = town.at("/login");
    let link = link_of(&town).await;
    let folder = town.served.folder().to_owned();
    let verified = || {
        let mut verify = std::process::Command::new(env!("CARGO_BIN_EXE_mereau"));
        verify
            .args(["audit", "verify", "--config"])
            .arg(folder.join("server.toml"));
        let told = verify.output().expect("mereau");
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stdout));
    };
    let audited = || std::fs::read_to_string(folder.join("audit.jsonl")).unwrap_or_default();
    wait::until("the audit", || audited().contains("recovery-sent").then_some(()));
    let spare = tempfile::tempdir().unwrap();
    let archive = spare.path().join("backup.tar.gz").display().to_string();
    let at = folder.display().to_string();
    // Somebody backs Redis up, too, which nobody should.
    let redis = town.redis.snapshot();
    tar(&[
        "--create",
        "--gzip",
        "--file",
        &archive,
        "--exclude",
        "./log",
        "--directory",
        &at,
        ".",
    ]);
    let lines = audited().lines().count();
    town.served.kill();
    std::fs::remove_dir_all(&folder).unwrap();
    town.redis.restore(&redis);

    std::fs::create_dir(&folder).unwrap();
    tar(&["--extract", "--gzip", "--file", &archive, "--directory", &at]);
    verified();
    raises_the_epoch(&town);
    town.served.restart();
    let mut browser = Browser::new(None);
    let page = browser.open(&login).await;
    let page = browser.sign_in(&page, CAMILLE.0, CAMILLE.1).await;
    assert!(
        page.url.query_pairs().any(|(name, _)| name == "ticket"),
        "{}",
        page.reply.body
    );
    let page = Browser::new(None).open(&link).await;
    assert!(!page.reply.has_form_for_new(), "a link of before is dead");
    wait::until("the audit to go on", || {
        audited().contains("signed-in").then_some(())
    });
    assert!(audited().lines().count() > lines);
    verified();
}

/// Runs `mereau tickets epoch-bump` beside the server.
fn raises_the_epoch(town: &Town) {
    let raised = std::process::Command::new(env!("CARGO_BIN_EXE_mereau"))
        .args(["tickets", "epoch-bump", "--reason", "Redis restored", "--config"])
        .arg(town.served.folder().join("server.toml"))
        .output()
        .expect("mereau");
    let said = String::from_utf8_lossy(&[raised.stdout, raised.stderr].concat()).into_owned();
    assert!(
        raised.status.success() && said.contains("The epoch is 2, was 1"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_new_epoch_nothing_of_a_restored_store_is_good_here_and_for_good() {
    // F-07
    let mut town = Town::with(USUAL).await;
    let login = town.at("/login");
    let mut browser = Browser::new(None);
    let page = browser.open(&login).await;
    let page = browser.sign_in(&page, CAMILLE.0, CAMILLE.1).await;
    let ticket = page.url.query_pairs().find(|(name, _)| name == "ticket");
    let ticket = ticket.expect("a ticket").1.into_owned();
    let kept = browser.clone();
    let link = link_of(&town).await;
    let mut one = opened(&link).await;
    let before = town.redis.snapshot();
    let saved = posts(&mut one, NEW).await;
    assert_eq!(saved.reply.status, 200, "{}", saved.reply.body);
    assert!(town.binds(CAMILLE.0, NEW));
    let is_in =
        async |browser: &mut Browser| !browser.get(&login).await.reply.body.contains("type=\"password\"");
    assert!(!is_in(&mut browser).await, "a new password ends all sessions");
    town.redis.restore(&before);
    wait::until_async("what came back", || async {
        let (_, page) = {
            let mut browser = Browser::new(None);
            let page = browser.open(&link).await;
            (browser, page)
        };
        page.reply.has_form_for_new().then_some(())
    })
    .await;
    let mut again = kept.clone();
    assert!(
        is_in(&mut again).await,
        "the proof bites: the ended session lives again"
    );

    raises_the_epoch(&town);
    wait::until("the server to follow", || {
        town.served.output().contains("store_epoch").then_some(())
    });
    let good_of_before = async |town: &Town| {
        let mut session = kept.clone();
        let page = Browser::new(None).open(&link).await;
        let validated = town.validate(&ticket).await;
        is_in(&mut session).await || page.reply.has_form_for_new() || validated.contains("<cas:user>")
    };
    assert!(!good_of_before(&town).await);
    let mut anew = Browser::new(None);
    let page = anew.open(&login).await;
    anew.sign_in(&page, CAMILLE.0, NEW).await;
    assert!(is_in(&mut anew).await, "and people sign in");
    // A second restore, and a server that starts on it: its own file holds against what Redis says.
    town.redis.restore(&before);
    town.served.restart();
    wait::until_async("the store", || async {
        let page = Browser::new(None).get(&login).await;
        (page.reply.status == 200).then_some(())
    })
    .await;
    assert!(!good_of_before(&town).await);
}
