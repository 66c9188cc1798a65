//! The ways back in, each with its wrong turns, under watch.

use http::Method;
use std::process::Command;
use url::Url;

use super::watch::Watch;
use crate::recovery::{CAMILLE, Mail, Town};
use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::run::run;
use crate::support::wait;

const NOE: (&str, &str) = ("noe.martin", "noe-girafe-10");
const OMAR: (&str, &str) = ("omar.diallo", "omar-saphir-18");
const PAUL: (&str, &str) = ("paul.girard", "paul-chouette-19");
const WEAK: &str = "canari7Hq2";
const WRONG: &str = "canari-7Hq2-faux";

/// A good password of its own for every way.
fn new_one(way: u32) -> String {
    format!("canari {way} quatre chevaux dans la brume")
}

fn mailbox(login: &str) -> String {
    format!("{login}@campus.example")
}

/// An answer that cannot stand in a number by chance.
fn is_no_number(symbols: &str) -> bool {
    symbols.bytes().any(|byte| !byte.is_ascii_hexdigit())
}

/// Sends the form that asks, up to the page behind it.
async fn asks(town: &Town, watch: &mut Watch, browser: &mut Browser, identifier: &str) -> Page {
    loop {
        let page = watch.open(browser, &town.at("/recover")).await;
        let form = page.reply.form();
        let symbols = town.symbols(form.value("captcha").expect("a challenge"));
        if is_no_number(&symbols) {
            let form = form.without("captcha-other").with("identifier", identifier);
            return watch
                .submit(browser, &page, &form.with("captcha-answer", &symbols))
                .await;
        }
    }
}

/// Asks and reads the mail.
async fn asked(town: &Town, watch: &mut Watch, login: &str) -> (Mail, String) {
    asks(town, watch, &mut Browser::new(None), login).await;
    let mail = watch.mail(town, &mailbox(login), "/r/").await;
    let code = watch.keep(town, &mail).expect("a code");
    (mail, code)
}

async fn chooses(watch: &mut Watch, browser: &mut Browser, page: &Page, new: &str) -> Page {
    let weak = page.reply.form().with("new", WEAK);
    let page = watch.submit(browser, page, &weak).await;
    assert_eq!(page.reply.status, 422, "{}", page.reply.body);
    let done = watch
        .submit(browser, &page, &page.reply.form().with("new", new))
        .await;
    assert!(done.reply.status.as_u16() < 400, "{}", done.reply.body);
    done
}

async fn signs_in(town: &Town, watch: &mut Watch, browser: &mut Browser, who: (&str, &str)) -> Page {
    let page = watch.open(browser, &town.at("/login")).await;
    let form = page.reply.form().with("username", who.0).with("password", who.1);
    watch.submit(browser, &page, &form).await
}

pub async fn by_link(town: &Town, watch: &mut Watch) {
    let mut browser = Browser::new(None);
    let wrong = signs_in(town, watch, &mut browser, (CAMILLE.0, WRONG)).await;
    assert_eq!(wrong.reply.status, 401);
    let page = watch.open(&mut browser, &town.at("/recover")).await;
    let form = page
        .reply
        .form()
        .without("captcha-other")
        .with("identifier", CAMILLE.0);
    watch
        .submit(&mut browser, &page, &form.with("captcha-answer", "CANARY"))
        .await;
    asks(town, watch, &mut browser, CAMILLE.0).await;
    let mail = watch.mail(town, &mailbox(CAMILLE.0), "/r/").await;
    watch.keep(town, &mail);
    let link = mail.link();
    // Folded, bent, and with what should be no part of it.
    for bent in [
        format!("{link}x"),
        link.to_lowercase(),
        format!("{link}/"),
        format!("{link}/more"),
        link.replace("/r/", "/nowhere/"),
    ] {
        watch.open(&mut browser, &bent).await;
    }
    let page = watch.open(&mut browser, &format!("{link}.")).await;
    let form = page.reply.form();
    let mut forged = form.clone().without("lt").with("new", &new_one(1));
    forged.fields.push(("new".to_owned(), new_one(2)));
    let refused = watch.submit(&mut browser, &page, &forged).await;
    assert_eq!(refused.reply.status, 400);
    let page = watch.open(&mut browser, &link).await;
    chooses(watch, &mut browser, &page, &new_one(1)).await;
    let dead = watch.open(&mut browser, &link).await;
    assert_eq!(dead.reply.status, 410);
    let page = signs_in(town, watch, &mut browser, (CAMILLE.0, &new_one(1))).await;
    assert_eq!(page.reply.status, 303);
}

