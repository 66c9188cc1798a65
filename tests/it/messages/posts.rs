//! The posts for mails, held to their contract, and what each does when the other side misbehaves.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::secret::Secret;
use mereau::messages::folder::Folder;
use mereau::messages::smtp::{Security, Smtp, SmtpSettings};
use mereau::messages::{Post, PostError};
use mereau::tls::Roots;

use crate::mail_sink::{Manners, Protection, Sink, Step};
use crate::post::{self, LINK, Place, mail};

fn settings(port: u16, security: Security, folder: &Path) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".to_owned(),
        port,
        security,
        user: None,
        hello: "cas.leia.example".to_owned(),
        roots: match security {
            Security::Plain => Roots::System,
            _ => Roots::File(folder.join("ca.pem")),
        },
        deadline: Duration::from_secs(20),
        kept: 2,
        idle: Duration::from_secs(60),
    }
}

struct Relay {
    post: Arc<dyn Post>,
    sink: Sink,
    folder: tempfile::TempDir,
}

impl Relay {
    async fn new(
        protection: Protection,
        security: Security,
        change: impl FnOnce(&mut SmtpSettings),
    ) -> Relay {
        let folder = tempfile::tempdir().unwrap();
        let sink = Sink::start(protection, folder.path()).await;
        let mut settings = settings(sink.port, security, folder.path());
        change(&mut settings);
        let post = Arc::new(Smtp::new(settings).unwrap());
        Relay { post, sink, folder }
    }

    async fn plain() -> Relay {
        Relay::new(Protection::None, Security::Plain, |_| {}).await
    }

    async fn fails(&self, change: impl FnOnce(&mut Manners)) -> PostError {
        self.sink.behave(change);
        self.post.send(&mail("x", LINK)).await.unwrap_err()
    }
}

#[async_trait]
impl Place for Relay {
    fn post(&self) -> Arc<dyn Post> {
        Arc::clone(&self.post)
    }

    async fn arrived(&self) -> Vec<Vec<u8>> {
        let received = self.sink.received();
        assert!(
            received.iter().all(|mail| mail.to.len() == 1),
            "one recipient each"
        );
        received.into_iter().map(|mail| mail.data).collect()
    }
}

struct Files {
    folder: tempfile::TempDir,
    post: Arc<dyn Post>,
}

impl Files {
    fn new() -> Files {
        let folder = tempfile::tempdir().unwrap();
        let post = Arc::new(Folder::open(folder.path().join("out")).unwrap());
        Files { folder, post }
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("out")).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        let written = |file: &PathBuf| std::fs::metadata(file).unwrap().modified().unwrap();
        files.sort_by_key(written);
        files
    }
}

#[async_trait]
impl Place for Files {
    fn post(&self) -> Arc<dyn Post> {
        Arc::clone(&self.post)
    }

    async fn arrived(&self) -> Vec<Vec<u8>> {
        self.files()
            .iter()
            .map(|file| std::fs::read(file).unwrap())
            .collect()
    }
}

#[tokio::test]
async fn the_contract_holds_for_a_relay_without_tls() {
    // S1-05, S1-06, SEC-34, SEC-39, SEC-40, SEC-44
    post::keep(&Relay::plain().await).await;
}

#[tokio::test]
async fn the_contract_holds_for_a_relay_with_starttls() {
    // SEC-34, SEC-39, SEC-44
    let relay = Relay::new(Protection::StartTls, Security::StartTls, |_| {}).await;
    post::keep(&relay).await;
    assert!(relay.sink.received().iter().all(|mail| mail.over_tls));
    assert_eq!(relay.sink.connections(), 1, "a connection is used again");
}

#[tokio::test]
async fn the_contract_holds_for_a_relay_with_implicit_tls() {
    // SEC-34, SEC-39, SEC-44
    let relay = Relay::new(Protection::Implicit, Security::Implicit, |_| {}).await;
    post::keep(&relay).await;
    assert!(relay.sink.received().iter().all(|mail| mail.over_tls));
}

#[tokio::test]
async fn the_contract_holds_for_a_folder() {
    // SEC-34, SEC-39, SEC-44
    post::keep(&Files::new()).await;
}

