//! The mail server dies under a recovery and comes back: people see nothing of it but that the letter is
//! late.

use mail_parser::MessageParser;

use super::{CAMILLE, NEW, Plan, Town, USUAL, cohorts};
use crate::mail_sink::{Manners, Received, Step};
use crate::process_limits::resident;
use crate::support::browser::Browser;
use crate::support::wait;

/// As long as the other login.
const NOBODY: &str = "nobody.at.all1";

/// Nobody waits for a minute here.
pub const SOON: Plan<'static> = Plan {
    mail: "first_pause = \"1 s\"\n",
    ..USUAL
};

/// Nor for half a minute.
const SOONER: Plan<'static> = Plan {
    mail: "first_pause = \"1 s\"\ndeadline = \"5 s\"\n",
    ..USUAL
};

fn message_id(mail: &Received) -> String {
    let message = MessageParser::default().parse(&mail.data).expect("a mail");
    message.message_id().expect("an id").to_owned()
}

/// Until the server has said so often that a letter waits.
async fn delayed(town: &Town, times: usize) {
    wait::until_async("a letter that waits", || async {
        let said = town.served.output().matches("letter_delayed").count();
        (said >= times).then_some(())
    })
    .await;
}

async fn chooses_by(town: &Town, link: &str) {
    let mut browser = Browser::new(None);
    let page = browser.open(link).await;
    let answer = browser.submit(&page, &page.reply.form().with("new", NEW)).await;
    browser.follow(answer).await;
    assert!(town.binds(CAMILLE.0, NEW) && !town.binds(CAMILLE.0, CAMILLE.1));
}

#[tokio::test]
async fn a_letter_outlives_its_mail_server_and_comes_once() {
    // SEC-06, SEC-60
    let mut town = Town::with(SOON).await;
    let up = town.asks(&mut Browser::new(None), NOBODY).await;
    town.sink.kill().await;
    let down = town.asks(&mut Browser::new(None), CAMILLE.0).await;
    let up = cohorts::seen(&up).replace(NOBODY, CAMILLE.0);
    assert_eq!(up, cohorts::seen(&down), "nobody is told");
    delayed(&town, 2).await;
    town.sink.come_back().await;
    let link = town.mails(1).await[0].link();
    chooses_by(&town, &link).await;
    // The notice of it comes after whatever else there was to come.
    town.mails(2).await;
    let received = town.sink.received();
    let subjects: Vec<String> = received
        .iter()
        .map(|mail| super::Mail::read(mail).subject)
        .collect();
    assert_eq!(received.len(), 2, "{subjects:?}");
}

#[tokio::test]
async fn a_letter_outlives_its_server_and_its_mail_server() {
    // SEC-60
    let mut town = Town::with(SOON).await;
    town.sink.kill().await;
    town.asks(&mut Browser::new(None), CAMILLE.0).await;
    delayed(&town, 1).await;
    town.served.kill();
    town.sink.come_back().await;
    town.served.restart();
    let link = town.mails(1).await[0].link();
    chooses_by(&town, &link).await;
}

#[tokio::test]
async fn a_mail_server_that_dies_with_a_letter_in_its_hands_gets_the_very_same_again() {
    // SEC-60
    let town = Town::with(SOON).await;
    // It has the letter, and hangs up instead of saying so.
    town.sink.behave(|manners| manners.hangs_up = Some(Step::End));
    town.asks(&mut Browser::new(None), CAMILLE.0).await;
    delayed(&town, 1).await;
    town.sink.behave(|manners| manners.hangs_up = None);
    wait::until_async("a second copy", || async {
        (town.sink.received().len() >= 2).then_some(())
    })
    .await;
    let received = town.sink.received();
    let last = received.last().expect("a mail");
    for mail in &received {
        assert_eq!(message_id(mail), message_id(last));
        assert_eq!(super::Mail::read(mail).text, super::Mail::read(last).text);
    }
    chooses_by(&town, &super::Mail::read(last).link()).await;
}

#[tokio::test]
async fn a_mail_server_that_floods_hangs_drops_and_puts_off_gets_the_letter_in_the_end() {
    // F-21
    let town = Town::with(SOONER).await;
    let up = town.asks(&mut Browser::new(None), NOBODY).await;
    let up = cohorts::seen(&up).replace(NOBODY, CAMILLE.0);
    town.sink.behave(|manners| manners.floods = Some(Step::From));
    let before = resident(town.served.id());
    let down = town.asks(&mut Browser::new(None), CAMILLE.0).await;
    assert_eq!(up, cohorts::seen(&down), "nobody is told");
    delayed(&town, 1).await;
    let misbehaves: [fn(&mut Manners); 3] = [
        |manners| manners.stalls = Some(Step::Data),
        |manners| manners.hangs_up = Some(Step::Recipient),
        |manners| manners.answers = vec![(Step::Recipient, "451 4.7.1 greylisted")],
    ];
    for (number, misbehaves) in misbehaves.into_iter().enumerate() {
        town.sink.behave(|manners| {
            *manners = Manners::default();
            misbehaves(manners);
        });
        delayed(&town, number + 2).await;
        assert!(town.sink.received().is_empty());
    }
    let grown = resident(town.served.id()).saturating_sub(before);
    // It signs nobody in meanwhile; what a page and a thread more take is small.
    assert!(grown < 48 << 20, "{grown} bytes more");
    town.sink.behave(|manners| *manners = Manners::default());
    let link = town.mails(1).await[0].link();
    chooses_by(&town, &link).await;
}