pub async fn by_code(town: &Town, watch: &mut Watch) {
    let (_, code) = asked(town, watch, "amine.benali").await;
    let mut browser = Browser::new(None);
    for (typed, status) in [("CANARY22", 401), (code.as_str(), 200)] {
        let page = watch.open(&mut browser, &town.at("/recover/code")).await;
        let form = page
            .reply
            .form()
            .with("identifier", "amine.benali")
            .with("code", typed);
        let page = watch.submit(&mut browser, &page, &form).await;
        assert_eq!(page.reply.status, status, "{}", page.reply.body);
        if status == 200 {
            chooses(watch, &mut browser, &page, &new_one(3)).await;
        }
    }
}

pub async fn by_code_as_password(town: &Town, watch: &mut Watch) {
    let (_, code) = asked(town, watch, NOE.0).await;
    let mut browser = Browser::new(None);
    let page = signs_in(town, watch, &mut browser, (NOE.0, &code)).await;
    assert!(page.reply.has_form_for_new(), "{}", page.reply.body);
    chooses(watch, &mut browser, &page, &new_one(4)).await;
}

pub async fn by_text_message(town: &Town, gateway: &Application, watch: &mut Watch) {
    asks(town, watch, &mut Browser::new(None), "sms.seul").await;
    let code = wait::until_async("a text message", || async {
        crate::recovery::sms::code_in(&gateway.asked().last()?.body)
    })
    .await;
    watch.secrets.add("code", &code);
    let mut browser = Browser::new(None);
    let page = watch.open(&mut browser, &town.at("/recover/code")).await;
    let form = page
        .reply
        .form()
        .with("identifier", "sms.seul")
        .with("code", &code);
    let page = watch.submit(&mut browser, &page, &form).await;
    chooses(watch, &mut browser, &page, &new_one(5)).await;
}

pub async fn forced(town: &Town, watch: &mut Watch) {
    for (who, way) in [(OMAR, 6), (PAUL, 7)] {
        let mut browser = Browser::new(None);
        let page = signs_in(town, watch, &mut browser, who).await;
        assert!(page.reply.has_form_for_new(), "{}", page.reply.body);
        chooses(watch, &mut browser, &page, &new_one(way)).await;
    }
}

/// Adds an address, confirms it, changes the password, takes the address back.
pub async fn own_account(town: &Town, watch: &mut Watch) {
    const OWN: &str = "camille@messagerie.example";
    let mut browser = Browser::new(None);
    signs_in(town, watch, &mut browser, (CAMILLE.0, &new_one(1))).await;
    let page = watch.open(&mut browser, &town.at("/account/address")).await;
    watch
        .submit(&mut browser, &page, &page.reply.form().with("typed", OWN))
        .await;
    let mail = watch.mail(town, OWN, "/c/").await;
    let code = watch.keep(town, &mail).expect("a code");
    let page = watch.open(&mut browser, &town.at("/account")).await;
    let wrong = if code == "271828" { "314159" } else { "271828" };
    let page = watch
        .submit(&mut browser, &page, &page.reply.form().with("code", wrong))
        .await;
    assert_eq!(page.reply.status, 401);
    let link = mail.addresses("/c/").remove(0);
    let mut other = Browser::new(None);
    let page = watch.open(&mut other, &link).await;
    let page = watch
        .submit(&mut other, &page, &page.reply.form().with("code", &code))
        .await;
    assert_eq!(page.reply.status, 200, "{}", page.reply.body);
    let told = watch.mail(town, &mailbox(CAMILLE.0), "/u/").await;
    watch.keep(town, &told);

    let page = watch.open(&mut browser, &town.at("/account/password")).await;
    let form = page.reply.form().with("new", &new_one(8));
    let page = watch
        .submit(&mut browser, &page, &form.clone().with("current", WRONG))
        .await;
    assert_eq!(page.reply.status, 401, "{}", page.reply.body);
    let form = page
        .reply
        .form()
        .with("new", &new_one(8))
        .with("current", &new_one(1));
    let page = watch.submit(&mut browser, &page, &form).await;
    assert_eq!(page.reply.status, 200, "{}", page.reply.body);

    let undo = told.addresses("/u/").remove(0);
    let page = watch.open(&mut other, &undo).await;
    let sure = page.reply.form().with("sure", "true");
    watch.submit(&mut other, &page, &sure).await;
    watch.open(&mut other, &undo).await;
    watch
        .open(&mut browser, &town.served.address("/logout", &[]))
        .await;
}