#[tokio::test]
async fn a_mail_in_a_folder_is_its_owners_and_replaces_itself() {
    // SEC-40
    let files = Files::new();
    for _ in 0..2 {
        files.post.send(&mail("one", LINK)).await.unwrap();
    }
    let [file] = &files.files()[..] else {
        panic!("one file")
    };
    assert_eq!(
        std::fs::metadata(file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(file.extension().is_some_and(|end| end == "eml"));
}

#[tokio::test]
async fn a_refusal_is_for_good_or_for_now_as_the_relay_says() {
    // SEC-60
    let relay = Relay::plain().await;
    let answer = |step, answer| move |manners: &mut Manners| manners.answers = vec![(step, answer)];
    for (step, said, expected) in [
        (
            Step::Recipient,
            "550 5.1.1 <camille@x>: unknown",
            PostError::Refused("RCPT TO: 550 5.1.1".into()),
        ),
        (
            Step::Recipient,
            "451 4.7.1 greylisted",
            PostError::Later("RCPT TO: 451 4.7.1".into()),
        ),
        (
            Step::From,
            "550 not you",
            PostError::Later("MAIL FROM: 550".into()),
        ),
        (
            Step::Recipient,
            "554 5.7.1 relaying denied",
            PostError::Later("RCPT TO: 554 5.7.1".into()),
        ),
        (
            Step::Data,
            "452 4.3.1 full",
            PostError::Later("DATA: 452 4.3.1".into()),
        ),
        (
            Step::End,
            "554 5.7.1 spam",
            PostError::Refused("mail: 554 5.7.1".into()),
        ),
    ] {
        assert_eq!(relay.fails(answer(step, said)).await, expected);
    }
    relay.sink.behave(|manners| *manners = Manners::default());
    let sent = relay.post.send(&mail("x", LINK)).await.unwrap();
    assert_eq!(sent.receipt.as_deref(), Some("2.0.0 Ok: queued as 4XYZ"));
    assert_eq!(relay.sink.received().len(), 1);
}

#[tokio::test]
async fn a_relay_that_says_nothing_any_more_is_left_at_the_deadline() {
    // SEC-60
    for step in [
        Step::Greeting,
        Step::Hello,
        Step::From,
        Step::Recipient,
        Step::Data,
        Step::End,
    ] {
        let quick = |settings: &mut SmtpSettings| settings.deadline = Duration::from_millis(200);
        let relay = Relay::new(Protection::None, Security::Plain, quick).await;
        let error = relay.fails(|manners| manners.stalls = Some(step)).await;
        assert_eq!(error, PostError::TimedOut, "{step:?}");
        relay.sink.behave(|manners| *manners = Manners::default());
    }
}

#[tokio::test]
async fn a_relay_that_hangs_up_may_be_asked_again() {
    // SEC-60
    let each_its_own = |settings: &mut SmtpSettings| settings.kept = 0;
    let relay = Relay::new(Protection::None, Security::Plain, each_its_own).await;
    for step in [Step::Greeting, Step::Hello, Step::From, Step::Data, Step::End] {
        let error = relay.fails(|manners| manners.hangs_up = Some(step)).await;
        assert!(error.may_pass(), "{step:?}: {error}");
        relay.sink.behave(|manners| *manners = Manners::default());
        relay.post.send(&mail("after", LINK)).await.unwrap();
    }
    let nobody = settings(1, Security::Plain, relay.folder.path());
    let error = Smtp::new(nobody)
        .unwrap()
        .send(&mail("x", LINK))
        .await
        .unwrap_err();
    assert!(matches!(error, PostError::Unreachable(_)), "{error}");
}

#[tokio::test]
async fn a_relay_that_cannot_prove_its_name_gets_no_mail() {
    // SEC-34
    let other = tempfile::tempdir().unwrap();
    crate::certificates::Authority::new().issue_into(other.path(), &["localhost"]);
    for (protection, security) in [
        (Protection::StartTls, Security::StartTls),
        (Protection::Implicit, Security::Implicit),
    ] {
        let stranger =
            |settings: &mut SmtpSettings| settings.roots = Roots::File(other.path().join("ca.pem"));
        let relay = Relay::new(protection, security, stranger).await;
        let error = relay.fails(|_| {}).await;
        assert!(error.to_string().contains("TLS"), "{error}");
        let misnamed = |settings: &mut SmtpSettings| settings.host = "127.0.0.1".to_owned();
        let relay = Relay::new(protection, security, misnamed).await;
        assert!(relay.fails(|_| {}).await.to_string().contains("TLS"));
        assert!(relay.sink.received().is_empty());
    }
    let relay = Relay::new(Protection::StartTls, Security::StartTls, |_| {}).await;
    let error = relay.fails(|manners| manners.hides_tls = true).await;
    assert_eq!(
        error,
        PostError::Unreachable("the relay offers no STARTTLS".into())
    );
}

#[tokio::test]
async fn a_relay_that_wants_a_password_gets_it_and_a_wrong_one_is_no_fault_of_a_letter() {
    // SEC-60
    for (given, works) in [("right", true), ("wrong", false)] {
        let user = |settings: &mut SmtpSettings| {
            settings.user = Some(("mereau".to_owned(), Secret::new(given.to_owned())));
        };
        let relay = Relay::new(Protection::StartTls, Security::StartTls, user).await;
        relay
            .sink
            .behave(|manners| manners.login = Some(("mereau", "right")));
        let outcome = relay.post.send(&mail("x", LINK)).await;
        if works {
            outcome.unwrap();
            assert!(relay.sink.received()[0].signed_in);
        } else {
            assert_eq!(outcome, Err(PostError::Unreachable("sign-in: 535 5.7.8".into())));
        }
    }
}