/// A forgotten identifier, and a link that is called off from its mail.
pub async fn called_off(town: &Town, watch: &mut Watch) {
    let (mail, _) = asked(town, watch, "yann.legoff").await;
    let mut browser = Browser::new(None);
    let link = mail.addresses("/x/").remove(0);
    let page = watch.open(&mut browser, &link).await;
    let page = watch.submit(&mut browser, &page, &page.reply.form()).await;
    assert_eq!(page.reply.status, 422, "its box is not ticked");
    let sure = page.reply.form().with("sure", "true");
    watch.submit(&mut browser, &page, &sure).await;
    let dead = watch.open(&mut browser, &mail.link()).await;
    assert_eq!(dead.reply.status, 410);
}

/// What the agent's command wrote to its log.
pub async fn by_agent(town: &Town, watch: &mut Watch) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mereau"));
    let config = town.served.folder().join("server.toml");
    command.args([
        "recovery",
        "send",
        "elise.lefevre",
        "--print-code",
        "--reason",
        "au guichet",
    ]);
    command
        .args(["--realm", "campus", "--config"])
        .arg(config)
        .env("RUST_LOG", "trace");
    let output = run(&mut command, "");
    let (said, log) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("Code for elise.lefevre: "));
    let code = line.unwrap_or_else(|| panic!("{said}{log}"));
    watch.secrets.add("code", code);
    let told = watch.mail(town, &mailbox("elise.lefevre"), "/x/").await;
    watch.keep(town, &told);
    let mut browser = Browser::new(None);
    let page = watch.open(&mut browser, &town.at("/recover/code")).await;
    let form = page
        .reply
        .form()
        .with("identifier", "elise.lefevre")
        .with("code", code);
    let page = watch.submit(&mut browser, &page, &form).await;
    chooses(watch, &mut browser, &page, &new_one(9)).await;
    log
}

/// Everything that a person needs is gone, one after the other.
pub async fn in_trouble(town: &mut Town, watch: &mut Watch) {
    let (mail, code) = asked(town, watch, "hugo.moreau").await;
    let mut browser = Browser::new(None);
    let form = watch.open(&mut browser, &mail.link()).await;

    town.sink.kill().await;
    asks(town, watch, &mut Browser::new(None), "nadia.cohen").await;
    wait::until_async("a letter that waits", || async {
        town.served.output().contains("letter_delayed").then_some(())
    })
    .await;

    town.slapd.kill();
    let chosen = form.reply.form().with("new", &new_one(10));
    let silent = watch.submit(&mut browser, &form, &chosen).await;
    assert_eq!(silent.reply.status, 503, "{}", silent.reply.body);
    let page = watch.open(&mut browser, &town.at("/recover/code")).await;
    let typed = page
        .reply
        .form()
        .with("identifier", "hugo.moreau")
        .with("code", &code);
    watch.submit(&mut browser, &page, &typed).await;
    signs_in(town, watch, &mut browser, (CAMILLE.0, &new_one(8))).await;

    town.redis.kill();
    watch.submit(&mut browser, &form, &chosen).await;
    watch.open(&mut browser, &mail.link()).await;
    let page = watch.open(&mut browser, &town.at("/login")).await;
    if page.reply.has_form() {
        let form = page
            .reply
            .form()
            .with("username", CAMILLE.0)
            .with("password", WRONG);
        watch.submit(&mut browser, &page, &form).await;
    }
    // Forms that are none.
    let url = Url::parse(&town.at("/recover/new")).unwrap();
    for body in [
        "new=canari%207Hq2%zz&new=%ff",
        &format!("x={}", "canari-7Hq2-".repeat(4_000)),
    ] {
        browser
            .send(Method::POST, url.clone(), Some(body.to_owned()))
            .await;
    }
    watch.secrets.add("typed", "canari-7Hq2-");
    watch.secrets.add("typed", "canari%207Hq2");
}
